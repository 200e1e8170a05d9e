"""Metrics of logged rows with bootstrap intervals, all resamples of one group at once.

Every metric but the area under the ROC curve is a ratio of two sums over rows, so resampling is
one matrix product; the area is a sum over sorted rows, ties counted half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

RESAMPLES = 200
NEEDLESS, MISSED = 1.0, 3.0  # what a needless flag and a missed late flight cost
EDGE = 1e-6  # scores are kept this far from 0 and 1 in the log loss

Terms = tuple[np.ndarray, np.ndarray]  # per row: what is added above and below the line


@dataclass(frozen=True)
class Metric:
    """A metric: its name in code, its title, whether it needs the outcome, its two terms."""

    name: str
    title: str
    labelled: bool
    terms: Callable[[pd.DataFrame], Terms] | None  # None: the area under the ROC curve


def _ones(rows: pd.DataFrame) -> np.ndarray:
    return np.ones(len(rows))


def _log_loss(rows: pd.DataFrame) -> Terms:
    score = rows["score"].to_numpy(float).clip(EDGE, 1 - EDGE)
    late = rows["late"].to_numpy(float)
    return -(late * np.log(score) + (1 - late) * np.log(1 - score)), _ones(rows)


def _mean(column: str) -> Callable[[pd.DataFrame], Terms]:
    return lambda rows: (rows[column].to_numpy(float), _ones(rows))


def _calibration(rows: pd.DataFrame) -> Terms:
    return (rows["score"] - rows["late"]).to_numpy(float), _ones(rows)


def _precision(rows: pd.DataFrame) -> Terms:
    return (rows["flagged"] * rows["late"]).to_numpy(float), rows["flagged"].to_numpy(float)


def _recall(rows: pd.DataFrame) -> Terms:
    return (rows["flagged"] * rows["late"]).to_numpy(float), rows["late"].to_numpy(float)


def _cost(rows: pd.DataFrame) -> Terms:
    flagged, late = rows["flagged"].to_numpy(float), rows["late"].to_numpy(float)
    return flagged * (1 - late) * NEEDLESS + (1 - flagged) * late * MISSED, _ones(rows)


def _reported(rows: pd.DataFrame) -> Terms:
    return rows["label_age_days"].notna().to_numpy(float), _ones(rows)


METRICS = {
    metric.name: metric
    for metric in (
        Metric("auc", "AUC (ranking)", True, None),
        Metric("log_loss", "log loss", True, _log_loss),
        Metric("calibration", "mean score − share late (calibration)", True, _calibration),
        Metric("precision", "precision of flags (decisions)", True, _precision),
        Metric("recall", "recall of flags (decisions)", True, _recall),
        Metric("cost", "cost of decisions per row", True, _cost),
        Metric("late_rate", "share late", True, _mean("late")),
        Metric("flag_rate", "share flagged", False, _mean("flagged")),
        Metric("mean_score", "mean score", False, _mean("score")),
        Metric("latency", "mean latency, ms", False, _mean("latency_ms")),
        Metric("reported", "share whose outcome is reported", False, _reported),
        Metric("rows", "rows", False, lambda r: (_ones(r), _ones(r))),
    )
}  # fmt: skip


def one_of(what: str, name: str, known: Iterable[str]) -> str:
    """``name``, if it is one of those.

    Raises:
        ValueError: it is not; the message has all there are.
    """
    if name in (there := list(known)):
        return name
    raise ValueError(f"there is no {what} {name!r}; there are: {', '.join(map(str, there))}")


def estimate(rows: pd.DataFrame, metric: str, resamples: int = RESAMPLES) -> tuple[float, ...]:
    """Value, lower and upper end of the 90 % bootstrap interval; NaN where there is none.

    Args:
        rows: logged predictions; those without an outcome are left out where one is needed.
        metric: a key of :data:`METRICS`.
        resamples: bootstrap resamples; the same rows always give the same interval.

    Raises:
        ValueError: no such metric; the message has all there are.
    """
    chosen = METRICS[one_of("metric", metric, METRICS)]
    if metric == "rows":
        return float(len(rows)), np.nan, np.nan
    if chosen.labelled:
        rows = rows[rows["late"].notna()]
    if not len(rows):
        return np.nan, np.nan, np.nan
    weights = _weights(len(rows), resamples)
    values = _area(rows, weights) if chosen.terms is None else _ratio(chosen.terms(rows), weights)
    found = values[1:][np.isfinite(values[1:])]
    low, high = np.quantile(found, [0.05, 0.95]) if len(found) else (np.nan, np.nan)
    return float(values[0]), float(low), float(high)


def value_of(rows: pd.DataFrame, metric: str) -> float:
    """The value without its interval, which takes a hundred times as long."""
    return estimate(rows, metric, resamples=0)[0]


def _weights(rows: int, resamples: int) -> np.ndarray:
    """How often each row is drawn, one line a resample; the first line is the rows themselves."""
    drawn = np.random.default_rng(rows).poisson(1, (resamples, rows))
    return np.vstack([np.ones(rows), drawn])


def _ratio(terms: Terms, weights: np.ndarray) -> np.ndarray:
    above, below = weights @ terms[0], weights @ terms[1]
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below != 0)


def _area(rows: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve, shape (resamples + 1,): P(late above punctual) + ½ P(tie)."""
    score, late = rows["score"].to_numpy(float), rows["late"].to_numpy(float)
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) != 0])
    positive = np.add.reduceat((weights * late)[:, order], starts, axis=1)
    negative = np.add.reduceat((weights * (1 - late))[:, order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    wins = (positive * (below + negative / 2)).sum(axis=1)
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return np.divide(wins, pairs, out=np.full(len(wins), np.nan), where=pairs != 0)
