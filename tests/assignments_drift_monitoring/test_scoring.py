"""The score of a monitor: what chance earns, what the requirement earns, what a name earns."""

from __future__ import annotations

import numpy as np
import pytest

from .drawn import module

scoring = module("judging.scoring")
LEVELS = ("junior", "standard", "senior")


@pytest.mark.parametrize("rate", [0.05, 0.3, 1.0])
def test_alarming_at_random_earns_nothing(rate):
    rng = np.random.default_rng(1)
    heard = [
        scoring.Heard(
            onset, "unit", ("x",), [["x"] if rng.random() < rate else [] for _ in range(8)]
        )
        for onset in [None] * 400 + [2] * 400
    ]
    assert scoring.detection(scoring.figures(heard), "standard") < 0.06


def test_alarming_at_a_fixed_place_of_every_stream_earns_nothing():
    """All onsets lie before the fourth window: whoever calls there finds them all by chance."""
    named = [[], [], [], ["x"], [], [], [], []]
    heard = [scoring.Heard(onset, "unit", ("x",), named) for onset in [None] * 24 + [2] * 24]
    assert scoring.detection(scoring.figures(heard), "standard") == 0


def test_never_alarming_earns_nothing():
    heard = [scoring.Heard(onset, "unit", ("x",), [[]] * 8) for onset in (None, 2)]
    assert scoring.detection(scoring.figures(heard), "standard") == 0


def test_full_points_for_every_fault_and_one_false_alarm_in_twenty():
    calm = [scoring.Heard(None, "", (), [["x"] if i == 3 else []] + [[]] * 7) for i in range(20)]
    found = [scoring.Heard(1, "unit", ("x",), [[], [], ["y", "x"]] + [[]] * 5)] * 10
    figures = scoring.figures([*calm, *found])
    assert figures.found == 1
    assert figures.named == 1
    assert figures.delay == 1
    assert [scoring.detection(figures, level) for level in LEVELS] == [1, 1, 1]
    assert scoring.naming(figures) == 1


@pytest.mark.parametrize(("level", "enough"), [("junior", 9), ("standard", 8), ("senior", 8)])
def test_full_points_take_more_of_the_faults_where_they_are_clear(level, enough):
    def share(found):
        hits = [scoring.Heard(1, "unit", ("x",), [[], ["x"]] + [[]] * 6)] * found
        missed = [scoring.Heard(1, "unit", ("x",), [[]] * 8)] * (10 - found)
        return scoring.detection(scoring.figures([*hits, *missed]), level)

    assert share(enough) == 1
    assert share(enough - 1) == pytest.approx((enough - 1) / enough)


def test_points_fall_gradually_between_five_and_fifteen_percent():
    rates = [scoring.calmness(rate) for rate in (0.0, 0.05, 0.10, 0.15, 0.5)]
    assert rates == pytest.approx([1, 1, 0.5, 0, 0])


def test_the_same_two_names_in_every_window_earn_nothing():
    heard = [scoring.Heard(None, "", (), [["x", "y"]] * 8)] * 3
    heard += [scoring.Heard(2, "unit", (name,), [["x", "y"]] * 8) for name in "xyz"]
    figures = scoring.figures(heard)
    assert figures.named == pytest.approx(2 / 3)
    assert scoring.naming(figures) == 0


def test_an_alarm_after_five_windows_is_too_late():
    late = scoring.Heard(1, "unit", ("x",), [[]] * 6 + [["x"]] * 2)
    assert late.delay is None
    assert not late.hit
