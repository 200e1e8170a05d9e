"""A firm with a model in production: its rows, parts and prices, and today's pipeline."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.firm import drawn
from worksample.workbook.design.pipeline import DAY, Facts
from worksample.workbook.design.quarter import HOURS

WEEK = 7 * DAY
# share of outcomes that are known after so many times the days that half of them take
KNOWN = (0.0, 0.02, 0.08, 0.25, 0.5, 0.75, 0.92, 0.98, 1.0)
AFTER = (0.0, 0.15, 0.3, 0.6, 1.0, 1.5, 2.2, 3.0, 4.5)
DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "firm.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Firm:
    """A firm as it is today.

    Attributes:
        facts: what is known of rows, parts and prices, with what was required last quarter.
        current: the design that it runs, as plain data.
        week: million rows that are expected in each hour of a week as it is now, (WEEK,).
        log: million rows that were counted in each hour of last quarter, (HOURS,).
        late, late_h: share of rows that come late, and by how many hours on average.
    """

    facts: Facts
    current: dict[str, Any]
    week: np.ndarray
    log: np.ndarray
    late: float
    late_h: float


def draw(rng: np.random.Generator) -> Firm:
    """A firm of its own; next quarter's requirements and the budget are not in its facts."""
    week = _week(rng)
    rows = DATA["rows"]
    grown = float(rng.uniform(*rows["grown"]))
    course = np.exp(np.log(grown) * (np.arange(HOURS) - HOURS) / HOURS)
    log = np.round(np.tile(week, 13) * course * rng.normal(1, 0.03, HOURS), 4)
    facts = Facts(_facts(rng))
    return Firm(
        facts, _current(rng, week), week, log,
        round(float(rng.uniform(*rows["late"])), 3), float(round(rng.uniform(*rows["late_h"]))),
    )  # fmt: skip


def _week(rng: np.random.Generator) -> np.ndarray:
    hours = np.arange(WEEK) % DAY
    evening = np.exp(-0.5 * ((hours - rng.uniform(17, 20)) / 3.0) ** 2)
    noon = np.exp(-0.5 * ((hours - 12) / 2.5) ** 2)
    days = np.repeat([1, 0.98, 1, 1.03, 1.08, rng.uniform(0.7, 1.25), rng.uniform(0.7, 1.2)], DAY)
    course = (0.35 + evening + 0.5 * noon) * days
    return np.asarray(course / course.mean() * rng.uniform(*DATA["rows"]["an_hour"]))


def _facts(rng: np.random.Generator) -> dict[str, Any]:
    """The firm's numbers as ``firm.toml`` has them, ranges drawn."""
    names = ("parts", "model", "people", "needs")
    facts = {name: drawn(DATA[name], rng) for name in names}
    median = float(rng.uniform(*DATA["labels"]["median_days"]))
    facts["labels"] = {
        "days": [round(median * each, 1) for each in AFTER], "known": list(KNOWN),
    }  # fmt: skip
    facts["needs"]["erase_a_day"] = float(round(facts["needs"]["erase_a_day"]))
    return facts


def _current(rng: np.random.Generator, week: np.ndarray) -> dict[str, Any]:
    """What stands today: a nightly copy, a model from young rows, and nothing that looks."""
    replicas = int(np.ceil(week.max() * 1.1 / DATA["parts"]["serving"]["rows"]))
    return {
        "components": {
            "shop": {"kind": "events", "to": ["nightly"]},
            "returns": {"kind": "labels", "to": ["fit"]},
            "nightly": {
                "kind": "batch_load", "every_h": 24, "machines": 1, "lateness_h": 0,
                "to": ["bucket"],
            },
            "bucket": {
                "kind": "lake", "keep_days": int(rng.choice([30, 45, 60])), "states": "newest",
                "to": ["tables", "fit"],
            },
            "tables": {
                "kind": "batch_features", "every_h": 24, "machines": 1, "burst": 0,
                "to": ["lookup", "fit"],
            },
            "lookup": {"kind": "online", "to": ["answers"]},
            "fit": {
                "kind": "trainer", "every_h": 720, "window_days": int(rng.choice([7, 10, 14])),
                "wait_days": 0, "machine": "small", "to": ["answers"],
            },
            "answers": {"kind": "serving", "replicas": replicas, "first": 1.0, "watch_h": 0},
        }
    }  # fmt: skip
