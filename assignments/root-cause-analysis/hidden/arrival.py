"""How a fault arrives: at once, in stages, as a canary, on a ramp; in part; with a relapse.

At junior level a fault hits everything from its onset on. Higher up it spreads over some days along
something that a candidate can see (hosts, origins, regions), or reaches a growing share of the
rows where each row shows by itself whether it was hit. Moments are days since the log's first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from .world import World

SPAN = (1.5, 3.5)  # days from the first row that is hit to the last stage
ALL_IN = 48.0  # the day by which every fault has arrived: the last week shows it whole
CANARY, HALF = 0.12, 0.5  # shares of the first two stages where no column parts them
FIRST = 0.1  # share that a ramp begins with
HEALED = (1.0, 2.0)  # days that a fault is gone for, at senior level
RELAPSED = 53.5  # by then it is back
LAPSES = 0.6  # chance of a healed stretch
PARTIAL = 0.8  # chance that a fault whose rows can be told reaches only part of them
SECOND = (1.2, 7.0)  # days between the onsets of two causes
EARLIEST, LATEST = 22.5, 43.5  # of the second cause's onset
CLEAR = 1.0  # days that it keeps from the named entries


@dataclass(frozen=True)
class Arrival:
    """When which rows are within a fault's reach.

    Attributes:
        begins: the onset.
        way: ``at once``, ``stages``, ``canary`` or ``ramp``.
        column: of the world's rows, along which it spreads in stages; "" if along none.
        delays: group of that column -> days after the onset.
        span: days until it is everywhere.
        share: of the rows within reach that it hits in the end.
        healed: (from, until) that it was gone; None: never.
        luck: (n,) uniform, one number for each of the world's rows.
    """

    begins: float
    way: str = "at once"
    column: str = ""
    delays: Mapping[int, float] = field(default_factory=dict)
    span: float = 0.0
    share: float = 1.0
    healed: tuple[float, float] | None = None
    luck: np.ndarray | None = None

    def open(self, when: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
        """Rows that it can have reached by their moment and their group (n,) bool."""
        start = np.full(len(when), self.begins)
        if self.delays and groups is not None:
            start = self.begins + pd.Series(groups).map(self.delays).fillna(0.0).to_numpy(float)
        there = when >= start
        if self.healed:
            there &= (when < self.healed[0]) | (when >= self.healed[1])
        return there

    def reached(self, rows: pd.DataFrame) -> np.ndarray:
        """The world's rows that it hits (n,) bool."""
        when = rows["when"].to_numpy()
        groups = rows[self.column].to_numpy() if self.column else None
        there = self.open(when, groups)
        if self.luck is None:
            return there
        passed = (when - self.begins) / max(self.span, 1e-9)
        part = np.ones(len(when))
        if self.way == "canary":
            part = np.where(passed < 0.5, CANARY, np.where(passed < 1, HALF, 1.0))
        elif self.way == "ramp":
            part = np.clip(passed, FIRST, 1.0)
        return there & (self.luck < part * self.share)

    def facts(self) -> dict[str, object]:
        """For truth.json."""
        return {
            "begins": round(self.begins, 3),
            "way": self.way,
            "column": self.column,
            "span_days": round(self.span, 2),
            "share": round(self.share, 3),
            "healed": [round(x, 2) for x in self.healed] if self.healed else None,
        }


def draw_arrival(
    rng: np.random.Generator,
    world: World,
    begins: float,
    along: Mapping[str, tuple[int, ...]],
    told: tuple[float, float] | None,
    spans: tuple[float, float] = SPAN,
) -> Arrival:
    """Draw how a fault arrives.

    Args:
        along: columns that it may spread along, with the groups that it can hit at all.
        told: range of the share that it hits where each row shows whether it was; None: all.
        spans: least and most days until it is everywhere.
    """
    luck = rng.random(len(world.rows))
    chance, place, span, share = rng.random(4)
    heals, long, where = rng.random(3)
    ways = [("stages", column) for column, groups in along.items() if len(groups) > 1]
    ways += [("canary", ""), ("ramp", "")] if told else []
    order = {column: rng.permutation(groups) for column, groups in along.items()}
    if world.level == "junior":
        return Arrival(begins)
    healed = None
    if not ways:
        return Arrival(begins)
    way, column = ways[int(place * len(ways))]
    days = min(spans[0] + span * (spans[1] - spans[0]), max(0.5, ALL_IN - begins))
    if world.level == "senior" and heals < LAPSES:
        length = HEALED[0] + long * (HEALED[1] - HEALED[0])
        room = RELAPSED - length - (begins + days + 0.5)
        start = begins + days + 0.5 + where * room
        healed = (start, start + length) if room > 0 else None
    delays = {}
    if way == "stages":
        groups = [int(g) for g in order[column]]
        # one first, then half of them, then all
        steps = [0.0, *([days / 2] * (len(groups) // 2 - 1)), *([days] * len(groups))]
        steps = [0.0, days / 2, days] if len(groups) == 3 else steps
        delays = dict(zip(groups, steps, strict=False))
    part = told[0] + share * (told[1] - told[0]) if told and chance < PARTIAL else 1.0
    return Arrival(begins, way, column, delays, days, part, healed, luck)


def second_onset(rng: np.random.Generator, world: World) -> float:
    """The onset of a case's second cause: before or after the first, away from named entries."""
    named = np.array(list(world.timeline.at.values()))
    for _ in range(200):
        days = rng.uniform(*SECOND) * (1 if rng.random() < 0.5 else -1)
        moment = world.onset + float(days)
        if EARLIEST <= moment <= LATEST and np.abs(named - moment).min() > CLEAR:
            return moment
    return world.onset
