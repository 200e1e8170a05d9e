"""The exchange's own tables, in the database of ``worksample.records``. Rows are only ever added,
but for drafts of ratings.

What ends or changes something is a row of its own (a link's end, a newer account), so that who
did what, and when, can always be told.
"""

from __future__ import annotations

import functools
from datetime import datetime

from sqlalchemy import Boolean, Engine, Float, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from worksample.course import Course
from worksample.records.models import Base, UTCDateTime
from worksample.records.tables import Records


class IssuedLink(Base):
    """A candidate's way in. The database holds no link: its signature is not in it.

    ``assignment`` is empty, a link is to an opening.
    """

    __tablename__ = "links"
    number: Mapped[str] = mapped_column(String(32), unique=True)
    opening: Mapped[str] = mapped_column(String(64), index=True)
    expires: Mapped[datetime] = mapped_column(UTCDateTime)


class RevokedLink(Base):
    """A link ended before its time; ``link`` is the row's id."""

    __tablename__ = "revoked_links"
    __table_args__ = (UniqueConstraint("link"),)
    link: Mapped[int] = mapped_column(Integer)
    actor: Mapped[str] = mapped_column(String(128))


class Account(Base):
    """Somebody of the team; the newest row of a name counts. ``assignment`` and ``candidate``
    are empty.

    ``password`` is an Argon2 hash; empty for who comes by single sign-on only. An empty ``role``
    ends the account.
    """

    __tablename__ = "accounts"
    name: Mapped[str] = mapped_column(String(64), index=True)
    role: Mapped[str] = mapped_column(String(32))
    password: Mapped[str] = mapped_column(String(256), default="")


class ClockEvent(Base):
    """Something happened to a candidate's clock. ``assignment`` is nbgrader's id.

    ``action`` is ``start``, ``pause``, ``resume``, ``extend`` (by ``seconds``) or ``end`` (what
    was saved was handed in; ``reason`` says what could not be).
    """

    __tablename__ = "clock_events"
    opening: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(16))
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    actor: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(Text, default="")


class AcceptedNotice(Base):
    """A candidate read what is recorded and who sees it, and agreed. ``assignment`` is empty."""

    __tablename__ = "accepted_notices"
    __table_args__ = (UniqueConstraint("candidate", "digest"),)
    opening: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class Question(Base):
    """A candidate asked the team something. ``assignment`` is empty where it is of none."""

    __tablename__ = "questions"
    text: Mapped[str] = mapped_column(Text)


class Answer(Base):
    """Somebody of the team answered a question; a later answer is shown after it."""

    __tablename__ = "answers"
    question: Mapped[int] = mapped_column(Integer, index=True)
    actor: Mapped[str] = mapped_column(String(128))
    text: Mapped[str] = mapped_column(Text)


class EndedSession(Base):
    """Somebody signed out: the cookie opens nothing any more. Holds a digest, not the cookie."""

    __tablename__ = "ended_sessions"
    digest: Mapped[str] = mapped_column(String(64), unique=True)


class RatingDraft(Base):
    """What a grader has entered on the rating screen and not submitted; it counts nowhere.

    ``practice`` is the reference solution that is rated for practice, empty for a candidate's
    work; ``value`` is null where no level was chosen yet, and 0 for *not enough information*.
    """

    __tablename__ = "rating_drafts"
    __table_args__ = (
        UniqueConstraint("assignment", "candidate", "grader", "practice", "criterion"),
    )
    grader: Mapped[str] = mapped_column(String(128), index=True)
    practice: Mapped[str] = mapped_column(String(128), default="")
    criterion: Mapped[str] = mapped_column(String(128))
    value: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    cell: Mapped[str] = mapped_column(String(128), default="")


class ReadingBegun(Base):
    """A reader was shown the text: from then on their minutes count."""

    __tablename__ = "readings_begun"
    __table_args__ = (UniqueConstraint("assignment", "candidate", "reader"),)
    reader: Mapped[str] = mapped_column(String(128), index=True)


class PracticeRating(Base):
    """What a grader gave a reference solution, for practice; no candidate's, so that is empty.

    ``value`` is null for *not enough information*, ``consensus`` what the authors hold it to be;
    0 where the solution cannot show it.
    """

    __tablename__ = "practice_ratings"
    __table_args__ = (UniqueConstraint("assignment", "grader", "solution", "criterion"),)
    grader: Mapped[str] = mapped_column(String(128), index=True)
    solution: Mapped[str] = mapped_column(String(128))
    criterion: Mapped[str] = mapped_column(String(128))
    value: Mapped[int | None] = mapped_column(Integer)
    consensus: Mapped[int] = mapped_column(Integer)
    evidence: Mapped[str] = mapped_column(Text, default="")
    cell: Mapped[str] = mapped_column(String(128), default="")


class PartnerOrder(Base):
    """An applicant-tracking system has ordered an assessment. ``assignment`` is empty.

    ``number`` is ours, and no secret; ``external`` is what the system knows the order by, so that
    the same order is not taken twice. ``callback`` is where it wants to be told, if it said so.
    """

    __tablename__ = "partner_orders"
    __table_args__ = (UniqueConstraint("partner", "external"),)
    partner: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(32), unique=True)
    external: Mapped[str] = mapped_column(String(300))
    opening: Mapped[str] = mapped_column(String(64))
    callback: Mapped[str] = mapped_column(Text, default="")


class PartnerNote(Base):
    """How far an order was found to be; the newest row of a ``number`` counts.

    ``state`` as in :mod:`worksample.exchange.orders`.
    """

    __tablename__ = "partner_notes"
    number: Mapped[str] = mapped_column(String(32), index=True)
    state: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text, default="")


class Outgoing(Base):
    """Something that a tracking system is to be told; ``body`` is what is sent, to the byte."""

    __tablename__ = "partner_outbox"
    partner: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(32), index=True)
    method: Mapped[str] = mapped_column(String(8))
    url: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text, default="")


class Delivery(Base):
    """It was tried to send something. With ``done`` it arrived, or is given up for ever."""

    __tablename__ = "partner_deliveries"
    outgoing: Mapped[int] = mapped_column(Integer, index=True)
    done: Mapped[bool] = mapped_column(Boolean, default=False)
    said: Mapped[str] = mapped_column(Text, default="")


def opened(course: Course) -> Records:
    """The course's records, with the exchange's tables made if they are missing."""
    records = Records(course.records_url)
    _made(records.engine)
    return records


@functools.lru_cache(maxsize=8)
def _made(engine: Engine) -> None:
    Base.metadata.create_all(engine)
