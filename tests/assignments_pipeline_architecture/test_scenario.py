"""The truth of a case, and what its papers give away."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from worksample.workbook.design.quarter import Event

from .drawn import case, module, recorded

MANY = 200 if os.environ.get("WORKSAMPLE_FULL") else 30


@pytest.fixture(scope="module")
def truth():
    return case().truth()


def test_no_strong_design_beats_the_reference_by_much(truth):
    """1 is the best that is known: strong designs are held against it in money."""
    for name in ("strong", "strong_stream", "strong_managed"):
        judged = module("judging.outcome").load(truth, json.loads(recorded(name))["design"])
        lost = np.mean([each.loss for each in judged.told.values()])
        assert lost >= np.mean(list(truth["reference"].values()))


def test_todays_design_is_far_off_and_the_change_can_be_met(truth):
    for quarter, lost in truth["naive"].items():
        assert lost > 2.3 * truth["reference"][quarter]
    judged = module("judging.outcome").load(truth, truth["revised_design"])
    assert judged.revised[0] <= 0.15
    assert module("judging.outcome").load(truth, truth["reference_design"]).revised[0] > 0.9


def test_papers_hold_what_is_required_and_not_what_comes(truth):
    public = case().public
    told = "".join(path.read_text("utf-8") for path in public.glob("*.[jmy]*"))
    assert f"{truth['growth']}" not in told
    low, high = truth["forecast"]
    assert low < truth["growth"] < high
    for event in (Event(**each) for each in truth["happens"]):
        for name, (least, most) in module("hidden.ahead").RANGES[event.kind].items():
            assert least <= getattr(event, name) <= most
    last = json.loads((public / "facts.json").read_text("utf-8"))["needs"]
    now = truth["facts"]["needs"]
    assert all(last[name] != now[name] for name in ("freshness_h", "audit_days", "budget"))


def test_what_binds_differs_and_stands_in_no_name_or_order():
    """A program that reads only names, order and sizes of the papers learns nothing of it."""
    draw, papers = module("hidden.ahead").draw, module("hidden.papers")
    firms = module("hidden.firm")
    binds, shapes = [], set()
    for seed in range(MANY):
        rng = np.random.default_rng(seed)
        today = firms.draw(rng)
        ahead = draw(rng, "standard")
        binds.append(ahead.binds[0])
        needs = {**today.facts.data["needs"], **ahead.needs, "budget": 13 * 1500.0}
        dossier = papers.dossier(rng, needs)
        words = ["".join(c for c in word if not c.isdigit()) for word in dossier.split()]
        shapes.add(" ".join(words))
        assert ahead.changed not in ahead.binds
    assert len(shapes) == 1
    assert {binds.count(name) > 0 for name in module("hidden.ahead").STRICT} == {True}


def test_two_candidates_have_two_firms_and_one_has_the_same_twice():
    firms = module("hidden.firm")
    one, two, again = (firms.draw(np.random.default_rng(seed)) for seed in (1, 2, 1))
    assert one.facts.data == again.facts.data
    assert (one.log == again.log).all()
    assert one.facts.data != two.facts.data
    assert tuple(one.current["components"]) == tuple(two.current["components"])


def test_a_senior_has_two_hard_requirements():
    draw = module("hidden.ahead").draw
    for level, count in (("junior", 1), ("standard", 1), ("senior", 2)):
        assert len(draw(np.random.default_rng(1), level).binds) == count


def test_a_week_is_read_from_the_log_as_it_is_now():
    quarters, today = (
        module("toolkit.quarters"),
        module("hidden.firm").draw(np.random.default_rng(3)),
    )
    week = quarters.week_of(today.log)
    assert week.sum() == pytest.approx(today.week.sum(), rel=0.02)
    assert np.corrcoef(week, today.week)[0, 1] > 0.99
