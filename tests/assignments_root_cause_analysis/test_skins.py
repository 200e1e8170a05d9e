"""The second trade of the root-cause analysis: the same cases, and not a word of the first."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import ROOT
from worksample import assignment, case, dressing, skin
from worksample.case import Case

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
    return bare, case.draw(RCA, SEED, "senior", folder / "worn", skin=NAME)


def texts(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.suffix in dressing.TEXTS)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


def left(files: dict[str, str]) -> list[str]:
    return [
        f"{name}: {line.strip()[:100]}"
        for name, text in files.items()
        for line in text.splitlines()
        if FIRST_TRADE.search(line)
    ]


def test_the_search_would_find_the_first_trade(cases: tuple[Case, Case]) -> None:
    for folder in (cases[0].public, cases[0].private, ROOT / "source" / RCA.id):
        assert left(texts(folder))


def test_no_word_of_the_first_trade_is_left_in_a_case(cases: tuple[Case, Case]) -> None:
    """In what a candidate gets, and in what graders read of it."""
    assert left(texts(cases[1].public)) == []
    assert left(texts(cases[1].private)) == []


def test_no_word_of_the_first_trade_is_left_in_the_release(tmp_path: Path) -> None:
    """Notebooks of all levels, toolkit, rubric and guide."""
    for level in RCA.levels:
        released = ROOT / "release" / case.release_name(RCA.id, level, NAME)
        notebook = json.loads((released / f"{RCA.id}.ipynb").read_text("utf-8"))
        assert left({cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}) == []
    worn = dressing.dress(RCA, skin.load(RCA, NAME), tmp_path)
    assert left(texts(worn.folder / "toolkit")) == []
    words = {name: (worn.folder / name).read_text() for name in ("rubric.toml", "guide.md")}
    assert left(words) == []


def test_all_that_is_counted_is_the_same(cases: tuple[Case, Case]) -> None:
    """Given back its names, every table and every model of the case is the one without a skin."""
    bare, worn = cases
    given = skin.load(RCA, NAME)
    prose = ("change_log.csv", "architecture.svg", "data_dictionary.md", "case.json")
    back = {given.undress(name): given.undress(text) for name, text in texts(worn.public).items()}
    drawn = texts(bare.public)
    assert back.keys() == drawn.keys()
    assert [name for name in drawn if back[name] != drawn[name] and name not in prose] == []
    truth = json.loads(given.undress(json.dumps(worn.truth())))
    assert truth == bare.truth()
    for path in sorted(bare.private.glob("*.parquet")):
        one, other = pd.read_parquet(path), pd.read_parquet(worn.private / path.name)
        other.columns = [given.undress(column) for column in other.columns]
        for column in other.columns[[pd.api.types.is_string_dtype(d) for d in other.dtypes]]:
            other[column] = other[column].map(given.undress, na_action="ignore")
        pd.testing.assert_frame_equal(one, other)


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
