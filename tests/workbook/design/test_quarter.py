"""The walk through a quarter against closed forms, cohorts of rows and plain reckoning."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from worksample.workbook.design.pipeline import DAY, line
from worksample.workbook.design.quarter import HOURS, Event, Outcome, simulate, traced

from .pipelines import FACTS, design, guarded, steady


def run(tried, *quarters) -> list[Outcome]:
    own = line(tried, FACTS)
    return simulate([own] * len(quarters), quarters, FACTS)


def test_rows_wait_for_a_run_of_each_step():
    """Every 6 h, 6 million rows, 2 h to load and 3 h to make."""
    (told,) = run(design(), steady())
    later = told.age[10 * DAY :]
    assert later.max() <= 6 + 6 + 1 + 1
    assert later.min() >= 1
    assert told.rows_day == pytest.approx(24, rel=0.02)


def test_a_stream_is_as_fresh_as_its_two_steps():
    tried = _stream(3)
    (told,) = run(tried, steady())
    assert told.age[DAY:].max() == pytest.approx(0.2, abs=1e-6)


def _stream(size):
    data = design().plain()["components"]
    del data["bucket"], data["tables"]
    data["load"] = {"kind": "stream_load", "partitions": size, "to": ["replay"]}
    data["replay"] = {"kind": "log", "keep_days": 40, "to": ["flow", "fit"]}
    data["flow"] = {"kind": "stream_features", "workers": size, "to": ["lookup"]}
    read = FACTS.checked({"components": data})
    assert read.design, read.complaint
    return read.design


def test_what_is_too_small_falls_behind_by_the_difference():
    """A million rows an hour come, half of them are done: in the end half a quarter late."""
    (told,) = run(_stream(1), steady())
    assert told.age[-1] == pytest.approx(HOURS / 2, rel=0.01)


def test_the_walk_is_that_of_cohorts():
    """Row by row: each hour's rows carry their hour through two queues, oldest first."""
    rng = np.random.default_rng(3)
    quarter = replace(steady(), rows=rng.uniform(0.4, 1.6, HOURS))
    for every, machines in ((3, 1), (12, 2), (24, 3)):
        tried = design(
            load={"every_h": every, "machines": machines},
            tables={"every_h": every, "machines": machines},
        )
        (told,) = run(tried, quarter)
        assert told.age[DAY:].mean() == pytest.approx(
            _cohorts(quarter.rows, every, 4.0 * machines, 2.0 * machines)[DAY:].mean(), rel=0.06
        )


def _cohorts(rows, every, load_speed, make_speed):
    waiting, job, raw, job2 = [], [], [], []
    newest, since, ages = -1, every, []
    for hour, amount in enumerate(rows):
        waiting.append([hour, amount])
        if hour % every == 0:
            job += waiting
            waiting = []
        raw += _worked(job, load_speed)
        if since >= every and not job:
            job2, raw, since = job2 + raw, [], 0
        done = _worked(job2, make_speed)
        newest = max([newest, *(h for h, _ in done)])
        since += 1
        ages.append(hour - newest + 1.0)
    return np.array(ages)


def _worked(job, able):
    done = []
    while job and able > 0:
        part = min(able, job[0][1])
        job[0][1] -= part
        able -= part
        if job[0][1] <= 1e-12:
            done.append((job.pop(0)[0], part))
            done[-1] = [done[-1][0], 1.0 if part else 0.0]
        elif part:
            break
    return done


def test_a_platform_costs_what_its_hours_cost():
    """4 runs a day: 0.5 h to start and 1.5 h of work to load, 0.5 and 3 to make; 40 days kept."""
    (told,) = run(design(), steady())
    runs = 4 * 91
    stored = 40 * 24 * 0.01 + 24 * 0.001
    assert told.stored_tb == pytest.approx(stored)
    expected = runs * (0.5 + 1.5 + 0.5 + 3) + 40 * 24 * 0.01 * 91
    assert told.money["platform"] == pytest.approx(expected, rel=0.02)
    assert told.loss == pytest.approx(sum(told.money.values()))


def test_a_model_learns_from_young_rows_that_all_is_well():
    """Half of the outcomes of rows up to 10 days old are known: half of 0.5 is lost."""
    young = run(design(fit={"window_days": 10, "wait_days": 0}), steady())[0]
    ripe = run(design(), steady())[0]
    assert young.error.mean() == pytest.approx(0.25, abs=0.01)
    assert ripe.error.mean() == pytest.approx(0, abs=1e-6)
    assert young.train_rows == pytest.approx(120, rel=0.02)


CAUGHT = {
    # event: (who catches it in a guarded design, hours of answers that an unguarded one loses)
    "schema": (Event("schema", 500, hours=6), "agreed", (100 + 6) * 0.5),
    "doubled": (Event("doubled", 500, hours=12, size=3), "once", (100 + 12) * 0.2),
    "value": (Event("value", 500, hours=6, size=5), "looks", (100 + 6) * 0.5),
    "labels": (Event("labels", 500, hours=96, size=0.3), "people", None),
    "code": (Event("code", 500, size=0.2), "better", (100 + 60) * 0.2),
    "trainer": (Event("trainer", 500), "clock", 0),
}


@pytest.mark.parametrize("kind", CAUGHT)
def test_a_fault_is_caught_by_the_first_that_sees_it(kind):
    event, who, hours = CAUGHT[kind]
    told = run(guarded(), steady(event))[0]
    assert told.caught[kind] == who
    assert told.money["faults"] == 0
    bare = run(design(clock=None), steady(event))[0]
    assert bare.caught[kind] == ""
    if hours is not None:
        assert bare.money["faults"] == pytest.approx(10 * hours)


BEHIND = {
    # what is out of order -> who sees it then
    "schema": ("contract", "looks"),
    "doubled": ("dedup", "looks"),
    "value": ("checks", "watch"),
    "trainer": ("orchestrator", ""),
}


@pytest.mark.parametrize("kind", BEHIND)
def test_a_guard_that_is_out_of_order_is_followed_by_the_next(kind):
    """And it is back afterwards: money that hangs on it in other ways stays as it was."""
    out, who = BEHIND[kind]
    event = replace(CAUGHT[kind][0], out=out, size=5.0)
    told, whole = run(guarded(), steady(event), steady())
    assert told.caught[kind] == who
    assert told.money["platform"] == pytest.approx(whole.money["platform"], rel=0.01)
    assert told.money["faults"] >= whole.money["faults"]


def test_what_nothing_works_without_sees_nothing_and_works_on():
    """A serving shows a new model to all at once; a loader loads and waits for no late row."""
    event = Event("late", 500, hours=8, out="batch_load")
    told = run(guarded(load={"lateness_h": 24}), steady(event))[0]
    assert told.caught["late"] != "load"
    assert told.rows_day > 0


def test_what_is_too_small_for_a_check_gets_through():
    small = run(guarded(), steady(Event("value", 500, hours=6, size=3.9)))[0]
    assert small.caught["value"] == "watch"
    assert small.money["faults"] == pytest.approx(10 * 0.5 * (12 + 12 + 6))


def test_a_gate_learns_nothing_from_wrong_outcomes_unless_people_checked_some():
    event = Event("labels", 500, hours=144, size=0.45)
    few = {"people": {"looked_at": 1}}
    assert run(guarded(**few), steady(event))[0].caught["labels"] == ""
    checked = guarded(**few, better={"holdout": "checked"})
    assert run(checked, steady(event))[0].caught["labels"] == "better"


def test_late_rows_make_features_old_and_are_lost_to_a_loader_that_does_not_wait():
    event = Event("late", 500, hours=12)
    waits, misses = (run(design(load={"lateness_h": hours}), steady(event))[0] for hours in (24, 0))
    assert waits.worst_age_h >= run(design(), steady())[0].worst_age_h + 6
    assert waits.money["faults"] == 0 < misses.money["faults"]


def test_people_are_erased_everywhere_or_a_fine_is_due():
    stores = ["bucket", "lookup"]
    forgetting = {"kind": "eraser", "every_days": 9}
    whole = run(design(forget={**forgetting, "to": stores}), steady())[0]
    part = run(design(forget={**forgetting, "to": ["bucket"]}), steady())[0]
    assert whole.money["erasure"] == 0
    assert part.money["erasure"] == pytest.approx(91 * 2 * 0.75)
    late = run(design(forget={"kind": "eraser", "every_days": 10, "to": stores}), steady())[0]
    assert late.money["erasure"] == pytest.approx(91 * 2)


def test_an_answer_is_traced_as_far_back_as_everything_is_kept():
    tried = guarded(
        answers={"to": ["said", "watch"]},
        said={"kind": "predictions", "keep_days": 30},
        repo={"kind": "code", "to": ["fit"]},
        models={"versions": 5, "lineage": "code_and_data"},
        bucket={"states": "all", "keep_days": 60},
    )
    own = line(tried, FACTS)
    assert all(traced(own, 30).values())
    assert traced(own, 31) == {"answer": False, "model": True, "code": True, "data": False}
    assert not traced(own, 36)["model"]


def test_old_features_take_what_is_left_over_and_what_is_hired():
    """10 days are 240 million rows; 2 an hour less 1 are left: 240 h, with 2 hired 48 h."""
    event = Event("backfill", 960, size=10)
    plain, hired = (run(design(tables={"burst": n}), steady(event))[0] for n in (0, 2))
    assert plain.backfill_h == pytest.approx(240, rel=0.05)
    assert hired.backfill_h == pytest.approx(48, rel=0.05)
    assert plain.money["backfill"] == pytest.approx(1000 * (plain.backfill_h / 100 - 1))
    gone = run(design(bucket={"keep_days": 9}), steady(event))[0]
    assert gone.money["backfill"] == 2000


def test_a_region_is_down_for_as_long_as_nothing_stands_elsewhere():
    event = Event("region", 500, hours=20)
    bare, cold = (
        run(tried, steady(event))[0]
        for tried in (design(), design(elsewhere={"kind": "standby", "mode": "cold"}))
    )
    assert bare.money["outage"] == pytest.approx(200)
    assert cold.money["outage"] == pytest.approx(80)


def test_a_quarter_takes_less_than_two_seconds():
    own = line(guarded(), FACTS)
    begun = time.process_time()
    simulate([own] * 8, [steady()] * 8, FACTS)
    assert time.process_time() - begun < 2
