"""Proof that a planted fault is there to be found: by replaying its windows without it.

Trusted side only. The windows after an onset are drawn twice from the same random numbers, with
the fault and without. The difference of a figure between the two, in standard deviations of that
figure over the reference windows (two real days each, all seasons), is how far the fault moves it.
A fault is planted only if at least one figure of its own columns moves far enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..toolkit.schema import CATEGORICAL, FEATURES, NUMERIC, OUTCOME, SCORE
from . import menu, streams
from .faults import Fault
from .late_outcomes import AT_ONCE, Arrival
from .streams import Plan
from .world import Unfit

DELAY = 5  # windows within which a fault should be found
SMALLEST = 1 / 200  # standard deviation of a share that hardly ever moves; the others are larger
BANDS = {  # level -> size -> (least, most) standard deviations; what has no size may exceed most
    "junior": {"clear": (8.0, np.inf), "subtle": (6.0, 12.0)},
    "standard": {"clear": (6.0, np.inf), "subtle": (4.0, 8.0)},
    "senior": {"clear": (6.0, np.inf), "subtle": (3.0, 6.0)},
}
TRIES = 3  # how often the menu is drawn, each time at another airport and on other levels
STEPS = 5  # how often a fault is rescaled before another is taken
GROWS = 1.1  # a larger fault that does not move the figure further than so is as large as can be


def of_numbers(c: str, x: np.ndarray, known: np.ndarray, origins: dict) -> Iterator[tuple]:
    """Figures of a number: mean, missing, out of range, never seen, the commonest value, and
    how far the airports' means lie apart."""
    there = x[~np.isnan(x)]
    yield f"{c} missing", 1 - len(there) / len(x)
    if not len(there):
        return
    yield f"{c} mean", there.mean()
    room = (known[-1] - known[0]) / 10  # weather has extremes that the reference has not
    yield f"{c} out of range", np.mean((there < known[0] - room) | (there > known[-1] + room))
    at = np.minimum(np.searchsorted(known, there), len(known) - 1)
    low, high = known[[len(known) // 50, -1 - len(known) // 50]]  # rare values come in the tails
    inside = (there >= low) & (there <= high)
    yield f"{c} never seen", np.mean((known[at] != there) & inside)
    counts = np.unique(there, return_counts=True)[1]
    yield f"{c} commonest value", counts.max() / len(x)
    for origin, rows in origins.items():
        own, others = x[rows], x[~rows]
        if np.isfinite(own).any() and np.isfinite(others).any():
            yield f"{c} at {origin} against others", np.nanmean(own) - np.nanmean(others)


def of_levels(rows: pd.DataFrame, known: dict, codes: dict[str, np.ndarray]) -> Iterator[tuple]:
    """Figures of the categories: shares of levels, of pairs of levels, distance by region."""
    for c, levels in known.items():
        yield f"{c} never seen", np.mean(codes[c] < 0)
        for number, level in enumerate(levels):
            yield f"{c} = {level}", np.mean(codes[c] == number)
    for one, other in (("carrier", "origin"), ("region", "carrier")):
        size = len(known[other])
        both = (codes[one] >= 0) & (codes[other] >= 0)
        cells = codes[one][both] * size + codes[other][both]
        shares = np.bincount(cells, minlength=len(known[one]) * size) / len(rows)
        for cell, share in enumerate(shares):
            yield f"{one} with {known[one][cell // size]}, {known[other][cell % size]}", share
    distance = rows["distance_km"].to_numpy(float)
    for number, level in enumerate(known["region"]):
        own = distance[codes["region"] == number]
        if np.isfinite(own).any():
            yield f"region {level} distance", np.nanmean(own)


def of_outcomes(rows: pd.DataFrame, known: dict, codes: dict[str, np.ndarray]) -> Iterator[tuple]:
    """Outcomes beyond the predicted number in standard deviations, in all rows and in segments."""
    score = rows[SCORE].to_numpy()
    off, spread = rows[OUTCOME].to_numpy() - score, score * (1 - score)
    segments = {"all": np.ones(len(rows), bool)}
    segments["inbound late"] = rows["inbound_delay_min"].to_numpy(float) > 15
    for c, levels in known.items():
        segments |= {f"{c} {level}": codes[c] == number for number, level in enumerate(levels)}
    for name, own in segments.items():
        yield f"{OUTCOME}: {name}", off[own].sum() / np.sqrt(spread[own].sum() + 1)


class Usual:
    """What the figures are when nothing is wrong, from the reference windows."""

    def __init__(self, windows: Sequence[pd.DataFrame]) -> None:
        rows = pd.concat(windows, ignore_index=True)
        self.known = {c: sorted(rows[c].unique()) for c in CATEGORICAL}
        self.values = {c: np.unique(rows[c].dropna()) for c in NUMERIC}
        every = pd.DataFrame([dict(self.figures(w, *FEATURES, OUTCOME)) for w in windows])
        self.spread = every.std().clip(lower=SMALLEST)

    def figures(self, rows: pd.DataFrame, *columns: str) -> Iterator[tuple[str, float]]:
        """The figures of one window that a fault of these columns can move."""
        codes = {c: pd.Index(self.known[c]).get_indexer(rows[c]) for c in CATEGORICAL}
        origins = {level: codes["origin"] == n for n, level in enumerate(self.known["origin"])}
        for column in columns:
            if column in NUMERIC:
                x = rows[column].to_numpy(float)
                yield from of_numbers(column, x, self.values[column], origins)
        if OUTCOME in columns:
            yield from of_outcomes(rows, self.known, codes)
        if not set(CATEGORICAL).isdisjoint(columns):
            found = of_levels(rows, self.known, codes)
            yield from ((name, value) for name, value in found if name.startswith(columns))

    def moved(
        self,
        faulty: Sequence[pd.DataFrame],
        calm: Sequence[pd.DataFrame],
        fault: Fault,
        names: dict,
    ) -> tuple[str, float]:
        """The figure that moves most, and by how many of its standard deviations."""
        column = OUTCOME if fault.kind == "concept" else fault.column
        after, before = (
            pd.DataFrame([dict(self.figures(rows, column)) for rows in windows]).mean()
            for windows in (faulty, calm)
        )
        far = ((after - before).abs() / self.spread).dropna()
        if fault.kind == "covariate":  # what is meant to move, and nothing that comes with it
            own = [
                f"{fault.column} = {names.get(fault.column, {}).get(n, n)}" for n in fault.levels
            ]
            far = far[own or [f"{fault.column} mean"]]
        return str(far.idxmax()), float(far.max())


@dataclass(frozen=True)
class Planted:
    """A stream with a fault that was proved.

    Attributes:
        plan: the stream.
        figure: the figure that the fault moves most.
        moved: by how many standard deviations, in the mean of five windows.
        redraws: faults and sizes that were tried before.
        windows: the faulty ones that it was proved on, from the onset on.
    """

    plan: Plan
    figure: str
    moved: float
    redraws: int
    windows: Sequence[pd.DataFrame]


def planted(
    plan: Plan,
    options: list[Fault],
    band: tuple[float, float],
    usual: Usual,
    names: dict,
) -> Planted | None:
    """The first of the options that moves a figure as far as the band says; None if none does."""
    first = plan.onset or 0
    numbers = range(first, min(first + DELAY, streams.WINDOWS))
    calm = streams.windows(plan, numbers, None, names)
    tried = 0
    for option in options:
        fault, before = replace(option), 0.0
        for _ in range(STEPS):
            faulty = streams.windows(plan, numbers, fault, names)
            figure, moved = usual.moved(faulty, calm, fault, names)
            bigger = fault.scaled(_factor(moved, band))
            if band[0] <= moved and (moved <= band[1] or bigger == fault):
                return Planted(replace(plan, fault=fault), figure, moved, tried, faulty)
            tried += 1
            if bigger == fault or (moved < band[0] and moved < GROWS * before):
                break
            fault, before = bigger, moved
    return None


def _factor(moved: float, band: tuple[float, float]) -> float:
    """By how much to scale a fault so that it moves a figure to the middle of the band."""
    middle = min((band[0] + band[1]) / 2, 1.5 * band[0])
    return float(np.clip(middle / max(moved, 1e-9), 0.4, 2.5))


def all_planted(
    level: str,
    year: int,
    days: list[int],
    usual: Usual,
    names: dict,
    rng: np.random.Generator,
    arrival: Arrival = AT_ONCE,
) -> list[Planted]:
    """Every faulty stream of a case; no two have the same fault.

    Raises:
        Unfit: some fault cannot be planted.
    """
    found: list[Planted] = []
    taken: set[tuple] = set()
    wanted = menu.wanted(level)
    odd = streams.oddities(len(wanted), rng)
    for number, (kind, size) in enumerate(wanted):
        onset, key = int(rng.integers(1, 4)), streams.new_key(rng)
        options = [fault for _ in range(TRIES) for fault in menu.options(kind, size, rng)]
        options = [fault for fault in options if _identity(fault) not in taken]
        for place in range(len(odd)):
            day = days[(number + place) % len(days)]
            plan = Plan(day, None, onset, **odd[place], key=key, year=year, arrival=arrival)
            each = planted(plan, options, BANDS[level][size], usual, names)
            if each is not None:
                break
        else:
            raise Unfit(f"no {size} {kind} fault moves a figure far enough")
        # a busy window holds nearly all flights of its days, so that no mix can move it: then
        # another stream is the busy one
        del odd[place]
        found.append(each)
        taken.add(_identity(each.plan.fault))
    return found


def _identity(fault: Fault | None) -> tuple:
    return (fault.size, fault.how, fault.column, fault.levels) if fault else ()
