"""Two hundred points along a line, with noise."""

import json
import random
from pathlib import Path

VERSION = 1


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write ``public/points.csv`` and the truth about it."""
    rng = random.Random(seed)
    slope, intercept = round(rng.uniform(0.5, 3), 2), round(rng.uniform(-5, 5), 2)
    rows = [
        f"{i / 10},{round(intercept + slope * i / 10 + rng.gauss(0, 0.1), 4)}" for i in range(200)
    ]
    (public / "points.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    hidden = [round(rng.uniform(20, 30), 3) for _ in range(20)]
    truth = {"slope": slope, "intercept": intercept, "hidden": hidden}
    (private / "truth.json").write_text(json.dumps(truth) + "\n")
    (private / "truth_card.md").write_text(f"# Truth\n\ny = {intercept} + {slope} x\n")
