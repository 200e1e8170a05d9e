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
    return scored(plan.year).iloc[_places(day, size, plan, fault, rng)].reset_index(drop=True)


def _places(
    day: int, size: int, plan: Plan, fault: Fault | None, rng: np.random.Generator
) -> np.ndarray:
    """Where such rows stand in :func:`scored`, (rows,)."""
    first, last = starts(plan.year)[day], starts(plan.year)[day + DAYS_PER_WINDOW]
    weights = np.ones(last - first)
    if plan.mix is not None or (fault is not None and fault.how == "mix"):
        rows = scored(plan.year).iloc[first:last]
        own = faulty.chances(fault, rows)
        weights = weights if own is None else own
        if plan.mix is not None:
            weights = weights * np.where(rows[plan.mix[0]] == plan.mix[1], 1.12, 1.0)
    size = min(size, len(weights) * 9 // 10)
    return first + rng.choice(len(weights), size, replace=False, p=weights / weights.sum())


def windows(
    plan: Plan,
    numbers: Sequence[int],
    fault: Fault | None,
    names: dict,
    more: Sequence[Fault] = (),
) -> list[pd.DataFrame]:
    """Windows: ``date``, the inputs as the model sees them, ``score``, the outcome and when it
    becomes known; and, until they are put into a :func:`table`, what else is known of their rows.

    Each has random numbers of its own, so that it is the same whichever are drawn with it; what is
    done with them is done for all at once, which is several times as fast.

    Args:
        plan: the stream.
        numbers: of the windows, from 0.
        fault: what happens in them.
        names: of levels, see ``world.names_of``.
        more: faults that change what the model sees beside that one.
    """
    if not numbers:
        return []
    rngs = [np.random.default_rng([plan.key, number]) for number in numbers]
    days = [plan.block + DAYS_PER_WINDOW * number for number in numbers]
    places = [
        _places(day, _volume(plan, rng), plan, fault, rng)
        for day, rng in zip(days, rngs, strict=True)
    ]
    rows = scored(plan.year).iloc[np.concatenate(places)].reset_index(drop=True)
    rows = faulty.happened(fault, rows)

    def luck() -> np.ndarray:
        return np.concatenate([rng.random(len(own)) for rng, own in zip(rngs, places, strict=True)])

    late = luck() < faulty.late_probability(fault, rows)
    shown = rows
    for each in (fault, *more):
        if each is not None and faulty.hides(each):
            shown = faulty.seen(each, shown, luck())
    if faulty.rescored(fault) or more:
        shown = shown.assign(**{SCORE: fitted(plan.year).score(shown).round(4)})
    ends = np.cumsum([len(own) for own in places])
    known_after = np.concatenate(
        [
            plan.arrival.known_after(own, rng)
            for own, rng in zip(np.split(late, ends[:-1]), rngs, strict=True)
        ]
    )
    found = {OUTCOME: late.astype("int8"), KNOWN_AFTER: known_after}
    found = renamed(shown, names).assign(**found)
    return [
        found.iloc[end - len(own) : end].reset_index(drop=True)
        for end, own in zip(ends, places, strict=True)
    ]


def stream(plan: Plan, names: dict, faulty: Sequence[pd.DataFrame] = ()) -> list[pd.DataFrame]:
    """The eight windows of a stream; ``faulty`` are those from the onset on that are drawn yet."""
    onset = WINDOWS if plan.onset is None else plan.onset
    found = [*windows(plan, range(onset), None, names), *faulty]
    return found + windows(plan, range(len(found), WINDOWS), plan.fault, names)


def spoiled(
    plan: Plan,
    incident: Mapping[int, Sequence[Fault]],
    sound: Sequence[pd.DataFrame],
    names: dict,
) -> list[pd.DataFrame]:
    """The eight windows of a run of the history, in some of which something was wrong.

    Args:
        plan: the run.
        incident: what was wrong, by window.
        sound: :func:`stream` of the plan.
        names: of levels.
    """
    found = list(sound)
    for first, *more in set(incident.values()):
        numbers = [number for number, each in incident.items() if each == (first, *more)]
        for number, rows in zip(numbers, windows(plan, numbers, first, names, more), strict=True):
            found[number] = rows
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
