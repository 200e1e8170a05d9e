"""Which rows? ``where(...)`` and its relatives return functions ``rows -> one bool per row``.

They are what a function written by hand would be; either is accepted everywhere. Shown at the end
of a cell they are the line that made them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd

RowTest = Callable[[pd.DataFrame], pd.Series]


class Written:
    """A function that is shown as the line of code that made it."""

    def __init__(self, function: Callable, line: str) -> None:
        self._function, self._line = function, line

    def __call__(self, rows: Any) -> Any:
        return self._function(rows)

    def __repr__(self) -> str:
        return self._line


def shown_as_written(build: Callable) -> Callable:
    """What ``build`` returns is shown as the call of it, and works as before."""

    @wraps(build)
    def built(*given: Any, **named: Any) -> Written:
        parts = [*map(in_words, given), *(f"{k}={in_words(v)}" for k, v in named.items())]
        return Written(build(*given, **named), f"{build.__name__}({', '.join(parts)})")

    return built


def in_words(value: Any) -> str:
    """A value as it would be typed; functions by their name."""
    if callable(value) and not isinstance(value, Written):
        return str(getattr(value, "__name__", "function")).replace("<lambda>", "lambda …")
    return repr(value).replace("'", '"')


@shown_as_written
def where(since: str | None = None, until: str | None = None, **columns: Any) -> RowTest:
    """Rows served from ``since`` on, before ``until``, whose columns are all as given.

    Args:
        since, until: dates or times such as "2031-03-05" or "2031-03-05 14:00".
        **columns: ``column=value``, ``column=[values]``, or ``column=test`` with ``at_least(5)``,
            ``at_most(5)``, ``between(1, 5)``, ``missing()``, ``present()``, or any function from
            the column to one bool per row.

    ``where(since="2031-03-05", feed="north", queue_len=missing())``

    Raises:
        ValueError: ``since`` or ``until`` is no day, or empty.
    """
    begin, end = _time("since", since), _time("until", until)

    def chosen(rows: pd.DataFrame) -> pd.Series:
        mask = pd.Series(True, index=rows.index)
        served = pd.to_datetime(rows["served_at"])
        if begin is not None:
            mask &= served >= begin
        if end is not None:
            mask &= served < end
        for column, wanted in columns.items():
            mask &= _passes(rows[column], wanted)
        return mask

    return chosen


def _time(name: str, text: str | None) -> pd.Timestamp | None:
    if text is None:
        return None
    at = pd.Timestamp(text)
    if pd.isna(at):
        raise ValueError(f'{name} is empty: give a day such as "2031-03-05", or leave it out')
    return at


def _passes(column: pd.Series, wanted: Any) -> pd.Series:
    if callable(wanted):
        # a function may as well return an array, or objects with gaps, as a dictionary's map does
        found = pd.Series(np.asarray(wanted(column), dtype=object), index=column.index)
        return found.where(found.notna(), False).astype(bool)
    values = list(wanted) if isinstance(wanted, (list, tuple, set)) else [wanted]
    if not pd.api.types.is_numeric_dtype(column):  # a release such as 68.1 is a word
        values = [str(value) for value in values]
    return column.isin(values)


@shown_as_written
def at_least(bound: Any) -> Callable[[pd.Series], pd.Series]:
    """The value is ``bound`` or more; a missing value is not."""
    return lambda column: column >= bound


@shown_as_written
def at_most(bound: Any) -> Callable[[pd.Series], pd.Series]:
    """The value is ``bound`` or less; a missing value is not."""
    return lambda column: column <= bound


@shown_as_written
def between(low: Any, high: Any) -> Callable[[pd.Series], pd.Series]:
    """The value lies between ``low`` and ``high``, both included."""
    return lambda column: (column >= low) & (column <= high)


@shown_as_written
def missing() -> Callable[[pd.Series], pd.Series]:
    """The value is missing."""
    return lambda column: column.isna()


@shown_as_written
def present() -> Callable[[pd.Series], pd.Series]:
    """The value is there."""
    return lambda column: column.notna()


@shown_as_written
def repeated(by: str | list[str]) -> RowTest:
    """Rows that repeat an earlier row's ``by`` (a column or several), in order of serving."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        in_order = rows.sort_values("served_at", kind="stable")
        return in_order.duplicated(by, keep="first").reindex(rows.index)

    return chosen


@shown_as_written
def differs(column: str, other: str) -> RowTest:
    """Both columns have a value, and not the same."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        both_there = rows[column].notna() & rows[other].notna()
        return both_there & (rows[column].astype(object) != rows[other].astype(object))

    return chosen


def everything(rows: pd.DataFrame) -> pd.Series:
    """Every row."""
    return pd.Series(True, index=rows.index)


@shown_as_written
def either(*tests: RowTest) -> RowTest:
    """Rows that pass at least one of the tests."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        mask = pd.Series(False, index=rows.index)
        for test in tests:
            mask |= np.asarray(test(rows), dtype=bool)
        return mask

    return chosen


@shown_as_written
def both(*tests: RowTest) -> RowTest:
    """Rows that pass all of the tests."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        mask = pd.Series(True, index=rows.index)
        for test in tests:
            mask &= np.asarray(test(rows), dtype=bool)
        return mask

    return chosen


@shown_as_written
def not_in(test: RowTest) -> RowTest:
    """Rows that don't pass the test."""
    return lambda rows: pd.Series(~np.asarray(test(rows), dtype=bool), index=rows.index)
