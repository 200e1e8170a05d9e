"""What the checks reward: outcomes on hidden nights, and nothing for nothing."""

from __future__ import annotations

import math

import pytest

from tests.words import assert_fitting
from worksample import assignments

from .drawn import FOLDER, case, module, perfect, run

CHECKS, SCORING = module("checks"), module("judging.scoring")
SAMPLE = assignments.load(FOLDER)
NAMES = [cell.id for cell in SAMPLE.checks]


def results(answers=None, rails=None, of=None):
    of = of or case()
    return {name: getattr(CHECKS, f"check_{name}")(run(answers, rails), of) for name in NAMES}


def points(answers=None, rails=None):
    found = results(answers, rails)
    assert_fitting(SAMPLE, found)
    return {name: sum(part.earned for part in each.parts) for name, each in found.items()}


def changed(**other):
    return perfect(case()) | other


def plan(actions, asked=()):
    return changed(plan={"actions": actions, "asked": list(asked)})


def test_the_truth_earns_everything():
    earned = points(perfect(case()), SCORING.reference_rails)
    assert sum(earned.values()) == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize("name", ["restart everything", "roll back configuration, hold", "scale"])
def test_a_plan_made_without_a_look_earns_nothing(name):
    world = module("judging.incident").world_of(case().truth())
    unseen = module("hidden.plans").unseen(world)[name]
    actions = [
        {"at": i, "do": a.do, "on": a.on} | ({} if a.to is None else {"to": a.to})
        for i, a in enumerate(unseen)
    ]
    earned = points(plan(actions))
    assert earned["mitigation"] <= 1
    assert earned["first_ten"] <= 1.5  # a minute earlier or later than the one that was measured


def test_each_half_of_a_repair_is_lost_when_it_is_left_out():
    """One-requirement mutants: without its mending, its holding, or in time; no other check."""
    best = perfect(case())["plan"]["actions"]
    whole = points(perfect(case()))
    mending = [each for each in best if each["do"] == "roll_back"]
    for mutant in (
        [each for each in best if each is not mending[0]],
        [each for each in best if each["do"] != "suspend"],
        [each | {"at": min(89, each["at"] + 30)} for each in best],
    ):
        earned = points(plan(mutant))
        assert earned["mitigation"] < whole["mitigation"] - 3
        for other in ("diagnosis", "trace", "impact"):
            assert earned[other] == whole[other]


def test_questions_cost_their_minutes():
    best = perfect(case())["plan"]["actions"]
    assert points(plan(best, range(8)))["first_ten"] < points(plan(best))["first_ten"] - 2


def test_a_diagnosis_is_gated_by_recall_and_shared_by_precision():
    truth = perfect(case())["diagnosis"]
    missing = [m for m in case().truth()["offered"] if m not in {f["mechanism"] for f in truth}]
    padded = [*truth, {"mechanism": missing[0], "component": "gateway", "since": -90}]
    elsewhere = [each | {"component": "features"} for each in truth]
    late = [each | {"since": each["since"] + 30} for each in truth]
    assert points(changed(diagnosis=truth[:1]))["diagnosis"] == 0
    for mutant in (padded, elsewhere, late):
        assert 0 < points(changed(diagnosis=mutant))["diagnosis"] < 14


def test_intervals_are_scored_by_a_proper_rule():
    """In expectation over what one believes, the honest central interval does best."""
    actual = 8000.0
    honest = SCORING.interval([0.95 * actual, 1.05 * actual], "failed", actual)
    assert honest == 1
    assert SCORING.interval([0.4 * actual, 2.5 * actual], "failed", actual) == 0
    assert SCORING.interval([1.2 * actual, 1.21 * actual], "failed", actual) < 0.2
    assert SCORING.interval([2, 1], "failed", actual) is None
    assert SCORING.interval([float("nan"), 1], "failed", actual) is None


def test_rails_outside_the_bounds_are_as_good_as_none():
    for rails in (
        lambda s: {"queue": s["slots"] + 1, "limit": 1, "retries": 0},
        lambda s: {"queue": -1, "limit": 1, "retries": 0},
        lambda s: {"queue": 1, "limit": "all", "retries": 0},
        lambda s: {"queue": 1, "limit": 10**400, "retries": 0},
        lambda s: None,
        lambda s: {"queue": 100, "limit": 1000, "retries": 0.1},
    ):
        assert points({}, rails)["lasting_fix"] <= 1


def test_hostile_and_empty_answers_earn_nothing_and_raise_nothing():
    assert sum(points({}).values()) == 0
    odd = [[], {}, "x", 1e308, None, [None], [{}], {"actions": "x"}, {"actions": [{}], "asked": 3}]
    for value in odd:
        found = points(dict.fromkeys(("diagnosis", "trace", "plan", "impact"), value))
        assert all(math.isfinite(each) for each in found.values())
        assert sum(found.values()) <= 10, value  # an empty plan is one: it costs what it costs
    spread = {"spread": dict.fromkeys(case().truth()["offered"], 1e6)}
    assert points(changed(trace=[spread]))["trace"] == pytest.approx(0, abs=1e-6)
