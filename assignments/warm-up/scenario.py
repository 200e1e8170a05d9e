"""A fridge with three thermometers, one of which gets stuck: small enough to see at a glance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

VERSION = 1
DAYS, LATER = 14, 7
THERMOMETERS = ("door", "middle", "top")


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Draw the readings: one thermometer repeats one value from some noon on."""
    rng = np.random.default_rng(seed)
    stuck, day = str(rng.choice(THERMOMETERS)), int(rng.integers(5, 11))
    start = pd.Timestamp("2031-03-01")
    readings = _readings(rng, start)
    broken = (readings["thermometer"] == stuck) & (
        readings["at"] >= start + pd.Timedelta(days=day, hours=12)
    )
    readings.loc[broken, "celsius"] = readings.loc[broken, "celsius"].iloc[0]
    split = start + pd.Timedelta(days=DAYS)
    before = readings["at"] < split
    readings[before].to_csv(public / "readings.csv", index=False)
    hidden = readings[~before].assign(stuck=broken[~before])
    hidden.to_csv(private / "later.csv", index=False)
    truth = {"first_day": str((start + pd.Timedelta(days=day)).date()), "thermometer": stuck}
    (private / "truth.json").write_text(json.dumps(truth), "utf-8")
    card = f"# Warm-up\n\nThe thermometer {stuck} is stuck from {truth['first_day']}, noon, on.\n"
    (private / "truth_card.md").write_text(card, "utf-8")


def _readings(rng: np.random.Generator, start: pd.Timestamp) -> pd.DataFrame:
    hours = pd.date_range(start, periods=(DAYS + LATER) * 24, freq="h")
    daily = 4 + 0.8 * np.sin(2 * np.pi * (hours.hour - 9) / 24)
    tables = [
        pd.DataFrame({"at": hours, "thermometer": name, "celsius": daily + noise})
        for name in THERMOMETERS
        for noise in [rng.normal(0, 0.3, len(hours))]
    ]
    readings = pd.concat(tables).sort_values(["at", "thermometer"], ignore_index=True)
    return readings.round({"celsius": 1})
