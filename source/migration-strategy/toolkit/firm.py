"""A firm: its people, its initiatives, its prices, as plain arrays for the scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

STAGES = ("data", "training", "review", "approval", "deployment")
PARTS = ("wait", "work")
TARGETS = (*(f"{stage} {part}" for stage in STAGES for part in PARTS), "failures", "restore")
SKILLS = ("platform", "data", "ml", "compliance", "operations")
SPRINTS = 26  # of two weeks: the plan's year
HORIZONS = {"3": 6, "6": 13, "12": 26}  # month -> sprints
EVENTS = ("leaver", "audit", "price", "owner", "vendor", "incident", "freeze", "resistance")
WEIGHTS = {"3": 4.0, "6": 2.0, "12": 1.0}  # of the benefit up to that month


@dataclass(frozen=True)
class Firm:
    """The facts of a case.

    ``data`` holds ``people`` (name -> days a sprint, skills), ``initiatives`` (id -> what the
    table says), ``budget`` (thousand euro), ``audit`` (sprint, and which initiatives it wants),
    ``prices`` (thousand euro for a day of delay, a failure, an hour of restoring).
    """

    data: Mapping[str, Any] = field(repr=False)

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Names, in the table's order."""
        return tuple(self.data["people"])

    @cached_property
    def days(self) -> np.ndarray:
        """Days that each person has for the plan in a sprint, (people,)."""
        return np.array([each["days"] for each in self.data["people"].values()], dtype=float)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The initiatives' names."""
        return tuple(self.data["initiatives"])

    @cached_property
    def skill(self) -> np.ndarray:
        """Place of the skill that each initiative asks for, (initiatives,)."""
        return np.array([SKILLS.index(each["skill"]) for each in self._rows])

    @cached_property
    def able(self) -> np.ndarray:
        """Whether a person has the skill of an initiative, (people, initiatives)."""
        has = np.array(
            [[skill in p["skills"] for skill in SKILLS] for p in self.data["people"].values()]
        )
        return np.asarray(has[:, self.skill])

    @cached_property
    def effort(self) -> np.ndarray:
        """Least, likely and most days of each initiative by the table, (initiatives, 3)."""
        return np.array([each["effort"] for each in self._rows], dtype=float)

    @cached_property
    def cut(self) -> np.ndarray:
        """Least and most share that it takes away of what it acts on, (initiatives, 2)."""
        return np.array([each["cut"] for each in self._rows], dtype=float)

    @cached_property
    def target(self) -> np.ndarray:
        """Initiative -> what it acts on, as ones and zeros, (initiatives, targets)."""
        on = [[each["acts_on"] == target for target in TARGETS] for each in self._rows]
        return np.array(on, dtype=float)

    @cached_property
    def price(self) -> np.ndarray:
        """Thousand euro that have to be there when an initiative begins, (initiatives,)."""
        return np.array([each["price"] for each in self._rows], dtype=float)

    @cached_property
    def needs(self) -> np.ndarray:
        """Whether an initiative (row) waits for another (column), by the table."""
        return np.array([[name in each["needs"] for name in self.ids] for each in self._rows])

    @cached_property
    def audited(self) -> np.ndarray:
        """Whether the audit wants it, (initiatives,)."""
        return np.array([name in self.data["audit"]["wants"] for name in self.ids])

    @property
    def _rows(self) -> list[Mapping[str, Any]]:
        return list(self.data["initiatives"].values())


def at_stake(firm: Firm, days: Mapping[str, float], changes: float, failed: float, hours: float):
    """Thousand euro a month that each target costs today.

    Args:
        firm: for its prices.
        days: "stage part" -> mean days of a change, all its visits together.
        changes: changes that are deployed in a month.
        failed: share of them that fail.
        hours: hours that a failure lasts on average.

    Returns:
        target -> thousand euro a month.
    """
    prices = firm.data["prices"]
    lost = {name: days[name] * changes * prices["day"] for name in TARGETS[:-2]}
    lost["failures"] = changes * failed * prices["failure"]
    lost["restore"] = changes * failed * hours * prices["hour"]
    return lost
