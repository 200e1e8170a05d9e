"""What the visible checks say about an answer's form."""

import numpy as np
import pandas as pd
import pytest

from worksample.workbook import (
    date_problem,
    mask_problem,
    probabilities_problem,
    spread_problem,
    text_problem,
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2031-03-05", ""),
        ("", "YYYY-MM-DD"),
        ("5 March", "YYYY-MM-DD"),
        ("2031-02-30", "YYYY-MM-DD"),
        (7, "as text"),
        (None, "as text"),
        ("2030-01-01", "before the first day"),
        ("2032-01-01", "after the last day"),
    ],
)
def test_dates(value, said):
    problem = date_problem(value, first="2031-03-01 00:10", last=pd.Timestamp("2031-03-31 12:00"))
    assert (said in problem) if said else not problem


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": 60, "b": 40}, ""),
        ({"a": 100 / 3, "b": 200 / 3}, ""),
        ({"a": np.float64(100)}, ""),
        ({"a": 99.6}, ""),
        ({}, "add up to 0"),
        ({"a": 60}, "add up to 60"),
        ({"a": 60, "c": 40}, "not in the list of names: c"),
        ({"a": 120, "b": -20}, "not be negative"),
        ({"a": float("nan"), "b": 100}, "should be a number"),
        ({"a": "100"}, "should be a number"),
        ({"a": True}, "should be a number"),
        ([("a", 100)], "should be a dictionary"),
    ],
)
def test_spreads(value, said):
    problem = spread_problem(value, known=["a", "b"])
    assert (said in problem) if said else not problem


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": 0.5, "b": 0.5}, ""),
        ({"a": 0, "b": 0}, ""),
        ({"a": 0.5}, "missing: b"),
        ({"a": 1, "b": 0.5}, "at most 1"),
        ({"a": 0.5, "b": 0.1, "x": 0.1}, "not in the list"),
    ],
)
def test_probabilities(value, said):
    problem = probabilities_problem(value, known=["a", "b"])
    assert (said in problem) if said else not problem


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (pd.Series([True, False, True]), ""),
        (np.array([True, False, True]), ""),
        ([True, False, True], ""),
        (pd.Series([True, False, True], dtype=object), ""),
        (None, "has it a return"),
        (pd.Series([True, False]), "for each of the 3 rows"),
        (pd.Series([1, 0, 1]), "not int64"),
        (pd.Series([True, None, True], dtype=object), "not object"),
        (True, "for each of the 3 rows"),
        (np.ones((3, 2), bool), "for each of the 3 rows"),
    ],
)
def test_masks(value, said):
    problem = mask_problem(value, 3)
    assert (said in problem) if said else not problem


def test_texts():
    assert not text_problem("look at it by host")
    assert "characters" in text_problem("  ")
    assert "in quotes" in text_problem(3)
