"""What readers of the page are asked, and the talk's cards: of the case, and not of another."""

from __future__ import annotations

import pytest

from worksample.kit.readers import counts

from .drawn import LEVELS, SEED, case, module, recorded

READERS = module("readers")


@pytest.mark.parametrize("level", LEVELS)
def test_eight_questions_whose_answers_are_the_case(level):
    of = case(level)
    asked = READERS.questions(of, {"page": {"ask": "watch"}})
    assert len(asked) == 8
    assert len({each.id for each in asked}) == 8
    right = {each.id: str(each.right) for each in asked}
    assert counts(asked, right) == {"right": 8, "not said": 0, "misled": 0}
    assert counts(asked, {}) == {"right": 0, "not said": 8, "misled": 0}
    truth = of.truth()
    unseen = next(each for each in asked if each.id == "unseen")
    kinds = {words: kind for kind, words in module("hidden.texts").KINDS.items()}
    assert [kinds[words] in truth["unseen"] for words in unseen.options].count(True) == 1


def test_whoever_repeats_the_accuracy_misleads():
    asked = {each.id: each for each in READERS.questions(case(), {})}
    assert asked["accuracy"].outcome("99") == "misled"
    total = 100 * case().truth()["actual"]["loss_avoided"]
    assert asked["loss_avoided"].outcome(str(total)) == "misled"


def test_who_asked_for_nothing_has_asked_for_nothing():
    for page in (None, {}, {"ask": ["full"]}, {"ask": "everything"}, "x", 3):
        asked = READERS.questions(case(), {"page": page})[0]
        assert asked.outcome(asked.options[0]) == "misled"
        assert asked.outcome("") == "not said"


def test_a_strong_page_says_it_and_a_weak_one_misleads():
    """What its numbers say, read off by somebody attentive: the middle of each range."""
    found = {}
    for name in ("strong", "weak"):
        given = recorded(name)
        middle = {k: (low + high) / 2 for k, (low, high) in given["numbers"].items()}
        said = {
            "loss_avoided": middle["loss_avoided"], "share": 100 - middle["share_caught"],
            "detection": middle["detection"], "break_even": middle["break_even"],
        }  # fmt: skip
        asked = READERS.questions(case("standard", SEED), given)
        found[name] = counts(asked, {k: str(v) for k, v in said.items()})
    assert found["strong"]["right"] == 4
    assert found["weak"]["misled"] >= 3
