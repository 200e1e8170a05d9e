"""Worlds of metrics: what a system does over weeks, and what each collector makes of it.

A *latent* quantity has a rhythm of days and weeks, wanders a little, and moves when something
happens. Collectors measure it: promptly and wholly, late, from a sample too small, or from the
wrong population. Time goes in steps of equal length; values are in *noise units* of the quantity,
whose scale is put on afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

LASTS = 0.6  # correlation of what wanders, from one step to the next


def wander(rng: np.random.Generator, steps: int, lasts: float = LASTS) -> np.ndarray:
    """A stationary autoregression of order one with variance 1, (steps,)."""
    from scipy.signal import lfilter  # half a second, which only who draws a case needs

    start = rng.normal()
    new = rng.normal(0, np.sqrt(1 - lasts**2), steps)
    walked, _ = lfilter([1], [1, -lasts], new, zi=[lasts * start])
    return np.asarray(walked, dtype=float)


def rhythm(rng: np.random.Generator, steps_a_day: int) -> np.ndarray:
    """A week's pattern, (7 * steps_a_day,): mean 0, from its least to its largest value 2.

    The hours of a day differ, and the two last days of the week differ from the others.
    """
    day = np.sin(2 * np.pi * (np.arange(steps_a_day) / steps_a_day + rng.uniform(0, 1)))
    weekend = np.repeat([0.0] * 5 + [rng.choice([-1.0, 1.0])] * 2, steps_a_day)
    week = np.tile(day, 7) * rng.uniform(0.5, 0.8) + weekend + rng.normal(0, 0.08, len(weekend))
    week -= week.mean()
    return np.asarray(2 * week / np.ptp(week), dtype=float)


def course(steps: int, onset: int, last: int, ramp: int = 0) -> np.ndarray:
    """How far an effect has come, 0 to 1: it grows for ``ramp`` steps, then stays until ``last``.

    Args:
        onset: its first step.
        last: the first step in which it is over.
    """
    at = np.arange(steps)
    grown = np.clip((at - onset + 1) / (ramp + 1), 0, 1)
    return np.where((at >= onset) & (at < last), grown, 0.0)


@dataclass(frozen=True)
class Way:
    """How a collector measures.

    Attributes:
        late: steps until a value is known.
        over: a value is the mean of so many steps, itself the last.
        noise: standard deviation of what the collector adds, in noise units.
        sees: share of what happened that reaches its number; below 1 it wanders on its own for it.
        fooled: what it makes of harmless events, in their own size.
        bias: in noise units.
    """

    late: int = 0
    over: int = 1
    noise: float = 0.4
    sees: float = 1.0
    fooled: float = 0.0
    bias: float = 0.0

    def measure(
        self,
        rng: np.random.Generator,
        usual: np.ndarray,
        moved: np.ndarray,
        harmless: np.ndarray,
        size: float = 1.0,
    ) -> np.ndarray:
        """What is collected of a quantity, (steps,).

        Args:
            usual: the quantity without anything that happened, (steps,).
            moved: what happened adds to it.
            harmless: what harmless events add to what is fooled by them.
            size: of the noise: a small part of the whole is measured with more.
        """
        own = wander(rng, len(usual)) * size
        truth = usual + moved if self.sees == 1 else usual + self.sees * moved
        if self.sees < 1:  # another population: the same rhythm, its own ups and downs
            truth = self.sees * truth + (1 - self.sees) * (usual.mean() + own)
        seen = trailing_mean(truth + self.fooled * harmless, self.over)
        return shifted(seen, self.late) + self.noise * size * rng.normal(size=len(seen)) + self.bias


def trailing_mean(values: np.ndarray, over: int) -> np.ndarray:
    """Mean of the last ``over`` steps, of those that there are at the beginning, (steps,)."""
    if over <= 1:
        return values
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - over, 0)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts), dtype=float)


def shifted(values: np.ndarray, late: int) -> np.ndarray:
    """Each value so many steps later; before, the first one, (steps,)."""
    if late <= 0:
        return values
    return np.concatenate([np.full(min(late, len(values)), values[0]), values[:-late]])


def drawn_ways(
    rng: np.random.Generator, ways: Mapping[str, Callable[[np.random.Generator], Way]]
) -> list[tuple[str, Way]]:
    """The names and the ways, each once, in a drawn order."""
    names = list(ways)
    return [(names[i], ways[names[i]](rng)) for i in rng.permutation(len(names))]
