"""A year of logs: changes on their way through the stages, and what broke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..toolkit.firm import STAGES
from .catalogue import CARRIED
from .firm import Hidden

FIRST = pd.Timestamp("2031-01-01")
YEAR = 365.0  # days
KINDS = ("model", "fix", "trial")
USUAL = {  # mean days of a visit: waiting, working
    "data": (3.0, 2.2), "training": (2.2, 5.0), "review": (2.6, 1.8), "approval": (3.4, 1.4),
    "deployment": (2.4, 1.6),
}  # fmt: skip
TYPICAL = (210, 33.0, 0.2, 8.5)  # changes, days of one, share failing, hours of a failure
SLOW = 9.0  # days more of waiting where the bottleneck is
OTHER_NOTES = ("a file was missing", "somebody was on holiday", "asked for one more figure")


@dataclass(frozen=True)
class Running:
    """How a year runs.

    Attributes:
        changes: that are asked for in a year.
        days: stage -> mean days of a visit, waiting and working.
        back: stage -> share of visits that are sent back into the same stage.
        failing: share of deployed changes that fail.
        hours: mean hours that a failure lasts.
        reason: what is noted at the bottleneck where a visit is sent back.
        bottleneck: the stage.
    """

    changes: int
    days: Mapping[str, tuple[float, float]]
    back: Mapping[str, float]
    failing: float
    hours: float
    reason: str
    bottleneck: str

    @property
    def sizes(self) -> dict[str, float]:
        """Price -> how much there is of what it is paid for, over the usual firm."""
        days = sum(sum(each) for each in self.days.values())
        failed = self.changes * self.failing
        return {
            "day": self.changes * days / (TYPICAL[0] * TYPICAL[1]),
            "failure": failed / (TYPICAL[0] * TYPICAL[2]),
            "hour": failed * self.hours / (TYPICAL[0] * TYPICAL[2] * TYPICAL[3]),
        }

    def better(self, wait: float = 0.0, fail: float = 0.0, restore: float = 0.0) -> Running:
        """With such shares less: days in the bottleneck's stage, failures, hours."""
        days = dict(self.days)
        days[self.bottleneck] = tuple((1 - wait) * x for x in days[self.bottleneck])
        return replace(
            self, days=days, failing=self.failing * (1 - fail), hours=self.hours * (1 - restore)
        )


@dataclass(frozen=True)
class Logs:
    """Three tables, in the order in which they are given to KPI functions."""

    changes: pd.DataFrame
    visits: pd.DataFrame
    incidents: pd.DataFrame

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """As arguments."""
        return self.changes, self.visits, self.incidents


def draw_running(rng: np.random.Generator, hidden: Hidden) -> Running:
    """How this firm runs today."""
    slow = float(rng.uniform(0.65, 1.5))
    days = {s: tuple(slow * x * float(rng.uniform(0.85, 1.15)) for x in USUAL[s]) for s in STAGES}
    wait, work = days[hidden.bottleneck]
    days[hidden.bottleneck] = (wait + slow * SLOW * float(rng.uniform(0.9, 1.1)), work)
    if hidden.loud == "training":
        days["training"] = (days["training"][0], days["training"][1] * 1.15)
    back = dict.fromkeys(STAGES, 0.04) | {hidden.bottleneck: float(rng.uniform(0.28, 0.36))}
    return Running(
        int(rng.integers(150, 310)), days, back, float(rng.uniform(0.13, 0.29)),
        float(rng.uniform(4, 15)), CARRIED[hidden.carried], hidden.bottleneck,
    )  # fmt: skip


def draw(rng: np.random.Generator, running: Running) -> Logs:
    """A year: whatever was asked for in it, deployed by its end or not yet."""
    asked = np.sort(rng.uniform(-60, YEAR - 5, round(running.changes * (YEAR + 55) / YEAR)))
    changes, visits = [], []
    request = 0
    for number, day in enumerate(asked):
        name = f"C{number + 101:04}"
        request += number == 0 or rng.random() > 0.12  # some requests take two changes
        kind = str(rng.choice(KINDS, p=[0.84, 0.1, 0.06]))
        stopped = rng.random() < 0.06
        made, end = _visits(rng, running, name, day, 0.15 if kind == "fix" else 1.0, stopped)
        visits += made
        deployed = np.nan if stopped or end > YEAR else end
        opened = day + rng.exponential(1.0)
        model = f"model-{rng.integers(1, 10)}"
        changes.append((name, f"R{request + 50:04}", model, kind, day, opened, deployed))
    columns = ["change", "request", "model", "kind", "asked", "opened", "deployed"]
    table = pd.DataFrame(changes, columns=columns)
    table = table[(table["deployed"] >= 0) | table["deployed"].isna() & (table["asked"] > 0)]
    log = pd.DataFrame(visits, columns=["change", "stage", "entered", "begun", "left", "note"])
    log = log[log["change"].isin(table["change"]) & (log["entered"] <= YEAR)]
    late = log["left"] > YEAR
    log.loc[late, "left"] = np.nan
    log.loc[log["begun"] > YEAR, "begun"] = np.nan
    incidents = _incidents(rng, running, table)
    return Logs(
        _dated(table, "asked", "opened", "deployed"),
        _dated(log, "entered", "begun", "left"),
        _dated(incidents, "began", "restored", "closed"),
    )


def _visits(
    rng: np.random.Generator, running: Running, name: str, day: float, quick: float, stopped: bool
) -> tuple[list[tuple[object, ...]], float]:
    made: list[tuple[object, ...]] = []
    last = int(rng.integers(1, len(STAGES))) if stopped else len(STAGES)
    for stage in STAGES[:last]:
        while True:
            wait, work = (rng.gamma(2.0, quick * mean / 2) for mean in running.days[stage])
            back = rng.random() < running.back[stage] * (quick == 1.0)
            note = _note(rng, running, stage) if back else ""
            made.append((name, stage, day, day + wait, day + wait + work, note))
            day += wait + work
            if not back:
                break
    return made, day


def _note(rng: np.random.Generator, running: Running, stage: str) -> str:
    """Why it was sent back: mostly one reason at the bottleneck, anything elsewhere."""
    if stage == running.bottleneck and rng.random() < 0.7:
        return f"sent back: {running.reason}"
    reasons = (*OTHER_NOTES, *CARRIED.values())
    return f"sent back: {rng.choice(reasons)}"


def _incidents(rng: np.random.Generator, running: Running, changes: pd.DataFrame) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    live = changes[changes["deployed"].notna() & (changes["kind"] != "trial")]
    for change in live.itertuples():
        if rng.random() < running.failing:
            began = change.deployed + rng.exponential(1.5)
            _incident(rng, rows, change.change, change.model, "change", began, running.hours)
    for _ in range(rng.poisson(0.04 * running.changes)):  # what no change has caused
        change = live.iloc[int(rng.integers(len(live)))]
        cause = str(rng.choice(["network", "supplier", "hardware"]))
        _incident(rng, rows, "", change.model, cause, float(rng.uniform(0, YEAR)), running.hours)
    names = ["incident", "change", "model", "cause", "follows", "began", "restored", "closed"]
    table = pd.DataFrame(rows, columns=names)
    return table[table["began"] < YEAR].sort_values("began", kind="stable", ignore_index=True)


def _incident(
    rng: np.random.Generator, rows: list[tuple[object, ...]], change: object, model: object,
    cause: str, began: float, hours: float,
) -> None:  # fmt: skip
    lasts = rng.gamma(2.0, hours / 2) / 24
    name = f"I{len(rows) + 301:04}"
    closed = began + lasts + rng.exponential(4.0)
    if rng.random() < 0.08:  # it came back: two entries of one failure
        half = began + lasts * 0.4
        rows.append((name, change, model, cause, "", began, half, half + 0.1))
        later = f"I{len(rows) + 301:04}"
        rows.append((later, change, model, cause, name, half, began + lasts, closed))
    else:
        rows.append((name, change, model, cause, "", began, began + lasts, closed))


def _dated(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Days of the year as times, to the minute."""
    made = table.reset_index(drop=True).copy()
    for name in columns:
        made[name] = (FIRST + pd.to_timedelta(made[name], unit="D")).dt.round("min")
    return made


def exported(logs: Logs, level: str) -> Logs:
    """As it lies in the folder: a visit stands in the export of each month that it touches.

    In all but the last of them its end is not there yet. Junior: put together already.
    """
    if level == "junior":
        return logs
    visits = logs.visits
    end = visits["left"].fillna(FIRST + pd.Timedelta(days=YEAR))
    over = (end.dt.to_period("M") != visits["entered"].dt.to_period("M")) & (end > FIRST)
    twice = visits[over].copy()
    twice["left"] = pd.NaT
    twice["note"] = ""
    both = pd.concat([twice, visits]).sort_values(["entered", "left"], kind="stable")
    return Logs(logs.changes, both.reset_index(drop=True), logs.incidents)
