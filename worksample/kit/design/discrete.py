"""A discrete-event run of one peak: every request by itself, to hold the simulator against.

Made of SimPy's processes and of nothing of the simulator's: no formula of queueing stands here.
The number of machines is fixed, zones and releases are left out, and the store takes exponential
times without a queue of its own; so compare where the store has room.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from worksample.workbook.design.serving import Facts, Plant
from worksample.workbook.design.worlds import World

Process = Generator[Any, Any, Any]
END = object()


@dataclass
class Outcome:
    """What became of every new request.

    Attributes:
        classes: class of each, as a place.
        good: answered in time; one that is worth less counts as a part.
        seconds: how long the last try took; NaN where there was no answer.
    """

    classes: list[int] = field(default_factory=list)
    good: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def share(self) -> float:
        """Share of requests that were answered well."""
        return float(np.mean(self.good))

    def quantile(self, place: int, level: float = 0.99) -> float:
        """Seconds that a share of one class's answers stay below."""
        own = np.array(self.classes) == place
        return float(np.nanquantile(np.array(self.seconds)[own], level))


class Peak:
    """One design in one world.

    Args:
        plant: one design.
        world: its rates and the store's slowness count.
        seed: of arrivals, services and slips.
    """

    def __init__(self, plant: Plant, world: World, facts: Facts, seed: int) -> None:
        self.plant, self.world, self.facts = plant, world, facts
        self.rng = np.random.default_rng(seed)
        self.clock = simpy.Environment()
        self.outcome = Outcome()
        self.inside = 0
        self.new = self.repeated = 0
        self.pools = [
            _Pool(self, place)
            for place in range(plant.serves.shape[1])
            if plant.serves[0, place].any()
        ]

    def run(self) -> Outcome:
        """Every request of the world; the last ones are waited for."""
        for place in range(len(self.facts.classes)):
            self.clock.process(self._arrivals(place))
        self.clock.run(until=60 * len(self.world) + 60)
        return self.outcome

    def _arrivals(self, place: int) -> Process:
        for minute, rate in enumerate(self.world.rates[:, place]):
            times = np.sort(self.rng.uniform(0, 60, self.rng.poisson(60 * rate))) + 60 * minute
            for at in times:
                yield self.clock.timeout(max(0.0, at - self.clock.now))
                self.clock.process(self._request(place))

    def _request(self, place: int) -> Process:
        plant, begun = self.plant, self.clock.now
        self.new += 1
        slo = self.facts.per_class("slo_ms")[place] / 1000
        good, seconds, too_late = 0.0, float("nan"), False
        for number in range(int(plant.retries[0]) + 1):
            if number and self.repeated >= plant.retry_budget[0] * self.new:
                break
            self.repeated += number > 0
            tried = self.clock.now
            worth, gave_up = yield from self._try(place)
            if worth is not None:
                seconds = self.clock.now - tried
                in_time = self.clock.now - begun <= slo and not too_late
                good = worth if in_time else 0.0
                break
            too_late = too_late or gave_up
        self.outcome.classes.append(place)
        self.outcome.good.append(good)
        self.outcome.seconds.append(seconds)

    def _try(self, place: int) -> Process:
        """(what the answer is worth or None, whether the gateway gave up)."""
        plant, data = self.plant, self.facts.data
        if self.rng.random() < plant.hits[0, place]:
            return 1.0, False
        able = [pool for pool in self.pools if plant.serves[0, pool.place, place]]
        if self.inside >= plant.connections[0]:
            return self._refused()
        weights = np.array([pool.strength(place) for pool in able])
        pool = able[self.rng.choice(len(able), p=weights / weights.sum())]
        if len(pool.queue) >= plant.queue[0, pool.place] and not pool.idle:
            return self._refused()
        self.inside += 1
        answer = self.clock.event()
        pool.add(place, answer)
        yield self.clock.timeout(data["gateway"]["overhead_ms"] / 1000)
        patience = self.clock.timeout(plant.timeout[0])
        yield answer | patience
        self.inside -= 1
        if not answer.triggered:
            return None, True
        if answer.value is None or self.rng.random() < data["gateway"]["slips"]:
            return None, False
        return answer.value, False

    def _refused(self) -> tuple[float | None, bool]:
        return (self.facts.data["simple"]["worth"] if self.plant.simple[0] else None), False


class _Pool:
    """Workers before one queue; each takes a batch when it is free."""

    def __init__(self, peak: Peak, place: int) -> None:
        self.peak, self.place = peak, place
        self.queue: list[tuple[int, simpy.Event]] = []
        plant = peak.plant
        self.workers = int(plant.least[0, place] * plant.workers[0, place])
        self.idle: list[simpy.Event] = []
        self.gathering: simpy.Event | None = None
        for _ in range(self.workers):
            peak.clock.process(self._work())

    def strength(self, place: int) -> float:
        """How much of a class it can do, against other pools."""
        plant = self.peak.plant
        each = plant.setup[0, self.place] / plant.batch[0, self.place]
        return float(self.workers / (each + plant.each[0, self.place, place]))

    def add(self, place: int, answer: simpy.Event) -> None:
        self.queue.append((place, answer))
        full = len(self.queue) >= self.peak.plant.batch[0, self.place]
        if self.gathering is not None and not self.gathering.triggered and full:
            self.gathering.succeed()
        elif self.idle and self.gathering is None:
            self.idle.pop().succeed()

    def _work(self) -> Process:
        peak, plant, clock = self.peak, self.peak.plant, self.peak.clock
        most, patience = int(plant.batch[0, self.place]), plant.batch_wait[0, self.place]
        while True:
            while not self.queue or self.gathering is not None:
                free = clock.event()
                self.idle.append(free)
                yield free
            if len(self.queue) < most and patience > 0:
                self.gathering = clock.event()
                yield self.gathering | clock.timeout(patience)
                self.gathering = None
            batch, self.queue = self.queue[:most], self.queue[most:]
            if self.queue and self.idle:
                self.idle.pop().succeed()
            slow = peak.world.slow[min(int(clock.now // 60), len(peak.world) - 1)]
            mean = peak.facts.data["store"]["base_ms"] / 1000 * slow
            look = peak.rng.exponential(mean)
            held = min(look, plant.store_timeout[0])
            each = sum(plant.each[0, self.place, place] for place, _ in batch)
            noise = max(0.05, peak.rng.normal(1, peak.facts.data["noise"]))
            yield clock.timeout((plant.setup[0, self.place] + held + each) * noise)
            for _, answer in batch:
                answer.succeed(self._worth(look > plant.store_timeout[0]))

    def _worth(self, in_vain: bool) -> float | None:
        if not in_vain:
            return 1.0
        defaults = self.peak.plant.defaults[0]
        return self.peak.facts.data["store"]["worth_defaults"] if defaults else None
