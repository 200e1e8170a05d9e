"""Ten sentences that colleagues want to say; which of them the evidence carries.

A sentence differs from a right one by its number only: *supported* within 5 % of the truth,
*overstated* better than it by three to six tenths, *wrong* by more than a factor of two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .world import Known, World, central, figures, of_option, truth_of

CLASSES = ("supported", "overstated", "wrong")
CLAIMS = 10
LEAST, MOST = 2, 5  # of each class
KNOWN = 0.1  # how far, on the logarithm, the evidence's best guess may be from the truth


@dataclass(frozen=True)
class Claimed:
    """A quantity that people speak of.

    Attributes:
        value: in truth.
        better: 1 where more of it speaks for monitoring or for the model, -1 where less does.
        most: what it can be at most.
        sentences: ways to say it.
    """

    value: float
    better: int
    most: float
    sentences: tuple[str, ...]


def quantities(world: World, known: Known) -> list[Claimed]:
    """Everything in the case that somebody may speak of, by what is known of it."""
    six = figures(world, known)
    _, stalled, flagged, both = (sum(each) for each in zip(*world.nights, strict=True))
    full, small, watch = (of_option(world, name, known) for name in ("full", "small", "watch"))
    rang = {a: world.counts[a] for a in world.counts}
    right = sum(each[2] for each in rang.values())
    today = float(np.mean([each.noticed - each.began for each in world.incidents]))
    rang_for = [e for e in world.incidents if e.rang]
    then = six["detection"]
    before = float(np.mean([e.noticed - e.began for e in rang_for]))
    inf = float("inf")
    return [
        Claimed(
            full["saves"],
            1,
            inf,
            (
                "The plan would have spared us {n} thousand euro last year.",
                "Last year {n} thousand euro would have stayed with us.",
            ),
        ),
        Claimed(
            full["false"],
            -1,
            inf,
            (
                "False alarms will cost us {n} thousand euro a year.",
                "We pay {n} thousand euro a year for alarms about nothing.",
            ),
        ),
        Claimed(
            six["share_caught"],
            1,
            95,
            ("Of what the incidents cost us, {n} % would not have come with the plan.",),
        ),
        Claimed(
            six["hours"],
            -1,
            inf,
            (
                "All of it takes the team {n} hours a week.",
                "{n} hours of a week is what the team gives for it.",
            ),
        ),
        Claimed(
            six["break_even"],
            -1,
            inf,
            (
                "It has paid for itself after {n} months.",
                "From month {n} on the plan is in the black.",
            ),
        ),
        Claimed(
            100 * both / flagged,
            1,
            97,
            ("Of 100 flags of the model, {n} are about a lift that stalls.",),
        ),
        Claimed(
            100 * both / stalled,
            1,
            97,
            (
                "Of 100 stalls, the model has seen {n} coming.",
                "{n} of 100 stalls are on the list the night before.",
            ),
        ),
        Claimed(
            today,
            1,
            inf,
            (
                "Today an incident runs for {n} days before somebody acts, on average over the "
                "register.",
            ),
        ),
        Claimed(
            before / then,
            1,
            inf,
            ("Where the plan sees something, we act {n} times as fast as last year.",),
        ),
        Claimed(
            100 * small["saves"] / full["saves"],
            1,
            97,
            ("The small option already brings {n} % of what the plan spares.",),
        ),
        Claimed(
            watch["saves"] - full["saves"],
            1,
            inf,
            ("Duty at night and on weekends would spare another {n} thousand euro a year.",),
        ),
        Claimed(
            100 * right / max(1, right + sum(each[1] for each in rang.values())),
            1,
            95,
            ("Of 100 alarms in the quiet replay, {n} were about something.",),
        ),
        Claimed(
            six["detection"],
            -1,
            inf,
            ("Where the plan sees something, {n} days pass until somebody acts.",),
        ),
        Claimed(
            sum(world.false_rates.values()),
            -1,
            inf,
            (
                "The plan rings {n} times a week for nothing.",
                "{n} false alarms a week: that is all there will be.",
            ),
        ),
    ]


def drawn(world: World, rng: np.random.Generator) -> list[dict[str, Any]] | None:
    """Ten claims with their class; None where the quantities do not allow it."""
    classes = _classes(rng)
    every = [
        each
        for each, said in zip(
            quantities(world, truth_of(world)), quantities(world, central(world)), strict=True
        )
        if min(each.value, said.value) > 0.01 and abs(np.log(said.value / each.value)) < KNOWN
    ]
    made = []
    for place in rng.permutation(len(every)):
        if not classes:
            break
        each = every[place]
        numbers = {name: _number(each, name, rng) for name in CLASSES}
        able = [name for name in classes if numbers[name] is not None]
        if not able:
            continue
        kind = able[int(rng.integers(len(able)))]
        number = numbers[kind]
        assert number is not None
        classes.remove(kind)
        sentence = each.sentences[int(rng.integers(len(each.sentences)))]
        made.append({"sentence": sentence.format(n=_said(number)), "class": kind})
    return None if classes else [{"claim": f"c{i + 1}", **each} for i, each in enumerate(made)]


def _classes(rng: np.random.Generator) -> list[str]:
    while True:
        found = rng.choice(CLASSES, CLAIMS).tolist()
        if all(LEAST <= found.count(name) <= MOST for name in CLASSES):
            return [str(name) for name in found]


def _number(each: Claimed, kind: str, rng: np.random.Generator) -> float | None:
    """A number of that class, as it is said; None where there is none."""
    if kind == "supported":
        ratio = float(rng.uniform(0.98, 1.02))
    elif kind == "overstated":
        ratio = float(rng.uniform(1.35, 1.55)) ** each.better
    else:
        ratio = float(rng.choice([rng.uniform(0.3, 0.42), rng.uniform(2.4, 3.2)]))
    number = each.value * ratio
    if number > each.most or class_of(float(_said(number)), each.value, each.better) != kind:
        return None
    return number


def class_of(number: float, value: float, better: int) -> str:
    """By the rule in the brief; empty for what lies between the classes."""
    ratio = number / value
    if abs(ratio - 1) <= 0.05:
        return "supported"
    if ratio < 0.45 or ratio > 2.2:
        return "wrong"
    return "overstated" if 1.29 <= ratio**better <= 1.62 else ""


def _said(number: float) -> str:
    """Two digits that count, as people say a number."""
    return np.format_float_positional(number, 2, unique=False, fractional=False, trim="-")


def as_mapping(made: list[dict[str, Any]]) -> Mapping[str, str]:
    """Claim -> its class."""
    return {each["claim"]: each["class"] for each in made}
