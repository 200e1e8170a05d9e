"""Simulated candidates: the able see more, plan better, and know how sure they are."""

from __future__ import annotations

import json

import numpy as np

from worksample.workbook.answers import plain

from .drawn import RECORDED, case, graded, module, notebook, values

PANEL = module("panel")


def test_points_follow_ability():
    totals = []
    for place in (0, 16, 31):
        given = PANEL.answers(PANEL.PEOPLE[place], case(), np.random.default_rng(6))
        if not place:
            again = PANEL.answers(PANEL.PEOPLE[place], case(), np.random.default_rng(6))
            assert given == again
        with notebook(case()) as names:
            for source in given.values():
                exec(source, names)
            recorded = json.loads(json.dumps(plain(eval(RECORDED, names))))
            found = graded(recorded, values(names))
        totals.append(sum(result.points for result in found.values()))
    assert totals[0] < 45
    assert totals[0] < totals[1] < totals[2]
    assert totals[2] > totals[0] + 35
