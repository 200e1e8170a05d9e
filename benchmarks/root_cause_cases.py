"""Measure the cases of the root-cause analysis: size of the loss, proofs, redraws, time.

    python benchmarks/root_cause_cases.py --level standard --seeds 4

Prints one markdown line per cause: medians over its seeds, and the worst value where that counts.
The last column is the median CPU time to draw and write a case, over the median of all causes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from worksample.assignments import modules as _modules

FOLDER = Path(__file__).parents[1] / "assignments" / "root-cause-analysis"


def seeds(level: str, count: int, first: int) -> dict[str, list[int]]:
    """``count`` seeds for each cause of the level, from openings of its tier."""
    causes = _modules.load(FOLDER, "hidden.causes")
    found: dict[str, list[int]] = defaultdict(list)
    for tier in (0, 1):
        for number in range(first, first + 40 * count):
            seed = (tier << 32) | number
            cause = causes.chosen(seed, level)[0].id
            if len(found[cause]) < count:
                found[cause].append(seed)
    return found


def measure(seed: int, level: str) -> dict[str, float]:
    """Draw and write one case; what its proof says, and the CPU seconds it took."""
    scenario = _modules.load(FOLDER, "scenario")
    began = time.process_time()
    drawn = scenario.draw(seed, level)
    with tempfile.TemporaryDirectory() as folder:
        public, private = Path(folder, "public"), Path(folder, "private")
        public.mkdir()
        private.mkdir()
        scenario.write(drawn, public, private)
    values, herrings = drawn.proof.values, drawn.proof.red_herrings
    return {
        "loss": values["loss"],
        "sd": values["loss_sd"],
        "best": values["best_gain"],
        "herring": max(0.0, *herrings.values()),
        "f1": drawn.proof.f1,
        "share": min(drawn.proof.shares.values()),
        "redraws": drawn.redraws,
        "seconds": time.process_time() - began,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="standard", choices=("junior", "standard", "senior"))
    parser.add_argument("--seeds", type=int, default=4, help="cases per cause")
    parser.add_argument("--first", type=int, default=0, help="number of the first seed tried")
    options = parser.parse_args()
    measure(0, options.level)  # the first reads the base table and compiles
    found = {
        cause: [measure(seed, options.level) for seed in some]
        for cause, some in seeds(options.level, options.seeds, options.first).items()
    }
    median = statistics.median(case["seconds"] for cases in found.values() for case in cases)
    print("| cause | loss | in sd, least | best remedy, least | red herring, most | F1, least | "
          "smaller share | redraws | time ratio |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for cause, cases in found.items():
        column = {key: [case[key] for case in cases] for key in cases[0]}
        smaller = f"{min(column['share']):.2f}" if min(column["share"]) < 1 else "–"
        print(
            f"| `{cause}` | {statistics.median(column['loss']):.3f} | {min(column['sd']):.1f} "
            f"| {min(column['best']):.2f} | {max(column['herring']):.2f} | {min(column['f1']):.3f} "
            f"| {smaller} | {max(column['redraws']):.0f} "
            f"| {statistics.median(column['seconds']) / median:.1f} |"
        )
    print(f"\nMedian CPU time of a case: {median:.2f} s.")


if __name__ == "__main__":
    main()
