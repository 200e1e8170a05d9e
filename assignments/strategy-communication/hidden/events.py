"""Six events of tomorrow: what an alert says, what is wrong in truth, what acting costs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..toolkit.costs import HOURS, cost_of

#: what may be wrong -> what the readings are then, beyond their noise
SIGNS: Mapping[str, Mapping[str, float]] = {
    "feed_stopped": {"newest_h": 30.0},
    "unit_changed": {"input_sd": 7.0},
    "old_model": {"score_sd": 2.5, "versions": 1.0},
    "lifts_left_out": {"scored_pct": -35.0},
    "new_controllers": {"input_sd": 2.2, "outcome_gap": 4.0},
    "nothing": {},
}
USUAL = {"newest_h": 6.0, "input_sd": 0.6, "score_sd": 0.5, "scored_pct": 99.0, "outcome_gap": 0.8}
NOISE = {"newest_h": 2.0, "input_sd": 0.3, "score_sd": 0.25, "scored_pct": 0.7, "outcome_gap": 0.4}
#: the one reading that rings without anything being wrong, and how high it goes then
BLIPS = {"newest_h": 11.0, "input_sd": 1.8, "score_sd": 1.5, "outcome_gap": 2.4}
RINGS = {"newest_h": "fresh", "scored_pct": "fresh", "input_sd": "inputs", "score_sd": "scores",
         "versions": "scores", "outcome_gap": "outcomes"}  # fmt: skip
CURES = {
    "feed_stopped": "repair_feed",
    "unit_changed": "convert_input",
    "old_model": "load_model",
    "lifts_left_out": "repair_feed",
    "new_controllers": "retrain",
}
MEASURES = ("last_list", "repair_feed", "convert_input", "load_model", "retrain", "watch")
PEOPLE = ("platform", "data", "modelling", "dispatch")
CAN = {
    "platform": ("repair_feed", "load_model", "last_list"),
    "data": ("repair_feed", "convert_input"),
    "modelling": ("retrain", "convert_input", "load_model"),
    "dispatch": ("last_list",),
}
EVENTS = 6
WHEN = (
    ("Tuesday 10:10", True), ("Thursday 14:40", True), ("Monday 09:20", True),
    ("Saturday 02:30", False), ("Wednesday 22:50", False), ("Sunday 11:00", False),
)  # fmt: skip


def drawn(rng: np.random.Generator, noise: float) -> dict[str, Any]:
    """The firm's people, measures and six events, with the best plan and the best idle one."""
    people = {
        name: {
            "can": list(CAN[name]),
            "office_h": int(rng.choice([2, 4, 6])),
            "night_h": int(rng.choice([14, 20, 30])),
            "called_h": int(rng.choice([1, 2, 3])),
            "call_price": float(rng.choice([0.4, 0.8, 1.5, 2.5])),
        }
        for name in PEOPLE
    }
    measures = {
        name: {
            "price": 0.0
            if name == "watch"
            else round(float(np.exp(rng.uniform(*np.log((0.5, 6.0))))), 1),
            "takes": 0 if name == "watch" else int(rng.choice([1, 2, 4, 8])),
        }
        for name in MEASURES
    }
    measures["retrain"]["takes"] = int(rng.choice([24, 36, 48]))
    stops = {kind: _stops(kind, rng) for kind in SIGNS}
    harms = {kind: float(np.exp(rng.uniform(*np.log((6.0, 40.0))))) for kind in SIGNS}
    harms["nothing"] = 0.0
    kinds = ["nothing", "nothing", *rng.choice(list(CURES), EVENTS - 2, replace=False)]
    sizes = rng.permutation([0.02, 0.08, 0.25, 0.6, 0.9, 1.0])
    hours = rng.permutation(len(WHEN))
    events = [
        _event(str(kind), float(size), WHEN[hour], noise, rng)
        for kind, size, hour in zip(rng.permutation(kinds), sizes, hours, strict=True)
    ]
    past = [
        _event(
            str(kind), float(rng.uniform(0.02, 1.0)), WHEN[int(rng.integers(len(WHEN)))], noise, rng
        )
        for kind in rng.permutation([*list(CURES) * 2, *["nothing"] * 4])
    ]
    made = {
        "people": people, "measures": measures, "stops": stops, "harms": harms, "events": events,
        "past": past,
    }  # fmt: skip
    return {**made, **_bounds(made)}


def _stops(kind: str, rng: np.random.Generator) -> dict[str, float]:
    if kind == "nothing":
        return {}
    found = {"last_list": round(float(rng.uniform(0.3, 0.6)), 2)}
    found[CURES[kind]] = round(float(rng.uniform(0.88, 0.98)), 2)
    other = str(rng.choice([name for name in MEASURES[1:-1] if name != CURES[kind]]))
    found[other] = round(float(rng.uniform(0.05, 0.3)), 2)
    return found


def _event(
    kind: str, size: float, when: tuple[str, bool], noise: float, rng: np.random.Generator
) -> dict[str, Any]:
    readings = {name: USUAL[name] + noise * rng.normal(0, NOISE[name]) for name in USUAL}
    versions = 0
    for name, moved in SIGNS[kind].items():
        if name == "versions":
            versions = 1
        else:
            readings[name] += moved * (1 if name != "newest_h" else rng.uniform(0.9, 1.3))
    rang = RINGS[next(iter(SIGNS[kind]), "newest_h")]
    if kind == "nothing":
        blip = str(rng.choice(list(BLIPS)))
        readings[blip], rang = BLIPS[blip] + noise * rng.normal(0, NOISE[blip] / 2), RINGS[blip]
    return {
        "kind": kind, "when": when[0], "office": when[1], "alert": rang, "lifts_pct": 100 * size,
        "readings": {k: round(max(0.0, min(v, 100.0)), 1) for k, v in readings.items()},
        "other_version": bool(versions),
    }  # fmt: skip


def every_action() -> list[dict[str, Any]]:
    """All that can be answered for one event."""
    return [
        {"who": who, "by": by, "what": what}
        for who, by, what in itertools.product(PEOPLE, HOURS, MEASURES)
    ]


def cost(made: Mapping[str, Any], event: Mapping[str, Any], action: Mapping[str, Any]) -> float:
    """What one event costs with one action, in truth."""
    harm = made["harms"][event["kind"]] * event["lifts_pct"] / 100
    return cost_of(
        action,
        harm,
        made["stops"][event["kind"]],
        made["measures"],
        made["people"],
        event["office"],
    )


def _bounds(made: Mapping[str, Any]) -> dict[str, Any]:
    every = every_action()
    table = np.array([[cost(made, event, one) for one in every] for event in made["events"]])
    best = [every[place] for place in table.argmin(axis=1)]
    return {
        "best_actions": best,
        "best_cost": float(table.min(axis=1).sum()),
        "idle_cost": float(table.sum(axis=0).min()),
    }
