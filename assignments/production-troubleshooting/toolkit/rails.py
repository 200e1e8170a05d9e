"""Tries guard rails on two example services, through a burst and the loss of a replica."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from .trial import cost, rails_problem

EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "replicas": 3,
        "capacity": 500,
        "patience": 1.0,
        "slots": 2000,
        "usual": 1000,
        "look_ups": 700,
        "hits": 0.8,
        "lot": 15,
    },
    {
        "replicas": 3,
        "capacity": 90,
        "patience": 1.5,
        "slots": 400,
        "usual": 130,
        "look_ups": 68,
        "hits": 0.6,
        "lot": 4,
    },
)
BURST = 2.2


def example_services() -> pd.DataFrame:
    """Two services, as `guard_rails` gets them; the hidden ones are of other sizes."""
    return pd.DataFrame(EXAMPLES)


def try_guard_rails(guard_rails: Callable[[dict[str, Any]], Mapping[str, float]]) -> pd.DataFrame:
    """What the function returns for the examples, and the harm per request with and without it.

    Harm per request: 1 for one that fails, 0.9 for one that is refused at the door.
    """
    rows = []
    for service in EXAMPLES:
        without = {"queue": service["slots"], "limit": 1e9, "retries": 2.5}
        rails = guard_rails(dict(service))
        problem = rails_problem(rails, service)
        rows.append(
            {
                "usual": service["usual"],
                **({"problem": problem} if problem else dict(rails)),
                "harm without": round(cost(service, without, BURST, 1), 3),
                "harm with": None if problem else round(cost(service, rails, BURST, 1), 3),
            }
        )
    return pd.DataFrame(rows)
