"""Windows and streams drawn from the world: reference, recent past, hidden streams.

Trusted side only. The year is cut into blocks of sixteen days; every third block is reference,
the others are kept for the recent past and the hidden streams, so no day is in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import faults as faulty
from .faults import Fault
from .toolkit.model import Model
from .toolkit.schema import OUTCOME, SCORE
from .toolkit.windows import ROWS
from .world import DAYS, FIRST_DAY, base, renamed, starts

BLOCKS = 22
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
    """

    block: int
    fault: Fault | None = None
    onset: int | None = None
    volume: str | None = None
    mix: tuple[str, str] | None = None


def blocks(rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """First days of the reference blocks and of the other ones."""
    first = int(rng.integers(DAYS))
    days = [(first + 16 * k) % DAYS for k in range(BLOCKS)]
    whole = [(k, day) for k, day in enumerate(days) if day + 16 <= DAYS]
    reference = sorted(day for k, day in whole if k % 3 == 0)
    return reference, sorted(day for k, day in whole if k % 3)


def planned(level: str, others: list[int], rng: np.random.Generator) -> list[Plan]:
    """The hidden streams in the order in which they are asked."""
    faults = faulty.drawn(level, rng)
    days = [others[i] for i in rng.permutation(len(others))]
    benign = [{"volume": "quiet"}] * 3 + [{"volume": "busy"}] * 3
    benign += [{"mix": ("region", "florida")}, {"mix": ("region", "west")}]
    plans = [
        Plan(days[i % len(days)], **(benign[i] if i < len(benign) else {})) for i in range(STABLE)
    ]
    plans += [
        Plan(days[(i + STABLE) % len(days)], fault, int(rng.integers(1, 4)))
        for i, fault in enumerate(faults)
    ]
    return [plans[i] for i in rng.permutation(len(plans))]


def _volume(plan: Plan, rng: np.random.Generator) -> int:
    # holidays and storms: some windows of any stream are quiet or busy
    odd = rng.random()
    kind = plan.volume or ("quiet" if odd < 0.05 else "busy" if odd > 0.95 else "usual")
    return int(rng.integers(*VOLUMES[kind]))


def _drawn(
    day: int, size: int, plan: Plan, fault: Fault | None, rng: np.random.Generator
) -> pd.DataFrame:
    """Rows of two real days, in random order."""
    first, last = starts()[day], starts()[day + DAYS_PER_WINDOW]
    rows = base().iloc[first:last]
    weights = faulty.chances(fault, rows)
    weights = np.ones(len(rows)) if weights is None else weights
    if plan.mix is not None:
        weights = weights * np.where(rows[plan.mix[0]] == plan.mix[1], 1.12, 1.0)
    size = min(size, len(rows) * 9 // 10)
    taken = rng.choice(len(rows), size, replace=False, p=weights / weights.sum())
    return rows.iloc[taken].reset_index(drop=True)


def window(
    day: int, plan: Plan, fault: Fault | None, model: Model, names: dict, rng: np.random.Generator
) -> pd.DataFrame:
    """One window: ``date``, the inputs as the model sees them, ``score`` and the outcome."""
    rows = faulty.happened(fault, _drawn(day, _volume(plan, rng), plan, fault, rng))
    late = rng.random(len(rows)) < faulty.mechanism(fault).late_probability(rows)
    shown = renamed(faulty.seen(fault, rows, rng), names)
    dates = pd.to_datetime(FIRST_DAY) + pd.to_timedelta(shown.pop("day"), unit="D")
    shown.insert(0, "date", dates.dt.strftime("%Y-%m-%d"))
    shown[SCORE] = model.score(shown).round(4)
    return shown[list(ROWS)].assign(**{OUTCOME: late.astype("int8")})


def stream(plan: Plan, model: Model, names: dict, rng: np.random.Generator) -> list[pd.DataFrame]:
    """The eight windows of a stream."""
    found = []
    for number in range(WINDOWS):
        fault = plan.fault if plan.onset is not None and number >= plan.onset else None
        day = plan.block + DAYS_PER_WINDOW * number
        found.append(window(day, plan, fault, model, names, rng))
    return found


def table(streams: list[list[pd.DataFrame]]) -> pd.DataFrame:
    """One table of several streams, with the columns ``run`` and ``window``, from 0."""
    parts = [
        part.assign(run=run, window=number)
        for run, parts in enumerate(streams)
        for number, part in enumerate(parts)
    ]
    joined = pd.concat(parts, ignore_index=True)
    return joined[["run", "window", *ROWS, OUTCOME]].astype({"run": "int16", "window": "int16"})
