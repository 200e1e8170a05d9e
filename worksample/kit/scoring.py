"""Measures of what a candidate answered: proper rules, shares of points.

Arrays and numbers go in, numbers come out; what cannot be an answer was refused before. Losses are
in nats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1 where their logarithm is taken."""


def is_number(value: Any) -> bool:
    """A finite number that fits a float, and not a truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON knows integers of any length
        return False


def spherical_score(
    given: Mapping[str, float], truth: Mapping[str, float] | str, exponent: float = 3.0
) -> float:
    """How good a spread over exclusive outcomes is: 0 to 1, best in expectation when honest.

    The pseudo-spherical rule (I. J. Good, "Measuring information and uncertainty", 1971): for the
    outcome i it gives ``p_i^(a-1) / (sum p^a)^((a-1)/a)``. Where ``truth`` is itself a
    distribution q, the expectation under q is divided by its largest value, ``(sum q^a)^(1/a)``.

    Args:
        given: outcome -> weight; only the weights' ratios matter. Weights that are not finite
            or below 0 count as 0.
        truth: the outcome that happened, or outcome -> probability.
        exponent: a, above 1; larger rewards sharpness more.
    """
    weights = {key: value for key, value in given.items() if is_number(value) and value > 0}
    shares = {truth: 1.0} if isinstance(truth, str) else dict(truth)
    if not weights:
        return 0.0
    top = max(weights.values())  # so that no power of a huge weight overflows
    weights = {key: value / top for key, value in weights.items()}
    norm = sum(value**exponent for value in weights.values()) ** ((exponent - 1) / exponent)
    expected = sum(q * weights.get(key, 0.0) ** (exponent - 1) for key, q in shares.items()) / norm
    return expected / sum(q**exponent for q in shares.values()) ** (1 / exponent)


def log_loss(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Loss of each row, (n,): ``-log`` of the probability that was given to what is true.

    A strictly proper rule. Its mean is the log loss.

    Args:
        truth: what happened, 0 or 1, or the true probability of 1, for the expectation; (n,).
        probabilities: given to 1, (n,).
    """
    p = np.clip(probabilities, EDGE, 1 - EDGE)
    return -(truth * np.log(p) + (1 - truth) * np.log(1 - p))


def interval_score(low: float, high: float, actual: float, coverage: float) -> float:
    """Width plus 2/α times the miss; smallest in expectation for the honest central interval.

    Gneiting and Raftery, "Strictly proper scoring rules, prediction, and estimation", 2007,
    equation 43; α is 1 less ``coverage``.
    """
    miss = max(low - actual, 0.0, actual - high)
    return (high - low) + 2 / (1 - coverage) * miss


def calibration_error(probabilities: np.ndarray, truth: np.ndarray, bins: int = 10) -> float:
    """Root mean square difference of means over groups of equal size by predicted probability.

    Args:
        probabilities: given to 1, (n,).
        truth: what happened, or the true probability, (n,).
    """
    groups = np.array_split(np.argsort(probabilities, kind="stable"), bins)
    gaps = [probabilities[group].mean() - truth[group].mean() for group in groups]
    return float(np.sqrt(np.mean(np.square(gaps))))


def skill_score(value: float, baseline: float, best: float) -> float:
    """Share of the way from an idle baseline to the best possible: 0 at the one, 1 at the other.

    Below 0 is worse than the baseline. For losses and for gains alike (A. H. Murphy, "Skill scores
    based on the mean square error", 1988).
    """
    return (baseline - value) / (baseline - best)


def credit(value: float, nothing: float, full: float) -> float:
    """Share of the points, 0 to 1: none up to ``nothing``, all from ``full`` on, linear between.

    Either may be the larger one.
    """
    return min(1.0, max(0.0, skill_score(value, nothing, full)))


def beyond(value: float, idle: float, full: float = 1.0) -> float:
    """Share of the points, 0 to 1, that count from what an idle answer reaches; all from ``full``.

    Where idleness reaches all there is, nothing can be told apart, and ``full`` is full.
    """
    return float(value >= full) if idle >= full else credit(value, idle, full)


def precision_recall_f1(hits: float, given: float, true: float) -> tuple[float, float, float]:
    """Precision, recall and F1 from counts; 0 where there is nothing to divide by.

    Args:
        hits: how many are both given and true.
        given: how many were given.
        true: how many there are.
    """
    return _ratio(hits, given), _ratio(hits, true), _ratio(2 * hits, given + true)


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else 0.0
