"""The best design that a search finds: what 1 means where designs are scored.

Designs are changed at random, setting by setting within their catalogue, and the best are changed
again. Nobody's idea of a good design is in it but those it begins with, so a better idea than ours
is found or, where a candidate has it, earns no more and no less than everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worksample.workbook.design.catalogue import Setting
from worksample.workbook.design.reading import Design, Rules

KEPT = 4  # of the best, to change again
CHANGES = (1, 2, 3)  # settings at a time
TRIES = 20  # for one change that gives a design

Judge = Callable[[Sequence[Design]], np.ndarray]


@dataclass(frozen=True)
class Found:
    """The best design and what it loses."""

    design: Design
    loss: float
    looked_at: int


def search(
    start: Sequence[Design],
    judge: Judge,
    facts: Rules,
    rng: np.random.Generator,
    rounds: int,
    width: int,
    removing: bool = False,
) -> Found:
    """The design of least loss among those to begin with and their changed descendants.

    Args:
        start: at least one.
        judge: designs -> the loss of each, (n,). Every one of them can be run.
        rounds: how often the best are changed.
        width: designs in each round.
        removing: whether a change may also take a component away and join what it stood between.
    """
    designs = list(start)
    losses = judge(designs)
    looked_at = len(designs)
    for _ in range(rounds):
        best = np.argsort(losses, kind="stable")[:KEPT]
        parents = [designs[place] for place in best]
        fresh = list(changed(parents, facts, rng, width, removing))
        designs, losses = parents + fresh, np.concatenate([losses[best], judge(fresh)])
        looked_at += len(fresh)
    place = int(np.argmin(losses))
    return Found(designs[place], float(losses[place]), looked_at)


def changed(
    parents: Sequence[Design],
    facts: Rules,
    rng: np.random.Generator,
    count: int,
    removing: bool = False,
) -> Iterator[Design]:
    """So many designs, each a parent with some settings drawn anew."""
    for number in range(count):
        parent = parents[number % len(parents)]
        yield next((d for _ in range(TRIES) if (d := _one(parent, facts, rng, removing))), parent)


def _one(parent: Design, facts: Rules, rng: np.random.Generator, removing: bool) -> Design | None:
    data = parent.plain()
    names = list(data["components"])
    if removing and rng.random() < 0.3:
        _remove(data, names[rng.integers(len(names))])
        return facts.checked(data).design
    for _ in range(rng.choice(CHANGES)):
        part = data["components"][names[rng.integers(len(names))]]
        settings = facts.catalogue.kinds[part["kind"]].settings
        if settings:
            name = list(settings)[rng.integers(len(settings))]
            part[name] = drawn(settings[name], part[name], rng)
    return facts.checked(data).design


def _remove(data: dict[str, Any], name: str) -> None:
    """Takes a component away; what led to it leads to what it led to."""
    behind = data["components"].pop(name).get("to", [])
    for part in data["components"].values():
        if name in part.get("to", []):
            kept = [each for each in part["to"] if each != name]
            part["to"] = kept + [each for each in behind if each not in kept]


def drawn(setting: Setting, value: Any, rng: np.random.Generator) -> Any:
    """Another value of a setting: near by if it is a number, any if it is a word."""
    if setting.several:
        kept = [each for each in setting.choices if rng.random() < 0.7]
        return kept or [setting.choices[rng.integers(len(setting.choices))]]
    if setting.choices:
        return setting.choices[rng.integers(len(setting.choices))]
    moved = float(value) * float(np.exp(rng.normal(0, 0.3))) + (setting.whole and rng.normal(0, 1))
    within = min(max(moved, setting.low), setting.high)
    return round(within) if setting.whole else round(within, 4)
