"""Runs a service with guard rails through a burst; the graders run the same on other services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from worksample.workbook.twin import Action, Future, Plant, Version, advance, is_number, start_state

MINUTES, BURST = 40, (6, 20)
LOST, AWAY = (8, 12), 9
PRICES = {"failed": 1.0, "shed": 0.9}
VERSIONS = {
    name: (Version("1", -1),)
    for name in ("gateway", "cache", "workers", "nightly-job", "a", "b", "c")
}
NEEDED = ("queue", "limit", "retries")


def rails_problem(rails: Any, service: Mapping[str, Any]) -> str:
    """What is wrong with guard rails, as a sentence; empty if nothing is."""
    if not isinstance(rails, Mapping) or not set(NEEDED) <= set(rails):
        return "guard_rails returns a dictionary with queue, limit and retries"
    for name in NEEDED:
        value = rails[name]
        if not is_number(value):
            return f"{name} is a plain number"
        if value < 0:
            return f"{name} is not below 0"
    if rails["queue"] > service["slots"]:
        return "queue is more than there are slots"
    return ""


def cost(service: Mapping[str, Any], rails: Mapping[str, float], burst: float, seed: int) -> float:
    """Harm per request of a burst and a lost replica: 1 a failed request, 0.9 a refused one."""
    plant = Plant(
        ("a", "b", "c"),
        service["usual"],
        service["capacity"],
        service["patience"],
        float(rails["queue"]),
        service["look_ups"],
        service["hits"],
        prices=PRICES,
        versions=VERSIONS,
        retry_budget=min(float(rails["retries"]), 5.0),
        lot=service["lot"],
    )
    rng = np.random.default_rng(seed)
    at = np.arange(MINUTES)
    raised = np.where((at >= BURST[0]) & (at < BURST[1]), burst, 1.0)
    arrivals = service["usual"] * raised * rng.normal(1, 0.03, MINUTES)
    lost, place = int(rng.integers(*LOST)), "abc"[int(rng.integers(3))]
    plan = (
        Action(0, "limit", "gateway", float(rails["limit"])),
        Action(lost, "drain", place),
        Action(lost + AWAY, "undrain", place),
    )
    future = Future(arrivals)
    record = advance(plant, (), start_state(plant, 0), 0, [future], (plan,))
    return float(record.totals["harm"].sum() / record.totals["arrivals"].sum())
