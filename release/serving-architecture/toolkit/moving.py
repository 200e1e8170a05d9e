"""The way from today's system to the new one: 72 hours, minute by minute.

A share of the requests goes to the new system, by steps. A version that is faulty is taken back if
the share of errors that was stated is seen; then the mended one begins the same steps again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

HOURS = 72
MENDED = 4  # hours until a version that was taken back comes again, mended
ENOUGH = 100  # requests in which errors are counted, at least
WINDOW = 5  # minutes in which they are counted, at least
BY_HAND = 45  # minutes after which somebody notices by themselves
NOTICED = 0.05  # share of all requests
SURE = 2.5  # standard deviations that chance may add to a share of errors
STEPS = 12  # at most


@dataclass(frozen=True)
class Way:
    """A plan.

    Attributes:
        steps: (hour, share of requests that goes to the new system from then on), ascending.
        stop_above: share of errors at which the new system gets nothing any more; 1: never.
        old_off: hour at which the old system is given up.
    """

    steps: tuple[tuple[float, float], ...]
    stop_above: float
    old_off: float


def problem(plan: Any) -> str:
    """What is wrong with a plan's form, or nothing."""
    wanted = {"steps", "stop_above", "old_off"}
    if not isinstance(plan, Mapping) or set(plan) != wanted:
        return 'WAY has three entries: "steps", "stop_above" and "old_off"'
    steps = plan["steps"]
    if not isinstance(steps, (list, tuple)) or not 1 <= len(steps) <= STEPS:
        return f"steps is a list of 1 to {STEPS} pairs [hour, share]"
    for step in steps:
        if not isinstance(step, (list, tuple)) or len(step) != 2 or not all(map(_number, step)):
            return f"a step is a pair [hour, share] of numbers, not {str(step)[:40]}"
    hours, shares = [s[0] for s in steps], [s[1] for s in steps]
    if not all(0 <= hour <= HOURS for hour in hours) or sorted(set(hours)) != hours:
        return f"the hours of the steps ascend, from 0 to {HOURS} at most"
    if not all(0 < share <= 1 for share in shares) or sorted(shares) != shares:
        return "the shares ascend, above 0 and up to 1"
    if not _number(plan["stop_above"]) or not 0 <= plan["stop_above"] <= 1:
        return "stop_above is a share from 0 to 1"
    if not _number(plan["old_off"]) or not 0 <= plan["old_off"] <= HOURS:
        return f"old_off is an hour from 0 to {HOURS}"
    return ""


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def way_of(plan: Mapping[str, Any]) -> Way:
    """A plan without a problem."""
    steps = tuple((float(hour), float(share)) for hour, share in plan["steps"])
    return Way(steps, float(plan["stop_above"]), float(plan["old_off"]))


@dataclass(frozen=True)
class Move:
    """What became of a plan.

    Attributes:
        done: hour at which the new system has every request; infinite if it never does.
        stopped: minute at which a version was taken back, -1 if none was.
        spoiled: share of the 72 hours' requests that a faulty version answered wrongly.
        share: share of the requests that the new system gets, by minute, (72 * 60,).
        doubled: hours in which both systems run.
    """

    done: float
    stopped: int
    spoiled: float
    share: np.ndarray
    doubled: float


def move(
    way: Way, rates: np.ndarray, release: Mapping[str, float], faulty: float, hidden: float
) -> Move:
    """The plan with a first version that has so many faults.

    Args:
        rates: requests a second by minute, all classes together, (72 * 60,).
        release: what the facts say of releases: the usual share of errors, and how late it is
            known whether an answer was an error.
        faulty: what the first version adds, once it shows.
        hidden: minutes of work after which it does.
    """
    share = planned(way)
    seen = share > 0
    age = np.cumsum(seen)
    wrong = faulty * (age > hidden) * seen
    stopped = _stopped(way, share, rates, release, wrong)
    if stopped >= 0:
        minutes = np.arange(len(share))
        # with no old system to go back to it is suffered until it is mended
        until = stopped if stopped < way.old_off * 60 else stopped + MENDED * 60
        share = np.where(minutes <= until, share, again(way, stopped + MENDED * 60))
        wrong = np.where(minutes <= until, wrong, 0.0)
    spoiled = float((rates * share * wrong).sum() / rates.sum())
    whole = np.flatnonzero(share >= 1)
    done = float(whole[0] / 60) if len(whole) else float("inf")
    # a version that was taken back keeps the old system for as much longer
    kept = way.old_off + (stopped / 60 + MENDED - way.steps[0][0] if stopped >= 0 else 0)
    return Move(done, stopped, spoiled, share, max(0.0, min(kept, HOURS) - way.steps[0][0]))


def planned(way: Way) -> np.ndarray:
    """Share of the requests by minute, if nothing goes wrong, (72 * 60,)."""
    share = np.zeros(HOURS * 60)
    for hour, part in way.steps:
        share[round(hour * 60) :] = part
    return share


def again(way: Way, begin: int) -> np.ndarray:
    """The same steps, the first of them at minute ``begin``, (72 * 60,)."""
    later = begin / 60 - way.steps[0][0]
    steps = tuple((hour + later, part) for hour, part in way.steps)
    return planned(Way(steps, way.stop_above, way.old_off))


def _stopped(
    way: Way, share: np.ndarray, rates: np.ndarray, release: Mapping[str, float], wrong: np.ndarray
) -> int:
    """The minute at which the version is taken back, by the rule or by hand; -1 for never."""
    errors, late = release["errors"], int(release["late_min"])
    seen = rates * share * 60
    counted = np.concatenate([[0.0], np.cumsum(seen)])
    mistaken = np.concatenate([[0.0], np.cumsum(seen * (wrong + errors))])
    first = int(np.argmax(share > 0))
    noticed = 0
    for known in range(first + WINDOW, len(share) - late):
        # where few requests come, errors are counted over a longer time
        enough = int(np.searchsorted(counted, counted[known] - ENOUGH, "right")) - 1
        begin = max(first, min(known - WINDOW, enough))
        number = counted[known] - counted[begin]
        if number >= ENOUGH * 0.999:
            rate = (mistaken[known] - mistaken[begin]) / number
            luck = SURE * np.sqrt(errors * (1 - errors) / number)
            if rate + luck > way.stop_above:
                return known + late
        noticed += share[known] * wrong[known] > NOTICED
        if noticed >= BY_HAND:
            return known + late
    return -1
