"""Designs that serve a model: their catalogue, and a design as the numbers that are simulated.

What things cost, hold and take is data (:class:`Facts`): an author edits a file, not this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from worksample.workbook.design.catalogue import Catalogue, Kind, Setting
from worksample.workbook.design.reading import Component, Design, Problem, Read, checked, read

SCALING = ("fixed", "cpu", "demand", "daily")
MOST_START = 15  # minutes that a machine may take to start, at most
Shapes = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """What is known about load, machines and prices: a document of plain data.

    Keys: ``order`` (the classes of requests), ``classes`` (each one's ``slo_ms``, ``value``,
    ``lookups``), ``noise``, ``machines`` (``workers``, ``setup_ms``, ``each_ms`` per class,
    ``price``, ``start_min``, ``quota`` per zone), ``zones``, ``gateway``, ``cache``, ``store``,
    ``simple``, ``standby``, ``release`` and ``budget``. Prices are in money per hour.
    """

    data: Shapes

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes of requests, in the order of every array's last axis."""
        return tuple(self.data["order"])

    @property
    def zones(self) -> tuple[str, ...]:
        """Zones of the region."""
        return tuple(self.data["zones"])

    def per_class(self, key: str) -> np.ndarray:
        """One number of each class, (C,)."""
        classes = self.data["classes"]
        return np.array([float(classes[name][key]) for name in self.classes])

    @cached_property
    def catalogue(self) -> Catalogue:
        """The kinds of components that a design may consist of."""
        return Catalogue(_kinds(self))

    def read(self, text: Any) -> Read:
        """A design from YAML that can be simulated, or its mistakes."""
        return _ruled(read(text, self.catalogue), self)

    def checked(self, data: Any) -> Read:
        """The same from plain data."""
        return _ruled(checked(data, self.catalogue), self)


def _kinds(facts: Facts) -> dict[str, Kind]:
    data = facts.data
    keys, modes = tuple(data["cache"]["hits"]), tuple(data["standby"]["modes"])
    zones = Setting("where it runs; evenly over them", None, choices=facts.zones, several=True)
    return {
        "gateway": Kind(
            "Gateway", "takes every request, waits for the answer, repeats what failed", 0,
            {
                "connections": Setting("requests in flight at most", None, 2, 50_000, True),
                "timeout_ms": Setting("gives a request up", None, 10, 60_000, unit="ms"),
                "retries": Setting("how often a failed one is repeated", 0, 0, 3, True),
                "retry_budget": Setting("repeats per new request, at most; 3: no limit", 3.0, 0, 3),
                "overload": Setting(
                    "what is refused is an error, or gets the simple answer", "reject",
                    choices=("reject", "simple"),
                ),
            },
            asked="requests", to=("cache", "pool", "simple"), least=1,
        ),
        "cache": Kind(
            "Cache", "answers again what it has answered before", 1,
            {
                "key": Setting("what answers are kept by", None, choices=keys),
                "keep_s": Setting("how long an answer is kept", 60, 1, 86_400, unit="s"),
            },
            asked="asks first", to=("pool",),
        ),
        "pool": Kind(
            "Model servers", "machines of one sort with one queue before them", 2,
            {
                "machine": Setting("its sort", None, choices=tuple(data["machines"])),
                "serves": Setting("classes of requests", None, choices=facts.classes, several=True),
                "zones": zones,
                "scale": Setting("how their number follows the load", "fixed", choices=SCALING),
                "least": Setting("machines at least; all of them if fixed", None, 1, 400, True),
                "most": Setting("machines at most", 0, 0, 400, True),
                "target": Setting("load that scaling aims at", 0.6, 0.05, 0.95),
                "batch": Setting("requests that are worked out together", 1, 1, 64, True),
                "batch_wait_ms": Setting("the first one waits for others", 0, 0, 2_000, unit="ms"),
                "queue": Setting("requests that may wait in the pool", 1_000, 0, 1_000_000, True),
            },
            asked="requests", to=("store",), least=1, most=4,
        ),
        "store": Kind(
            "Feature store", "looks up what the model needs to know", 3,
            {
                "nodes": Setting("how many", None, 1, 100, True),
                "zones": zones,
                "timeout_ms": Setting("gives a look-up up", 60_000, 1, 60_000, unit="ms"),
                "on_timeout": Setting(
                    "then the request fails, or goes on with defaults", "fail",
                    choices=("fail", "defaults"),
                ),
            },
            asked="look-ups", least=1,
        ),
        "simple": Kind(
            "Simple answer", "an answer made ahead, alike for all", 2, asked="what is refused"
        ),
        "release": Kind(
            "Release", "how a new version comes in", 4,
            {
                "first": Setting("share of requests that it gets first", 1.0, 0.005, 1),
                "watch_min": Setting("for how long", 0, 0, 240, unit="min"),
                "stop_above": Setting("share of errors that ends it; 1: never", 1.0, 0.0, 1),
            },
        ),
        "standby": Kind(
            "Other region", "what is left if the whole region is gone", 4,
            {
                "mode": Setting("what stands there", None, choices=modes),
                "copy_every_min": Setting("between two copies", 60, 1, 10_080, unit="min"),
            },
        ),
    }  # fmt: skip


def _ruled(found: Read, facts: Facts) -> Read:
    """What a catalogue cannot say: every class is served, every pool is reached, quotas hold."""
    if found.design is None:
        return found
    problems = [Problem(each) for each in _broken(found.design, facts)]
    return Read(None, tuple(problems)) if problems else found


def _broken(design: Design, facts: Facts) -> list[str]:
    gateway = design.of("gateway")[0]
    reached = design.reached(gateway.id)
    wrong = []
    for name in facts.classes:
        if not any(name in pool.settings["serves"] for pool in served(design)):
            wrong.append(f"nothing serves {name}: join the gateway to a pool that does")
    for each in design.components.values():
        if each.kind in ("cache", "pool", "store", "simple") and each.id not in reached:
            wrong.append(f"{each.id}: nothing leads there from the gateway")
        if each.kind == "pool":
            wrong += _broken_pool(each, design, facts)
    simple = design.one("simple")
    if gateway.settings["overload"] == "simple" and (simple is None or simple.id not in gateway.to):
        wrong.append(
            f"{gateway.id}: `overload: simple` needs a component of that kind, joined to it"
        )
    return wrong


def _broken_pool(pool: Component, design: Design, facts: Facts) -> list[str]:
    wrong, given = [], pool.settings
    if not pool.to:
        wrong.append(f"{pool.id}: the model looks things up: join it to a store")
    if given["scale"] != "fixed" and given["most"] < given["least"]:
        wrong.append(f"{pool.id}: `most` is less than `least`")
    quota = facts.data["machines"][given["machine"]].get("quota")
    if quota and largest(pool) > quota * len(given["zones"]):
        what = f"{quota} of {given['machine']} are to be had in a zone"
        wrong.append(f"{pool.id}: {largest(pool)} machines in {len(given['zones'])} zones; {what}")
    return wrong


def largest(pool: Component) -> int:
    """The most machines that a pool may come to."""
    given = pool.settings
    return int(given["least"] if given["scale"] == "fixed" else given["most"])


def served(design: Design) -> list[Component]:
    """The pools that requests reach."""
    reached = design.reached(design.of("gateway")[0].id)
    return [pool for pool in design.of("pool") if pool.id in reached]


# -- a design as numbers -----------------------------------------------------------------------


@dataclass(frozen=True)
class Plant:
    """Designs as arrays: B of them, up to P pools, C classes, Z zones. Times in seconds.

    Of a pool that a design does not have, ``serves`` is False everywhere.
    """

    connections: np.ndarray  # (B,)
    timeout: np.ndarray  # (B,)
    retries: np.ndarray  # (B,)
    retry_budget: np.ndarray  # (B,)
    simple: np.ndarray  # (B,) bool: refused requests get the simple answer
    hits: np.ndarray  # (B, C) share that the cache answers
    serves: np.ndarray  # (B, P, C) bool
    workers: np.ndarray  # (B, P) a machine
    setup: np.ndarray  # (B, P) of a batch
    each: np.ndarray  # (B, P, C) of a request
    batch: np.ndarray  # (B, P)
    batch_wait: np.ndarray  # (B, P)
    queue: np.ndarray  # (B, P)
    least: np.ndarray  # (B, P)
    most: np.ndarray  # (B, P)
    target: np.ndarray  # (B, P)
    scale: np.ndarray  # (B, P) place in SCALING
    start: np.ndarray  # (B, P) whole minutes until a machine works
    zones: np.ndarray  # (B, P, Z) share of the pool in each
    price: np.ndarray  # (B, P) a machine's hour
    nodes: np.ndarray  # (B,)
    store_zones: np.ndarray  # (B, Z)
    store_timeout: np.ndarray  # (B,)
    defaults: np.ndarray  # (B,) bool
    base: np.ndarray  # (B,) money an hour of what does not scale
    release: np.ndarray  # (B, 3) first share, minutes, share of errors

    def __len__(self) -> int:
        return len(self.connections)

    def rows(self, places: np.ndarray) -> Plant:
        """The designs at these places, which may be repeated."""
        return Plant(**{name: value[places] for name, value in vars(self).items()})


def plant(designs: Sequence[Design], facts: Facts) -> Plant:
    """Designs as numbers, in the order given."""
    pools = max(len(served(design)) for design in designs)
    made = [_numbers(design, facts, pools) for design in designs]
    return Plant(**{name: np.array([each[name] for each in made]) for name in made[0]})


def _numbers(design: Design, facts: Facts, pools: int) -> dict[str, Any]:
    gateway = design.of("gateway")[0].settings
    release = design.one("release")
    given = release.settings if release else {"first": 1.0, "watch_min": 0, "stop_above": 1.0}
    store = design.of("store")[0].settings
    own: dict[str, Any] = {
        "connections": float(gateway["connections"]),
        "timeout": gateway["timeout_ms"] / 1000,
        "retries": float(gateway["retries"]),
        "retry_budget": float(gateway["retry_budget"]),
        "simple": gateway["overload"] == "simple",
        "hits": _hits(design, facts),
        "nodes": float(store["nodes"]),
        "store_zones": _shares(store["zones"], facts),
        "store_timeout": store["timeout_ms"] / 1000,
        "defaults": store["on_timeout"] == "defaults",
        "base": base_price(design, facts),
        "release": (given["first"], given["watch_min"], given["stop_above"]),
    }
    rows = [_pool(pool, facts) for pool in served(design)]
    rows += [dict.fromkeys(rows[0], 0.0) | _no_pool(facts)] * (pools - len(rows))
    return own | {name: [row[name] for row in rows] for name in rows[0]}


def _pool(pool: Component, facts: Facts) -> dict[str, Any]:
    given = pool.settings
    machine = facts.data["machines"][given["machine"]]
    return {
        "serves": [name in given["serves"] for name in facts.classes],
        "workers": float(machine["workers"]),
        "setup": machine["setup_ms"] / 1000,
        "each": [machine["each_ms"][name] / 1000 for name in facts.classes],
        "batch": float(given["batch"]),
        "batch_wait": given["batch_wait_ms"] / 1000 if given["batch"] > 1 else 0.0,
        "queue": float(given["queue"]),
        "least": float(given["least"]),
        "most": float(largest(pool)),
        "target": float(given["target"]),
        "scale": SCALING.index(given["scale"]),
        "start": int(machine["start_min"]),
        "zones": _shares(given["zones"], facts),
        "price": float(machine["price"]),
    }


def _no_pool(facts: Facts) -> dict[str, Any]:
    """Numbers that harm no division, of a pool that nothing goes to."""
    return {
        "serves": [False] * len(facts.classes),
        "each": [0.0] * len(facts.classes),
        "zones": [0.0] * len(facts.zones),
        "workers": 1.0, "batch": 1.0, "target": 0.5, "scale": 0, "start": 1,
    }  # fmt: skip


def _shares(zones: Sequence[str], facts: Facts) -> list[float]:
    return [(zone in zones) / len(zones) for zone in facts.zones]


def _hits(design: Design, facts: Facts) -> list[float]:
    """Share of each class that the cache answers, fresh enough to count.

    The longer answers are kept the more are there; one that is older than is allowed is wrong, so
    what was kept longer counts as far as it was young enough.
    """
    cache = design.one("cache")
    none = [0.0] * len(facts.classes)
    if cache is None or cache.id not in design.of("gateway")[0].to:
        return none
    data, behind = facts.data["cache"], design.reached(cache.id)
    kept, oldest = cache.settings["keep_s"], data["oldest_s"]
    found = []
    for name in facts.classes:
        reached = any(p.id in behind and name in p.settings["serves"] for p in served(design))
        most = data["hits"][cache.settings["key"]].get(name, 0.0) if reached else 0.0
        found.append(most * kept / (kept + data["half_s"]) * min(1.0, oldest / kept))
    return found


def base_price(design: Design, facts: Facts) -> float:
    """Money an hour of everything but model servers."""
    data = facts.data
    gateway = design.of("gateway")[0].settings
    total = data["gateway"]["price"] + data["gateway"]["per_100"] * gateway["connections"] / 100
    total += data["store"]["price"] * sum(each.settings["nodes"] for each in design.of("store"))
    total += data["cache"]["price"] * len(design.of("cache"))
    total += data["simple"]["price"] * len(design.of("simple"))
    for each in design.of("standby"):
        mode = data["standby"]["modes"][each.settings["mode"]]
        total += mode["price"] + data["standby"]["per_copy"] * 60 / each.settings["copy_every_min"]
    return float(total)
