"""The second trade of the migration: the same cases, and not a word of the first."""

from __future__ import annotations

import re

from tests.skins import differing, in_skin, left, released, texts
from worksample import assignments
from worksample.assignments import skin

from .drawn import FOLDER, case

NAME = "laundry"
PROSE = ("case.json", "dossier.md")
FIRST_TRADE = re.compile(
    r"(?<![a-z])(groce|wholesale|shops?(?![a-z])|warehouses|goods|lorr|shel[fv])", re.I
)


def test_the_same_cases_and_not_a_word_of_the_first_trade(tmp_path):
    """And the search would find it where it is."""
    sample = assignments.load(FOLDER)
    given = skin.load(sample, NAME)
    worn = in_skin(case(), given, tmp_path / "worn")
    assert left(FIRST_TRADE, texts(worn.public) | texts(worn.private)) == []
    for level in sample.levels:
        assert left(FIRST_TRADE, released(sample, level, NAME)) == []
    assert left(FIRST_TRADE, texts(case().public))
    assert "hospitals" in (worn.public / "dossier.md").read_text("utf-8")
    assert differing(given, case().public, worn.public, PROSE) == []
    assert differing(given, case().private, worn.private, PROSE) == []
