"""A company's own firm: what is told of it, and what is refused."""

from __future__ import annotations

import tomllib

import pytest

from worksample import assignments
from worksample.errors import AssignmentError

from .drawn import FOLDER, module


@pytest.fixture
def bring(monkeypatch):
    monkeypatch.setattr(module("bring"), "CASES", 1)
    return module("bring")


def test_an_edited_firm_gives_a_folder_that_says_whether_it_separates(bring, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("[store]\nbase_ms = 6\n[classes.single]\nms = [180, 200]\n")
    told = bring.bring(own, tmp_path / "ours", {})
    assert "| good, accelerators | 1.00 |" in told
    assert "| today's | 0.00 |" in told
    assert "It does." in told
    assert (tmp_path / "ours" / "separation.md").read_text() == told
    sample = assignments.load(tmp_path / "ours")
    firm = tomllib.loads((sample.folder / "hidden" / "firm.toml").read_text())
    assert firm["store"]["base_ms"] == 6
    usual = tomllib.loads((FOLDER / "hidden" / "firm.toml").read_text())
    assert firm["events"] == usual["events"]


def test_what_does_not_separate_is_told_with_a_cure(bring):
    poor = {"today's": [0.4], "good, accelerators": [0.5], "none to spare": [0.9]}
    words = bring.verdict(poor)
    for told in ("today's: it earns something", "good, accelerators: not all points",
                 "only one kind of design", "none to spare: it earns as much"):  # fmt: skip
        assert told in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[store]\ncolour = 1\n", "store.colour is not known"),
        ("[machines.standard]\nprice = -1\n", "a number or a pair"),
        ("[cache]\nprice = nan\n", "a number or a pair"),
        ("[machines.standard]\nprice = 0\nworkers = 0\n", "no case can be drawn"),
        ("= 3", "no TOML"),
    ],
)
def test_what_cannot_be_a_firm_is_told(bring, tmp_path, text, words):
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(AssignmentError, match=words):
        bring.bring(own, tmp_path / "ours", {})
