"""What happens to a design: requests by minute and class, and events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class World:
    """A stretch of minutes.

    Attributes:
        rates: new requests a second, (T, C).
        usual: what a daily plan expects, as a share of its highest, (T,).
        slow: factor on the time and against the capacity of the store, (T,).
        lost: share of each zone that is gone, (T, Z).
        released: minute at which a new version comes, -1 for none.
        faulty: share of errors of that version once it shows them all.
        creeping: minutes after which it shows them all.
        calm: minutes at the beginning that are not counted: the queues and machines settle.
    """

    rates: np.ndarray
    usual: np.ndarray
    slow: np.ndarray
    lost: np.ndarray
    released: int = -1
    faulty: float = 0.0
    creeping: float = 0.0
    calm: int = 0

    def __len__(self) -> int:
        return len(self.rates)


def plain_world(rates: np.ndarray, zones: int, usual: np.ndarray | None = None) -> World:
    """Requests and nothing else; a daily plan expects the course of the requests themselves."""
    course = rates.sum(axis=1) if usual is None else usual
    minutes = len(rates)
    return World(rates, course / course.max(), np.ones(minutes), np.zeros((minutes, zones)))


def crowd(world: World, at: int, minutes: int, factor: float, rise: int = 3) -> World:
    """So many times the requests from minute ``at`` on; they come within ``rise`` minutes."""
    since = np.arange(len(world)) - at
    more = np.clip((since + 1) / rise, 0, 1) * np.clip((minutes - since) / rise, 0, 1)
    return replace(world, rates=world.rates * (1 + (factor - 1) * more)[:, None])


def slow_store(world: World, at: int, minutes: int, factor: float) -> World:
    """A store that is so many times slower for some minutes."""
    slow = world.slow.copy()
    slow[at : at + minutes] *= factor
    return replace(world, slow=slow)


def lost_zone(world: World, at: int, minutes: int, zone: int) -> World:
    """A zone that is gone for some minutes."""
    lost = world.lost.copy()
    lost[at : at + minutes, zone] = 1.0
    return replace(world, lost=lost)


def other_mix(world: World, factors: Sequence[float]) -> World:
    """So many times the requests of each class."""
    return replace(world, rates=world.rates * np.asarray(factors))


def new_version(world: World, at: int, faulty: float, creeping: float = 0.0) -> World:
    """A release at minute ``at``; ``faulty`` is its share of errors."""
    return replace(world, released=at, faulty=faulty, creeping=creeping)
