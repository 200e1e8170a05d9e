"""What the checks reward: the firm's truth, and nothing for nothing."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest

from tests.words import assert_fitting

from .drawn import LEVELS, SEED, case, module, points, recorded, results, sample

FULL = bool(os.environ.get("WORKSAMPLE_FULL"))
SEEDS = range(6) if FULL else range(1)
SCORING, EVENTS = module("judging.scoring"), module("hidden.events")
POSSIBLE = {"numbers": 40, "claims": 25, "actions": 20, "page": 15}


def strong() -> dict:
    return dict(recorded("strong"))


def perfect(level: str = "standard") -> dict:
    """Answers that are the truth."""
    truth = case(level).truth()
    near = {name: [0.97 * v, 1.03 * v] for name, v in truth["actual"].items()}
    options = {
        name: {w: [0.97 * each[w], 1.03 * each[w]] for w in ("saves", "costs")}
        for name, each in truth["options"].items()
        if name != "wait"
    }
    text = " ".join(f"{{{name}}}" for name in near)
    return {
        "numbers": near,
        "claims": {claim: {kind: 1.0} for claim, kind in truth["claims"].items()},
        "actions": {f"e{i}": a for i, a in enumerate(truth["events"]["best_actions"], 1)},
        "page": {
            "text": text, "filled": text, "ask": truth["best"], "options": options,
            "unseen": truth["unseen"],
        },
    }  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
def test_the_truth_earns_everything(level):
    found = results(perfect(level), level)
    assert_fitting(sample(), found)
    earned = {name: sum(part.earned for part in each.parts) for name, each in found.items()}
    assert earned == pytest.approx(POSSIBLE)


@pytest.mark.parametrize("name", ["strong", "strong_by_hand", "strong_cautious"])
@pytest.mark.parametrize("level", LEVELS)
def test_every_strong_way_is_right(name, level):
    for offset in SEEDS:
        earned = points(recorded(name, level, SEED + offset), level, SEED + offset)
        assert sum(earned.values()) >= 96, (offset, earned)


@pytest.mark.parametrize("name", ["idle_middling", "idle_everything", "blank"])
def test_nothing_for_nothing(name):
    for offset in SEEDS:
        earned = points(recorded(name, "standard", SEED + offset), "standard", SEED + offset)
        assert sum(earned.values()) <= 12


def test_what_stands_between():
    assert 40 <= sum(points(recorded("adequate")).values()) <= 90
    assert sum(points(recorded("assistant")).values()) <= 85
    assert sum(points(recorded("weak")).values()) < 40


def changed(part: str, **other) -> dict:
    given = perfect()
    return {**given, part: {**given[part], **other}}


def test_each_mutant_loses_its_own_check_and_no_other():
    truth, whole = case().truth(), points(perfect())
    wide = {name: [0.2 * v, 5 * v] for name, v in truth["actual"].items()}
    total = [1.4 * v for v in perfect()["numbers"]["loss_avoided"]]
    sure = {claim: {"supported": 1.0} for claim in truth["claims"]}
    late = {name: {**one, "by": 72} for name, one in perfect()["actions"].items()}
    watched = {name: {**one, "what": "watch"} for name, one in perfect()["actions"].items()}
    other = next(o for o in truth["options"] if o != truth["best"])
    mutants = (
        ("numbers", changed("numbers", **wide), {"page"}),  # the page says the same numbers
        ("numbers", changed("numbers", loss_avoided=total), {"page"}),
        ("claims", changed("claims", **sure), set()),
        ("actions", {**perfect(), "actions": late}, set()),
        ("actions", {**perfect(), "actions": watched}, set()),
        ("page", changed("page", text="12 or 345 or 678 or 901 or 234 or 567"), set()),
        ("page", changed("page", filled="word " * 351), set()),
        ("page", changed("page", unseen=truth["kinds"]), set()),
        ("page", changed("page", unseen=[]), set()),
        ("page", changed("page", ask=other), set()),
        ("page", changed("page", options={}), set()),
    )
    for part, given, also in mutants:
        earned = points(given)
        assert earned[part] < whole[part] - 0.9, (part, given[part])
        for name in whole.keys() - also - {part}:
            assert earned[name] == pytest.approx(whole[name])


def test_ranges_are_scored_by_a_proper_rule():
    share = SCORING.range_share
    assert share([96, 104], 100, 0.25) == 1
    assert share([20, 500], 100, 0.25) == 0
    assert share([110, 111], 100, 0.25) < 0.2
    for none in ([2, 1], [-1, 1], [0, 1], "x", [1], [1, True], [math.nan, 1], [1, 10**400], None):
        assert share(none, 100, 0.25) is None


def test_honest_probabilities_do_best():
    """In expectation over what one believes, saying it is better than rounding it up or down."""
    belief = {"supported": 0.6, "overstated": 0.3, "wrong": 0.1}

    def expected(said):
        scores = {kind: SCORING.claim_scores({"c": said}, {"c": kind})[0] for kind in belief}
        return sum(p * scores[kind] for kind, p in belief.items())

    honest = expected(belief)
    assert honest > expected({"supported": 1.0})
    assert honest > expected({"supported": 0.4, "overstated": 0.3, "wrong": 0.3})
    assert expected(dict.fromkeys(belief, 1 / 3)) == pytest.approx(0, abs=1e-9)


def test_no_single_action_for_everything_earns_anything():
    for one in EVENTS.every_action():
        given = {**perfect(), "actions": {f"e{i}": one for i in range(1, 7)}}
        assert points(given)["actions"] <= 1e-6


def test_hostile_and_empty_answers_earn_nothing_and_raise_nothing():
    assert sum(points({}).values()) == 0
    odd = [[], {}, "x", 1e308, None, [None], [{}], {"text": 3}, {"text": "x" * 9, "options": 3}]
    odd += [{"text": "{loss_avoided}", "filled": None, "options": {"full": 1}, "unseen": [[]]}]
    odd += [{"e1": {"who": [], "by": {}, "what": None}}, {"c1": {"wrong": "1"}}, {"c1": 7}]
    odd += [{"text": "", "ask": ["full"], "unseen": "all", "options": {"full": {"saves": "x"}}}]
    for value in odd:
        found = points(dict.fromkeys(POSSIBLE, value))
        assert all(math.isfinite(each) for each in found.values())
        assert sum(found.values()) <= 1, value


def test_numpys_numbers_and_arrays_are_ranges_and_infinity_is_none():
    forms = module("toolkit.forms")
    assert forms.range_problem(np.quantile([1.0, 2.0, 3.0], (0.1, 0.9))) == ""
    assert forms.range_problem((np.int64(1), np.float32(2))) == ""
    for none in ([1, math.inf], [math.nan, 2], [0, 1], [2, 1], np.array([1]), "12"):
        assert forms.range_problem(none)


def test_a_page_may_say_some_figures_of_its_own():
    """An option's price, the model's record: what readers ask for is no number of the six."""
    shares, six = points(perfect()), perfect()["page"]["text"]
    some = six + " It costs 30 to 40 thousand euro, duty 55 to 70. Of 100 stalls it sees 63. 2031."
    many = some + " ".join(str(each) for each in range(20, 60))
    assert points(changed("page", text=some))["page"] == pytest.approx(shares["page"])
    assert points(changed("page", text=many))["page"] < shares["page"] - 1


def test_a_name_in_braces_that_is_none_is_told():
    writing = module("toolkit.writing")
    numbers = perfect()["numbers"]
    assert writing.page_problem("It spares { loss_avoided }.", numbers) == ""
    assert "{loss}" in writing.page_problem("It spares {loss}.", numbers)
