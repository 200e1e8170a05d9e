"""Plans that are compared: the repairs, what everybody could do unseen, and the reference."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from worksample.kit import mitigation
from worksample.kit.mitigation import Plan
from worksample.workbook.twin import Action, Fault, State
from worksample.workbook.twin.actions import MOST
from worksample.workbook.twin.plant import (
    CACHE,
    CONFIGURED,
    FEATURES,
    FILE,
    GATEWAY,
    JOB,
    ROLLOUT,
    SYNC,
)

from .world import World

FIRST_TEN = 10


class Yardstick:
    """Costs of plans in a world's futures."""

    def __init__(self, world: World, state: State, spacing: int) -> None:
        self.world, self.state, self.spacing = world, state, spacing

    def by_minute(self, plans: Sequence[Plan]) -> np.ndarray:
        """Mean harm over the futures, (plans, minutes)."""
        world = self.world
        harm = mitigation.harm(world.plant, world.faults, self.state, world.futures, plans)
        return np.asarray(harm.mean(axis=1))

    def cost(self, plans: Sequence[Plan]) -> np.ndarray:
        """Mean harm over the futures, (plans,)."""
        return np.asarray(self.by_minute(plans).sum(axis=1))

    def _early_counts(self, plans: Sequence[Plan]) -> np.ndarray:
        """The first ten minutes count seven times, as they have points of their own."""
        harm = self.by_minute(plans)
        return np.asarray(harm.sum(axis=1) + 6 * harm[:, :FIRST_TEN].sum(axis=1))

    def repaired(self, actions: Sequence[Action]) -> Plan:
        """In order of time, no closer to one another than people can act."""
        made: list[Action] = []
        free = 0
        for each in sorted(actions, key=lambda one: one.at):
            made.append(Action(max(each.at, free), each.do, each.on, each.to))
            free = made[-1].at + self.spacing
        return tuple(made)

    def reference(self) -> Plan:
        """The best plan that a search from the repairs finds."""
        starts = [self.repaired(each) for each in repairs(self.world)]
        plan, _ = mitigation.best_plan(
            self._early_counts, starts, moves(self.world), MOST, self.repaired, rounds=6
        )
        return plan


def sound_version(world: World, component: str) -> str:
    """The last version before the fault; of a sound component, the one that is live."""
    versions = world.plant.versions[component]
    since = _since(world, component)
    return [each.name for each in versions if since is None or each.minute < since][-1]


def _since(world: World, component: str) -> int | None:
    owner = JOB if component == FILE else component
    of_file = [f for f in world.faults if f.mechanism == "feature_file"]
    faults = of_file if component == FILE else world.faults
    return next((each.since for each in faults if each.component == owner), None)


def repair(world: World, fault: Fault) -> list[Action]:
    """What undoes one fault for as long as no actor brings it back."""
    done = [Action(0, "roll_back", fault.component, sound_version(world, fault.component))]
    if fault.mechanism == "feature_file":
        done.append(Action(0, "roll_back", FILE, sound_version(world, FILE)))
    if fault.mechanism in ("feature_file", "stale_cache"):
        done.append(Action(0, "flush", CACHE))
    return done


def guards(world: World, faults: Sequence[Fault]) -> list[Action]:
    """The actors that would undo these repairs, suspended."""
    found = []
    for fault in faults:
        if fault.component in world.plant.managed:
            actor = SYNC if fault.component in CONFIGURED else ROLLOUT
            found.append(Action(0, "suspend", actor))
    return list(dict.fromkeys(found))


def repairs(world: World) -> list[list[Action]]:
    """Full repairs in several orders and ways, to begin the search with."""
    found = []
    for faults in itertools.permutations(world.faults):
        mending = [action for fault in faults for action in repair(world, fault)]
        ends = [a for a in mending if a.do == "flush"][:1]
        mending = [a for a in mending if a.do != "flush"]
        last = [Action(at, a.do, a.on) for a in ends for at in (0, 4, 8)] or [None]
        for flush in last:
            whole = [*mending, *guards(world, faults), *([flush] if flush else [])]
            found.append(whole[:MOST])
    return found


def moves(world: World) -> list[Action]:
    """Actions worth adding to a plan."""
    plant = world.plant
    usual = plant.arrivals
    found = [Action(at, "flush", CACHE) for at in (0, 3, 8)]
    found += [Action(at, "suspend", actor) for actor in (SYNC, ROLLOUT, JOB) for at in (0, 6)]
    found += [Action(at, "resume", JOB) for at in (20, 40)]
    found += [Action(0, "scale", "replicas", n) for n in (4,)]
    found += [Action(0, "limit", GATEWAY, round(usual * share)) for share in (0.6, 0.8, 1.0)]
    found += [Action(at, "limit", GATEWAY, 20 * usual) for at in (4, 8)]
    found += [Action(0, "restart", JOB), Action(0, "restart", FEATURES)]
    for fault in world.faults:
        if fault.component in plant.replicas:
            found += [Action(0, "drain", fault.component), Action(0, "restart", fault.component)]
    return found


def unseen(world: World) -> dict[str, Plan]:
    """Plans that need no look at the case: what doing nothing, or anything, is worth."""
    plant = world.plant
    newest = {name: all_[-2].name for name, all_ in plant.versions.items()}
    restart = [Action(0, "restart", name) for name in (*plant.replicas, GATEWAY, FEATURES)]
    back = [Action(0, "roll_back", name, newest[name]) for name in (*CONFIGURED, *plant.replicas)]
    actors = [Action(0, "suspend", SYNC), Action(0, "suspend", ROLLOUT)]
    flush = [Action(6, "flush", CACHE)]
    limit = [Action(0, "limit", GATEWAY, round(0.6 * plant.arrivals))]
    configs = [each for each in back if each.on in CONFIGURED]
    own = [each for each in back if each.on in plant.replicas]
    return {
        "nothing": (),
        "restart everything": tuple(restart),
        "restart, then flush": (*restart, *flush),
        "roll back everything": tuple(back),
        "roll back configuration": tuple(configs),
        "roll back configuration, hold": (*configs, *actors, *flush),
        "roll back replicas, hold": (*own, *actors, *flush),
        "suspend all actors": (*actors, Action(0, "suspend", JOB), *flush),
        "limit": tuple(limit),
        "limit and scale": (*limit, Action(0, "scale", "replicas", 4)),
        "nothing gets in": (Action(0, "limit", GATEWAY, 0),),
        "scale": (Action(0, "scale", "replicas", 4),),
        "flush": (Action(0, "flush", CACHE),),
        "scale and flush": (Action(0, "scale", "replicas", 4), Action(8, "flush", CACHE)),
    }
