"""What a plan comes to in the years that nobody was shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from worksample.kit.scoring import credit

from ..hidden.risks import LATE, READY, saved
from ..hidden.tomorrow import Tomorrow, of_truth
from ..toolkit.firm import EVENTS, HORIZONS, SPRINTS
from ..toolkit.plans import plan_of, problem
from ..toolkit.scheduler import Course, run

FULL_VALUE = 0.75  # of the way from no thought to the best that was found: all points
FULL_PASSED, NEVER_PASSED = 0.8, 0.25  # of an audit-first plan's chance: all points, none
KEPT, BROKEN = 0.75, 0.3  # chance of a milestone: all points, none
MUCH, LITTLE = 0.2, 0.05  # of the team's days that a milestone's work takes: all points, none
SURE, WRONG = 0.006, 0.09  # square of what a stated chance is off by: all points, none
SOME_WORK, NO_WORK = 0.5, 0.1  # share of the value from which on other points count in full
YEARS = 200  # on which risks are weighed


@dataclass(frozen=True)
class Judged:
    """A plan before a case's years."""

    work: list[dict[str, Any]]
    tomorrow: Tomorrow
    truth: dict[str, Any]

    @cached_property
    def course(self) -> Course:
        """The plan's five hundred years."""
        firm = self.tomorrow.firm
        plan = plan_of(self.work, firm)
        return run(firm, [plan], self.tomorrow.worlds, self.tomorrow.assumed)

    @cached_property
    def value(self) -> float:
        """Share of the way from a plan without thought to the best that a search found.

        Without thought are the draft, everything at once, and no benefit at all.
        """
        floor, best = self.truth["floor"], self.truth["reference"]["value"]
        return (float(self.course.value.mean()) - floor) / (best - floor)

    @property
    def worth(self) -> float:
        """0 to 1: how far the plan does its work, which all that is said about it hangs on."""
        return credit(self.value, NO_WORK, SOME_WORK)

    @cached_property
    def passed(self) -> float:
        """Chance to pass the audit."""
        return float(self.course.passed.mean())

    def milestone(self, month: str, done: list[str]) -> tuple[float, float]:
        """(chance that all of it is done by then, share of the team's days that it takes)."""
        firm = self.tomorrow.firm
        places = [firm.ids.index(name) for name in done]
        if not places:
            return 0.0, 0.0
        end = HORIZONS[month]
        kept = (self.course.done[:, places] <= end).all(axis=1).mean()
        days = self.tomorrow.worlds.effort[:, places].mean(axis=0).sum()
        return float(kept), float(days / (firm.days.sum() * end))

    def cut(self, targets: list[str]) -> float:
        """Share of what these targets cost today that is gone at the year's end."""
        stakes = self.tomorrow.assumed.stakes
        left = self.course.left.mean(axis=0)
        names = list(stakes)
        lost = sum(stakes[name] * (1 - left[names.index(name)]) for name in targets)
        return float(lost / sum(stakes[name] for name in targets))

    # -- risks -------------------------------------------------------------------------------------

    @cached_property
    def saved(self) -> np.ndarray:
        """Thousand euro in each year that are not lost without each event, (YEARS, events)."""
        worlds = self.tomorrow.worlds.rows(np.arange(YEARS))
        return saved(self.tomorrow.firm, self.work, worlds, self.tomorrow.assumed)

    def decided(self, event: str, decision: dict[str, Any]) -> float:
        """Thousand euro a year that a decision on an event is worth, its cost taken off."""
        place = EVENTS.index(event)
        cost = self.tomorrow.firm.data["measures"][event]["cost"]
        saved = self.saved[:, place]
        if decision["do"] == "before":
            return float(saved.mean() - cost)
        if decision["do"] == "accept":
            return 0.0
        signal = self.tomorrow.signals[:YEARS, :, place]
        at = self.tomorrow.worlds.at[:YEARS, place]
        above = signal > decision["above"]
        first = np.where(above.any(axis=1), above.argmax(axis=1), 10 * SPRINTS)
        acted = first < np.minimum(at, SPRINTS)  # nobody pays for what has happened
        return float((saved * (first + READY <= at) * acted).mean() - LATE * cost * acted.mean())

    def best_decision(self, event: str) -> float:
        """The most that a decision on an event is worth."""
        usual, spread = self.truth["units"][event]
        options = [{"do": "accept"}, {"do": "before"}]
        options += [
            {"do": "signal", "above": usual + z * spread} for z in np.arange(0.0, 3.1, 0.25)
        ]
        return max(self.decided(event, each) for each in options)


def load(truth: dict[str, Any], work: Any) -> Judged | str:
    """A recorded plan before the case's years, or why it cannot be run."""
    tomorrow = of_truth(truth)
    if problem(work, tomorrow.firm):
        return "The recorded plan cannot be run. The cell of the plan says what is wrong."
    return Judged(work, tomorrow, truth)


@lru_cache(maxsize=2)  # several checks ask about the same plan
def load_text(truth: str, work: str) -> Judged | str:
    """The same from texts of JSON."""
    return load(json.loads(truth), json.loads(work))
