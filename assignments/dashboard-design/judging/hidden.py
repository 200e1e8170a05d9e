"""The hidden days of a case as tables, with what happens in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from worksample.kit.alerting import Episode

from ..toolkit.case import known_of, read_history

if TYPE_CHECKING:
    from worksample.case import Case

    from ..toolkit.dashboard import Known


@dataclass(frozen=True)
class Hidden:
    """What a dashboard is tried on.

    Attributes:
        history: the sixty days that the candidate has.
        tables: the metrics of each hidden episode.
        episodes: what happens in each, in the same order.
        kinds: the kind of each; "" where it is calm.
        twins: kind -> tables of other episodes of that kind.
        twin_episodes: what happens in those.
    """

    known: Known
    history: pd.DataFrame
    tables: Sequence[pd.DataFrame]
    episodes: Sequence[Episode]
    kinds: Sequence[str]
    twins: Mapping[str, Sequence[pd.DataFrame]]
    twin_episodes: Mapping[str, Sequence[Episode]]


def of_case(case: Case) -> Hidden:
    """Read the private part."""
    truth = case.truth()
    tables = _tables(case, "hidden")
    twins, twin_episodes = {}, {}
    for table, told in zip(_tables(case, "twins"), truth["twins"], strict=True):
        twins.setdefault(told["kind"], []).append(table)
        twin_episodes.setdefault(told["kind"], []).append(episode_of(told))
    return Hidden(
        known=known_of(case.public),
        history=read_history(case.public),
        tables=tables,
        episodes=[episode_of(told) for told in truth["episodes"]],
        kinds=[told["kind"] for told in truth["episodes"]],
        twins=twins,
        twin_episodes=twin_episodes,
    )


def episode_of(told: Mapping[str, Any]) -> Episode:
    """An episode as ``truth.json`` tells it."""
    return Episode(
        first=told["first"],
        steps=told["steps"],
        onset=told["onset"],
        over=told["over"],
        in_time=told["in_time"],
        echo=told["echo"],
        cost=told["cost"],
    )


def _tables(case: Case, name: str) -> list[pd.DataFrame]:
    rows = pd.read_parquet(case.private / f"{name}.parquet")
    return [
        own.drop(columns="episode").set_index("time")
        for _, own in rows.groupby("episode", sort=True)
    ]
