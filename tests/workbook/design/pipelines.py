"""A pipeline of the smallest kind, its facts, and a quarter of rows, for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from worksample.workbook.design.pipeline import Facts
from worksample.workbook.design.quarter import HOURS, Event, Quarter
from worksample.workbook.design.reading import Design

ONE = {"price": 0.0}
FACTS = Facts(
    {
        "parts": {
            "batch_load": {"speed": 4.0, "price": 1.0, "start_h": 0.5, "latency_h": 0.5},
            "stream_load": {"speed": 0.5, "price": 0.2, "latency_h": 0.1},
            "lake": {"tb_row": 0.01, "price_tb": 1.0, "rewrite": 1.0, "states": 0.5},
            "log": {"tb_row": 0.01, "price_tb": 1.0},
            "batch_features": {
                "speed": 2.0, "price": 1.0, "start_h": 0.5, "latency_h": 0.5, "price_held": 0.01,
            },
            "stream_features": {"speed": 0.5, "price": 0.3, "latency_h": 0.1, "price_held": 0.01},
            "online": {**ONE, "tb_row": 0.001, "days": 1.0, "price_tb": 0.0},
            "contract": ONE, "dedup": {"window": 0.0}, "mask": ONE,
            "checks": {**ONE, "false_a_week": 7.0, "false_sd": 1.0},
            "label_audit": {"each": 0.0, "limit": 6.0},
            "code": {"none": 0.0, "unit": 0.0, "on_data": 0.0},
            "trainer": {"small": {"speed": 1e9, "price": 0.0, "lost": 0.0, "start_h": 0.0}},
            "snapshots": {"tb_row": 0.001, "price_tb": 0.0},
            "gate": {**ONE, "noise": 0.001, "newest": 0.0, "checked": 0.0},
            "registry": {**ONE, "version": 0.0},
            "serving": {"rows": 10.0, "price": 0.0},
            "predictions": {"tb_row": 0.001, "price_tb": 0.0},
            "monitor": {"look": 0.0, "inputs_h": 2.0, "outputs_h": 12.0},
            "eraser": {**ONE, "takes_days": 1.0},
            "vault": {**ONE, "price_tb": 0.0, "takes_days": 0.1},
            "orchestrator": ONE, "standby": {"cold": 0.0, "cold_h": 8.0},
        },
        "labels": {"days": [0.0, 10.0], "known": [0.0, 1.0]},
        "model": {
            "worth_hour": 10.0, "noise": 0.0, "immature": 0.5, "lost": 0.0, "drift_day": 0.0,
            "lateness_price": 0.0, "schema": 0.5, "schema_sd": 6.0, "doubled": 0.2, "value": 0.5,
            "gap": 0.2,
        },
        "people": {
            "by_hand_h": 100.0, "tell_h": 8.0, "alarm": 0.0, "mend_h": 12.0, "model_mend_h": 48.0,
            "roll_back_h": 8.0, "retrain_h": 60.0,
        },
        "needs": {
            "freshness_h": 30.0, "stale_hour": 5.0, "erase_days": 10.0, "erase_a_day": 1.0,
            "erase_fine": 2.0, "audit_fine": 100.0, "audit_days": 20.0, "backfill_days": 10.0,
            "backfill_h": 100.0, "backfill_fine": 1000.0, "budget": 1e9, "above": 3.0,
        },
    }
)  # fmt: skip


def plain(**parts: Any) -> dict[str, Any]:
    """A batch pipeline's data; parts named are changed, those that are None are left out."""
    made: dict[str, Any] = {
        "shop": {"kind": "events", "to": ["load"]},
        "returns": {"kind": "labels", "to": ["fit"]},
        "load": {"kind": "batch_load", "every_h": 6, "machines": 1, "to": ["bucket"]},
        "bucket": {"kind": "lake", "keep_days": 40, "to": ["tables", "fit"]},
        "tables": {"kind": "batch_features", "every_h": 6, "machines": 1, "to": ["lookup"]},
        "lookup": {"kind": "online", "to": ["answers"]},
        "fit": {
            "kind": "trainer", "every_h": 168, "window_days": 20, "wait_days": 10,
            "to": ["answers"],
        },
        "answers": {"kind": "serving", "replicas": 1},
        "clock": {"kind": "orchestrator", "retries": 1},
    }  # fmt: skip
    for name, changes in parts.items():
        if changes is None:
            del made[name]
        else:
            made[name] = {**made.get(name, {}), **changes}
    return {"components": made}


def design(**parts: Any) -> Design:
    """The same, read."""
    found = FACTS.checked(plain(**parts))
    assert found.design is not None, found.complaint
    return found.design


def guarded(**settings: Any) -> Design:
    """With every guard on the way of rows, a gate, a registry and a monitor."""
    made = {
        "load": {"to": ["agreed"]},
        "agreed": {"kind": "contract", "to": ["once"]},
        "once": {"kind": "dedup", "window_h": 24, "to": ["looks"]},
        "looks": {"kind": "checks", "threshold": 4, "to": ["bucket"]},
        "returns": {"to": ["people"]},
        "people": {"kind": "label_audit", "looked_at": 200, "to": ["fit"]},
        "fit": {"to": ["better"]},
        "better": {"kind": "gate", "margin": 0.1, "to": ["models"]},
        "models": {"kind": "registry", "versions": 5, "to": ["answers"]},
        "answers": {"to": ["watch"]},
        "watch": {"kind": "monitor", "looks_at": ["outputs"], "every_h": 12},
    }
    for name, changes in settings.items():
        made[name] = {**made.get(name, {}), **changes}
    return design(**made)


def steady(*happens: Event, rows: float = 1.0, growth: float = 0.0) -> Quarter:
    """So many million rows in every hour."""
    return Quarter(np.full(HOURS, rows), growth, 0.0, 1.0, happens)
