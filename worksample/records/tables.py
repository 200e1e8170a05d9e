"""Our own tables, beside nbgrader's gradebook: who was invited, what came in, who said what.

``Records(course.records_url)`` opens them. Rows are only ever added, except that an invitation
is unique per assignment and candidate. Times are UTC.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Engine,
    Float,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool

import worksample.databases  # noqa: F401  (every database that is opened waits for locks)


def now() -> datetime:
    """The time, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


class UTCDateTime(TypeDecorator[datetime]):
    """SQLite forgets time zones; what is stored is UTC and what comes back says so."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """Every table has a running number, an assignment, a candidate and a time."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    assignment: Mapped[str] = mapped_column(String(128), index=True)
    candidate: Mapped[str] = mapped_column(String(128), index=True)
    time: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Invitation(Base):
    """A candidate was given a case. ``assignment`` is the base id, also for the revision."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("assignment", "candidate"),)
    level: Mapped[str] = mapped_column(String(32))
    extra_time: Mapped[float] = mapped_column(Float, default=1.0)
    case_digest: Mapped[str] = mapped_column(String(64))
    package_digest: Mapped[str] = mapped_column(String(64))


class FormUse(Base):
    """Which form a candidate was given: the seed of their case, and where it came from.

    A table of its own, so that databases from before it need no change of theirs. ``bank`` is the
    digest of the bank it was drawn from, empty for a case drawn without one; ``formerly`` are the
    other ids under which the same person was invited before.
    """

    __tablename__ = "form_uses"
    level: Mapped[str] = mapped_column(String(32))
    seed: Mapped[str] = mapped_column(String(16))
    bank: Mapped[str] = mapped_column(String(64), default="")
    formerly: Mapped[list[str]] = mapped_column(JSON, default=list)


class Submission(Base):
    """A receipt. ``assignment`` is nbgrader's id (``…-revision`` for attempt 2)."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("assignment", "candidate", "number"),)
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    receipt: Mapped[str] = mapped_column(String(32))
    submitted: Mapped[datetime] = mapped_column(UTCDateTime)
    source: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)


class LateSubmission(Base):
    """A submission that came after the end of its time; it counts where none came in time.

    A table of its own, so that databases from before it need no change of theirs.
    """

    __tablename__ = "late_submissions"
    __table_args__ = (UniqueConstraint("assignment", "candidate", "number"),)
    number: Mapped[int] = mapped_column(Integer)


class Grading(Base):
    """A grading is in the gradebook. ``number`` is that of its evidence record."""

    __tablename__ = "gradings"
    number: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(64), index=True)
    evidence_digest: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(32))
    points: Mapped[float | None] = mapped_column(Float)


class Approval(Base):
    """A person approved feedback for release; valid only while the feedback has this digest."""

    __tablename__ = "approvals"
    approver: Mapped[str] = mapped_column(String(128))
    feedback_digest: Mapped[str] = mapped_column(String(64))
    evidence_number: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")


class Rating(Base):
    """A grader's rating of one criterion. No information is null with a reason, never 0.

    ``assignment`` is nbgrader's id, ``criterion`` the grade id of the manual cell.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        CheckConstraint("value IS NULL OR value BETWEEN 1 AND 4", name="scale"),
        CheckConstraint("value IS NOT NULL OR reason <> ''", name="null_has_reason"),
    )
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    stage: Mapped[str] = mapped_column(String(64), default="work sample")
    criterion: Mapped[str] = mapped_column(String(128))
    dimension: Mapped[str] = mapped_column(String(128))
    grader: Mapped[str] = mapped_column(String(128))
    value: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")


class Audit(Base):
    """Who did what, without personal text."""

    __tablename__ = "audit"
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)


Row = TypeVar("Row", bound=Base)


def actor() -> str:
    """Who is at the keyboard, for the audit log."""
    return os.environ.get("WORKSAMPLE_ACTOR") or os.environ.get("USER") or f"uid {os.getuid()}"


class Records:
    """The tables at ``url``, made if missing."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url, os.getpid(), _file(url))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back by an exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def add(self, *rows: Base) -> None:
        """Append rows, all or none."""
        with self.session() as session:
            session.add_all(rows)

    def invitation(self, assignment: str, candidate: str) -> Invitation | None:
        """The invitation of this candidate to this assignment (base id)."""
        with self.session() as session:
            return session.scalar(
                select(Invitation).filter_by(assignment=assignment, candidate=candidate)
            )

    def form_uses(self, assignment: str) -> list[FormUse]:
        """Every form of an assignment that was given out, in that order."""
        with self.session() as session:
            query = select(FormUse).filter_by(assignment=assignment)
            return list(session.scalars(query.order_by(FormUse.id)))

    def last_submission(self, assignment: str, candidate: str) -> Submission | None:
        """The receipt of the attempt that counts: the one saved last of those that came in time.

        Where all came late, the last of these.
        """
        rows, late = self.submissions(assignment, candidate), self.late(assignment, candidate)
        in_time = [row for row in rows if row.number not in late]
        return max(in_time or rows, key=lambda row: (row.submitted, row.number), default=None)

    def late(self, assignment: str, candidate: str) -> set[int]:
        """The numbers of the submissions that came late."""
        query = select(LateSubmission.number).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            return set(session.scalars(query))

    def is_late(self, row: Submission) -> bool:
        """Whether this submission came after the end of its time."""
        return row.number in self.late(row.assignment, row.candidate)

    def submissions(self, assignment: str, candidate: str) -> list[Submission]:
        """All receipts, in the order in which they were given."""
        query = select(Submission).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            return list(session.scalars(query.order_by(Submission.id)))

    def gradings(self, assignment: str, candidate: str) -> list[Grading]:
        """All gradings that reached the gradebook, oldest first."""
        query = select(Grading).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            return list(session.scalars(query.order_by(Grading.id)))

    def last_grading(self, assignment: str, candidate: str) -> Grading | None:
        """The newest grading that reached the gradebook."""
        return self._last(Grading, assignment, candidate)

    def last_approval(self, assignment: str, candidate: str) -> Approval | None:
        """The newest approval; compare its ``feedback_digest`` before relying on it."""
        return self._last(Approval, assignment, candidate)

    def ratings(self, assignment: str, candidate: str) -> list[Rating]:
        """Each grader's newest rating of each criterion, in the order they were first given."""
        query = select(Rating).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            rows = session.scalars(query.order_by(Rating.id)).all()
        return list({(row.criterion, row.grader): row for row in rows}.values())

    def _last(self, table: type[Row], assignment: str, candidate: str) -> Row | None:
        query = select(table).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            return session.scalar(query.order_by(table.id.desc()).limit(1))


@functools.lru_cache(maxsize=8)
def _engine(url: str, pid: int, file: object) -> Engine:
    """Made once in a process, as SQLAlchemy then compiles each query once; it has the tables.

    Args:
        file: tells an SQLite file from one that has taken its place.
    """
    if file is None:
        return _with_tables(create_engine(url))
    # opened for each transaction, so that no lock and no file that is gone is held on to
    return _with_tables(create_engine(url, poolclass=NullPool))


def _with_tables(engine: Engine) -> Engine:
    Base.metadata.create_all(engine)
    return engine


def _file(url: str) -> tuple[int, int] | None:
    """Which file holds an SQLite database, made if there is none; None for other databases."""
    database = make_url(url)
    if database.get_backend_name() != "sqlite" or not database.database:
        return None
    path = Path(database.database)
    if not path.exists() or not path.stat().st_size:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        _engine.cache_clear()  # a new file may be given the number of one that is gone
    found = path.stat()
    return found.st_dev, found.st_ino
