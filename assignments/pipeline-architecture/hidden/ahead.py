"""The next quarter: growth within its forecast, what is required from then on, and what happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from worksample.workbook.design.quarter import HOURS, Event, Quarter

from ..toolkit.quarters import grown, owing
from .firm import DATA as FIRM
from .firm import Firm

Span = tuple[float, float]
# what the history tells of each event, so that nothing outside of it comes
RANGES: dict[str, dict[str, Span]] = FIRM["events"]
DATA_FAULTS = ("schema", "doubled", "late", "value", "labels")
WORK_FAULTS = ("code", "trainer", "region", "price", "erasure")
STRICT = ("freshness", "erasure", "audit", "backfill", "cost")
# requirement -> its numbers -> their step, and where they are hard and mild
OF: dict[str, dict[str, dict[str, Any]]] = FIRM["requirements"]


@dataclass(frozen=True)
class Ahead:
    """A drawn quarter.

    Attributes:
        growth: factor at its end on today's rows, and the range that was forecast.
        needs: what is required from its beginning on; the budget comes later.
        happens: its events.
        binds: which of STRICT are strict.
        changed: which of STRICT is asked for half-way; change: the requirements that are new then.
    """

    growth: float
    forecast: Span
    needs: dict[str, float]
    happens: tuple[Event, ...]
    binds: tuple[str, ...]
    changed: str
    change: dict[str, float]


def draw(rng: np.random.Generator, level: str) -> Ahead:
    """Growth within its forecast, every event within what its history tells."""
    order = [STRICT[place] for place in rng.permutation(len(STRICT))]
    binds = tuple(order[: 2 if level == "senior" else 1])
    needs = demands(rng, binds)
    changed = next(each for each in order[len(binds) :] if each != "cost")
    change = {
        name: value for name, value in demands(rng, (changed,)).items() if name in OF[changed]
    }
    low = round(float(rng.uniform(*FIRM["rows"]["forecast"])), 2)
    high = round(low * FIRM["rows"]["forecast_wide"], 2)
    growth = round(float(rng.uniform(low + 0.02, high - 0.02)), 3)
    return Ahead(growth, (low, high), needs, _events(rng), binds, changed, change)


def demands(rng: np.random.Generator, strict: tuple[str, ...]) -> dict[str, float]:
    """What is required: in hours and days, those that are strict and the others."""
    found = {}
    for name, numbers in OF.items():
        for each, told in numbers.items():
            step, spans = told["step"], (told["hard"], told["mild"])
            drawn = [round(float(rng.uniform(*span)) / step) * step for span in spans]
            found[each] = round(drawn[0] if name in strict else drawn[1], 2)
    return found


def _events(rng: np.random.Generator) -> tuple[Event, ...]:
    """Each at its own time: no two of them meet."""
    made = []
    first, apart = HOURS // 8, HOURS // 2 // len(RANGES)
    slots = rng.permutation(len(RANGES))
    for slot, (kind, ranges) in zip(slots, RANGES.items(), strict=True):
        numbers = {key: round(float(rng.uniform(*span)), 2) for key, span in ranges.items()}
        if "hours" in numbers:
            numbers["hours"] = float(round(numbers["hours"]))
        if kind == "erasure":
            numbers["size"] = float(round(numbers["size"]))
        what = str(rng.choice(["compute", "storage"])) if kind == "price" else ""
        at = first + apart * int(slot) + int(rng.integers(apart // 3))
        made.append(Event(kind, at, what=what, **numbers))
    return tuple(made)


def quarters(firm: Firm, ahead: Ahead, needs: Mapping[str, float]) -> dict[str, Quarter]:
    """The three hidden quarters: without faults, with faults of data, with those of the works."""
    sets: dict[str, tuple[str, ...]] = {"calm": (), "data": DATA_FAULTS, "work": WORK_FAULTS}
    return {
        name: quarter(firm, ahead.growth, needs, [e for e in ahead.happens if e.kind in kinds])
        for name, kinds in sets.items()
    }


def quarter(
    firm: Firm, growth: float, needs: Mapping[str, float], events: Sequence[Event] = ()
) -> Quarter:
    """A quarter with these events besides what is owed in every quarter."""
    return grown(firm.week, growth, firm.late, firm.late_h, (*owing(needs), *events))


def ends(event: Event) -> tuple[Event, Event]:
    """The mildest and the worst that the history tells of such an event."""
    low, high = ({key: span[end] for key, span in RANGES[event.kind].items()} for end in (0, 1))
    return replace(event, **low), replace(event, **high)
