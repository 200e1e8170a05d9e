"""Builders of remedies: each returns a function ``rows -> corrected rows``.

A remedy gets logged rows (the columns of ``log``) and returns them as they should have been: the
inputs, ``model_version``, ``prep_version``, ``threshold`` and ``late`` may be changed; rows left
out, or with ``late`` missing, are left out of what is measured. A function written by hand is as
good: ``replay`` and the grading take either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .rows import RowTest, everything, repeated, shown_as_written

Remedy = Callable[[pd.DataFrame], pd.DataFrame]


@shown_as_written
def set_column(column: str, value: Any, where: RowTest = everything) -> Remedy:
    """Write ``value`` (or what the function ``value(rows)`` returns) into the rows' ``column``."""

    def remedy(rows: pd.DataFrame) -> pd.DataFrame:
        rows, chosen = rows.copy(), np.asarray(where(rows), dtype=bool)
        if column not in rows:
            rows[column] = np.nan
        new = value(rows[chosen]) if callable(value) else value
        # as objects, so that text may go where numbers were; pandas finds the type again
        column_now = rows[column].astype(object)
        column_now[chosen] = new.to_numpy() if isinstance(new, pd.Series) else new
        rows[column] = column_now.infer_objects()
        return rows

    return remedy


@shown_as_written
def rescale(
    column: str, multiply: float = 1, add: float = 0, where: RowTest = everything
) -> Remedy:
    """Undo a change of unit: ``column * multiply + add``."""
    return set_column(column, lambda rows: rows[column] * multiply + add, where)


@shown_as_written
def as_missing(column: str, where: RowTest = everything) -> Remedy:
    """Call the value what it is, missing: the preprocessing then fills it in as usual."""
    return set_column(column, np.nan, where)


@shown_as_written
def fill_from(column: str, other: str, where: RowTest = everything) -> Remedy:
    """Fill ``column`` from another column of the same row."""
    return set_column(column, lambda rows: rows[other], where)


@shown_as_written
def remap(column: str, names: Mapping[Any, Any], where: RowTest = everything) -> Remedy:
    """Rename values: ``remap("region", {"N1": "north"})``; both ways at once for a swap."""
    return set_column(column, lambda rows: rows[column].replace(dict(names)), where)


@shown_as_written
def borrow(
    column: str,
    among: RowTest,
    where: RowTest = everything,
    same: tuple[str, ...] = ("origin", "day", "hour"),
) -> Remedy:
    """Take ``column`` from sound rows that share ``same`` (``day`` is the day of serving).

    ``among`` says which rows are sound, ``where`` which get the value; it is the median of the
    sound rows, and a row that has none like it keeps its own.
    """

    def lent(rows: pd.DataFrame, source: pd.DataFrame) -> pd.Series:
        sound = source[among(source)]
        keys = {name: _key(sound, name) for name in same}
        known = sound[column].groupby(list(keys.values())).median()
        wanted = pd.MultiIndex.from_arrays([_key(rows, name) for name in same])
        found = pd.Series(known.reindex(wanted).to_numpy(), index=rows.index)
        return found.fillna(rows[column])

    return lambda rows: set_column(column, lambda part: lent(part, rows), where)(rows)


def _key(rows: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_datetime(rows["served_at"]).dt.date if name == "day" else rows[name]


@shown_as_written
def roll_back(model_version: str, where: RowTest = everything) -> Remedy:
    """Score with another model version."""
    return set_column("model_version", model_version, where)


@shown_as_written
def use_preprocessing(prep_version: str, where: RowTest = everything) -> Remedy:
    """Prepare the inputs with another version of the preprocessing."""
    return set_column("prep_version", prep_version, where)


@shown_as_written
def set_threshold(threshold: float, where: RowTest = everything) -> Remedy:
    """Flag from this score on."""
    return set_column("threshold", threshold, where)


@shown_as_written
def leave_out(where: RowTest) -> Remedy:
    """Leave rows out of the measurement."""
    return lambda rows: rows[~np.asarray(where(rows), dtype=bool)].copy()


@shown_as_written
def drop_duplicates(by: str | list[str] = "prediction_id") -> Remedy:
    """Keep the first of the rows that share ``by``."""
    return leave_out(repeated(by))


@shown_as_written
def as_not_reported(where: RowTest | None = None) -> Remedy:
    """Leave out the outcome of rows that no station has reported: it is unknown, not punctual."""
    chosen = where or (lambda rows: rows["label_age_days"].isna())
    return set_column("late", np.nan, chosen)


@shown_as_written
def wait_for_labels(days: float) -> Remedy:
    """Leave out the outcomes of the newest rows, those served in the last ``days`` of the rows."""

    def young(rows: pd.DataFrame) -> pd.Series:
        served = pd.to_datetime(rows["served_at"])
        return served > served.max() - pd.Timedelta(days=days)

    return set_column("late", np.nan, young)


@shown_as_written
def join_again(where: RowTest = everything) -> Remedy:
    """Give each row the outcome that was reported for its own trip; missing where there is none."""

    def own(rows: pd.DataFrame, source: pd.DataFrame) -> pd.Series:
        known = source.dropna(subset=["reported_trip_key"]).drop_duplicates("reported_trip_key")
        return rows["trip_key"].map(known.set_index("reported_trip_key")["late"])

    def remedy(rows: pd.DataFrame) -> pd.DataFrame:
        return set_column("late", lambda part: own(part, rows), where)(rows)

    return remedy


@shown_as_written
def score_again(where: RowTest = everything) -> Remedy:
    """Score with the versions that the log names, whatever score was logged."""
    return lambda rows: rows.assign(
        rescore=_also(rows, "rescore") | np.asarray(where(rows), dtype=bool)
    )


def _also(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows[column].astype(bool) if column in rows else pd.Series(False, index=rows.index)


@shown_as_written
def retrain(since: str, where: RowTest = everything) -> Remedy:
    """Score with a model fitted anew on the logged, labelled rows from ``since`` on."""
    return roll_back(f"retrain:{since}", where)


@shown_as_written
def one_after_another(*remedies: Remedy) -> Remedy:
    """Several remedies, in turn."""

    def remedy(rows: pd.DataFrame) -> pd.DataFrame:
        for each in remedies:
            rows = each(rows)
            if rows is None:
                raise ValueError("one of the remedies returned nothing: has it a return?")
        return rows

    return remedy
