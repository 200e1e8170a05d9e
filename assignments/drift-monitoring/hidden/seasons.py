"""Which days of the year are the history, and which the recent past and the hidden streams.

Trusted side only. The year is cut into blocks of sixteen days, and no day is in both parts.

What is called stable must be. A heat wave or an air pressure that comes once a year is as new to
a monitor as a broken sensor, and nobody who knows only the history can tell the two apart. So the
days that are unlike all others go into the history, and a hidden window shows nothing that the
history never does.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from ..toolkit.schema import CATEGORICAL, NUMERIC
from .world import DAYS, DISRUPTED, base

BLOCKS = 22
BLOCK_DAYS, WINDOW_DAYS = 16, 2
FEWEST, MOST = 9, 12  # blocks that are not history; one of them is the recent past
BEYOND = 0.75  # standard deviations that a stable window may lie outside the reference's range
NEW = 0.01  # share of its rows that may hold a value that the reference never has
SMALLEST = 1 / 200  # standard deviation of a share that hardly ever moves
TRIES = 200


def blocks(year: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """First days of the reference blocks of a year and of the other ones.

    Raises:
        ValueError: no cut of the year gives enough blocks.
    """
    for _ in range(TRIES):
        days = whole(int(rng.integers(DAYS)))
        others = _apart(year, [days[i] for i in rng.permutation(len(days))])
        if len(others) >= FEWEST:
            return sorted(set(days) - set(others)), sorted(others)
    raise ValueError("no cut of the year gives enough stable blocks")


def whole(first: int) -> list[int]:
    """First days of the blocks of a year that is cut at a day; none runs over the year's end,
    and none holds a disrupted day."""
    days = [(first + BLOCK_DAYS * k) % DAYS for k in range(BLOCKS)]
    return [
        day
        for day in days
        if day + BLOCK_DAYS <= DAYS and not any(day <= odd < day + BLOCK_DAYS for odd in DISRUPTED)
    ]


def _apart(year: int, days: list[int]) -> list[int]:
    """Blocks to keep from the history, taken in this order as long as it explains them all."""
    found: list[int] = []
    for day in days:
        if len(found) == MOST:
            break
        rest = [d for d in days if d != day and d not in found]
        if all(explained(year, d, rest) for d in (*found, day)):
            found.append(day)
    return found


def explained(year: int, block: int, reference: list[int]) -> bool:
    """Whether the windows of a block show nothing that those of the reference blocks never do."""
    own, known = _windows(block), np.concatenate([_windows(day) for day in reference])
    table = _figures(year)
    usual = table[known]
    room = BEYOND * np.maximum(usual.std(axis=0), SMALLEST)
    inside = (table[own] >= usual.min(axis=0) - room) & (table[own] <= usual.max(axis=0) + room)
    return bool(inside.all()) and all(
        _new(counts[own], counts[known].sum(axis=0)) <= NEW for counts in _counts(year).values()
    )


def _windows(block: int) -> np.ndarray:
    """First days of the windows of a block."""
    return np.arange(block, block + BLOCK_DAYS, WINDOW_DAYS)


def _new(own: np.ndarray, known: np.ndarray) -> float:
    """The largest share of a window's rows with a value that is not known."""
    return float((own[:, known == 0].sum(axis=1) / np.maximum(own.sum(axis=1), 1)).max())


def _two_days(per_day: np.ndarray) -> np.ndarray:
    return per_day[:-1] + per_day[1:]


@functools.lru_cache(maxsize=2)
def _figures(year: int) -> np.ndarray:
    """First day of a window × mean of each number, share of its gaps and of its commonest value,
    share of each level."""
    table, found = base(year), []
    day = table["day"].to_numpy()
    rows = _two_days(np.bincount(day, minlength=DAYS))
    for c in NUMERIC:
        x = table[c].to_numpy(float)
        there = _two_days(np.bincount(day, ~np.isnan(x), DAYS))
        found.append(_two_days(np.bincount(day, np.nan_to_num(x), DAYS)) / there)
        found.append(1 - there / rows)
        found.append(_counts(year)[c].max(axis=1) / rows)
    for c in CATEGORICAL:
        codes = table[c].cat.codes.to_numpy()
        for level in range(len(table[c].cat.categories)):
            found.append(_two_days(np.bincount(day, codes == level, DAYS)) / rows)
    return np.column_stack(found)


@functools.lru_cache(maxsize=2)
def _counts(year: int) -> dict[str, np.ndarray]:
    """Column -> first day of a window × rows with each of its values."""
    table, found = base(year), {}
    day = table["day"].to_numpy()
    for c in NUMERIC:
        x = table[c].to_numpy(float)
        there = ~np.isnan(x)
        codes, values = pd.factorize(x[there])  # several times as fast as sorting them
        cells = np.bincount(day[there] * len(values) + codes, minlength=DAYS * len(values))
        found[c] = _two_days(cells.reshape(DAYS, len(values)))
    return found
