"""Draws a production and what is wrong with it: sizes, versions, actors, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from worksample.workbook.twin import Action, Fault, Future, Plant, State, Version, advance
from worksample.workbook.twin.actions import HORIZON
from worksample.workbook.twin.model import Record, start_state
from worksample.workbook.twin.plant import (
    CACHE,
    CONFIGURED,
    FILE,
    GATEWAY,
    JOB,
    ROLLOUT,
    SYNC,
    WORKERS,
)

FIRST = -180  # minute at which the evidence begins
LOUD = ("memory_leak", "job_contention", "retry_storm", "thread_pool")
SILENT = ("version_mismatch", "stale_cache", "feature_file")
ONE_PLACE = (("job_contention", "feature_file"),)
"""Mechanisms that sit in the same component, so that only one of them is drawn."""
PLACE = {
    "job_contention": JOB,
    "retry_storm": GATEWAY,
    "stale_cache": CACHE,
    "feature_file": JOB,
    "thread_pool": WORKERS,
}
COUNTS = {"junior": (1, 1), "standard": (1, 1), "senior": (2, 1)}
SPACING = {"junior": 1, "standard": 1, "senior": 2}
SIZES = {
    "memory_leak": (0.11, 0.15),
    "job_contention": (0.82, 0.88),
    "retry_storm": (1.1, 1.5),
    "thread_pool": (0.38, 0.43),
    "version_mismatch": (0.40, 0.60),
    "stale_cache": (0.35, 0.55),
    "feature_file": (0.45, 0.65),
}
APART = 36
"""Minutes between a faulty version and a harmless one, so that a tick of the job lies between."""
SEEDS = 5
"""Futures in which a plan is run."""


@dataclass(frozen=True)
class World:
    """A drawn case before its evidence is written.

    Attributes:
        plant, faults: the production and what is wrong with it, the earliest fault first.
        past: arrivals of the minutes up to now, and what people on call already did.
        futures: what comes in the hidden runs.
        names: what replicas are called, and who is on call.
    """

    plant: Plant
    faults: tuple[Fault, ...]
    past: Future
    tried: tuple[Action, ...]
    futures: tuple[Future, ...]
    burst: int

    def history(self) -> tuple[State, Record]:
        """The state now, and everything that happened up to now."""
        state = start_state(self.plant, FIRST)
        record = advance(self.plant, self.faults, state, FIRST, [self.past], [self.tried], True)
        return state, record


def drawn(level: str, rng: np.random.Generator) -> World:
    """One production with its faults, past and futures."""
    mechanisms = _mechanisms(level, rng)
    scale = rng.uniform(0.8, 1.25)
    arrivals = 900 * scale
    capacity = arrivals * rng.uniform(0.49, 0.53)
    replicas = tuple(f"scorer-{code}" for code in rng.choice(_CODES, 3, replace=False))
    wrong = float(rng.choice([1.2, 1.5, 1.8]))
    unit = arrivals / 900
    plant = Plant(
        replicas,
        round(arrivals),
        round(capacity),
        1.2,
        round(capacity * rng.uniform(0.95, 1.15)),
        round(arrivals * rng.uniform(0.62, 0.68)),
        0.8,
        ticks=_ticks(rng),
        prices={
            "failed": 1.0,
            "wrong": wrong,
            "shed": 0.9,
            "action": round(60 * unit),
            f"without {SYNC}": round(4 * unit),
            f"without {ROLLOUT}": round(4 * unit),
            f"without {JOB}": round(22 * unit),
            "extra replica": round(40 * unit),
        },
    )
    onsets = sorted(int(x) for x in rng.choice(np.arange(-130, -55, 6), len(mechanisms), False))
    order = rng.permutation(len(mechanisms))
    taken: list[str] = []
    faults = []
    for onset, place in zip(onsets, order, strict=True):
        mechanism = mechanisms[place]
        component = PLACE.get(mechanism)
        if component is None:
            component = str(rng.choice([each for each in replicas if each not in taken]))
            taken.append(component)
        low, high = SIZES[mechanism]
        faults.append(Fault(mechanism, component, onset, round(float(rng.uniform(low, high)), 4)))
    plant = replace(plant, versions=_versions(plant, faults, level, rng))
    plant = replace(plant, managed=_managed(plant, faults, rng))
    burst = int(rng.integers(-50, -20)) if "retry_storm" not in mechanisms else 0
    storm = next((f for f in faults if f.mechanism == "retry_storm"), None)
    if storm:
        burst = storm.since + int(rng.integers(4, 9))
    past = Future(_arrivals(arrivals, FIRST, -FIRST, burst, 7, 1.75, rng))
    tried = _tried(plant, faults)
    futures = tuple(_future(arrivals, plant, rng) for _ in range(SEEDS))
    return World(plant, tuple(faults), past, tried, futures, burst)


_CODES = ("ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "rowan")


def _mechanisms(level: str, rng: np.random.Generator) -> list[str]:
    loud, silent = COUNTS[level]
    while True:
        if level == "senior" and rng.random() < 0.5:
            loud, silent = 1, 2
        chosen = [*rng.choice(LOUD, loud, False), *rng.choice(SILENT, silent, False)]
        if not any(all(each in chosen for each in pair) for pair in ONE_PLACE):
            return [str(each) for each in chosen]
        loud, silent = COUNTS[level]


def _ticks(rng: np.random.Generator) -> dict[str, tuple[int, int]]:
    return {
        SYNC: (int(rng.integers(12, 22)), int(rng.integers(26, 34))),
        ROLLOUT: (int(rng.integers(12, 22)), int(rng.integers(26, 34))),
        JOB: (int(rng.integers(10, 20)), 30),
    }


def _versions(
    plant: Plant, faults: Sequence[Fault], level: str, rng: np.random.Generator
) -> dict[str, tuple[Version, ...]]:
    """Three or four versions of everything; on some a harmless one came after the faulty one."""
    found = {}
    major = {name: int(rng.integers(2, 9)) for name in (*CONFIGURED, "scorer")}
    for name in (*CONFIGURED, *plant.replicas):
        first = major["scorer" if name in plant.replicas else name]
        fault = next((each for each in faults if each.component == name), None)
        minutes = [-int(rng.integers(4000, 9000)), -int(rng.integers(1200, 3000))]
        minutes += _recent(fault, level, rng)
        found[name] = tuple(
            Version(f"{first}.{i + int(name in plant.replicas)}.{int(rng.integers(0, 9))}", minute)
            for i, minute in enumerate(minutes)
        )
    first, every = plant.ticks[JOB]
    ticks = [m for m in range(FIRST - 2 * every, 1) if (m - first) % every == 0]
    code = int(rng.integers(2000, 8000))
    found[FILE] = tuple(Version(f"build-{code + i}", m) for i, m in enumerate(ticks))
    return found


def _recent(fault: Fault | None, level: str, rng: np.random.Generator) -> list[int]:
    """When versions of the last hours went live; around a faulty one there may be harmless ones."""
    if fault is None:
        recent = rng.random() < 0.5
        return [int(rng.integers(-170, -30)) if recent else -int(rng.integers(300, 900))]
    minutes = [fault.since]
    if level == "junior":
        return minutes
    before = FIRST + 4, fault.since - APART
    if fault.mechanism != "retry_storm" and before[1] > before[0] and rng.random() < 0.5:
        minutes.insert(0, int(rng.integers(*before)))
    after = fault.since + APART, -12
    if after[1] > after[0] and rng.random() < 0.5:
        minutes.append(int(rng.integers(*after)))
    return minutes


def _managed(plant: Plant, faults: Sequence[Fault], rng: np.random.Generator) -> tuple[str, ...]:
    """What the actors put back; at least one faulty component is among it."""
    able = (*CONFIGURED, *plant.replicas)
    bad = [fault.component for fault in faults]
    sure = str(rng.choice(bad))
    return tuple(name for name in able if name == sure or rng.random() < 0.6)


def _arrivals(
    usual: float,
    first: int,
    minutes: int,
    burst: int,
    length: int,
    factor: float,
    rng: np.random.Generator,
) -> np.ndarray:
    at = np.arange(first, first + minutes)
    wave = 1 + 0.05 * np.sin(2 * np.pi * (at - 40) / 300)
    noise = rng.normal(1, 0.025, minutes)
    raised = np.where((at >= burst) & (at < burst + length), factor, 1.0)
    return np.round(usual * wave * noise * raised)


def _future(usual: float, plant: Plant, rng: np.random.Generator) -> Future:
    """A future with a burst and a replica that restarts, neither in the first half hour."""
    burst, length = int(rng.integers(36, 70)), int(rng.integers(6, 10))
    arrivals = _arrivals(usual, 0, HORIZON, burst, length, rng.uniform(1.45, 1.6), rng)
    restarts = tuple((int(rng.integers(32, 80)), place) for place in range(len(plant.replicas)))
    return Future(arrivals, restarts)


def _tried(plant: Plant, faults: Sequence[Fault]) -> tuple[Action, ...]:
    """What somebody on call already did, in vain: a repair that an actor undid.

    And the same to a sound component, where there is one: what was tried does not tell which is
    wrong.
    """
    since = {fault.component: fault.since for fault in faults}
    tried: list[Action] = []
    for wanted in (True, False):
        found = [_undone(plant, name, since) for name in plant.managed if (name in since) == wanted]
        tried += [each for each in found if each is not None][:1]
    return (
        tuple(sorted(tried, key=lambda action: (action.at, action.on)))
        if any(action.on in since for action in tried)
        else ()
    )


def _undone(plant: Plant, name: str, since: Mapping[str, int]) -> Action | None:
    """Going back to the version before the trouble, five minutes before its actor last acted."""
    if name == GATEWAY:
        return None  # a storm that was broken once does not come again by itself
    begin = since.get(name, 0)
    first, every = plant.ticks[SYNC if name in CONFIGURED else ROLLOUT]
    last = first - every * (-(-(first + 3) // every))
    versions = plant.versions[name]
    sound = [each.name for each in versions if each.minute < begin]
    if name not in since:
        sound = [each.name for each in versions[:-1]]
    if not sound or (last - begin < 14 and name in since):
        return None
    return Action(last - 5, "roll_back", name, sound[-1])
