"""The chain finds whatever is changed, taken away, put in or moved; what is erased, it lets go."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from worksample.errors import CourseError
from worksample.records import chain
from worksample.records.tables import Audit, Rating, RatingsSubmitted, Recommendation, Records

ABOUT = {"assignment": "a", "candidate": "ada"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "worksample.db"


@pytest.fixture
def records(path: Path) -> Records:
    records = Records(f"sqlite:///{path}")
    for value in (2, 3, 4):
        records.add(Rating(**ABOUT, criterion="c", dimension="d", grader="grace", value=value))
        records.add(Audit(**ABOUT, actor="grace", action="rate", detail={"criterion": "c"}))
    records.add(RatingsSubmitted(**ABOUT, grader="grace"))
    records.add(Recommendation(**ABOUT, person="lead", value=3, reason="MARKER in my words"))
    other = {**ABOUT, "candidate": "bob"}
    records.add(Rating(**other, criterion="c", dimension="d", grader="grace", value=1))
    return records


def test_what_nobody_touched_is_whole(records: Records) -> None:
    assert chain.verify(records) == []
    assert chain.head(records)[0] == 9


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ratings SET value = 4 WHERE id = 1", "row 1 of ratings was changed"),
        ("UPDATE ratings SET grader = 'alan' WHERE id = 2", "row 2 of ratings was changed"),
        ("UPDATE audit SET detail = '{}' WHERE id = 1", "row 1 of audit was changed"),
        ("UPDATE recommendations SET reason = 'x'", "row 1 of recommendations was changed"),
        ("DELETE FROM ratings WHERE id = 2", "row 2 of ratings is missing"),
        ("DELETE FROM chain WHERE number = 3", "link 3 is missing"),
        (
            "INSERT INTO ratings SELECT attempt, stage, criterion, dimension, 'alan', 1, reason, "
            "evidence, cell, door, 99, assignment, candidate, time, salt FROM ratings WHERE id = 1",
            "row 99 of ratings was put in without a link",
        ),
        (
            "UPDATE chain SET row = 5 - row WHERE kind = 'ratings' AND row IN (2, 3)",
            "was changed, or is not in its place",
        ),
        (
            "UPDATE ratings SET value = 5 - value WHERE id IN (1, 2)",
            "row 2 of ratings was changed",
        ),
        ("DELETE FROM chain; DELETE FROM ratings", "row 1 of audit was put in without a link"),
    ],
)
def test_tampering_is_found(records: Records, path: Path, statement: str, said: str) -> None:
    columns = sqlite3.connect(path)
    names = [row[1] for row in columns.execute("PRAGMA table_info(ratings)")]
    columns.close()
    if statement.startswith("INSERT"):
        wanted = {"grader": "'alan'", "value": "1", "id": "99"}
        chosen = ", ".join(wanted.get(name, name) for name in names)
        statement = f"INSERT INTO ratings SELECT {chosen} FROM ratings WHERE id = 1"
    with sqlite3.connect(path) as connection:
        connection.executescript(statement)
    connection.close()
    assert any(said in each for each in chain.verify(records)), chain.verify(records)


def test_an_end_that_was_cut_off_is_found_by_a_head_kept_elsewhere(
    records: Records, path: Path
) -> None:
    known = chain.head(records)
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "DELETE FROM chain WHERE number = 9; DELETE FROM ratings WHERE candidate = 'bob'"
        )
    connection.close()
    assert chain.verify(records) == []  # nothing in it can tell
    assert "noted elsewhere" in chain.verify(records, known)[0]


def test_one_candidates_rows_are_verified_by_themselves(records: Records, path: Path) -> None:
    assert chain.verify_one(records, "ada") == []
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE ratings SET value = 4 WHERE id = 1")
    connection.close()
    assert chain.verify_one(records, "ada") == ["row 1 of ratings was changed after it was written"]
    assert chain.verify_one(records, "bob") == []


def test_rows_are_only_added(records: Records) -> None:
    with pytest.raises(CourseError, match="only ever added"), records.session() as session:
        session.get_one(Rating, 1).value = 4
    with pytest.raises(CourseError, match="only ever added"), records.session() as session:
        session.delete(session.get_one(Audit, 1))
    assert chain.verify(records) == []


def test_what_is_erased_leaves_no_byte_and_a_chain_that_holds(records: Records, path: Path) -> None:
    assert chain.forget(records, "ada") == 8
    assert chain.verify(records) == []
    assert [row.value for row in records.ratings("a", "bob")] == [1]
    assert chain.forget(records, "ada") == 0
    again = {**ABOUT, "candidate": "eve"}  # SQLite gives her the number of an erased row
    records.add(RatingsSubmitted(**again, grader="grace"))
    assert chain.verify(records) == []
    assert chain.forget(records, "eve") == 1
    with sqlite3.connect(path) as connection:
        connection.execute("VACUUM")
        rows = "".join(map(str, connection.execute("SELECT * FROM chain, tombstones")))
    connection.close()
    assert not re.search("grace|MARKER", rows)
    assert b"MARKER" not in path.read_bytes()
    # put back by somebody who has a copy
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE ratings SET id = 1, candidate = 'ada'")
    connection.close()
    assert any("erased and is back" in each for each in chain.verify(records))
