"""The search for what 1 means."""

from __future__ import annotations

import numpy as np

from tests.workbook.design.firms import FACTS, design
from worksample.kit.design.search import changed, search


def test_the_best_is_never_worse_than_what_it_began_with():
    """Strong designs are among those it begins with: none may go beyond the reference for long."""
    begin = [design(), design(models={"least": 9})]

    def judge(designs):
        return np.array([abs(each.components["models"].settings["least"] - 7) for each in designs])

    found = search(begin, judge, FACTS, np.random.default_rng(1), rounds=4, width=12)
    assert found.loss <= judge(begin).min()
    assert found.loss == judge([found.design])[0] == 0
    again = search(begin, judge, FACTS, np.random.default_rng(1), rounds=4, width=12)
    assert again == found


def test_every_changed_design_can_be_run():
    for each in changed([design()], FACTS, np.random.default_rng(2), 40):
        assert FACTS.checked(each.plain()).design == each
