"""Our tables as this version has them: made if missing, brought up to date by Alembic if older.

It happens when a database is opened, in one transaction: a kill in the midst of it leaves what was
there. An SQLite file is copied first, to a file beside it that is named after what it was. Scripts
are in ``migrations/versions``; the newest has to be named in :data:`HEAD`. They change what is
there: a table that is new is made wherever it is missing, and needs none.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from worksample.errors import CourseError
from worksample.records.models import Base

HEAD = "0002"
#: what databases from before there were revisions are
FIRST = "0001"
_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x776F726C


def ready(engine: Engine) -> None:
    """See that the tables are those of this version.

    Raises:
        CourseError: a newer version made them.
    """
    with engine.connect() as connection:
        if revision(connection) == HEAD and not _missing(connection):
            return
    with _whole(engine) as connection:
        there = revision(connection)
        if there is None and not inspect(connection).has_table("invitations"):
            Base.metadata.create_all(connection)
            _stamp(connection)
        elif there != HEAD:  # nobody else has done it meanwhile
            _upgrade(engine, connection, there or FIRST)
        for table in _missing(connection):
            Base.metadata.tables[table].create(connection)


def _missing(connection: Connection) -> list[str]:
    """Tables that the packages loaded so far have, and this database has not."""
    there = set(inspect(connection).get_table_names())
    return [table.name for table in Base.metadata.sorted_tables if table.name not in there]


def revision(connection: Connection) -> str | None:
    """What a database says that it is; None where it says nothing."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _upgrade(engine: Engine, connection: Connection, there: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    if there not in known:
        raise CourseError(
            f"a newer version of worksample made this database (revision {there})",
            where=engine.url.render_as_string(),
            do="use that version, or restore state/ from a backup of before",
        )
    _copy(engine, there)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _stamp(connection: Connection) -> None:
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    MigrationContext.configure(connection).stamp(ScriptDirectory(str(_HERE)), HEAD)


def _copy(engine: Engine, there: str) -> None:
    """The SQLite file as it was; an earlier copy stays."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    path = Path(engine.url.database)
    beside = path.with_name(f"{path.name}.revision-{there}")
    if path.is_file() and not beside.exists():
        fresh = beside.with_name(f".{beside.name}")
        shutil.copy2(path, fresh)
        fresh.replace(beside)


@contextmanager
def _whole(engine: Engine) -> Iterator[Connection]:
    """One transaction that also holds what changes tables, and nobody else meanwhile."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection
        return
    # sqlite3 commits before it changes a table, unless it is told to leave transactions alone
    own = create_engine(engine.url, poolclass=NullPool)

    @event.listens_for(own, "connect")
    def leave_alone(connection: object, _: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(own, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with own.begin() as connection:
        yield connection
