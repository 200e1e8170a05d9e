"""The years on which KPI functions are run: as it goes on, better in one way, and dressed up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from worksample.kit.draws import asking

from ..hidden import records
from ..hidden.records import Running
from ..toolkit.papers import read_tables

if TYPE_CHECKING:
    from worksample.case import Case

NAMES = ("kpi_1", "kpi_2", "kpi_3")
CALM, GOOD = 6, 2  # years of each
BETTER = 0.6  # share by which a year is better
WAYS = {"wait": "lead time", "fail": "failures", "restore": "restoring"}
Tables = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class Year:
    """One call: what kind of year it is, and its tables."""

    kind: str
    tables: Tables


def kinds(case: Case) -> list[str]:
    """What kind of year each call is about: the firm's own first, the others in a drawn order."""
    made = ["calm"] * CALM + [way for way in WAYS for _ in range(GOOD)] + list(GAMES)
    order = asking(case.seed, "order of years").permutation(len(made))
    return ["own", *(made[i] for i in order)]


def years(case: Case) -> Iterator[Year]:
    """The years of a case, in the order of :func:`kinds`."""
    rng = asking(case.seed, "kpis")
    running = Running(**case.truth()["running"])
    own = read_tables(case.public)
    calm = [_drawn(rng, running) for _ in range(CALM)]
    made = {
        "own": [(own["changes"], own["incidents"])],
        **{w: [_drawn(rng, running.better(**{w: BETTER})) for _ in range(GOOD)] for w in WAYS},
        **{name: [dress(rng, calm[0])] for name, dress in GAMES.items()},
        "calm": calm[::-1],  # the first to come is the one that was dressed up
    }
    for kind in kinds(case):
        yield Year(kind, made[kind].pop())


def _drawn(rng: np.random.Generator, running: Running) -> Tables:
    logs = records.draw(rng, running)
    return logs.changes, logs.incidents


# -- dressing a year up ----------------------------------------------------------------------------


def _split(rng: np.random.Generator, tables: Tables) -> Tables:
    """A change becomes three of the same request; two of them go out early."""
    changes, incidents = tables
    cut = changes[rng.random(len(changes)) < 0.6]
    parts = []
    for number, share in enumerate((0.25, 0.5)):
        part = cut.assign(change=cut["change"] + f"-{number}")
        parts.append(part.assign(deployed=cut["asked"] + share * (cut["deployed"] - cut["asked"])))
    return _sorted([changes, *parts]), incidents


def _withdrawn(rng: np.random.Generator, tables: Tables) -> Tables:
    """Slow changes are withdrawn and asked for anew, for the same request."""
    changes, incidents = tables
    lead = changes["deployed"] - changes["asked"]
    slow = changes[lead > lead.quantile(0.5)]
    anew = slow.assign(
        change=slow["change"] + "-n",
        asked=slow["asked"] + 0.7 * (slow["deployed"] - slow["asked"]),
        opened=slow["asked"] + 0.7 * (slow["deployed"] - slow["asked"]),
    )
    changes = changes.assign(
        deployed=changes["deployed"].where(~changes["change"].isin(slow["change"]))
    )
    anew_of = dict(zip(slow["change"], anew["change"], strict=True))
    renamed = incidents["change"].map(anew_of).fillna(incidents["change"])
    return _sorted([changes, anew]), incidents.assign(change=renamed)


def _opened_late(rng: np.random.Generator, tables: Tables) -> Tables:
    """Tickets are opened when half of the time has gone."""
    changes, incidents = tables
    half = changes["asked"] + 0.5 * (changes["deployed"] - changes["asked"])
    return changes.assign(opened=half.fillna(changes["opened"])), incidents


def _refiled(rng: np.random.Generator, tables: Tables) -> Tables:
    """Failures are filed under another cause."""
    changes, incidents = tables
    other = (incidents["cause"] == "change") & (rng.random(len(incidents)) < 0.5)
    return changes, incidents.assign(
        cause=incidents["cause"].mask(other, "supplier"), change=incidents["change"].mask(other, "")
    )


def _closed_early(rng: np.random.Generator, tables: Tables) -> Tables:
    """Tickets are closed in the same hour."""
    changes, incidents = tables
    soon = incidents["began"] + pd.Timedelta(minutes=40)
    return changes, incidents.assign(closed=soon)


def _chopped(rng: np.random.Generator, tables: Tables) -> Tables:
    """One failure becomes two short entries, the second of which follows the first."""
    changes, incidents = tables
    whole = incidents[(incidents["follows"] == "") & (rng.random(len(incidents)) < 0.6)]
    half = whole["began"] + (whole["restored"] - whole["began"]) / 2
    later = whole.assign(incident=whole["incident"] + "-b", follows=whole["incident"], began=half)
    ends = incidents["incident"].map(dict(zip(whole["incident"], half, strict=True)))
    shorter = incidents.assign(restored=ends.fillna(incidents["restored"]))
    both = pd.concat([shorter, later]).sort_values("began", kind="stable", ignore_index=True)
    return changes, both


def _fewer(rng: np.random.Generator, tables: Tables) -> Tables:
    """A third of the requests is turned away, and so are their failures."""
    changes, incidents = tables
    requests = changes["request"].unique()
    kept = changes[changes["request"].isin(requests[rng.random(len(requests)) > 0.33])]
    others = incidents["change"] == ""
    stays = incidents["change"].isin(kept["change"]) | others & (rng.random(len(others)) > 0.33)
    return kept.reset_index(drop=True), incidents[stays].reset_index(drop=True)


def _sorted(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts).sort_values("asked", kind="stable", ignore_index=True)


GAMES: dict[str, Callable[[np.random.Generator, Tables], Tables]] = {
    "split": _split,
    "withdrawn": _withdrawn,
    "opened late": _opened_late,
    "refiled": _refiled,
    "closed early": _closed_early,
    "chopped": _chopped,
    "fewer": _fewer,
}


# -- what a KPI says of them -----------------------------------------------------------------------


@dataclass(frozen=True)
class Behaviour:
    """How a KPI behaves.

    Attributes:
        own: on the firm's own year.
        moves: way -> how far it goes in its good direction where that is better, in spreads of
            calm years.
        good: way -> its mean value in such years.
        calm: its mean value in calm years.
        dressed: name -> how far it goes in its good direction where the year is dressed up, as a
            value.
    """

    own: float
    moves: dict[str, float]
    good: dict[str, float]
    calm: float
    dressed: dict[str, float]


def behaviour(found: list[tuple[str, Any]], down: bool) -> Behaviour | None:
    """From (kind of year, value); None where a value is no number."""
    rows: dict[str, list[float]] = {}
    for kind, value in found:
        if value is None:
            return None
        rows.setdefault(kind, []).append(float(value))
    if set(rows) != {"own", "calm", *WAYS, *GAMES}:
        return None
    calm = float(np.mean(rows["calm"]))
    spread = max(float(np.std(rows["calm"], ddof=1)), 0.01 * abs(calm), 1e-9)
    sign = 1.0 if down else -1.0
    good = {way: float(np.mean(rows[way])) for way in WAYS}
    moves = {way: sign * (calm - value) / spread for way, value in good.items()}
    dressed = {name: sign * (rows["calm"][0] - rows[name][0]) for name in GAMES}
    return Behaviour(rows["own"][0], moves, good, calm, dressed)
