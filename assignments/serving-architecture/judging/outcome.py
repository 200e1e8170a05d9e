"""What a design comes to in the hidden evenings, against nothing and the best that was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from worksample.kit.scoring import credit, interval_score
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import Facts, plant
from worksample.workbook.design.simulator import simulate
from worksample.workbook.design.worlds import World

from ..hidden.firm import Firm
from ..hidden.reference import judged
from ..hidden.tomorrow import Tomorrow, bursts, evening, happening, of_zones, scenarios
from ..toolkit import figures, moving
from ..toolkit.evening import CALM, FIRST

# most where the evenings tell designs apart: rules of thumb do for the ordinary one
WEIGHTS = {"growth": 1.0, "pages": 3.0, "crowd": 15.0, "zone": 12.0, "store": 3.0, "release": 3.0}
FULL, NOTHING = 1.5, 2.5  # times what the best loses; today's design loses far more
KEPT, COLLAPSED = 0.95, 0.5  # of what is answered well before a burst: full points, none
WHILE = 3  # minutes
SOON, NEVER = 3.0, 20.0  # minutes until all is well again: full points, none
COVERAGE = 0.8
FORECASTS = ("p99_ms", "cost_hour", "ceiling", "recovery_min")
# what an honest interval cannot help having, besides the width of the growth's own forecast
LEAST_WIDTH = {"p99_ms": 0.10, "cost_hour": 0.06, "ceiling": 0.12}
LEAST_MINUTES = 4.0
WIDE, TOO_WIDE = 1.8, 6.0  # times the honest width: full points, none
NEAR = 0.85  # of the highest load: as good a bottleneck


def earned(ratio: float) -> float:
    """Share of an evening's points for what is lost, over what the best loses."""
    return credit(ratio, NOTHING, FULL)


def share(ratios: Mapping[str, float]) -> float:
    """Share of the points for the six evenings."""
    total = sum(WEIGHTS[name] * earned(ratio) for name, ratio in ratios.items())
    return total / sum(WEIGHTS.values())


@dataclass(frozen=True)
class Judged:
    """A design before the hidden tomorrow of a case."""

    design: Design
    firm: Firm
    tomorrow: Tomorrow
    truth: dict[str, Any]

    @property
    def facts(self) -> Facts:
        """The facts, with the budget."""
        return self.firm.facts

    @cached_property
    def shares(self) -> dict[str, float]:
        """Scenario -> share of the points, by what is lost against what the best loses, 0 to 1."""
        worlds = scenarios(self.firm, self.tomorrow)
        told = judged([self.design], worlds, of_zones(self.firm, self.tomorrow), self.facts)
        best = self.truth["reference"]
        return {name: earned(float(told[name][0]) / best[name]) for name in WEIGHTS}

    @cached_property
    def worth(self) -> float:
        """0 to 1: how far the design does its work, which all that is asked about it hangs on.

        Whoever forecasts, moves or insures a design that does nothing has done nothing.
        """
        total = sum(WEIGHTS[name] * each for name, each in self.shares.items())
        return credit(total / sum(WEIGHTS.values()), 0.2, 0.6)

    @cached_property
    def recovery(self) -> tuple[dict[str, float], float]:
        """(minutes until all is well again after the burst and the slow store, what is kept up).

        The latter: how many requests are answered well in the burst's worst minutes, as a share of
        those just before it; a queue that outlasts its callers answers none of them in time.
        """
        happens = self.tomorrow.happens
        worlds = bursts(self.firm, self.tomorrow)
        begin = [int(happens[name]["at"]) - FIRST + CALM for name in worlds]
        until = [b + int(happens[n]["minutes"]) for b, n in zip(begin, worlds, strict=True)]
        course = figures.run(self.design, self.facts, list(worlds.values()))
        minutes = figures.minutes_to_recover(course, until)
        good = course.good[:, 0].sum(axis=1)
        whiles = np.convolve(good[begin[0] : until[0]], np.ones(WHILE) / WHILE, "valid")
        kept = whiles.min() / max(good[begin[0] - 10 : begin[0]].mean(), 1e-9)
        return dict(zip(worlds, map(float, minutes), strict=True)), float(kept)

    # -- the forecast --------------------------------------------------------------------------

    @cached_property
    def own_numbers(self) -> tuple[dict[str, float], dict[str, float]]:
        """(what is true of the design tomorrow, how wide an honest interval has to be)."""
        low, high = self.tomorrow.forecast
        told = self.tomorrow.happens["burst"]
        growths = (self.tomorrow.growth, low, high)
        plain = [evening(self.firm, growth) for growth in growths]
        burst = [self._burst(world, told) for world in plain]
        course = figures.run(self.design, self.facts, [*plain, *burst])
        until = int(told["at"] + told["minutes"]) - FIRST + CALM
        recovery = figures.minutes_to_recover(course, [until] * 6)[3:]
        top, _ = self.limits
        rows = {
            "p99_ms": figures.p99_ms(course)[:3],
            "cost_hour": course.hourly(course.cost)[:3],
            "recovery_min": recovery,
            "ceiling": np.full(3, top),
        }
        true = {name: float(values[0]) for name, values in rows.items()}
        width = {name: float(np.ptp(values)) for name, values in rows.items()}
        for name, part in LEAST_WIDTH.items():
            width[name] += part * true[name]
        width["ceiling"] += 0.1  # where not even today's requests are answered well
        width["recovery_min"] += LEAST_MINUTES
        return true, width

    def _burst(self, world: World, told: dict[str, float]) -> World:
        return happening(world, "burst", told)

    @cached_property
    def limits(self) -> tuple[float, dict[str, float]]:
        """(the growth up to which all is well, each component's load just above it)."""
        return figures.ceiling(self.design, self.facts, self.firm.day)

    def bottlenecks(self) -> set[str]:
        """The component that is at its limit first, with those that are nearly so."""
        loads = self.limits[1]
        return {name for name, load in loads.items() if load >= NEAR * max(loads.values())}

    def forecast(self, name: str, low: float, high: float) -> float:
        """Points for one interval, 0 to 1, by the interval score over an honest one's width."""
        true, width = self.own_numbers
        score = interval_score(low, high, true[name], COVERAGE)
        return credit(score / width[name], TOO_WIDE, WIDE)

    # -- the move ------------------------------------------------------------------------------

    def good_move(self, way: moving.Way) -> tuple[moving.Move, float]:
        """(a sound version's move, share of what the new system got that it answered badly)."""
        made = moving.move(way, self.rates, self.facts.data["release"], 0.0, 0.0)
        day = np.tile(self.firm.day, (3, 1)) * made.share[:, None]
        course = self._days(day)
        lost = (course.offered - course.good)[CALM:].sum()
        return made, float(lost / max(day.sum(), 1e-9))

    def _days(self, rates: np.ndarray) -> Any:
        """Each of three days by itself, with what leads to it."""
        hours = rates.reshape(3, -1, rates.shape[1])
        before = np.concatenate([np.zeros_like(hours[:1, -CALM:]), hours[:-1, -CALM:]])
        usual = self.firm.day.sum(axis=1) / self.firm.day.sum(axis=1).max()
        usual = np.concatenate([usual[-CALM:], usual])
        quiet = [np.ones(len(usual)), np.zeros((len(usual), len(self.facts.zones)))]
        worlds = [
            World(np.concatenate([lead, day]), usual, *quiet)
            for lead, day in zip(before, hours, strict=True)
        ]
        numbers = plant([self.design], self.facts).rows(np.zeros(3, dtype=int))
        return simulate(numbers, worlds, self.facts)

    def bad_moves(self, way: moving.Way) -> list[tuple[moving.Move, float]]:
        """(a faulty version's move, its harm against that of all at once and no rule), twice."""
        told, release = self.tomorrow.happens["move"], self.facts.data["release"]
        careless = moving.Way(((way.steps[0][0], 1.0),), 1.0, moving.HOURS)
        found = []
        for hidden in (0.0, told["minutes"]):
            made = moving.move(way, self.rates, release, told["faulty"], hidden)
            worst = moving.move(careless, self.rates, release, told["faulty"], hidden)
            found.append((made, made.spoiled / max(worst.spoiled, 1e-9)))
        return found

    @cached_property
    def rates(self) -> np.ndarray:
        """Requests a second in the 72 hours, (72 * 60,)."""
        return np.tile(self.firm.day.sum(axis=1), 3)

    # -- the disaster --------------------------------------------------------------------------

    def disaster(self) -> tuple[float, float] | None:
        """(minutes until another region serves, minutes of data that are gone), or None."""
        standby = self.design.one("standby")
        if standby is None or standby.settings["mode"] == "none":
            return None
        return after_disaster(self.design, self.facts, self.truth)


def after_disaster(design: Design, facts: Facts, truth: dict[str, Any]) -> tuple[float, float]:
    """Minutes until the other region serves, and of data that are gone, by what drills told."""
    data, standby = facts.data["standby"], design.of("standby")[0].settings
    mode, every = standby["mode"], float(standby["copy_every_min"])
    machines = [
        facts.data["machines"][p.settings["machine"]]["start_min"] for p in design.of("pool")
    ]
    restore = 60 * data["data_gb"] / truth["restore_gb_hour"]
    ready = {
        "backup": restore + max(machines),
        "pilot": float(max(machines)),
        "warm": 2.0,
        "hot": 0.0,
    }[mode]
    copying = 60 * data["changed_gb_hour"] * (every / 60) / truth["restore_gb_hour"]
    return data["decide_min"] + ready + data["dns_min"], every + copying


def load(truth: dict[str, Any], data: Any) -> Judged | str:
    """A recorded design before the case's tomorrow, or why it cannot be run."""
    firm, tomorrow = drawn(truth)
    read = firm.facts.checked(data)
    if read.design is None:
        return "The recorded design cannot be run. The cell of the design says what is wrong."
    return Judged(read.design, firm, tomorrow, truth)


def drawn(truth: dict[str, Any]) -> tuple[Firm, Tomorrow]:
    """The firm and its tomorrow as they were drawn."""
    facts = Facts(truth["facts"])
    current = facts.checked(truth["current"]).design
    if current is None:
        raise ValueError("the case's own design cannot be run")
    drill = (float(truth["restore_gb_hour"]), 60.0)
    firm = Firm(
        facts, current, np.array(truth["day"]), np.zeros((0, 2)), dict(truth["limits"]), drill
    )
    forecast = truth["forecast"]
    return firm, Tomorrow(truth["growth"], (forecast[0], forecast[1]), truth["happens"])
