"""Designs that are made to break the scoring: nothing can be run that no design could be, and
corners of the catalogue are no better than what was found by looking for the best."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .drawn import case, graded, module, strong

HUGE = 10**400
FORGED: dict[str, dict[str, Any]] = {
    "less than no machines": {"singles": {"least": -50, "most": 1}},
    "no machines": {"singles": {"least": 0, "most": 0, "scale": "fixed"}},
    "half a machine": {"singles": {"least": 0.5}},
    "not a number": {"singles": {"least": float("nan")}, "front": {"timeout_ms": float("nan")}},
    "an endless queue": {"singles": {"queue": float("inf")}},
    "an enormous number": {"front": {"connections": HUGE}},
    "a truth value for a number": {"features": {"nodes": True}},
    "a price of its own": {"singles": {"price": -5}},
    "one zone three times": {"singles": {"zones": ["a", "a", "a"]}},
    "a class twice": {"singles": {"serves": ["single", "single"]}},
    "a circle": {"features": {"to": ["front"]}},
    "itself": {"singles": {"to": ["singles"]}},
    "another gateway": {"again": {"kind": "gateway", "connections": 9, "timeout_ms": 99}},
    "an island": {"alone": {"kind": "simple"}},
    "repeats below nothing": {"front": {"retries": -1, "retry_budget": -3.0}},
    "a machine of its own": {"singles": {"machine": "free"}},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_design_that_no_cell_would_record_is_none(name):
    answers = strong()
    parts = answers["design"]["components"]
    for part, settings in FORGED[name].items():
        parts[part] = parts.get(part, {}) | settings
    others = ("tomorrow", "recovery", "way", "forecast", "disaster")
    found = graded(answers, case(), others)
    assert sum(result.points for result in found.values()) == 0


@pytest.mark.parametrize(
    "text",
    [
        "components:\n  a: {kind: simple}\n  a: {kind: simple}\n",
        "a: &a [*a]",
        "&a {components: {b: {kind: pool, to: *a}}}",
        "!!python/object/apply:os.getcwd []",
        "[" * 3000,
        "components: {null: {kind: simple}}",
        "\x00",
    ],
)
def test_what_yaml_can_hide_is_told_in_a_sentence(text):
    judged = module("judging.outcome").load(case().truth(), strong()["design"])
    read = judged.facts.read(text)
    assert read.design is None
    assert read.complaint


CORNERS = {
    "batch": (1, 64), "batch_wait_ms": (0, 2000), "queue": (0, 1, 1_000_000),
    "target": (0.05, 0.95), "scale": ("fixed", "cpu", "demand", "daily"),
    "least": (1, 2, 30), "most": (30, 400),
    "retries": (0, 3), "retry_budget": (0.0, 3.0), "timeout_ms": (10, 60_000),
    "connections": (2, 200, 50_000), "overload": ("reject", "simple"), "nodes": (1, 100),
    "on_timeout": ("fail", "defaults"), "first": (0.005, 1.0), "watch_min": (0, 240),
    "stop_above": (0.0, 1.0),
}  # fmt: skip


def test_corners_of_the_catalogue_lose_more_than_the_best_that_was_found():
    """Settings of a sound design at an end of what they may be, sixty times."""
    truth, outcome = case().truth(), module("judging.outcome")
    tomorrow, reference = module("hidden.tomorrow"), module("hidden.reference")
    sound = outcome.load(truth, strong()["design"])
    rng, tried = np.random.default_rng(3), []
    while len(tried) < 60:
        data = sound.design.plain()
        for part in data["components"].values():
            for name in set(part) & set(CORNERS):
                if rng.random() < 0.15:
                    part[name] = CORNERS[name][rng.integers(len(CORNERS[name]))]
        design = sound.facts.checked(data).design
        tried += [design] if design is not None else []
    evenings = tomorrow.scenarios(sound.firm, sound.tomorrow)
    zones = tomorrow.of_zones(sound.firm, sound.tomorrow)
    told = reference.judged(tried, evenings, zones, sound.facts)
    lost = np.mean(list(told.values()), axis=0)
    assert np.isfinite(lost).all()
    assert lost.min() > 0.95 * np.mean(list(truth["reference"].values()))
