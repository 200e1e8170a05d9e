"""The rows behind a case, right and complete: real flights under a drawn time table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from worksample.kit import nycflights, years

from . import mechanism, sources

TRAIN_DAYS, LATER_DAYS = 84, 35
TRAIN_ROWS, LATER_ROWS, REQUESTS = 8000, 4000, 600
CHANGED = (38, 51)  # the first day of the new procedures lies in here
UNKNOWN = 0.02  # share of honestly missing values
PARTS = ("train", "requests", "later")
TENTHS = ["temp_c", "wind_kmh", "precip_mm", "visibility_km"]


@dataclass(frozen=True)
class World:
    """Canonical rows, ordered by time, and what is true of them.

    Attributes:
        rows: in the order of time, ``day`` counts from the first training day.
        part: which table a row is in, one of :data:`PARTS`; requests come from the later weeks.
        changed_on: first day of the new procedures.
        shape: where the mechanism has its humps.
        probability: true probability of each row.
        late: what happened, 0 or 1.
        sources: whose records mean something else.
    """

    rows: pd.DataFrame
    part: np.ndarray
    changed_on: int
    shape: mechanism.Shape
    probability: np.ndarray
    late: np.ndarray
    sources: sources.Sources

    def of(self, part: str) -> np.ndarray:
        """Is a row in this table? (n,)"""
        return self.part == part


@cache
def flights() -> years.Base:
    """The committed covariates, weather in its units, taken apart."""
    path = Path(__file__).parents[1] / "data" / "flights.parquet"
    table = nycflights.from_tenths(pd.read_parquet(path).astype("int64"), TENTHS)
    return years.Base(table, (*TENTHS, "queue_len"), own=("seats",))


def draw(rng: np.random.Generator, level: str, unknown_column: str, unknown_share: float) -> World:
    """Draw the rows of a case.

    Args:
        level: whose sources there are.
        unknown_column: column with values that were never known; ``unknown_share`` of its rows.
    """
    year = years.Year(flights(), rng)
    day = (year.day - int(rng.integers(years.DAYS))) % years.DAYS
    chosen, part = _chosen(rng, day)
    rows = year.rows(chosen, rng).assign(day=day[chosen], part=part).reset_index(drop=True)
    rows = _completed(rng, rows)
    part = rows.pop("part").to_numpy()
    gone = rng.random(len(rows)) < unknown_share + UNKNOWN
    rows[unknown_column] = rows[unknown_column].astype(float).mask(gone)
    changed_on = int(rng.integers(*CHANGED))
    changed = (rows["day"] >= changed_on).to_numpy()
    later = part == "later"
    shape = mechanism.drawn_shape(rng)
    shape = mechanism.at_share(rng, rows[later], changed[later], shape)
    probability = mechanism.probability(rows, changed, shape)
    late = (rng.random(len(rows)) < probability).astype(int)
    believed = partial(mechanism.probability, changed=changed[later], shape=shape)
    hidden = sources.Later(rows[later], probability[later], believed)
    table = rows["carrier"][part == "train"].to_numpy()
    other = sources.drawn(rng, level, table, hidden)
    return World(rows, part, changed_on, shape, probability, late, other)


def _chosen(rng: np.random.Generator, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of the flights that a case takes, and the table that each is in, (n,) both."""
    before = np.flatnonzero(day < TRAIN_DAYS)
    after = np.flatnonzero((day >= TRAIN_DAYS) & (day < TRAIN_DAYS + LATER_DAYS))
    train = rng.choice(before, TRAIN_ROWS, replace=False)
    later = rng.choice(after, REQUESTS + LATER_ROWS, replace=False)
    chosen = np.concatenate([train, later])
    return chosen, np.repeat(PARTS, (TRAIN_ROWS, REQUESTS, LATER_ROWS))


def _completed(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Columns that the flights do not have; and numbers as feeds send them, a little off."""
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
