"""Links: a candidate's way in, without a password.

A link's code is a random number and its signature by the course's secret. It works for one
candidate, on any device, again and again, until it expires or is revoked. The database holds the
number alone: who reads a copy of it can make no link. What is wrong with a code is not told, so
that guessing says nothing about who was invited.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from worksample import disk
from worksample.course import Course
from worksample.errors import LinkError
from worksample.exchange import openings, people
from worksample.exchange.people import Person
from worksample.exchange.tables import IssuedLink, RevokedLink, opened
from worksample.records.tables import Audit, actor, now

DAYS = 60.0  # where neither the caller nor the opening says how long a link works

_BYTES = 16  # of the number, and of the signature


@dataclass(frozen=True)
class Link:
    """A link that works now.

    Attributes:
        code: what the address ends with; a secret.
        expires: UTC.
    """

    code: str
    expires: datetime
    candidate: str
    opening: str


def issue(course: Course, opening: str, candidate: str, *, days: float | None = None) -> Link:
    """The candidate's link to an opening. Asked again, it is the same one.

    Args:
        days: how long it works from now on; a new link is made, and earlier ones go on working.
            Without it, as long as the opening needs it.

    Raises:
        AssignmentError: the opening's file has a mistake.
        LinkError: the id cannot be one here, belongs to the team, or is another opening's.
    """
    _check_candidate(course, opening, candidate)
    records = opened(course)
    with records.session() as session:
        last = _last(session, candidate)
        if last and last.opening != opening:
            raise LinkError(
                f"{candidate!r} is a candidate of the opening {last.opening!r}",
                do="give the person another id in this opening: what is told apart stays apart",
            )
        if last and days is None and last.expires > now():
            return _link(course, last)
        row = IssuedLink(
            assignment="",
            candidate=candidate,
            opening=opening,
            number=secrets.token_hex(_BYTES),
            expires=_end(course, opening, days),
        )
        session.add(row)
        session.add(_audit(row, "link issued"))
        session.flush()
        return _link(course, row)


def announce(course: Course, way_in: str) -> None:
    """Note where links lead: the address that a code is put behind. Whoever serves says it."""
    disk.replace(course.state / "exchange" / "way-in", f"{way_in}\n".encode())


def address(course: Course, link: Link) -> str:
    """The whole address of a link; where nobody has served yet, what it ends with."""
    path = course.state / "exchange" / "way-in"
    way_in = path.read_text(encoding="utf-8").strip() if path.is_file() else "…/link/"
    return way_in + link.code


def revoke(course: Course, code_or_candidate: str, by: str = "") -> int:
    """End one link by its code, or all links of a candidate; how many ended now.

    Sessions that were begun by them end too.
    """
    number = _number(course, code_or_candidate)
    wanted = {"number": number} if number else {"candidate": code_or_candidate}
    with opened(course).session() as session:
        rows = session.scalars(_live().filter_by(**wanted)).all()
        for row in rows:
            session.add(
                RevokedLink(
                    assignment="", candidate=row.candidate, link=row.id, actor=by or actor()
                )
            )
            session.add(_audit(row, "link revoked", by))
    return len(rows)


def redeem(course: Course, code: str) -> Person:
    """Whose link this is. It can be redeemed again: on another device, after a reboot.

    Raises:
        LinkError: it is none, has expired or was revoked; which of these is not told.
    """
    number = _number(course, code)
    if number is None:
        raise _no_link()
    with opened(course).session() as session:
        row = session.scalar(_live().filter_by(number=number))
        if row is None or row.expires <= now():
            raise _no_link()
        session.add(_audit(row, "link used", row.candidate))
        return Person(row.candidate, "candidate", row.opening)


def _no_link() -> LinkError:
    return LinkError(
        "this link does not work, or does not work any more",
        do="open it as it was sent, all of it; or ask who sent it for a new one",
    )


def holder(course: Course, candidate: str) -> Person | None:
    """The candidate of that name, if they have a link that works; they proved it elsewhere."""
    with opened(course).session() as session:
        rows = session.scalars(_live().filter_by(candidate=candidate))
        row = next((each for each in rows if each.expires > now()), None)
    return Person(row.candidate, "candidate", row.opening) if row else None


def by_number(course: Course, number: str) -> Person | None:
    """Whose link has this number, if it still works: a session was begun by it."""
    with opened(course).session() as session:
        row = session.scalar(_live().filter_by(number=number))
    works = row is not None and row.expires > now()
    return Person(row.candidate, "candidate", row.opening) if row and works else None


def opening_of(course: Course, candidate: str) -> str | None:
    """The opening that a candidate was given links to, also where all have ended."""
    query = select(IssuedLink.opening).filter_by(candidate=candidate)
    with opened(course).session() as session:
        return session.scalar(query.order_by(IssuedLink.id.desc()).limit(1))


def number_of(course: Course, code: str) -> str:
    """The number in a code, which is no secret; empty if the code is not one of this course."""
    return _number(course, code) or ""


def _end(course: Course, opening: str, days: float | None) -> datetime:
    if days is None and opening in openings.ids(course):
        return openings.find(course, opening).links_end
    return now() + timedelta(days=DAYS if days is None else days)


def _check_candidate(course: Course, opening: str, candidate: str) -> None:
    for what in (opening, candidate):
        if not people.is_name(what):
            raise LinkError(
                f"{what!r} cannot be used in a link",
                do="ids of candidates and openings are small letters, digits and dashes",
            )
    if people.account(course, candidate):
        raise LinkError(
            f"{candidate!r} is somebody of the team, and cannot be a candidate too",
            do="choose another id for the candidate",
        )


def _live() -> Select[Any]:
    """All links that nobody has revoked."""
    ended = exists().where(RevokedLink.link == IssuedLink.id)
    return select(IssuedLink).where(~ended)


def _last(session: Session, candidate: str) -> IssuedLink | None:
    query = _live().filter_by(candidate=candidate)
    return session.scalar(query.order_by(IssuedLink.expires.desc(), IssuedLink.id.desc()).limit(1))


def _link(course: Course, row: IssuedLink) -> Link:
    number = bytes.fromhex(row.number)
    code = base64.urlsafe_b64encode(number + _signature(course, number)).decode().rstrip("=")
    return Link(code, row.expires, row.candidate, row.opening)


def _number(course: Course, code: str) -> str | None:
    """The number in a genuine code; None for everything else."""
    try:
        both = base64.b64decode(f"{code}=".encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    number, signature = both[:_BYTES], both[_BYTES:]
    genuine = hmac.compare_digest(signature, _signature(course, number))
    return number.hex() if genuine else None


def _signature(course: Course, number: bytes) -> bytes:
    return hmac.digest(course.secret(), b"link" + number, hashlib.sha256)[:_BYTES]


def _audit(row: IssuedLink, action: str, by: str = "") -> Audit:
    return Audit(
        assignment="",
        candidate=row.candidate,
        actor=by or actor(),
        action=action,
        detail={"opening": row.opening, "link": row.number[:8]},
    )
