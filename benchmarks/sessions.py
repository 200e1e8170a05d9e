"""How long a candidate's notebook takes: opened to its first result, and from top to bottom.

    python benchmarks/sessions.py
    python benchmarks/sessions.py drift-monitoring --level senior --solution strong_nearest

Each workbook is filled with a solution's answers and executed once in a plain kernel on this
machine, as in JupyterLab by "Run all cells": seconds by the clock from the start of the kernel.
Prints one markdown line a workbook. Run it where nothing else runs. Only for code of our own.
"""

from __future__ import annotations

import argparse
import math
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from worksample import assignments
from worksample.assignments import build, case
from worksample.course import Course

COURSE = Course(Path(__file__).parents[1])
SAMPLES = ("root-cause-analysis", "drift-monitoring", "model-development")
HEAD = """\
| work sample | level | solution | first result, s | all cells, s | cells that failed |
|---|---|---|---|---|---|"""


def timed(notebook: nbformat.NotebookNode, folder: Path) -> tuple[float, float, list[str]]:
    """Seconds to the first cell that shows something (NaN: none) and to the last; failed cells."""
    shown: list[float] = []
    failed: list[str] = []

    def note(cell: nbformat.NotebookNode, **_: object) -> None:
        outputs = cell.get("outputs", [])
        if any(output.output_type == "error" for output in outputs):
            failed.append(cell.metadata.get("worksample", {}).get("cell", cell.id))
        elif outputs:
            shown.append(time.perf_counter() - began)

    client = NotebookClient(
        notebook,
        timeout=600,
        allow_errors=True,
        on_cell_executed=note,
        resources={"metadata": {"path": str(folder)}},
    )
    began = time.perf_counter()
    client.execute()
    return shown[0] if shown else math.nan, time.perf_counter() - began, failed


def session(name: str, level: str, solution: str, seed: int) -> str:
    """The table's line of one workbook."""
    assignment = assignments.find(COURSE, name)
    release = build.release_bytes(COURSE, assignment, level)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        drawn = case.draw(assignment, seed, level, place / "drawn", candidate="ada")
        package = case.pack(
            Course(place), assignment, drawn, name, release, assignment.minutes.work
        )
        shutil.unpack_archive(package, place)
        folder = place / name
        given = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        sources = assignment.solution(solution).sources(level)
        first, total, failed = timed(build.filled(given, sources), folder)
    wrong = ", ".join(failed) or "none"
    return f"| {name} | {level} | `{solution}` | {first:.1f} | {total:.1f} | {wrong} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("samples", nargs="*", default=SAMPLES)
    parser.add_argument("--level", action="append")
    parser.add_argument("--solution", default="strong")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(HEAD)
    for name in options.samples:
        for level in options.level or ("junior", "standard", "senior"):
            print(session(name, level, options.solution, options.seed), flush=True)


if __name__ == "__main__":
    main()
