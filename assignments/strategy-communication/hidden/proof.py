"""Whether a drawn firm makes a fair case: its truth can be known from the evidence alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .world import (
    OPTIONS,
    PLAN,
    QUANTITIES,
    SEEN_BY,
    Known,
    World,
    believed,
    figures,
    of_option,
    saved_shares,
    truth_of,
)

DRAWS = 600
BOUNDS = {
    "loss_avoided": (15, 1500), "false_alarms": (2, 200), "detection": (0.8, 12.0),
    "break_even": (1.0, 36.0), "share_caught": (8.0, 82.0), "hours": (1.0, 25.0),
}  # fmt: skip
USUAL = {
    "loss_avoided": (170, 270), "false_alarms": (14, 25), "detection": (1.9, 3.1),
    "break_even": (4.0, 10.0), "share_caught": (26, 43), "hours": (4.5, 8.5),
}  # fmt: skip
"""What such firms usually have: the middle of many draws. Who says it everywhere did not look."""
GUESSED = 2  # of the six that may be so
CENTRAL = 0.75  # of the half range around its middle in which the truth has to lie
MARGIN = 0.12  # of what the plan saves, by which the best option is better than the next
SKIPPED = 0.3
"""On the logarithm: by how much the loss avoided, and its share, look larger to who takes the mean
of the tickets that somebody took. Where nearly all are taken, a sum without them comes out right.
"""
CAUGHT, MISSED = 0.12, 0.02  # of a kind's cost: seen by the plan, and not


@dataclass(frozen=True)
class Proved:
    """A world, and all that is to be known of it.

    Attributes:
        actual: quantity -> its true value.
        expected: quantity -> the 80 % range of who reckons with all that is open.
        of_options: ``full saves``, ``full costs``, … -> the same.
        options: option -> what it saves, costs, and the net, in truth.
        unseen: the kinds that the plan would hardly have made cheaper.
    """

    world: World
    actual: dict[str, float]
    expected: dict[str, tuple[float, float]]
    of_options: dict[str, tuple[float, float]]
    options: dict[str, dict[str, float]]
    best: str
    unseen: tuple[str, ...]


def proved(world: World, wanted: str, rng: np.random.Generator) -> Proved | None:
    """The world with its truth, or None where it makes no fair case.

    Args:
        wanted: the option that is to be the best one, so that each is as often.
    """
    known = truth_of(world)
    options = {name: of_option(world, name, known) for name in OPTIONS}
    order = sorted(OPTIONS, key=lambda name: -options[name]["net"])
    if order[0] != wanted:
        return None
    gap = options[order[0]]["net"] - options[order[1]]["net"]
    if gap < MARGIN * options[PLAN]["saves"]:
        return None
    actual = figures(world, known)
    if any(not low <= actual[name] <= high for name, (low, high) in BOUNDS.items()):
        return None
    if sum(low <= actual[name] <= high for name, (low, high) in USUAL.items()) > GUESSED:
        return None
    without = figures(world, _every_ticket_taken(known))
    if any(
        without[name] < np.exp(SKIPPED) * actual[name] for name in ("loss_avoided", "share_caught")
    ):
        return None
    kinds = _by_kind(world)
    if any(MISSED < share < CAUGHT for share in kinds.values()):
        return None
    expected, of_options = _expected(world, rng)
    if any(not _holds(expected[name], actual[name], CENTRAL) for name in QUANTITIES):
        return None
    if any(not _holds(range_, _named(options, name), 1.0) for name, range_ in of_options.items()):
        return None
    unseen = tuple(kind for kind, share in kinds.items() if share <= MISSED)
    return Proved(world, actual, expected, of_options, options, wanted, unseen)


def _every_ticket_taken(known: Known) -> Known:
    taken = {regime: dict.fromkeys(of, 1.0) for regime, of in known.taken.items()}
    return replace(known, taken=taken)


def _by_kind(world: World) -> dict[str, float]:
    shares, costs = saved_shares(world, PLAN, truth_of(world)), truth_of(world).costs
    found = {}
    for kind in SEEN_BY:
        own = np.array([each.kind == kind for each in world.incidents])
        found[kind] = float(shares[own] @ costs[own] / costs[own].sum())
    return found


def _named(options: dict[str, dict[str, float]], name: str) -> float:
    option, what = name.split()
    return options[option][what]


def _expected(
    world: World, rng: np.random.Generator
) -> tuple[dict[str, tuple[float, float]], dict[str, tuple[float, float]]]:
    """The 80 % ranges of the six quantities, and of what each option saves and costs."""
    draws = [believed(world, rng) for _ in range(DRAWS)]
    six = [figures(world, each) for each in draws]
    built = [name for name in OPTIONS if world.options[name]["alerts"]]
    of = [{name: of_option(world, name, each) for name in built} for each in draws]
    return (
        {name: _range([each[name] for each in six]) for name in QUANTITIES},
        {
            f"{name} {what}": _range([each[name][what] for each in of])
            for name in built
            for what in ("saves", "costs")
        },
    )


def _range(values: list[float]) -> tuple[float, float]:
    low, high = np.quantile(np.minimum(values, 1e9), (0.1, 0.9)).tolist()
    return low, high


def _holds(range_: tuple[float, float], actual: float, central: float) -> bool:
    if not np.all(np.isfinite(range_)) or min(range_) <= 0 or actual <= 0:
        return False
    low, high = np.log(range_)
    return bool(abs(np.log(actual) - (low + high) / 2) <= central * (high - low) / 2)


def _width(range_: tuple[float, float]) -> float:
    """Of a range that holds, the interval score on the logarithm."""
    return float(np.log(range_[1] / range_[0]))


def as_truth(found: Proved) -> dict[str, Any]:
    """What the checks need."""
    return {
        "actual": found.actual,
        "expected": {name: list(each) for name, each in found.expected.items()},
        "widths": {name: _width(each) for name, each in found.expected.items()},
        "option_widths": {name: _width(each) for name, each in found.of_options.items()},
        "options": found.options,
        "best": found.best,
        "unseen": list(found.unseen),
    }
