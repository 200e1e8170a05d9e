"""A quarter as it is expected: last weeks' course, grown by the day."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from worksample.workbook.design.pipeline import DAY
from worksample.workbook.design.quarter import HOURS, Event, Quarter

WEEK = 7 * DAY
WEEKS = 13
SEEN = 4  # weeks of the log that say what a week is like now
QUESTIONS = 5  # of audit, in a quarter
NUMBERS = ("rows_day", "stored_tb", "train_rows", "worst_age_h", "cost_month")
NOBODY = "nobody"
# the six failures that are asked about
FAILURES = ("schema", "doubled", "value", "labels", "code", "trainer")


def grown(
    week: np.ndarray, factor: float, late: float, late_h: float, happens: tuple[Event, ...] = ()
) -> Quarter:
    """A quarter that ends at so many times the rows of a week as it is now.

    Args:
        week: million rows in each hour of a week, (WEEK,).
        factor: at the quarter's end; growth is the same share on every day.
        late, late_h: share of rows that come late, by so many hours on average.
    """
    course = np.exp(np.log(factor) * np.arange(HOURS) / HOURS)
    growth = float(np.log(factor)) * DAY / HOURS
    return Quarter(np.tile(week, WEEKS) * course, growth, late, late_h, happens)


def week_of(log: np.ndarray) -> np.ndarray:
    """Million rows in each hour of a week as it is at the end of a log of hours, (WEEK,)."""
    weeks = log.reshape(-1, WEEK)
    sums = weeks.sum(axis=1)
    rise = np.exp(np.polyfit(np.arange(len(sums)), np.log(sums), 1)[0])
    behind = np.arange(SEEN)[::-1] + 0.5
    return np.asarray((weeks[-SEEN:] * (rise**behind)[:, None]).mean(axis=0))


def owing(needs: Mapping[str, float]) -> tuple[Event, ...]:
    """Questions of audit over the quarter, and one demand for old features."""
    every = HOURS // (QUESTIONS + 1)
    questions = tuple(
        Event("audit", every * (place + 1), size=needs["audit_days"]) for place in range(QUESTIONS)
    )
    return (*questions, Event("backfill", 40 * DAY, size=needs["backfill_days"]))
