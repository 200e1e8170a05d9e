"""What a panel or an alert shows: a metric, of everybody or one segment, as a mean over some time.

A table of metrics has a line per step of six hours and a column per series: ``auc.stream`` of
everybody, ``auc.stream|amber`` of a segment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

HOURS = 6  # of a step
DAY = 24 // HOURS
WEEK = 7 * DAY
OVER = {"6h": 1, "12h": 2, "1d": DAY, "3d": 3 * DAY, "7d": WEEK}
ALL = "all"
AROUND = ("zero", "usual")
READS = ("today", "week", "change")
SEEN = 0.04  # of an axis' height: a smaller step out of the band is not seen on a screen


@dataclass(frozen=True)
class Query:
    """A series and its normal band.

    Attributes:
        metric: a name of the catalogue.
        segment: one of the segments, or "all".
        over: a key of :data:`OVER`; each value is the mean of so much time.
        band: least and largest normal value; None: no limit on that side.
        around: "zero": the band is in the metric's own unit. "usual": it is the distance from what
            is usual at that hour of that weekday, the median of the history.
    """

    metric: str
    segment: str = ALL
    over: str = "6h"
    band: tuple[float | None, float | None] = (None, None)
    around: str = "zero"

    @property
    def column(self) -> str:
        """The column of the table."""
        return self.metric if self.segment == ALL else f"{self.metric}|{self.segment}"


def smoothed(table: pd.DataFrame, query: Query) -> np.ndarray:
    """The series of a query, (steps,); missing where nothing was collected."""
    values = table[query.column].to_numpy(float)
    steps = OVER[query.over]
    if steps == 1:
        return values
    return pd.Series(values).rolling(steps, min_periods=1).mean().to_numpy()


def slots(table: pd.DataFrame) -> np.ndarray:
    """Place in the week of each step, (steps,) from 0 to 27; steps follow one another."""
    first = pd.Timestamp(table.index[0])
    return (first.day_of_week * DAY + first.hour // HOURS + np.arange(len(table))) % WEEK


def usual(history: pd.DataFrame, query: Query, at: np.ndarray) -> np.ndarray:
    """The history's median at each place in the week, for the places ``at``."""
    values = smoothed(history, query)
    place = slots(history)
    medians = [np.median(values[place == slot]) for slot in range(WEEK)]
    return np.array(medians)[at]


@dataclass(frozen=True)
class Fitted:
    """A query with its band and its axis in the metric's unit.

    Attributes:
        low, high: the band's ends at each place in the week, (28,); infinite where it is open.
        axis: ends of the vertical axis.
    """

    query: Query
    low: np.ndarray
    high: np.ndarray
    axis: tuple[float, float]


def fitted(history: pd.DataFrame, query: Query, axis: tuple[float, float] | None = None) -> Fitted:
    """The band over the week; the axis as stated, or with room around history and band."""
    week = np.arange(WEEK)
    middle = usual(history, query, week) if query.around == "usual" else np.zeros(WEEK)
    low, high = query.band
    lows = middle + (-np.inf if low is None else low)
    highs = middle + (np.inf if high is None else high)
    if axis is None:
        shown = np.concatenate([smoothed(history, query), lows, highs])
        shown = shown[np.isfinite(shown)]
        room = (shown.max() - shown.min()) / 4 or 1.0
        axis = float(shown.min() - room), float(shown.max() + room)
    return Fitted(query, lows, highs, axis)


def side(table: pd.DataFrame, band: Fitted) -> np.ndarray:
    """Where the series is: 1 above its band, -1 below it, 0 inside or unknown, (steps,)."""
    return _side(smoothed(table, band.query), table, band, 0.0)


def visible(table: pd.DataFrame, band: Fitted) -> np.ndarray:
    """What somebody at the screen sees: out of the band for two steps on end, (steps,) of -1 to 1.

    Values beyond the axis are drawn at its end, and what is out by less than :data:`SEEN` of the
    axis' height is not noticed.
    """
    low, high = band.axis
    values = np.clip(smoothed(table, band.query), low, high)
    out = _side(values, table, band, SEEN * (high - low))
    before = np.concatenate([[0], out[:-1]])
    return np.where(out == before, out, 0)


def _side(values: np.ndarray, table: pd.DataFrame, band: Fitted, margin: float) -> np.ndarray:
    at = slots(table)
    with np.errstate(invalid="ignore"):
        above, below = values > band.high[at] + margin, values < band.low[at] - margin
    return above.astype(int) - below.astype(int)


def reading(table: pd.DataFrame, query: Query, read: str, at: int) -> float:
    """The number somebody reads off a panel: ``today``, ``week`` or ``change``.

    The mean of the last day; of the last seven days; and that less the mean of the seven before.

    Args:
        at: the last step that is known.
    """
    values = smoothed(table, query)[: at + 1]
    if read == "today":
        return float(values[-DAY:].mean())
    week = float(values[-WEEK:].mean())
    return week if read == "week" else week - float(values[-2 * WEEK : -WEEK].mean())
