"""Faults arrive as in life: in stages, in part, with a relapse; and some changes do no harm."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.assignments_root_cause_analysis.cases import drawn
from tests.assignments_root_cause_analysis.drawn import module

arrival, oddities = module("hidden.arrival"), module("hidden.oddities")
drawing, model = module("hidden.drawing"), module("toolkit.model")
HOSTS = {"host": (0, 1, 2, 3)}


def world(level: str, rows: int = 20_000) -> SimpleNamespace:
    rng = np.random.default_rng(1)
    when = np.sort(rng.uniform(0, 70, rows))
    return SimpleNamespace(
        level=level, rows=pd.DataFrame({"when": when, "host": rng.integers(4, size=rows)})
    )


def arrivals(level: str, told: tuple[float, float] | None, count: int = 60) -> list:
    place = world(level)
    return [
        arrival.draw_arrival(np.random.default_rng(i), place, 30.0, HOSTS, told)
        for i in range(count)
    ]


def test_at_junior_level_a_fault_is_everywhere_at_once() -> None:
    for one in arrivals("junior", (0.6, 0.95), 10):
        rows = world("junior").rows
        assert (one.reached(rows) == (rows["when"] >= 30.0)).all()


def test_a_fault_comes_in_stages_as_a_canary_or_on_a_ramp() -> None:
    assert {one.way for one in arrivals("standard", (0.6, 0.95))} == {"stages", "canary", "ramp"}
    assert {one.way for one in arrivals("standard", None)} == {"stages"}


def test_stages_reach_one_host_first_then_half_then_all() -> None:
    rows = world("standard").rows
    for one in arrivals("standard", None, 10):
        hit, late = one.reached(rows), rows["when"] >= 30.0 + one.span
        delays = sorted(one.delays.values())
        assert delays[0] == 0 < delays[1] < delays[2] == delays[3] == one.span
        assert hit[late].all()
        first = rows["when"].between(30.0, 30.0 + delays[1] - 1e-6)
        assert rows.loc[hit & first, "host"].nunique() == 1
        assert not hit[rows["when"] < 30.0].any()


@pytest.mark.parametrize("way", ["canary", "ramp"])
def test_a_growing_share_begins_small(way: str) -> None:
    rows = world("standard").rows
    for one in (a for a in arrivals("standard", (0.6, 0.95)) if a.way == way):
        hit, passed = one.reached(rows), (rows["when"] - 30.0) / one.span
        early, late = hit[passed.between(0, 0.3)].mean(), hit[passed > 1].mean()
        assert 0.02 < early < 0.6 * late
        assert late == pytest.approx(one.share, abs=0.02)


def test_a_partial_fault_misses_rows_that_it_could_hit() -> None:
    shares = np.array([one.share for one in arrivals("standard", (0.6, 0.95))])
    assert ((shares >= 0.6) & (shares <= 0.95) | (shares == 1)).all()
    assert 0.6 < (shares < 1).mean() < 0.95


def test_some_senior_faults_heal_for_a_day_or_two_and_come_back() -> None:
    rows, found = world("senior").rows, arrivals("senior", None)
    healed = [one for one in found if one.healed]
    assert 0.3 < len(healed) / len(found) < 0.9
    for one in healed:
        begin, end = one.healed
        assert 30.0 + one.span < begin < end < arrival.RELAPSED
        assert 1 <= end - begin <= 2
        hit = one.reached(rows)
        assert not hit[rows["when"].between(begin, end - 1e-6)].any()
        assert hit[rows["when"] >= end].all()
    assert not any(one.healed for one in arrivals("standard", None))


# -- in cases -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("cause", ["wrong_model", "label_join", "stale_feature"])
def test_a_standard_case_has_rows_that_match_and_are_not_hit(cause: str) -> None:
    several = (drawn(cause, place=place) for place in range(4))
    case = next(one for one in several if one.causes[0].arrival.share < 1)
    planted, when = case.causes[0], case.log.world.rows["when"].to_numpy()
    everywhere = when > planted.onset + planted.arrival.span
    assert not planted.reached[everywhere].all()
    assert planted.reached[everywhere].mean() == pytest.approx(planted.arrival.share, abs=0.02)
    assert case.proof.f1 >= 0.97, "and the public files tell which"


@pytest.mark.slow
def test_senior_causes_have_onsets_of_their_own() -> None:
    case = drawn("unit_change", "senior")
    first, second = (cause.onset for cause in case.causes)
    assert 1 < abs(first - second) < 8
    named = np.array(list(case.log.world.timeline.at.values()))
    assert np.abs(named - second).min() > arrival.CLEAR


@pytest.mark.slow
@pytest.mark.parametrize(("level", "count"), [("junior", 0), ("standard", 2), ("senior", 3)])
def test_what_does_no_harm_is_no_cause_and_costs_next_to_nothing(level: str, count: int) -> None:
    case = drawn("unit_change", level)
    assert len(case.oddities) == count
    ids = {cause.id for cause in case.causes}
    assert not any(ids & set(oddity.kin) for oddity in case.oddities)
    assert abs(case.proof.values["oddities"]) < 0.10
    assert (len(case.log.pristine_score) > 0) == (count > 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", oddities.ALL)
def test_every_harmless_change_is_seen_and_moves_no_area(kind) -> None:
    base = drawn("mix_shift")
    world_, planting = base.log.world, module("hidden.planting")
    odd = kind(world_, np.random.default_rng(5), set())
    plain, changed = planting.write_log(world_, ()), planting.write_log(world_, (), (odd,))
    logged = (world_.rows["when"] >= 0).to_numpy()
    areas = [model.auc(log.score[logged], log.p[logged]) for log in (plain, changed)]
    assert areas[0] == pytest.approx(areas[1], abs=0.006)
    ids = base.ids
    materials = module("hidden.materials")
    tables = [materials.events(log, ids) for log in (plain, changed)]
    same_rows = len(tables[0]) == len(tables[1])
    same_keys = (
        materials.reports(plain, ids, 56.0)["trip_key"].tolist()
        == materials.reports(changed, ids, 56.0)["trip_key"].tolist()
    )
    shown = tables[0].drop(columns="served_at").equals(tables[1].drop(columns="served_at"))
    assert not (same_rows and same_keys and shown), "something is to be seen"


@pytest.mark.slow
def test_the_note_of_the_person_on_call_blames_what_does_no_harm() -> None:
    case, materials = drawn("unit_change"), module("hidden.materials")
    world_, written = case.log.world, materials.on_call(case.log.world, case.oddities[:1])
    assert case.oddities[0].blamed() in written
    assert f"Since {world_.date(case.oddities[0].begins):%Y-%m-%d}" in written
    day = pd.Timestamp(written.split("**")[1])
    assert world_.date(46) <= day < world_.date(56), "when every incident has begun"


@pytest.mark.parametrize("kind", oddities.ALL)
def test_what_is_noted_names_no_cause_of_the_list(kind) -> None:
    assert kind.kin, "what it is taken for"
    assert set(kind.kin) <= {cause.id for cause in module("hidden.causes").ALL}
