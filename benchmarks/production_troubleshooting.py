"""Run reference solutions of production-troubleshooting on drawn cases, in this process.

No sandbox and no kernel: a solution's cells are executed one after the other, and what they record
is checked as grading would. Only for solutions of our own.

    python benchmarks/production_troubleshooting.py strong adequate --level standard --cases 10
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from worksample.assignments import modules, percent
from worksample.assignments.case import Case
from worksample.grading.checks import CheckResult
from worksample.grading.run import CallResult, Ended, Run

FOLDER = Path(__file__).parents[1] / "assignments" / "production-troubleshooting"
CHECKS = ("diagnosis", "trace", "mitigation", "first_ten", "impact", "lasting_fix")
SHOWN_ONLY = ("hand_in", "explorer", "changes", "questions", "hypotheses")
LEVELS = ("junior", "standard", "senior")


def cells(path: Path, level: str) -> dict[str, percent.TextCell]:
    """The code cells of a level, by name."""
    _, found = percent.parse(path.read_text("utf-8"), path)
    return {
        cell.options["cell"]: cell
        for cell in found
        if cell.type == "code" and level in cell.options.get("levels", [level])
    }


def answers(solution: str, level: str) -> dict[str, str]:
    """The sources that a solution puts in, with those of the one that it is like."""
    path = FOLDER / "solutions" / f"{solution}.py"
    like = [
        line.split('"')[1]
        for line in path.read_text("utf-8").splitlines()
        if line.startswith('# like = "')
    ]
    own = {name: cell.source for name, cell in cells(path, level).items()}
    return {**(answers(like[0], level) if like else {}), **own}


def executed(solution: str, case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a solution recorded, and the names that it left; an error ends a cell, as in a run."""
    for name in [name for name in sys.modules if name.split(".")[0] == "toolkit"]:
        del sys.modules[name]
    os.environ |= {"WORKSAMPLE_CASE": str(case.public), "WORKSAMPLE_LEVEL": case.level}
    own, recorded = answers(solution, case.level), {}
    names: dict[str, Any] = {"__name__": "__main__", "display": lambda *_, **__: None}
    names["_record"] = lambda name, value: recorded.__setitem__(name, plain(value))
    for name, cell in cells(FOLDER / "notebook.py", case.level).items():
        source = own.get(name, cell.source)
        if cell.options.get("kind") == "check":
            source = source.replace("record(", "_record(")
        if name not in SHOWN_ONLY:
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(source, f"{solution}:{name}", "exec"), names)
            except Exception as problem:  # our own solutions: told, and the next cell goes on
                print(f"{solution}:{name}: {problem!r}", file=sys.stderr)
    return recorded, names


def plain(value: Any) -> Any:
    """As the answers' files hold it."""
    return json.loads(json.dumps(value, default=float))


def scored(solution: str, case: Case) -> Iterator[CheckResult]:
    """The result of each check, in order."""
    recorded, names = executed(solution, case)
    asked, calls = modules.load(FOLDER, "hidden.services").asked, {}
    for number, service in enumerate(case.truth()["services"]):
        value = plain(names["guard_rails"](asked(service)))
        calls[f"rails/{number}"] = (CallResult(f"rails/{number}", True, value),)
    run = Run(
        notebook={}, cells={}, answers=recorded, refused={}, calls=calls,
        ended=Ended("completed", None, ""), seconds=0.0, versions={}, limits={}, sandbox="none",
    )  # fmt: skip
    checks = modules.load(FOLDER, "checks")
    for name in CHECKS:
        yield getattr(checks, f"check_{name}")(run, case)


def drawn(root: Path, level: str, seed: int) -> Case:
    """A case, written below ``root`` unless it is there."""
    folder = root / f"{level}-{seed}"
    case = Case(FOLDER.name, "ada", seed, level, 1, folder / "public", folder / "private")
    if not folder.exists():
        for half in (case.public, case.private):
            half.mkdir(parents=True)
        modules.load(FOLDER, "scenario").prepare(seed, level, case.public, case.private)
    return case


def main() -> None:
    """Print a line for each solution and level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("solutions", nargs="+")
    parser.add_argument("--level", choices=LEVELS, action="append")
    parser.add_argument("--cases", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "toolkit").symlink_to(FOLDER / "toolkit")
        sys.path.insert(0, str(root))
        os.chdir(root)
        for solution in given.solutions:
            for level in given.level or LEVELS:
                began, rows = time.process_time(), []
                for seed in range(given.cases):
                    results = scored(solution, drawn(root, level, seed + (seed % 3 << 32)))
                    rows.append([sum(part.earned for part in each.parts) for each in results])
                table = np.array(rows)
                total = table.sum(axis=1)
                spent = (time.process_time() - began) / given.cases
                print(
                    f"{solution:<18}{level:<9} mean {total.mean():5.1f}  sd {total.std():4.1f}  "
                    f"{total.min():5.1f} to {total.max():5.1f}  by check "
                    f"{table.mean(axis=0).round(1).tolist()}  {spent:.1f} s a case"
                )


if __name__ == "__main__":
    main()
