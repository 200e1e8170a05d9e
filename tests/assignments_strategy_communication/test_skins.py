"""The second trade of strategy communication: the same cases, and not a word of the first."""

from __future__ import annotations

import json
import re

import pytest

from tests.skins import differing, in_skin, left, released, texts
from worksample.assignments import dressing, skin

from . import drawn

NAME = "freezers"
PROSE = ("case.json", "monitoring.md", "truth_card.md", "listeners.md", "listeners.json")
READ = ("assignment.toml", "rubric.toml", "guide.md", "notebook.py", "checks.py", "readers.py")
FIRST_TRADE = re.compile(r"(?<![a-z0-9])(lifts?(?![a-z])|stall|building owner)", re.IGNORECASE)


@pytest.fixture(scope="module")
def given():
    return skin.load(drawn.sample(), NAME)


@pytest.fixture(scope="module")
def worn(given, tmp_path_factory):
    return in_skin(drawn.case(), given, tmp_path_factory.mktemp("skins") / "worn")


def test_no_word_of_the_first_trade_is_left(worn, given, tmp_path_factory):
    """And the search would find it where it is."""
    dressed = dressing.dress(drawn.sample(), given, tmp_path_factory.mktemp("dressed"))
    for folder in (worn.public, worn.private):
        assert left(FIRST_TRADE, texts(folder)) == []
    for place in ("toolkit", "solutions"):
        assert left(FIRST_TRADE, texts(dressed.folder / place)) == []
    assert left(FIRST_TRADE, {n: (dressed.folder / n).read_text("utf-8") for n in READ}) == []
    for level in drawn.LEVELS:
        assert left(FIRST_TRADE, released(drawn.sample(), level, NAME)) == []
    assert left(FIRST_TRADE, texts(drawn.case().public))


def test_all_that_is_counted_is_the_same(worn, given):
    bare = drawn.case()
    assert differing(given, bare.public, worn.public, PROSE) == []
    assert differing(given, bare.private, worn.private, PROSE) == []
    assert json.loads(given.undress(json.dumps(worn.truth()))) == bare.truth()
