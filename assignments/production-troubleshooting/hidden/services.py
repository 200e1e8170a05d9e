"""Services of other sizes, for the lasting fix: the same rules have to hold for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

COUNT = 5
KEYS = ("replicas", "capacity", "patience", "slots", "usual", "look_ups", "hits", "lot")


def drawn(rng: np.random.Generator, count: int = COUNT) -> list[dict[str, Any]]:
    """Services: their numbers, and the seed of what comes to them.

    Some are bound by their replicas and some by the feature service; none can take its burst.
    """
    found = []
    order = rng.permutation(count)
    for place in range(count):
        usual = float(np.round(10 ** rng.uniform(2.3, 3.9)))
        hits = float(rng.choice([0.6, 0.7, 0.8, 0.9]))
        room, narrow = rng.uniform(1.1, 2.4), order[place] % 2 == 0
        replicas = 3
        capacity = usual * (room * (2.0 if narrow else 1)) / replicas
        look_ups = usual * (1 - hits) * (room if narrow else 1.8 * room)
        patience = float(np.round(rng.uniform(0.5, 2.0), 1))
        found.append(
            {
                "replicas": replicas,
                "capacity": round(capacity),
                "patience": patience,
                "slots": round(capacity * rng.uniform(3, 6)),
                "usual": round(usual),
                "look_ups": round(look_ups),
                "hits": hits,
                "lot": max(1, round(capacity * patience * rng.uniform(0.01, 0.025))),
                "burst": float(np.round(room * rng.uniform(1.3, 1.7), 2)),
                "seed": int(rng.integers(1 << 30)),
            }
        )
    return found


def asked(service: Mapping[str, Any]) -> dict[str, Any]:
    """What the candidate's function gets to see of one."""
    return {name: service[name] for name in KEYS}
