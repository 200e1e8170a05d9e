"""The model's minute: queues, retries, look-ups, cache, memory, actors; many runs at once.

A first-come queue whose callers have a patience is the heart of it: what is answered after that has
cost its work and failed, so a long queue under overload answers nothing in time, and retries keep
the overload up when its reason has gone ("metastable failure"; N. Bronson et al., "Metastable
failures in distributed systems", HotOS 2021).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from worksample.workbook.twin.actions import Action
from worksample.workbook.twin.plant import (
    ACTORS,
    CACHE,
    CONFIGURED,
    FEATURES,
    FILE,
    GATEWAY,
    JOB,
    ROLLOUT,
    SYNC,
    WORKERS,
    Fault,
    Plant,
)

SOUND, FAULTY, OLD = 0, 1, 2
RESTART_MINUTES, CRASH_MINUTES, START_MINUTES = 2, 6, 10
MEMORY, MEMORY_FRESH, PRESSURE = 0.45, 0.30, 0.65
WARMING, RENEWAL, STALING = 0.25, 0.025, 0.05
OLD_RELEASE, OLD_FILE, OLD_HITS, OLD_POOL = 0.20, 0.03, 0.6, 0.75
RETRIES = {SOUND: (0.3, 0.1), FAULTY: (0.9, 2.5), OLD: (0.8, 0.8)}
"""Version's kind -> share of failures that come again, and retries at most, per arrival."""
COLUMNS = ("arrivals", "retries", "shed", "answered", "failed", "wrong", "harm")


@dataclass(frozen=True)
class Future:
    """What comes to one run: arrivals a minute, and replicas that restart by themselves."""

    arrivals: np.ndarray
    restarts: tuple[tuple[int, int], ...] = ()


@dataclass
class State:
    """Where runs stand: arrays over runs (runs,) or runs and replicas (runs, places)."""

    version: dict[str, np.ndarray]
    suspended: dict[str, np.ndarray]
    present: np.ndarray
    drained: np.ndarray
    down: np.ndarray
    waiting: np.ndarray
    memory: np.ndarray
    retries: np.ndarray
    hits: np.ndarray
    stale: np.ndarray
    file_wrong: np.ndarray
    features_ratio: np.ndarray
    features_down: np.ndarray
    gateway_down: np.ndarray
    job_left: np.ndarray
    limit: np.ndarray
    lost: np.ndarray = field(default_factory=lambda: np.zeros(0))
    spent: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def repeated(self, runs: int) -> State:
        """The first run's state, so many times."""
        many = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict):
                made = {key: np.repeat(each[:1], runs, axis=0) for key, each in value.items()}
                setattr(many, name, made)
            else:
                setattr(many, name, np.repeat(value[:1], runs, axis=0))
        return many


@dataclass
class Record:
    """What happened: totals (runs, minutes) by name; by replica (runs, minutes, places)."""

    totals: dict[str, np.ndarray]
    detail: dict[str, np.ndarray]


def start_state(plant: Plant, minute: int) -> State:
    """A quiet production, with the versions that were live at a minute; one run."""
    places = len(plant.places)
    one, grid = np.zeros(1), np.zeros((1, places))
    live = {
        name: np.array([max([i for i, v in enumerate(all_) if v.minute <= minute], default=0)])
        for name, all_ in plant.versions.items()
    }
    for name in plant.places[len(plant.replicas) :]:
        live[name] = np.zeros(1, int)
    present = np.arange(places)[None, :] < len(plant.replicas)
    return State(
        live,
        {name: np.zeros(1, bool) for name in ACTORS},
        present,
        np.zeros((1, places), bool),
        np.zeros((1, places), int),
        grid.copy(),
        np.full((1, places), MEMORY),
        one.copy(),
        np.full(1, plant.hits),
        one.copy(),
        one.copy(),
        np.ones(1),
        np.zeros(1, int),
        np.zeros(1, int),
        np.zeros(1, int),
        np.full(1, np.inf),
        one.copy(),
        one.copy(),
    )


def advance(
    plant: Plant,
    faults: Sequence[Fault],
    state: State,
    first: int,
    futures: Sequence[Future],
    plans: Sequence[Sequence[Action]] = ((),),
    detailed: bool = False,
) -> Record:
    """Run every plan in every future, from minute ``first`` on; ``state`` is changed.

    Args:
        plant, faults: the production, and what is wrong with it.
        state: of one run, which is taken for all, or of all runs.
        first: the minute of the futures' first arrivals.
        futures: each as long as the others.
        plans: actions, at minutes counted from 0.
        detailed: keep what each replica did as well.

    Returns:
        A record whose runs are plans by futures, the futures of one plan in a row.
    """
    return _Run(plant, faults, state, first, futures, plans).through(detailed)


class _Run:
    """One batch of runs on its way."""

    def __init__(
        self,
        plant: Plant,
        faults: Sequence[Fault],
        state: State,
        first: int,
        futures: Sequence[Future],
        plans: Sequence[Sequence[Action]],
    ) -> None:
        self.plant, self.first, self.s = plant, first, state
        self.faults = {fault.mechanism: fault for fault in faults}
        self.runs = len(futures) * len(plans)
        if len(state.limit) != self.runs:
            many = state.repeated(self.runs)
            vars(state).update(vars(many))
        arrivals = np.array([each.arrivals for each in futures], float)
        self.arrivals = np.tile(arrivals, (len(plans), 1))
        self.minutes = arrivals.shape[1]
        self.kinds = {name: self._kinds_of(name, first) for name in plant.versions}
        self.events = self._events(futures, plans)

    def _kinds_of(self, name: str, minute: int) -> np.ndarray:
        """Sound, faulty or, at this minute, too old, for each version of a component."""
        versions = self.plant.versions[name]
        since = [fault.since for fault in self.faults.values() if fault.component == name]
        bad = np.array([bool(since) and each.minute >= since[0] for each in versions])
        live = np.array([each.minute <= max(minute, self.first) for each in versions])
        newest = int(np.flatnonzero(~bad & live).max(initial=-1))
        places = np.arange(len(versions))
        return np.where(bad, FAULTY, np.where(places < newest, OLD, SOUND))

    def _events(
        self, futures: Sequence[Future], plans: Sequence[Sequence[Action]]
    ) -> dict[int, list[tuple[Action, np.ndarray]]]:
        """Minute -> actions and the runs they happen in; the same action of many runs is one."""
        found: dict[int, dict[Action, list[int]]] = {}
        for p, plan in enumerate(plans):
            for action in plan:
                runs = range(p * len(futures), (p + 1) * len(futures))
                found.setdefault(action.at, {}).setdefault(action, []).extend(runs)
        for f, future in enumerate(futures):
            for minute, place in future.restarts:
                action = Action(minute, "fails", self.plant.places[place])
                runs = range(f, self.runs, len(futures))
                found.setdefault(minute, {}).setdefault(action, []).extend(runs)
        return {
            minute: [(action, np.array(runs)) for action, runs in each.items()]
            for minute, each in found.items()
        }

    def through(self, detailed: bool) -> Record:
        """All minutes, one after the other."""
        totals = {name: np.zeros((self.runs, self.minutes)) for name in COLUMNS}
        kept: dict[str, list[np.ndarray]] = {}
        for step in range(self.minutes):
            minute = self.first + step
            self.s.lost, self.s.spent = np.zeros(self.runs), np.zeros(self.runs)
            self._release(minute)
            self._tick(minute)
            for action, runs in self.events.get(minute, ()):
                self._act(action, runs)
            done, detail = self._minute(self.arrivals[:, step])
            for name in COLUMNS:
                totals[name][:, step] = done[name]
            if detailed:
                for name, value in detail.items():
                    kept.setdefault(name, []).append(value.copy())
        return Record(totals, {name: np.stack(all_, axis=1) for name, all_ in kept.items()})

    # --- what changes from outside ------------------------------------------------------------

    def _release(self, minute: int) -> None:
        """Versions that went live at this minute, in a past that is run again."""
        if minute > 0:
            return
        for name, versions in self.plant.versions.items():
            for number, version in enumerate(versions):
                if version.minute == minute:
                    self.s.version[name][:] = number
                    self.kinds[name] = self._kinds_of(name, minute)

    def _tick(self, minute: int) -> None:
        for actor, (first, every) in self.plant.ticks.items():
            if (minute - first) % every == 0:
                acting = ~self.s.suspended[actor]
                if actor == JOB:
                    self._write_file(acting)
                else:
                    self._put_back(actor, acting, minute)

    def _put_back(self, actor: str, acting: np.ndarray, minute: int) -> None:
        """The last version of all that this actor manages; a replica restarts for it."""
        own = CONFIGURED if actor == SYNC else self.plant.replicas
        for name in (each for each in own if each in self.plant.managed):
            last = max(i for i, v in enumerate(self.plant.versions[name]) if v.minute <= minute)
            changed = acting & (self.s.version[name] != last)
            if changed.any():
                self.s.version[name][changed] = last
                if name in self.plant.replicas:
                    self._down(np.flatnonzero(changed), self._place(name), 1)

    def _write_file(self, acting: np.ndarray) -> None:
        s, fault = self.s, self.faults.get("feature_file")
        bad = self._faulty(JOB) & acting if fault else np.zeros(self.runs, bool)
        s.job_left[acting] = self.plant.job_minutes
        s.file_wrong[acting] = 0.0
        s.file_wrong[bad] = fault.size if fault else 0.0

    def _act(self, action: Action, runs: np.ndarray) -> None:
        if action.do != "fails":
            self.s.spent[runs] += self.plant.prices.get("action", 0.0)
        handlers: dict[str, Callable[[Action, np.ndarray], None]] = {
            "restart": self._restart,
            "fails": self._restart,
            "roll_back": self._roll_back,
            "scale": self._scale,
        }
        if action.do in handlers:
            handlers[action.do](action, runs)
        elif action.do in ("drain", "undrain"):
            self.s.drained[runs, self._place(action.on)] = action.do == "drain"
        elif action.do in ("suspend", "resume"):
            self.s.suspended[action.on][runs] = action.do == "suspend"
        elif action.do == "limit":
            self.s.limit[runs] = float(action.to or 0)
        elif action.do == "flush":
            self.s.hits[runs] = self.s.stale[runs] = 0.0

    def _restart(self, action: Action, runs: np.ndarray) -> None:
        s = self.s
        if action.on == GATEWAY:
            s.gateway_down[runs], s.retries[runs] = 1, 0.0
        elif action.on == FEATURES:
            s.features_down[runs] = RESTART_MINUTES
        elif action.on == JOB:
            s.job_left[runs] = 0
        else:
            self._down(runs, self._place(action.on), RESTART_MINUTES)
            if action.on in self.plant.managed:
                again = runs[~s.suspended[ROLLOUT][runs]]
                s.version[action.on][again] = len(self.plant.versions[action.on]) - 1

    def _roll_back(self, action: Action, runs: np.ndarray) -> None:
        number = self.plant.number(action.on, str(action.to))
        if action.on == FILE:
            builds, fault = self.plant.versions[FILE], self.faults.get("feature_file")
            bad = fault is not None and builds[number].minute >= fault.since
            age = OLD_FILE * (len(builds) - 1 - number)
            self.s.file_wrong[runs] = fault.size if bad and fault else min(0.3, age)
            return
        self.s.version[action.on][runs] = number
        if action.on in self.plant.replicas:
            self._down(runs, self._place(action.on), RESTART_MINUTES)

    def _scale(self, action: Action, runs: np.ndarray) -> None:
        wanted = int(action.to or 0)
        for place in range(len(self.plant.replicas), len(self.plant.places)):
            new = runs[~self.s.present[runs, place]] if place < wanted else runs[:0]
            self.s.present[runs, place] = place < wanted
            self.s.down[new, place] = START_MINUTES
            self.s.memory[new, place] = MEMORY_FRESH

    def _down(self, runs: np.ndarray, place: int, minutes: int) -> None:
        """A replica stops: what waited there is lost, its memory is fresh when it comes back."""
        self.s.lost[runs] += self.s.waiting[runs, place]
        self.s.waiting[runs, place] = 0.0
        self.s.memory[runs, place] = MEMORY_FRESH
        self.s.down[runs, place] = minutes

    def _place(self, name: str) -> int:
        return self.plant.places.index(name)

    # --- one minute ---------------------------------------------------------------------------

    def _kind(self, name: str) -> np.ndarray:
        return self.kinds[name][self.s.version[name]]

    def _faulty(self, name: str) -> np.ndarray:
        return self._kind(name) == FAULTY

    def _size(self, mechanism: str) -> float:
        return self.faults[mechanism].size if mechanism in self.faults else 0.0

    def _minute(self, arrivals: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        s, plant = self.s, self.plant
        offered = arrivals + s.retries
        open_ = s.gateway_down == 0
        admitted = np.where(open_, np.minimum(offered, s.limit), 0.0)
        shed = np.where(open_, offered - admitted, 0.0)
        refused = np.where(open_, 0.0, offered)

        serving = s.present & ~s.drained & (s.down == 0)
        count = serving.sum(axis=1)
        incoming = np.where(serving, (admitted / np.maximum(count, 1))[:, None], 0.0)
        refused = refused + np.where(count == 0, admitted, 0.0)
        capacity = np.where(s.present & (s.down == 0), self._capacity(), 0.0)
        blocked = incoming * self._blocked(incoming, capacity)
        incoming = incoming - blocked
        waited = s.waiting / np.maximum(capacity, 1.0)
        served = np.minimum(capacity, s.waiting + incoming)
        late = (1 - np.exp(-waited / plant.patience)) * served
        left = s.waiting + incoming - served
        s.waiting = np.minimum(left, plant.queue)
        overflow = (left - s.waiting + blocked).sum(axis=1)

        look_ups, room = self._look_ups(served)
        in_time = served - late
        without = in_time * ((1 - s.hits) * (1 - s.features_ratio))[:, None]
        answered = in_time - without
        wrong = answered * self._wrong_share()
        failed = refused + overflow + late.sum(axis=1) + without.sum(axis=1) + s.lost
        crashed = self._remember(served)
        failed = failed + crashed
        previous = s.retries
        s.retries = self._retries(failed, arrivals)
        done = {
            "arrivals": arrivals,
            "retries": previous,
            # callers, not attempts: who tries again was counted when the first attempt failed
            "shed": shed * arrivals / np.maximum(offered, 1e-9),
            "answered": answered.sum(axis=1),
            "failed": np.maximum(failed - np.maximum(s.retries, previous), 0.0),
            "wrong": wrong.sum(axis=1),
        }
        done["harm"] = self._harm(done)
        detail = {
            "served": served,
            "answered_by": answered,
            "wrong_by": wrong,
            "late": late,
            "waiting": s.waiting,
            "waited": waited,
            "memory": s.memory,
            "up": serving,
            "capacity": capacity,
            "look_ups": look_ups,
            "room": room,
            "without": without.sum(axis=1),
            "hits": s.hits,
            "stale": s.stale,
            "file_wrong": s.file_wrong,
            "job": (s.job_left > 0).astype(float),
            "every_failure": failed,
        }
        detail = {name: np.array(value, float) for name, value in detail.items()}
        self._age()
        return done, detail

    def _capacity(self) -> np.ndarray:
        """What each replica can serve: threads, memory pressure, waiting for features."""
        kind = self._kind(WORKERS)
        pool = np.where(kind == FAULTY, 1 - self._size("thread_pool"), 1.0)
        pool = np.where(kind == OLD, OLD_POOL, pool)
        pressure = np.clip((self.s.memory - PRESSURE) / (1 - PRESSURE), 0, 1)
        waits = 1 + 1.2 * (1 - self.s.features_ratio)
        return self.plant.capacity * (pool / waits)[:, None] * (1 - 0.6 * pressure)

    def _blocked(self, incoming: np.ndarray, capacity: np.ndarray) -> np.ndarray:
        """Share that finds the queue full though there is time for it: M/M/1/K, K in lots."""
        if not self.plant.lot:
            return np.zeros_like(incoming)
        load = np.clip(incoming / np.maximum(capacity, 1e-9), 1e-9, 0.98)
        room = self.plant.queue / self.plant.lot
        return np.asarray((1 - load) * load**room / (1 - load ** (room + 1)))

    def _look_ups(self, served: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Look-ups that the cache did not answer, and what the feature service can do of them."""
        s = self.s
        running = s.job_left > 0
        heavy = running & self._faulty(JOB) & ("job_contention" in self.faults)
        taken = np.where(heavy, self._size("job_contention"), np.where(running, 0.05, 0.0))
        room = np.where(s.features_down > 0, 0.0, self.plant.features * (1 - taken))
        wanted = served.sum(axis=1) * (1 - s.hits)
        s.features_ratio = np.minimum(1.0, room / np.maximum(wanted, 1e-9))
        return wanted, room

    def _wrong_share(self) -> np.ndarray:
        """Share of each replica's answers that are wrong: its release, its features."""
        s = self.s
        from_cache, fresh = s.hits, (1 - s.hits) * s.features_ratio
        bad = from_cache * s.stale + fresh * s.file_wrong
        features = bad / np.maximum(from_cache + fresh, 1e-9)
        mismatch = self.faults.get("version_mismatch")
        release = np.zeros_like(s.memory)
        for place, name in enumerate(self.plant.replicas):
            kind = self._kind(name)
            release[:, place] = np.where(kind == OLD, OLD_RELEASE, 0.0)
            if mismatch and mismatch.component == name:
                release[:, place] += np.where(kind == FAULTY, mismatch.size, 0.0)
        return 1 - (1 - release) * (1 - features)[:, None]

    def _remember(self, served: np.ndarray) -> np.ndarray:
        """Memory of replicas, cache entries; returns what was lost where memory ran out."""
        s, fault = self.s, self.faults.get("memory_leak")
        grown = (MEMORY - s.memory) * 0.05
        if fault:
            place = self._place(fault.component)
            leaking = self._faulty(fault.component)
            grown[:, place] = np.where(
                leaking, fault.size * served[:, place] / self.plant.capacity, grown[:, place]
            )
        s.memory = s.memory + grown
        full = s.memory >= 1
        lost = np.where(full, s.waiting, 0.0).sum(axis=1)
        s.waiting = np.where(full, 0.0, s.waiting)
        s.memory = np.where(full, MEMORY_FRESH, s.memory)
        s.down = np.where(full, CRASH_MINUTES + 1, s.down)
        kind = self._kind(CACHE)
        warm = np.where(kind == OLD, self.plant.hits * OLD_HITS, self.plant.hits)
        s.hits = s.hits + WARMING * s.features_ratio * (warm - s.hits)
        stale = "stale_cache" in self.faults
        kept = (kind == FAULTY) & stale
        going_stale = STALING * (self._size("stale_cache") - s.stale)
        s.stale = s.stale + np.where(kept, going_stale, RENEWAL * (s.file_wrong - s.stale))
        return lost

    def _retries(self, failed: np.ndarray, arrivals: np.ndarray) -> np.ndarray:
        if self.plant.retry_budget is not None:
            eager, _ = RETRIES[FAULTY]
            return np.minimum(eager * failed, self.plant.retry_budget * arrivals)
        kind = self._kind(GATEWAY)
        share = np.array([RETRIES[each][0] for each in (SOUND, FAULTY, OLD)])[kind]
        most = np.array([RETRIES[SOUND][1], self._size("retry_storm"), RETRIES[OLD][1]])[kind]
        return np.minimum(share * failed, most * arrivals)

    def _harm(self, done: dict[str, np.ndarray]) -> np.ndarray:
        """Harm of the minute, in the unit of the prices."""
        prices = self.plant.prices
        harm = sum(prices.get(name, 0.0) * done[name] for name in ("failed", "wrong", "shed"))
        for actor in ACTORS:
            harm = harm + prices.get(f"without {actor}", 0.0) * self.s.suspended[actor]
        extra = self.s.present[:, len(self.plant.replicas) :].sum(axis=1)
        return np.asarray(harm + prices.get("extra replica", 0.0) * extra + self.s.spent)

    def _age(self) -> None:
        s = self.s
        for name in ("down", "features_down", "gateway_down", "job_left"):
            setattr(s, name, np.maximum(getattr(s, name) - 1, 0))
