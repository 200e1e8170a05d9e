"""A company's own firm: what is told of it, and what is refused."""

from __future__ import annotations

import tomllib

import pytest

from worksample import assignments
from worksample.errors import AssignmentError

from .drawn import FOLDER, module


@pytest.fixture
def bring(monkeypatch):
    monkeypatch.setattr(module("bring"), "CASES", 2)
    return module("bring")


def test_an_edited_firm_gives_a_folder_that_says_whether_it_separates(bring, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[parts.lake]\nprice_tb = 0.7\n[rows]\nan_hour = [0.9, 1.0]\n")
    told = bring.bring(own, tmp_path / "ours", {})
    assert "| good, stream |" in told
    sample = assignments.load(tmp_path / "ours")
    firm = tomllib.loads((sample.folder / "hidden" / "firm.toml").read_text())
    assert firm["parts"]["lake"]["price_tb"] == 0.7
    usual = tomllib.loads((FOLDER / "hidden" / "firm.toml").read_text())
    assert firm["events"] == usual["events"]
    assert "It does." in told


def test_a_kind_of_design_that_cannot_earn_nearly_everything_is_named(bring):
    told = {"today's": [3.0, 3.0], "good, batch": [1.2, 1.27], "over-built": [2.0, 2.0]}
    assert bring._verdict(told, 2, 1.25, 0.6, 1.9) == "It does."
    told["good, stream"] = [1.25, 1.5]
    assert "good, stream: not all points" in bring._verdict(told, 2, 1.25, 0.6, 1.9)


def test_a_firm_in_which_nothing_costs_anything_does_not_separate(bring):
    told = {"today's": [1.2, 3.0], "good, batch": [1.1, 1.2], "over-built": [1.1, 1.2]}
    words = bring._verdict(told, 2, 1.35, 0.8, 1.9)
    assert "today's design is too near the best" in words
    assert "over-built design earns everything" in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[parts.lake]\ncolour = 1\n", "parts.lake.colour is not known"),
        ("[parts.lake]\nprice_tb = -1\n", "a number or a pair"),
        ("[parts]\nlake = 3\n", "parts.lake is a table"),
        ("= 3", "no TOML"),
    ],
)
def test_what_cannot_be_a_firm_is_told(bring, tmp_path, text, words):
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(AssignmentError, match=words):
        bring.bring(own, tmp_path / "ours", {})
    assert not (tmp_path / "ours").exists()
