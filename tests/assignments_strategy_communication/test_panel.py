"""Simulated candidates: the able see the traps, and say what they know."""

from __future__ import annotations

import numpy as np

from .drawn import case, executed, module, points

PANEL = module("panel")


def test_points_follow_ability():
    totals = []
    for place in (0, 16, 31):
        given = PANEL.answers(PANEL.PEOPLE[place], case(), np.random.default_rng(6))
        assert given == PANEL.answers(PANEL.PEOPLE[place], case(), np.random.default_rng(6))
        totals.append(sum(points(executed(given)).values()))
    assert totals[0] < 25
    assert totals[0] < totals[1] < totals[2]
    assert totals[2] > totals[0] + 50
