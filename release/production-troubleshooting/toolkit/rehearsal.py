"""Tries plans on a copy of the production: with the faults that you suspect, in a night of its own.

The copy knows nothing of what is wrong. It has the numbers of the real one, other traffic and other
peaks, and only the faults that it is given, in a size that is usual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import plots
from worksample.workbook.twin import VERBS, Action, Fault, Future, advance, plan_of, plan_problem
from worksample.workbook.twin import start_state as _start
from worksample.workbook.twin.actions import HORIZON

from .asking import asked
from .case import load
from .mechanisms import BY_ID

FIRST, NIGHTS = -180, 3


@dataclass(frozen=True)
class Suspect:
    """What you think is wrong: mechanism, component, since which minute.

    ``put_back``: an actor puts this component back at its ticks. ``size``: 1 is usual.
    """

    mechanism: str
    component: str
    since: int
    put_back: bool = False
    size: float = 1.0


class Rehearsal:
    """A copy of the production with suspects in it; plans are tried from minute 0 on."""

    def __init__(self, suspects: Sequence[Suspect], spacing: int | None = None) -> None:
        case = load()
        managed = tuple(dict.fromkeys(each.component for each in suspects if each.put_back))
        self.plant = replace(case.plant, managed=managed)
        self.faults = tuple(
            Fault(
                each.mechanism, each.component, each.since, BY_ID[each.mechanism].size * each.size
            )
            for each in suspects
        )
        self.spacing = case.questions["spacing"] if spacing is None else spacing

    @cached_property
    def _now(self) -> Any:
        """The state now, after a past with the traffic of the gateway's table."""
        requests = load().gateway.set_index("minute")["requests"]
        past = requests.reindex(range(FIRST, 0)).interpolate(limit_direction="both")
        state = _start(self.plant, FIRST)
        advance(self.plant, self.faults, state, FIRST, [Future(past.to_numpy())])
        return state

    @cached_property
    def nights(self) -> list[Future]:
        rng = np.random.default_rng(5)
        at, nights = np.arange(HORIZON), []
        for peak in (34, 48, 62)[:NIGHTS]:
            raised = np.where((at >= peak) & (at < peak + 8), 1.5, 1.0)
            arrivals = self.plant.arrivals * raised * rng.normal(1, 0.02, HORIZON)
            restarts = tuple((peak - 6 + 9 * place, place) for place in range(3))
            nights.append(Future(arrivals, restarts))
        return nights

    def harm(self, plans: Sequence[Sequence[Mapping[str, Any]]]) -> np.ndarray:
        """Harm of each plan by minute, mean over three made-up nights, (plans, minutes)."""
        made: list[tuple[Action, ...]] = []
        for plan in plans:
            problem = plan_problem(plan, self.plant)
            if problem:
                raise ValueError(problem)
            made.append(plan_of(plan, delay=len(asked()), spacing=self.spacing))
        runs = len(made) * NIGHTS
        record = advance(self.plant, self.faults, self._now.repeated(runs), 0, self.nights, made)
        return record.totals["harm"].reshape(len(made), NIGHTS, -1).mean(axis=1)


def rehearse(plan: Sequence[Mapping[str, Any]], suspects: Sequence[Suspect]) -> plots.View:
    """Harm of a plan and of doing nothing, minute by minute, on a copy with these suspects."""
    nothing, planned = Rehearsal(suspects).harm([[], plan])
    table = pd.DataFrame(
        {"nothing": nothing, "plan": planned}, index=pd.RangeIndex(HORIZON, name="minute")
    )
    text = (
        f"Harm of the plan {planned.sum():,.0f}, of doing nothing {nothing.sum():,.0f}; "
        f"in the first ten minutes {planned[:10].sum():,.0f} and {nothing[:10].sum():,.0f}."
    )

    def draw(axes: Any) -> None:
        for place, name in enumerate(table.columns):
            axes.plot(table.index, table[name], label=name, **plots.line(place, markevery=10))
        axes.set(xlabel="minutes from now", ylabel="harm per minute", ylim=(0, None))
        axes.set_title(text, loc="left", fontsize=10)
        plots.name_lines(axes)

    alt = f"Harm by minute over nights with a peak at minute 34, 48 or 62. {text}"
    return plots.View(table.round(0), "rehearse(PLAN, SUSPECTS)", alt, plots.as_png(draw), True)


def list_actions() -> pd.DataFrame:
    """What can be done, on what, and to what."""
    return pd.DataFrame(VERBS.items(), columns=["do", "what it does"])
