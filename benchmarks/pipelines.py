"""What solutions of pipeline-architecture earn, without the sandbox: cells run, answers checked.

    python benchmarks/pipelines.py 3     # cases a level

Prints the table of docs/pipeline-architecture.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests import once
from tests.assignments_pipeline_architecture.drawn import CHECKS, case, graded, recorded

SOLUTIONS = ("strong", "strong_stream", "strong_managed", "adequate", "assistant", "weak")
FIRST = (1 << 32) | 100


def main(count: int) -> None:
    """A line for each solution and level: mean, least and most, and the mean of each check."""
    for level in ("junior", "standard", "senior"):
        for name in SOLUTIONS:
            rows = []
            for seed in range(FIRST, FIRST + count):
                found = graded(json.loads(recorded(name, level, seed)), case(level, seed))
                rows.append([found[check].points for check in CHECKS])
            points, total = np.mean(rows, axis=0).round(1), np.sum(rows, axis=1)
            told = ", ".join(f"{check} {x:g}" for check, x in zip(CHECKS, points, strict=True))
            span = f"{total.mean():.1f} ({total.min():.1f} to {total.max():.1f})"
            print(f"{level:9} {name:15} {span}: {told}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        once._folder = Path(folder)
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
