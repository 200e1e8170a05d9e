"""What 1 means: the best design that a search finds for the drawn tomorrow, and its budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from worksample.kit.design.search import search
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import Facts, plant
from worksample.workbook.design.simulator import simulate
from worksample.workbook.design.worlds import World

from ..toolkit.evening import PEAK
from .firm import DATA, Firm
from .tomorrow import Tomorrow, of_zones

ROUNDS, WIDTH = 2, 24


@dataclass(frozen=True)
class Reference:
    """The best that was found.

    Attributes:
        design: as plain data.
        losses: of it, by scenario.
        budget: money an hour.
        looked_at: how many designs.
    """

    design: dict[str, Any]
    losses: dict[str, float]
    budget: float
    looked_at: int


def losses(designs: Sequence[Design], worlds: Sequence[World], facts: Facts) -> np.ndarray:
    """Money an hour that each design loses in each world, (designs, worlds)."""
    numbers = plant(designs, facts).rows(np.repeat(np.arange(len(designs)), len(worlds)))
    course = simulate(numbers, list(worlds) * len(designs), facts)
    return np.asarray(course.loss(facts).reshape(len(designs), len(worlds)))


def find(
    firm: Firm, tomorrow: Tomorrow, worlds: dict[str, World], rng: np.random.Generator
) -> tuple[Facts, Reference]:
    """The facts with their budget, and the reference within it."""
    begin = [firm.facts.checked(each).design for each in starts(firm, tomorrow)]
    designs = [each for each in begin if each is not None]
    every = list(worlds.values())
    first = losses(designs, every, firm.facts)
    best = designs[int(first.mean(axis=1).argmin())]
    course = simulate(plant([best], firm.facts), [worlds["growth"]], firm.facts)
    budget = round(DATA["budget"]["times"] * float(course.hourly(course.cost)[0]), 1)
    data = {**firm.facts.data, "budget": {"hour": budget, "above": DATA["budget"]["above"]}}
    facts = Facts(data)

    def judge(tried: Sequence[Design]) -> np.ndarray:
        return np.asarray(losses(tried, every, facts).mean(axis=1))

    found = search(designs, judge, facts, rng, ROUNDS, WIDTH)
    told = judged([found.design], worlds, of_zones(firm, tomorrow), facts)
    best = {name: float(loss[0]) for name, loss in told.items()}
    return facts, Reference(found.design.plain(), best, budget, found.looked_at)


def judged(
    designs: Sequence[Design], worlds: dict[str, World], zones: Sequence[World], facts: Facts
) -> dict[str, np.ndarray]:
    """Scenario -> money an hour that each design loses, (n,); of the zones whichever is worst."""
    told = losses(designs, [*worlds.values(), *zones], facts)
    found = dict(zip(worlds, told.T, strict=False))
    return found | {"zone": told[:, len(worlds) :].max(axis=1)}


# -- where the search begins -------------------------------------------------------------------


def starts(firm: Firm, tomorrow: Tomorrow) -> list[dict[str, Any]]:
    """Designs of several kinds by rules of thumb: the search has something of each to change."""
    rate = firm.day[PEAK] * tomorrow.forecast[1]
    made = []
    for spare in (1.6, 2.2):
        for cached in (False, True):
            for simple in (False, True):
                made += [
                    parts(firm.facts, rate, "standard", spare, cached, simple),
                    parts(firm.facts, rate, "accelerator", spare, cached, simple),
                ]
    return made


def parts(
    facts: Facts, rate: np.ndarray, machine: str, spare: float, cached: bool, simple: bool
) -> dict[str, Any]:
    """A design for so many requests a second of each class, with so much to spare."""
    data = facts.data
    kinds = list(data["classes"])
    hit = data["cache"]["hits"]["item"]["single"] * 0.75 if cached else 0.0
    asked = rate * np.array([1 - hit, 1.0])
    lookups = asked @ np.array([data["classes"][c]["lookups"] for c in kinds])
    sort = data["machines"][machine]
    batch = 4 if machine == "accelerator" else 1
    seconds = np.array([sort["setup_ms"] / batch + sort["each_ms"][c] + 5 for c in kinds]) / 1000
    pools: dict[str, Any] = {}
    for place, name in enumerate(kinds):
        machines = max(2, ceil(asked[place] * seconds[place] * spare / sort["workers"]))
        scaled = machine == "standard"
        pools[f"{name}s"] = {
            "kind": "pool",
            "machine": machine,
            "serves": [name],
            "zones": list(facts.zones),
            "scale": "daily" if scaled else "fixed",
            "least": ceil(machines * 0.5) if scaled else machines,
            "most": machines if scaled else 0,
            "batch": batch if name == "single" else 1,
            "batch_wait_ms": 0,
            "queue": ceil(asked[place] * data["classes"][name]["slo_ms"] / 2000),
            "to": ["features"],
        }
    entry = ["answers", *list(pools)[1:]] if cached else list(pools)
    slow = max(c["slo_ms"] for c in data["classes"].values())
    made: dict[str, Any] = {
        "front": {
            "kind": "gateway", "connections": ceil(rate @ (seconds * 6)) + 50, "timeout_ms": slow,
            "retries": 1, "retry_budget": 0.1, "overload": "simple" if simple else "reject",
            "to": entry + (["popular"] if simple else []),
        },
        **pools,
        "features": {
            "kind": "store", "nodes": ceil(1.6 * lookups / data["store"]["lookups_s"]),
            "zones": list(facts.zones), "timeout_ms": 40, "on_timeout": "defaults",
        },
        "versions": {"kind": "release", "first": 0.05, "watch_min": 30, "stop_above": 0.05},
    }  # fmt: skip
    if cached:
        oldest = data["cache"]["oldest_s"]
        made["answers"] = {"kind": "cache", "key": "item", "keep_s": oldest, "to": ["singles"]}
    if simple:
        made["popular"] = {"kind": "simple"}
    return {"components": made}
