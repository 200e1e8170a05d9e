"""Which rows? ``where(...)`` and its relatives return plain functions ``rows -> one bool per row``.

They are what a function written by hand would be; either is accepted everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

RowTest = Callable[[pd.DataFrame], pd.Series]


def where(since: str | None = None, until: str | None = None, **columns: Any) -> RowTest:
    """Rows served from ``since`` on, before ``until``, whose columns are all as given.

    Args:
        since, until: dates or times such as "2031-03-05" or "2031-03-05 14:00".
        **columns: ``column=value``, ``column=[values]``, or ``column=test`` with ``at_least(5)``,
            ``at_most(5)``, ``between(1, 5)``, ``missing()``, ``present()``, or any function from
            the column to one bool per row.

    ``where(since="2031-03-05", feed="north", queue_len=missing())``
    """

    def chosen(rows: pd.DataFrame) -> pd.Series:
        mask = pd.Series(True, index=rows.index)
        served = pd.to_datetime(rows["served_at"])
        if since is not None:
            mask &= served >= pd.Timestamp(since)
        if until is not None:
            mask &= served < pd.Timestamp(until)
        for column, wanted in columns.items():
            mask &= _passes(rows[column], wanted)
        return mask

    return chosen


def _passes(column: pd.Series, wanted: Any) -> pd.Series:
    if callable(wanted):
        return wanted(column).fillna(False).astype(bool)
    values = list(wanted) if isinstance(wanted, (list, tuple, set)) else [wanted]
    if not pd.api.types.is_numeric_dtype(column):  # a release such as 68.1 is a word
        values = [str(value) for value in values]
    return column.isin(values)


def at_least(bound: Any) -> Callable[[pd.Series], pd.Series]:
    """The value is ``bound`` or more; a missing value is not."""
    return lambda column: column >= bound


def at_most(bound: Any) -> Callable[[pd.Series], pd.Series]:
    """The value is ``bound`` or less; a missing value is not."""
    return lambda column: column <= bound


def between(low: Any, high: Any) -> Callable[[pd.Series], pd.Series]:
    """The value lies between ``low`` and ``high``, both included."""
    return lambda column: (column >= low) & (column <= high)


def missing() -> Callable[[pd.Series], pd.Series]:
    """The value is missing."""
    return lambda column: column.isna()


def present() -> Callable[[pd.Series], pd.Series]:
    """The value is there."""
    return lambda column: column.notna()


def repeated(by: str | list[str]) -> RowTest:
    """Rows that repeat an earlier row's ``by`` (a column or several), in order of serving."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        in_order = rows.sort_values("served_at", kind="stable")
        return in_order.duplicated(by, keep="first").reindex(rows.index)

    return chosen


def differs(column: str, other: str) -> RowTest:
    """Both columns have a value, and not the same."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        both_there = rows[column].notna() & rows[other].notna()
        return both_there & (rows[column].astype(object) != rows[other].astype(object))

    return chosen


def everything(rows: pd.DataFrame) -> pd.Series:
    """Every row."""
    return pd.Series(True, index=rows.index)


def either(*tests: RowTest) -> RowTest:
    """Rows that pass at least one of the tests."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        mask = pd.Series(False, index=rows.index)
        for test in tests:
            mask |= np.asarray(test(rows), dtype=bool)
        return mask

    return chosen


def both(*tests: RowTest) -> RowTest:
    """Rows that pass all of the tests."""

    def chosen(rows: pd.DataFrame) -> pd.Series:
        mask = pd.Series(True, index=rows.index)
        for test in tests:
            mask &= np.asarray(test(rows), dtype=bool)
        return mask

    return chosen


def not_in(test: RowTest) -> RowTest:
    """Rows that don't pass the test."""
    return lambda rows: pd.Series(~np.asarray(test(rows), dtype=bool), index=rows.index)
