"""The truth of a case against independent reckonings, and the scheduler against a plain loop."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from .drawn import SEED, case, module, recorded

facts, plans, scheduler = (module(f"toolkit.{n}") for n in ("firm", "plans", "scheduler"))


@pytest.fixture(scope="module")
def tomorrow() -> Any:
    return module("hidden.tomorrow").of_truth(case().truth())


# -- the scheduler ---------------------------------------------------------------------------------


def by_hand(firm: Any, work: list[dict[str, Any]], worlds: Any, assumed: Any, row: int) -> Any:
    """One year in plain Python: (initiative -> sprint of its end, benefit by sprint)."""
    at = dict(zip(facts.EVENTS, worlds.at[row], strict=True))
    days = dict(zip(firm.people, firm.days, strict=True))
    rows, ids = firm.data["initiatives"], list(firm.ids)
    effort = {r["id"]: worlds.effort[row, ids.index(r["id"])] for r in work}
    for r in work:
        effort[r["id"]] *= 1.3 if r["coached"] else 1
    owners = {r["id"]: list(r["owners"]) for r in work}
    money, started, done = float(firm.data["budget"]), set(), {}
    for sprint in range(26):
        if at["freeze"] == sprint:
            money = max(0.0, money - 0.3 * firm.data["budget"])
        if at["leaver"] + 3 == sprint:
            for name in owners:
                _replace(firm, owners, name, days)
        free = {p: days[p] * (0.25 if 0 <= sprint - at["incident"] < 3 else 1) for p in days}
        if at["leaver"] <= sprint:
            free[firm.data["leaver"]] = 0.0
        before = set(done)
        for r in work:
            name = r["id"]
            held = name in firm.data["owner_holds"] and 0 <= sprint - at["owner"] < 7
            held |= name in firm.data["vendor_brings"] and 0 <= sprint - at["vendor"] < 7
            if held or name in done or r["from"] > sprint or set(rows[name]["needs"]) - before:
                continue
            if name not in started:
                price = rows[name]["price"] * (1.4 if at["price"] <= sprint else 1)
                if price > money:
                    continue
                money -= price
                started.add(name)
            for person in owners[name]:
                speed = 1.0 if rows[name]["skill"] in firm.data["people"][person]["skills"] else 0.5
                given = min(free[person], effort[name] / speed)
                free[person] -= given
                effort[name] -= given * speed
            if effort[name] <= 1e-9:
                done[name] = sprint + 1
    return done, _benefit(firm, work, worlds, assumed, row, done, at)


def _replace(firm: Any, owners: dict[str, list[str]], name: str, days: dict[str, float]) -> None:
    leaver, skill = firm.data["leaver"], firm.data["initiatives"][name]["skill"]
    if leaver in owners[name]:
        able = [p for p in firm.people if skill in firm.data["people"][p]["skills"]]
        heir = max((p for p in able if p != leaver), key=lambda p: days[p])
        kept = [] if heir in owners[name] else [heir]
        owners[name] = [x for p in owners[name] for x in (kept if p == leaver else [p])]


def _benefit(
    firm: Any, work: Any, worlds: Any, assumed: Any, row: int, done: Any, at: Any
) -> list[float]:
    ids, told = list(firm.ids), []
    audit = firm.data["audit"]["sprint"] - (3 if at["audit"] < 26 else 0)
    cleared = max(done.get(name, 999) for name in firm.data["audit"]["wants"])
    for sprint in range(26):
        left = dict.fromkeys(facts.TARGETS, 1.0)
        for r in work:
            target = firm.data["initiatives"][r["id"]]["acts_on"]
            needed = [b for a, b in assumed.also_needs if a == r["id"]]
            since = max(done.get(n, 999) for n in [r["id"], *needed])
            tau = worlds.adoption[row, 0 if r["coached"] else 1]
            tau *= 2.5 if at["resistance"] < 26 else 1
            used = 1 - np.exp(-max(sprint + 0.5 - since, 0) / tau)
            if target:
                left[target] *= 1 - worlds.cut[row, ids.index(r["id"])] * used
        gain = sum(assumed.stakes[t] * (1 - left[t]) for t in left) * 12 / 26
        gain = 0.0 if audit <= sprint < cleared else gain
        told.append(gain - (firm.data["prices"]["fine"] if sprint == audit < cleared else 0))
    return told


def test_the_scheduler_does_what_a_plain_loop_does(tomorrow):
    """Forty years of a changed plan, in which each event happens in some."""
    work = [row | {"from": 3 * (i % 4 == 1)} for i, row in enumerate(recorded("strong")[0]["work"])]
    firm, assumed = tomorrow.firm, tomorrow.assumed
    worlds = tomorrow.worlds.rows(np.arange(40))
    assert ((worlds.at < 26).sum(axis=0) > 0).all()
    course = scheduler.run(firm, [plans.plan_of(work, firm)], worlds, assumed)
    for row in range(40):
        done, benefit = by_hand(firm, work, worlds, assumed, row)
        found = {n: int(s) for n, s in zip(firm.ids, course.done[row], strict=True) if s <= 26}
        assert found == done, row
        assert course.benefit[row] == pytest.approx(benefit, abs=1e-9), row


def test_many_plans_at_once_are_each_by_itself(tomorrow):
    firm, worlds = tomorrow.firm, tomorrow.worlds.rows(np.arange(6))
    works = [recorded("strong")[0]["work"], case().truth()["reference"]["work"][:5]]
    both = [plans.plan_of(work, firm) for work in works]
    which = np.repeat([0, 1], 6)
    rows = worlds.rows(np.tile(np.arange(6), 2))
    course = scheduler.run(firm, both, rows, tomorrow.assumed, which)
    for place, plan in enumerate(both):
        alone = scheduler.run(firm, [plan], worlds, tomorrow.assumed)
        assert course.value[6 * place : 6 * place + 6] == pytest.approx(alone.value)


def test_five_hundred_years_take_less_than_two_seconds(tomorrow):
    plan = plans.plan_of(recorded("strong")[0]["work"], tomorrow.firm)
    began = time.process_time()
    scheduler.run(tomorrow.firm, [plan], tomorrow.worlds, tomorrow.assumed)
    assert time.process_time() - began < 2
    assert len(tomorrow.worlds) == 500


def test_more_of_anything_is_never_worse(tomorrow):
    """More days, less work, no event: no year is worse for it."""
    from dataclasses import replace

    firm, worlds = tomorrow.firm, tomorrow.worlds.rows(np.arange(60))
    plan = plans.plan_of(recorded("strong")[0]["work"], firm)
    usual = scheduler.run(firm, [plan], worlds, tomorrow.assumed).value.mean()
    calm = scheduler.without(worlds)
    less = replace(worlds, effort=worlds.effort * 0.8)
    for better in (calm, less, replace(worlds, cut=worlds.cut * 1.1)):
        assert scheduler.run(firm, [plan], better, tomorrow.assumed).value.mean() > usual


# -- a case ----------------------------------------------------------------------------------------


def test_the_state_is_what_a_change_by_change_count_gives():
    """From the files as they are given out, without the functions that wrote the truth."""
    told, public = case().truth()["state"], case().public
    changes = pd.read_csv(public / "changes.csv", parse_dates=["asked", "deployed"])
    visits = pd.read_csv(public / "visits.csv", parse_dates=["entered", "begun", "left"])
    incidents = pd.read_csv(public / "incidents.csv", parse_dates=["began", "restored"])
    live = {
        row.change: (row.deployed - row.asked).total_seconds() / 86400
        for row in changes.itertuples()
        if row.kind == "model" and row.deployed == row.deployed and row.deployed is not pd.NaT
    }
    assert told["lead_days"] == pytest.approx(float(np.median(list(live.values()))), rel=1e-3)
    assert told["per_month"] == len(live) / 12
    failed = {r.change for r in incidents.itertuples() if r.cause == "change" and r.change in live}
    assert told["failed"] == pytest.approx(len(failed) / len(live))
    spent: dict[str, float] = {}
    counted = set()
    for row in visits.sort_values("left").itertuples():  # those without an end come last
        key = (row.change, row.stage, row.entered)
        if row.change in live and key not in counted:
            counted.add(key)
            days = (row.left - row.entered).total_seconds() / 86400
            spent[row.stage] = spent.get(row.stage, 0) + days
    shares = {stage: days / sum(spent.values()) for stage, days in spent.items()}
    assert shares == pytest.approx(told["shares"], abs=1e-3)
    assert sum(spent.values()) == pytest.approx(sum(live.values()), rel=1e-3)


def test_no_strong_plan_beats_the_reference_by_much():
    outcome = module("judging.outcome")
    for name in ("strong", "strong_audit", "strong_quick"):
        assert outcome.load(case().truth(), recorded(name)[0]["work"]).value <= 1.03


def test_a_case_is_worth_its_trouble():
    """Who does not know the wall, or plans by votes, loses; the audit can be passed."""
    truth, outcome = case().truth(), module("judging.outcome")
    assert truth["passed"] >= 0.85
    wall = [row for row in truth["reference"]["work"] if row["id"] != truth["hidden"]["carried"]]
    assert outcome.load(truth, wall).value < 0.9
    assert truth["draft_value"] < 0.3 * truth["reference"]["value"]


def test_the_same_seed_is_the_same_firm_and_another_is_another():
    scenario = module("scenario")
    drawn = [scenario._draw(seed, "standard", 0) for seed in (SEED, SEED, SEED + 1)]
    assert drawn[0].firm.data == drawn[1].firm.data
    assert drawn[0].logs.visits.equals(drawn[1].logs.visits)
    assert drawn[0].firm.data != drawn[2].firm.data


@pytest.mark.parametrize(("one", "other"), [("junior", "standard"), ("standard", "senior")])
def test_levels_differ_in_days_and_date(one, other):
    draw = module("scenario")._draw
    first, second = (draw(SEED, level, 0).firm for level in (one, other))
    assert first.days.sum() > second.days.sum()
    ranges = module("hidden.firm").AUDIT_AT
    assert ranges[one] > ranges[other]


def test_a_signal_that_is_useful_comes_before_its_event_and_another_does_not():
    risks, tomorrow = module("hidden.risks"), module("hidden.tomorrow").of_truth(case().truth())
    unit = case().truth()["units"]
    for place, name in enumerate(facts.EVENTS):
        at = tomorrow.worlds.at[:, place]
        rows = np.flatnonzero(at < 26)
        before = np.array([tomorrow.signals[r, at[r] - 3 : at[r], place].mean() for r in rows])
        moved = (before.mean() - unit[name][0]) / unit[name][1]
        assert (moved > 1.5) == tomorrow.hidden.useful[name], name
    assert risks.READY < risks.BEFORE
