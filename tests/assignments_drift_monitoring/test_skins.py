"""The second trade of drift monitoring: the same cases, and not a word of the first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.skins import (
    assert_same_tables,
    differing,
    in_skin,
    left,
    released,
    texts,
    words_of_tables,
)
from worksample.assignments import dressing, skin
from worksample.assignments import reading as assignment
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment

from . import drawn

DRIFT = assignment.load(drawn.FOLDER)
NAME = "parcels"
READ = ("assignment.toml", "rubric.toml", "guide.md", "notebook.py", "checks.py")
READ += ("hidden/supplied.py",)
PROSE = ("alerts.json", "case.json", "data_dictionary.md", "requirements.md")

# stems, on purpose wider than what the skin's own file lists
FIRST_TRADE = re.compile(
    r"(?<![a-z0-9])(flight|fly|flew|plane|air(?:port|line|craft)|aviation|runway|passenger"
    r"|depart|inbound|outbound|carrier|origin|route|region|queue_len|distance_km"
    r"|(?:east|king|lakes?|near|carolinas|florida|south|west)(?![a-z]))",
    re.IGNORECASE,
)


@pytest.fixture(scope="module", params=["junior", "senior"])
def cases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    """One case without the skin, and in it."""
    bare = drawn.case(request.param)
    into = tmp_path_factory.mktemp("skins") / "worn"
    return bare, in_skin(bare, skin.load(DRIFT, NAME), into)


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    return dressing.dress(DRIFT, skin.load(DRIFT, NAME), tmp_path_factory.mktemp("dressed"))


def of_case(folder: Path) -> dict[str, str]:
    return texts(folder) | words_of_tables(folder)


def test_the_search_would_find_the_first_trade(cases: tuple[Case, Case]) -> None:
    for folder in (cases[0].public, cases[0].private, ROOT / "source" / DRIFT.id):
        assert left(FIRST_TRADE, texts(folder))
    for folder in (cases[0].public, cases[0].private):
        assert left(FIRST_TRADE, words_of_tables(folder))


def test_no_word_of_the_first_trade_is_left_in_a_case(cases: tuple[Case, Case]) -> None:
    """In what a candidate gets, and in what graders read of it."""
    assert left(FIRST_TRADE, of_case(cases[1].public)) == []
    assert left(FIRST_TRADE, of_case(cases[1].private)) == []


@pytest.mark.parametrize("level", DRIFT.levels)
def test_no_word_of_the_first_trade_is_left_in_the_notebook(level: str) -> None:
    assert left(FIRST_TRADE, released(DRIFT, level, NAME)) == []


def test_no_word_of_the_first_trade_is_left_in_what_people_read(dressed: Assignment) -> None:
    """Toolkit, which writes the pictures' labels; rubric, guide, and all that a check may say."""
    assert left(FIRST_TRADE, texts(dressed.folder / "toolkit")) == []
    assert left(FIRST_TRADE, texts(dressed.folder / "solutions")) == []
    words = {name: (dressed.folder / name).read_text("utf-8") for name in READ}
    assert left(FIRST_TRADE, words) == []


def test_all_that_is_counted_is_the_same(cases: tuple[Case, Case]) -> None:
    """Given back its names, every table, the model and all costs are those without a skin."""
    bare, worn = cases
    given = skin.load(DRIFT, NAME)
    assert differing(given, bare.public, worn.public, PROSE) == []
    for one, other in ((bare.public, worn.public), (bare.private, worn.private)):
        assert_same_tables(given, one, other)
    truth = json.loads(given.undress(json.dumps(worn.truth())))
    assert without_words(truth) == without_words(bare.truth())


def without_words(truth: dict) -> dict:
    """A truth but for its sentences: what happens in a stream, and which figure shows it."""
    faults = [each["fault"] for each in (*truth["streams"], truth["recent"]) if each["fault"]]
    for fault in faults:
        fault.pop("text")
        fault.pop("figure", None)
    return truth


def test_every_code_that_a_fault_sends_belongs_to_the_skin() -> None:
    """Capitals and first letters too, which occur in few cases."""
    given, world = skin.load(DRIFT, NAME), drawn.module("hidden.world")
    for old, capitals in drawn.module("hidden.menu").CAPITALS.items():
        assert given.dress(capitals) == given.dress(old).upper() != capitals
    assert all(given.dress(level)[0] == level[0] for level in world.ORIGINS)


def test_the_prose_says_the_same_numbers(cases: tuple[Case, Case]) -> None:
    """Alerts and requirements are other words about the same figures, in the same order."""
    bare, worn = cases
    for name in ("alerts.json", "requirements.md"):
        one, other = ((each.public / name).read_text("utf-8") for each in (bare, worn))
        assert re.findall(r"[\d.]+", one) == re.findall(r"[\d.]+", other)
        assert one != other


def test_the_brief_is_written_for_the_second_trade(dressed: Assignment) -> None:
    said = "A parcel service predicts whether a parcel will reach its customer late"
    assert said in dressed.cell("brief").source
