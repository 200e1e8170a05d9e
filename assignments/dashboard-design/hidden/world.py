"""The metrics of one case: its segments, its collectors, its history and its hidden episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from worksample.kit import metrics
from worksample.kit.metrics import Way

from .concepts import CONCEPTS, DAY, FINAL, KINDS, Concept, Kind

WEEK = 7 * DAY
HISTORY = 60 * DAY
EPISODE = 42 * DAY
LEAD = 14 * DAY  # of an episode, before anything is judged
START = pd.Timestamp("2031-03-03")  # a Monday
COLLECTORS = ("gateway", "batch", "stream", "warehouse")
SEGMENTS = ("amber", "birch", "cedar")
SHARES = (0.52, 0.36, 0.12)
WANDER = 0.7  # of a quantity itself, beside what a collector adds
#: how many pairs of the catalogue's descriptions are exchanged, and how large all effects are
MIXED = {"junior": 0, "standard": 4, "senior": 8}
LOUD = {"junior": 1.1, "standard": 1.0, "senior": 0.9}
CALM, TWINS = 5, 2  # calm episodes; examples of each kind that a picture is compared with
CAMPAIGN = 2 * DAY
WARM = FINAL + 12 * DAY  # what is known late is known of what came before


def _prompt(rng: np.random.Generator) -> Way:
    return Way(noise=0.35)


def _slow(rng: np.random.Generator) -> Way:
    return Way(late=int(rng.integers(2, 5)) * DAY, over=4 * DAY, noise=0.08)


def _thin(rng: np.random.Generator) -> Way:
    return Way(noise=float(rng.uniform(4.0, 5.0)))


def _fooled(rng: np.random.Generator) -> Way:
    bias = float(rng.choice([-1, 1]) * rng.uniform(3, 5))
    return Way(noise=0.35, sees=0.12, fooled=float(rng.uniform(5, 7)), bias=bias)


WAYS = {"prompt": _prompt, "slow": _slow, "thin": _thin, "fooled": _fooled}


@dataclass(frozen=True)
class Collected:
    """One metric of the catalogue: a concept, who collects it and how."""

    concept: Concept
    collector: str
    kind: str
    way: Way

    @property
    def name(self) -> str:
        """As in the catalogue."""
        return f"{self.concept.name}.{self.collector}"

    @property
    def late(self) -> int:
        """Steps until a value is known, those included that the quantity itself takes."""
        immature = self.kind == "fooled"
        return self.way.late + (0 if immature else self.concept.late)


@dataclass(frozen=True)
class Incident:
    """A kind that happens from ``onset`` to before ``over``, as large as ``size`` times."""

    kind: Kind
    onset: int
    over: int
    size: float


@dataclass(frozen=True)
class Stretch:
    """A stretch of time: what happens in it.

    Attributes:
        begins: its first step, counted from :data:`START`, so that weekdays go on.
        campaigns: first steps of harmless campaigns.
    """

    begins: int
    steps: int
    incidents: tuple[Incident, ...] = ()
    campaigns: tuple[int, ...] = ()


@dataclass(frozen=True)
class World:
    """Everything of a case that does not depend on what happens.

    Attributes:
        segments: name -> share of the customers; the last one is the one that is hit alone.
        collected: the sixty metrics.
        rhythms: concept -> the week's pattern, mean 0, from -1 to 1, (28,).
        retired: a collector that is switched off after the history, or "".
    """

    level: str
    segments: Mapping[str, float]
    collected: tuple[Collected, ...]
    rhythms: Mapping[str, np.ndarray]
    retired: str = ""

    @property
    def hit(self) -> str:
        """The segment that is hit alone."""
        return list(self.segments)[-1]

    @cached_property
    def by_concept(self) -> dict[str, list[Collected]]:
        """Concept -> its four metrics."""
        return {c.name: [m for m in self.collected if m.concept is c] for c in CONCEPTS}

    def prompt(self, concept: str) -> Collected:
        """The metric of a concept that says it first; of those that go on being collected."""
        found = [m for m in self.by_concept[concept] if m.kind.startswith("prompt")]
        return next(m for m in found if m.collector != self.retired)


def draw(rng: np.random.Generator, level: str) -> World:
    """A world: who collects what how, which segment is the small one, when people are busy."""
    names = [SEGMENTS[i] for i in rng.permutation(len(SEGMENTS))]
    retired = str(rng.choice(COLLECTORS)) if level == "senior" else ""
    collected: list[Collected] = []
    for concept in CONCEPTS:
        ways = metrics.drawn_ways(rng, WAYS)
        own = [Collected(concept, c, *w) for c, w in zip(COLLECTORS, ways, strict=True)]
        collected += _without(own, retired, rng)
    rhythms = {c.name: metrics.rhythm(rng, DAY) for c in CONCEPTS}
    return World(level, dict(zip(names, SHARES, strict=True)), tuple(collected), rhythms, retired)


def _without(own: list[Collected], retired: str, rng: np.random.Generator) -> list[Collected]:
    """Where the collector that goes is the prompt one, the slow one is prompt too."""
    if not any(m.kind == "prompt" and m.collector == retired for m in own):
        return own
    return [
        Collected(m.concept, m.collector, "prompt too", _prompt(rng)) if m.kind == "slow" else m
        for m in own
    ]


def observed(
    world: World, stretch: Stretch, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What all collectors report, and what is so: a line per step.

    The first has a column per metric and per segment of it, the second one per concept (and
    segment), as somebody would know it who knows everything as soon as it can be known.
    """
    reported: dict[str, np.ndarray] = {}
    exact: dict[str, np.ndarray] = {}
    for concept in CONCEPTS:
        parts = _latent(world, concept, stretch, rng)
        known = {
            part: concept.level
            + concept.scale * metrics.shifted(usual + moved, concept.late)[WARM:]
            for part, (usual, moved) in parts.items()
        }
        exact |= _columns(world, concept, concept.name, known)
        for metric in world.by_concept[concept.name]:
            seen = _collected(world, metric, parts, stretch, rng)
            for name, values in _columns(world, concept, metric.name, seen).items():
                reported[name] = np.round(values, _places(concept))
    times = START + pd.to_timedelta(6 * (stretch.begins + np.arange(stretch.steps)), unit="h")
    index = pd.DatetimeIndex(times, name="time")
    return pd.DataFrame(reported, index=index), pd.DataFrame(exact, index=index)


def _places(concept: Concept) -> int:
    return int(np.ceil(-np.log10(concept.scale))) + 2


def _columns(
    world: World, concept: Concept, name: str, parts: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The whole, and its segments in the order of their names."""
    if not concept.segmented:
        return {name: parts["all"]}
    whole = sum(share * parts[s] for s, share in world.segments.items())
    return {name: np.asarray(whole), **{f"{name}|{s}": parts[s] for s in sorted(parts)}}


def _collected(
    world: World,
    metric: Collected,
    parts: Mapping[str, tuple[np.ndarray, np.ndarray]],
    stretch: Stretch,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Part -> what this collector reports of it, (steps,)."""
    concept = metric.concept
    way = replace(metric.way, late=metric.late)
    campaign = _campaigns(stretch, stretch.steps + WARM)
    found = {}
    for part, share in parts_of(world, concept).items():
        seen = way.measure(rng, *parts[part], campaign, 1 / np.sqrt(share))
        found[part] = concept.level + concept.scale * seen[WARM:]
    if metric.collector == world.retired and stretch.begins >= HISTORY:
        return {part: np.full(stretch.steps, np.nan) for part in found}
    return found


def _campaigns(stretch: Stretch, steps: int) -> np.ndarray:
    """1 while a campaign runs, (steps,); the first of them are :data:`WARM`."""
    courses = [metrics.course(steps, at + WARM, at + WARM + CAMPAIGN) for at in stretch.campaigns]
    return np.sum(courses, axis=0) if courses else np.zeros(steps)


def parts_of(world: World, concept: Concept) -> Mapping[str, float]:
    """The parts by which a concept is measured, with their shares."""
    return world.segments if concept.segmented else {"all": 1.0}


def _latent(
    world: World, concept: Concept, stretch: Stretch, rng: np.random.Generator
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Part -> (what is usual and wanders, what happened), in noise units, each (WARM + steps,)."""
    steps = stretch.steps + WARM
    week = world.rhythms[concept.name]
    place = (stretch.begins - WARM + np.arange(steps)) % WEEK
    shared = concept.season * week[place] + concept.campaign * _campaigns(stretch, steps)
    found = {}
    for part, share in parts_of(world, concept).items():
        moved = np.zeros(steps)
        for incident in stretch.incidents:
            kind = incident.kind
            if kind.one_segment and part not in ("all", world.hit):
                continue
            size = incident.size * kind.moves.get(concept.name, 0.0)
            moved += size * metrics.course(
                steps, incident.onset + WARM, incident.over + WARM, kind.ramp
            )
        found[part] = (shared + WANDER / np.sqrt(share) * metrics.wander(rng, steps), moved)
    return found


def history(rng: np.random.Generator) -> Stretch:
    """Sixty days with two incidents and two campaigns, none of them at the same time."""
    early, late = (int(rng.integers(*days)) * DAY for days in ((12, 17), (36, 41)))
    pair = (("lost_feed", "changed_codes"), ("stale_features", "frozen_scores", "wrong_model"))
    kinds = [str(rng.choice(each)) for each in pair]
    order = rng.permutation(2)
    incidents = tuple(
        incident(KINDS_BY_ID[kinds[i]], at, rng, 1.0)
        for i, at in zip(order, (early, late), strict=True)
    )
    return Stretch(0, HISTORY, incidents, (int(rng.integers(26, 30)) * DAY, 53 * DAY))


KINDS_BY_ID = {kind.id: kind for kind in KINDS}


def incident(kind: Kind, onset: int, rng: np.random.Generator, loud: float) -> Incident:
    """An incident of a kind: how long it lasts and how large it is are drawn."""
    onset += int(rng.integers(DAY))
    length = int(rng.integers(kind.days[0] * DAY, kind.days[1] * DAY + 1))
    return Incident(kind, onset, onset + length, loud * float(rng.uniform(0.95, 1.15)))


def episodes(rng: np.random.Generator, level: str) -> list[Stretch]:
    """One episode of each kind and the calm ones, in a drawn order; campaigns in every second."""
    made = []
    for number in range(len(KINDS) + CALM):
        begins = HISTORY + WEEK * int(rng.integers(4, 40))
        kind = KINDS[number] if number < len(KINDS) else None
        found = ()
        if kind:
            found = (incident(kind, LEAD + int(rng.integers(4, 7)) * DAY, rng, LOUD[level]),)
        campaigns: tuple[int, ...] = ()
        if number % 2:
            at = LEAD + int(rng.integers(0, 3)) * DAY if kind else int(rng.integers(16, 38)) * DAY
            campaigns = (at,)
        made.append(Stretch(begins, EPISODE, found, campaigns))
    return [made[i] for i in rng.permutation(len(made))]


def twins(rng: np.random.Generator, level: str) -> list[Stretch]:
    """Examples of every kind, for what its picture looks like."""
    return [
        Stretch(
            HISTORY + WEEK * 4,
            EPISODE,
            (incident(kind, LEAD + 5 * DAY, rng, LOUD[level]),),
        )
        for kind in KINDS
        for _ in range(TWINS)
    ]


def together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other, told apart by the column ``episode``."""
    return pd.concat(
        [t.reset_index().assign(episode=i) for i, t in enumerate(tables)], ignore_index=True
    )
