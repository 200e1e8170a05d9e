"""Closed forms of queueing theory, elementwise over arrays; what the simulator is made of.

A pool of ``servers`` parallel servers, customers that come at random (Poisson), one queue.
"""

from __future__ import annotations

import numpy as np

MOST_LOAD = 0.995  # from here on a queue is a backlog, which the simulator counts by itself


def chance_to_wait(load: np.ndarray, servers: np.ndarray) -> np.ndarray:
    """The chance that all servers are busy, without a sum over servers.

    ``load ** (sqrt(2 (servers + 1)) - 1)`` (H. Sakasegawa, "An approximation formula
    L_q = α·ρ^β/(1−ρ)", 1977). Exact for one server; Erlang's C within a few percent else.

    Args:
        load: share of the servers' time that is asked for, below 1.
        servers: at least 1.
    """
    within = np.clip(load, 0.0, MOST_LOAD)
    return np.asarray(within ** (np.sqrt(2.0 * (np.maximum(servers, 1.0) + 1.0)) - 1.0))


def mean_wait(
    load: np.ndarray, servers: np.ndarray, service: np.ndarray, variation: np.ndarray
) -> np.ndarray:
    """Mean wait before service, in the unit of ``service``; over all customers.

    M/G/c by A. O. Allen and J. H. Cunneen: the wait of M/M/c times ``(1 + cv²) / 2``. For one
    server this is the formula of Pollaczek and Khinchine, which is exact.

    Args:
        load: share of the servers' time that is asked for, below 1.
        servers: at least 1.
        service: mean time of a service.
        variation: squared coefficient of variation of the service's time.
    """
    free = 1.0 - np.clip(load, 0.0, MOST_LOAD)
    waiting = chance_to_wait(load, servers) * service / (np.maximum(servers, 1.0) * free)
    return np.asarray(waiting * (1.0 + variation) / 2.0)


def chance_of_full(load: np.ndarray, servers: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The chance to find every server busy and every place to wait taken, below saturation.

    Exact for M/M/c with ``places`` to wait where :func:`chance_to_wait` is.
    """
    within = np.clip(load, 0.0, MOST_LOAD)
    waiting = chance_to_wait(within, servers)
    last = within**places
    return np.asarray((1.0 - within) * waiting * last / (1.0 - waiting * within * last))


def batch_size(
    rate: np.ndarray,
    servers: np.ndarray,
    fixed: np.ndarray,
    each: np.ndarray,
    most: np.ndarray,
    wait: np.ndarray,
) -> np.ndarray:
    """How many requests a batch holds on average, between 1 and ``most``.

    What comes while the first one waits for others, or, if that is more, what has gathered when a
    server is free again: the size at which ``servers`` that are never idle just keep up,
    ``b = rate · (fixed + each · b) / servers``.

    Args:
        rate: requests a second.
        servers: how many work at batches.
        fixed: seconds of a batch, whatever its size.
        each: seconds of a batch for each of its requests.
        most: the largest batch.
        wait: seconds that the first request waits for others.
    """
    spare = servers - rate * each
    kept_up = np.where(spare > 1e-9, rate * fixed / np.maximum(spare, 1e-9), np.inf)
    return np.clip(np.maximum(1.0 + rate * wait, kept_up), 1.0, most)
