"""Closed forms of queueing theory, elementwise over arrays; what the simulator is made of.

A pool of ``servers`` parallel servers, customers that come at random (Poisson), one queue.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

MOST_LOAD = 0.995  # from here on a queue is a backlog, which the simulator counts by itself
BETWEEN = 0.65  # 0 is the upper, 1 the lower bound of Erlang's C; here it is nearest
LEAST = 0.05  # of a variation: nothing is as regular as a clock
FARTHEST = 700.0  # beyond it a chance is 0 in floating point anyway


def chance_to_wait(load: np.ndarray, servers: np.ndarray) -> np.ndarray:
    """The chance that all servers are busy (Erlang's C), without a sum over servers.

    Between both bounds of A. J. E. M. Janssen, J. S. H. van Leeuwaarden and B. Zwart ("Refining
    square-root safety staffing by expanding Erlang C", 2011): exact for one server, within two
    percent else, however many there are and however little is asked of them.

    Args:
        load: share of the servers' time that is asked for, below 1.
        servers: at least 1.
    """
    within, many = np.clip(load, 1e-9, MOST_LOAD), np.maximum(servers, 1.0)
    distance = -many * (1.0 - within + np.log(within))
    tail = np.sqrt(2.0 * np.pi) * np.exp(np.minimum(distance, FARTHEST))  # one over the density
    above = ndtr(np.sqrt(2.0 * np.maximum(distance, 0.0))) * tail
    spread = above + 2.0 / (3.0 * np.sqrt(many)) + BETWEEN * tail / (12.0 * many - 1.0)
    chance = 1.0 / (within + (1.0 - within) * np.sqrt(many) * spread)
    return np.asarray(np.where(many <= 1.0, np.clip(load, 0.0, MOST_LOAD), chance))


def mean_wait(
    load: np.ndarray,
    servers: np.ndarray,
    service: np.ndarray,
    variation: np.ndarray,
    arrivals: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Mean wait before service, in the unit of ``service``; over all customers.

    G/G/c by A. O. Allen and J. H. Cunneen: the wait of M/M/c times the mean of both squared
    coefficients of variation. For one server and customers at random this is the formula of
    Pollaczek and Khinchine, which is exact.

    Args:
        load: share of the servers' time that is asked for, below 1.
        servers: at least 1.
        service: mean time of a service.
        variation: squared coefficient of variation of the service's time.
        arrivals: of the time between customers; 1 where they come at random.
    """
    free = 1.0 - np.clip(load, 0.0, MOST_LOAD)
    waiting = chance_to_wait(load, servers) * service / (np.maximum(servers, 1.0) * free)
    return np.asarray(waiting * (arrivals + variation) / 2.0)


def chance_of_full(
    load: np.ndarray,
    servers: np.ndarray,
    places: np.ndarray,
    variation: np.ndarray | float = 1.0,
) -> np.ndarray:
    """The chance to find every server busy and every place to wait taken, below saturation.

    Exact for M/M/c with ``places`` to wait where :func:`chance_to_wait` is. Else a queue beyond
    its first place is the longer the less regular arrivals and services are, as in
    :func:`mean_wait`.

    Args:
        load: share of the servers' time that is asked for, below 1.
        servers: at least 1.
        places: to wait.
        variation: mean of the squared coefficients of variation of both times.
    """
    within = np.clip(load, 0.0, MOST_LOAD)
    waiting = chance_to_wait(within, servers)
    further = np.maximum(places - 1.0, 0.0) / np.maximum(variation, LEAST)
    last = within ** (np.minimum(places, 1.0) + further)
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
