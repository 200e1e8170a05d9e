"""What a design comes to in the hidden quarters, against nothing and the best that was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from worksample.kit.scoring import credit, interval_score
from worksample.workbook.design import graph
from worksample.workbook.design.pipeline import Facts, line
from worksample.workbook.design.quarter import Event, Outcome, Quarter, simulate, traced
from worksample.workbook.design.reading import Design

from ..hidden.ahead import DATA_FAULTS, WORK_FAULTS, Ahead, ends, quarter, quarters
from ..hidden.firm import Firm
from ..toolkit.quarters import FAILURES, NOBODY, NUMBERS

FULL = 1.25  # times what the best loses
# of what today's design loses: nothing from there on. In between points go by the logarithm, as
# one requirement that is missed, of four, is a part of the work and not all of it.
NOTHING = 0.6
COVERAGE = 0.8
# what an honest interval cannot help having, besides the width of the forecasts' own ranges
LEAST_PART = {
    "rows_day": 0.04, "stored_tb": 0.06, "train_rows": 0.08, "worst_age_h": 0.08,
    "cost_month": 0.05,
}  # fmt: skip
LEAST_AGE = 0.3  # hours
LEAST_COST, COST_PART = 60.0, 0.15  # of what a failure costs: money, share
LATER = (0, 61, 131)  # hours by which it might have come later: between trainings, in the night
WIDE, TOO_WIDE = 1.3, 3.0  # times the honest width: full points, none
BLUNT = 0.3  # a gate that lets through what is worse by so much is none
LITTLE_LEFT, MUCH_LEFT = 0.15, 0.6  # of what was asked for half-way: full points, none


@dataclass(frozen=True)
class Failure:
    """What becomes of one failure.

    Attributes:
        first: who catches it, as it comes and as others of its kind that might have come.
        second: who does while that part is out of order.
        cost: money that it costs then; width: of an honest interval.
    """

    first: frozenset[str]
    second: frozenset[str]
    cost: float
    width: float

    def credit(self, low: float, high: float) -> float:
        """Points for the interval of its cost, 0 to 1."""
        return credit(interval_score(low, high, self.cost, COVERAGE) / self.width, TOO_WIDE, WIDE)


@dataclass(frozen=True)
class Judged:
    """A design before the hidden quarters of a case."""

    design: Design
    firm: Firm
    ahead: Ahead
    facts: Facts
    truth: dict[str, Any]

    def run(self, many: Sequence[Quarter], facts: Facts | None = None) -> list[Outcome]:
        """What becomes of the design in each quarter."""
        own = line(self.design, facts or self.facts)
        return simulate([own] * len(many), many, facts or self.facts)

    @cached_property
    def told(self) -> dict[str, Outcome]:
        """Hidden quarter -> what became of the design."""
        many = quarters(self.firm, self.ahead, self.facts.data["needs"])
        return dict(zip(many, self.run(list(many.values())), strict=True))

    @cached_property
    def shares(self) -> dict[str, float]:
        """Hidden quarter -> share of the points, by what is lost against what the best loses."""
        best = self.truth["reference"]
        return {n: self._share(each.loss / best[n], n) for n, each in self.told.items()}

    def _share(self, ratio: float, name: str) -> float:
        """Share of the points for what is lost, over what the best loses, in one hidden quarter."""
        nothing = NOTHING * self.truth["naive"][name] / self.truth["reference"][name]
        return credit(float(np.log(ratio)), float(np.log(nothing)), float(np.log(FULL)))

    @cached_property
    def worth(self) -> float:
        """0 to 1: how far the design does its work, which all that is asked about it hangs on.

        Whoever foresees or revises a design that does nothing has done nothing.
        """
        return credit(float(np.mean(list(self.shares.values()))), 0.15, 0.5)

    # -- own numbers ---------------------------------------------------------------------------

    @cached_property
    def own_numbers(self) -> tuple[dict[str, float], dict[str, float]]:
        """(what is true of the design, how wide an honest interval has to be)."""
        low, high = self.ahead.forecast
        worlds = []
        for growth, end in ((low, 0), (high, 1)):
            for kinds in ((), DATA_FAULTS, WORK_FAULTS):
                events = [ends(e)[end] for e in self.ahead.happens if e.kind in kinds]
                worlds.append(quarter(self.firm, growth, self.facts.data["needs"], events))
        told = self.run(worlds)
        rows = [_numbers(list(self.told.values())), _numbers(told[:3]), _numbers(told[3:])]
        true = rows[0]
        width = {
            name: float(np.ptp([row[name] for row in rows])) + LEAST_PART[name] * true[name]
            for name in NUMBERS
        }
        ages = [row["worst_age_h"] for row in rows] + self._ages_at_other_times()
        width["worst_age_h"] = float(np.ptp(ages)) + LEAST_PART["worst_age_h"] * ages[0] + LEAST_AGE
        return true, width

    def _ages_at_other_times(self) -> list[float]:
        """How old features get if faults of data come later: nobody knows at which hour."""
        low, high = self.ahead.forecast
        worlds = []
        for growth, end in ((low, 0), (high, 1)):
            for later in LATER[1:]:
                happens = [ends(e)[end] for e in self.ahead.happens if e.kind in DATA_FAULTS]
                events = [replace(each, at=each.at + later) for each in happens]
                worlds.append(quarter(self.firm, growth, self.facts.data["needs"], events))
        return [each.worst_age_h for each in self.run(worlds)]

    def number(self, name: str, low: float, high: float) -> float:
        """Points for one interval, 0 to 1, by the interval score over an honest one's width."""
        true, width = self.own_numbers
        score = interval_score(low, high, true[name], COVERAGE)
        return credit(score / width[name], TOO_WIDE, WIDE)

    # -- own failures --------------------------------------------------------------------------

    def failures(self, named: Mapping[str, str]) -> dict[str, Failure]:
        """What becomes of each failure, and once more with its first guard out of order.

        Args:
            named: failure -> who was said to catch it. Where a failure's size, which nobody can
                know, decides who does, any of them is right, and the second guard is asked for
                behind the one that was named.
        """
        tried = [possible(each) for each in self.ahead.happens if each.kind in FAILURES]
        caught = self._apart([each for events in tried for each in events])
        again = []
        for events in tried:
            sees = [who for who, _ in caught[events[0].kind]]
            who = named.get(events[0].kind)
            who = who if who in sees else sees[0]
            out = self.design.components[who].kind if who in self.design.components else ""
            again += [replace(each, out=out) for each in events]
        found = {}
        for kind, behind in self._apart(again).items():
            costs = [cost for _, cost in behind]
            width = float(np.ptp(costs)) + COST_PART * costs[0] + LEAST_COST
            first, second = ({who for who, _ in each} for each in (caught[kind], behind))
            found[kind] = Failure(frozenset(first), frozenset(second), costs[0], width)
        return found

    def _apart(self, events: Sequence[Event]) -> dict[str, list[tuple[str, float]]]:
        """Kind -> (who catches it, what it costs) for each of its events, a quarter for each."""
        calm, *told = self.run([self._with(None), *map(self._with, events)])
        found: dict[str, list[tuple[str, float]]] = {}
        for event, each in zip(events, told, strict=True):
            who = each.caught[event.kind] or NOBODY
            found.setdefault(event.kind, []).append((who, max(0.0, each.loss - calm.loss)))
        return found

    def _with(self, event: Event | None) -> Quarter:
        events = () if event is None else (event,)
        return quarter(self.firm, self.ahead.growth, self.facts.data["needs"], events)

    # -- structure -----------------------------------------------------------------------------

    @cached_property
    def structure(self) -> dict[str, float]:
        """Question that the arrows answer -> how far the answer is yes, 0 to 1."""
        own, design = line(self.design, self.facts), self.design
        gate, registry = "gate" in own.guards, "registry" in own.guards
        return {
            "masked": float(graph.always_passes(design, "events", "trainer", "mask")),
            "gated": float(gate and own.of("gate", "margin") < BLUNT),
            "back": float(registry and own.of("registry", "versions") >= 2),
            "traced": float(np.mean(list(traced(own, 1.0).values()))),
        }

    # -- what is asked for half-way ------------------------------------------------------------

    @cached_property
    def revised(self) -> tuple[float, float, float]:
        """Of a revised design: (what is missed of the change, loss over the best's, share)."""
        facts = self.facts.needing(self.truth["change"])
        many = quarters(self.firm, self.ahead, facts.data["needs"])
        told = self.run(list(many.values()), facts)
        left = told[0].money[self.truth["aspect"]] / self.truth["missed"]
        ratios = [o.loss / self.truth["revised"][n] for n, o in zip(many, told, strict=True)]
        kept = float(np.mean([self._share(r, n) for r, n in zip(ratios, many, strict=True)]))
        return left, float(np.mean(ratios)), kept


def possible(event: Event) -> list[Event]:
    """An event as it comes, then the mildest and the worst of its kind, at three times."""
    others = [replace(each, at=event.at + later) for later in LATER for each in ends(event)]
    return [event, *others]


def _numbers(told: Sequence[Outcome]) -> dict[str, float]:
    """The five numbers from the quarters without faults, with those of data and of the works."""
    calm, data, work = told
    return {
        "rows_day": calm.rows_day, "stored_tb": calm.stored_tb, "train_rows": calm.train_rows,
        "worst_age_h": data.worst_age_h, "cost_month": work.cost_month,
    }  # fmt: skip


def load(truth: dict[str, Any], data: Any) -> Judged | str:
    """A recorded design before the case's quarters, or why it cannot be run."""
    facts = Facts(truth["facts"])
    read = facts.checked(data)
    if read.design is None:
        return "The recorded design cannot be run. The cell of the design says what is wrong."
    firm = Firm(
        facts,
        truth["current"],
        np.array(truth["week"]),
        np.zeros(0),
        truth["late"],
        truth["late_h"],
    )
    happens = tuple(Event(**each) for each in truth["happens"])
    ahead = Ahead(
        truth["growth"], tuple(truth["forecast"]), facts.data["needs"], happens,
        tuple(truth["binds"]), truth["changed"], truth["change"],
    )  # fmt: skip
    return Judged(read.design, firm, ahead, facts, truth)
