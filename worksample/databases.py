"""Databases that others use too: their locks are waited for, and their errors are put in words.

Once this is imported, every SQLite database that SQLAlchemy opens in this process is patient,
nbgrader's gradebook among them: nbgrader opens it in many places and leaves it at SQLite's five
seconds.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import DatabaseError as AnyDatabaseError

from worksample.errors import CourseError

LOCK_SECONDS = 60.0  # a backup or a course of some hundred candidates is written in less
TRY_SECONDS = 2.0  # of waiting in silence
TELL_SECONDS = 10.0
DRIVERS = ("psycopg", "psycopg2", "asyncpg", "MySQLdb", "pymysql")

Result = TypeVar("Result")

_BEGIN_AGAIN = "then run the same command again"
_RESTORE = (
    "restore it from a backup; a gradebook may also be moved away: `worksample build` makes a new "
    "one, and `worksample grade` fills it from the evidence"
)
# what to say of SQLite's primary codes, and what to do
_WORDS = {
    sqlite3.SQLITE_BUSY: (
        "another program is writing it and does not end",
        f"wait for that program or end it, {_BEGIN_AGAIN}",
    ),
    sqlite3.SQLITE_READONLY: (
        "it cannot be written to",
        f"make the file and its folder writable for you, {_BEGIN_AGAIN}",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        f"see that its folder is there and the file readable and writable for you, {_BEGIN_AGAIN}",
    ),
    sqlite3.SQLITE_FULL: ("there is no space left", f"free some space, {_BEGIN_AGAIN}"),
    sqlite3.SQLITE_NOTADB: ("the file holds no database", _RESTORE),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", _RESTORE),
    sqlite3.SQLITE_IOERR: ("the disk failed", f"look at the disk, {_BEGIN_AGAIN}"),
    sqlite3.SQLITE_PERM: ("it may not be used", f"make it yours, {_BEGIN_AGAIN}"),
}
_WORDS[sqlite3.SQLITE_LOCKED] = _WORDS[sqlite3.SQLITE_BUSY]
_OTHER_SCHEMA = re.compile(
    r"no such (?:table|column)|has no column|(?:column|relation) .* not exist"
)
# files whose lock outlasted all patience: the next of a batch does not wait as long again
_given_up: set[str] = set()


def explained(error: BaseException) -> CourseError | None:
    """An error of a database as one that a person can act on; None for every other."""
    if isinstance(error, ModuleNotFoundError) and error.name in DRIVERS:
        return _unusable(
            "", f"its driver {error.name} is not installed", f"pip install {error.name}"
        )
    if isinstance(error, ArgumentError):
        return _unusable(
            "", f"its URL cannot be understood ({_first_line(error)})", "correct WORKSAMPLE_*_URL"
        )
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.OperationalError | sqlite3.DatabaseError):
        return _of_sqlite(original)
    if isinstance(error, OperationalError | InterfaceError | AnyDatabaseError):
        said = _first_line(original or error)
        if _OTHER_SCHEMA.search(said):
            return _other_schema("", said)
        return _unusable(
            "",
            f"its server cannot be reached, or refuses ({said})",
            f"see that it is running and that WORKSAMPLE_*_URL is right, {_BEGIN_AGAIN}",
        )
    return None


def _of_sqlite(error: sqlite3.Error) -> CourseError | None:
    path, said = getattr(error, "database", ""), _first_line(error)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _WORDS:
        what, do = _WORDS[code]
        return _unusable(path, f"{what} ({said})", do)
    return _other_schema(path, said) if _OTHER_SCHEMA.search(said) else None


def _other_schema(path: str, said: str) -> CourseError:
    return _unusable(
        path,
        f"another version made it ({said})",
        "copy the file, then run `nbgrader db upgrade` if it is the gradebook; else use the "
        "version of worksample that made it",
    )


def _unusable(path: str, why: str, do: str) -> CourseError:
    return CourseError(f"the database cannot be used: {why}", where=path or None, do=do)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


@contextmanager
def watched() -> Iterator[list[BaseException]]:
    """The errors of databases meanwhile, also those that a library swallows or words anew."""
    seen: list[BaseException] = []

    def note(context: Any) -> None:
        seen.append(context.original_exception)

    event.listen(Engine, "handle_error", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "handle_error", note)


# --- waiting -------------------------------------------------------------------------------------


class _Cursor(sqlite3.Cursor):
    """Waits for locks."""

    connection: _Connection

    def execute(self, *args: Any) -> _Cursor:
        return _patiently(self.connection, super().execute, *args)

    def executemany(self, *args: Any) -> _Cursor:
        return _patiently(self.connection, super().executemany, *args)


class _Connection(sqlite3.Connection):
    """Waits for locks; its errors know which ``database`` they are of."""

    database = ""

    def cursor(self, *args: Any) -> Any:
        return super().cursor(_Cursor)

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def commit(self) -> None:
        _patiently(self, super().commit)


def _patiently(connection: _Connection, work: Callable[..., Result], *args: Any) -> Result:
    """``work``, tried again for as long as another program holds the file."""
    begun = told = time.monotonic()
    path, done = connection.database, connection.total_changes
    while True:
        try:
            result = work(*args)
            _given_up.discard(path)
            return result
        except sqlite3.Error as error:
            error.database = path  # type: ignore[attr-defined]
            # what has changed a row cannot be done twice
            if not _is_lock(error) or connection.total_changes != done:
                raise
            waited = time.monotonic() - begun
            if waited >= (TRY_SECONDS if path in _given_up else LOCK_SECONDS):
                _given_up.add(path)
                raise
        if time.monotonic() - told >= TELL_SECONDS or told == begun:
            told = time.monotonic()
            print(f"waiting for {path}: another program is writing it", file=sys.stderr)
        time.sleep(0.05)  # some locks are told of at once


def _is_lock(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)
    # what was read is out of date: that does not mend itself
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and (
        code != sqlite3.SQLITE_BUSY_SNAPSHOT
    )


def _connect(dialect: Any, _: Any, args: Any, options: dict[str, Any]) -> Any:
    """Open an SQLite database so that it waits; others as ever."""
    if dialect.name != "sqlite" or dialect.driver != "pysqlite":
        return None
    path = str(args[0]) if args else ""
    options |= {"factory": _Connection, "timeout": TRY_SECONDS}
    try:
        connection = dialect.connect(*args, **options)
    except sqlite3.Error as error:
        error.database = path  # type: ignore[attr-defined]
        raise
    connection.database = path
    return connection


event.listen(Engine, "do_connect", _connect)
