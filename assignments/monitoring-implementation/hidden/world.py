"""A world is drawn: who asks, what the model makes of it, and how large the hidden faults are."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..toolkit.traffic import Condition, World

KINDS = ("amount", "terms", "channel")


def drawn(rng: np.random.Generator) -> dict[str, Any]:
    """What candidates may know of a world: `world.json`. Nothing of the hidden faults is in it."""
    channels = ("mail", "phone", "portal", "web")
    shares = np.sort(rng.dirichlet([4, 4, 4, 4]))[::-1]
    terms = np.sort(rng.dirichlet([6, 5, 3]))[::-1]
    mu, spread = float(rng.uniform(4.5, 6.0)), float(rng.uniform(0.6, 0.9))
    orders = float(rng.uniform(3, 6))
    weights = {
        "log_amount": float(rng.uniform(0.9, 1.4)),
        "terms_days": float(rng.uniform(0.015, 0.03)),
        "orders_before": -float(rng.uniform(0.1, 0.2)),
        "channels": {name: round(float(rng.normal(0, 0.5)), 3) for name in channels},
        "orders_if_missing": round(orders),
    }
    weights["intercept"] = -(
        weights["log_amount"] * mu + weights["terms_days"] * 30 + weights["orders_before"] * orders
    )
    return {
        "model": {k: round(v, 4) if isinstance(v, float) else v for k, v in weights.items()},
        "amount": [round(mu, 3), round(spread, 3)],
        "terms": {
            t: round(float(s), 4) for t, s in zip(("14", "30", "60"), _rounded(terms), strict=True)
        },
        "channels": dict(zip(channels, _rounded(shares), strict=True)),
        "orders": round(orders, 2),
        "mature": int(rng.integers(8, 16)),
        "right": round(float(rng.uniform(0.88, 0.92)), 3),
        "drift": {},
    }


def _rounded(shares: np.ndarray) -> list[float]:
    """Shares of four decimals whose sum is 1."""
    made = [round(float(each), 4) for each in shares]
    return [round(1 - sum(made[1:]), 4), *made[1:]]


def drift(kind: str, spread: float, rng: np.random.Generator) -> dict[str, float]:
    """What moves when the world drifts: the mean of log amounts, or shares towards the rarest.

    Args:
        spread: of log amounts.
    """
    size = {
        "amount": spread * rng.uniform(1.35, 1.6),
        "terms": rng.uniform(0.6, 0.7),
        "channel": rng.uniform(0.6, 0.7),
    }
    return {kind: round(float(size[kind]), 3)}


def sizes(rng: np.random.Generator, least: dict[str, float], level: str) -> dict[str, float]:
    """Of the faults, above the least that the requirements name; a campaign's shift is harmless.

    At senior level they are nearer to it.
    """
    near = 0.6 if level == "senior" else 1.0
    return {
        "errors": round(least["fail"] + near * float(rng.uniform(0.09, 0.16)), 3),
        "slow": round(least["slow_share"] + near * float(rng.uniform(0.15, 0.25)), 3),
        "missing": round(least["missing"] + near * float(rng.uniform(0.15, 0.3)), 3),
        "quality": round(float(rng.uniform(0.28, 0.36)), 3),
        "campaign": 0.4,
    }


def reference(world: dict[str, Any], seed: int) -> dict[str, Any]:
    """`reference.json`: shares between edges and of values, among twenty thousand of training."""
    rng = np.random.default_rng(seed)
    mu, spread = world["amount"]
    amounts = np.exp(rng.normal(mu, spread, 20_000))
    edges = np.round(np.quantile(amounts, [0.2, 0.4, 0.6, 0.8]), 2)
    counts = np.bincount(np.digitize(amounts, edges), minlength=5)
    orders = rng.poisson(world["orders"], 20_000)
    cuts = [2, 4, 6]
    few = np.bincount(np.digitize(orders, cuts), minlength=4)
    return {
        "amount": {"edges": edges.tolist(), "shares": np.round(counts / 20_000, 4).tolist()},
        "orders_before": {"edges": cuts, "shares": np.round(few / 20_000, 4).tolist()},
        "terms_days": {"values": dict(world["terms"])},
        "channel": {"values": dict(world["channels"])},
    }


def last_month(world: dict[str, Any], seed: int) -> str:
    """`labels.jsonl`: the feed of forty blocks in which all was as usual."""
    month = World(world, seed)
    for _ in range(40):
        month.block(Condition())
        month.labels()
    return month.labels().decode()


__all__ = ["KINDS", "World", "drawn", "drift", "last_month", "reference", "sizes"]
