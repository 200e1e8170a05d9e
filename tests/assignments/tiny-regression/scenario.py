"""Points along a line, with noise; slope and intercept come from the seed."""

import csv
import json
import random
from pathlib import Path

from .toolkit.line import height

VERSION = 1
NOISE = {"junior": 0.05, "standard": 0.1, "senior": 0.2}


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write ``public/points.csv`` and the truth about it."""
    rng = random.Random(seed)
    slope = round(rng.choice([-1, 1]) * rng.uniform(0.5, 3), 2)
    intercept = round(rng.uniform(-5, 5), 2)
    with (public / "points.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["x", "y"])
        for i in range(200):
            x = i / 10
            y = height(slope, intercept, x) + rng.gauss(0, NOISE[level])
            rows.writerow([x, round(y, 4)])
    hidden = [round(rng.uniform(20, 30), 3) for _ in range(20)]
    truth = {"slope": slope, "intercept": intercept, "hidden": hidden}
    (private / "truth.json").write_text(json.dumps(truth) + "\n")
    (private / "truth_card.md").write_text(f"# Truth\n\ny = {intercept} + {slope} x\n")
