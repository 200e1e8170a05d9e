"""Our own tables, opened: who was invited, what came in, who said what.

``Records(course.records_url)`` opens them, after bringing them up to date where an earlier
version made them (:mod:`worksample.records.upgrade`). What a row holds says
:mod:`worksample.records.models`.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import worksample.databases  # noqa: F401  (every database that is opened waits for locks)
from worksample.records import chain, upgrade
from worksample.records.models import (
    Approval,
    Audit,
    Base,
    FormgraderScore,
    FormUse,
    Grading,
    InterviewNote,
    Invitation,
    LateSubmission,
    Link,
    Queued,
    Rating,
    RatingsSubmitted,
    Reading,
    Recommendation,
    Submission,
    Tombstone,
    now,
)

__all__ = [
    "Approval",
    "Audit",
    "Base",
    "FormUse",
    "FormgraderScore",
    "Grading",
    "InterviewNote",
    "Invitation",
    "LateSubmission",
    "Link",
    "Queued",
    "Rating",
    "RatingsSubmitted",
    "Reading",
    "Recommendation",
    "Records",
    "Submission",
    "Tombstone",
    "actor",
    "now",
]

Row = TypeVar("Row", bound=Base)


def actor() -> str:
    """Who is at the keyboard, for the audit log."""
    named = map(os.environ.get, ("WORKSAMPLE_ACTOR", "JUPYTERHUB_USER", "USER"))
    return next(filter(None, named), f"uid {os.getuid()}")


class Records:
    """The tables at ``url``, made if missing."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url, os.getpid(), _file(url))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back by an exception."""
        with chain.LinkedSession(self.engine, expire_on_commit=False) as session, session.begin():
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
        rows = self.submissions(assignment, candidate)
        late = self.late(assignment, candidate) if len(rows) > 1 else set()  # one counts anyway
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
        """Each grader's newest rating of each criterion, in the order they were first given.

        Drafts are among them. Which count, and who may see them, says
        :mod:`worksample.records.ratings`.
        """
        rows = self.all_ratings(assignment, candidate)
        return list({(row.criterion, row.grader): row for row in rows}.values())

    def all_ratings(self, assignment: str, candidate: str) -> list[Rating]:
        """Every rating that was ever given of an attempt, oldest first."""
        query = select(Rating).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            return list(session.scalars(query.order_by(Rating.id)))

    def submitters(self, assignment: str, candidate: str) -> list[str]:
        """The graders who have submitted their ratings of an attempt, in that order."""
        query = select(RatingsSubmitted).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            return [row.grader for row in session.scalars(query.order_by(RatingsSubmitted.id))]

    def readings(self, assignment: str, candidate: str) -> list[Reading]:
        """What readers answered after reading an attempt, oldest first."""
        query = select(Reading).filter_by(assignment=assignment, candidate=candidate)
        with self.session() as session:
            return list(session.scalars(query.order_by(Reading.id)))

    def recommendations(self, candidate: str, *, interviews: bool = False) -> list[Recommendation]:
        """Every recommendation that was signed at the debrief, oldest first.

        Args:
            interviews: those after interviews too, each with its stage.
        """
        query = select(Recommendation).filter_by(candidate=candidate)
        if not interviews:
            query = query.filter_by(stage="debrief")
        with self.session() as session:
            return list(session.scalars(query.order_by(Recommendation.id)))

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
    upgrade.ready(engine)
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
