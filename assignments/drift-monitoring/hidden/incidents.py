"""Weeks of the history that were not sound. Trusted side only.

Nobody audits a year of logs. From standard level on something was wrong in a few runs of the
history, for three windows each, in several columns at once and plain to see. Who takes the limits
of a monitor from all windows alike makes it blind in those columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from ..toolkit.schema import OUTCOME
from . import menu
from .faults import Fault
from .streams import WINDOWS
from .world import CARRIERS, ORIGINS, REGIONS, Unfit

LENGTH = 3  # windows
COLUMNS = 6  # most columns that an incident spoils
COUNTS = {"junior": 0, "standard": 5, "senior": 5}


def drawn(
    level: str,
    runs: int,
    rng: np.random.Generator,
    spared: Callable[[Collection[tuple[int, int]]], bool] = lambda gone: True,
) -> list[dict[int, tuple[Fault, ...]]]:
    """For each run of the history: window -> what is wrong in it; sound windows are left out.

    Args:
        level: of the case.
        runs: how many the history has.
        rng: for where and what.
        spared: whether the history still explains the hidden days without these windows, each a
            (run, window). Nobody learns what is usual from a window in which something was wrong.

    Raises:
        Unfit: there is no room for some incident.
    """
    found: list[dict[int, tuple[Fault, ...]]] = [{} for _ in range(runs)]
    places = [(run, first) for run in range(runs) for first in range(1, WINDOWS - LENGTH + 1)]
    gone: set[tuple[int, int]] = set()
    for make in (_units, _gaps, _defaults, _codes, _outcomes)[: COUNTS[level]]:
        for place in rng.permutation(len(places)):
            run, first = places[place]
            own = {(run, number) for number in range(first, first + LENGTH)}
            if not found[run] and spared(gone | own):
                break
        else:
            raise Unfit("the hidden days need every window of the history")
        found[run] = dict.fromkeys(range(first, first + LENGTH), make(rng))
        gone |= own
    return found


def _some(options: list[Fault], rng: np.random.Generator) -> tuple[Fault, ...]:
    """As many of them as an incident spoils, no two in one column."""
    by_column = {options[i].column: options[i] for i in rng.permutation(len(options))}
    return tuple(by_column.values())[:COLUMNS]


def _units(rng: np.random.Generator) -> tuple[Fault, ...]:
    share = float(rng.uniform(0.3, 0.5))
    return _some([Fault("unit", "clear", "unit", c, f, share=share) for c, f, _ in menu.UNITS], rng)


def _gaps(rng: np.random.Generator) -> tuple[Fault, ...]:
    share = float(rng.uniform(0.2, 0.35))
    return _some([Fault("missing", "clear", "gap", c, share=share) for c in menu.GAPS], rng)


def _defaults(rng: np.random.Generator) -> tuple[Fault, ...]:
    share = float(rng.uniform(0.3, 0.5))
    options = (*menu.DEFAULTS, *menu.SOME_DEFAULTS)
    return _some(
        [Fault("missing", "clear", "default", c, value, share=share) for c, value in options], rng
    )


def _codes(rng: np.random.Generator) -> tuple[Fault, ...]:
    carrier, region = CARRIERS[rng.integers(4)], REGIONS[rng.integers(len(REGIONS))]
    origin, share = ORIGINS[rng.integers(len(ORIGINS))], float(rng.uniform(0.4, 0.7))
    pairs = {
        "carrier": (carrier, "OTHER"),
        "region": (region, menu.CAPITALS[region]),
        "origin": (origin, origin[0]),
    }
    renamed = [
        Fault("recoding", "clear", "rename", column, levels=levels, share=share)
        for column, levels in pairs.items()
    ]
    swapped = [
        Fault("recoding", "clear", "swap", column, levels=pairs[rng.integers(len(pairs))])
        for column, pairs in menu.SWAPS.items()
    ]
    return (*renamed, *swapped)


def _outcomes(rng: np.random.Generator) -> tuple[Fault, ...]:
    by = float(rng.uniform(1.1, 1.4)) * float(rng.choice([-1, 1]))
    return (Fault("concept", "clear", "shift", OUTCOME, by),)
