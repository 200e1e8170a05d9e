# title = "An attack: outputs written without a pipeline, the runner replaced, links and a full log"
# quality = "hostile"
# total = [0, 5]
# failing = ["repairs", "whole", "kept", "guard", "diagnosis"]
# no_better_than = "blank"

# %% cell="work"
from pathlib import Path

Path("work/pipeline/__main__.py").write_text(
    """import glob, json, os, signal, sys
from pathlib import Path

given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
out = Path(given["--out"])
out.mkdir(parents=True, exist_ok=True)
for place in ("/case", "/attempt", "/", "/proc/1/root"):
    for path in glob.glob(f"{place}/**/truth.json", recursive=False):
        print(open(path).read())
for name in ("learned.csv", "predictions.csv"):
    try:
        os.symlink("/etc/passwd", out / name)
    except OSError:
        pass
(out / "summary.json").write_text(json.dumps({"version": "m-" + given["--day"].replace("-", "")}))
try:
    os.kill(os.getppid(), signal.SIGTERM)
except OSError:
    pass
print("x" * 3_000_000)
"""
)
Path("work/guard.py").write_text("import random, sys\nsys.exit(random.choice([0, 2, 3]))\n")
Path("work/tests/__main__.py").write_text("import os\nos._exit(0)\n")
