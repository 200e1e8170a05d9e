"""What a design comes to in an evening: the numbers that are forecast, by the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from worksample.workbook.design import worlds
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import Facts, plant, served
from worksample.workbook.design.simulator import Course, simulate
from worksample.workbook.design.worlds import World

from .evening import CALM, FIRST, LAST, PEAK

WELL = 0.97  # share of an evening's requests answered well, at the ceiling
GROWTHS = np.geomspace(1.0, 40.0, 28)
AGAIN, STAYS = 0.95, 5  # all is well again: this share, for so many minutes
AT_PEAK = PEAK - FIRST + CALM


def evening_of(day: np.ndarray, facts: Facts, growth: float) -> World:
    """An evening of so many times a day's requests.

    Args:
        day: requests a second by minute and class, (1440, 2).
    """
    hours = slice(FIRST - CALM, LAST)
    course = day.sum(axis=1)
    plain = worlds.plain_world(day[hours] * growth, len(facts.zones))
    return replace(plain, usual=course[hours] / course.max(), calm=CALM)


def run(design: Design, facts: Facts, many: Sequence[World]) -> Course:
    """One design in several worlds, with what is needed to look at each."""
    numbers = plant([design], facts).rows(np.zeros(len(many), dtype=int))
    return simulate(numbers, many, facts, watched=True)


def well(course: Course) -> np.ndarray:
    """Share of each run's requests that were answered well, calm minutes left out, (B,)."""
    offered = course.hourly(course.offered.sum(axis=2))
    return np.asarray(course.hourly(course.good.sum(axis=2)) / offered)


def p99_ms(course: Course) -> np.ndarray:
    """Milliseconds that 99 of 100 single requests take less than at the peak, (B,)."""
    around = course.p99[AT_PEAK - 5 : AT_PEAK + 5, :, 0]
    return np.asarray(1000 * around.mean(axis=0))


def minutes_to_recover(course: Course, until: Sequence[int]) -> np.ndarray:
    """Minutes after ``until`` from which on requests are answered well again, (B,).

    Args:
        until: the minute after each run's event.
    """
    found = []
    for number, end in enumerate(until):
        fine = course.share[end:, number] >= AGAIN
        stays = [bool(fine[n : n + STAYS].all()) for n in range(len(fine) - STAYS)]
        found.append(stays.index(True) if True in stays else len(fine))
    return np.array(found, dtype=float)


def ceiling(design: Design, facts: Facts, day: np.ndarray) -> tuple[float, dict[str, float]]:
    """(the growth up to which an evening is answered well, each component's load just above it).

    Returns:
        The growth is at most the last of GROWTHS; 0 if not even today's requests are answered well.
    """
    course = run(design, facts, [evening_of(day, facts, growth) for growth in GROWTHS])
    share = well(course)
    bad = np.flatnonzero(share < WELL)
    first = int(bad[0]) if len(bad) else len(GROWTHS) - 1
    loads = loads_at_peak(course, design)
    told = {name: float(values[first]) for name, values in loads.items()}
    if not len(bad):
        return float(GROWTHS[-1]), told
    if first == 0:
        return 0.0, told
    above, below = share[first - 1], share[first]
    part = (above - WELL) / max(above - below, 1e-9)
    return float(GROWTHS[first - 1] + part * (GROWTHS[first] - GROWTHS[first - 1])), told


def loads_at_peak(course: Course, design: Design) -> dict[str, np.ndarray]:
    """Component -> load of each run around the peak, (B,); 1 is all that it can do."""
    around = slice(AT_PEAK - 5, AT_PEAK + 5)
    found = {design.of("gateway")[0].id: course.gateway[around].mean(axis=0)}
    for place, pool in enumerate(served(design)):
        found[pool.id] = course.load[around, :, place].mean(axis=0)
    found[design.of("store")[0].id] = course.store[around].mean(axis=0)
    return found
