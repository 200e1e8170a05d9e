"""record() and its conversions."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from worksample.errors import SubmissionError
from worksample.workbook import record
from worksample.workbook.answers import as_recorded


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKSAMPLE_ANSWERS", str(tmp_path / "answers"))
    return tmp_path / "answers"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2031-03-05", "2031-03-05"),
        (date(2031, 3, 5), "2031-03-05"),
        (pd.Timestamp("2031-03-05"), "2031-03-05T00:00:00"),
        ({"a": np.float64(0.5), "b": np.int64(2)}, {"a": 0.5, "b": 2}),
        ({"a": float("nan"), "b": float("inf")}, {"a": None, "b": None}),
        (np.array([True, False]), [True, False]),
        (pd.Series({"x": 1.5}), {"x": 1.5}),
        ([{"spread": {"ä": 100}}], [{"spread": {"ä": 100}}]),
        (None, None),
    ],
)
def test_writes_plain_json(folder, value, written):
    record("onset", value)
    assert json.loads((folder / "onset.json").read_text("utf-8")) == written


def test_what_is_looked_at_before_is_what_will_be_written():
    assert as_recorded({"a": np.int64(2), "b": np.array([1, 2])}) == {"a": 2, "b": [1, 2]}
    assert as_recorded(np.bool_(True)) is True
    strange = object()
    assert as_recorded(strange) is strange


def test_last_answer_wins_and_is_shown(folder, capsys):
    record("onset", "a")
    record("onset", "b" * 500)
    assert json.loads((folder / "onset.json").read_text()) == "b" * 500
    assert capsys.readouterr().out.splitlines()[-1].endswith("…")
    assert [p.name for p in folder.iterdir()] == ["onset.json"]


@pytest.mark.parametrize("name", ["", "../x", "Onset", "a b", "a/b", "1st"])
def test_refuses_names_that_are_no_answers(folder, name):
    with pytest.raises(SubmissionError, match="not a name"):
        record(name, 1)


def test_says_what_cannot_be_written(folder):
    record("onset", "kept")
    endless: list = []
    endless.append(endless)
    for value in (object(), {"x": object()}, endless):
        with pytest.raises(SubmissionError, match="cannot be written down"):
            record("onset", value)
    assert json.loads((folder / "onset.json").read_text()) == "kept"
