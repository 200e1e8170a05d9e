"""The hidden tables on which the three functions are run, and what they should give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from worksample.kit.draws import asking

from ..hidden import customers
from . import numbers

if TYPE_CHECKING:
    from worksample.case import Case

NAMES = ("recall", "gaps", "earned")


@dataclass(frozen=True)
class Frame:
    """One call.

    Attributes:
        arguments: of the function.
        value: what it should give.
        few: whether there is little or nothing to say.
    """

    arguments: tuple[Any, ...]
    value: Any
    few: bool


def of_case(case: Case, name: str) -> Iterator[Frame]:
    """The calls of one function: usual tables and some with little in them, in a drawn order."""
    truth = case.truth()
    rng = asking(case.seed, name)
    made = [_frame(name, t, day, truth["prices"], few) for t, day, few in _tables(truth, rng)]
    yield from (made[i] for i in rng.permutation(len(made)))


def _tables(
    truth: dict[str, Any], rng: np.random.Generator
) -> Iterator[tuple[pd.DataFrame, int, bool]]:
    segments = truth["segments"]
    for _ in range(4):
        today = int(rng.integers(38, 60))
        yield customers.drawn(rng, segments, int(rng.integers(900, 1400)), today), today, False
    today = int(rng.integers(38, 60))
    table = customers.drawn(rng, segments, 700, today)
    fresh = table.assign(scored_day=today - rng.integers(0, 6, len(table)), cancelled_day=np.nan)
    yield fresh, today, True  # no outcome is final
    small = sorted(segments, key=lambda s: segments[s])[0]
    rows = table[(table["segment"] != small) | (np.arange(len(table)) < 60)]
    yield rows[~rows["held_out"]].reset_index(drop=True), today, True  # few of one, none held out


def _frame(
    name: str, table: pd.DataFrame, today: int, prices: dict[str, float], few: bool
) -> Frame:
    if name == "earned":
        return Frame((table, today, prices), numbers.earned(table, today, prices), few)
    value = numbers.recall(table, today) if name == "recall" else numbers.gaps(table, today)
    return Frame((table, today), value, few)
