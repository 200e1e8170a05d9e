"""What people on call can do, and what is wrong with a plan that cannot be carried out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worksample.workbook.twin.plant import (
    ACTORS,
    CACHE,
    CONFIGURED,
    FEATURES,
    FILE,
    GATEWAY,
    JOB,
    Plant,
)

VERBS: Mapping[str, str] = {
    "drain": "send a replica no more requests",
    "undrain": "send it requests again",
    "restart": "restart a replica, gateway or features; of nightly-job: stop the run",
    "roll_back": "put a component to one of its versions (to)",
    "limit": "gateway: admit at most so many requests a minute (to); the rest get the fallback",
    "suspend": "stop config-sync, rollout or nightly-job from acting at its ticks",
    "resume": "let it act again",
    "flush": "empty the cache",
    "scale": "so many replicas in all (to): 3 or 4",
}
MOST = 8
HORIZON = 90


@dataclass(frozen=True)
class Action:
    """One action of a plan: at which minute from now on, what, on which component, to what."""

    at: int
    do: str
    on: str
    to: str | float | None = None


def action_problem(given: Any, plant: Plant) -> str:
    """What is wrong with one action, as a sentence; empty if nothing is."""
    if not isinstance(given, Mapping) or not {"at", "do", "on"} <= set(given):
        return "an action is a dictionary with at, do, on and, for some, to"
    at, do, on, to = given["at"], given["do"], given["on"], given.get("to")
    if not _whole(at) or not 0 <= at < HORIZON:
        return f"at is a whole minute from 0 to {HORIZON - 1}"
    if not isinstance(do, str) or do not in VERBS:
        return f"do is one of {', '.join(VERBS)}"
    if not isinstance(on, str) or on not in _targets(do, plant):
        return f"{do} works on {', '.join(_targets(do, plant))}"
    if do == "roll_back" and plant.number(on, str(to)) < 0:
        names = ", ".join(each.name for each in plant.versions[on])
        return f"the versions of {on} are {names}"
    if do == "limit" and (to is None or not is_number(to) or to < 0):
        return "limit needs to: requests a minute"
    if do == "scale" and to not in (3, 4):
        return "scale needs to: 3 or 4"
    return ""


def plan_problem(given: Any, plant: Plant, most: int = MOST) -> str:
    """What is wrong with a plan, as a sentence; empty if nothing is."""
    if not isinstance(given, Sequence) or isinstance(given, str):
        return "a plan is a list of actions"
    if len(given) > most:
        return f"a plan has at most {most} actions"
    for number, each in enumerate(given, 1):
        problem = action_problem(each, plant)
        if problem:
            return f"action {number}: {problem}"
    return ""


def plan_of(
    given: Sequence[Mapping[str, Any]], delay: int = 0, spacing: int = 1
) -> tuple[Action, ...]:
    """The actions in order, each at the minute at which it can be carried out.

    Args:
        given: actions without a problem.
        delay: minutes in which nothing can be done yet.
        spacing: least minutes from one action to the next.
    """
    actions: list[Action] = []
    free = delay
    for each in sorted(given, key=lambda one: one["at"]):
        at = max(int(each["at"]), free)
        actions.append(Action(at, each["do"], each["on"], _target(each)))
        free = at + spacing
    return tuple(actions)


def _target(given: Mapping[str, Any]) -> str | float | None:
    """What an action leads to; of one that leads nowhere whatever stands there is left out."""
    to = given.get("to")
    if given["do"] == "roll_back":
        return str(to)
    return float(to) if given["do"] in ("limit", "scale") and to is not None else None


def _targets(do: str, plant: Plant) -> tuple[str, ...]:
    return {
        "drain": plant.replicas,
        "undrain": plant.replicas,
        "restart": (*plant.replicas, GATEWAY, FEATURES, JOB),
        "roll_back": (*plant.replicas, *CONFIGURED, FILE),
        "limit": (GATEWAY,),
        "suspend": ACTORS,
        "resume": ACTORS,
        "flush": (CACHE,),
        "scale": ("replicas",),
    }[do]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """A finite number that fits a float, and not a truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON knows integers of any length
        return False
