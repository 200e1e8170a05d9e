"""Senior level: histories on which a retraining policy is run, one week at a time.

One retraining is paid for per history, so what a policy sees before it does not depend on it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from worksample.kit.scoring import credit

WEEKS = 20


def history(rng: np.random.Generator, kind: str) -> dict[str, Any]:
    """Weekly true damage (share of a bad week) unattended, and what is measured of it."""
    weeks = np.arange(WEEKS)
    start = int(rng.integers(4, 12))
    damage = np.zeros(WEEKS)
    if kind == "step":
        damage[start:] = rng.uniform(0.35, 0.6)
    if kind == "slope":
        damage[start:] = np.minimum(0.7, 0.07 * (weeks[start:] - start + 1))
    if kind == "storm":  # two bad weeks that pass: retraining is wasted
        damage[start : start + 2] = rng.uniform(0.3, 0.5)
    measured = damage + rng.normal(0, 0.08, WEEKS)
    return {
        "kind": kind,
        "damage": damage.round(3).tolist(),
        "measured": measured.round(3).tolist(),
    }


def drawn(count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """``count`` histories: steps, slopes, storms and calm ones in turn, shuffled."""
    kinds = ("step", "slope", "storm", "calm")
    found = [history(rng, kinds[i % 4]) for i in range(count)]
    return [found[i] for i in rng.permutation(count)]


def cost(damage: list[float], week: int | None, costs: dict[str, float]) -> float:
    """Cost of one history when the model is retrained at the end of ``week`` (None: never).

    The new model fits the world of that week: later weeks cost by how far they are from it. So
    a retraining before anything has changed mends nothing, and one on a storm does harm.
    """
    if week is None:
        return costs["bad_week"] * sum(damage)
    after = sum(abs(later - damage[week]) for later in damage[week + 1 :])
    return costs["bad_week"] * (sum(damage[: week + 1]) + after) + costs["retraining"]


def share(
    weeks: list[int | None], histories: list[dict[str, Any]], costs: dict[str, float]
) -> float:
    """Share of the way from the better of never and at once to the oracle, 0 to 1."""

    def total(choice: list[int | None]) -> float:
        return sum(cost(h["damage"], w, costs) for h, w in zip(histories, choice, strict=True))

    constant = min(total([None] * len(histories)), total([0] * len(histories)))
    oracle = sum(min(cost(h["damage"], w, costs) for w in (None, *range(WEEKS))) for h in histories)
    return float(credit(total(weeks), constant, oracle))
