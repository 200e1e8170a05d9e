"""What a drawn world has to show before it becomes a case; everything is computed by running it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from worksample.kit.mitigation import Plan
from worksample.workbook.twin import Action, State, advance
from worksample.workbook.twin.model import Record, start_state
from worksample.workbook.twin.plant import FILE

from . import plans
from .plans import FIRST_TEN, Yardstick
from .world import FIRST, SPACING, World

LEAST_EARLY = 0.22
LAST_HOUR = slice(-60, None)


@dataclass(frozen=True)
class Proved:
    """A world that makes a case, with what was found by running it.

    Attributes:
        reference: the plan that the search found; its harm is 1 on the scale of plans.
        harm: name -> (all of it, the first ten minutes); of nothing, the reference, and the rest.
        unseen: names of the plans that need no look at the case.
        start: first minute with harm that would not have been without the faults.
        impact: what happened up to now, and what would in the next half hour.
    """

    world: World
    state: State
    record: Record
    reference: Plan
    harm: dict[str, tuple[float, float]]
    unseen: tuple[str, ...]
    impact: dict[str, float]


def proved(world: World, level: str) -> Proved | None:
    """The world with its proof, or None where it would make no fair case."""
    state, record = world.history()
    if not _visible(record):
        return None
    yard = Yardstick(world, state, SPACING[level])
    reference = yard.reference()
    unseen = plans.unseen(world)
    tried = {
        "nothing": (),
        "reference": reference,
        "no actor held": _mended(yard, world, guarded=False),
        **{f"all but {f.mechanism}": _mended(yard, world, f.mechanism) for f in world.faults},
        **{name: yard.repaired(plan) for name, plan in unseen.items()},
    }
    by_minute = yard.by_minute(list(tried.values()))
    total, early = by_minute.sum(axis=1), by_minute[:, :FIRST_TEN].sum(axis=1)
    harm = {n: (float(t), float(e)) for n, t, e in zip(tried, total, early, strict=True)}
    found = Proved(
        world, state, record, reference, harm, tuple(unseen), _impact(world, state, record)
    )
    return found if _fair(found) else None


def worth(harm: dict[str, tuple[float, float]], name: str, which: int = 0) -> float:
    """A plan's harm avoided: 0 as doing nothing, 1 as the reference; of the whole or the start."""
    nothing, best = harm["nothing"][which], harm["reference"][which]
    return (nothing - harm[name][which]) / (nothing - best)


def _mended(yard: Yardstick, world: World, but: str = "", guarded: bool = True) -> Plan:
    faults = [fault for fault in world.faults if fault.mechanism != but]
    actions: list[Action] = [each for fault in faults for each in plans.repair(world, fault)]
    actions = list(dict.fromkeys(actions))
    return yard.repaired(actions + (plans.guards(world, faults) if guarded else []))


def _visible(record: Record) -> bool:
    """Both sorts of harm show in the last hour."""
    requests = record.totals["arrivals"][0, LAST_HOUR].sum()
    failed, wrong = (record.totals[n][0, LAST_HOUR].sum() / requests for n in ("failed", "wrong"))
    return bool(failed > 0.08 and wrong > 0.025)


def _fair(found: Proved) -> bool:
    """Enough can be saved, soon too; each fault and the actor count; no unseen plan does it."""
    harm = found.harm
    nothing, best = harm["nothing"], harm["reference"]
    partial = [worth(harm, name) for name in harm if name.startswith("all but")]
    return (
        best[0] <= 0.35 * nothing[0]
        and nothing[1] - best[1] >= LEAST_EARLY * nothing[1]
        and max(partial) <= 0.88
        and worth(harm, "no actor held") <= 0.8
        and worth(harm, "restart everything") <= 0.3
        and max(worth(harm, name) for name in found.unseen) <= 0.6
        and max(worth(harm, name, 1) for name in found.unseen) <= 0.5
    )


def _impact(world: World, state: State, record: Record) -> dict[str, float]:
    totals = record.totals
    sound = start_state(world.plant, FIRST)
    without = advance(world.plant, (), sound, FIRST, [world.past], ((),)).totals
    harmed = totals["failed"][0] + totals["wrong"][0] - without["failed"][0] - without["wrong"][0]
    first = int(np.flatnonzero(harmed > 0.03 * totals["arrivals"][0])[0])
    unanswered = totals["arrivals"][0] - totals["answered"][0]
    next_ = advance(
        world.plant, world.faults, state.repeated(len(world.futures)), 0, world.futures
    ).totals
    soon = (next_["arrivals"] - next_["answered"] + next_["wrong"])[:, :30].sum(axis=1).mean()
    return {
        "start": FIRST + first,
        "failed": float(unanswered[first:].sum()),
        "wrong": float(totals["wrong"][0, first:].sum()),
        "next": float(soon),
    }


def shown(world: World) -> World:
    """The world as the candidate's copy of it begins: no fault, nobody who puts things back."""
    return replace(world, faults=(), plant=replace(world.plant, managed=()))


def file_rows(world: World, minute: int, usual: int) -> int:
    """Rows of the feature file that was written at a minute; a faulty job writes them twice."""
    fault = next((f for f in world.faults if f.mechanism == "feature_file"), None)
    written = [v.minute for v in world.plant.versions[FILE]]
    assert minute in written, "no file was written at that minute"
    return 2 * usual if fault and minute >= fault.since else usual
