"""Closed forms against what they come from: Erlang's sums, and exact cases."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest

from worksample.workbook.design import queueing

LOADS = (0.3, 0.6, 0.8, 0.9, 0.95)


def erlang_c(servers: int, load: float) -> float:
    """The chance to wait in M/M/c, by Erlang's sum."""
    offered = servers * load
    terms = [offered**n / factorial(n) for n in range(servers)]
    last = offered**servers / factorial(servers) / (1 - load)
    return last / (sum(terms) + last)


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


@pytest.mark.parametrize("load", LOADS)
def test_one_server_is_exact(load):
    """M/M/1: load itself waits, on average load / (1 - load) services."""
    assert queueing.chance_to_wait(one(load), one(1))[0] == pytest.approx(load)
    waited = queueing.mean_wait(one(load), one(1), one(2.0), one(1.0))[0]
    assert waited == pytest.approx(2.0 * load / (1 - load))


@pytest.mark.parametrize("load", LOADS)
def test_services_that_differ_wait_as_pollaczek_and_khinchine_say(load):
    """M/G/1: λ·E[S²] / 2(1-ρ), here with services of 1 and 9 seconds in equal parts."""
    services = np.array([1.0, 9.0])
    mean, square = services.mean(), (services**2).mean()
    expected = load / mean * square / (2 * (1 - load))
    variation = square / mean**2 - 1
    told = queueing.mean_wait(one(load), one(1), one(mean), one(variation))[0]
    assert told == pytest.approx(expected)


@pytest.mark.parametrize("servers", [2, 4, 16, 64])
def test_many_servers_wait_nearly_as_erlang_says(servers):
    """Two percent apart at most, however little is asked of them."""
    for load in LOADS:
        exact = erlang_c(servers, load) / (servers * (1 - load))
        told = queueing.mean_wait(one(load), one(servers), one(1.0), one(1.0))[0]
        assert told == pytest.approx(exact, rel=0.02), (servers, load)


def test_a_bounded_queue_refuses_as_m_m_1_k_does():
    """M/M/1 with K places to wait: (1-ρ)·ρ^(K+1) / (1-ρ^(K+2))."""
    for load in LOADS:
        for places in (0, 1, 5, 20):
            exact = (1 - load) * load ** (places + 1) / (1 - load ** (places + 2))
            told = queueing.chance_of_full(one(load), one(1), one(places))[0]
            assert told == pytest.approx(exact), (load, places)


def test_what_is_more_regular_waits_less_and_refuses_less():
    """Allen and Cunneen: M/D/1 waits half as long as M/M/1."""
    half = queueing.mean_wait(one(0.8), one(1), one(1.0), one(0.0))[0]
    assert half == pytest.approx(queueing.mean_wait(one(0.8), one(1), one(1.0), one(1.0))[0] / 2)
    regular = queueing.chance_of_full(one(0.9), one(1), one(8), one(0.3))[0]
    assert 0 < regular < queueing.chance_of_full(one(0.9), one(1), one(8))[0] / 3


def test_thousands_of_servers_with_little_to_do_are_no_overflow():
    for load in (0.0, 0.001, 0.5, 1.0, 5.0):
        told = queueing.chance_to_wait(one(load), one(6400))[0]
        assert 0 <= told <= 1


def test_a_batch_is_what_keeps_up_and_never_more_than_its_most():
    """b = λ(a + e·b)/c solves itself: 90 a second, 20 ms and 4 ms each, one server: 2.8125."""
    most, no_wait = one(16), one(0)
    told = queueing.batch_size(one(90), one(1), one(0.02), one(0.004), most, no_wait)[0]
    assert told == pytest.approx(90 * (0.02 + 0.004 * told))
    assert queueing.batch_size(one(500), one(1), one(0.02), one(0.004), most, no_wait)[0] == 16
    waited = queueing.batch_size(one(90), one(9), one(0.02), one(0.004), most, one(0.1))[0]
    assert waited == pytest.approx(10.0)
