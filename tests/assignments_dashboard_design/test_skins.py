"""The second trade of dashboard design: the same cases, and not a word of the first."""

from __future__ import annotations

import json
import re

import pytest

from tests.skins import assert_same_tables, differing, left, released, texts, words_of_tables
from worksample.assignments import case as cases
from worksample.assignments import dressing, skin

from . import drawn

NAME = "donors"
PROSE = ("case.json", "model.md", "questions.csv", "catalogue.csv", "register.csv")
READ = ("assignment.toml", "rubric.toml", "guide.md", "notebook.py", "checks.py")
# stems, on purpose wider than what the skin's own file lists
FIRST_TRADE = re.compile(
    r"(?<![a-z0-9])(customer|offer|telephone|churn|retention|tariff|revenue|subscri|competitor"
    r"|phone|(?:amber|birch|cedar)(?![a-z]))",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def worn(tmp_path_factory):
    into = tmp_path_factory.mktemp("skins") / "worn"
    return cases.draw(drawn.sample(), drawn.SEED, "standard", into, skin=NAME)


@pytest.fixture(scope="module")
def dressed(tmp_path_factory):
    given = skin.load(drawn.sample(), NAME)
    return dressing.dress(drawn.sample(), given, tmp_path_factory.mktemp("dressed"))


def test_no_word_of_the_first_trade_is_left(worn, dressed):
    """And the search would find it where it is."""
    for folder in (worn.public, worn.private):
        assert left(FIRST_TRADE, texts(folder) | words_of_tables(folder)) == []
    for place in ("toolkit", "solutions"):
        assert left(FIRST_TRADE, texts(dressed.folder / place)) == []
    assert left(FIRST_TRADE, {n: (dressed.folder / n).read_text("utf-8") for n in READ}) == []
    for level in drawn.LEVELS:
        assert left(FIRST_TRADE, released(drawn.sample(), level, NAME)) == []
    assert left(FIRST_TRADE, texts(drawn.case().public))


def test_all_that_is_counted_is_the_same(worn):
    bare, given = drawn.case(), skin.load(drawn.sample(), NAME)
    assert differing(given, bare.public, worn.public, PROSE) == []
    assert_same_tables(given, bare.private, worn.private)
    assert json.loads(given.undress(json.dumps(worn.truth()))) == bare.truth()
