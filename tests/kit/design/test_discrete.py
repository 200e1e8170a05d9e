"""The minute-step simulator against a run in which every request is an event of its own."""

from __future__ import annotations

import pytest

from tests.workbook.design.firms import FACTS, design, steady
from worksample.kit.design.discrete import Peak
from worksample.workbook.design import worlds
from worksample.workbook.design.serving import plant
from worksample.workbook.design.simulator import simulate

CALM = steady(30, 0.6, 3)
TRIED = {
    # name: (design, world, how far the share answered well may be apart)
    "calm": (design(), CALM, 0.01),
    "busy": (design(models={"least": 1}), steady(48, 0, 3), 0.02),
    "batches": (design(models={"machine": "fast", "least": 2, "batch": 8}), CALM, 0.02),
    "defaults": (
        design(features={"timeout_ms": 30, "on_timeout": "defaults"}),
        worlds.slow_store(CALM, 1, 1, 15),
        0.03,
    ),
}


@pytest.mark.parametrize("name", TRIED)
def test_as_many_are_answered_well_as_if_each_is_an_event(name):
    tried, world, apart = TRIED[name]
    numbers = plant([tried], FACTS)
    course = simulate(numbers, [world], FACTS)
    outcome = Peak(numbers, world, FACTS, seed=3).run()
    told = float(course.good.sum() / course.offered.sum())
    assert told == pytest.approx(outcome.share(), abs=apart)
