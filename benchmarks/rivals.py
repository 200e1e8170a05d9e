"""The same submissions through what people would use instead.

A part of grading.py. Each side is timed as a whole command, in rounds that change their order, once
with what the system still has of the files in memory, and once without it (as root). What is not
installed is left out, and the table says so.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cohorts
import figures
from figures import Target
from metered import Cost

from worksample.course import Course

if TYPE_CHECKING:
    from grading import Bench

    from worksample.assignments.model import Assignment

HALVES, TWO_NBGRADERS = 2, 8.0
CACHES = Path("/proc/sys/vm/drop_caches")
LOOP = """\
import sys
from pathlib import Path

import papermill

for notebook in map(Path, sys.argv[1:]):
    done = notebook.with_name("done.ipynb")
    try:
        papermill.execute_notebook(
            notebook, done, cwd=notebook.parent, kernel_name="python3", progress_bar=False
        )
    except papermill.PapermillExecutionError:
        pass  # a check that did not pass; the notebook is written as far as it ran
"""
OTTER_TEST = """\
OK_FORMAT = True
CODE = '''>>> assert abs(SLOPE - points.y.cov(points.x) / points.x.var()) < 0.05
>>> assert len(predict([0.0, 1.0])) == 2
'''
CASE = {"code": CODE, "hidden": False, "locked": False, "points": 100}
SUITE = {"cases": [CASE], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
test = {"name": "line", "points": 100, "suites": [SUITE]}
"""
DOES = {
    "ours": "executes in a sandbox without network, hidden inputs and checks out of reach, repairs "
    "what was changed, gradebook, evidence",
    "nbgrader": "executes as the grader, visible checks, gradebook",
    "halves": "the same, and two gradebooks that somebody has to join",
    "papermill": "executes as the grader; no points, no gradebook",
    "otter": "executes as the grader (its sandbox is Docker, `otter grade`, which was not there), "
    "checks in the kernel of what is checked, points in a file each",
}


def measure(bench: Bench, light: Path) -> None:
    """Every side on the same submissions, warm and cold."""
    count, cores = bench.options.attempts, 2
    course, assignment = bench.cohort("rivals", light, count)
    stock = cohorts.stock(course, assignment, bench.folder / "stock")
    halves = _halves(stock, bench.folder / "halves")
    sides: dict[str, Callable[[], Cost]] = {
        "ours": lambda: bench.grade(course, assignment, cores)[0],
        "nbgrader": partial(_nbgrader, bench, [stock], assignment, count, cores),
        "halves": partial(_nbgrader, bench, halves, assignment, count, cores),
        "papermill": partial(_papermill, bench, stock, assignment, cores),
    }
    otter = bench.options.otter
    if otter:
        sides["otter"] = partial(_otter, bench, stock, assignment, Path(otter), cores)
    taken = {"warm": bench.in_turn(sides)}
    if os.access(CACHES, os.W_OK):
        print(" and with nothing of the files in memory", flush=True)
        taken["cold"] = bench.in_turn({name: partial(_cold, do) for name, do in sides.items()})
    faster = {
        kind: {name: _ratio(rounds, name) for name in sides if name != "ours"}
        for kind, rounds in taken.items()
    }
    bench.write(
        "rivals",
        f"{count} light submissions, {cores} cores. Cold: the system's file cache was dropped "
        "before each command"
        + ("." if "cold" in taken else ", which takes root, so it was not measured."),
        figures.targets(
            [
                Target(
                    "throughput against two `nbgrader autograde` at a time",
                    TWO_NBGRADERS,
                    True,
                    faster["warm"]["halves"],
                    " ×",
                )
            ]
        ),
        _table(taken, faster, sides, count),
        "" if otter else "otter-grader was not installed: `--otter` names its command.",
    )


def _halves(stock: Path, into: Path) -> list[Path]:
    """The stock course as two, each with every other submission."""
    found = []
    for number in range(HALVES):
        half = into / str(number)
        shutil.copytree(stock, half)
        for place, sent in enumerate(sorted((half / "submitted").iterdir())):
            if place % HALVES != number:
                shutil.rmtree(sent)
        found.append(half)
    return found


def _nbgrader(
    bench: Bench, courses: Sequence[Path], assignment: Assignment, count: int, cores: int
) -> Cost:
    """`nbgrader autograde` in each course, all at a time."""
    fresh = [
        cohorts.copied(Course(each), bench.folder / f"run-stock-{number}").root
        for number, each in enumerate(courses)
    ]
    command = shlex.join([cohorts.program("nbgrader"), "autograde", assignment.id])
    cost = bench.command(
        f"{len(fresh)} nbgrader autograde",
        _at_a_time([f"cd {shlex.quote(str(each))} && {command}" for each in fresh]),
        fresh[0],
        cores,
    )
    scores = [score for each in fresh for score in cohorts.stock_scores(each)]
    _same(len(scores), count * len(assignment.checks), "nbgrader's scores")
    return cost


def _papermill(bench: Bench, stock: Path, assignment: Assignment, cores: int) -> Cost:
    """One process that executes one notebook after the other."""
    fresh = cohorts.copied(Course(stock), bench.folder / "run-papermill").root
    notebooks = sorted(fresh.glob(f"submitted/*/{assignment.id}/{assignment.id}.ipynb"))
    words = [sys.executable, "-c", LOOP, *map(str, notebooks)]
    cost = bench.command("papermill in a loop", words, fresh, cores)
    _same(len(list(fresh.glob("submitted/*/*/done.ipynb"))), len(notebooks), "papermill's results")
    return cost


def _otter(bench: Bench, stock: Path, assignment: Assignment, otter: Path, cores: int) -> Cost:
    """`otter run` for each, as many at a time as there are cores."""
    fresh = cohorts.copied(Course(stock), bench.folder / "run-otter").root
    plain = _autograder(otter, fresh)
    sent = sorted(fresh.glob(f"submitted/*/{assignment.id}"))
    lines = []
    for folder in sent:
        packed = folder / "autograder.zip"
        shutil.copy(plain, packed)
        with zipfile.ZipFile(packed, "a") as archive:
            for file in sorted((folder / "case").rglob("*")):
                archive.write(file, f"files/case/{file.relative_to(folder / 'case')}")
        notebook = folder / f"{assignment.id}.ipynb"
        words = [str(otter), "run", "-a", str(packed), "-o", str(folder), str(notebook)]
        lines.append(shlex.join(words))
    listed = fresh / "otter.txt"
    listed.write_text("".join(f"{line}\n" for line in lines))
    words = ["xargs", "-a", str(listed), "-d", "\n", "-P", str(cores), "-I{}", "sh", "-c", "{}"]
    path = {"PYTHONPATH": str(cohorts.ROOT)}
    cost = bench.command(f"otter run, {cores} at a time", words, fresh, cores, path)
    results = [json.loads(each.read_text()) for each in fresh.glob("submitted/*/*/results.json")]
    _same(len(results), len(sent), "otter's results")
    return cost


def _autograder(otter: Path, folder: Path) -> Path:
    """A zip of the one visible check, without a case."""
    (folder / "tests").mkdir()
    (folder / "tests" / "line.py").write_text(OTTER_TEST)
    made = folder / "autograder.zip"
    subprocess.run(
        [otter, "generate", "-t", "tests", "-o", made.name],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return made


def _at_a_time(commands: Sequence[str]) -> list[str]:
    """All started at once; fails where one does."""
    started = "".join(f"({each}) & p{n}=$!\n" for n, each in enumerate(commands))
    waited = " && ".join(f"wait $p{n}" for n in range(len(commands)))
    return ["sh", "-c", started + waited]


def _cold(do: Callable[[], Cost]) -> Cost:
    """With nothing of any file in the system's memory; what it prepares before is read again."""
    os.sync()
    CACHES.write_text("3\n")
    return do()


def _same(found: int, wanted: int, what: str) -> None:
    if found != wanted:
        raise cohorts.NotComparable(f"{found} of {wanted} {what}")


def _ratio(rounds: Sequence[Mapping[str, Cost]], name: str) -> float:
    return figures.ratio((each[name].seconds, each["ours"].seconds) for each in rounds)


def _table(
    taken: Mapping[str, Sequence[Mapping[str, Cost]]],
    faster: Mapping[str, Mapping[str, float]],
    sides: Mapping[str, Any],
    count: int,
) -> str:
    names = {
        "ours": "`worksample grade`",
        "nbgrader": "`nbgrader autograde`",
        "halves": "two `nbgrader autograde` at a time",
        "papermill": "papermill in a loop",
        "otter": "`otter run`, two at a time",
    }
    rows = []
    for name in sides:
        row = [names[name]]
        for kind, rounds in taken.items():
            middle = statistics.median(each[name].seconds for each in rounds) / count
            row += [f"{middle:.2f}", f"{faster[kind][name]:.1f} ×" if name != "ours" else "1 ×"]
        rows.append(row)
    heads = [word for kind in taken for word in (f"{kind}: s an attempt", "of ours")]
    does = "\n".join(f"- {names[name]}: {DOES[name]}." for name in sides)
    return f"{figures.table(['', *heads], rows)}\n\n{does}"
