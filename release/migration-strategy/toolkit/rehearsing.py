"""Rehearsals of a plan: the year five hundred times, by what you assume of the firm."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import level
from worksample.workbook.plots import INK, View, area, as_png, code_line

from . import staffing
from .firm import EVENTS, SKILLS, SPRINTS, TARGETS, at_stake
from .papers import load
from .plans import PROMISES, plan_of, problem
from .scheduler import NEVER, Assumed, Worlds, draw_worlds, run, without
from .staffing import Work

RUNS = 500
SEED = 20310101
GUESSED = 100.0  # thousand euro a month in all, where nothing is known of the logs
PROMISED = 2.0  # sprints of adoption, by suppliers
READY = 2  # sprints until a measure works


def stakes(
    days: Mapping[str, float], per_month: float, failed: float, restore_hours: float
) -> dict[str, float]:
    """Thousand euro a month that each target costs today, by the dossier's prices.

    Args:
        days: "stage wait" and "stage work" -> mean days of a change, all its visits together.
        per_month: changes that are deployed in a month.
        failed: share of them that fail.
        restore_hours: mean hours until a failure is restored.
    """
    return at_stake(load().firm, days, per_month, failed, restore_hours)


def assume(
    stakes: Mapping[str, float] | None = None,
    overrun: Mapping[str, float] | None = None,
    adoption: tuple[float, float] = (PROMISED, PROMISED),
    also_needs: Sequence[tuple[str, str]] = (),
    chances: Mapping[str, float] | None = None,
) -> Assumed:
    """What a rehearsal assumes; what is not given is as the firm's papers have it.

    Args:
        stakes: target -> thousand euro a month that it costs today; by default all alike.
        overrun: skill -> days that work takes over those that were estimated.
        adoption: sprints until two thirds use what is new, (with coaching, without).
        also_needs: pairs (initiative, another without which it is worth nothing).
        chances: event -> probability in a year; by default the register's.

    Raises:
        ValueError: there is no such target, skill, initiative or event.
    """
    firm = load().firm
    found = dict.fromkeys(TARGETS, GUESSED / len(TARGETS)) | dict(stakes or {})
    over = dict.fromkeys(SKILLS, 1.0) | dict(overrun or {})
    happens = dict(firm.data["register"]) | dict(chances or {})
    named = {name for pair in also_needs for name in pair}
    for given, known in ((found, TARGETS), (over, SKILLS), (happens, EVENTS), (named, firm.ids)):
        if strange := sorted(set(given) - set(known)):
            raise ValueError(f"{strange[0]!r} is none of {', '.join(known)}")
    pairs = tuple((str(a), str(b)) for a, b in also_needs)
    return Assumed(found, over, (float(adoption[0]), float(adoption[1])), pairs, happens)


def with_needs(name: str, assumed: Assumed) -> list[str]:
    """An initiative behind all that it needs, by the table and by what you assume."""
    return staffing.with_needs(load().firm, assumed, name)


def staffed(order: Sequence[str], assumed: Assumed, coached: Collection[str] = ()) -> Work:
    """A list of work in this order, each for the one or two with its skill who are free first.

    It ends where everybody's year is full.

    Raises:
        ValueError: there is no such initiative.
    """
    firm = load().firm
    if strange := [name for name in (*order, *coached) if name not in firm.ids]:
        raise ValueError(f"there is no initiative {strange[0]!r}")
    return staffing.staffed(firm, assumed, list(dict.fromkeys(order)), coached)


def ranked(assumed: Assumed) -> pd.DataFrame:
    """What each initiative alone would bring a month, and its days with all that it needs."""
    firm = load().firm
    gains = staffing.gains(firm, assumed)
    rows = {}
    for name in firm.ids:
        bundle = staffing.with_needs(firm, assumed, name)
        days = sum(staffing.effort(firm, assumed, each) for each in bundle)
        rows[name] = {"a_month": gains[name], "days": days, "stands_on": ", ".join(bundle[:-1])}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("initiative")
    table.insert(2, "a_month_for_a_day", table["a_month"] / table["days"])
    return table.sort_values("a_month_for_a_day", ascending=False)


@dataclass(frozen=True, repr=False)
class Rehearsal(View):
    """A rehearsal: the view, and what it was made of.

    Attributes:
        left: target -> share of its cost that is left at the end.
        done: sprint in which each initiative of the plan was done, by year; none if it was not.
    """

    left: Mapping[str, float] = field(default_factory=dict)
    done: pd.DataFrame = field(default_factory=pd.DataFrame)


def rehearse(work: Work, assumed: Assumed) -> Rehearsal:
    """The plan's year, five hundred times.

    Raises:
        ValueError: the plan cannot be run; the text says why.
    """
    worlds = _worlds(assumed)
    course = run(load().firm, [_plan(work)], worlds, assumed)
    table = pd.DataFrame({name: [x] for name, x in _numbers(course).items()}, index=["value"]).T
    firm = load().firm
    done = course.done[:, [firm.ids.index(row["id"]) for row in work]]
    early, usual, late = np.quantile(np.where(done < NEVER, done, SPRINTS + 1), (0.1, 0.5, 0.9), 0)
    names = [row["id"] + (" (coached)" if row.get("coached") else "") for row in work]
    alt = (
        f"When each of {len(work)} initiatives is done, and thousand euro a month: "
        f"{_said(course)}. Done by sprint: "
        + ", ".join(
            f"{name} {when:.0f}" if when <= SPRINTS else f"{name} not"
            for name, when in zip(names, usual, strict=True)
        )
    )

    def draw(axes: Any) -> None:
        places = np.arange(len(work))
        axes[0].barh(places, np.maximum(late - early, 0.2), left=early, **area(1))
        axes[0].plot(usual, places, "o", color=INK, ms=4)
        axes[0].set_yticks(places, names, fontsize=8)
        axes[0].set(xlim=(0, SPRINTS + 1), xlabel="sprint", title="done: middle and 80 % of years")
        axes[0].invert_yaxis()
        monthly = np.quantile(course.benefit * SPRINTS / 12, (0.1, 0.5, 0.9), axis=0)
        axes[1].fill_between(range(1, SPRINTS + 1), monthly[0], monthly[2], **area(2, hatch=""))
        axes[1].plot(range(1, SPRINTS + 1), monthly[1], color=INK, lw=1.2)
        axes[1].set(xlabel="sprint", title="thousand euro a month: middle and 80 %")
        axes[1].axvline(firm.data["audit"]["sprint"], color=INK, ls=":", lw=1)

    height = max(2.6, 0.19 * len(work))
    line = code_line("rehearse").replace("()", "(WORK, ASSUMED)")
    left = dict(zip(TARGETS, map(float, course.left.mean(axis=0)), strict=True))
    ids = [row["id"] for row in work]
    years = pd.DataFrame(np.where(done < NEVER, done, np.nan), columns=ids)
    png = as_png(draw, height, panels=2, across=2)
    return Rehearsal(table, line, alt, png, left=left, done=years)


def compare(works: Mapping[str, Work], assumed: Assumed) -> pd.DataFrame:
    """Several plans over the same years.

    Raises:
        ValueError: one of them cannot be run; the text says why.
    """
    plans, worlds = [_plan(work) for work in works.values()], _worlds(assumed, 60)
    which = np.repeat(np.arange(len(plans)), len(worlds))
    rows = worlds.rows(np.tile(np.arange(len(worlds)), len(plans)))
    course = run(load().firm, plans, rows, assumed, which)
    told = {
        name: _numbers(course, slice(place * len(worlds), (place + 1) * len(worlds)))
        for place, name in enumerate(works)
    }
    return pd.DataFrame.from_dict(told, orient="index").rename_axis("plan")


def chances(work: Work, done: Mapping[str, Sequence[str]], assumed: Assumed) -> dict[str, float]:
    """How often what is promised by a month is kept in a rehearsal, and the audit passed.

    Args:
        done: month ("3", "6", "12") -> initiatives that are to be done by its end.
    """
    firm = load().firm
    course = run(firm, [_plan(work)], _worlds(assumed), assumed)
    found = {}
    for month in PROMISES[:-1]:
        places = [firm.ids.index(name) for name in done.get(month, ())]
        end = {"3": 6, "6": 13, "12": SPRINTS}[month]
        found[month] = float((course.done[:, places] <= end).all(axis=1).mean())
    return found | {"audit": float(course.passed.mean())}


def if_it_happens(work: Work, assumed: Assumed) -> pd.DataFrame:
    """Thousand euro of the year's benefit that each event costs this plan if it happens."""
    firm, worlds = load().firm, _worlds(assumed, 200)
    plan, calm = _plan(work), without(worlds)
    rng = np.random.default_rng(SEED)
    at = np.tile(calm.at, (len(EVENTS) + 1, 1))
    for place in range(len(EVENTS)):
        own = slice((place + 1) * len(worlds), (place + 2) * len(worlds))
        at[own, place] = rng.integers(4, 20, len(worlds))
    again = np.tile(np.arange(len(worlds)), len(EVENTS) + 1)
    rows = calm.rows(again)
    course = run(firm, [plan], Worlds(rows.effort, rows.cut, rows.adoption, at), assumed)
    year = course.up_to("12").reshape(len(EVENTS) + 1, -1).mean(axis=1)
    measures = firm.data["measures"]
    table = pd.DataFrame(
        {"costs_if": year[0] - year[1:], "measure": [measures[n]["cost"] for n in EVENTS]},
        index=pd.Index(EVENTS, name="event"),
    )
    return table.assign(on_a_signal=table["measure"] * 1.2)


def watch(event: str, above: float) -> dict[str, float]:
    """Junior: how sister firms would have fared with an alarm above a value of the signal."""
    if level() != "junior":
        raise ValueError("this helper is there at junior level; case.signals has the numbers")
    case = load()
    seen = case.signals.pivot(index="year", columns="sprint", values=event)
    at = case.events.query("event == @event").set_index("year")["sprint"].reindex(seen.index)
    over = seen > above
    first = over.idxmax(axis=1).where(over.any(axis=1))
    hit, calm = first + READY <= at, at.isna()
    return {
        "years with it": float((~calm).mean()),
        "of these, told in time": float(hit[~calm].mean()),
        "of the others, alarms": float(first[calm].notna().mean()),
    }


def _worlds(assumed: Assumed, count: int = RUNS) -> Worlds:
    return draw_worlds(load().firm, assumed, np.random.default_rng(SEED), count)


def _plan(work: Any) -> Any:
    if wrong := problem(work, load().firm):
        raise ValueError(wrong)
    return plan_of(work, load().firm)


def _numbers(course: Any, rows: slice = slice(None)) -> dict[str, float]:
    return {
        "value": float(course.value[rows].mean()),
        "benefit to month 3": float(course.up_to("3")[rows].mean()),
        "benefit to month 6": float(course.up_to("6")[rows].mean()),
        "benefit of the year": float(course.up_to("12")[rows].mean()),
        "audit passed": float(course.passed[rows].mean()),
        "spent": float(course.spent[rows].mean()),
        "done": float((course.done[rows] <= SPRINTS).sum(axis=1).mean()),
    }


def _said(course: Any) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in _numbers(course).items())
