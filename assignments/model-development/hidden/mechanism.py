"""How late arrivals come about: the known truth under every case.

Works on *canonical* rows: right units, categories as whole numbers, unknown values NaN, time as
``day`` (from the first row of the case) and ``minute``. What is unknown to the candidate is
unknown to the mechanism too, so that its probabilities are what the best possible model would say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from worksample.kit.draws import logistic

from ..toolkit.names import NEED_MIN, NEED_MIN_PER_SEAT

CARRIERS, RARE, UNSEEN = 10, 9, 3  # codes 0-9 are common, then the rare ones, then those to come
CARRIER = np.array([0.15, -0.25, 0.45, -0.5, 0.0, 0.4, -0.45, 0.3, 0.0, -0.1] + [0.0] * 12)
# where a case's two rushes are (minutes of the day) and its fullest airspace (km), least and most:
# two candidates who compare must not tell each other which features to build
MORNING, EVENING, FULL_KM = (450, 570), (1020, 1140), (1400, 1800)
# and from which share of booked seats on a flight counts as full
FULL_SEATS = (0.90, 0.96)
# a case's share of late flights, least and most: were it to follow from the season and from what is
# unknown in the table, whatever shows those would tell it
LATE_SHARE = (0.32, 0.37)
UNKNOWN_INBOUND, UNKNOWN_QUEUE = 1.8, 0.6
LOG_ODDS_LIMIT = 3.6


@dataclass(frozen=True)
class Shape:
    """Where a case's mechanism has its humps, and how high it lies.

    Attributes:
        rushes: minutes of the day of the two rushes.
        full_km: length of the routes with the fullest airspace, km.
        full_seats: share of the seats from which boarding takes long.
        intercept: log-odds before anything is added.
    """

    rushes: tuple[float, float]
    full_km: float
    full_seats: float
    intercept: float = 0.0


def drawn_shape(rng: np.random.Generator) -> Shape:
    """A case's own: rushes to five minutes, the route to ten kilometres; no intercept yet."""
    morning, evening = (5.0 * rng.integers(a // 5, b // 5 + 1) for a, b in (MORNING, EVENING))
    full_km = 10.0 * rng.integers(FULL_KM[0] // 10, FULL_KM[1] // 10 + 1)
    full_seats = rng.integers(*(round(100 * share) for share in FULL_SEATS), endpoint=True) / 100
    return Shape((float(morning), float(evening)), float(full_km), float(full_seats))


def at_share(
    rng: np.random.Generator, rows: pd.DataFrame, changed: np.ndarray, shape: Shape
) -> Shape:
    """The shape with the intercept that makes a share of these rows late that is drawn here."""
    share, without = rng.uniform(*LATE_SHARE), _sum(rows, changed, shape)
    low, high = -30.0, 30.0
    for _ in range(50):
        middle = (low + high) / 2
        more = logistic(_limited(without + middle)).mean() > share
        low, high = (low, middle) if more else (middle, high)
    return replace(shape, intercept=low)


def need_min(seats: np.ndarray) -> np.ndarray:
    """Minutes that preparing an aircraft takes."""
    return NEED_MIN + NEED_MIN_PER_SEAT * seats


def log_odds(rows: pd.DataFrame, changed: np.ndarray, shape: Shape) -> np.ndarray:
    """Log-odds of a late arrival, (n,).

    Args:
        rows: canonical rows.
        changed: for each row, does it lie after the change of procedures?
        shape: the case's own.
    """
    return _limited(shape.intercept + _sum(rows, changed, shape))


def _limited(total: np.ndarray) -> np.ndarray:
    """Nothing is certain."""
    return np.clip(total, -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT)


def _sum(rows: pd.DataFrame, changed: np.ndarray, shape: Shape) -> np.ndarray:
    """All that raises or lowers the log-odds, (n,)."""
    return (
        CARRIER[rows["carrier"]]
        + _turnaround(rows)
        + _queue(rows, changed)
        + _rush(rows, shape.rushes)
        + _weather(rows)
        + 1.5 * (rows["booked"] / rows["seats"] > shape.full_seats).to_numpy(float)
        + _route(rows, shape.full_km)
    )


def probability(rows: pd.DataFrame, changed: np.ndarray, shape: Shape) -> np.ndarray:
    """Probability of a late arrival, (n,)."""
    return logistic(log_odds(rows, changed, shape))


def _turnaround(rows: pd.DataFrame) -> np.ndarray:
    """Does the delay of the aircraft fit into its time on the ground?"""
    spare = rows["turnaround_min"].to_numpy(float) - need_min(rows["seats"].to_numpy(float))
    short = rows["inbound_delay_min"].to_numpy(float) - spare
    return np.where(np.isnan(short), UNKNOWN_INBOUND, 6.0 / (1 + np.exp(-(short - 2) / 6)))


def _queue(rows: pd.DataFrame, changed: np.ndarray) -> np.ndarray:
    """Queues: absorbed before the change, felt after it."""
    queue = np.clip((rows["queue_len"].to_numpy(float) - 13) / 10, -1.2, 2)
    known = np.where(changed, 0.3 + 1.5 * queue, 0.2 * queue)
    return np.where(np.isnan(queue), UNKNOWN_QUEUE, known)


def _rush(rows: pd.DataFrame, rushes: tuple[float, float]) -> np.ndarray:
    """Two rushes a day."""
    minute = rows["minute"].to_numpy(float)
    return 4.2 * sum(np.exp(-(((minute - at) / 95) ** 2)) for at in rushes)


def _route(rows: pd.DataFrame, full_km: float) -> np.ndarray:
    """Routes of a middle length have the fullest airspace."""
    return 3.0 * np.exp(-(((rows["distance_km"].to_numpy(float) - full_km) / 450) ** 2))


def _weather(rows: pd.DataFrame) -> np.ndarray:
    """Wind matters when it is strong, more so in poor sight; frost and heat by themselves."""
    wind = np.clip((rows["wind_kmh"].to_numpy(float) - 22) / 18, 0, 2)
    sight = (rows["visibility_km"].to_numpy(float) < 10).astype(float)
    frost = np.clip((3 - rows["temp_c"].to_numpy(float)) / 8, 0, 1)
    heat = np.clip((rows["temp_c"].to_numpy(float) - 22) / 8, 0, 1)
    return 1.0 * wind * (1 + 0.5 * sight) + 0.6 * np.maximum(frost, heat)
