"""Arithmetic of means, and rehearsals by the simulator: of yesterday's world, grown as you like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import level
from worksample.workbook.design import worlds
from worksample.workbook.design.reading import Design
from worksample.workbook.design.serving import plant, served
from worksample.workbook.design.worlds import World
from worksample.workbook.plots import ACCENT, INK, View, as_png, code_line, line, name_lines

from . import moving
from .evening import CALM, FIRST, LAST, PEAK
from .figures import evening_of, loads_at_peak, minutes_to_recover, p99_ms, run, well
from .papers import load

# as the log of the last fortnight holds them: smaller than the worst of the year
YESTERDAY = {"crowd": (1.6, 15), "store": (6.0, 20)}
# what a junior may rehearse too
MORE = {"burst": (3.0, 10), "zone": (0.0, 60), "release": (0.4, 0)}
AT = PEAK - FIRST + CALM
WELL_AGAIN = "minutes until all is well"


def traffic() -> View:
    """A usual day of the last fortnight: requests a second by minute, and pages' share of them."""
    day = load().day
    hours = np.arange(len(day)) / 60
    names = load().facts.classes
    table = pd.DataFrame(day, columns=list(names)).assign(hour=hours.astype(int))
    table = table.groupby("hour").mean()
    total, share = day.sum(axis=1), day[:, 1] / day.sum(axis=1)
    alt = (
        f"Requests a second on a usual day: at most {total.max():.1f}, mean {total.mean():.1f}. "
        f"Of them {names[1]}s are {share[PEAK]:.2%} at the peak, {share.mean():.2%} on average."
    )

    def draw(axes: Any) -> None:
        for place, name in enumerate(names):
            axes[place].plot(hours, day[:, place], **line(place, marker=""))
            axes[place].set(xlabel="hour of the day", title=f"{name}s a second", ylim=(0, None))
            axes[place].axvspan(FIRST / 60, LAST / 60, color=ACCENT, alpha=0.08, lw=0)

    return View(
        table, code_line("traffic"), alt, as_png(draw, 2.6, panels=2, across=2), folded=True
    )


def capacity(text: str, rates: Sequence[float]) -> pd.DataFrame:
    """Load of pools and store by mean values: what is asked of them over what they can do.

    No queue, no waiting, no event; the gateway is left out, as its load hangs on how long requests
    take.

    Args:
        text: a design.
        rates: new requests a second of each class, in the order of ``case.facts.classes``.
    """
    facts, design = load().facts, _design(text)
    numbers, store = plant([design], facts), facts.data["store"]
    missed = np.asarray(rates, dtype=float) * (1 - numbers.hits[0])
    nodes = design.of("store")[0]
    lookups = float(missed @ facts.per_class("lookups"))
    rows = {}
    for place, pool in enumerate(served(design)):
        sharing = numbers.serves[0].sum(axis=0)
        asked = missed * numbers.serves[0, place] / np.maximum(sharing, 1)
        held = (numbers.setup[0, place] + store["base_ms"] / 1000) / numbers.batch[0, place]
        work = float(asked @ (held + numbers.each[0, place]))
        servers = float(pool.settings["least"] * numbers.workers[0, place])
        rows[pool.id] = {"asked": work, "there": servers, "unit": "workers"}
    can = nodes.settings["nodes"] * store["lookups_s"]
    rows[nodes.id] = {"asked": lookups, "there": can, "unit": "look-ups a second"}
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.assign(load=table["asked"] / table["there"]).rename_axis("component")


def rehearse(text: str, growth: float = 1.0, event: str = "none") -> View:
    """An evening of so many times today's requests, by the simulator.

    Args:
        text: a design.
        growth: factor on the requests of a usual day.
        event: ``none``, or ``crowd`` or ``store`` as they were in the last fortnight. At junior
            level also ``burst``, ``zone`` and ``release``.

    Raises:
        ValueError: the design cannot be run, or there is no such event; the text says why.
    """
    facts, design = load().facts, _design(text)
    world, until = _world(growth, event)
    course = run(design, facts, [world])
    loads = loads_at_peak(course, design)
    spent = float(course.hourly(course.cost)[0])
    table = pd.DataFrame(
        {
            "answered well": well(course)[0],
            "p99 of a single request at the peak, ms": p99_ms(course)[0],
            "money an hour: all of it": spent,
            "money an hour: budget": facts.data["budget"]["hour"],
            "money an hour: requests lost": float(course.lost(facts)[0]),
            "money an hour: lost in all": float(course.loss(facts)[0]),
            **(
                {"minutes until all is well": minutes_to_recover(course, [until])[0]}
                if until
                else {}
            ),
            **{f"load at the peak: {name}": float(value[0]) for name, value in loads.items()},
        },
        index=["value"],
    ).T
    share = course.share[CALM:, 0]
    alt = (
        f"An evening of {growth:g} times today's requests, event {event}: {table.iloc[0, 0]:.1%} "
        f"answered well, at worst {share.min():.0%} in a minute; {spent:.1f} money an hour."
    )
    hours = (np.arange(len(share)) + FIRST) / 60
    machines = course.machines[CALM:, 0, :]
    names = [pool.id for pool in served(design)]

    def draw(axes: Any) -> None:
        axes[0].plot(hours, share, color=INK, lw=1.2)
        axes[0].set(ylim=(0, 1.05), title="share answered well", xlabel="hour")
        offered = course.offered[CALM:, 0].sum(axis=1)
        axes[1].plot(hours, offered, color=INK, lw=1.2)
        axes[1].set(ylim=(0, None), title="new requests a second", xlabel="hour")
        for place, name in enumerate(names):
            axes[2].plot(hours, machines[:, place], label=name, **line(place, marker=""))
        axes[2].set(ylim=(0, None), title="machines", xlabel="hour")
        name_lines(axes[2])

    said = {"growth": growth} | ({} if event == "none" else {"event": event})
    code = code_line("rehearse", **said).replace("(", "(DESIGN, ", 1)
    return View(table, code, alt, as_png(draw, 2.6, panels=3))


def _world(growth: float, event: str) -> tuple[World, int]:
    """(the evening, the minute after its event; 0 without one)."""
    world = evening_of(load().day, load().facts, growth)
    if event == "none":
        return world, 0
    known = YESTERDAY | (MORE if level() == "junior" else {})
    if event not in known:
        raise ValueError(f"event is one of none, {', '.join(known)}")
    size, minutes = known[event]
    if event == "zone":
        return worlds.lost_zone(world, AT, minutes, int(size)), AT + minutes
    if event == "release":
        return worlds.new_version(world, AT - 60, size), 0
    change = worlds.slow_store if event == "store" else worlds.crowd
    return change(world, AT, minutes, size), AT + minutes


def rehearse_way(plan: dict[str, Any], faulty: float = 0.0, hidden_min: float = 0.0) -> View:
    """The move by a plan, of a version with such a share of faults, that shows after some minutes.

    Raises:
        ValueError: the plan cannot be run; the text says why.
    """
    if problem := moving.problem(plan):
        raise ValueError(problem)
    rates = np.tile(load().day.sum(axis=1), 3)
    release = load().facts.data["release"]
    made = moving.move(moving.way_of(plan), rates, release, faulty, hidden_min)
    back = f"taken back at hour {made.stopped / 60:.1f}" if made.stopped >= 0 else "not taken back"
    table = pd.DataFrame(
        {
            "has every request at hour": made.done,
            "taken back at hour": made.stopped / 60 if made.stopped >= 0 else np.nan,
            "share of all answers spoiled": made.spoiled,
            "hours that both systems run": made.doubled,
        },
        index=["value"],
    ).T
    alt = f"Requests that the new system gets in 72 hours: {back}, {made.spoiled:.2%} spoiled."
    hours = np.arange(len(made.share)) / 60

    def draw(axes: Any) -> None:
        axes.step(hours, made.share, color=INK, lw=1.2, where="post")
        axes.set(ylim=(0, 1.05), xlabel="hour", title="share of requests that the new system gets")

    said = {"faulty": faulty, "hidden_min": hidden_min}
    code = code_line("rehearse_way", **{k: v for k, v in said.items() if v}).replace(
        "(", "(WAY, ", 1
    )
    return View(table, code.replace(", )", ")"), alt, as_png(draw, 2.2))


def _design(text: str) -> Design:
    read = load().facts.read(text)
    if read.design is None:
        raise ValueError(read.complaint)
    return read.design
