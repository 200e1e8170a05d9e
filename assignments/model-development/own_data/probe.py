"""What is asked of ``predict``: hidden rows, in every shape they may come."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from worksample.case import Case
from worksample.probe import Call

from worksample.kit.draws import asking

from .judging.asking import alone, holes, order, shuffled, words
from .toolkit.case import table
from .toolkit.names import LABEL, TIME

SOME = 300
SECONDS = 20


def calls(case: Case) -> Iterator[Call]:
    """``predict`` on hidden rows, as they are and in unusual shapes."""
    rows = later(case)
    some = rows.head(SOME)
    # first, because only a function's first error is told with its type
    yield _call("nonsense", nonsense(case, some.head(20)))
    single = some.iloc[[alone(case, len(some))]]
    asked = [
        ("later", rows),
        ("again", some),
        ("again", some),
        ("reordered", some.iloc[order(case, len(some))].reset_index(drop=True)),
        ("single", single.reset_index(drop=True)),
        ("unseen", unseen(case, some)),
        ("missing", missing(case, some)),
        ("columns", columns_reordered(case, some)),
        ("empty", some.head(0)),
        ("dtypes", as_text(some)),
    ]
    yield from (_call(name, each) for name, each in shuffled(case, asked))


def _call(name: str, rows: pd.DataFrame) -> Call:
    return Call(name, "predict", (rows,), "numbers", seconds=SECONDS)


def later(case: Case) -> pd.DataFrame:
    """The hidden rows as the service gets them: what is known afterwards is empty."""
    rows = table(case.private / "hidden.parquet").drop(columns=LABEL)
    for column in case.truth()["known_afterwards"]:
        rows[column] = rows[column].mask(rows.index >= 0)
    return rows


def outcomes(case: Case) -> np.ndarray:
    """What came of the hidden rows, 0 or 1, (n,)."""
    return table(case.private / "hidden.parquet")[LABEL].to_numpy(float)


def _numbers(rows: pd.DataFrame) -> list[str]:
    numeric = [c for c in rows.columns if pd.api.types.is_numeric_dtype(rows[c])]
    return [c for c in numeric if not pd.api.types.is_bool_dtype(rows[c]) and c != TIME]


def _texts(rows: pd.DataFrame) -> list[str]:
    return [c for c in rows.columns if rows[c].dtype.kind not in "biufM"]


def columns_reordered(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows, their columns in another order, and a column that nobody knows."""
    name, value = words(case, "column", 2)
    places = asking(case.seed, "columns").permutation(len(rows.columns))
    return rows[list(rows.columns[places])].assign(**{name: value})


def unseen(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """Categories nobody has seen, and numbers far outside."""
    columns = _texts(rows)
    changed = dict(zip(columns, words(case, "unseen", len(columns)), strict=True))
    changed |= {name: rows[name] * 1000 for name in _numbers(rows)[:1]}
    return rows.assign(**changed)


def missing(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """A third of every column but the time is missing, and one row has nothing at all."""
    changed = {}
    for name, gone in holes(case, rows, list(rows.columns.drop(TIME, errors="ignore"))).items():
        values = rows[name].astype(float if name in _numbers(rows) else object)
        changed[name] = values.mask(gone)
    return rows.assign(**changed)


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """The same values in other types: numbers and times as text, whole numbers as fractions."""
    changed = {}
    for place, name in enumerate(_numbers(rows)):
        values = rows[name].astype(float)
        changed[name] = values if place % 2 else values.astype(object).where(values.notna(), None)
        if not place % 2:
            changed[name] = changed[name].map(lambda value: None if value is None else repr(value))
    if TIME and rows[TIME].dtype.kind == "M":
        changed[TIME] = rows[TIME].astype(str)
    return rows.assign(**changed)


def nonsense(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """Text where a number belongs: no number can be made of it."""
    return rows.assign(**dict.fromkeys(_numbers(rows)[:2], words(case, "nonsense", 1)[0]))
