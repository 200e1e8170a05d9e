"""What is asked of ``predict``: hidden later rows, in every shape they may come."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from worksample.case import Case
from worksample.probe import Call

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
    yield _call("nonsense", nonsense(some.head(20)))
    yield _call("later", rows)
    yield _call("written", written(case, rows))
    yield from (_call("again", some) for _ in range(2))
    yield _call("reordered", some.iloc[::-1].reset_index(drop=True))
    yield _call("single", some.iloc[[7]].reset_index(drop=True))
    yield _call("unseen", unseen(some))
    yield _call("missing", missing(some))
    yield _call("columns", some[list(some.columns[::-1])].assign(note="x"))
    yield _call("empty", some.head(0))
    yield _call("dtypes", as_text(some))
    yield _call("units", units_swapped(case, some))
    unknown = sentinel_rows(case, rows)
    yield from (_call("sentinel", each) for each in unknown)
    yield _call("id", id_permuted(case, rows))
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
        first, second = (timed_rows(rows, 2 * turn + place) for place in range(2))
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


def timed_rows(rows: pd.DataFrame, number: int) -> pd.DataFrame:
    """Hidden rows of one timed call, each changed a little: remembered answers do not fit them."""
    rng = np.random.default_rng([number, 17])
    drawn = rows.iloc[timed_places(len(rows), number)].reset_index(drop=True)
    n = len(drawn)
    return drawn.assign(
        **{TIME: drawn[TIME] + pd.to_timedelta(rng.integers(0, 3, n), unit="min")},
        distance_km=drawn["distance_km"] + rng.integers(0, 3, n),
        crew_rest_h=(drawn["crew_rest_h"] + rng.uniform(0, 1, n)).round(3),
    )


def timed_places(count: int, number: int) -> np.ndarray:
    """Which of ``count`` hidden rows the rows of a timed call come from, (TIMED_ROWS,)."""
    return np.random.default_rng([number, 5]).integers(0, count, TIMED_ROWS)


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


def unseen(rows: pd.DataFrame) -> pd.DataFrame:
    """Categories nobody has seen."""
    return rows.assign(carrier="??", station="A new one", gate_area="Ω")


def missing(rows: pd.DataFrame) -> pd.DataFrame:
    """A third of every column but the time is missing, and one row has nothing at all."""
    rng = np.random.default_rng(3)
    holes = {}
    for name in rows.columns.drop(TIME):
        gone = rng.random(len(rows)) < 1 / 3
        gone[0] = True
        holes[name] = rows[name].mask(gone)
    return rows.assign(**holes)


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """The same values in other types: numbers and times as text, whole numbers as fractions."""
    changed = {name: rows[name].astype(str) for name in NUMBERS[:2]}
    changed |= {name: rows[name].astype(float) for name in NUMBERS[2:]}
    return rows.assign(
        **changed,
        **{TIME: rows[TIME].dt.strftime("%Y-%m-%d %H:%M:%S")},
        carrier=rows["carrier"].astype("category"),
    )


def nonsense(rows: pd.DataFrame) -> pd.DataFrame:
    """Text where numbers belong: no number can be made of it."""
    return rows.assign(turnaround_min="n/a", seats="many")


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
    order = np.random.default_rng(11).permutation(len(rows))
    return rows.assign(**{column: rows[column].to_numpy()[order]})
