"""Draw a case: streams of random numbers, redraws, codes, outcomes of log-odds."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

LEVELS = ("junior", "standard", "senior")
Drawn = TypeVar("Drawn")


def streams(
    names: Iterable[str], seed: int, level: str, attempt: int = 0
) -> dict[str, np.random.Generator]:
    """A generator for each part of a case, so that no part's draws depend on another's.

    Args:
        names: the parts, in an order that stays as it is: a place in it is a part of the entropy.
        seed: 64 bits.
        level: one of :data:`LEVELS`.
        attempt: number of the redraw.
    """
    entropy = [seed >> 32, seed & 0xFFFFFFFF, LEVELS.index(level), attempt]
    return {name: np.random.default_rng([*entropy, i]) for i, name in enumerate(names)}


def asking(seed: int, what: str) -> np.random.Generator:
    """A generator for one thing that a probe asks of a case.

    A constant of the source code would be the same for everybody, so one candidate could tell the
    next what is asked. None of the generators of :func:`streams` is among them: their third number
    is a level's place.

    Args:
        seed: 64 bits, the case's own.
        what: names the thing.
    """
    return np.random.default_rng([seed >> 32, seed & 0xFFFFFFFF, zlib.crc32(what.encode()), 1])


def first_good(draw: Callable[[int], Drawn], good: Callable[[Drawn], bool], tries: int) -> Drawn:
    """The first of ``draw(0)``, ``draw(1)``, … that is good.

    Raises:
        RuntimeError: none of the ``tries`` is.
    """
    for attempt in range(tries):
        drawn = draw(attempt)
        if good(drawn):
            return drawn
    raise RuntimeError(f"none of {tries} draws is good enough")


def distinct_codes(
    rng: np.random.Generator, letters: Sequence[str], count: int, length: int
) -> list[str]:
    """So many different codes of so many letters each, that tell nothing."""
    made: list[str] = []
    while len(made) < count:
        code = "".join(rng.choice(letters, length))
        if code not in made:
            made.append(code)
    return made


def shaken(weights: Any, rng: np.random.Generator, sd: float) -> Any:
    """Weights of a model, each moved by a normal number; the same structure, to four places.

    Args:
        weights: a number, or lists and mappings of such.
        sd: standard deviation, in the weights' unit.
    """
    if isinstance(weights, Mapping):
        return {name: shaken(each, rng, sd) for name, each in weights.items()}
    if isinstance(weights, (list, tuple)):
        return [shaken(each, rng, sd) for each in weights]
    return round(float(weights + rng.normal(0, sd)), 4)


def logistic(log_odds: np.ndarray) -> np.ndarray:
    """The probability that log-odds stand for, elementwise."""
    return 1.0 / (1.0 + np.exp(-log_odds))
