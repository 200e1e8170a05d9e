"""Which days of the year are the history, and which the recent past and the hidden streams.

Trusted side only. The year is cut into blocks of sixteen days, and no day is in both parts.

What is called stable must be. A heat wave or an air pressure that comes once a year is as new to
a monitor as a broken sensor, and nobody who knows only the history can tell the two apart. So the
days that are unlike all others go into the history, and a hidden window shows nothing that the
history never does, nor what it does only in windows that something has spoiled (``incidents.py``).
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..toolkit.schema import CATEGORICAL, NUMERIC
from .world import DAYS, DISRUPTED, Unfit, base

BLOCKS = 22
BLOCK_DAYS, WINDOW_DAYS = 16, 2
FEWEST, MOST = 9, 12  # blocks that are not history; one of them is the recent past
BEYOND = 0.75  # standard deviations that a stable window may lie outside the reference's range
APART = 1.5  # the same for how far its shares are from the reference's
NEW = 0.01  # share of its rows that may hold a value that the reference never has
SMALLEST = 1 / 200  # standard deviation of a share that hardly ever moves
TRIES = 60
BINS = 10  # of a number's values, about equally full
PAIRS = (("carrier", "origin"), ("region", "carrier"))


def blocks(year: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """First days of the reference blocks of a year and of the other ones.

    Raises:
        Unfit: no cut of the year gives enough blocks.
    """
    for _ in range(TRIES):
        days = whole(int(rng.integers(DAYS)))
        others = _apart(year, [days[i] for i in rng.permutation(len(days))])
        if len(others) >= FEWEST:
            return sorted(set(days) - set(others)), sorted(others)
    raise Unfit("no cut of the year gives enough stable blocks")


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
    for place, day in enumerate(days):
        if len(found) == MOST or len(found) + len(days) - place < FEWEST:
            break  # there are enough, or there won't be
        rest = windows([d for d in days if d != day and d not in found])
        if all(explained(year, d, rest) for d in (*found, day)):
            found.append(day)
    return found


@dataclass(frozen=True)
class Spared:
    """Whether the history still explains the hidden days without some of its windows.

    Attributes:
        year: the case's year.
        reference: first days of the history's blocks; ``run`` below counts them.
        others: and of the others.
    """

    year: int
    reference: Sequence[int]
    others: Sequence[int]

    def __call__(self, gone: Collection[tuple[int, int]]) -> bool:
        """Without these windows, each a (run, window)."""
        out = [self.reference[run] + WINDOW_DAYS * number for run, number in gone]
        known = np.setdiff1d(windows(self.reference), out)
        return all(explained(self.year, block, known) for block in self.others)


def windows(blocks: Sequence[int]) -> np.ndarray:
    """First days of the windows of some blocks, block by block."""
    return (np.array(blocks)[:, None] + np.arange(0, BLOCK_DAYS, WINDOW_DAYS)).ravel()


def explained(year: int, block: int, known: np.ndarray) -> bool:
    """Whether the windows of a block show nothing that those of the history never do.

    Args:
        known: first days of the history's windows, (n,).
    """
    own = windows([block])
    figures = _figures(year)
    if not _inside(figures[own], figures[known], BEYOND):
        return False
    values, columns, rows = _values(year)
    new = ~(values[known] > 0).any(axis=0)
    if (np.add.reduceat(values[own] * new, columns, axis=1) > NEW * rows[own]).any():
        return False
    shares, groups = _shares(year)
    usual = shares[known].mean(axis=0)
    mine, theirs = (
        np.add.reduceat((shares[each] - usual) ** 2 / (usual + SMALLEST), groups, axis=1)
        for each in (own, known)
    )
    return _inside(mine, theirs, APART)


def _inside(own: np.ndarray, known: np.ndarray, beyond: float) -> bool:
    """Whether the own windows' figures are such as the known ones have, or nearly; (n, figures)."""
    room = beyond * np.maximum(known.std(axis=0), SMALLEST)
    return bool((own >= known.min(axis=0) - room).all() and (own <= known.max(axis=0) + room).all())


def _two_days(per_day: np.ndarray) -> np.ndarray:
    return per_day[:-1] + per_day[1:]


@functools.lru_cache(maxsize=2)
def _figures(year: int) -> np.ndarray:
    """First day of a window × mean of each number, share of its gaps and of its commonest value,
    share of each level."""
    table, found = base(year), []
    day = table["day"].to_numpy()
    rows = _two_days(np.bincount(day, minlength=DAYS))
    for place, c in enumerate(NUMERIC):
        x = table[c].to_numpy(float)
        there = _two_days(np.bincount(day, ~np.isnan(x), DAYS))
        found.append(_two_days(np.bincount(day, np.nan_to_num(x), DAYS)) / there)
        found.append(1 - there / rows)
        found.append(_counts(year)[place].max(axis=1) / rows)
    for c in CATEGORICAL:
        codes = table[c].cat.codes.to_numpy()
        for level in range(len(table[c].cat.categories)):
            found.append(_two_days(np.bincount(day, codes == level, DAYS)) / rows)
    return np.column_stack(found)


@functools.lru_cache(maxsize=2)
def _shares(year: int) -> tuple[np.ndarray, np.ndarray]:
    """First day of a window × share of each bin of a number, of each level or pair of levels; and
    where the shares of each begin."""
    table, found = base(year), []
    day = table["day"].to_numpy()
    rows = _two_days(np.bincount(day, minlength=DAYS))[:, None]
    codes = {c: table[c].cat.codes.to_numpy().astype(int) for c in CATEGORICAL}
    for one, other in PAIRS:
        codes[f"{one}, {other}"] = codes[one] * (codes[other].max() + 1) + codes[other]
    for c in NUMERIC:
        x = table[c].to_numpy(float)
        edges = np.unique(np.nanquantile(x, np.linspace(0, 1, BINS + 1)[1:-1]))
        codes[c] = np.searchsorted(edges, x, side="right")
    for each in codes.values():
        size = each.max() + 1
        cells = np.bincount(day * size + each, minlength=DAYS * size)
        found.append(_two_days(cells.reshape(DAYS, size)) / rows)
    return np.hstack(found), _begins(found)


@functools.lru_cache(maxsize=2)
def _counts(year: int) -> list[np.ndarray]:
    """For each number, first day of a window × rows with each of its values."""
    table, found = base(year), []
    day = table["day"].to_numpy()
    for c in NUMERIC:
        x = table[c].to_numpy(float)
        there = ~np.isnan(x)
        codes, values = pd.factorize(x[there])  # several times as fast as sorting them
        cells = np.bincount(day[there] * len(values) + codes, minlength=DAYS * len(values))
        found.append(_two_days(cells.reshape(DAYS, len(values))))
    return found


@functools.lru_cache(maxsize=2)
def _values(year: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """:func:`_counts` side by side, where those of each number begin, and how many rows have it."""
    counts = _counts(year)
    rows = np.column_stack([np.maximum(each.sum(axis=1), 1) for each in counts])
    return np.hstack(counts).astype("int32"), _begins(counts), rows


def _begins(parts: Sequence[np.ndarray]) -> np.ndarray:
    """First column of each part when they are put side by side."""
    return np.cumsum([0, *(part.shape[1] for part in parts[:-1])])
