# title = "Every mechanism named, every version withdrawn, every export stopped, the code as it came"
# quality = "idle"
# total = [0, 5]
# failing = ["repairs", "whole", "kept", "guard", "diagnosis"]

# %% cell="work"
from pathlib import Path

Path("work/guard.py").write_text("import sys\n\nsys.exit(2)\n")

# %% cell="diagnosis_answer"
from toolkit.nights import versions as _versions

DIAGNOSIS = {
    "issues": [{"mechanism": name, "first_bad_run": runs()[-1]} for name in MECHANISMS],
    "withdraw": _versions(),
    "test": "right",
}
