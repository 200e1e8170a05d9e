"""The second trade of the root-cause analysis: the same cases, and not a word of the first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import ROOT
from tests.skins import assert_same_tables, differing, in_skin, left, released, texts
from worksample.assignments import case, dressing, skin
from worksample.assignments import reading as assignment
from worksample.assignments.case import Case

RCA = assignment.load(ROOT / "assignments" / "root-cause-analysis")
NAME = "home-visits"
SEED = 1 << 32 | 5  # an opening of the harder causes

# stems, on purpose wider than what the skin's own file lists
FIRST_TRADE = re.compile(
    r"(?<![a-z0-9])(trip|flight|fly|passenger|travel|journey|airport|airline|aircraft|aviation|plane"
    r"|vehicle|departure|arrival|inbound|outbound|carrier|origin|region|feed|client|route|queue_len"
    r"|distance_km|amber|birch|coral|juniper|alder|basalt|estuary)(?!back)",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Case]:
    """One case without the skin, and in it."""
    folder = tmp_path_factory.mktemp("skins")
    bare = case.draw(RCA, SEED, "senior", folder / "bare")
    return bare, in_skin(bare, skin.load(RCA, NAME), folder / "worn")


def test_the_search_would_find_the_first_trade(cases: tuple[Case, Case]) -> None:
    for folder in (cases[0].public, cases[0].private, ROOT / "source" / RCA.id):
        assert left(FIRST_TRADE, texts(folder))


def test_no_word_of_the_first_trade_is_left_in_a_case(cases: tuple[Case, Case]) -> None:
    """In what a candidate gets, and in what graders read of it."""
    assert left(FIRST_TRADE, texts(cases[1].public)) == []
    assert left(FIRST_TRADE, texts(cases[1].private)) == []


def test_no_word_of_the_first_trade_is_left_in_the_release(tmp_path: Path) -> None:
    """Notebooks of all levels, toolkit, rubric and guide."""
    for level in RCA.levels:
        assert left(FIRST_TRADE, released(RCA, level, NAME)) == []
    worn = dressing.dress(RCA, skin.load(RCA, NAME), tmp_path)
    assert left(FIRST_TRADE, texts(worn.folder / "toolkit")) == []
    words = {name: (worn.folder / name).read_text() for name in ("rubric.toml", "guide.md")}
    assert left(FIRST_TRADE, words) == []


def test_all_that_is_counted_is_the_same(cases: tuple[Case, Case]) -> None:
    """Given back its names, every table and every model of the case is the one without a skin."""
    bare, worn = cases
    given = skin.load(RCA, NAME)
    prose = ("change_log.csv", "architecture.svg", "data_dictionary.md", "case.json", "on_call.md")
    assert differing(given, bare.public, worn.public, prose) == []
    truth = json.loads(given.undress(json.dumps(worn.truth())))
    assert truth == bare.truth()
    assert_same_tables(given, bare.private, worn.private)


def test_the_change_log_says_the_same_at_the_same_time(cases: tuple[Case, Case]) -> None:
    bare, worn = (pd.read_csv(each.public / "change_log.csv") for each in cases)
    assert bare["entry"].equals(worn["entry"])
    assert bare["at"].equals(worn["at"])
    assert not bare["text"].equals(worn["text"])


def test_the_brief_is_written_for_the_second_trade(tmp_path: Path) -> None:
    worn = dressing.dress(RCA, skin.load(RCA, NAME), tmp_path)
    brief = worn.cell("brief").source
    assert "A heating firm promises a time for every visit of its technicians" in brief
    assert "the household is told" in brief
    assert "what households and technicians noticed" in worn.cell("about_incident_note").source
