"""Solutions on cases, images and commits for real, without the notebook around them.

``python -m tests.assignments_containerized_deployment.measure FIRST LAST LEVEL,… SOLUTION,…``
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from worksample.assignments import case as cases

from .drawn import assignment, checked, tree, tried


def main(first: int, last: int, levels: list[str], names: list[str]) -> None:
    """Print every result, then a table."""
    totals: dict[tuple[str, str], list[float]] = defaultdict(list)
    for level in levels:
        for seed in range(first, last):
            with tempfile.TemporaryDirectory() as folder:
                at = cases.draw(assignment(), seed, level, Path(folder, "case"), candidate="x")
                for name in names:
                    began = time.monotonic()
                    found = checked(at, tried(at, tree(name, at)))
                    total = sum(result.points for result in found.values())
                    totals[level, name].append(total)
                    shown = ", ".join(f"{check} {each.points:g}" for check, each in found.items())
                    spent = time.monotonic() - began
                    causes = " ".join(at.truth()["causes"])
                    print(
                        level,
                        seed,
                        name,
                        f"{total:.1f}",
                        shown,
                        causes,
                        f"{spent:.0f} s",
                        flush=True,
                    )
                    for each in found.values():
                        for part in each.parts:
                            if "-v" in sys.argv and part.earned < part.possible:
                                print("   ", part.name, part.earned, part.message, flush=True)
    for (level, name), found in totals.items():
        mean, low, high = statistics.fmean(found), min(found), max(found)
        print(f"{level:9} {name:24} {len(found):3} {mean:6.1f} {low:6.1f} {high:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(","))
