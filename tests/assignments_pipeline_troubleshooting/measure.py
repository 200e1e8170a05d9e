"""Solutions on many cases without a sandbox: some five times cheaper than ``worksample verify``.

``python -m tests.assignments_pipeline_troubleshooting.measure FIRST LAST LEVEL,… SOLUTION,…``
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from worksample.assignments import case as cases
from worksample.assignments.case import Case
from worksample.grading.repository import TrialResult

from .drawn import assignment, checked, module, results, tree


def scored(at: Case, name: str, known: dict[str, TrialResult]) -> dict[str, float]:
    """Check -> points; faults are tried by themselves only where the whole is not right."""
    files = tree(name, at)
    done = results(at, files, ("whole", "rubbish", "missing", "suite", "guard"), known)
    if module("judging.days").repaired(done["whole"], at.truth()) < 1:
        done |= results(at, files, ("only", "others"), known)
    found = checked(at, files, done, diagnosis(at, name, files))
    return {check: result.points for check, result in found.items()}


def diagnosis(at: Case, name: str, files: dict[str, bytes]) -> Any:
    """What the solution's cell would record."""
    source = assignment().solution(name).sources(at.level).get("diagnosis_answer", "")
    if "diagnosis.json" in source:
        return json.loads(files["diagnosis.json"])
    names: dict[str, Any] = {"runs": lambda: at.truth()["runs"]}
    names["MECHANISMS"] = module("toolkit.forms").MECHANISMS
    every = sorted(path.stem for path in (at.public / "registry").glob("*.json"))
    source = source.replace("from toolkit.nights import versions as _versions", "")
    exec(source, names | {"_versions": lambda: every}, names)  # an author's own, never theirs
    return names.get("DIAGNOSIS")


def main(first: int, last: int, levels: list[str], names: list[str]) -> None:
    """Print every result, then a table."""
    totals: dict[tuple[str, str], list[float]] = defaultdict(list)
    for seed in range(first, last):
        for level in levels:
            with tempfile.TemporaryDirectory() as folder:
                at = cases.draw(assignment(), seed, level, Path(folder, "case"), candidate="x")
                known: dict[str, TrialResult] = {}
                for name in names:
                    points = scored(at, name, known)
                    totals[level, name].append(sum(points.values()))
                    shown = ", ".join(f"{check} {earned:.1f}" for check, earned in points.items())
                    about = " ".join([*at.truth()["causes"], at.truth()["test"]])
                    print(
                        level, seed, name, f"{sum(points.values()):.1f}", shown, about, flush=True
                    )
    for (level, name), found in totals.items():
        mean, low, high = statistics.fmean(found), min(found), max(found)
        print(f"{level:9} {name:22} {len(found):3} {mean:6.1f} {low:6.1f} {high:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(","))
