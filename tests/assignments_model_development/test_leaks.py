"""Nothing but the evidence gives the truth away.

What is drawn about a case and cannot be read off a column at once is the day of the change and how
often flights are late: nothing about the files but their values may go with it. What is drawn about
a row is its outcome: beyond its true probability, nothing about the row's form may go with that.

``WORKSAMPLE_FULL=1`` (``make leaks``): more cases.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import cross_val_predict

from .drawn import FOLDER, calls, case, module, train

card, mechanism, scenario = module("hidden.card"), module("hidden.mechanism"), module("scenario")
drawing = module("hidden.drawing")
FULL = bool(os.environ.get("WORKSAMPLE_FULL"))
CASES, SHUFFLES, ROWS = (300, 40, 2000) if FULL else (40, 19, 1500)


def of_case(drawn: Any) -> dict[str, float]:
    """Names, places, types, decimals, lengths and dates: everything about the files but values."""
    found: dict[str, float] = {}
    for name, table in (("train", drawn.train), ("requests", drawn.requests)):
        for place, column in enumerate(table.columns):
            values = table[column]
            found |= {f"{name}:{column}": place, f"{name}:{column}:kind": ord(values.dtype.kind)}
            texts = values.head(100).dropna().astype(str)
            found[f"{name}:{column}:length"] = texts.str.len().max() if len(texts) else 0
            if len(texts) and not pd.api.types.is_numeric_dtype(values):
                found[f"{name}:{column}:first"] = ord(texts.iloc[0][0])
    first = drawn.names.first_day
    found |= {"month": first.month, "year": first.year, "weekday": first.weekday()}
    found |= {"dictionary": len(card.dictionary(drawn)), "rows": len(drawn.train) // 1000}
    found["facts"] = len(json.dumps(scenario.facts(drawn)))
    return found


def of_rows(drawn: Any) -> pd.DataFrame:
    """A row's form: where it stands, the digits of its numbers, the letters of its codes."""
    table = drawn.train.drop_duplicates().head(ROWS).reset_index(drop=True)
    out = pd.DataFrame({"place": table.index, "parity": table.index % 2})
    out["same minute"] = table.groupby("scheduled_at").cumcount()
    for column in table.columns.drop(["scheduled_at", "late", drawn.how.leak]):
        texts = table[column].astype(object).map(str)
        out[f"{column} length"] = texts.str.len()
        out[f"{column} last"] = texts.str[-1].map(ord)
        out[f"{column} sum"] = texts.map(lambda text: sum(map(ord, text)) % 7)
    return out.fillna(-1)


@cache
def cases() -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """(features of each case, what is true of it)."""
    rows, changed, rate = [], [], []
    for i in range(CASES):
        drawn = drawing.one(((i % 2) << 32) | (i + 4000), "standard")
        rows.append(of_case(drawn))
        changed.append(drawn.world.changed_on)
        rate.append(drawn.probability.mean())
    return pd.DataFrame(rows).fillna(-1), {
        "day of the change": np.array(changed, float),
        "rate of late flights": np.array(rate),
    }


def leaks(x: np.ndarray, truth: np.ndarray) -> tuple[bool, float]:
    """(whether it beats every shuffling of the truth, correlation of a forest with the truth).

    The first shuffling that is as good settles it; so most of the time goes where there is a leak.
    """
    reader = RandomForestRegressor(30, min_samples_leaf=3, random_state=0, n_jobs=1)
    rng = np.random.default_rng(0)

    def told(labels: np.ndarray) -> float:
        given = cross_val_predict(reader, x, labels, cv=3)
        return float(np.nan_to_num(np.corrcoef(given, labels)[0, 1]))

    true = told(truth)
    return all(told(rng.permutation(truth)) < true for _ in range(SHUFFLES)), true


@pytest.mark.slow
@pytest.mark.parametrize("what", ["day of the change", "rate of late flights"])
def test_leak_nothing_about_the_files_tells(what: str) -> None:
    table, truth = cases()
    leak, told = leaks(table.to_numpy(float), truth[what])
    assert not leak, f"correlation {told:.2f}, better than {SHUFFLES} shufflings"


@pytest.mark.slow
def test_leak_the_reader_of_files_would_find_one() -> None:
    """The test can fail: were a date placed by the day of the change, it would."""
    table, truth = cases()
    day = truth["day of the change"]
    planted = table.assign(month=day + np.random.default_rng(0).normal(0, day.std(), len(day)))
    assert leaks(planted.to_numpy(float), day)[0]


@cache
def residuals(first: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Form of the rows of two cases, and outcome less true probability."""
    forms, left = [], []
    for seed in range(first, first + 2):
        drawn = drawing.one(seed, "standard")
        before = drawn.world.of("train")
        forms.append(of_rows(drawn))
        left.append((drawn.world.late - drawn.world.probability)[before][:ROWS])
    return pd.concat(forms).fillna(-1), np.concatenate(left)


@pytest.mark.slow
def test_leak_nothing_about_a_rows_form_tells_its_outcome() -> None:
    """Given the true probability an outcome is a coin; a look at the form must not beat it."""
    x, left = residuals(700)
    told, _ = correlation(x, left)
    assert told < 4 / np.sqrt(len(left)), f"correlation {told:.3f}"


@pytest.mark.slow
def test_leak_the_reader_of_rows_would_find_one() -> None:
    """The test can fail: were late rows put behind the others of their day, it would."""
    x, left = residuals(700)
    told, _ = correlation(x.assign(place=x["place"] % 7 + 2 * (left > 0)), left)
    assert told > 4 / np.sqrt(len(left))


def correlation(x: pd.DataFrame, left: np.ndarray) -> tuple[float, np.ndarray]:
    """Correlation of a cross-validated forest's guess with ``left``, and the guess."""
    reader = RandomForestRegressor(20, min_samples_leaf=20, random_state=0, n_jobs=1)
    given = cross_val_predict(reader, x.to_numpy(float), left, cv=3)
    return float(np.corrcoef(given, left)[0, 1]), given


def test_leak_all_cases_ship_the_same_files() -> None:
    """Their presence tells nothing; the dictionary says no more than the columns do."""
    for drawn in (case("junior"), case(), case(seed=6), case("senior")):
        truth = drawn.truth()
        assert sorted(path.name for path in drawn.public.iterdir()) == [
            "README_template.md",
            "case.json",
            "data_dictionary.md",
            "facts.json",
            "requests.csv",
            "train.csv",
        ]
        facts = json.loads((drawn.public / "facts.json").read_text())
        left_out = set(train(drawn).columns) - set(facts["baseline_columns"])
        suspects = {truth["leak"]["column"], truth["id"]}
        assert suspects < left_out
        assert len(left_out - suspects - {"late", "scheduled_at"}) >= 3
        dictionary = (drawn.public / "data_dictionary.md").read_text()
        assert f"{truth['sentinel']['value']:g}`" not in dictionary
        for word in (
            "leak",
            "sentinel",
            "unknown",
            "after arrival",
            "repeat",
            "turned",
            "miles",
            "twice",
        ):
            assert word not in dictionary
        for text in (dictionary, json.dumps(facts)):
            assert truth["changed_on"] not in text
            assert not [
                each["station"]
                for each in truth["sent_otherwise"].values()
                if each["station"] in text
            ]
            assert not [code for code in truth["turned_airlines"] if f"{code}`" in text]
        assert not {"probability", "written"} & set(train(drawn).columns)


def test_leak_notebook_and_toolkit_hold_nothing_of_the_mechanism() -> None:
    """What every candidate gets names no truth that depends on the seed, and no mechanism."""
    text = "".join(path.read_text() for path in (FOLDER / "toolkit").rglob("*.py"))
    text += (FOLDER / "notebook.py").read_text()
    for word in ("rebooked", "overtime", "compensation", "RUSHES", "full_seats", "log_odds"):
        assert word not in text


def test_leak_no_hidden_input_holds_a_label() -> None:
    for level in ("standard", "senior"):
        for call in calls(case(level)):
            assert not {"late", "probability", "baseline"} & set(call.args[0].columns)
