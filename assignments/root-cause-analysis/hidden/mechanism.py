"""How late arrivals come about: the known truth under every case.

Works on *canonical* rows: categories are whole numbers (positions in make_flights.py's lists), all
numbers are right and complete. Every case gives its own names to the codes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

INTERCEPT = -2.0
CARRIER = np.array([-1.1, 0.9, 1.1, -0.9, 0.6, 1.0, -0.7, 0.0, 0.7, -0.9])
ORIGIN = np.array([0.35, -0.35, 0.0])
REGION = np.array([-1.3, 1.3, -0.3, -1.3, 1.3, 0.3])
WEEKDAY = np.array([0.1, -0.1, 0.0, 0.2, 0.3, -0.4, -0.1])
GRIP = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.05])  # how far delay and queue decide, by region
HARD_REGION = 5  # the region where little of what is known beforehand decides

Curve = tuple[list[float], list[float]]
CURVES: dict[str, Curve] = {
    "temp_c": ([-8, 0, 6, 14, 24, 30, 35], [2.6, 1.9, 0.4, 0.0, 0.2, 1.2, 2.6]),
    "wind_kmh": ([0, 10, 20, 32, 45, 60], [-0.7, -0.5, 0.0, 0.9, 1.7, 2.2]),
    "precip_mm": ([0, 0.5, 3, 10], [0.0, 0.7, 1.2, 1.5]),
    "visibility_km": ([0, 3, 8, 16], [2.4, 1.6, 0.5, 0.0]),
    "pressure_hpa": ([990, 1005, 1015, 1030], [0.8, 0.3, 0.0, -0.1]),
    "hour": ([5, 9, 13, 17, 20, 23], [-0.3, -0.2, 0.0, 0.2, 0.3, 0.1]),
    "distance_km": ([150, 800, 1800, 4000], [0.3, 0.0, -0.1, 0.2]),
    "plane_age_y": ([0, 8, 20, 35], [-0.2, 0.0, 0.2, 0.5]),
}
GRIPPED: dict[str, Curve] = {
    "inbound_delay_min": ([0, 3, 8, 20, 45, 90], [-0.7, -0.2, 0.4, 1.2, 2.1, 3.0]),
    "queue_len": ([2, 8, 14, 20, 30, 45], [-2.6, -1.5, 0.0, 1.5, 2.9, 3.4]),
}


def log_odds(rows: pd.DataFrame, curves: dict[str, Curve] | None = None) -> np.ndarray:
    """Log-odds of a late arrival, (n,); ``curves`` replaces some of the mechanism's own."""
    mine = {**CURVES, **GRIPPED, **(curves or {})}
    total = INTERCEPT + CARRIER[rows["carrier"]] + ORIGIN[rows["origin"]]
    total = total + REGION[rows["region"]] + WEEKDAY[rows["weekday"]]
    grip = GRIP[rows["region"]]
    for column, (x, y) in mine.items():
        effect = np.interp(rows[column].to_numpy(dtype=float), x, y)
        total = total + effect * (grip if column in GRIPPED else 1.0)
    return total
