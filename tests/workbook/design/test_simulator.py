"""What the simulator has to be right about, each with its reason."""

from __future__ import annotations

import numpy as np
import pytest

from worksample.workbook.design import worlds
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import base_price, plant
from worksample.workbook.design.simulator import Course, simulate
from worksample.workbook.design.worlds import World

from .firms import FACTS, design, steady


def run(tried: Design, world: World) -> Course:
    return simulate(plant([tried], FACTS), [world], FACTS, watched=True)


def test_load_is_what_is_asked_over_what_there_is():
    """20 quick and 2 heavy ones a second, 16 workers: 20·69 ms + 2·1509 ms = 4.4 workers."""
    course = run(design(), steady(20, 2))
    held = 4 + 5 * (1 + (40 / 800) / (2 * (1 - 40 / 800)))  # set up, then the store's M/D/1
    work = 20 * (60 + held) / 1000 + 2 * (1500 + held) / 1000
    repeats = 1 + 0.01  # one in a hundred slips and comes again
    assert course.load[20, 0, 0] == pytest.approx(work * repeats / 16, rel=0.01)
    assert course.cost[20, 0] == pytest.approx(base_price(design(), FACTS) + 4 * 0.5)


def test_what_comes_is_answered_lost_or_waits():
    """Nothing is answered that did not come, in calm and in overload."""
    for world in (steady(20, 2), steady(400, 10), worlds.crowd(steady(50, 2), 10, 5, 4)):
        course = run(design(), world)
        assert (course.good >= -1e-9).all()
        assert (course.good.sum(axis=0) <= course.offered.sum(axis=0) + 1e-6).all()
        most = 16 / 0.069  # quick ones a second that 16 workers can do
        assert (course.good[..., 0] <= most * 1.05).all()


def test_a_full_queue_that_outlasts_its_callers_never_empties_and_a_short_one_does():
    """Metastable: work for people who have gone, and their repeats, keep it full afterwards."""
    burst = worlds.crowd(steady(120, 2, 90), 10, 8, 4)
    patient = {"retries": 3, "retry_budget": 3.0, "timeout_ms": 2000}
    stuck = run(design(front=patient, models={"queue": 50_000}), burst)
    short = run(design(front=patient, models={"queue": 60}), burst)
    budget = run(design(front=patient | {"retry_budget": 0.1}, models={"queue": 60}), burst)
    assert stuck.share[60, 0] < 0.2
    assert stuck.share[5, 0] > 0.95
    assert short.share[60, 0] > 0.95
    assert budget.share[30, 0] > 0.95


def test_processors_do_not_see_who_waits_for_the_store():
    """A slow store fills workers; what follows processors adds none, what follows demand does."""
    world = worlds.slow_store(steady(100, 0, 40), 10, 25, 60)
    scaled = {"least": 4, "most": 30, "target": 0.5, "queue": 400}
    seen = {
        scale: run(design(models=scaled | {"scale": scale}), world).machines[33, 0, 0]
        for scale in ("cpu", "demand")
    }
    assert seen["demand"] > 1.5 * seen["cpu"]


def test_machines_work_some_minutes_after_they_were_asked_for():
    world = worlds.crowd(steady(120, 0, 110), 80, 25, 4, rise=1)
    course = run(design(models={"scale": "demand", "most": 40, "least": 4}), world)
    assert course.share[81, 0] < 0.9
    assert course.share[90, 0] > 0.95


def test_half_of_the_machines_are_gone_with_one_of_two_zones():
    course = run(design(), worlds.lost_zone(steady(20), 10, 10, 0))
    assert course.machines[9, 0, 0] == 4
    assert course.machines[10, 0, 0] == pytest.approx(2 + 2)  # two are gone, two are starting
    assert course.load[11, 0, 0] == pytest.approx(2 * course.load[9, 0, 0], rel=0.05)


def test_defaults_are_worth_more_than_waiting_for_a_slow_store():
    world = worlds.slow_store(steady(150), 10, 15, 60)
    patient = run(design(), world).share[20, 0]
    brisk = run(design(features={"timeout_ms": 30, "on_timeout": "defaults"}), world).share[20, 0]
    assert brisk == pytest.approx(0.9, abs=0.03)
    assert patient < 0.5


def test_a_release_is_stopped_by_its_rule_and_one_that_is_too_nervous_stops_a_good_one():
    bad = worlds.new_version(steady(50, 0, 120), 10, 0.4)
    rules = {
        "none": {},
        "rule": {
            "versions": {"kind": "release", "first": 0.1, "watch_min": 30, "stop_above": 0.08}
        },
        "nervous": {
            "versions": {"kind": "release", "first": 0.01, "watch_min": 30, "stop_above": 0.015}
        },
    }
    lost = {name: run(design(**rule), bad) for name, rule in rules.items()}
    spoiled = {name: float((c.offered - c.good).sum()) for name, c in lost.items()}
    assert spoiled["rule"] < 0.3 * spoiled["none"]
    assert lost["nervous"].stopped[0] == 1
    assert lost["rule"].stopped[0] == 0


def test_money_is_machines_what_is_above_the_budget_and_what_was_lost():
    course = run(design(models={"least": 60}), steady(20, 1))
    spent = base_price(design(), FACTS) + 30
    missed = (course.offered - course.good).mean(axis=0)[0] @ [0.001, 0.01] * 3600
    assert course.loss(FACTS)[0] == pytest.approx(spent + 3 * (spent - 20) + missed)


def test_many_runs_at_once_are_what_each_is_by_itself():
    """The search runs hundreds together, a check one: they have to agree."""
    tried = [
        design(),
        design(models={"machine": "fast", "batch": 8, "least": 3}),
        design(
            front={"to": ["shared", "heavy"]},
            models={"serves": ["quick"]},
            heavy={**design().plain()["components"]["models"], "serves": ["heavy"]},
            shared={"kind": "cache", "key": "item", "keep_s": 100, "to": ["models"]},
        ),
    ]
    ran = [worlds.crowd(steady(60, 2), 10, 5, 3), worlds.slow_store(steady(60, 2), 10, 5, 20)]
    together = simulate(
        plant(tried, FACTS).rows(np.repeat(np.arange(3), 2)), ran * 3, FACTS, watched=True
    )
    alone = [run(each, world) for each in tried for world in ran]
    for number, course in enumerate(alone):
        assert together.good[:, number] == pytest.approx(course.good[:, 0])
        assert together.cost[:, number] == pytest.approx(course.cost[:, 0])


def test_a_cache_on_one_persons_key_answers_little():
    shared, own = (
        run(
            design(
                front={"to": ["kept", "models"]},
                kept={"kind": "cache", "key": key, "keep_s": 300, "to": ["models"]},
            ),
            steady(100),
        )
        for key in ("item", "user")
    )
    assert shared.load[20, 0, 0] < 0.6 * own.load[20, 0, 0]
