"""What is asked of ``predict``: hidden rows, in every shape they may come."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from worksample.case import Case
from worksample.probe import Call

from .toolkit.case import table
from .toolkit.names import LABEL, TIME

SOME = 300
SECONDS = 20


def calls(case: Case) -> Iterator[Call]:
    """``predict`` on hidden rows, as they are and in unusual shapes."""
    rows = later(case)
    some = rows.head(SOME)
    # first, because only a function's first error is told with its type
    yield _call("nonsense", nonsense(some.head(20)))
    yield _call("later", rows)
    yield from (_call("again", some) for _ in range(2))
    yield _call("reordered", some.iloc[::-1].reset_index(drop=True))
    yield _call("single", some.iloc[[7]].reset_index(drop=True))
    yield _call("unseen", unseen(some))
    yield _call("missing", missing(some))
    yield _call("columns", some[list(some.columns[::-1])].assign(a_new_column="x"))
    yield _call("empty", some.head(0))
    yield _call("dtypes", as_text(some))


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


def unseen(rows: pd.DataFrame) -> pd.DataFrame:
    """Categories nobody has seen, and numbers far outside."""
    changed = dict.fromkeys(_texts(rows), "A new one")
    changed |= {name: rows[name] * 1000 for name in _numbers(rows)[:1]}
    return rows.assign(**changed)


def missing(rows: pd.DataFrame) -> pd.DataFrame:
    """A third of every column but the time is missing, and one row has nothing at all."""
    rng = np.random.default_rng(3)
    holes = {}
    for name in rows.columns.drop(TIME, errors="ignore"):
        gone = rng.random(len(rows)) < 1 / 3
        gone[0] = True
        values = rows[name].astype(float if name in _numbers(rows) else object)
        holes[name] = values.mask(gone)
    return rows.assign(**holes)


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


def nonsense(rows: pd.DataFrame) -> pd.DataFrame:
    """Text where a number belongs: no number can be made of it."""
    return rows.assign(**dict.fromkeys(_numbers(rows)[:2], "n/a?"))
