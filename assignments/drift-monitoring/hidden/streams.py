"""Windows and streams drawn from the world: reference, recent past, hidden streams.

Trusted side only. Which days are history and which are hidden stands in ``seasons.py``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..toolkit.schema import KNOWN_AFTER, OUTCOME, SCORE
from ..toolkit.windows import ROWS
from . import faults as faulty
from .faults import Fault
from .late_outcomes import AT_ONCE, Arrival
from .world import DAYS, FIRST_DAY, base, fitted, renamed, starts

WINDOWS = 8  # windows of a stream
DAYS_PER_WINDOW = 2
STABLE = 24
VOLUMES = {"usual": (780, 1000), "quiet": (420, 560), "busy": (1250, 1500)}


@dataclass(frozen=True)
class Plan:
    """One stream before it is drawn.

    Attributes:
        block: first day of its sixteen.
        fault: what happens in it; None for a stable stream.
        onset: number of the first faulty window (from 0); None for a stable stream.
        volume: a key of :data:`VOLUMES`: every window so; None: mostly usual ones.
        mix: (column, level) that is a little more frequent, as it is in some seasons; benign.
        key: the windows' random numbers come from it, so that a stream can be drawn again
            without its fault.
        year: the case's year (see ``world.py``).
        arrival: when outcomes become known.
    """

    block: int
    fault: Fault | None = None
    onset: int | None = None
    volume: str | None = None
    mix: tuple[str, str] | None = None
    key: int = 0
    year: int = 0
    arrival: Arrival = AT_ONCE


def new_key(rng: np.random.Generator) -> int:
    """A key for a :class:`Plan`."""
    return int(rng.integers(2**62))


def oddities(count: int, rng: np.random.Generator) -> list[dict]:
    """What is odd but benign in so many streams: some quiet, some busy, some a little mixed.

    Stable streams and faulty ones get the same, so that neither tells anything.
    """
    odd: list[dict] = [{"volume": "quiet"}] * 3 + [{"volume": "busy"}] * 3
    odd += [{"mix": ("region", "florida")}, {"mix": ("region", "west")}]
    odd += [{}] * (count - len(odd))
    return [odd[i] for i in rng.permutation(count)]


def stable(
    year: int, days: list[int], rng: np.random.Generator, arrival: Arrival = AT_ONCE
) -> list[Plan]:
    """The streams in which nothing is wrong."""
    return [
        Plan(days[i % len(days)], **odd, key=new_key(rng), year=year, arrival=arrival)
        for i, odd in enumerate(oddities(STABLE, rng))
    ]


def _volume(plan: Plan, rng: np.random.Generator) -> int:
    # holidays and storms: some windows of any stream are quiet or busy
    odd = rng.random()
    kind = plan.volume or ("quiet" if odd < 0.05 else "busy" if odd > 0.95 else "usual")
    return int(rng.integers(*VOLUMES[kind]))


@functools.lru_cache(maxsize=2)
def scored(year: int) -> pd.DataFrame:
    """:func:`base` with ``date``, and with the score of each row as long as nothing is wrong."""
    rows = base(year)
    dates = pd.date_range(FIRST_DAY, periods=DAYS).strftime("%Y-%m-%d")
    score = fitted(year).score(rows).round(4)
    rows = rows.assign(date=dates.array.take(rows["day"].to_numpy()), **{SCORE: score})
    return rows.copy()  # in one piece, which makes taking rows of it cheaper


def taken(
    day: int, size: int, plan: Plan, fault: Fault | None, rng: np.random.Generator
) -> pd.DataFrame:
    """Rows of two days, in random order."""
    first, last = starts(plan.year)[day], starts(plan.year)[day + DAYS_PER_WINDOW]
    rows = scored(plan.year).iloc[first:last]
    weights = faulty.chances(fault, rows)
    weights = np.ones(len(rows)) if weights is None else weights
    if plan.mix is not None:
        weights = weights * np.where(rows[plan.mix[0]] == plan.mix[1], 1.12, 1.0)
    size = min(size, len(rows) * 9 // 10)
    chosen = rng.choice(len(rows), size, replace=False, p=weights / weights.sum())
    return rows.iloc[chosen].reset_index(drop=True)


def window(
    plan: Plan, number: int, fault: Fault | None, names: dict, more: Sequence[Fault] = ()
) -> pd.DataFrame:
    """One window: ``date``, the inputs as the model sees them, ``score``, the outcome and when it
    becomes known; and, until it is put into a :func:`table`, what else is known of its rows.

    Args:
        plan: the stream.
        number: of the window, from 0.
        fault: what happens in it.
        names: of levels, see ``world.names_of``.
        more: faults that change what the model sees beside that one.
    """
    rng = np.random.default_rng([plan.key, number])
    day = plan.block + DAYS_PER_WINDOW * number
    rows = faulty.happened(fault, taken(day, _volume(plan, rng), plan, fault, rng))
    late = rng.random(len(rows)) < faulty.late_probability(fault, rows)
    shown = faulty.seen(fault, rows, rng)
    for each in more:
        shown = faulty.seen(each, shown, rng)
    if faulty.rescored(fault) or more:
        shown = shown.assign(**{SCORE: fitted(plan.year).score(shown).round(4)})
    known_after = plan.arrival.known_after(late, rng)
    found = {OUTCOME: late.astype("int8"), KNOWN_AFTER: known_after}
    return renamed(shown, names).assign(**found)


def stream(plan: Plan, names: dict) -> list[pd.DataFrame]:
    """The eight windows of a stream."""
    onset = WINDOWS if plan.onset is None else plan.onset
    faults = [None if number < onset else plan.fault for number in range(WINDOWS)]
    return [window(plan, number, fault, names) for number, fault in enumerate(faults)]


def spoiled(plan: Plan, incident: Mapping[int, Sequence[Fault]], names: dict) -> list[pd.DataFrame]:
    """The eight windows of a run of the history, in some of which something was wrong."""
    found = []
    for number in range(WINDOWS):
        first, *more = incident.get(number, (None,))
        found.append(window(plan, number, first, names, more))
    return found


def table(streams: list[list[pd.DataFrame]]) -> pd.DataFrame:
    """One table of several streams, with the columns ``run`` and ``window``, from 0."""
    places = [(run, number) for run, parts in enumerate(streams) for number in range(len(parts))]
    parts = [part for parts in streams for part in parts]
    joined = pd.concat(parts, ignore_index=True)
    joined[["run", "window"]] = np.repeat(places, [len(part) for part in parts], axis=0)
    return joined[["run", "window", *ROWS, OUTCOME, KNOWN_AFTER]].astype(
        {"run": "int16", "window": "int16"}
    )
