"""What a production consists of, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

GATEWAY, CACHE, WORKERS, FEATURES, FILE, JOB = (
    "gateway",
    "cache",
    "workers",
    "features",
    "feature-file",
    "nightly-job",
)
SYNC, ROLLOUT = "config-sync", "rollout"
ACTORS = (SYNC, ROLLOUT, JOB)
CONFIGURED = (GATEWAY, CACHE, WORKERS, JOB)
"""Components whose configuration has versions; replicas and the feature file have theirs too."""

MECHANISMS = (
    "memory_leak",
    "version_mismatch",
    "job_contention",
    "retry_storm",
    "stale_cache",
    "feature_file",
    "thread_pool",
)
PLACES: Mapping[str, tuple[str, ...]] = {
    "job_contention": (JOB,),
    "retry_storm": (GATEWAY,),
    "stale_cache": (CACHE,),
    "feature_file": (JOB,),
    "thread_pool": (WORKERS,),
}
"""Mechanism -> components that it can sit in; what is not listed sits in a replica."""


@dataclass(frozen=True)
class Version:
    """One version of a component: its name and the minute it went live."""

    name: str
    minute: int


@dataclass(frozen=True)
class Fault:
    """Something wrong from a minute on, with the version that came then.

    Attributes:
        mechanism: one of :data:`MECHANISMS`.
        component: the component whose version brought it.
        since: minute from which on versions of it are faulty; those before are sound.
        size: how bad: share of answers, of capacity, of memory a minute, or retries per request.
    """

    mechanism: str
    component: str
    since: int
    size: float


@dataclass(frozen=True)
class Plant:
    """A small production; rates are requests a minute, times are minutes.

    Attributes:
        replicas: their names.
        arrivals: requests that come in an ordinary minute.
        capacity: what one replica can answer.
        patience: how long callers wait on average, exponentially; a later answer has failed.
        queue: how many requests may wait at one replica.
        features: look-ups that the feature service can answer.
        hits: share of the look-ups that a warm cache answers.
        ticks: actor -> (a minute at which it acts, how often it acts).
        job_minutes: how long the job runs at each tick.
        versions: component -> its versions, in the order they went live.
        managed: components that their actor puts back to the last version at each tick.
        prices: what a failed, a wrong, a shed answer cost, an action, and a minute of the rest.
        retry_budget: retries per arrival at most, whatever the gateway's version says.
        lot: how many requests come at the same moment; a queue of few lots loses some of them.
    """

    replicas: tuple[str, ...]
    arrivals: float
    capacity: float
    patience: float
    queue: float
    features: float
    hits: float
    ticks: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    job_minutes: int = 18
    versions: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    managed: tuple[str, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    retry_budget: float | None = None
    lot: float = 0.0

    @property
    def places(self) -> tuple[str, ...]:
        """All replicas that there can be: one more can be added."""
        return (*self.replicas, "extra-1")

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON; :meth:`from_dict` reads it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Plant:
        """A plant as :meth:`as_dict` wrote it."""
        versions = {
            name: tuple(Version(**each) for each in list_)
            for name, list_ in given["versions"].items()
        }
        ticks = {name: (int(first), int(every)) for name, (first, every) in given["ticks"].items()}
        listed = {name: tuple(given[name]) for name in ("replicas", "managed")}
        return cls(**{**given, "versions": versions, "ticks": ticks, **listed})

    def number(self, component: str, version: str) -> int:
        """The place of a version among its component's; -1 if there is none of that name."""
        names = [each.name for each in self.versions.get(component, ())]
        return names.index(version) if version in names else -1
