"""Measure the reference solutions of model development: the numbers behind the points.

    python benchmarks/model_development.py --level standard --seeds 5 strong adequate

Prints a markdown table: means over the cases, and the spread of the points. Cells and ``predict``
run in a fork of this process, without a sandbox: much faster than `worksample verify`, with the
same cells, probe and checks, but without what the sandbox adds (limits, repair, fresh processes).
Never use it on what a candidate wrote.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.authoring import verify
from worksample.grading.checking import run_checks
from worksample.grading.checks import CheckResult
from worksample.grading.probe import Call, CallResult
from worksample.grading.run import Ended, Run

FOLDER = Path(__file__).resolve().parents[1] / "assignments" / "model-development"
LEFT_OUT = ("crash", "endless_loop")  # they end or hold the process; `worksample verify` runs them
Row = dict[str, Any]


def measured(sample: Assignment, level: str, seeds: list[int], names: list[str]) -> Iterator[Row]:
    """One row for each case and solution."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            case = cases.draw(sample, seed, level, Path(folder) / "case", candidate="measure")
            for name in names:
                with multiprocessing.get_context("fork").Pool(1) as alone:
                    yield alone.apply(one, (sample, case, name, folder))


def one(sample: Assignment, case: Case, name: str, folder: str) -> Row:
    """A solution on a case, from its cells to its points."""
    answers = Path(folder, "answers", name)
    answers.mkdir(parents=True)
    os.environ |= {
        "WORKSAMPLE_CASE": str(case.public),
        "WORKSAMPLE_ANSWERS": str(answers),
        "WORKSAMPLE_LEVEL": case.level,
    }
    begun = time.process_time()
    space = executed(sample, name, case.level)
    notebook = time.process_time() - begun
    probe = assignments.load_module(sample, "probe")
    results: dict[str, tuple[CallResult, ...]] = {}
    for call in probe.calls(case):
        results[call.id] = (*results.get(call.id, ()), asked(space, call))
    recorded = {p.stem: json.loads(p.read_text("utf-8")) for p in answers.glob("*.json")}
    run = Run({}, {}, recorded, {}, results, Ended("completed", None, ""), 0, {}, {}, "none")
    return row(name, case, notebook, run_checks(sample, run, case))


def executed(sample: Assignment, name: str, level: str) -> dict[str, Any]:
    """The notebook's names after the solution's cells ran; a cell that raises is told, as there."""
    sys.path.insert(0, str(sample.folder))
    own = sample.solution(name).sources(level)
    space = types.ModuleType("__main__").__dict__
    space |= {"get_ipython": lambda: None, "display": lambda *_: None}
    silent, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115
    for cell in sample.cells_of(level):
        if cell.type != "code" or cell.id in ("issues", "hand_in", "speed"):
            continue
        try:
            exec(compile(own.get(cell.id, cell.source), cell.id, "exec"), space)
        except Exception as error:
            print(f"{name}, {cell.id}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
    sys.stdout = silent
    return space


def asked(space: dict[str, Any], call: Call) -> CallResult:
    """What the function makes of it."""
    begun = time.perf_counter()
    try:
        value = np.asarray(space[call.function](call.args[0].copy()), dtype=float)
    except Exception as error:
        return CallResult(call.id, False, None, f"{call.function}: raised {type(error).__name__}")
    return CallResult(call.id, True, value, "", time.perf_counter() - begun)


def row(name: str, case: Case, notebook: float, results: dict[str, CheckResult]) -> Row:
    """The numbers behind the points."""
    performance, estimate = results["performance"], results["estimate"]
    return {
        "solution": name,
        "seed": case.seed & 0xFFFFFFFF,
        "share": performance.private.get("share"),
        "speed": performance.private.get("ratio"),
        "estimate − actual": estimate.private.get("off"),
        "calibration error": results["calibration"].details.get("error"),
        **{check: round(result.points, 2) for check, result in results.items()},
        "points": sum(result.points for result in results.values()),
        "CPU s": notebook,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="standard")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--each", action="store_true", help="print every case too")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("solutions", nargs="*")
    given = parser.parse_args()
    sample = assignments.load(given.folder)
    names = given.solutions or [s.name for s in sample.solutions if s.name not in LEFT_OUT]
    rows = []
    for each in measured(sample, given.level, verify.seeds(given.seeds, given.first), names):
        rows.append(each)
        if given.each:
            told = {k: round(v, 3) if isinstance(v, float) else v for k, v in each.items()}
            print(told, file=sys.stderr, flush=True)
    by = pd.DataFrame(rows).drop(columns="seed").groupby("solution", sort=False)
    mean = by.mean().sort_values("points", ascending=False).round(3)
    spread = by["points"].agg(["std", "min", "max"]).round(1)
    table = mean.join(spread).reset_index().dropna(axis=1, how="all")
    print("|", " | ".join(map(str, table.columns)), "|")
    print("|" + "---|" * len(table.columns))
    for values in table.itertuples(index=False):
        print("|", " | ".join(f"{v:g}" if isinstance(v, float) else str(v) for v in values), "|")


if __name__ == "__main__":
    main()
