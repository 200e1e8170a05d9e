"""Measures of predictions. Outcomes are 0 or 1, chances between 0 and 1."""

from math import log


def log_loss(outcomes, chances):
    """Mean negative log likelihood: the lower, the better."""
    pairs = zip(outcomes, (min(max(p, 1e-9), 1 - 1e-9) for p in chances), strict=True)
    return sum(-log(p if y else 1 - p) for y, p in pairs) / len(outcomes)


def brier(outcomes, chances):
    """Mean squared error of the chances: the lower, the better."""
    return sum((p - y) ** 2 for y, p in zip(outcomes, chances, strict=True)) / len(outcomes)


def skill(outcomes, chances):
    """1 less brier over that of the base rate: the higher, the better."""
    rate = sum(outcomes) / len(outcomes)
    return 1 - brier(outcomes, chances) / brier(outcomes, [rate] * len(outcomes))
