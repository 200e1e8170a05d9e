"""Facts and designs that are small enough to reckon with by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import Facts
from worksample.workbook.design.worlds import World, plain_world

DATA: dict[str, Any] = {
    "order": ["quick", "heavy"],
    "classes": {
        "quick": {"slo_ms": 400, "value": 0.001, "lookups": 1},
        "heavy": {"slo_ms": 4000, "value": 0.01, "lookups": 10},
    },
    "noise": 0.1,
    "zones": ["a", "b"],
    "machines": {
        "plain": {
            "workers": 4, "setup_ms": 4, "each_ms": {"quick": 60, "heavy": 1500}, "price": 0.5,
            "start_min": 4, "quota": 100,
        },
        "fast": {
            "workers": 1, "setup_ms": 30, "each_ms": {"quick": 6, "heavy": 120}, "price": 1.5,
            "start_min": 8,
        },
    },
    "gateway": {"price": 0.2, "per_100": 0.05, "overhead_ms": 2, "slips": 0.01},
    "cache": {
        "price": 1.0, "half_s": 20, "oldest_s": 300,
        "hits": {"item": {"quick": 0.5}, "user": {"quick": 0.05}},
    },
    "store": {"price": 0.3, "lookups_s": 200, "base_ms": 5, "worth_defaults": 0.9},
    "simple": {"price": 0.2, "worth": 0.3},
    "standby": {"per_copy": 0.1, "modes": {"none": {"price": 0}, "warm": {"price": 1}}},
    "release": {"by_hand_min": 45, "errors": 0.01, "held_up": 30, "late_min": 30},
    "budget": {"hour": 20, "above": 3},
}  # fmt: skip
FACTS = Facts(DATA)
PARTS: dict[str, dict[str, Any]] = {
    "front": {
        "kind": "gateway", "connections": 5000, "timeout_ms": 4000, "retries": 1,
        "retry_budget": 0.2, "to": ["models"],
    },
    "models": {
        "kind": "pool", "machine": "plain", "serves": ["quick", "heavy"], "zones": ["a", "b"],
        "least": 4, "queue": 100, "to": ["features"],
    },
    "features": {"kind": "store", "nodes": 4, "zones": ["a", "b"]},
}  # fmt: skip


def design(**changes: dict[str, Any] | None) -> Design:
    """The plain design with other settings; None takes a component away."""
    parts = deepcopy(PARTS)
    for name, settings in changes.items():
        if settings is None:
            del parts[name]
        else:
            parts[name] = {**parts.get(name, {}), **settings}
    read = FACTS.checked({"components": parts})
    assert read.design is not None, read.complaint
    return read.design


def steady(quick: float, heavy: float = 0.0, minutes: int = 30) -> World:
    """So many requests a second of each class."""
    return plain_world(np.tile([quick, heavy], (minutes, 1)).astype(float), 2)
