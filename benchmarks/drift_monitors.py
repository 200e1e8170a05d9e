"""Run the reference monitors of drift-monitoring on hidden streams, in this process.

    python benchmarks/drift_monitors.py --level standard --seeds 5
    python benchmarks/drift_monitors.py --level senior --monitors strong,textbook --cases
    python benchmarks/drift_monitors.py --level junior --graded

Prints one markdown line a monitor: false alarms per stable window, share of the faults found
within five windows, mean delay, points of the monitor and of the columns, mean and standard
deviation over the cases. With ``--graded`` every cell of the notebook is executed and every check
asked instead, and a line holds the points of each. The sandbox is left out: the code of the
solutions is executed here, and the windows are handed over as the probe would. Only for code of our
own. Cases are kept between runs in the system's temporary folder, by the digest of the code that
draws them.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from worksample import assignments
from worksample.assignments import case as cases
from worksample.grading.probe import CallResult
from worksample.grading.run import Ended, Run

FOLDER = Path(__file__).parents[1] / "assignments" / "drift-monitoring"
CELLS = ("psi_answer", "unsound_answer", "monitor_answer")
MONITORS = (
    "always",
    "blank",
    "textbook",
    "weak",
    "evidently_style",
    "nannyml_style",
    "adequate",
    "assistant",
    "supplied_tuned",
    "strong_calibrated",
    "strong_nearest",
    "strong",
)


@dataclass(frozen=True)
class Measured:
    """One monitor on one case."""

    false_alarms: float
    found: float
    named: float
    delay: float | None
    monitor: float
    columns: float
    seconds: float
    missed: tuple[str, ...]


def digest() -> str:
    """Of everything that a case comes from."""
    files = [FOLDER / "scenario.py", *(FOLDER / "hidden").glob("*.py")]
    files += [FOLDER / "toolkit" / f"{name}.py" for name in ("model", "schema", "windows")]
    files += (FOLDER / "data").glob("[fm]*.*")
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.read_bytes() if path.is_file() else b"")
    return total.hexdigest()[:16]


def drawn(assignment: Any, seed: int, level: str) -> cases.Case:
    """The case, from the folder of an earlier run if it is there."""
    folder = Path(tempfile.gettempdir()) / "drift-monitors" / digest() / f"{level}-{seed}"
    if not folder.exists():
        return cases.draw(assignment, seed, level, folder)
    return cases.Case(assignment.id, "", seed, level, 0, folder / "public", folder / "private")


class Bench:
    """One case, read once, on which monitors are run."""

    def __init__(self, assignment: Any, seed: int, level: str) -> None:
        self.assignment, self.case = assignment, drawn(assignment, seed, level)
        self.toolkit = assignments.load_module(assignment, "toolkit")
        self.scoring = assignments.load_module(assignment, "judging.scoring")
        self.truth = self.case.truth()
        os.environ["WORKSAMPLE_CASE"] = str(self.case.public)
        self.given = self.toolkit.load()
        runs = assignments.load_module(assignment, "toolkit.windows").runs
        self.streams = runs(pd.read_parquet(self.case.private / "hidden.parquet"))

    def monitor(self, name: str) -> tuple[Any, list[Any]]:
        """The class that a solution's cells define, and the windows that it is fitted on."""
        solution = self.assignment.solution(name)
        space = {each: getattr(self.toolkit, each) for each in self.toolkit.__all__}
        import numpy as np

        supplied = self.case.public / "monitors.py"
        if supplied.is_file():
            exec(compile(supplied.read_text("utf-8"), "monitors.py", "exec"), space)
        space |= {"pd": pd, "np": np, "case": self.given, "simulate": lambda *a, **k: {}}
        space |= {"UNSOUND": [], "print": lambda *a, **k: None}
        sources = solution.sources(self.case.level)
        for cell in CELLS:
            exec(compile(sources.get(cell, ""), f"{name}:{cell}", "exec"), space)
        reference = self.toolkit.without(self.given.reference, space["UNSOUND"])
        return space.get("Monitor", _Silent), reference

    def heard(self, make: Any, reference: list[Any]) -> Iterator[Any]:
        """What the monitor says on each hidden stream."""
        service = self.toolkit.Service(make, reference)
        for stream, told in zip(self.streams, self.truth["streams"], strict=True):
            service.start()
            fault = told["fault"] or {}
            yield self.scoring.Heard(
                told["onset"],
                fault.get("kind", ""),
                tuple(fault.get("columns", ())),
                [service.hear(window) for window in stream],
                fault.get("size", ""),
            )

    def measure(self, name: str) -> Measured:
        """Points and figures of a solution's monitor."""
        began = time.process_time()
        heard = list(self.heard(*self.monitor(name)))
        f = self.scoring.figures(heard)
        return Measured(
            f.false_alarms,
            f.found,
            f.named,
            f.delay,
            55 * self.scoring.detection(f, self.case.level, self.truth["costs"]),
            15 * self.scoring.naming(f),
            time.process_time() - began,
            tuple(_missed(heard, self.truth)),
        )


def graded(assignment: Any, case: cases.Case, name: str) -> dict[str, float]:
    """Points by check of one solution on one case, in this process."""
    import matplotlib
    import matplotlib.pyplot

    matplotlib.use("Agg")
    os.environ["WORKSAMPLE_CASE"] = str(case.public)
    recorded: dict[str, Any] = {}
    space: dict[str, Any] = {}
    sources = assignment.solution(name).sources(case.level)
    folder = os.getcwd()
    with tempfile.TemporaryDirectory() as work, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(work)
        for cell in assignment.cells_of(case.level):
            if cell.type != "code":
                continue
            with contextlib.suppress(Exception):  # a failed cell does not stop a notebook's run
                source = sources.get(cell.id, cell.source)
                exec(compile(source, f"{name}:{cell.id}", "exec"), space)
            # the harness itself is tried in the notebook; here its table is of no use
            space |= {"simulate": lambda *a, **k: {}, "record": recorded.__setitem__}
        os.chdir(folder)
        matplotlib.pyplot.close("all")
    results: dict[str, list[CallResult]] = {}
    for call in assignments.load_module(assignment, "probe").calls(case):
        results.setdefault(call.id, []).append(_answered(space, call))
    run = Run(
        {}, {}, json.loads(json.dumps(recorded)), {}, results, Ended("completed", None, ""), 1.0,
        {}, {}, "none",
    )  # fmt: skip
    checks = assignments.load_module(assignment, "checks")
    return {c.id: getattr(checks, f"check_{c.id}")(run, case).points for c in assignment.checks}


def _answered(space: dict[str, Any], call: Any) -> CallResult:
    try:
        value = space[call.function](*call.args)
    except Exception as error:
        return CallResult(call.id, False, None, str(error))
    if call.returns == "number":
        value = float(value)
        return CallResult(call.id, math.isfinite(value), value if math.isfinite(value) else None)
    return CallResult(call.id, True, json.loads(json.dumps(value)))


class _Silent:
    """The monitor of the released notebook: it never alarms."""

    def fit(self, reference: Any) -> None:
        """Nothing."""

    def check(self, window: Any) -> list[str]:
        """No alarm."""
        return []


def _missed(heard: list[Any], truth: dict[str, Any]) -> Iterator[str]:
    for h, told in zip(heard, truth["streams"], strict=True):
        if h.onset is None:
            alarms = [n[0] for n in h.named if n]
            if alarms:
                yield f"false: {', '.join(alarms)} ({told['volume'] or told['mix'] or 'plain'})"
        elif h.delay is None:
            yield f"not found: {told['fault']['size']} {told['fault']['text']}"
        elif not h.hit:
            yield f"not named: {told['fault']['text']}: {h.named[h.onset + h.delay][:3]}"


HEAD = """\
| monitor | false alarms | found | delay | of 55 | sd | least | of 15 | sd | CPU s |
|---|---|---|---|---|---|---|---|---|---|"""


def line(name: str, found: list[Measured]) -> str:
    """One line of the table."""

    def mean(field: str) -> float:
        return statistics.mean(getattr(m, field) for m in found)

    def spread(field: str) -> float:
        return statistics.stdev(getattr(m, field) for m in found) if len(found) > 1 else 0.0

    delays = [m.delay for m in found if m.delay is not None]
    late = f"{statistics.mean(delays):.1f}" if delays else "–"
    return (
        f"| {name} | {mean('false_alarms'):.3f} | {mean('found'):.2f} | {late} "
        f"| {mean('monitor'):.1f} | {spread('monitor'):.1f} | {min(m.monitor for m in found):.1f} "
        f"| {mean('columns'):.1f} | {spread('columns'):.1f} | {mean('seconds'):.0f} |"
    )


def _grade(assignment: Any, seeds: list[int], level: str, names: list[str]) -> None:
    """Print a line for each solution and case, then the totals over the cases."""
    totals: dict[str, list[float]] = {name: [] for name in names}
    for seed in seeds:
        case = drawn(assignment, seed, level)
        for name in names:
            points = graded(assignment, case, name)
            totals[name].append(sum(points.values()))
            each = ", ".join(f"{check} {p:.1f}" for check, p in points.items())
            print(f"{level} {seed:11d} {name:18s} {totals[name][-1]:5.1f}  {each}", flush=True)
    print("| solution | cases | mean | sd | least | most |\n|---|---|---|---|---|---|")
    for name, found in totals.items():
        mean, sd, low, high = (
            statistics.fmean(found),
            statistics.pstdev(found),
            min(found),
            max(found),
        )
        print(f"| {name} | {len(found)} | {mean:.1f} | {sd:.1f} | {low:.1f} | {high:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="standard")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--monitors", default=",".join(MONITORS))
    parser.add_argument("--cases", action="store_true", help="also every case, and what went wrong")
    parser.add_argument("--graded", action="store_true", help="the points of every check")
    options = parser.parse_args()
    sys.path.insert(0, str(FOLDER))  # the supplied monitors import the toolkit by its name
    sys.dont_write_bytecode = True
    assignment = assignments.load(FOLDER)
    known = {solution.name for solution in assignment.solutions}
    chosen = [name for name in options.monitors.split(",") if name in known]
    numbers = range(options.first, options.first + options.seeds)
    if options.graded:
        _grade(assignment, [(i % 2) << 32 | i for i in numbers], options.level, chosen)
        return
    results: dict[str, list[Measured]] = {name: [] for name in chosen}
    for i in numbers:
        bench = Bench(assignment, (i % 2) << 32 | i, options.level)
        for name in chosen:
            results[name].append(bench.measure(name))
            if options.cases:
                print(i, line(name, results[name][-1:]), flush=True)
                print(*(f"      {words}" for words in results[name][-1].missed), sep="\n")
    print(HEAD)
    print(*(line(name, found) for name, found in results.items()), sep="\n")


if __name__ == "__main__":
    main()
