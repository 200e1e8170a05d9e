"""Scoring: what earns what, and that nothing a candidate can hand in raises."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .drawn import case, module, run

CHECKS = module("checks")
NAMES = sorted(name for name in vars(CHECKS) if name.startswith("check_"))


def score(name, answers=None, calls=None, of=None):
    return getattr(CHECKS, f"check_{name}")(run(answers, calls), of or case())


@pytest.fixture(scope="module")
def truth():
    return case().truth()


# -- the proper rule -----------------------------------------------------------------------------


def test_certainty_in_the_truth_is_all_and_in_another_nothing():
    assert CHECKS.spherical_score({"a": 100}, {"a": 1}) == pytest.approx(1)
    assert CHECKS.spherical_score({"b": 100}, {"a": 1}) == 0
    even = CHECKS.spherical_score(dict.fromkeys("abcdefghij", 10), {"a": 1})
    assert even == pytest.approx(10 ** (-4 / 3 + 2 / 3 - 2 / 3 + 1) / 10, abs=0.2)
    assert 0.15 < even < 0.3


weights = st.lists(st.floats(0.01, 1), min_size=4, max_size=4)


@given(weights, weights)
def test_honesty_is_best_in_expectation(believed, said):
    """Proper: who believes q expects most from saying q (written out from Good's formula)."""
    q, p = np.array(believed) / sum(believed), np.array(said) / sum(said)

    def expected(report):
        return float((q * report**2).sum() / (report**3).sum() ** (2 / 3))

    assert expected(p) <= expected(q) + 1e-12
    one = [CHECKS.spherical_score(dict(enumerate(p)), {i: 1.0}) for i in range(4)]
    assert float(q @ one) == pytest.approx(expected(p))


@given(weights)
def test_with_two_causes_their_shares_score_full(shares):
    q = dict(enumerate(shares))
    assert CHECKS.spherical_score(q, q) == pytest.approx(1)
    assert CHECKS.spherical_score({0: 1.0}, q) <= 1


# -- each check ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "points"), [(0, 10), (1, 10), (-1, 10), (2, 5), (-3, 5), (4, 0), (-30, 0)]
)
def test_onset(truth, off, points):
    day = date.fromisoformat(truth["onset"]) + timedelta(days=off)
    result = score("onset", {"onset": day.isoformat()})
    assert (result.points, result.possible) == (points, 10)


def two(shares, days):
    """A case of two causes with these shares and onsets."""
    causes = [
        {"id": name, "share": share, "onset": day, "remedy_types": []}
        for name, share, day in zip(("wrong_model", "label_join"), shares, days, strict=True)
    ]

    class Two:
        level = "senior"

        @staticmethod
        def truth():
            return {"onset": days[0], "causes": causes}

    return Two()


@pytest.mark.parametrize(
    ("smaller", "points"), [(0.45, 10 * (1 - 0.1 / 0.3)), (0.4, 10 / 3), (0.35, 0), (0.2, 0)]
)
def test_the_other_causes_day_counts_where_nobody_can_tell_which_is_larger(smaller, points):
    of = two((1 - smaller, smaller), ("2031-03-01", "2031-03-06"))
    first = score("onset", {"onset": "2031-03-01"}, of=of)
    other = score("onset", {"onset": "2031-03-07"}, of=of)
    assert first.points == 10
    assert other.points == pytest.approx(points)
    assert ("the other cause's" in other.parts[0].message) == (points > 0)


def trace(spread):
    return {
        "trace": [{"spread": {}}, {"spread": {}}, {"spread": spread, "next_test": "", "at": ""}]
    }


def test_trace(truth):
    right = truth["causes"][0]
    family = CHECKS.FAMILY[right["id"]]
    sibling = next(n for n, f in CHECKS.FAMILY.items() if f == family and n != right["id"])
    other = next(n for n, f in CHECKS.FAMILY.items() if f != family)
    full = score("trace", trace({right["id"]: 100}))
    assert full.points == pytest.approx(30)
    assert full.possible == 30
    assert score("trace", trace({sibling: 100})).points == pytest.approx(5)  # of its family
    assert score("trace", trace({other: 100})).points == 0
    even = score("trace", trace(dict.fromkeys(CHECKS.FAMILY, 100 / len(CHECKS.FAMILY))))
    assert even.points == pytest.approx(0), "as it comes of doing nothing"
    half = score("trace", trace({right["id"]: 50, other: 50})).points
    assert even.points < half < full.points
    scaled = score("trace", trace({right["id"]: 3, other: 3}))
    assert scaled.points == pytest.approx(half)
    assert "scaled" in scaled.parts[0].message


def test_points_on_unknown_names_are_lost_not_ignored(truth):
    right = truth["causes"][0]["id"]
    result = score("trace", trace({right: 50, "gremlins": 50}))
    assert 5 < result.points < 25
    assert "not in the list are lost" in result.parts[0].message
    assert "gremlins" not in str(result.parts) + str(result.details)


def test_affected(truth):
    mask = module("probe").touched(case())
    assert 0.02 < mask.mean() < 0.6, "the days before the incident are among them"
    assert score("affected", calls={"affected": mask}).points == 15
    assert score("affected", calls={"affected": ~mask}).points == 0
    every = score("affected", calls={"affected": np.ones(len(mask), bool)})
    assert every.points == pytest.approx(0), "as it comes of doing nothing"
    half = mask & (np.arange(len(mask)) % 2 == 0)
    assert 0 < score("affected", calls={"affected": half}).points < 15
    assert score("affected", calls={"affected": mask[:-1]}).points == 0


def test_remedy_type(truth):
    right, cause = truth["remedy_types"][0], truth["causes"][0]["id"]

    def points(kind, spread):
        return score("remedy_type", {"remedy_type": kind, **trace(spread)}).points

    assert points(right, {cause: 100}) == 5
    assert points(right, {cause: 70, "something_else": 30}) == 5, "most of the points will do"
    assert 1 < points(right, {cause: 50, "something_else": 50}) < 5
    even = dict.fromkeys(CHECKS.offered(case()), 1)
    assert points(right, even) == pytest.approx(0), "as it comes of doing nothing"
    assert points(right, {"something_else": 100}) == 0
    assert score("remedy_type", {"remedy_type": right}).points == 0, "a kind out of nothing"
    wrong = next(k for k in CHECKS.REMEDY_TYPES if k not in truth["remedy_types"])
    assert points(wrong, {cause: 100}) == 0


def test_remedy_effect(truth):
    rows = module("probe").hidden_rows(case())
    assert score("remedy_effect", calls={"remediate": rows}).points == pytest.approx(0, abs=0.3)
    where = truth["causes"][0]["where"]  # a change of unit
    # the fault reaches a part of the feed's rows
    hit = module("probe").hidden_truth(case())["affected"].to_numpy()
    mended, column = rows.copy(), where["column"]
    mended.loc[hit, column] = (mended.loc[hit, column] - where["offset"]) / where["factor"]
    assert score("remedy_effect", calls={"remediate": mended}).points == 15
    meddling = mended.assign(inbound_delay_min=mended["inbound_delay_min"].where(hit, 0.0))
    result = score("remedy_effect", calls={"remediate": meddling})
    assert result.points < 10
    assert "nothing was wrong with" in result.parts[0].message


def test_fitting_again_counts_only_where_it_is_the_remedy(truth):
    """It made up for nearly every fault, without any insight: a blank notebook had the points."""
    rows = module("probe").hidden_rows(case())
    first = str(pd.read_csv(case().public / "predictions.csv")["served_at"].iloc[0])[:10]
    blind = rows.assign(model_version=f"retrain:{first}")
    result = score("remedy_effect", calls={"remediate": blind})
    assert result.points == 0
    assert result.private["gain"] > 0.5
    assert "fits the model again" in result.parts[0].message


@pytest.mark.parametrize("kind", [bool, object, str, float])
def test_the_wish_to_score_again_is_understood_however_it_is_written(kind):
    rows = module("probe").hidden_rows(case())
    wish = pd.Series(False, index=rows.index)
    wish.iloc[:5] = True
    sent = wish.astype(kind).where(wish, None if kind in (object, str) else kind(0))
    found = CHECKS._with_flags(rows.assign(rescore=sent))["rescore"]
    assert found.tolist() == wish.tolist()


def test_changelog(truth):
    entries = truth["changelog"]
    causing = [entry for entry, caused in entries.items() if caused]
    right = {entry: float(entry in causing[:1]) for entry in entries}
    assert score("changelog", {"changelog": right}).points == pytest.approx(10)
    even = score("changelog", {"changelog": dict.fromkeys(entries, 1 / 6)}).points
    assert even == pytest.approx(0), "as it comes of doing nothing"
    half = {entry: float(entry in causing[:1]) / 2 for entry in entries}
    assert 0 < score("changelog", {"changelog": half}).points < 10
    assert score("changelog", {"changelog": {}}).points == 0


def guards(alarms):
    return {f"guard-{i}": bool(alarm) for i, alarm in enumerate(alarms)}


def test_transfer(truth):
    faulty = np.array(truth["transfer"]["windows"])
    assert score("transfer", calls=guards(faulty)).points == 15
    assert score("transfer", calls=guards(~faulty)).points == 0
    for constant in (True, False):
        assert score("transfer", calls=guards([constant] * len(faulty))).points == 0
    odd = {"guard-0": RuntimeError("it broke"), "guard-1": 0.5, "guard-2": [True], "guard-3": None}
    broken = guards(faulty) | odd | {f"guard-{i}": "no" for i in range(4, 10)}
    result = score("transfer", calls=broken)
    assert 0 < result.points < 15
    assert "Some windows got no answer" in result.parts[0].message


def test_senior_shares(truth):
    senior = dataclasses.replace(case(), level="senior")
    faulty, right = np.array(truth["transfer"]["windows"]), truth["causes"][0]["id"]
    full = score("transfer", {"shares": {right: 100}}, guards(faulty), senior)
    assert (full.points, full.possible) == (15, 15)
    part = score("transfer", {"shares": {right: 70, "mix_shift": 30}}, guards(faulty), senior)
    assert 7.5 < part.points < 15
    assert score("transfer", {}, guards(faulty), senior).points == 7.5


# -- whatever comes back ---------------------------------------------------------------------------

ODD = [
    None, True, 0, -1, 3.7, float("nan"), float("inf"), 10**400, "", "x", "2031-13-45", "🙂" * 500,
    [], [1], [[]], [None] * 3, {}, {"": 0}, {"a": None}, {"a": "1"}, {"a": float("nan")},
    {"a": -5}, {"a": 1e308, "b": 1e308}, {"a": True}, {"a": {"b": 1}}, [{"spread": {"a": 10**400}}],
    [{"spread": {}}], [{"spread": None}], [{"spread": {"unit_change": 0}}], [{"x": 1}],
    {"unit_change": 5e-324},
]  # fmt: skip
FRAMES = [
    pd.DataFrame(),
    pd.DataFrame({"row": [1, 1, 1]}),
    pd.DataFrame({"row": ["a"], "score": [None]}),
    pd.DataFrame({"row": [0.5, np.nan], "temp_c": ["x", "y"], "late": ["?", None]}),
    pd.DataFrame({"row": [0], "model_version": [None], "prep_version": [3]}),
    pd.DataFrame({"row": [0], "model_version": ["retrain:yesterday"]}),
    pd.DataFrame({"row": [0], "threshold": ["high"], "rescore": ["maybe"]}),
]


def sound(result):
    assert 0 <= result.points <= result.possible
    assert all(part.message for part in result.parts)
    assert math.isfinite(result.points)
    json.dumps(dict(result.details), allow_nan=False)
    json.dumps(dict(result.private), allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_blank_earns_nothing_and_says_why(name):
    for level in ("junior", "standard", "senior"):
        result = getattr(CHECKS, name)(run(), dataclasses.replace(case(), level=level))
        sound(result)
        assert result.points == 0


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:30])
@pytest.mark.parametrize("name", NAMES)
def test_odd_answers_never_raise(name, odd):
    answers = dict.fromkeys(("onset", "trace", "remedy_type", "changelog", "shares"), odd)
    calls = {"affected": odd, "remediate": odd, "guard-0": odd}
    for level in ("standard", "senior"):
        result = getattr(CHECKS, name)(
            run(answers, calls), dataclasses.replace(case(), level=level)
        )
        sound(result)


@pytest.mark.parametrize("frame", FRAMES, ids=range(len(FRAMES)))
def test_odd_frames_never_raise_nor_gain(frame):
    result = score("remedy_effect", calls={"remediate": frame})
    sound(result)
    assert result.points < 1


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(json_like)
def test_any_json_is_scored(value):
    answers = dict.fromkeys(("onset", "trace", "remedy_type", "changelog", "shares"), value)
    answers["trace"] = [{"spread": value}]
    for name in ("onset", "trace", "remedy_type", "changelog", "transfer"):
        of = dataclasses.replace(case(), level="senior")
        sound(getattr(CHECKS, f"check_{name}")(run(answers), of))


def test_messages_give_away_no_hidden_value(truth):
    """A wrong answer's message holds neither the cause nor its day nor its entry."""
    wrong = {
        "onset": "1999-01-01",
        "trace": [{"spread": {"something_else": 100}}],
        "remedy_type": next(k for k in CHECKS.REMEDY_TYPES if k not in truth["remedy_types"]),
        "changelog": dict.fromkeys(truth["changelog"], 0.0),
        "shares": {"something_else": 100},
    }
    secrets = [truth["onset"], *truth["remedy_types"]]
    secrets += [cause["id"] for cause in truth["causes"]]
    secrets += [entry for entry, caused in truth["changelog"].items() if caused]
    for level in ("standard", "senior"):
        for name in NAMES:
            result = getattr(CHECKS, name)(run(wrong), dataclasses.replace(case(), level=level))
            said = " ".join(part.message for part in result.parts) + str(dict(result.details))
            assert not [secret for secret in secrets if secret in said], name
