"""A firm that serves recommendations: its load, its machines and prices, and what it runs today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import Facts

from ..toolkit.evening import DAY, PEAK

DAYS = 14
LEFT = (1.12, 1.3)  # the lowest limit, as a factor on the highest load of a usual day
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
    day = day * min(limits.values()) / float(rng.uniform(*LEFT))
    read = facts.checked(current)
    if read.design is None:
        raise RuntimeError(f"the current design cannot be run: {read.complaint}")
    days = np.tile(day, (DAYS, 1)) * _of_days(rng)[:, None]
    log = rng.poisson(days * 60)
    restored = float(rng.integers(30, 60))
    minutes = float(round(restored * 60 / rng.uniform(35, 75)))
    sheet = restored / minutes * 60 * float(rng.uniform(1.7, 2.2))
    data["standby"]["sheet_gb_hour"] = float(round(sheet))
    return Firm(facts, read.design, day, log, limits, (restored, minutes))


def mix_at_peak(day: np.ndarray) -> np.ndarray:
    """Share of each class in the hour around the evening's peak, (2,)."""
    hour = day[PEAK - 30 : PEAK + 30].mean(axis=0)
    return np.asarray(hour / hour.sum())


def _facts(rng: np.random.Generator, level: str) -> dict[str, Any]:
    single = round(float(rng.uniform(160, 230)))
    page = round(single * float(rng.uniform(26, 34)))
    faster = float(rng.uniform(6.5, 8.5))  # how much quicker an accelerator is on one request
    senior = level == "senior"
    return {
        "order": ["single", "page"],
        "classes": {
            "single": {"slo_ms": 5 * single, "value": 0.0003, "lookups": 1},
            "page": {"slo_ms": 3 * page, "value": 0.008, "lookups": int(rng.integers(10, 15))},
        },
        "noise": 0.15,
        "zones": ["a", "b", "c"],
        "machines": {
            "standard": {
                "workers": 4, "setup_ms": 4, "each_ms": {"single": single, "page": page},
                "price": round(float(rng.uniform(0.36, 0.44)), 2), "start_min": 4,
            },
            "large": {
                "workers": 16, "setup_ms": 4, "each_ms": {"single": single, "page": page},
                "price": round(float(rng.uniform(1.5, 1.7)), 2), "start_min": 5,
            },
            "accelerator": {
                "workers": 2, "setup_ms": round(single * 0.12),
                "each_ms": {"single": round(single / faster, 1), "page": round(page / faster)},
                "price": round(float(rng.uniform(1.0, 1.15)), 2), "start_min": 10,
                **({"quota": 4} if senior else {}),
            },
        },
        "gateway": {"price": 0.3, "per_100": 0.02, "overhead_ms": 3, "slips": 0.01},
        "cache": {
            "price": round(float(rng.uniform(0.9, 1.2)), 2), "half_s": 15,
            "oldest_s": 600 if level == "junior" else 60,
            "hits": {
                "item": {"single": round(float(rng.uniform(0.2, 0.28)), 2)},
                "user": {"single": round(float(rng.uniform(0.04, 0.07)), 2)},
            },
        },
        "store": {
            "price": 0.1, "lookups_s": 60, "base_ms": 5, "worth_defaults": 0.9,
        },
        "simple": {"price": 0.5, "worth": 0.3},
        "standby": {
            "per_copy": 0.05, "decide_min": 10, "dns_min": 5,
            "sheet_gb_hour": 0.0, "data_gb": int(rng.integers(60, 120)),
            "changed_gb_hour": round(float(rng.uniform(3, 8)), 1),
            "modes": {
                "none": {"price": 0.0}, "backup": {"price": 0.1}, "pilot": {"price": 0.5},
                "warm": {"price": 1.5}, "hot": {"price": 6.0},
            },
        },
        "release": {"by_hand_min": 45, "errors": 0.01, "held_up": 40, "late_min": 30},
        "budget": {"hour": 1e9, "above": 3},
    }  # fmt: skip


def _day(rng: np.random.Generator, data: dict[str, Any]) -> np.ndarray:
    """Two humps, the evening's the higher one; whole pages are asked for more in the evening."""
    hours = np.arange(DAY) / 60
    evening = np.exp(-0.5 * (((hours - PEAK / 60 + 12) % 24 - 12) / 1.9) ** 2)
    noon = np.exp(-0.5 * ((hours - 12.5) / 2.2) ** 2)
    course = 0.16 + 0.84 * evening + 0.45 * noon
    course = course / course.max()
    each = data["machines"]["standard"]["each_ms"]
    work = float(rng.uniform(0.38, 0.46))  # of all work, pages' at the peak
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
    machines = int(rng.integers(3, 7))
    keep = 60
    hit = cache["hits"]["user"]["single"] * keep / (keep + cache["half_s"])
    missed = mix * np.array([1 - hit, 1.0])
    base = data["store"]["base_ms"]
    each = np.array([machine["each_ms"][c] for c in data["classes"]])
    held = (machine["setup_ms"] + base + each) / 1000
    pool = machines * machine["workers"] / float(missed @ held)
    apart = float(rng.uniform(1.25, 1.45))
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
