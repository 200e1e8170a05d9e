"""What solutions of both architecture samples earn, without the sandbox.

Cells are run and answers checked, in one process.

    python benchmarks/architectures.py serving-architecture --cases 40
    python benchmarks/architectures.py pipeline-architecture --cases 3 --levels senior

Prints the tables of docs/serving-architecture.md and docs/pipeline-architecture.md, and each form's
points as they come, on the standard error.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import once
from worksample import assignments

SAMPLES = ("serving-architecture", "pipeline-architecture")
LEVELS = ("junior", "standard", "senior")
ORDER = ("strong", "adequate", "assistant", "weak", "idle")


def names_of(sample: str) -> list[str]:
    """Reference solutions, the best quality first."""
    found = assignments.load(Path(__file__).parents[1] / "assignments" / sample).solutions
    known = [each for each in found if each.quality in ORDER]
    return [each.name for each in sorted(known, key=lambda each: ORDER.index(each.quality))]


def measured(sample: str, name: str, level: str, seeds: Sequence[int]) -> list[float]:
    """Points of a solution on each form."""
    drawn = importlib.import_module(f"tests.assignments_{sample.replace('-', '_')}.drawn")
    totals = []
    for seed in seeds:
        recorded = json.loads(drawn.recorded(name, level, seed))
        found = drawn.graded(recorded, drawn.case(level, seed))
        points = {check: round(result.points, 1) for check, result in found.items()}
        totals.append(sum(result.points for result in found.values()))
        form = seed & 0xFFFFFFFF
        print(f"{level} {form} {name} {totals[-1]:.1f} {points}", file=sys.stderr, flush=True)
    return totals


def cell(totals: Sequence[float]) -> str:
    """Mean and range."""
    return f"{np.mean(totals):.1f} ({min(totals):.1f}–{max(totals):.1f})"


def main(given: argparse.Namespace) -> None:
    """A line for each solution, a column for each level."""
    seeds = [(1 << 32) | form for form in range(given.first, given.first + given.cases)]
    print(f"| solution | {' | '.join(given.levels)} |", flush=True)
    print(f"|---|{'---|' * len(given.levels)}", flush=True)
    for name in given.solutions or names_of(given.sample):
        told = [cell(measured(given.sample, name, level, seeds)) for level in given.levels]
        print(f"| {name} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample", choices=SAMPLES)
    parser.add_argument("--cases", type=int, default=3, help="forms a level")
    parser.add_argument("--first", type=int, default=100, help="the first form")
    parser.add_argument("--levels", nargs="+", default=LEVELS, choices=LEVELS)
    parser.add_argument("--solutions", nargs="*", help="[default: all]")
    parser.add_argument("--folder", type=Path, help="keeps what was drawn, to go on with later")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        once._folder = asked.folder or Path(folder)
        main(asked)
