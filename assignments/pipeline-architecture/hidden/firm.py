"""A firm with a model in production: its rows, parts and prices, and today's pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from worksample.workbook.design.pipeline import DAY, Facts
from worksample.workbook.design.quarter import HOURS

WEEK = 7 * DAY
KNOWN = np.array([0, 0.02, 0.08, 0.25, 0.5, 0.75, 0.92, 0.98, 1.0])


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
    grown = float(rng.uniform(1.08, 1.2))  # in the last quarter
    course = np.exp(np.log(grown) * (np.arange(HOURS) - HOURS) / HOURS)
    log = np.round(np.tile(week, 13) * course * rng.normal(1, 0.03, HOURS), 4)
    facts = Facts(_facts(rng))
    return Firm(
        facts, _current(rng, week), week, log,
        round(float(rng.uniform(0.02, 0.06)), 3), float(rng.integers(6, 14)),
    )  # fmt: skip


def _week(rng: np.random.Generator) -> np.ndarray:
    hours = np.arange(WEEK) % DAY
    evening = np.exp(-0.5 * ((hours - rng.uniform(17, 20)) / 3.0) ** 2)
    noon = np.exp(-0.5 * ((hours - 12) / 2.5) ** 2)
    days = np.repeat([1, 0.98, 1, 1.03, 1.08, rng.uniform(0.7, 1.25), rng.uniform(0.7, 1.2)], DAY)
    course = (0.35 + evening + 0.5 * noon) * days
    return np.asarray(course / course.mean() * rng.uniform(0.7, 1.3))


def _facts(rng: np.random.Generator) -> dict[str, Any]:
    def price(usual: float, digits: int = 3) -> float:
        return round(usual * float(rng.uniform(0.9, 1.1)), digits)

    median = float(rng.uniform(4, 9))  # days until half of the outcomes are known
    days = [
        0.0,
        *(round(float(x), 1) for x in median * np.array([0.15, 0.3, 0.6, 1, 1.5, 2.2, 3, 4.5])),
    ]
    return {
        "parts": {
            "batch_load": {"speed": 3.0, "price": price(1.0), "start_h": 0.25, "latency_h": 0.5},
            "stream_load": {"speed": 0.6, "price": price(0.2), "latency_h": 0.05},
            "managed_load": {
                "speed": 50.0, "price": 0.15, "price_row": price(0.6), "price_run": 0.1,
                "latency_h": 0.4, "once_h": 24.0,
            },
            "contract": {"price": 0.12},
            "dedup": {"price_row": 0.05, "window": 0.004},
            "checks": {"price": 0.1, "price_row": 0.04, "false_a_week": 6.0, "false_sd": 1.2},
            "mask": {"price_row": 0.06},
            "lake": {"tb_row": 0.004, "price_tb": price(0.55), "rewrite": 1.0, "states": 0.35},
            "warehouse": {"tb_row": 0.003, "price_tb": price(1.0), "rewrite": 0.12, "states": 0.15},
            "log": {"tb_row": 0.004, "price_tb": price(0.5)},
            "batch_features": {
                "speed": 2.0, "price": price(1.0), "start_h": 0.3, "latency_h": 0.5,
                "price_held": 0.01,
            },
            "stream_features": {
                "speed": 0.5, "price": price(0.24), "latency_h": 0.1, "price_held": 0.01,
            },
            "feature_store": {
                "speed_base": 4.0, "speed": 2.0, "price_base": 0.9, "price_row": price(0.45),
                "price_run": 0.1, "price": 0.8, "price_held": 0.01, "latency_h": 0.3,
                "tb_row": 0.001, "price_tb": 0.8, "rewrite": 0.1,
            },
            "online": {
                "price": price(0.5), "tb_row": 0.0005, "days": 3.0, "price_tb": 2.0, "rewrite": 0.1,
            },
            "label_audit": {"each": 0.05, "limit": 6.0},
            "code": {"none": 0.0, "unit": 0.05, "on_data": 0.25},
            "trainer": {
                "small": {"speed": 200.0, "price": price(2.0), "lost": 0.0, "start_h": 0.3},
                "large": {"speed": 700.0, "price": price(6.5), "lost": 0.0, "start_h": 0.3},
                "spot": {"speed": 200.0, "price": price(0.7), "lost": 0.2, "start_h": 0.3},
            },
            "snapshots": {"tb_row": 0.001, "price_tb": 0.3, "rewrite": 0.3},
            "gate": {"price": 0.05, "noise": 0.02, "newest": 0.0, "checked": 0.12},
            "registry": {"price": 0.05, "version": 0.002},
            "serving": {"rows": 0.8, "price": price(0.45)},
            "predictions": {"tb_row": 0.0012, "price_tb": 0.3, "rewrite": 0.25},
            "monitor": {"look": 0.35, "inputs_h": 2.0, "outputs_h": 12.0},
            "eraser": {"price": 0.03, "takes_days": 1.0},
            "vault": {"price": 0.15, "price_tb": 0.15, "takes_days": 0.1},
            "orchestrator": {"price": 0.12},
            "standby": {
                "cold": 0.1, "cold_h": 8.0, "warm": 0.6, "warm_h": 2.0, "hot": 2.5, "hot_h": 0.5,
            },
        },
        "labels": {"days": days, "known": [float(x) for x in KNOWN]},
        "model": {
            "worth_hour": price(60.0, 1), "noise": 0.05, "immature": 0.35, "lost": 0.3,
            "drift_day": round(float(rng.uniform(0.0008, 0.0016)), 5), "lateness_price": 0.003,
            "schema": 0.6, "schema_sd": 6.0, "doubled": 0.4, "value": 0.6, "gap": 0.5,
        },
        "people": {
            "by_hand_h": 120.0, "tell_h": 8.0, "alarm": 60.0, "mend_h": 12.0, "model_mend_h": 48.0,
            "roll_back_h": 8.0, "retrain_h": 60.0,
        },
        "needs": {
            "freshness_h": 36.0, "stale_hour": 8.0, "erase_days": 30.0,
            "erase_a_day": float(rng.integers(3, 7)), "erase_fine": 25.0, "audit_fine": 1500.0,
            "audit_days": 28.0, "backfill_days": 7.0, "backfill_h": 240.0, "backfill_fine": 4000.0,
            "budget": 1e9, "above": 3.0,
        },
    }  # fmt: skip


def _current(rng: np.random.Generator, week: np.ndarray) -> dict[str, Any]:
    """What stands today: a nightly copy, a model from young rows, and nothing that looks."""
    replicas = int(np.ceil(week.max() * 1.1 / 0.8))
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
