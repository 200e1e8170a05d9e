"""Senior level: histories on which a retraining policy is run, one week at a time.

One retraining is paid for per history, so what a policy sees before it does not depend on it. How
long storms last is drawn for the case, and only its practice histories tell: a policy has to wait
for longer than that, and each week of waiting costs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from worksample.kit.scoring import credit

WEEKS = 20
KINDS = ("step", "slope", "storm", "calm", "step", "slope", "storm", "storm")
STORMS = (3, 4)  # weeks that the storms of a case last
PATIENCE = range(1, 7)  # bad weeks in a row that a simple policy waits for
BAD = (0.15, 0.2, 0.25)  # from which measured share on it calls a week bad


def history(rng: np.random.Generator, kind: str, storm: int) -> dict[str, Any]:
    """Weekly true damage (share of a bad week) unattended, and what is measured of it."""
    weeks = np.arange(WEEKS)
    start = int(rng.integers(4, 12))
    damage = np.zeros(WEEKS)
    if kind == "step":
        damage[start:] = rng.uniform(0.35, 0.6)
    if kind == "slope":
        damage[start:] = np.minimum(0.7, 0.07 * (weeks[start:] - start + 1))
    if kind == "storm":  # bad weeks that pass: retraining is wasted
        damage[start : start + storm] = rng.uniform(0.3, 0.5)
    measured = damage + rng.normal(0, 0.08, WEEKS)
    return {
        "kind": kind,
        "damage": damage.round(3).tolist(),
        "measured": measured.round(3).tolist(),
    }


def drawn(count: int, storm: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """``count`` histories, of :data:`KINDS` in turn, shuffled.

    Args:
        count: how many.
        storm: weeks that a storm lasts.
        rng: where they are drawn from.
    """
    found = [history(rng, KINDS[i % len(KINDS)], storm) for i in range(count)]
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


def waiting(measured: list[float], weeks: int, bad: float) -> int | None:
    """Week in which a simple policy retrains: after so many bad weeks in a row."""
    over = np.array(measured) > bad
    return next((w for w in range(weeks - 1, WEEKS) if over[w - weeks + 1 : w + 1].all()), None)


def simple(histories: list[dict[str, Any]], costs: dict[str, float]) -> float:
    """Share that the best simple policy reaches on these histories, 0 to 1."""
    return max(
        share([waiting(h["measured"], weeks, bad) for h in histories], histories, costs)
        for weeks in PATIENCE
        for bad in BAD
    )
