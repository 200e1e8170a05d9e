"""Solutions on many cases, in real boxes and without a notebook around them.

``python -m tests.assignments_monitoring_implementation.measure FIRST LAST LEVEL,… SOLUTION,…``,
where a solution may be one of the mutants, and ``mutants`` stands for all of them.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from worksample.assignments import case as cases

from .drawn import MUTANTS, assignment, checked, driven, measured, mutant, run, tree


def main(first: int, last: int, levels: list[str], names: list[str]) -> None:
    """Print every result, then a table."""
    names = [each for name in names for each in (MUTANTS if name == "mutants" else [name])]
    totals: dict[tuple[str, str], list[float]] = defaultdict(list)
    for level in levels:
        for seed in range(first, last):
            with tempfile.TemporaryDirectory() as folder:
                at = cases.draw(assignment(), seed, level, Path(folder, "case"), candidate="x")
                for name in names:
                    begun = time.monotonic()
                    files = mutant(name, tree("strong", at)) if name in MUTANTS else tree(name, at)
                    services = driven(files, at)
                    done = run(files, services, measured(files, at, services))
                    found = checked(done, at)
                    points = {check: result.points for check, result in found.items()}
                    totals[level, name].append(sum(points.values()))
                    shown = ", ".join(f"{check} {earned:.1f}" for check, earned in points.items())
                    why = " ".join(
                        f"{key}={value:.2f}"
                        for result in found.values()
                        for key, value in [*result.details.items(), *_flat(result.private)]
                        if value < 0.95 or key in ("found", "quiet")
                    )
                    total, seconds = sum(points.values()), time.monotonic() - begun
                    print(f"{level} {seed} {name} {total:.1f}: {shown}; {why}; {seconds:.0f} s")
                    sys.stdout.flush()
    for (level, name), found_totals in totals.items():
        mean, low, high = statistics.fmean(found_totals), min(found_totals), max(found_totals)
        print(f"{level:9} {name:22} {len(found_totals):3} {mean:6.1f} {low:6.1f} {high:6.1f}")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"on our side: {used.ru_utime + used.ru_stime:.0f} s of CPU")


def _flat(private: object) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for key, value in private.items() if isinstance(private, dict) else ():
        found += _flat(value) if isinstance(value, dict) else [(key, value)]
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4].split(","))
