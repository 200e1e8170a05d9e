"""Firms as data: what is drawn of them, and what cannot be one."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from worksample.errors import AssignmentError
from worksample.kit import firm

USUAL = {"rows": {"an_hour": [1, 3], "late": 0.1}, "parts": {"lake": {"price": 2.0}}}


def test_pairs_are_drawn_and_numbers_stay():
    drawn = [firm.drawn(USUAL, np.random.default_rng(seed)) for seed in range(20)]
    hours = [each["rows"]["an_hour"] for each in drawn]
    assert len(set(hours)) == 20
    assert min(hours) >= 1
    assert max(hours) <= 3
    assert {each["rows"]["late"] for each in drawn} == {0.1}


def test_what_is_written_is_what_is_read():
    assert tomllib.loads(firm.as_toml(USUAL)) == USUAL


def test_only_what_differs_has_to_be_given():
    made = firm.merged(USUAL, {"parts": {"lake": {"price": [1, 2]}}}, "ours")
    assert made["parts"]["lake"]["price"] == [1, 2]
    assert made["rows"] == USUAL["rows"]


@pytest.mark.parametrize(
    "value", ["-1", "nan", "inf", "[3, 1]", "[1, inf]", "[1]", "true", "'5'", "{a = 1}", "[]"]
)
def test_what_is_no_number_from_0_on_is_refused_with_its_name(value):
    own = tomllib.loads(f"[parts.lake]\nprice = {value}\n")
    with pytest.raises(AssignmentError, match=r"parts\.lake\.price is a number or a pair"):
        firm.merged(USUAL, own, "ours")


def test_a_name_that_the_firm_has_not_is_told_with_those_it_has():
    with pytest.raises(AssignmentError, match=r"rows\.later is not known; here are an_hour, late"):
        firm.merged(USUAL, {"rows": {"later": 1}}, "ours")
