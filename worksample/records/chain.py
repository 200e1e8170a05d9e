"""The chain: every row of a :class:`~worksample.records.tables.Chained` table, linked by hashes.

A link holds a hash of one row and, in its own hash, the link before it. So a row that is changed,
taken away, put in behind our back or moved to another place is found by :func:`verify`. A chain
cannot see that its last links were cut off together with their rows: keep :func:`head` elsewhere
(the debrief prints it) and give it to :func:`verify`.

The chain holds hashes only, of rows with a salt of their own, so what a row said can be erased for
good (:func:`forget`): the chain goes on, and a tombstone says which of its links have no row left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, delete, event, insert, select, text
from sqlalchemy.orm import Session

from worksample.errors import CourseError
from worksample.records.models import (
    Audit,
    Base,
    Chained,
    Link,
    Rating,
    RatingsSubmitted,
    Reading,
    Recommendation,
    Tombstone,
    now,
)

#: a table's name, and column -> value
Row = tuple[str, Mapping[str, Any]]
START = "0" * 64
#: what is hashed of a row; a column of a later version is hashed by a kind of its own
CONTENT: Mapping[str, tuple[str, ...]] = {
    "ratings": (
        *("id", "assignment", "candidate", "time", "attempt", "stage", "criterion", "dimension"),
        *("grader", "value", "reason", "evidence", "cell", "door", "salt"),
    ),
    "ratings_submitted": ("id", "assignment", "candidate", "time", "grader", "salt"),
    "readings": (
        *("id", "assignment", "candidate", "time", "attempt", "reader", "right", "not_said"),
        *("misled", "reader_said", "text_digest", "seconds", "door", "salt"),
    ),
    "recommendations": (
        *("id", "assignment", "candidate", "time", "stage", "person", "value", "reason"),
        *("outcome", "debrief_digest", "salt"),
    ),
    "audit": ("id", "assignment", "candidate", "time", "actor", "action", "detail", "salt"),
    "tombstones": ("id", "time", "links"),
}
TABLES: Mapping[str, type[Any]] = {
    table.__tablename__: table
    for table in (Rating, RatingsSubmitted, Reading, Recommendation, Audit, Tombstone)
}
_LOCK = 0x776F726B  # any number that nobody else uses for an advisory lock of PostgreSQL


class Opened(Protocol):
    """The tables, open: :class:`worksample.records.tables.Records`."""

    def session(self) -> AbstractContextManager[Session]:
        """A transaction."""


class LinkedSession(Session):
    """A session whose new rows are linked in its own transaction, and whose old ones stay."""


@event.listens_for(LinkedSession, "before_flush")
def _keep(session: Session, *_: Any) -> None:
    touched = [row for row in (*session.dirty, *session.deleted) if isinstance(row, Chained)]
    if any(row in session.deleted or session.is_modified(row) for row in touched):
        raise CourseError(
            "ratings, recommendations and the audit log are only ever added to",
            do="add a row that says what changed, and why",
        )


@event.listens_for(LinkedSession, "after_flush")
def _link(session: Session, *_: Any) -> None:
    new = [row for row in session.new if isinstance(row, Chained | Tombstone)]
    if new:
        append(session.connection(), (_values(row) for row in new))


def append(connection: Connection, rows: Iterable[Row]) -> None:
    """Link rows that the same transaction has written."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    # SQLite: the rows were written first, so nobody else can write before this is committed
    last = connection.execute(
        select(Link.number, Link.own).order_by(Link.number.desc()).limit(1)
    ).first()
    number, own = (last.number, last.own) if last else (0, START)
    links = []
    for kind, row in sorted(rows, key=lambda each: (each[0], each[1]["id"])):
        number, time, digest = number + 1, now(), digest_of(kind, row)
        own = _own(own, number, time, kind, row["id"], digest)
        links.append(
            {"number": number, "time": time, "kind": kind, "row": row["id"]}
            | {"digest": digest, "own": own}
        )
    connection.execute(insert(Link), links)


def digest_of(kind: str, row: Mapping[str, Any]) -> str:
    """SHA-256 of what a row says."""
    said = {name: row[name] for name in CONTENT[kind]}
    said |= {k: v.isoformat() for k, v in said.items() if isinstance(v, datetime)}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def head(records: Opened) -> tuple[int, str]:
    """The number and the hash of the last link: whoever has them can tell a chain cut short."""
    with records.session() as session:
        last = session.scalar(select(Link).order_by(Link.number.desc()).limit(1))
    return (last.number, last.own) if last else (0, START)


def verify(records: Opened, known: tuple[int, str] | None = None) -> list[str]:
    """What was tampered with, one sentence each; empty where everything is as it was written.

    Args:
        known: a head of before, kept elsewhere.
    """
    with records.session() as session:
        links = list(session.scalars(select(Link).order_by(Link.number)))
        graves = session.scalars(select(Tombstone)).all()
        rows = {
            (kind, row.id): row
            for kind, table in TABLES.items()
            for row in session.scalars(select(table))
        }
    erased = {number for grave in graves for number in grave.links}
    found = [*_broken(links, erased), *_rows(links, rows, erased)]
    if known and known[0] and known[1] not in {each.own for each in links}:
        found.append(f"the chain does not hold link {known[0]} that was noted elsewhere")
    return found


def verify_one(records: Opened, candidate: str) -> list[str]:
    """The same for the rows of one candidate alone: what it costs does not grow with the cohort.

    That the chain itself is whole, :func:`verify` says.
    """
    found: list[str] = []
    with records.session() as session:
        for kind, table in TABLES.items():
            if not issubclass(table, Base):
                continue
            rows = session.scalars(select(table).filter_by(candidate=candidate)).all()
            theirs = select(table.id).filter_by(candidate=candidate)
            query = select(Link).where(Link.kind == kind, Link.row.in_(theirs))
            links = list(session.scalars(query.order_by(Link.number)))
            found += _rows(links, {(kind, row.id): row for row in rows}, set())
    return found


def _broken(links: Sequence[Link], erased: set[int]) -> Iterable[str]:
    own, place = START, 0
    seen: dict[tuple[str, int], int] = {}
    for link in links:
        place += 1
        if link.number != place:
            yield f"link {place} is missing"
            place = link.number
        elif link.own != _own(own, link.number, link.time, link.kind, link.row, link.digest):
            yield f"link {link.number} was changed, or is not in its place"
        # SQLite gives the number of a row that was erased to the next one
        if seen.get((link.kind, link.row), 0) not in {0, *erased}:
            yield f"link {link.number} is of a row that has one"
        own, seen[link.kind, link.row] = link.own, link.number


def _rows(
    links: Sequence[Link], rows: Mapping[tuple[str, int], Any], erased: set[int]
) -> Iterable[str]:
    linked = {(link.kind, link.row): link for link in links}
    for place, link in linked.items():
        name = f"row {link.row} of {link.kind}"
        if place not in rows:
            if link.number not in erased:
                yield f"{name} is missing"
        elif link.number in erased:
            yield f"{name} was erased and is back"
        elif digest_of(*_values(rows[place])) != link.digest:
            yield f"{name} was changed after it was written"
    for kind, row in sorted(rows.keys() - linked.keys()):
        yield f"row {row} of {kind} was put in without a link"


def forget(records: Opened, candidate: str) -> int:
    """Erase every chained row of a candidate, and leave a tombstone; returns how many there were.

    The other tables are whoever calls this one's to empty.
    """
    with records.session() as session:
        many, gone = 0, list[int]()
        for kind, table in TABLES.items():
            if not issubclass(table, Base):
                continue
            theirs = select(table.id).filter_by(candidate=candidate)
            gone += session.scalars(
                select(Link.number).where(Link.kind == kind, Link.row.in_(theirs))
            )
            many += len(session.scalars(theirs).all())
            session.execute(delete(table).filter_by(candidate=candidate))
        if gone:
            session.add(Tombstone(links=sorted(gone)))
    return many


def _own(before: str, number: int, time: datetime, kind: str, row: int, digest: str) -> str:
    said = "|".join((before, str(number), time.isoformat(), kind, str(row), digest))
    return hashlib.sha256(said.encode()).hexdigest()


def _values(row: Any) -> Row:
    kind = row.__tablename__
    return kind, {name: getattr(row, name) for name in CONTENT[kind]}
