"""Worlds of metrics: variances, rhythms and delays are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from worksample.kit import metrics
from worksample.kit.metrics import Way


def test_what_wanders_is_stationary_and_lasts() -> None:
    walked = np.array([metrics.wander(np.random.default_rng(i), 40) for i in range(3000)])
    assert walked.std(axis=0) == pytest.approx(1, abs=0.06)
    pairs = np.corrcoef(walked[:, 10], walked[:, 11])[0, 1]
    assert pairs == pytest.approx(metrics.LASTS, abs=0.05)


def test_a_rhythm_is_a_week_without_a_mean() -> None:
    week = metrics.rhythm(np.random.default_rng(1), 4)
    assert week.shape == (28,)
    assert week.mean() == pytest.approx(0)
    assert np.ptp(week) == pytest.approx(2)


def test_a_course_grows_and_ends() -> None:
    assert metrics.course(8, 2, 6).tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    assert metrics.course(8, 2, 7, ramp=3).tolist() == [0, 0, 0.25, 0.5, 0.75, 1, 1, 0]


def test_means_and_delays() -> None:
    values = np.arange(6.0)
    assert metrics.trailing_mean(values, 3).tolist() == [0, 0.5, 1, 2, 3, 4]
    assert metrics.shifted(values, 2).tolist() == [0, 0, 0, 1, 2, 3]


def measured(way: Way, size: float = 1.0) -> np.ndarray:
    usual, moved = np.zeros(400), 10 * metrics.course(400, 200, 300)
    return way.measure(np.random.default_rng(3), usual, moved, metrics.course(400, 50, 60), size)


def test_collectors_differ_as_they_say() -> None:
    prompt, late = measured(Way(noise=0)), measured(Way(late=12, over=16, noise=0))
    assert prompt[200] == 10
    assert late[211] == 0
    assert late[212 + 15] == pytest.approx(10)
    assert measured(Way(noise=4))[:200].std() == pytest.approx(4, rel=0.15)
    assert measured(Way(noise=4), size=3)[:200].std() == pytest.approx(12, rel=0.15)
    fooled = measured(Way(noise=0, sees=0.1, fooled=6, bias=2))
    assert abs(fooled[200:300].mean() - 2) < 2.5  # a tenth of ten, and what wanders
    assert fooled[50:60].mean() - fooled[20:50].mean() > 4  # though nothing happened


def test_every_way_once_in_a_drawn_order() -> None:
    ways = {name: (lambda rng: Way()) for name in "abcd"}
    orders = {
        tuple(name for name, _ in metrics.drawn_ways(np.random.default_rng(i), ways))
        for i in range(60)
    }
    assert all(sorted(order) == list("abcd") for order in orders)
    assert len(orders) > 15
