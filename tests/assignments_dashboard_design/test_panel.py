"""Simulated candidates: the able see more, and answer more."""

from __future__ import annotations

import numpy as np

from .drawn import answers_of, case, module, results, run

PANEL = module("panel")


def test_points_follow_ability():
    totals = []
    for place in (0, 16, 31):
        given = PANEL.answers(PANEL.PEOPLE[place], case(), np.random.default_rng(6))
        assert given == PANEL.answers(PANEL.PEOPLE[place], case(), np.random.default_rng(6))
        names: dict = {}
        for source in given.values():
            exec(source, names)
        found = results(run(answers_of(names)))
        totals.append(sum(r.points for name, r in found.items() if name != "metrics"))
    assert totals[0] < 20 < totals[1] < 60 < totals[2] <= 85
