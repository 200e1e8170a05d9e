"""Draw a case: streams of random numbers, redraws, codes, outcomes of log-odds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

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


def logistic(log_odds: np.ndarray) -> np.ndarray:
    """The probability that log-odds stand for, elementwise."""
    return 1.0 / (1.0 + np.exp(-log_odds))
