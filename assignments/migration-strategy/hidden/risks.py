"""Eight risks: what announces them, how sister firms' years went, what a measure costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..toolkit.firm import EVENTS, SPRINTS, Firm
from ..toolkit.plans import plan_of
from ..toolkit.scheduler import NEVER, Assumed, Worlds, run, without
from ..toolkit.staffing import Work
from .firm import Hidden

SIGNALS = {  # what is counted each sprint: usual value, usual spread
    "leaver": ("hours of overtime a week", 4.0, 1.5),
    "audit": ("questions from the auditor", 6.0, 2.0),
    "price": ("index of suppliers' prices", 100.0, 3.0),
    "owner": ("days until the data's owner answers", 5.0, 1.5),
    "vendor": ("open faults at the supplier", 20.0, 5.0),
    "incident": ("warnings a week", 40.0, 9.0),
    "freeze": ("percent that sales are below plan", 2.0, 1.2),
    "resistance": ("percent absent from demonstrations", 20.0, 5.0),
}
MEASURES = {
    "leaver": "a second person learns what the first knows",
    "audit": "all that the audit wants is agreed with it beforehand, date included",
    "price": "prices are fixed by contract",
    "owner": "a written agreement with the data's owner",
    "vendor": "a second supplier stands by",
    "incident": "an outside firm on call",
    "freeze": "the budget is committed to the year's end",
    "resistance": "somebody in each team speaks for the new way",
}
SISTERS = 160
BEFORE, AWAY = 5, 2.6  # sprints that a useful signal is early; spreads that it moves
FALSE = {True: 0.12, False: 0.45}  # chance of a stretch that means nothing, by use
STRETCH = 4  # sprints of it
PARTS = (0.15, 0.3, 0.45, 0.6, 0.8, 1.1, 1.6, 2.4)  # a measure's cost over what it saves
TRIES = 400
MUCH, LITTLE = 0.35, 0.15  # of all losses: what right decisions save at least, all measures at most
LATE = 1.2  # times the cost where a measure is taken on a signal
READY = 2  # sprints until a measure works


def units(rng: np.random.Generator) -> dict[str, list[float]]:
    """Event -> usual value and spread of what announces it, in this firm."""
    found = {}
    for name, (_, mean, spread) in SIGNALS.items():
        factors = rng.uniform(0.8, 1.3, 2)
        found[name] = [round(mean * float(factors[0]), 1), round(spread * float(factors[1]), 2)]
    return found


def paths(
    rng: np.random.Generator, at: np.ndarray, hidden: Hidden, unit: dict[str, list[float]]
) -> np.ndarray:
    """What is counted in each sprint, (years, SPRINTS, events).

    Args:
        at: sprint of each event, NEVER if it does not happen, (years, events).
    """
    years, sprints = len(at), np.arange(SPRINTS)
    moved = np.zeros((years, SPRINTS, len(EVENTS)))
    for place, name in enumerate(EVENTS):
        useful, when = hidden.useful[name], at[:, [place]]
        begin = when - BEFORE if useful else when
        moved[:, :, place] = (sprints >= begin) & (sprints < when + STRETCH)
        odd = rng.integers(0, SPRINTS - STRETCH, (years, 1))
        is_odd = rng.random((years, 1)) < FALSE[useful]
        moved[:, :, place] += is_odd & (sprints >= odd) & (sprints < odd + STRETCH)
    z = rng.normal(0, 1, moved.shape) * 0.8 + AWAY * np.minimum(moved, 1)
    mean, spread = np.array([unit[name] for name in EVENTS]).T
    return np.round(np.maximum(mean + spread * z, 0.0), 1)


def history(
    rng: np.random.Generator, hidden: Hidden, unit: dict[str, list[float]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(signals of sister firms' years by sprint, what happened in them and when)."""
    happens = rng.random((SISTERS, len(EVENTS))) < [hidden.chances[name] for name in EVENTS]
    at = np.where(happens, rng.integers(4, 20, happens.shape), NEVER)
    seen = paths(rng, at, hidden, unit)
    names = [f"S{n + 1:02}" for n in range(SISTERS)]
    signals = pd.DataFrame(seen.reshape(-1, len(EVENTS)), columns=list(EVENTS))
    signals.insert(0, "sprint", np.tile(np.arange(SPRINTS), SISTERS))
    signals.insert(0, "year", np.repeat(names, SPRINTS))
    rows = [(names[y], EVENTS[e], int(at[y, e])) for y, e in np.argwhere(at < NEVER)]
    return signals, pd.DataFrame(rows, columns=["year", "event", "sprint"])


def saved(firm: Firm, work: Work, worlds: Worlds, assumed: Assumed) -> np.ndarray:
    """Thousand euro in each year that would not be lost without each event, (years, events)."""
    alone = [worlds, *(without(worlds, [name]) for name in EVENTS)]
    rows = Worlds(*(np.concatenate([getattr(w, n) for w in alone]) for n in Worlds.__annotations__))
    total = run(firm, [plan_of(work, firm)], rows, assumed).up_to("12")
    years = total.reshape(len(EVENTS) + 1, len(worlds))
    return np.asarray((years[1:] - years[0]).T)


def measures(
    rng: np.random.Generator, firm: Firm, work: Work, worlds: Worlds, assumed: Assumed
) -> dict[str, Any]:
    """Event -> a measure and what it costs: cheap for some, dear for others, for any good plan."""
    lost = np.maximum(saved(firm, work, worlds, assumed).mean(axis=0), 0.0)
    for _ in range(TRIES):
        parts = rng.permutation(PARTS)
        worth = lost * (1 - parts)  # of the measure taken before, whatever comes
        if worth[worth > 0].sum() > MUCH * lost.sum() and worth.sum() < LITTLE * lost.sum():
            break
    cost = np.maximum(0.4, parts * lost)
    return {
        name: {"text": MEASURES[name], "signal": SIGNALS[name][0], "cost": round(float(x), 1)}
        for name, x in zip(EVENTS, cost, strict=True)
    }
