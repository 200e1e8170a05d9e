"""A firm that serves recommendations: its load, its machines and prices, and what it runs today."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.firm import drawn
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import Facts

from ..toolkit.evening import DAY, PEAK

DAYS = 14
DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "firm.toml").read_text("utf-8"))
TABLES = (
    "classes", "machines", "gateway", "cache", "store", "simple", "standby", "release", "budget",
)  # fmt: skip
DRILL = ("drill_gb", "drill_gb_hour", "sheet")
LIMITS = ("gateway", "pool", "store")


@dataclass(frozen=True)
class Firm:
    """A firm as it is today.

    Attributes:
        facts: what is known of load, machines and prices.
        current: the design that it runs.
        day: requests a second by minute and class as they are expected on a usual day, (DAY, 2).
        log: requests that were counted, by minute of all days and class, (DAYS * DAY, 2).
        limits: component -> requests a second at which it is at its limit, the lowest first.
        drill: the last restore that was tried: gigabytes, minutes.
    """

    facts: Facts
    current: Design
    day: np.ndarray
    log: np.ndarray
    limits: dict[str, float]
    drill: tuple[float, float]


def draw(rng: np.random.Generator, level: str) -> Firm:
    """A firm of its own; the budget is not in its facts yet."""
    data = _facts(rng, level)
    day = _day(rng, data)
    facts = Facts(data)
    current, limits = _current(rng, data, mix_at_peak(day))
    day = day * min(limits.values()) / drawn(DATA["today"]["room"], rng)
    read = facts.checked(current)
    if read.design is None:
        raise RuntimeError(f"the current design cannot be run: {read.complaint}")
    days = np.tile(day, (DAYS, 1)) * _of_days(rng)[:, None]
    log = rng.poisson(days * 60)
    told = drawn({name: DATA["standby"][name] for name in DRILL}, rng)
    restored = float(round(told["drill_gb"]))
    minutes = float(round(restored * 60 / told["drill_gb_hour"]))
    sheet = restored / minutes * 60 * told["sheet"]
    data["standby"]["sheet_gb_hour"] = float(round(sheet))
    return Firm(facts, read.design, day, log, limits, (restored, minutes))


def mix_at_peak(day: np.ndarray) -> np.ndarray:
    """Share of each class in the hour around the evening's peak, (2,)."""
    hour = day[PEAK - 30 : PEAK + 30].mean(axis=0)
    return np.asarray(hour / hour.sum())


def _facts(rng: np.random.Generator, level: str) -> dict[str, Any]:
    """The firm's numbers as ``firm.toml`` has them, pairs drawn."""
    own = drawn({name: DATA[name] for name in TABLES}, rng)
    single, page = own["classes"]["single"], own["classes"]["page"]
    fast, cache, standby = own["machines"]["accelerator"], own["cache"], own["standby"]
    each = {"single": round(single["ms"]), "page": round(round(single["ms"]) * page["times"])}
    senior = level == "senior"
    quick = {
        "single": round(each["single"] / fast["faster"], 1),
        "page": round(each["page"] / fast["faster"]),
    }
    machines = {
        name: {
            "workers": int(own["machines"][name]["workers"]),
            "setup_ms": own["machines"][name]["setup_ms"],
            "each_ms": each,
            "price": round(own["machines"][name]["price"], 2),
            "start_min": int(own["machines"][name]["start_min"]),
        }
        for name in ("standard", "large")
    }
    modes = ("none", "backup", "pilot", "warm", "hot")
    return {
        "order": ["single", "page"],
        "classes": {
            name: {
                "slo_ms": round(told["slo"] * each[name]),
                "value": told["value"],
                "lookups": round(told["lookups"]),
            }
            for name, told in own["classes"].items()
        },
        "noise": 0.15,
        "zones": ["a", "b", "c"],
        "machines": {
            **machines,
            "accelerator": {
                "workers": int(fast["workers"]),
                "setup_ms": round(each["single"] * fast["setup"]),
                "each_ms": quick,
                "price": round(fast["price"], 2),
                "start_min": int(fast["start_min"]),
                **({"quota": int(fast["quota"])} if senior else {}),
            },
        },
        "gateway": own["gateway"],
        "cache": {
            "price": round(cache["price"], 2),
            "half_s": cache["half_s"],
            "oldest_s": int(cache["junior_s"] if level == "junior" else cache["oldest_s"]),
            "hits": {key: {"single": round(cache[key], 2)} for key in ("item", "user")},
        },
        "store": {"lookups_s": 60, **own["store"]},
        "simple": own["simple"],
        "standby": {
            "per_copy": standby["per_copy"],
            "decide_min": standby["decide_min"],
            "dns_min": standby["dns_min"],
            "sheet_gb_hour": 0.0,
            "data_gb": round(standby["data_gb"]),
            "changed_gb_hour": round(standby["changed_gb_hour"], 1),
            "modes": {name: {"price": standby[name]} for name in modes},
        },
        "release": own["release"],
        "budget": {"hour": 1e9, "above": own["budget"]["above"]},
    }


def _day(rng: np.random.Generator, data: dict[str, Any]) -> np.ndarray:
    """Two humps, the evening's the higher one; whole pages are asked for more in the evening."""
    hours = np.arange(DAY) / 60
    evening = np.exp(-0.5 * (((hours - PEAK / 60 + 12) % 24 - 12) / 1.9) ** 2)
    noon = np.exp(-0.5 * ((hours - 12.5) / 2.2) ** 2)
    course = 0.16 + 0.84 * evening + 0.45 * noon
    course = course / course.max()
    each = data["machines"]["standard"]["each_ms"]
    work = drawn(DATA["classes"]["page"]["work"], rng)  # of all work, pages' at the peak
    ratio = each["page"] / each["single"]
    odds = work / (1 - work) / ratio
    part = odds / (1 + odds) * (0.55 + 0.45 * evening)
    return np.stack([course * (1 - part), course * part], axis=1)


def _of_days(rng: np.random.Generator) -> np.ndarray:
    """A factor on each minute of the log: days of the week, and each day by itself, (14 * DAY,)."""
    week = np.array([1.0, 0.99, 1.0, 1.01, 1.04, 0.98, 0.98])
    days = np.tile(week, DAYS // 7) * rng.normal(1, 0.01, DAYS)
    return np.repeat(days / days.mean(), DAY)


def _current(
    rng: np.random.Generator, data: dict[str, Any], mix: np.ndarray
) -> tuple[dict[str, Any], dict[str, float]]:
    """Today's design and the rates at which its parts are at their limits.

    The parts' order and distance are drawn; the store's power and the gateway's places follow.
    """
    machine, cache = data["machines"]["standard"], data["cache"]
    machines = round(drawn(DATA["today"]["machines"], rng))
    keep = 60
    hit = cache["hits"]["user"]["single"] * keep / (keep + cache["half_s"])
    missed = mix * np.array([1 - hit, 1.0])
    base = data["store"]["base_ms"]
    each = np.array([machine["each_ms"][c] for c in data["classes"]])
    held = (machine["setup_ms"] + base + each) / 1000
    pool = machines * machine["workers"] / float(missed @ held)
    apart = drawn(DATA["today"]["apart"], rng)
    order = list(rng.permutation(3))
    factors = {0: apart**-1.0, 1: 1.0, 2: apart}
    place = order.index(1)
    rates = {name: pool * factors[order.index(n)] / factors[place] for n, name in enumerate(LIMITS)}
    lookups = float(missed @ np.array([c["lookups"] for c in data["classes"].values()]))
    nodes = 2
    data["store"]["lookups_s"] = round(rates["store"] * lookups / nodes, 1)
    seconds = float(missed @ (held + data["gateway"]["overhead_ms"] / 1000))
    connections = round(rates["gateway"] * seconds)
    limits = {
        "gateway": connections / seconds,
        "pool": pool,
        "store": nodes * data["store"]["lookups_s"] / lookups,
    }
    names = {"gateway": "front", "pool": "models", "store": "features"}
    current = {
        "components": {
            "front": {
                "kind": "gateway", "connections": connections, "timeout_ms": 10_000, "retries": 3,
                "retry_budget": 3.0, "overload": "reject", "to": ["answers"],
            },
            "answers": {"kind": "cache", "key": "user", "keep_s": keep, "to": ["models"]},
            "models": {
                "kind": "pool", "machine": "standard", "serves": list(data["classes"]),
                "zones": ["a"], "scale": "cpu", "least": machines, "most": machines, "target": 0.7,
                "batch": 1, "batch_wait_ms": 0, "queue": 5_000, "to": ["features"],
            },
            "features": {
                "kind": "store", "nodes": nodes, "zones": ["a"], "timeout_ms": 60_000,
                "on_timeout": "fail",
            },
            "elsewhere": {"kind": "standby", "mode": "none", "copy_every_min": 1_440},
        }
    }  # fmt: skip
    ordered = sorted(limits, key=lambda name: limits[name])
    return current, {names[name]: limits[name] for name in ordered}
