"""Simulated candidates of planted ability, for an assignment's ``panel.py``.

The folder's ``panel.py`` (its presence is the registration) has two names::

    PEOPLE: Sequence[Person]
    def answers(person: Person, case: Case, luck: numpy.random.Generator) -> Mapping[str, str]

``PEOPLE`` are the same persons on every form, at least 30 for a bank that is to be used.
``answers`` gives answer cell -> source, as this person would have answered this case; it may read
the truth, and draws all chance from ``luck``, which is the same for the same person and form. What
a person does is set by their knobs alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

PEOPLE = 30


@dataclass(frozen=True)
class Person:
    """Somebody who could have applied.

    Attributes:
        name: unlike any other's, and unlike a reference solution's.
        ability: planted, from 0 (knows nothing) to 1 (knows all of it).
        knobs: what the ability is made of, each from 0 to 1; the ability is their mean.
    """

    name: str
    ability: float
    knobs: Mapping[str, float]


def people(knobs: Sequence[str], count: int = PEOPLE, apart: float = 0.08) -> tuple[Person, ...]:
    """Persons with abilities evenly from 0 to 1; one is better at this, another at that.

    Args:
        knobs: names of what an ability is made of.
        apart: standard deviation of a person's knobs around their ability.
    """
    chance = np.random.default_rng(1904)  # the year of Spearman's "General Intelligence"
    made = []
    for number in range(count):
        off = chance.normal(0, apart, len(knobs))
        values = np.clip(number / (count - 1) + off - off.mean(), 0, 1)
        known = {name: float(value) for name, value in zip(knobs, values, strict=True)}
        made.append(Person(f"person-{number + 1:02}", float(values.mean()), known))
    return tuple(made)
