"""Databases that others use too: locks are waited for, and errors say what to do."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, text

from tests.cohort import TINY
from worksample import cli, databases
from worksample.course import Course
from worksample.errors import CourseError
from worksample.records.tables import Audit, Records


@contextmanager
def held(path: Path, seconds: float | None = None, how: str = "IMMEDIATE") -> Iterator[None]:
    """Another program's transaction; for as long as the block takes, or for ``seconds`` at most."""
    other = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    other.execute(f"BEGIN {how}")
    timer = threading.Timer(seconds or 0, other.rollback)
    if seconds:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if seconds:
            timer.join()
        other.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience of a second, so that the tests end."""
    monkeypatch.setattr(databases, "TRY_SECONDS", 0.1)
    monkeypatch.setattr(databases, "LOCK_SECONDS", 1.0)
    monkeypatch.setattr(databases, "_given_up", set())


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_lock_is_waited_for_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """SQLite's own five seconds were all: a backup of half a minute cost a batch its scores."""
    monkeypatch.setattr(databases, "TRY_SECONDS", 0.1)
    records = Records(f"sqlite:///{tmp_path / 'worksample.db'}")
    with held(tmp_path / "worksample.db", 1.0, how):
        records.add(Audit(assignment="a", candidate="b", actor="c", action="d"))
    assert "worksample.db: another program is writing it" in capsys.readouterr().err
    with records.session() as session:
        assert session.query(Audit).count() == 1, "once, however often it was tried"


def test_nbgraders_own_gradebook_waits_too(built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "TRY_SECONDS", 0.1)
    with Gradebook(built.gradebook_url) as book:
        with held(built.state / "gradebook.db", 1.0):
            book.add_student("ada")
        assert book.find_student("ada").id == "ada"


@pytest.mark.usefixtures("quick")
def test_a_lock_without_end_is_an_error_and_the_next_is_told_at_once(tmp_path: Path) -> None:
    """Of a batch of a hundred each would wait the whole time again."""
    path = tmp_path / "a.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    waits = []
    with held(path):
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(Exception, match="locked") as raised, engine.begin() as connection:
                connection.execute(text("INSERT INTO t VALUES (1)"))
            waits.append(time.monotonic() - begun)
    assert waits[1] < waits[0]
    told = databases.explained(raised.value)
    assert told is not None
    assert told.where == str(path)
    assert "another program is writing it" in told.what


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database" * 400)


def torn(path: Path) -> None:
    """Its first page is whole, the others are not."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + os.urandom(len(data) - 4096))


def another_schema(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as made:
        for table in ("assignment", "course", "invitations", "submissions", "gradings", "ratings"):
            made.execute(f"CREATE TABLE {table} (old_column)")
        made.execute("CREATE TABLE alembic_version (version_num)")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [garbage, torn, another_schema, a_folder])
@pytest.mark.parametrize("name", ["gradebook.db", "worksample.db"])
@pytest.mark.parametrize(
    "words",
    [
        ("grade", TINY),
        ("invite", "eve", "-a", TINY),
        ("feedback", TINY),
        ("rate", "ada", TINY, "--by", "g", "--criterion", "explanation", "--value", "3"),
        ("explain", "ada", TINY),
        ("build", TINY),
    ],
    ids=lambda words: words[0],
)
def test_a_database_that_cannot_be_used_is_one_sentence(
    graded: Course, damage: Callable[[Path], None], name: str, words: tuple[str, ...]
) -> None:
    """Whatever became of the file: no traceback, no fault of ours, and what to do."""
    damage(graded.state / name)
    result = CliRunner().invoke(cli.main, words, prog_name="worksample")
    said = result.stdout + result.stderr
    assert "Traceback" not in said
    assert "unexpected" not in said, said
    assert not (graded.state / "logs").exists()
    if result.exit_code:
        assert "the database cannot be used" in said, said
        assert "→" in said
    assert len(said.splitlines()) < 20


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", ["gradebook.db", "worksample.db"])
def test_a_command_that_waited_in_vain_says_so(graded: Course, name: str) -> None:
    with held(graded.state / name, how="EXCLUSIVE"):
        result = CliRunner().invoke(cli.main, ("feedback", TINY), prog_name="worksample")
    assert result.exit_code == 1
    assert "waiting for" in result.stderr
    assert "another program is writing it and does not end" in result.stderr
    assert len(result.stderr.splitlines()) < 10


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql+psycopg2://me:secret@127.0.0.1:1/x", "psycopg2|cannot be reached"),
        ("nosuch://x", "URL cannot be understood"),
        ("::", "URL cannot be understood"),
        ("sqlite:////nonexistent/folder/x.db", "cannot be opened|unable to open"),
    ],
)
def test_a_server_that_is_not_there(
    graded: Course, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv("WORKSAMPLE_GRADEBOOK_URL", url)
    result = CliRunner().invoke(cli.main, ("feedback", TINY), prog_name="worksample")
    assert result.exit_code == 1
    assert "the database cannot be used" in result.stderr, result.stderr
    assert "secret" not in result.stderr
    assert "unexpected" not in result.stderr


def test_a_full_disk_and_other_errors() -> None:
    full = sqlite3.connect(":memory:")
    full.execute("PRAGMA max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as raised:
        full.execute("CREATE TABLE t (x)").execute("INSERT INTO t VALUES (zeroblob(100000))")
    told = databases.explained(raised.value)
    assert isinstance(told, CourseError)
    assert "no space left" in told.what
    assert databases.explained(ValueError("x")) is None
    assert databases.explained(ModuleNotFoundError("x", name="toolkit")) is None
