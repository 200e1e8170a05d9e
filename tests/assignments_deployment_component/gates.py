"""Gates of solutions over many cases: ``python -m tests.assignments_deployment_component.gates
FIRST LAST LEVEL,… SOLUTION,…``.

Only what a case's numbers decide is tried, and only the program of a gate, without a workflow
around it: the deployed model, the six commits with another model, and the two of the features.
What else a gate does is the same in every case; ``measure`` shows it by the whole path.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from worksample.assignments import case as cases
from worksample.assignments.case import Case

from .drawn import Files, assignment, tree

PROGRAMS = {
    "strong": ("-m", "release.gate"),
    "strong_gitlab": ("-m", "unittest", "discover", "-s", "acceptance", "-t", "."),
    "strong_script": ("ops/gate.py",),
    "assistant": ("scripts/validate_model.py",),
    "adequate": ("validate.py",),
}
KINDS = (
    *("better model", "equal model", "worse model", "branch lost", "features exchanged"),
    *("not the card's model", "features that slip", "refactoring"),
)


def wrong(name: str, files: Files, at: Case) -> list[str]:
    """Commits that the gate of a solution decides wrongly."""
    hidden = json.loads((at.private / "commits.json").read_text("utf-8"))
    about = at.truth()["changes"]
    tried = [("as it is", False, {})] + [
        (each["kind"], each["bad"], commit["files"])
        for each, commit in zip(about, hidden, strict=True)
        if each["kind"] in KINDS
    ]
    return [kind for kind, bad, change in tried if _stops(name, files, change) != bad]


def _stops(name: str, files: Files, change: Mapping[str, str | None]) -> bool:
    with tempfile.TemporaryDirectory(prefix="gates-") as place:
        top = Path(place)
        for path, data in files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(data)
        environment = {**os.environ, "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1"}
        if name == "strong_script":  # asks git for the commit before
            words = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
            for more in (["init", "-q"], ["add", "-A"], [*words, "commit", "-qm", "one"]):
                subprocess.run(["git", *more], cwd=top, check=True, capture_output=True)
            environment["CI_BASE_SHA"] = "HEAD"
        for path, text in change.items():
            assert text is not None
            (top / path).write_text(text, "utf-8")
        done = subprocess.run(
            [sys.executable, *PROGRAMS[name]],
            cwd=top,
            env=environment,
            capture_output=True,
            check=False,
        )
    return done.returncode != 0


def main(first: int, last: int, levels: list[str], names: list[str]) -> None:
    """Print what each decides wrongly, then how often."""
    for level in levels:
        count = {name: Counter[str]() for name in names}
        for seed in range(first, last):
            with tempfile.TemporaryDirectory() as folder:
                at = cases.draw(assignment(), seed, level, Path(folder, "case"), candidate="x")
                for name in names:
                    found = wrong(name, tree(name, at), at)
                    count[name].update(found)
                    print(f"{level} {seed} {name}: {', '.join(found) or 'none'}", flush=True)
        for name, kinds in count.items():
            told = ", ".join(f"{kind} {many}" for kind, many in sorted(kinds.items())) or "none"
            print(f"{level:9} {name:14} of {last - first} cases, wrong: {told}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(","))
