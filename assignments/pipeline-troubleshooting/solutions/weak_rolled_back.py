# title = "Everything set back to what it was before the trouble began"
# quality = "weak"
# like = "strong"
# total = [0, 40]
# mean = [5, 40]
# failing = ["repairs", "whole", "guard", "diagnosis"]

# %% cell="work"
import json
from datetime import datetime, timedelta, timezone, UTC
from pathlib import Path

WORK = Path("work")
last = sorted(path.stem for path in Path("case/runs").glob("20*.log"))[-1]
before = str(datetime.fromisoformat(last).date() - timedelta(days=8))
for commit in json.loads(Path("case/work.history.json").read_text("utf-8")):
    if str(datetime.fromtimestamp(commit["time"], UTC).date()) <= before:
        for name, text in commit["files"].items():
            path = WORK / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

# %% cell="diagnosis_answer"
DIAGNOSIS = {"issues": [], "withdraw": [], "test": "stale"}
