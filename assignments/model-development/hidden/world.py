"""The rows behind a case, right and complete: real flights under a drawn time table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from worksample.kit import nycflights

from . import mechanism

TRAIN_DAYS, LATER_DAYS = 84, 35
TRAIN_ROWS, LATER_ROWS = 8000, 4000
UNKNOWN = 0.02  # share of honestly missing values
TENTHS = ["temp_c", "wind_kmh", "precip_mm", "visibility_km"]


@dataclass(frozen=True)
class World:
    """Canonical rows, ordered by time, and what is true of them.

    Attributes:
        rows: training rows, then later ones; ``day`` counts from the first training day.
        changed_on: first day of the new procedures.
        probability: true probability of each row.
        late: what happened, 0 or 1.
    """

    rows: pd.DataFrame
    changed_on: int
    probability: np.ndarray
    late: np.ndarray

    @property
    def later(self) -> np.ndarray:
        """Does a row lie after the training table?"""
        return (self.rows["day"] >= TRAIN_DAYS).to_numpy()


@cache
def flights() -> pd.DataFrame:
    """The committed covariates, weather in its units."""
    path = Path(__file__).parents[1] / "data" / "flights.parquet"
    return nycflights.from_tenths(pd.read_parquet(path).astype("int64"), TENTHS)


def draw(rng: np.random.Generator, unknown_column: str, unknown_share: float) -> World:
    """Draw the rows of a case.

    Args:
        unknown_column: column with values that were never known; ``unknown_share`` of its rows.
    """
    days = flights()["day"]
    start = int(rng.integers(0, int(days.max()) + 2 - TRAIN_DAYS - LATER_DAYS))
    pool = flights().assign(day=days - start)
    train = _sample(rng, pool[pool["day"].between(0, TRAIN_DAYS - 1)], TRAIN_ROWS)
    last = TRAIN_DAYS + LATER_DAYS - 1
    later = _sample(rng, pool[pool["day"].between(TRAIN_DAYS, last)], LATER_ROWS)
    rows = pd.concat([train, later], ignore_index=True)
    rows = _completed(rng, rows)
    gone = rng.random(len(rows)) < unknown_share + UNKNOWN
    rows[unknown_column] = rows[unknown_column].astype(float).mask(gone)
    changed_on = int(rng.integers(round(0.48 * TRAIN_DAYS), round(0.58 * TRAIN_DAYS)))
    changed = (rows["day"] >= changed_on).to_numpy()
    probability = mechanism.probability(rows, changed)
    late = (rng.random(len(rows)) < probability).astype(int)
    return World(rows, changed_on, probability, late)


def _sample(rng: np.random.Generator, pool: pd.DataFrame, count: int) -> pd.DataFrame:
    chosen = np.sort(rng.choice(len(pool), count, replace=False))
    return pool.iloc[chosen].sort_values(["day", "minute"], kind="stable")


def _completed(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Columns that the flights do not have, and small changes so that no row can be looked up."""
    n = len(rows)
    rows = rows.copy()
    rows["minute"] = (rows["minute"] + rng.integers(-4, 5, n)).clip(300, 1435)
    rows["distance_km"] = (rows["distance_km"] * rng.uniform(0.97, 1.03, n)).round()
    rows["inbound_delay_min"] = (rows["inbound_delay_min"] + rng.integers(0, 4, n)).astype(float)
    spare = rng.gamma(2.5, 9, n) - 2
    rows["turnaround_min"] = (mechanism.need_min(rows["seats"]) + spare).round()
    filled = np.clip(rng.beta(7, 1.6, n) + 0.02, 0.2, 1.04)
    rows["booked"] = (rows["seats"] * filled).round()
    rows["crew_rest_h"] = rng.gamma(9, 1.6, n).round(1)
    rows["area"] = rng.integers(0, 6, n)
    rare = rng.random(n) < 0.022
    code = mechanism.CARRIERS + rng.integers(0, mechanism.RARE, n)
    to_come = rng.random(n) < 0.005 * (rows["day"] >= TRAIN_DAYS)
    code = np.where(to_come, mechanism.CARRIERS + mechanism.RARE + code % mechanism.UNSEEN, code)
    rows["carrier"] = np.where(rare | to_come, code, rows["carrier"])
    rows["queue_len"] = rows["queue_len"].astype(float)
    # by the time that is shown, so that the order says nothing more than that
    return rows.sort_values(["day", "minute"], kind="stable", ignore_index=True)
