"""The rows of our own tables, beside nbgrader's gradebook. Times are UTC.

Rows of :class:`Chained` tables are only ever added, and linked to one another by hashes
(:mod:`worksample.records.chain`).
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    DateTime,
    Float,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from worksample.records import now


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


class Chained:
    """A table whose rows are linked by hashes.

    ``salt`` keeps a hash from telling what it is of: there are only four ratings, and a hash that
    outlives an erased row must not be found out by trying them. It is erased with its row.
    """

    salt: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))


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
    """A submission that came after the end of its time; it counts where none came in time."""

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


class Queued(Base):
    """An attempt that the grading service is to grade. The row is removed when that is done.

    ``assignment`` is nbgrader's id. ``forced`` asks to execute again what has not changed,
    ``after`` is the number of the newest evidence when it was asked for, ``tries`` how often it
    was begun.
    """

    __tablename__ = "grading_queue"
    forced: Mapped[bool] = mapped_column(Boolean, default=False)
    after: Mapped[int] = mapped_column(Integer, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=0)


class Approval(Base):
    """A person approved feedback for release; valid only while the feedback has this digest."""

    __tablename__ = "approvals"
    approver: Mapped[str] = mapped_column(String(128))
    feedback_digest: Mapped[str] = mapped_column(String(64))
    evidence_number: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")


class Rating(Chained, Base):
    """A grader's rating of one criterion. No information is null with a reason, never 0.

    ``assignment`` is nbgrader's id, ``criterion`` the grade id of the manual cell, ``cell`` the
    candidate's cell that ``evidence`` was seen in, ``door`` what it was given through (command,
    formgrader, …).
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
    cell: Mapped[str] = mapped_column(String(128), default="")
    door: Mapped[str] = mapped_column(String(32), default="command")


class RatingsSubmitted(Chained, Base):
    """A grader is done with an attempt; from then on they may see what the others gave."""

    __tablename__ = "ratings_submitted"
    __table_args__ = (UniqueConstraint("assignment", "candidate", "grader"),)
    grader: Mapped[str] = mapped_column(String(128))


class Reading(Chained, Base):
    """Somebody read what a candidate wrote, blind, and answered questions on it.

    ``assignment`` is nbgrader's id. What was answered right, what the text did not say to them and
    what it made them believe wrongly are counted apart. ``reader_said`` are their answers,
    ``[{"question", "said", "outcome"}]``; ``text_digest`` is of what they read.
    """

    __tablename__ = "readings"
    __table_args__ = (UniqueConstraint("assignment", "candidate", "reader"),)
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    reader: Mapped[str] = mapped_column(String(128))
    right: Mapped[int] = mapped_column(Integer)
    not_said: Mapped[int] = mapped_column(Integer)
    misled: Mapped[int] = mapped_column(Integer)
    reader_said: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    text_digest: Mapped[str] = mapped_column(String(64))
    seconds: Mapped[float | None] = mapped_column(Float)
    door: Mapped[str] = mapped_column(String(32), default="command")


class Recommendation(Chained, Base):
    """What a person recommends, signed with a reason; 0, no decision, is null.

    ``assignment`` is empty: it is about everything that was seen of the candidate. ``outcome`` is
    what the rule had come to when it was signed, ``debrief_digest`` the page that was read.
    """

    __tablename__ = "recommendations"
    __table_args__ = (
        CheckConstraint("value IS NULL OR value BETWEEN 1 AND 4", name="recommendation_scale"),
        CheckConstraint("reason <> ''", name="recommendation_has_reason"),
    )
    stage: Mapped[str] = mapped_column(String(64), default="debrief")
    person: Mapped[str] = mapped_column(String(128))
    value: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(32), default="")
    debrief_digest: Mapped[str] = mapped_column(String(64), default="")


class InterviewNote(Base):
    """What an interviewer noted on a question of a kit; ``number`` where it asks for one.

    ``assignment`` is the kit's (``kit:screening``). Such a number is never turned into a rating.
    """

    __tablename__ = "interview_notes"
    interviewer: Mapped[str] = mapped_column(String(128))
    question: Mapped[str] = mapped_column(String(128))
    text: Mapped[str] = mapped_column(Text, default="")
    number: Mapped[int | None] = mapped_column(Integer)


class FormgraderScore(Base):
    """The score that formgrader's box held when it was last read or written; a note, no rating."""

    __tablename__ = "formgrader_scores"
    __table_args__ = (UniqueConstraint("assignment", "candidate", "criterion"),)
    criterion: Mapped[str] = mapped_column(String(128))
    score: Mapped[float | None] = mapped_column(Float)


class Audit(Chained, Base):
    """Who did what, without personal text."""

    __tablename__ = "audit"
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)


class Beside(DeclarativeBase):
    """Tables of no assignment and candidate."""

    metadata = Base.metadata


class Link(Beside):
    """One link of the chain: which row it is of, the hash of that row, and the link's own hash."""

    __tablename__ = "chain"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    time: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    kind: Mapped[str] = mapped_column(String(64))
    row: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    own: Mapped[str] = mapped_column(String(64))


class Tombstone(Beside):
    """Rows were erased: ``links`` are the numbers of their links; of what they said, nothing."""

    __tablename__ = "tombstones"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    time: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    links: Mapped[list[int]] = mapped_column(JSON)
