"""Nothing but the evidence gives the truth away.

What a candidate's monitor could use without looking at the values (how many rows, which day of the
week or month, how dates and rows are ordered, where a stream stands) must not tell faulty streams
from stable ones; nor may an alert's letter tell the action, or a public file's form the fault of
the recent stream.
"""

from __future__ import annotations

import collections
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments.case import Case

from .drawn import FOLDER, SEED, case, module

CASES = 300 if os.environ.get("WORKSAMPLE_FULL") else 2
SEEDS = (SEED, SEED + 1)  # whose recent faults differ
MORE = tuple(((i % 2) << 32) | (i + 4000) for i in range(CASES - len(SEEDS)))  # of both tiers
SHUFFLES = 40  # a leak is where the truth beats every one of them: p = 1/41


def features(window: pd.DataFrame) -> dict[str, float]:
    """Everything about a window but its values."""
    dates = pd.to_datetime(window["date"])
    minutes = window["departure_min"].to_numpy(float)
    return {
        "rows": len(window),
        "weekday": dates.min().weekday(),
        "month": dates.min().month,
        "first day": (dates == dates.min()).mean(),
        "sorted dates": np.mean(np.diff(dates.astype("int64")) >= 0),
        "sorted rows": np.mean(np.diff(minutes[~np.isnan(minutes)]) >= 0),
    }


def of_case(drawn: Case) -> dict[str, float]:
    """Form of the public files; values and gaps are evidence."""
    found: dict[str, float] = {}
    for name in ("reference", "recent"):
        table = pd.read_parquet(drawn.public / f"{name}.parquet")
        dates = pd.to_datetime(table["date"])
        found |= {f"{name}:rows": len(table), f"{name}:first": int(f"{dates.min():%j}")}
        for place, column in enumerate(table.columns):
            values = table[column]
            found |= {f"{name}:{column}": place, f"{name}:{column}:kind": ord(values.dtype.kind)}
            if not pd.api.types.is_numeric_dtype(values):
                found[f"{name}:{column}:initial"] = ord(values.iloc[0][0])
    for path in sorted(drawn.public.glob("*.*")):
        if path.suffix != ".parquet":
            found[path.name] = path.stat().st_size
    return found


def of_windows(drawn: Case, number: int) -> tuple[list[dict[str, float]], list[bool]]:
    """Window 4 of every hidden stream, and whether its stream is faulty."""
    hidden = pd.read_parquet(drawn.private / "hidden.parquet")
    rows, truth = [], []
    for run, stream in enumerate(drawn.truth()["streams"]):
        own = hidden[(hidden["run"] == run) & (hidden["window"] == 4)]
        rows.append(features(own) | {"place": run, "case": number})
        truth.append(stream["fault"] is not None)
    return rows, truth


@pytest.fixture(scope="module")
def everything() -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, np.ndarray]:
    """(windows, whether their streams are faulty, cases, kind of their recent fault)."""
    found = [read(number, case(seed=seed)) for number, seed in enumerate(SEEDS)]
    if MORE:
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            found += pool.map(drawn_and_read, range(len(SEEDS), CASES), MORE)
    rows, faulty, forms, kinds = zip(*found, strict=True)
    return (
        pd.DataFrame([row for own in rows for row in own]),
        np.array([told for own in faulty for told in own]),
        pd.DataFrame(forms),
        np.array(kinds),
    )


def read(number: int, drawn: Case) -> tuple[list, list[bool], dict[str, float], str]:
    """(its windows, whether their streams are faulty, its form, its kind of recent fault)."""
    kind = drawn.truth()["recent"]["fault"]["column"]
    return (*of_windows(drawn, number), of_case(drawn), kind)


def drawn_and_read(number: int, seed: int) -> tuple[list, list[bool], dict[str, float], str]:
    """The same of a case that nobody else wants."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "case"
        return read(number, cases.draw(assignments.load(FOLDER), seed, "standard", place))


@pytest.fixture(scope="module")
def windows(everything) -> tuple[pd.DataFrame, np.ndarray]:
    return everything[:2]


def leaks(x: pd.DataFrame, truth: np.ndarray) -> bool:
    """Whether no shuffling of the truth is predicted as well as the truth itself.

    The first that is settles it; so most of the time goes where there is a leak.
    """
    reader = RandomForestClassifier(40, min_samples_leaf=3, random_state=0, n_jobs=1)
    parts = StratifiedKFold(3, shuffle=True, random_state=0)
    rng = np.random.default_rng(0)

    def right(y: np.ndarray) -> float:
        return float(np.mean(cross_val_predict(reader, x, y, cv=parts) == y))

    real = right(truth)
    return all(right(truth[rng.permutation(len(truth))]) < real for _ in range(SHUFFLES))


def test_form_and_place_of_a_window_do_not_tell_faulty_streams(windows):
    assert not leaks(*windows)


@pytest.mark.skipif(CASES < 50, reason="two cases tell nothing: part of `make leaks`")
def test_the_form_of_the_public_files_does_not_tell_the_recent_fault(everything):
    forms, kinds = everything[2:]
    told = pd.DataFrame(forms).fillna(-1)
    assert not leaks(told, kinds)
    assert leaks(told.assign(leak=pd.factorize(kinds)[0]), kinds)


def test_the_test_can_fail(windows):
    x, truth = windows
    leaking = x.assign(rows=x["rows"] + 400 * truth)
    assert leaks(leaking, truth)


def test_an_alerts_letter_does_not_tell_the_action():
    plan = module("hidden.plan")
    seen = collections.Counter(
        (letter, s.best)
        for seed in range(300)
        for letter, s in zip("ABCDEF", plan.situations(np.random.default_rng(seed)), strict=True)
    )
    expected = {"repair": 100}
    off = sum(
        (n - expected.get(best, 50)) ** 2 / expected.get(best, 50) for (_, best), n in seen.items()
    )
    assert len(seen) == 30
    assert off < 52  # 99.9 % of chi-square with 25 degrees of freedom


def test_public_files_have_the_same_form_whatever_the_recent_fault():
    faults = {case(seed=seed).truth()["recent"]["fault"]["text"] for seed in SEEDS}
    forms = []
    for seed in SEEDS:
        public = case(seed=seed).public
        tables = [pq.read_schema(path) for path in sorted(public.glob("*.parquet"))]
        forms.append((sorted(p.name for p in public.iterdir()), [t.to_string() for t in tables]))
    assert len(faults) == len(SEEDS), "choose seeds whose recent faults differ"
    assert all(form == forms[0] for form in forms)


def test_stable_and_faulty_streams_are_odd_equally_often():
    truth = case().truth()["streams"]
    odd = [
        sorted(str((s["volume"], s["mix"])) for s in truth if (s["fault"] is None) == stable)
        for stable in (True, False)
    ]
    assert odd[0] == odd[1]
