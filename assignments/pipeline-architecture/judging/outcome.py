"""What a design comes to in the hidden quarters, against nothing and the best that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

FULL = 1.35  # times what the best loses
# of what today's design loses: nothing from there on. In between points go by the logarithm, as
# one requirement that is missed, of four, is a part of the work and not all of it.
NOTHING = 0.8
COVERAGE = 0.8
# what an honest interval cannot help having, besides the width of the forecasts' own ranges
LEAST_PART = {
    "rows_day": 0.04, "stored_tb": 0.06, "train_rows": 0.08, "worst_age_h": 0.08,
    "cost_month": 0.05,
}  # fmt: skip
LEAST_AGE = 0.3  # hours
LEAST_COST, COST_PART = 100.0, 0.15  # of what a failure costs: money, share
WIDE, TOO_WIDE = 1.8, 6.0  # times the honest width: full points, none
BLUNT = 0.3  # a gate that lets through what is worse by so much is none
LITTLE_LEFT, MUCH_LEFT = 0.15, 0.6  # of what was asked for half-way: full points, none


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
        width["worst_age_h"] += LEAST_AGE
        return true, width

    def number(self, name: str, low: float, high: float) -> float:
        """Points for one interval, 0 to 1, by the interval score over an honest one's width."""
        true, width = self.own_numbers
        score = interval_score(low, high, true[name], COVERAGE)
        return credit(score / width[name], TOO_WIDE, WIDE)

    # -- own failures --------------------------------------------------------------------------

    @cached_property
    def failures(self) -> dict[str, tuple[str, float, float]]:
        """Failure -> (who catches it, what it costs, how wide an honest interval has to be)."""
        events = {each.kind: each for each in self.ahead.happens}
        worlds = [self._with(None)]
        for kind in FAILURES:
            worlds += [self._with(each) for each in (events[kind], *ends(events[kind]))]
        told = self.run(worlds)
        calm, found = told[0].loss, {}
        for place, kind in enumerate(FAILURES):
            three = told[1 + 3 * place : 4 + 3 * place]
            costs = [max(0.0, each.loss - calm) for each in three]
            width = float(np.ptp(costs)) + COST_PART * costs[0] + LEAST_COST
            found[kind] = (three[0].caught[kind] or NOBODY, costs[0], width)
        return found

    def _with(self, event: Event | None) -> Quarter:
        events = () if event is None else (event,)
        return quarter(self.firm, self.ahead.growth, self.facts.data["needs"], events)

    def cost(self, kind: str, low: float, high: float) -> float:
        """Points for the interval of what a failure costs, 0 to 1."""
        _, cost, width = self.failures[kind]
        return credit(interval_score(low, high, cost, COVERAGE) / width, TOO_WIDE, WIDE)

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
