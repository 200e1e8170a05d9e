"""A repository of three files with two faults, and two commits of history."""

import json
import random
from pathlib import Path

VERSION = 1
RIGHT = {
    "sums/__init__.py": "",
    "sums/__main__.py": (
        "import sys\nfrom sums.read import read\nfrom sums.total import total\n\n"
        'open(sys.argv[2], "w").write(str(total(read(sys.argv[1]))))\n'
    ),
    "sums/read.py": "def read(path):\n    return [int(line) for line in open(path)]\n",
    "sums/total.py": "def total(numbers):\n    return sum(numbers)\n",
    ".github/workflows/ci.yml": "on: push\n",
}
WRONG = {
    **RIGHT,
    "sums/read.py": RIGHT["sums/read.py"].replace("open(path)", "list(open(path))[1:]"),
    "sums/total.py": RIGHT["sums/total.py"].replace("sum(numbers)", "sum(set(numbers))"),
}


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write ``work/`` into ``public``, and its history."""
    for name, text in WRONG.items():
        path = public / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    changed = {name: WRONG[name] for name in ("sums/read.py", "sums/total.py")}
    history = [
        {"author": "Mira Tal", "time": 1900000000, "message": "Sums", "files": RIGHT},
        {"author": "Jo Lund", "time": 1900003600, "message": "Faster", "files": changed},
    ]
    (public / "work.history.json").write_text(json.dumps(history))
    rng = random.Random(seed)
    hidden = [rng.randint(1, 9) for _ in range(20)]
    (private / "truth.json").write_text(json.dumps({"hidden": hidden}) + "\n")
    (private / "truth_card.md").write_text("# Truth\n\nread.py and total.py\n")
