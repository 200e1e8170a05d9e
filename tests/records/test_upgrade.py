"""Databases of earlier versions become those of this one, or stay whole."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from worksample.errors import CourseError
from worksample.records import chain, tables, upgrade
from worksample.records.tables import Audit, Base, FormUse, Rating, Records

OLD = Path(__file__).parent / "database-of-0.1.sql"


def old(path: Path, *without: str) -> str:
    """A database as 0.1 made it, but for some tables; its URL."""
    with sqlite3.connect(path) as connection:
        connection.executescript(OLD.read_text())
        for name in without:
            connection.execute(f"DROP TABLE {name}")
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.parametrize("without", [(), ("form_uses",)], ids=["0.1", "before there were forms"])
def test_what_was_rated_before_is_there_submitted_and_linked(
    tmp_path: Path, without: tuple[str, ...]
) -> None:
    records = Records(old(tmp_path / "ä b%.db", *without))
    given = [(row.grader, row.value) for row in records.ratings("tiny-regression", "ada")]
    assert given == [("grace", 3), ("alan", None)]
    assert len(records.all_ratings("tiny-regression", "ada")) == 4
    assert sorted(records.submitters("tiny-regression", "ada")) == ["alan", "grace"]
    assert chain.verify(records) == []
    assert chain.head(records)[0] == 1 + 4 + 2
    records.add(FormUse(assignment="a", candidate="bob", level="standard", seed="07"))
    assert [row.candidate for row in records.form_uses("a")] == ["bob"]
    with sqlite3.connect(tmp_path / "ä b%.db.revision-0001") as kept:
        assert kept.execute("SELECT count(*) FROM ratings").fetchone() == (4,)
    kept.close()


def test_an_upgraded_database_is_as_a_new_one(tmp_path: Path) -> None:
    for url in (old(tmp_path / "old.db"), f"sqlite:///{tmp_path / 'new.db'}"):
        with Records(url).engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
            assert upgrade.revision(connection) == upgrade.HEAD
    scripts = ScriptDirectory(str(Path(upgrade.__file__).parent / "migrations"))
    assert scripts.get_current_head() == upgrade.HEAD


def test_a_fault_in_the_midst_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = old(tmp_path / "old.db")
    before = tables_of(tmp_path / "old.db")
    with monkeypatch.context() as patch:
        patch.setattr(chain, "append", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Records(url)
    assert tables_of(tmp_path / "old.db") == before
    assert chain.verify(Records(url)) == []


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with Records(url).engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    tables._engine.cache_clear()
    with pytest.raises(CourseError, match="newer version"):
        Records(url)


def tables_of(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return [row[0] for row in rows]


@pytest.mark.slow
def test_postgresql_is_upgraded_and_links_what_several_write_at_once(postgresql: str) -> None:
    engine = create_engine(postgresql)
    dump = OLD.read_text().replace("PRAGMA foreign_keys=OFF;", "").replace("DATETIME", "TIMESTAMP")
    dump = dump.replace("id INTEGER NOT NULL", "id SERIAL NOT NULL")
    with engine.begin() as connection:
        for statement in dump.split(";\n"):
            if statement.strip() not in ("", "BEGIN TRANSACTION", "COMMIT"):
                connection.exec_driver_sql(statement)
        for name, last in (("ratings", 4), ("audit", 1)):
            connection.exec_driver_sql(f"SELECT setval('{name}_id_seq', {last})")
    records = Records(postgresql)
    assert chain.verify(records) == []
    assert sorted(records.submitters("tiny-regression", "ada")) == ["alan", "grace"]
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        # the SQL of SQLite leaves a sequence's default that no model states
        assert [
            d for d in compare_metadata(context, Base.metadata) if d[0] != "modify_default"
        ] == []
    write_at_once(postgresql)
    assert chain.verify(records) == []
    assert len(records.all_ratings("a", "ada")) == 24


def test_sqlite_links_what_several_write_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    write_at_once(url)
    records = Records(url)
    assert chain.verify(records) == []
    assert len(records.all_ratings("a", "ada")) == 24


def write_at_once(url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    records = Records(url)

    def write(number: int) -> None:
        given = {"assignment": "a", "candidate": "ada"}
        records.add(
            Rating(**given, criterion="c", dimension="d", grader=f"g{number}", value=1 + number % 4)
        )
        records.add(Audit(**given, actor=f"g{number}", action="rate"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(24)))
