"""The twin: what goes in comes out, plans do what they say, and many runs are as good as one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worksample.workbook.twin import (
    Action,
    Fault,
    Future,
    Plant,
    Version,
    advance,
    plan_of,
    plan_problem,
    start_state,
)

NAMES = ("gateway", "cache", "workers", "nightly-job", "a", "b", "c")
VERSIONS = {name: (Version("1", -500), Version("2", -60)) for name in NAMES}
PLANT = Plant(
    ("a", "b", "c"), 900, 460, 1.2, 470, 585, 0.8,
    ticks={"config-sync": (14, 30), "rollout": (17, 30), "nightly-job": (12, 30)},
    versions=VERSIONS | {"feature-file": (Version("b1", -48), Version("b2", -18))},
    managed=("gateway", "a"),
    prices={"failed": 1.0, "wrong": 2.0, "shed": 0.9, "action": 50.0},
)  # fmt: skip
CALM = Future(np.full(60, 900.0))


def ran(faults=(), plan=(), future=CALM, plant=PLANT):
    return advance(plant, faults, start_state(plant, 0), 0, [future], (plan,), detailed=True)


def test_a_sound_production_answers_everything():
    totals = ran().totals
    assert totals["answered"].sum() == pytest.approx(totals["arrivals"].sum())
    assert totals["failed"].sum() == totals["wrong"].sum() == 0


@pytest.mark.parametrize("factor", [1.0, 1.4, 2.5])
def test_attempts_are_conserved(factor):
    """Arrivals and retries: refused, answered, failed, or still waiting at the end."""
    record = ran(future=Future(np.full(60, 900.0 * factor)))
    totals, detail = record.totals, record.detail
    came = totals["arrivals"] + totals["retries"]
    gone = totals["answered"] + detail["every_failure"]
    waiting = detail["waiting"][:, -1].sum()
    assert came.sum() == pytest.approx(gone.sum() + waiting, rel=1e-9)


def test_many_runs_are_as_good_as_one():
    faults = [Fault("retry_storm", "gateway", -60, 1.3), Fault("memory_leak", "b", -60, 0.13)]
    futures = [Future(np.full(60, 900.0)), Future(np.full(60, 1450.0), ((20, 0),))]
    plans = [(), (Action(3, "roll_back", "gateway", "1"), Action(5, "drain", "b"))]
    together = advance(PLANT, faults, start_state(PLANT, 0), 0, futures, plans).totals["harm"]
    place = 0
    for plan in plans:
        for future in futures:
            alone = ran(faults, plan, future).totals["harm"][0]
            np.testing.assert_allclose(together[place], alone)
            place += 1


def test_an_actor_undoes_what_it_manages_unless_it_is_held():
    fault = [Fault("retry_storm", "gateway", -60, 1.3)]
    peak = Future(np.where(np.arange(60) < 6, 1700.0, 900.0))
    again = Future(np.where((np.arange(60) < 6) | (np.abs(np.arange(60) - 30) < 3), 1700.0, 900.0))
    back = (Action(8, "roll_back", "gateway", "1"),)
    held = (*back, Action(10, "suspend", "config-sync"))
    late = slice(40, None)
    assert ran(fault, (), peak).totals["failed"][0, late].sum() > 2000  # the peak is long gone
    assert ran(fault, back, peak).totals["failed"][0, late].sum() < 100
    assert ran(fault, back, again).totals["failed"][0, late].sum() > 2000
    assert ran(fault, held, again).totals["failed"][0, late].sum() < 100


def test_a_longer_queue_makes_an_overload_worse():
    peak, answered = Future(np.full(60, 1700.0)), []
    for queue in (100.0, 470.0, 2000.0):
        plant = Plant(**{**vars(PLANT), "queue": queue})
        answered.append(ran(future=peak, plant=plant).totals["answered"].sum())
    assert answered == sorted(answered, reverse=True)


def test_an_emptied_cache_needs_a_service_that_can_bear_it():
    job = [Fault("job_contention", "nightly-job", -60, 0.85)]
    flush = (Action(14, "flush", "cache"),)
    while_running = ran(job, flush).totals["failed"].sum() - ran(job).totals["failed"].sum()
    sound = ran((), flush).totals["failed"].sum()
    assert while_running > 2 * sound


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["at", "do", "on", "to"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(plain)
def test_any_plan_is_refused_or_can_be_run(given_plan):
    problem = plan_problem(given_plan, PLANT)
    if not problem:
        ran(plan=plan_of(given_plan))


def test_what_stands_beside_an_action_cannot_break_it():
    odd = {"at": 3, "do": "drain", "on": "a", "to": [{"x": []}]}
    assert not plan_problem([odd], PLANT)
    ran(plan=plan_of([odd]))
    huge = {"at": 3, "do": "limit", "on": "gateway", "to": 10**400}
    assert "limit" in plan_problem([huge], PLANT)
    assert "at is" in plan_problem([odd | {"at": 10**400}], PLANT)


def test_actions_keep_their_distance():
    made = plan_of([{"at": 5, "do": "flush", "on": "cache"}] * 3, delay=7, spacing=2)
    assert [each.at for each in made] == [7, 9, 11]


def test_a_plant_is_read_as_it_was_written():
    import json

    assert Plant.from_dict(json.loads(json.dumps(PLANT.as_dict()))) == PLANT
