"""Alerts against what happened: the four attributes of the SRE workbook, and what they cost.

Precision, recall, detection time and reset time, after "The Site Reliability Workbook",
chapter 5, "Alerting on SLOs" (Google, 2018). An alert *fires* from the first step of a run of steps
in which its condition holds. Time goes in steps; an *episode* is a stretch of time with at most one
incident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


def held(condition: np.ndarray, steps: int) -> np.ndarray:
    """Whether the condition has held for so many steps in a row, up to this one, (n,) bool."""
    if steps <= 1:
        return condition.astype(bool)
    sums = np.concatenate([[0], np.cumsum(condition.astype(int))])
    full = np.zeros(len(condition), dtype=bool)
    full[steps - 1 :] = sums[steps:] - sums[:-steps] == steps
    return full


def firings(active: np.ndarray) -> list[tuple[int, int]]:
    """First step, and first step no longer, of every run of steps in which an alert is active."""
    edges = np.diff(np.concatenate([[0], active.astype(int), [0]]))
    return list(
        zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True)
    )


@dataclass(frozen=True)
class Episode:
    """Steps that are judged, and what happens in them.

    Attributes:
        first: the first step judged; what lies before only lets averages begin.
        steps: how many there are, those before ``first`` counted.
        onset: first step of the incident; None in a calm episode.
        over: first step in which it is over.
        in_time: steps after the onset within which it should be noticed.
        echo: steps after its end in which what it did may still come in.
        cost: of the whole incident if nobody notices it.
    """

    first: int
    steps: int
    onset: int | None = None
    over: int = 0
    in_time: int = 0
    echo: int = 0
    cost: float = 0.0

    def calm(self) -> np.ndarray:
        """Which judged steps have nothing to do with an incident, (steps,) bool."""
        at = np.arange(self.steps)
        calm = at >= self.first
        if self.onset is not None:
            calm &= (at < self.onset) | (at >= self.over + self.echo)
        return calm


@dataclass(frozen=True)
class Noticed:
    """What alerts made of one episode.

    Attributes:
        after: steps from the onset to the first firing that was seen; None: none before the end.
        true, false: firings with an incident, and without. In the echo of one they are neither.
        busiest: most firings that began within any ``week`` steps.
        reset: steps from the end of the incident until nothing of it fired; None: nothing had.
    """

    after: int | None
    true: int
    false: int
    busiest: int
    reset: int | None


def noticed(episode: Episode, alerts: Sequence[tuple[np.ndarray, int]], week: int) -> Noticed:
    """What happened when these alerts were on.

    Args:
        alerts: for each, when it is active, (steps,) bool, and the steps until somebody looks.
        week: steps of a week.
    """
    runs = [
        (start, end, looked)
        for active, looked in alerts
        for start, end in firings(active)
        if start >= episode.first
    ]
    calm = episode.calm()
    starts = np.zeros(episode.steps)
    np.add.at(starts, [start for start, _, _ in runs], 1)
    busiest = int(np.convolve(starts, np.ones(week))[: episode.steps].max(initial=0))
    false = sum(bool(calm[start]) for start, _, _ in runs)
    if episode.onset is None:
        return Noticed(None, 0, false, busiest, None)
    inside = [r for r in runs if episode.onset <= r[0] < episode.over]
    waits = [start + looked - episode.onset for start, _, looked in inside]
    lasting = [end - episode.over for _, end, _ in inside]
    return Noticed(
        min(waits) if waits else None,
        len(inside),
        false,
        busiest,
        max(0, max(lasting)) if lasting else None,
    )


@dataclass(frozen=True)
class Attributes:
    """The four attributes over many episodes.

    Attributes:
        precision: share of the firings, echoes left out, that were with an incident.
        recall: share of the incidents noticed in time, by cost.
        detection: share of the cost that was over when it was noticed, by cost.
        reset: share of the noticed incidents whose alerts ended in time.
    """

    precision: float
    recall: float
    detection: float
    reset: float


def attributes(
    episodes: Sequence[Episode], found: Sequence[Noticed], reset_in: Sequence[int]
) -> Attributes:
    """Precision, recall, detection and reset; 0 where there is nothing to divide by.

    Args:
        reset_in: for each episode, steps after the end within which alerts should have ended.
    """
    true, false = sum(n.true for n in found), sum(n.false for n in found)
    own = [
        (e, n, r) for e, n, r in zip(episodes, found, reset_in, strict=True) if e.onset is not None
    ]
    total = sum(e.cost for e, _, _ in own)
    in_time = sum(e.cost for e, n, _ in own if n.after is not None and n.after < e.in_time)
    lost = sum(e.cost * lost_share(e, n) for e, n, _ in own)
    resets = [n.reset <= r for _, n, r in own if n.reset is not None]
    return Attributes(
        precision=true / (true + false) if true + false else 0.0,
        recall=in_time / total if total else 0.0,
        detection=lost / total if total else 0.0,
        reset=sum(resets) / len(resets) if resets else 0.0,
    )


def lost_share(episode: Episode, found: Noticed) -> float:
    """Share of an incident's length that had passed when it was noticed, 0 to 1."""
    if episode.onset is None or found.after is None:
        return 1.0
    return min(1.0, max(found.after, 0) / (episode.over - episode.onset))
