"""Forgetting a person: their rows go, and a pseudonym stands where something has to be kept.

The pseudonym comes from the candidate's id and the course's secret. Whoever has both can ask
whether that id was erased; nobody else can tell whose it was.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from sqlalchemy import MetaData, Table, create_engine, delete, func, inspect, select, update
from sqlalchemy.pool import NullPool

from worksample.course import Course
from worksample.errors import CourseError
from worksample.records import chain
from worksample.records.tables import Audit, Base, FormUse, Records

ERASED = "erase"  # the action in the audit log
#: tables whose rows stay, under the pseudonym: a form that somebody has had is not new again
STAY: Mapping[str, dict[str, Any]] = {FormUse.__tablename__: {"formerly": []}}


def pseudonym(course: Course, candidate: str) -> str:
    """What stands for an erased candidate."""
    told = hmac.new(course.secret(), f"erased\0{candidate}".encode(), "sha256")
    return f"erased-{told.hexdigest()[:20]}"


def receipt(course: Course, candidate: str) -> Audit | None:
    """The row that says when and by whom a candidate was erased; None if they were not."""
    query = select(Audit).filter_by(candidate=pseudonym(course, candidate), action=ERASED)
    with Records(course.records_url).session() as session:
        return session.scalar(query.order_by(Audit.id.desc()).limit(1))


def tables(records: Records) -> list[Table]:
    """Every table of the database that has rows about candidates, by name.

    The database is asked, because a part of the package that keeps a table there need not be
    loaded now.
    """
    there = inspect(records.engine)
    names = [
        name
        for name in sorted(there.get_table_names())
        if any(column["name"] == "candidate" for column in there.get_columns(name))
    ]
    known = Base.metadata.tables
    return [
        known[name] if name in known else Table(name, MetaData(), autoload_with=records.engine)
        for name in names
    ]


def counts(records: Records, candidate: str) -> dict[str, int]:
    """Table -> rows about a candidate, where there are any."""
    with records.session() as session:
        found = {
            table.name: session.scalar(
                select(func.count()).select_from(table).where(table.c.candidate == candidate)
            )
            for table in tables(records)
        }
    return {name: count for name, count in found.items() if count}


def forget(records: Records, candidate: str, said: Audit) -> None:
    """Put in who does it, then take a candidate out of every table.

    Args:
        said: the receipt, under the pseudonym that rows which stay have from now on.
    """
    instead = said.candidate
    records.add(said)
    chain.forget(records, candidate)
    with records.session() as session:
        for table in tables(records):
            if table.name in chain.TABLES:
                continue
            theirs = table.c.candidate == candidate
            if table.name in STAY:
                kept = {**STAY[table.name], "candidate": instead}
                session.execute(update(table).where(theirs).values(kept))
            else:
                session.execute(delete(table).where(theirs))
        # the same person's other ids name this one
        for row in session.scalars(select(FormUse)):
            if candidate in row.formerly:
                row.formerly = [instead if each == candidate else each for each in row.formerly]


def compact(url: str) -> None:
    """Write a database anew, without what was deleted: neither free pages nor a log keep it.

    Raises:
        CourseError: another program reads it for so long that its log has to be kept.
    """
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("VACUUM")
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if busy:
                raise CourseError(
                    "another program reads the database, and its log still holds what was deleted",
                    where=engine.url.database,
                    do="end that program, then run the same command again",
                )
        elif engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM FULL")
