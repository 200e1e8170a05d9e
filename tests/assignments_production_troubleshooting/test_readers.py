"""What readers of the incident report are asked: of the case, and answered by its truth."""

from __future__ import annotations

import pytest

from worksample.kit.readers import counts

from .drawn import case, module

READERS = module("readers")


@pytest.mark.parametrize("level", ["junior", "standard", "senior"])
def test_eight_questions_whose_answers_are_the_case(level):
    of = case(level)
    asked = READERS.questions(of, {})
    assert len(asked) == len({each.id for each in asked}) == 8
    right = {each.id: str(each.right) for each in asked}
    assert counts(asked, right) == {"right": 8, "not said": 0, "misled": 0}
    truth = of.truth()
    titles = {each.title: each.id for each in module("toolkit.mechanisms").HYPOTHESES}
    present = {fault["mechanism"] for fault in truth["faults"]}
    for name in ("why_failed", "why_wrong"):
        question = next(each for each in asked if each.id == name)
        assert 2 <= len(question.options) <= 4
        assert [titles[words] in present for words in question.options].count(True) == 1
