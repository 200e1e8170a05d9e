"""What the notebook is given: the points of the case."""

import csv
import os
from pathlib import Path


def load_points():
    """The case's measurements, a list of (x, y)."""
    folder = Path(os.environ.get("WORKSAMPLE_CASE", "case"))
    with (folder / "points.csv").open(newline="") as rows:
        return [(float(row["x"]), float(row["y"])) for row in csv.DictReader(rows)]
