"""Rehearsals by the simulator: of last quarter's world, grown and asked for as you like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import level
from worksample.workbook.design.pipeline import DAY, Facts, line
from worksample.workbook.design.quarter import ASPECTS, HOURS, Event, Outcome, simulate
from worksample.workbook.plots import ACCENT, INK, View, as_png, code_line

from .papers import load
from .quarters import NOBODY, NUMBERS, grown, owing

# as they came last quarter: milder than the year's worst
LAST_QUARTER = {
    "schema": Event("schema", 20 * DAY, hours=5),
    "late": Event("late", 30 * DAY + 5, hours=8),
    "trainer": Event("trainer", 45 * DAY),
}
# what a junior may rehearse too
MORE = {
    "doubled": Event("doubled", 25 * DAY, hours=10, size=3),
    "value": Event("value", 25 * DAY, hours=6, size=5),
    "labels": Event("labels", 25 * DAY, hours=96, size=0.35),
    "code": Event("code", 25 * DAY, size=0.2),
    "region": Event("region", 25 * DAY, hours=12),
}


def rows() -> View:
    """Rows of last quarter: by day, and by hour of a week as it is now."""
    case = load()
    days = case.log["million_rows"].to_numpy().reshape(-1, DAY).sum(axis=1)
    table = pd.DataFrame({"million rows": days}).rename_axis("day")
    alt = (
        f"Million rows a day last quarter: {days[:7].mean():.1f} in the first week, "
        f"{days[-7:].mean():.1f} in the last. In the hours of a week now: "
        f"{case.week.min():.2f} to {case.week.max():.2f} million."
    )

    def draw(axes: Any) -> None:
        axes[0].plot(days, color=INK, lw=1.2)
        axes[0].set(ylim=(0, None), xlabel="day", title="million rows a day")
        axes[1].plot(np.arange(len(case.week)) / DAY, case.week, color=INK, lw=1.0)
        axes[1].set(ylim=(0, None), xlabel="day of the week", title="million rows an hour, now")

    return View(table, code_line("rows"), alt, as_png(draw, 2.6, panels=2, across=2), folded=True)


def rehearse(
    text: str,
    growth: float = 1.0,
    event: str = "none",
    needs: Mapping[str, float] | None = None,
    out: str = "",
) -> View:
    """A quarter by the simulator.

    Args:
        text: a design.
        growth: factor on today's rows at the quarter's end.
        event: ``none``, ``schema``, ``late`` or ``trainer``, as they came last quarter. At junior
            level also ``doubled``, ``value``, ``labels``, ``code`` and ``region``.
        needs: requirements that differ from last quarter's (``case.facts.data["needs"]``).
        out: a component of the design that is out of order while the event happens.

    Raises:
        ValueError: the design cannot be run, or there is no such event, requirement or component;
            the text says which.
    """
    facts = _facts(needs or {})
    told = _run(text, facts, growth, event, out)
    figures: dict[str, Any] = {f"money: {ASPECTS[name]}": v for name, v in told.money.items()}
    figures |= {"money: all of it": told.loss} | {name: getattr(told, name) for name in NUMBERS}
    figures["backfill_h"] = told.backfill_h
    if event != "none":
        figures["caught by"] = told.caught.get(event) or NOBODY
    table = pd.DataFrame({"value": figures})
    limit = facts.data["needs"]["freshness_h"]
    most = max(told.money, key=lambda name: told.money[name])
    alt = (
        f"A quarter that ends at {growth:g} times today's rows, event {event}: {told.loss:,.0f} in "
        f"all, most of it for {ASPECTS[most]}; features at most {told.worst_age_h:.1f} hours old."
    )
    days = np.arange(HOURS) / DAY

    def draw(axes: Any) -> None:
        axes[0].plot(days, told.age, color=INK, lw=0.8)
        axes[0].axhline(limit, color=ACCENT, ls="--", lw=1.0)
        axes[0].set(ylim=(0, None), title="hours that features are old; limit", xlabel="day")
        axes[1].plot(days, told.error, color=INK, lw=1.0)
        axes[1].set(ylim=(0, None), title="error of the model", xlabel="day")
        axes[2].plot(days, told.spent, color=INK, lw=0.8)
        axes[2].set(ylim=(0, None), title="platform, money an hour", xlabel="day")

    said: dict[str, Any] = {"growth": growth} | ({} if event == "none" else {"event": event})
    said |= {"out": out} if out else {}
    code = code_line("rehearse", **said).replace("(", "(DESIGN, ", 1)
    return View(table, code, alt, as_png(draw, 2.6, panels=3))


def _facts(needs: Mapping[str, float]) -> Facts:
    known = load().facts.data["needs"]
    if strange := sorted(set(needs) - set(known)):
        raise ValueError(f"{strange[0]!r} is no requirement; they are {', '.join(known)}")
    return load().facts.needing(needs)


def _run(text: str, facts: Facts, growth: float, event: str, out: str) -> Outcome:
    read = facts.read(text)
    if read.design is None:
        raise ValueError(read.complaint)
    known = LAST_QUARTER | (MORE if level() == "junior" else {})
    if event != "none" and event not in known:
        raise ValueError(f"event is one of none, {', '.join(known)}")
    kind = ""
    if out:
        if out not in read.design.components:
            raise ValueError(f"{out!r} is none of {', '.join(read.design.components)}")
        kind = read.design.components[out].kind
    events = () if event == "none" else (replace(known[event], out=kind),)
    happens = (*owing(facts.data["needs"]), *events)
    quarter = grown(load().week, growth, *load().late, happens)
    return simulate([line(read.design, facts)], [quarter], facts)[0]
