"""The truth of a case against an independent reckoning, and what its papers give away."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.guessing import assert_tells_nothing
from worksample.workbook.design.serving import Facts, plant
from worksample.workbook.design.simulator import simulate
from worksample.workbook.design.worlds import plain_world

from .drawn import case, module, recorded

PEAK = 19 * 60 + 30
ROOMY = {
    "front": {"connections": 50_000}, "models": {"least": 400, "most": 400},
    "features": {"nodes": 100},
}  # fmt: skip


@pytest.fixture(scope="module")
def truth():
    return case().truth()


def test_the_limits_are_where_the_simulator_has_them(truth):
    """Computed by mean values; here by raising the load until a part's own load is 1.

    Each by itself, the others with room to spare: a pool that waits for a full store is full too.
    """
    facts, limits = Facts(truth["facts"]), dict(truth["limits"])
    parts = truth["current"]["components"]
    mix = np.array(truth["day"])[PEAK - 30 : PEAK + 30].mean(axis=0)
    factors = np.linspace(0.5, 4, 71)
    worlds = [plain_world(np.tile(mix * f, (3, 1)), 3) for f in factors]
    for name in ("models", "features"):  # the gateway's hangs on waiting, which means leave out
        others = {of: given for of, given in ROOMY.items() if of != name}
        roomy = {of: part | others.get(of, {}) for of, part in parts.items()}
        current = facts.checked({"components": roomy}).design
        numbers = plant([current], facts).rows(np.zeros(len(factors), dtype=int))
        course = simulate(numbers, worlds, facts, watched=True)
        loads = {"models": course.load[0, :, 0], "features": course.store[0]}[name]
        found = np.interp(1.0, loads, factors * mix.sum())
        assert limits[name] == pytest.approx(found, rel=0.06), name
    rates = [rate for _, rate in truth["limits"]]
    assert rates == sorted(rates)
    assert min(np.diff(np.log(rates))) > 0.1
    assert mix.sum() < rates[0] < 1.5 * mix.sum()


def test_no_strong_design_beats_the_reference_by_much(truth):
    """1 is the best that is known: strong designs are held against it in money."""
    outcome = module("judging.outcome")
    for name in ("strong", "strong_accelerators", "strong_cached"):
        judged = outcome.load(truth, json.loads(recorded(name))["design"])
        reference = module("hidden.reference")
        told = reference.judged(
            [judged.design],
            module("hidden.tomorrow").scenarios(judged.firm, judged.tomorrow),
            module("hidden.tomorrow").of_zones(judged.firm, judged.tomorrow),
            judged.facts,
        )
        assert np.mean([v[0] for v in told.values()]) >= np.mean(list(truth["reference"].values()))


def test_papers_hold_what_was_forecast_and_not_what_comes(truth):
    told = "".join(path.read_text("utf-8") for path in case().public.glob("*.[jmy]*"))
    assert f"{truth['growth']}" not in told
    assert f"{truth['restore_gb_hour']:.2f}" not in told
    low, high = truth["forecast"]
    assert low < truth["growth"] < high
    for event, ranges in module("hidden.tomorrow").RANGES.items():
        for name, (least, most) in ranges.items():
            assert least <= truth["happens"][event][name] <= most


@pytest.mark.parametrize("level", ["junior", "senior"])
def test_a_senior_has_one_constraint_more(level):
    data = module("hidden.firm").draw(np.random.default_rng(1), level).facts.data
    assert ("quota" in data["machines"]["accelerator"]) == (level == "senior")
    assert (data["cache"]["oldest_s"] == 60) == (level == "senior")


def test_two_candidates_have_two_firms_and_one_has_the_same_twice():
    """Names, order and sizes of files are alike whatever the first limit is."""
    draw = module("hidden.firm").draw
    drawn = [draw(np.random.default_rng(seed), "standard") for seed in range(30)]
    first = [next(iter(firm.limits)) for firm in drawn]
    assert {first.count(name) > 3 for name in ("front", "models", "features")} == {True}
    names = {tuple(firm.current.components) for firm in drawn}
    assert len(names) == 1
    again = draw(np.random.default_rng(0), "standard")
    assert again.facts.data == drawn[0].facts.data
    assert (again.log == drawn[0].log).all()


def test_a_program_that_reads_only_the_form_guesses_neither_limit_nor_tomorrow():
    """Prices, speeds, sizes of data and the order of parts; not what one reckons limits from."""
    firm, tomorrow = module("hidden.firm"), module("hidden.tomorrow")
    shapes, truths = [], {name: [] for name in ("first limit", "second", "growth", "crowd")}
    for seed in range(160):
        facts = firm._facts(np.random.default_rng([seed, 1]), "standard")
        rng = np.random.default_rng([seed, 2])
        current, limits = firm._current(rng, facts, np.array([0.97, 0.03]))
        ahead = tomorrow.draw(np.random.default_rng([seed, 3]))
        machines = facts["machines"].values()
        shapes.append(
            [
                *(each["price"] for each in machines),
                *(each["each_ms"]["single"] for each in machines),
                facts["standby"]["data_gb"],
                facts["standby"]["changed_gb_hour"],
                facts["cache"]["price"],
                current["components"]["models"]["least"],
                ahead.forecast[0],
            ]
        )
        low, high = ahead.forecast
        first, second, _ = limits
        truths["first limit"].append(first)
        truths["second"].append(second)
        truths["growth"].append(str(ahead.growth > (low + high) / 2))
        truths["crowd"].append(str(ahead.happens["crowd"]["factor"] > 2.1))
    assert_tells_nothing(shapes, truths)
