"""The score of a monitor: what chance earns, what the requirement earns, what a name earns."""

from __future__ import annotations

import numpy as np
import pytest

from .drawn import module

scoring = module("judging.scoring")
LEVELS = ("junior", "standard", "senior")


PRICES = [
    {"false_alarm": false_alarm, "unnoticed_window": 100.0} for false_alarm in (250, 400, 600)
]


def earned(heard, prices=PRICES[1], level="standard"):
    return scoring.detection(scoring.figures(heard), level, prices)


def stream(onset, named):
    return scoring.Heard(onset, "unit", ("x",), named)


@pytest.mark.parametrize("prices", PRICES)
@pytest.mark.parametrize("rate", [0.05, 0.3, 1.0])
def test_alarming_at_random_earns_nothing(rate, prices):
    rng = np.random.default_rng(1)
    heard = [
        stream(onset, [["x"] if rng.random() < rate else [] for _ in range(8)])
        for onset in [None] * 200 + [2] * 200
    ]
    assert earned(heard, prices) < 0.02


@pytest.mark.parametrize("prices", PRICES)
@pytest.mark.parametrize("window", range(8))
def test_alarming_at_a_fixed_place_of_every_stream_earns_nothing(window, prices):
    """All onsets lie before the fourth window: whoever calls there finds them all by the clock."""
    named = [["x"] if number == window else [] for number in range(8)]
    assert earned([stream(onset, named) for onset in [None] * 24 + [1, 2, 3] * 8], prices) == 0


@pytest.mark.parametrize("prices", PRICES)
def test_never_alarming_earns_nothing(prices):
    assert earned([stream(onset, [[]] * 8) for onset in (None, 2)], prices) == 0


def some(false_alarms, wait, faults=24):
    """Streams of some 240 sound windows with so many false alarms; each fault waits so long."""
    calm = [stream(None, [["x"] if i < false_alarms else []] + [[]] * 7) for i in range(faults)]
    found = [stream(2, [[]] * 2 + [["x"] if n == wait else [] for n in range(6)])] * faults
    return [*calm, *found]


@pytest.mark.parametrize("prices", PRICES)
def test_full_points_for_one_window_of_waiting_and_two_false_alarms_in_a_hundred(prices):
    assert [earned(some(4, 1), prices, level) for level in LEVELS[1:]] == [1, 1]
    assert earned(some(4, 1), prices, "junior") < 1
    assert earned(some(16, 1), prices) < 1
    assert earned(some(4, 2), prices) < 1


def test_a_false_alarm_costs_more_points_where_its_price_is_higher():
    cheap, dear = (earned(some(16, 0), prices) for prices in (PRICES[1], PRICES[2]))
    assert dear < cheap


def test_points_fall_evenly_with_the_cost():
    points = [earned(some(alarms, 1)) for alarms in (5, 8, 11, 14)]
    assert np.diff(points) == pytest.approx([np.diff(points)[0]] * 3)
    assert points[0] > points[-1] > 0


def test_what_is_found_and_waited_for_is_counted():
    figures = scoring.figures([*some(4, 1), stream(1, [[]] * 8)])
    assert (figures.found, figures.faults) == (24 / 25, 25)
    assert figures.waited == 24 + 5
    assert figures.false_alarms * figures.stable == pytest.approx(4)


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
