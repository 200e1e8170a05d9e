"""What is asked of ``predict``: hidden later rows, in every shape they may come."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from worksample.case import Case
from worksample.probe import Call

from worksample.kit.draws import asking

from .judging.asking import alone, holes, order, shuffled, words
from .toolkit.baseline import Baseline
from .toolkit.case import table
from .toolkit.names import TIME

SOME = 300
PAIRS, TIMED_ROWS = 7, 12000
TIME_BASELINE = "time_baseline "  # then the seconds that it takes outside
SECONDS = 10
NUMBERS = ("distance_km", "turnaround_min", "seats", "booked")


def calls(case: Case) -> Iterator[Call]:
    """``predict`` on hidden rows; at senior level also its time beside the baseline's."""
    rows = later(case)
    some = rows.head(SOME)
    # first, because only a function's first error is told with its type
    yield _call("nonsense", nonsense(case, some.head(20)))
    single = some.iloc[[alone(case, len(some))]]
    asked = [
        ("later", rows),
        ("written", written(case, rows)),
        ("again", some),
        ("again", some),
        ("reordered", some.iloc[order(case, len(some))].reset_index(drop=True)),
        ("single", single.reset_index(drop=True)),
        ("unseen", unseen(case, some)),
        ("missing", missing(case, some)),
        ("columns", columns_reordered(case, some)),
        ("empty", some.head(0)),
        ("dtypes", as_text(some)),
        ("units", units_swapped(case, some)),
        *(("sentinel", each) for each in sentinel_rows(case, rows)),
        ("id", id_permuted(case, rows)),
    ]
    yield from (_call(name, each) for name, each in shuffled(case, asked))
    if case.level == "senior":
        yield from _timing(case, rows)


def _call(name: str, rows: pd.DataFrame) -> Call:
    return Call(name, "predict", (rows,), "numbers", seconds=SECONDS)


def _timing(case: Case, rows: pd.DataFrame) -> Iterator[Call]:
    """Baseline and candidate in turns, in one process; no rows for the candidate come twice.

    The candidate's process could slow its baseline down, so each turn begins with the baseline
    out here. The id of the call beside it carries that time to the check. On a busy machine a
    short call may be made to wait, always the same one in a row: so the candidate's comes before
    the baseline and, with new rows, once more after it.
    """
    trusted = trusted_baseline(case)
    for turn in range(PAIRS):
        first, second = (timed_rows(case, rows, 2 * turn + place) for place in range(2))
        begun = time.perf_counter()
        trusted.predict(first)
        took = time.perf_counter() - begun
        yield Call("time_predict", "predict", (first,), "numbers", seconds=20)
        yield Call(f"{TIME_BASELINE}{took:.5f}", "baseline_predict", (first,), "numbers", 20)
        yield Call("time_predict", "predict", (second,), "numbers", seconds=20)


def trusted_baseline(case: Case) -> Baseline:
    """The baseline as the notebook fits it, out of the candidate's reach."""
    facts = json.loads((case.public / "facts.json").read_text("utf-8"))
    return Baseline(facts["baseline_columns"]).fit(table(case.public / "train.csv"))


def timed_rows(case: Case, rows: pd.DataFrame, number: int) -> pd.DataFrame:
    """Hidden rows of one timed call, each changed a little: remembered answers do not fit them."""
    rng = asking(case.seed, f"timed changes {number}")
    drawn = rows.iloc[timed_places(case, len(rows), number)].reset_index(drop=True)
    n = len(drawn)
    return drawn.assign(
        **{TIME: drawn[TIME] + pd.to_timedelta(rng.integers(0, 3, n), unit="min")},
        distance_km=drawn["distance_km"] + rng.integers(0, 3, n),
        crew_rest_h=(drawn["crew_rest_h"] + rng.uniform(0, 1, n)).round(3),
    )


def timed_places(case: Case, count: int, number: int) -> np.ndarray:
    """Which of ``count`` hidden rows the rows of a timed call come from, (TIMED_ROWS,)."""
    return asking(case.seed, f"timed rows {number}").integers(0, count, TIMED_ROWS)


def later(case: Case) -> pd.DataFrame:
    """The hidden rows as the service will get them."""
    return table(case.private / "later.csv")


def later_truth(case: Case) -> pd.DataFrame:
    """True probabilities of the same rows, the leak as written later, the baseline's answer."""
    return pd.read_csv(case.private / "later_truth.csv")


def written(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the leaking column filled in."""
    column = case.truth()["leak"]["column"]
    return rows.assign(**{column: later_truth(case)["written"].to_numpy(float)})


def unseen(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """Categories nobody has seen."""
    columns = ("carrier", "station", "gate_area")
    new = words(case, "unseen", len(columns))
    return rows.assign(**dict(zip(columns, new, strict=True)))


def columns_reordered(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows, their columns in another order, and a column that nobody knows."""
    name, value = words(case, "column", 2)
    places = asking(case.seed, "columns").permutation(len(rows.columns))
    return rows[list(rows.columns[places])].assign(**{name: value})


def missing(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """A third of every column but the time is missing, and one row has nothing at all."""
    gone = holes(case, rows, list(rows.columns.drop(TIME)))
    return rows.assign(**{name: rows[name].mask(here) for name, here in gone.items()})


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """The same values in other types: numbers and times as text, whole numbers as fractions."""
    changed = {name: rows[name].astype(str) for name in NUMBERS[:2]}
    changed |= {name: rows[name].astype(float) for name in NUMBERS[2:]}
    return rows.assign(
        **changed,
        **{TIME: rows[TIME].dt.strftime("%Y-%m-%d %H:%M:%S")},
        carrier=rows["carrier"].astype("category"),
    )


def nonsense(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """Text where numbers belong: no number can be made of it."""
    one, other = words(case, "nonsense", 2)
    return rows.assign(turnaround_min=one, seats=other)


def units_swapped(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows, each in its other unit, with its tag."""
    from .hidden import mess

    about = case.truth()["units"]
    return mess.unit_swapped(rows, about["column"], about["tag"], about["units"], about["of"])


def sentinel_rows(case: Case, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows whose value is unknown: once by the sentinel, once empty."""
    about = case.truth()["sentinel"]
    some = rows.head(SOME)
    return (
        some.assign(**{about["column"]: float(about["value"])}),
        some.assign(**{about["column"]: np.nan}),
    )


def id_permuted(case: Case, rows: pd.DataFrame) -> pd.DataFrame:
    """The meaningless id dealt out anew."""
    column = case.truth()["id"]
    places = asking(case.seed, "id").permutation(len(rows))
    return rows.assign(**{column: rows[column].to_numpy()[places]})
