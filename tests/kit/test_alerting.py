"""Alerts against incidents: counted by hand, and by a second, slower way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worksample.kit.alerting import (
    Episode,
    attributes,
    firings,
    held,
    lost_share,
    noticed,
)

INCIDENT = Episode(first=4, steps=40, onset=10, over=20, in_time=3, echo=5, cost=100.0)
CALM = Episode(first=4, steps=40)


def on(*spans: tuple[int, int], steps: int = 40) -> np.ndarray:
    active = np.zeros(steps, dtype=bool)
    for start, end in spans:
        active[start:end] = True
    return active


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 5))
def test_held_and_firings_agree_with_a_loop(values: list[bool], steps: int) -> None:
    condition = np.array(values, dtype=bool)
    slow = [i + 1 >= steps and all(values[i + 1 - steps : i + 1]) for i in range(len(values))]
    assert held(condition, steps).tolist() == slow
    covered = np.zeros(len(values), dtype=bool)
    runs = firings(condition)
    for start, end in runs:
        assert values[start]
        assert start == 0 or not values[start - 1]
        covered[start:end] = True
    assert covered.tolist() == values


def test_what_one_page_makes_of_an_incident() -> None:
    found = noticed(INCIDENT, [(on((11, 22)), 0)], week=28)
    assert (found.after, found.true, found.false, found.busiest, found.reset) == (1, 1, 0, 1, 2)
    assert lost_share(INCIDENT, found) == pytest.approx(0.1)


def test_a_ticket_is_looked_at_later() -> None:
    assert noticed(INCIDENT, [(on((11, 22)), 8)], week=28).after == 9


def test_an_alert_that_was_on_before_tells_nothing() -> None:
    found = noticed(INCIDENT, [(on((0, 40)), 0)], week=28)
    assert (found.after, found.true, found.false, found.reset) == (None, 0, 0, None)
    early = noticed(INCIDENT, [(on((5, 40)), 0)], week=28)
    assert (early.after, early.true, early.false) == (None, 0, 1)


def test_firings_in_the_echo_are_neither_true_nor_false() -> None:
    found = noticed(INCIDENT, [(on((21, 23)), 0), (on((26, 27)), 0)], week=28)
    assert (found.true, found.false) == (0, 1)


def test_the_busiest_week_counts_beginnings() -> None:
    alerts = [(on((4, 5), (6, 7), (8, 30)), 0), (on((9, 10), (39, 40)), 0)]
    assert noticed(CALM, alerts, week=6).busiest == 4
    assert noticed(CALM, alerts, week=1).busiest == 1


def test_the_four_attributes() -> None:
    missed = Episode(first=4, steps=40, onset=10, over=20, in_time=3, cost=300.0)
    episodes = [INCIDENT, missed, CALM]
    alerts = ([(on((11, 22)), 0)], [(on((15, 39)), 0)], [(on((8, 9)), 0)])
    found = [noticed(e, a, week=28) for e, a in zip(episodes, alerts, strict=True)]
    told = attributes(episodes, found, [4, 4, 4])
    assert told.precision == pytest.approx(2 / 3)
    assert told.recall == pytest.approx(0.25)  # the dearer one was noticed too late
    assert told.detection == pytest.approx((100 * 0.1 + 300 * 0.5) / 400)
    assert told.reset == pytest.approx(0.5)
    nothing = attributes(episodes, [noticed(e, [], week=28) for e in episodes], [4, 4, 4])
    assert (nothing.precision, nothing.recall, nothing.detection, nothing.reset) == (0, 0, 1, 0)
