"""Small things to test with."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

NAMES = ["price_log", "lead_log", "weekend"]
LIMITS = {
    "shops": ["north", "south", "harbour"],
    "channels": ["web", "phone", "app", "partner"],
    "max_price": 2000,
    "max_bad_share": 0.3,
}


def model(weights=(0.83, -0.41, 0.37)):
    """A model with three features."""
    return {
        "features": NAMES,
        "means": [1.5, 4.2, 0.3],
        "scales": [0.9, 0.7, 0.45],
        "weights": list(weights),
        "intercept": -1.2,
    }


def table(count=50):
    """Rows with features, of a model's three."""
    rng = np.random.default_rng(5)
    return pd.DataFrame({name: rng.normal(1, 0.8, count) for name in NAMES})


def folder():
    """An empty one."""
    return Path(tempfile.mkdtemp(prefix="pipeline-tests-"))


def bookings(**changed):
    """Five good rows; `changed` are columns."""
    rows = {
        "booking_id": [f"b{number}" for number in range(5)],
        "shop": ["north", "south", "harbour", "north", "south"],
        "channel": ["web", "phone", "app", "web", "phone"],
        "booked_at": pd.to_datetime(["2031-05-01 10:00"] * 5),
        "appointment": ["2031-05-03"] * 5,
        "price_eur": [80.0, 120.0, 45.5, 60.0, 99.0],
        "visits_before": [0, 1, 2, 0, 3],
        "reminder_sent": [1, 0, 1, 1, 0],
        "cancelled": [0, 1, 0, 0, 1],
        "updated_at": pd.to_datetime(["2031-05-03 18:00"] * 5),
    }
    return pd.DataFrame(rows | changed)
