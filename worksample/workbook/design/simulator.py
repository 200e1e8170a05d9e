"""What designs do in worlds, minute by minute; many designs and worlds at once.

Within a minute a pool is a queue in equilibrium (:mod:`.queueing`); what cannot be served in it is
a backlog that the next minute inherits, as are machines that start, repeats of what failed and the
store's slowness. All arrays have the runs first: B runs, P pools, C classes. Rates are requests a
second, times seconds.

What is true of the model:

- A request that was given up is still worked out, and its answer is of use to nobody. So a queue
  that holds more than can be served before the gateway gives up makes work without worth.
- A worker waits for the store. So a slow store takes workers, while their processors idle.
- A machine works some minutes after it was asked for. Processors tell of load up to 100 % and no
  more; ``demand`` counts what comes, and ``daily`` what usually comes at that hour.
- Repeats of requests that timed out are load; the first of them is too late already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

from worksample.workbook.design.queueing import (
    batch_size,
    chance_of_full,
    chance_to_wait,
    mean_wait,
)
from worksample.workbook.design.serving import MOST_START, SCALING, Facts, Plant
from worksample.workbook.design.worlds import World

TRIES = 4  # of one request at most: the first and three repeats
SETTLING = 300.0  # seconds in which a queue near saturation can grow to what equilibrium tells
SLOWLY_DOWN = 0.97  # a minute: how fast the number of machines may follow a falling load
SPREAD = ((1 / 6, -np.sqrt(3)), (2 / 3, 0.0), (1 / 6, np.sqrt(3)))
"""Weights and places, in standard deviations, at which a service's noise is looked at."""
Array = np.ndarray


@dataclass(frozen=True)
class Course:
    """What became of B runs in T minutes.

    Attributes:
        offered: new requests a second, (T, B, C).
        good: answered in time, one that is worth less counted as a part, (T, B, C).
        cost: money an hour, (T, B).
        stopped: whether a harmless release was taken back, (B,).
        machines, load, backlog: of each pool, (T, B, P); empty unless watched.
        store, gateway: their loads, (T, B); empty unless watched.
        p99: seconds of each class, of what was answered, (T, B, C); empty unless watched.
        calm: minutes at the beginning that do not count, (B,).
    """

    offered: Array
    good: Array
    cost: Array
    stopped: Array
    machines: Array
    load: Array
    backlog: Array
    store: Array
    gateway: Array
    p99: Array
    calm: Array

    @property
    def share(self) -> Array:
        """Share of the requests that were answered well, by minute, (T, B)."""
        offered = self.offered.sum(axis=2)
        return np.asarray(self.good.sum(axis=2) / np.maximum(offered, 1e-9))

    def _counted(self) -> Array:
        return np.asarray(np.arange(len(self.cost))[:, None] >= self.calm[None, :])

    def hourly(self, values: Array) -> Array:
        """Mean of values by minute over the minutes that count, (B,)."""
        counted = self._counted()
        return np.asarray((values * counted).sum(axis=0) / counted.sum(axis=0))

    def lost(self, facts: Facts) -> Array:
        """Money an hour that requests without a good answer would have been worth, (B,)."""
        missed = (self.offered - self.good) @ facts.per_class("value") * 3600
        return self.hourly(missed)

    def loss(self, facts: Facts) -> Array:
        """Money an hour in all: machines, what is above the budget once more, what was lost."""
        spent, budget = self.hourly(self.cost), facts.data["budget"]
        above = np.maximum(0.0, spent - budget["hour"]) * budget["above"]
        minutes = self._counted().sum(axis=0)
        held_up = self.stopped * facts.data["release"]["held_up"] * 60 / minutes
        return np.asarray(spent + above + held_up + self.lost(facts))


def simulate(plant: Plant, worlds: Sequence[World], facts: Facts, watched: bool = False) -> Course:
    """Each design in the world at its place; worlds are equally long.

    Args:
        plant: B designs.
        worlds: B worlds. The same object may stand at several places.
        watched: keep what is needed to look at a run, and not only to sum it up.
    """
    run = _Run(plant, worlds, facts)
    kept: dict[str, list[Array]] = {name: [] for name in _KEPT}
    for minute in range(run.minutes):
        told = run.step(minute, watched)
        for name in _KEPT if watched else _SUMS:
            kept[name].append(told[name])
    made = {name: np.array(values) for name, values in kept.items()}
    return Course(**made, stopped=run.stopped_for_nothing, calm=run.calm)


_SUMS = ("offered", "good", "cost")
_KEPT = (*_SUMS, "machines", "load", "backlog", "store", "gateway", "p99")


@dataclass
class _Run:
    """The state of B runs between two minutes."""

    plant: Plant
    worlds: Sequence[World]
    facts: Facts
    minutes: int = field(init=False)

    def __post_init__(self) -> None:
        different = list({id(world): world for world in self.worlds}.values())
        places = {id(world): place for place, world in enumerate(different)}
        self.of = np.array([places[id(world)] for world in self.worlds])
        self.minutes = len(different[0])
        self.rates = np.array([world.rates for world in different])
        self.usual = np.array([world.usual for world in different])
        self.slow = np.array([world.slow for world in different])
        self.lost = np.array([world.lost for world in different])
        self.calm = np.array([world.calm for world in self.worlds])
        self.release = _Releases(self.plant, self.worlds, self.facts)
        runs, pools = self.plant.serves.shape[:2]
        classes = len(self.facts.classes)
        data = self.facts.data
        self.overhead = data["gateway"]["overhead_ms"] / 1000
        self.slips = data["gateway"]["slips"]  # share of tries that fail for no reason
        self.noise = float(data["noise"])
        self.worth = (data["simple"]["worth"], data["store"]["worth_defaults"])
        self.slo = self.facts.per_class("slo_ms") / 1000
        self.lookups = self.facts.per_class("lookups")
        self.repeats = np.zeros((2, runs, classes, TRIES))  # of worth, and of those given up
        self.waiting = np.zeros((runs, pools))
        self.latency = np.full((runs, classes), 0.05)
        course = self.usual[self.of, 0][:, None]
        span = self.plant.most - self.plant.least
        self.ready = np.ceil(self.plant.least + span * course * (self.plant.scale > 0))
        self.starting = np.zeros((MOST_START + 1, runs, pools))
        self.kept_up = self.ready.copy()

    @property
    def stopped_for_nothing(self) -> Array:
        """Runs that took back a release that had nothing wrong, (B,) as 0 or 1."""
        return self.release.for_nothing

    def step(self, minute: int, watched: bool = False) -> dict[str, Array]:
        """One minute; what there is to tell of it."""
        plant, new = self.plant, self.rates[self.of, minute]
        self._zones(minute)
        tries = np.array([new + self.repeats[0].sum(axis=2), self.repeats[1].sum(axis=2)])
        asked = tries.sum(axis=0)
        passed = asked * (1 - plant.hits)
        store = self._store(passed, minute)
        pools = self._pools(passed, store)
        answers = self._answers(passed, pools, store, self.release.step(minute))
        in_flight = (passed * (1 - answers["at_door"]) * self.latency).sum(axis=1)
        good = tries[0] * (plant.hits + (1 - plant.hits) * answers["good"])
        self._repeat(new, tries * (1 - plant.hits), answers)
        self._scale(pools, minute)
        machines = self.ready + self.starting.sum(axis=0)
        cost = plant.base + (plant.price * machines).sum(axis=1)
        slowest = self._p99(pools) if watched else self.latency
        return {
            "offered": new, "good": np.minimum(good, new + self.repeats[0].sum(axis=2)),
            "cost": cost, "machines": machines, "load": pools["load"],
            "backlog": self.waiting.copy(), "store": store["load"],
            "gateway": in_flight / plant.connections, "p99": slowest,
        }  # fmt: skip

    def _zones(self, minute: int) -> None:
        """Machines in a zone that has just gone are gone with it."""
        now = self.lost[self.of, minute]
        before = self.lost[self.of, minute - 1] if minute else np.zeros_like(now)
        fresh = np.maximum(0.0, now - before)
        left = 1 - (self.plant.zones * fresh[:, None, :]).sum(axis=2)
        self.ready = self.ready * left
        self.starting = self.starting * left
        self.anywhere = (self.plant.zones * (1 - now)[:, None, :]).sum(axis=2) > 0
        self.store_up = 1 - (self.plant.store_zones * now).sum(axis=1)

    def _store(self, asked: Array, minute: int) -> dict[str, Array]:
        """How long a worker waits for the store, and how often it waits in vain."""
        data, slow, plant = self.facts.data["store"], self.slow[self.of, minute], self.plant
        room = np.maximum(plant.nodes * data["lookups_s"] * self.store_up / slow, 1e-9)
        load = np.minimum(asked, self._most()).dot(self.lookups) / room
        within = np.minimum(load, 0.99)
        mean = data["base_ms"] / 1000 * slow * (1 + within / (2 * (1 - within)))
        turned_away = np.maximum(0.0, 1 - 1 / np.maximum(load, 1e-9))
        patience = plant.store_timeout
        vain = np.exp(-patience / mean)
        held = (1 - turned_away) * mean * (1 - vain) + turned_away * patience
        return {"load": load, "held": held, "vain": 1 - (1 - vain) * (1 - turned_away)}

    def _most(self) -> Array:
        """Requests of each class that all pools could work out if there was nothing to wait for."""
        plant = self.plant
        each = plant.setup[..., None] / plant.batch[..., None] + plant.each
        servers = (self.ready * plant.workers)[..., None]
        return np.asarray((plant.serves * servers / np.maximum(each, 1e-9)).sum(axis=1))

    def _pools(self, asked: Array, store: dict[str, Array]) -> dict[str, Array]:
        """Waiting, service and refusals in every pool.

        The gateway has so many requests in flight at most. Those that a pool does not work at wait
        in its queue, so this bounds the queue, unless they are given up before they could be
        served: then it bounds what is let in.
        """
        plant = self.plant
        servers = self.ready * plant.workers
        each = plant.setup[..., None] / plant.batch[..., None] + plant.each
        weight = plant.serves * servers[..., None] / np.maximum(each, 1e-9)
        share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
        come = asked[:, None, :] * share
        total = come.sum(axis=2)
        mix = np.where(total[..., None] > 0, come / np.maximum(total[..., None], 1e-12), 0.0)
        fixed = plant.setup + store["held"][:, None]
        mean = (mix * plant.each).sum(axis=2)
        # a pool may take what the others don't need, and at least its part of what all need
        needs = np.minimum(total * (fixed + mean), servers * plant.batch)
        every, room = needs.sum(axis=1, keepdims=True), plant.connections[:, None]
        flights = np.maximum(room - (every - needs), room * needs / np.maximum(every, 1e-12))
        # a batch is taken from the queue, so it holds what had a place there
        at_hand = np.minimum(flights / np.maximum(servers, 1e-9), plant.queue)
        largest = np.clip(at_hand, 1.0, plant.batch)
        servers = np.where(total > 0, np.minimum(servers, flights), servers)
        apart = np.maximum(0.0, (mix * plant.each**2).sum(axis=2) - mean**2)
        batch = batch_size(total, servers, fixed, mean, largest, plant.batch_wait)
        full = np.maximum(fixed + largest * mean, 1e-9)
        most = np.maximum(servers * largest / full, 1e-9)
        patience = plant.timeout[:, None]
        served_in_time = flights <= patience * most
        flown = np.maximum(0.0, flights - servers * batch)
        places = np.where(served_in_time, np.minimum(plant.queue, flown), plant.queue)
        door = np.where(served_in_time, 1.0, np.minimum(1.0, flights / (patience * total + 1e-9)))
        come, total = come * door[..., None], total * door
        load = total / most
        service = np.maximum(fixed + batch * mean, 1e-9)
        held = np.broadcast_to(store["held"][:, None], service.shape)
        variation = (batch * apart + held**2) / service**2 + self.noise**2
        # a batch comes when its last request does: the fuller, the more regularly
        chance = 1 / batch
        spread = (chance + variation) / 2
        queued = self._queues(total, most, load, servers, places / batch, spread, places)
        # and is waited for only behind a full one
        behind_full = np.clip(load, 0.0, 1.0) ** (largest - 1)
        calm = mean_wait(load, servers, service, variation, chance) * behind_full
        grown = np.sqrt(2 * (chance + variation) * SETTLING / (np.pi * most))
        # what stands in the queue already has been counted: only the rest of it can be waited for
        longest = np.maximum(0.0, places / most - queued["wait"])
        some = np.maximum(chance_to_wait(load, servers) * behind_full, 1e-9)
        # below saturation a queue is longer the more seldom; beyond it is the fuller the oftener
        fading = np.maximum(np.minimum(calm, grown) / some, 1e-6)
        rising = (chance + variation) / (2 * most * np.maximum(np.log(np.maximum(load, 1.0)), 1e-3))
        slope = np.where(queued["brimful"], -rising, fading)
        # who stands last in a full queue waits for many services, which differ
        uneven = np.where(queued["brimful"], np.sqrt(variation / np.maximum(places, 1.0)), 0.0)
        gathering = np.minimum(plant.batch_wait, (batch - 1) / np.maximum(total, 1e-9)) / 2
        own, slow_mate = self._services(fixed, batch, mean, mix)
        before = self.overhead + gathering + queued["wait"]
        return {
            "share": share, "mix": mix, "load": load, "total": total, "most": most,
            "busy": queued["served"] * (plant.setup / batch + mean) / np.maximum(servers, 1e-9),
            "some": some, "slope": slope, "longest": longest, "before": before, "own": own,
            "slow_mate": slow_mate, "door": door, "uneven": uneven, **queued,
        }  # fmt: skip

    def _services(self, fixed: Array, batch: Array, mean: Array, mix: Array) -> tuple[Array, Array]:
        """Seconds of a batch that holds a request of each class, and the chance of a slow mate.

        A batch takes what all in it take together, so a quick request waits for a slow one beside
        it: services are told without and with one of the slowest class, (2, B, P, C).
        """
        each = self.plant.each
        slowest = np.where(mix > 0, each, 0.0).max(axis=2)
        rare = np.where(each >= slowest[..., None], mix, 0.0).sum(axis=2)
        others = (mean - rare * slowest) / np.maximum(1 - rare, 1e-9)
        mates = batch - 1
        without = fixed[..., None] + each + (mates * others)[..., None]
        slow = np.minimum(mates, 1.0) * (slowest - others)
        chance = 1 - (1 - np.minimum(rare, 1.0)) ** mates
        return np.array([without, without + slow[..., None]]), chance

    def _queues(
        self,
        total: Array,
        most: Array,
        load: Array,
        servers: Array,
        batches: Array,
        spread: Array,
        places: Array,
    ) -> dict[str, Array]:
        """Backlogs, and what is refused because there is no place left.

        A queue that more than fills within the minute is no backlog that everybody waits for: its
        places come free now and then, so it is as long as chance has it (``brimful``).
        """
        full = chance_of_full(load, servers, batches, spread)
        admitted = total * (1 - full)
        before = self.waiting
        after = np.maximum(0.0, before + 60 * (admitted - most))
        over = np.maximum(0.0, after - places)
        after = after - over
        refused = np.clip(total - admitted + over / 60, 0.0, total)
        served = np.maximum(0.0, total - refused + (before - after) / 60)
        self.waiting = after
        brimful = (over > 0) & (before + 60 * (admitted - most) > 2 * places)
        wait = np.where(brimful, 0.0, (before + after) / 2 / most)
        left = np.where(total > 0, refused / np.maximum(total, 1e-12), 0.0)
        return {"wait": wait, "served": served, "refused": left, "brimful": brimful}

    def _cases(self, pools: dict[str, Array]) -> Iterator[tuple[Array, Array]]:
        """(chance, least seconds of each pool and class) of what may hold an answer up."""
        for chance, own in self._mates(pools):
            for weight, place in SPREAD:
                yield weight * chance, pools["before"][..., None] + own * (1 + place * self.noise)

    def _mates(self, pools: dict[str, Array]) -> Iterator[tuple[Array, Array]]:
        """(chance of each pool, seconds of each pool and class) without and with a slow mate."""
        mates = (1 - pools["slow_mate"], pools["slow_mate"])
        for chance, own in zip(mates, pools["own"], strict=True):
            if chance.any():
                yield chance, own

    def _tail(self, pools: dict[str, Array], limit: Array) -> Array:
        """The chance of each pool and class to take longer than ``limit``, which is (B, C)."""
        beyond, some = np.zeros(pools["own"].shape[1:]), pools["some"][..., None]
        within = limit[:, None, :]
        for chance, own in self._mates(pools):
            # who does not wait is late by the service's noise alone, smoothly
            off = (pools["before"][..., None] + own - within) / np.maximum(own * self.noise, 1e-9)
            beyond += chance[..., None] * (1 - some) * ndtr(off)
        for chance, least in self._cases(pools):
            longer = _waits_longer(pools, np.maximum(0.0, within - least))
            beyond += chance[..., None] * some * np.where(least > within, 1.0, longer)
        return beyond

    def _p99(self, pools: dict[str, Array]) -> Array:
        """What 99 of 100 answers of each class stay below, roughly: the worst case that is likelier
        than that, with what it waits."""
        longest = np.zeros(pools["own"].shape[1:])
        for chance, least in self._cases(pools):
            waits = np.log(np.maximum(1.0, pools["some"] * chance / 0.01)) * pools["slope"]
            waits = np.where(pools["brimful"], pools["longest"], waits)
            waits = np.minimum(waits, pools["longest"])
            told = np.where(chance[..., None] > 0.01, least + waits[..., None], 0.0)
            longest = np.maximum(longest, told)
        return np.asarray(np.where(pools["share"] > 0.01, longest, 0.0).max(axis=1))

    def _answers(
        self,
        passed: Array,
        pools: dict[str, Array],
        store: dict[str, Array],
        errors: Array,
    ) -> dict[str, Array]:
        """Of a try that no cache answered: the chance of each end, (B, C)."""
        share, patience = pools["share"], self.plant.timeout[:, None]
        late = self._tail(pools, np.minimum(self.slo[None, :], patience))
        given_up = self._tail(pools, np.broadcast_to(patience, passed.shape))
        at_door = (share * (1 - pools["door"])[..., None]).sum(axis=1)
        nowhere = 1 - share.sum(axis=1)
        refused = (share * pools["refused"][..., None]).sum(axis=1) + nowhere
        refused = at_door + (1 - at_door) * refused
        kept = (1 - at_door)[:, None, :] * share * (1 - pools["refused"][..., None])
        vain = store["vain"][:, None]
        failing = np.where(self.plant.defaults[:, None], 0.0, vain)
        worth = 1 - self.plant.defaults[:, None] * vain * (1 - self.worth[1])
        sound = (1 - failing) * (1 - self.slips)
        in_time = (kept * (1 - late)).sum(axis=1) * sound * (1 - errors[:, None])
        answered = (kept * (1 - given_up)).sum(axis=1)
        simple = self.plant.simple[:, None]
        mean = (kept * np.minimum(_latency(pools), patience[..., None])).sum(axis=1)
        self.latency = mean / np.maximum(kept.sum(axis=1), 1e-9) * 0.5 + self.latency * 0.5
        return {
            "at_door": refused,
            "good": in_time * worth + np.where(simple, refused * self.worth[0], 0.0),
            "failed": answered * (1 - sound) + np.where(simple, 0.0, refused),
            "given_up": (kept * given_up).sum(axis=1),
        }

    def _repeat(self, new: Array, tries: Array, answers: dict[str, Array]) -> None:
        """What failed and is tried again in the next minute, within the budget for it.

        ``tries``: those of worth and those given up before, (2, B, C), without the cache's part.
        """
        plant = self.plant
        numbers = np.arange(TRIES - 1)
        again = (numbers[None, :] < plant.retries[:, None])[:, None, :]
        missed = 1 - plant.hits
        first = np.zeros(self.repeats.shape)
        for kind in (0, 1):
            made = self.repeats[kind].copy()
            if kind == 0:
                made[..., 0] += new
            first[kind] = made * missed[..., None]
        after = np.zeros(self.repeats.shape)
        failed, given_up = answers["failed"][..., None], answers["given_up"][..., None]
        after[0, ..., 1:] = first[0, ..., :-1] * failed * again
        both = first[1, ..., :-1] * (failed + given_up) + first[0, ..., :-1] * given_up
        after[1, ..., 1:] = both * again
        wanted = after.sum(axis=(0, 2, 3))
        allowed = plant.retry_budget * new.sum(axis=1)
        part = np.minimum(1.0, allowed / np.maximum(wanted, 1e-9))
        self.repeats = after * part[None, :, None, None]

    def _scale(self, pools: dict[str, Array], minute: int) -> None:
        """Machines that begin to work, that are asked for, and that are given back."""
        plant = self.plant
        self.ready = self.ready + self.starting[0]
        self.starting = np.roll(self.starting, -1, axis=0)
        self.starting[-1] = 0.0
        runs, places = np.indices(self.ready.shape)
        ahead = np.minimum(minute + plant.start.astype(int) + 1, self.minutes - 1)
        usual = self.usual[self.of[:, None], ahead]
        demand = (pools["total"] + self.waiting / 120) / pools["most"]
        wanted = {
            "fixed": plant.least,
            "cpu": self.ready * np.minimum(pools["busy"], 1.0) / plant.target,
            "demand": self.ready * demand / plant.target,
            "daily": plant.least + (plant.most - plant.least) * usual,
        }
        due = np.choose(plant.scale.astype(int), [wanted[name] for name in SCALING])
        due = np.ceil(np.clip(due, plant.least, plant.most) - 1e-6)
        self.kept_up = np.maximum(due, self.kept_up * SLOWLY_DOWN)
        there = self.ready + self.starting.sum(axis=0)
        more = np.where(self.anywhere, np.maximum(0.0, due - there), 0.0)
        slot = np.maximum(plant.start.astype(int) - 1, 0)
        self.starting[slot, runs, places] += more
        self.ready = np.minimum(self.ready, np.maximum(np.ceil(self.kept_up), plant.least))


def _waits_longer(pools: dict[str, Array], seconds: Array) -> Array:
    """The chance of who has to wait at all to wait for longer, (B, P, C).

    The queue of M/M/c with so many places: its length is a geometric series that is cut off, which
    falls below saturation and rises above.
    """
    slope, told = pools["slope"][..., None], np.zeros_like(seconds)
    uneven = pools["uneven"][..., None]
    for weight, place in SPREAD if uneven.any() else ((1.0, 0.0),):
        longest = pools["longest"][..., None] * np.maximum(1 + place * uneven, 0.0)
        told += weight * _cut_off(slope, longest, seconds)
    return told


def _cut_off(slope: Array, longest: Array, seconds: Array) -> Array:
    """The chance to wait for longer, of a wait that is at most ``longest``."""
    left = np.maximum(0.0, longest - seconds)
    steep = np.maximum(np.abs(slope), 1e-6)
    cut = np.exp(-longest / steep)
    falls = (np.exp(-np.minimum(seconds, longest) / steep) - cut) / np.maximum(1 - cut, 1e-9)
    rises = (1 - np.exp(-left / steep)) / np.maximum(1 - cut, 1e-9)
    return np.asarray(np.where(slope < 0, rises, falls))


def _mean_wait(pools: dict[str, Array]) -> Array:
    """Mean seconds that is waited for beside the backlog, (B, P)."""
    steep, longest = np.maximum(np.abs(pools["slope"]), 1e-6), pools["longest"]
    cut = np.exp(-longest / steep)
    fallen = steep - longest * cut / np.maximum(1 - cut, 1e-9)
    wait = np.where(pools["slope"] < 0, longest - fallen, fallen)
    return np.asarray(pools["some"] * np.where(longest > 1e-9, wait, 0.0))


def _latency(pools: dict[str, Array]) -> Array:
    """Mean seconds of each pool and class."""
    own = pools["own"][0] + pools["slow_mate"][..., None] * (pools["own"][1] - pools["own"][0])
    return np.asarray((pools["before"] + _mean_wait(pools))[..., None] + own)


class _Releases:
    """Who gets a new version, and whether somebody takes it back."""

    def __init__(self, plant: Plant, worlds: Sequence[World], facts: Facts) -> None:
        data = facts.data["release"]
        self.first, self.watch, self.limit = plant.release.T
        self.by_hand, self.usual_errors = data["by_hand_min"], data["errors"]
        self.at = np.array([world.released for world in worlds])
        self.faulty = np.array([world.faulty for world in worlds])
        self.creeping = np.array([world.creeping for world in worlds])
        self.stopped = np.zeros(len(worlds), dtype=bool)
        self.above = np.zeros(len(worlds))
        at = np.maximum(self.at, 0)
        rates = np.array([w.rates[a].sum() for w, a in zip(worlds, at, strict=True)])
        seen = np.maximum(self.first * rates * 120, 1.0)  # requests in two minutes
        noise = 2.5 * np.sqrt(self.usual_errors * (1 - self.usual_errors) / seen)
        nervous = self.usual_errors + noise > self.limit
        self.for_nothing = np.where((self.at >= 0) & nervous, 1.0, 0.0)

    def step(self, minute: int) -> Array:
        """Share of errors that the new version adds in this minute, (B,)."""
        age = np.where(self.at >= 0, minute - self.at, -1)
        full = np.where(self.creeping > 0, np.clip(age / np.maximum(self.creeping, 1e-9), 0, 1), 1)
        errors = np.where(age >= 0, self.faulty * full, 0.0)
        share = np.where(age < self.watch, self.first, 1.0)
        self.above = np.where(errors + self.usual_errors > self.limit, self.above + 1, 0)
        by_hand = (age >= self.by_hand) & (self.faulty > 0)
        told = np.where(self.stopped, 0.0, share * errors)
        self.stopped = self.stopped | (self.above >= 2) | by_hand
        return np.asarray(told)
