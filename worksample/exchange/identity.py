"""Who is asking: one small object, from a session cookie of ours or from somebody else's word."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select
from tornado.web import RequestHandler, create_signed_value, decode_signed_value

from worksample.course import Course
from worksample.exchange import links, people
from worksample.exchange.people import Person
from worksample.exchange.tables import Account, EndedSession, opened

SESSION_DAYS = 14.0


@dataclass(frozen=True)
class Seen:
    """Who sent a request.

    Attributes:
        person: None for nobody that we know.
        session: what the tokens of this browser's forms are made of; empty for a request that
            bears a token of its own and needs none.
    """

    person: Person | None
    session: str


class Identity(Protocol):
    """How the service learns who is asking.

    Attributes:
        homes: candidates have homes elsewhere, and whoever keeps these collects what lies there.
        way_out: the address at which people sign out; empty where that is the service's own form.
        handlers: more routes that it needs, as tornado's, below the service's prefix.
    """

    homes: bool
    way_out: str
    handlers: tuple[tuple[Any, ...], ...]

    async def seen(self, handler: RequestHandler) -> Seen:
        """Who sent this request; never raises for a stranger."""
        ...

    def way_in(self, handler: RequestHandler) -> str | None:
        """The address at which a stranger comes in; None where that is the service's own page."""
        ...


def named(course: Course, name: str) -> Person | None:
    """The person of that name, if they may come in; who they are was proved elsewhere."""
    return people.member(course, name) or links.holder(course, name)


def form_token(course: Course, session: str) -> str:
    """What every form of a session carries, and nobody else can know.

    It is bound to the session, not to a cookie of its own: another host below the same domain
    can set cookies here, but none that we signed.
    """
    return hmac.digest(course.secret(), b"form" + session.encode(), hashlib.sha256).hex()


def of_link(number: str) -> str:
    """What a session is begun by: a link of that number."""
    return f"link {number}"


def of_account(row: Account) -> str:
    """What a session is begun by: an account, with the password that it has now."""
    return f"account {row.id} {row.name}"


def end(course: Course, session: str) -> None:
    """End a session: its cookie opens nothing any more, whoever has a copy of it."""
    if not _is_ended(course, session):
        opened(course).add(EndedSession(assignment="", candidate="", digest=session))


def _is_ended(course: Course, session: str) -> bool:
    query = select(EndedSession.id).filter_by(digest=session).limit(1)
    with opened(course).session() as database:
        return database.scalar(query) is not None


class Sessions:
    """Our own session cookies: for the plain door without a hub.

    A cookie is a signed note of the link or account that it was begun by. It opens nothing any
    more when that link or account has ended, when its owner signed out, or after some days.
    """

    homes = False
    way_out = ""
    handlers: tuple[tuple[Any, ...], ...] = ()

    def __init__(self, course: Course, prefix: str) -> None:
        self.course, self.prefix = course, prefix

    async def seen(self, handler: RequestHandler) -> Seen:
        loop = asyncio.get_running_loop()
        kind, _, code = handler.request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "token":
            person = await loop.run_in_executor(None, self._bearer, code)
            return Seen(person, "" if person else self._visit(handler))
        note = self._note(handler)
        if note is None:
            return Seen(None, self._visit(handler))
        session = hashlib.sha256(note.encode()).hexdigest()
        # a database that somebody else is writing must not hold up all the others
        return Seen(await loop.run_in_executor(None, self._person, note, session), session)

    def way_in(self, handler: RequestHandler) -> str | None:
        return None

    def begin(self, handler: RequestHandler, by: str) -> None:
        """Begin a session; always a new one, so that nobody can have set it before.

        Args:
            by: as :func:`of_link` and :func:`of_account` give it.
        """
        self._set(handler, "session", f"{by} {secrets.token_hex(16)}", SESSION_DAYS)

    def forget(self, handler: RequestHandler) -> None:
        """Have the browser forget the session; :func:`end` ends it for whoever has a copy."""
        handler.clear_cookie(self._name(handler, "session"), path=self._path(handler))

    def _visit(self, handler: RequestHandler) -> str:
        """A stranger's session, for the form by which they sign in."""
        visit = self._get(handler, "visit", 1)
        if visit is None:
            visit = secrets.token_hex(16)
            self._set(handler, "visit", visit, None)
        return f"visit {visit}"

    def _bearer(self, code: str) -> Person | None:
        """Whose link a program bears in a header; no browser adds one by itself."""
        number = links.number_of(self.course, code)
        return links.by_number(self.course, number) if number else None

    def _person(self, note: str, session: str) -> Person | None:
        kind, _, rest = note.partition(" ")
        if _is_ended(self.course, session):
            return None
        if kind == "link":
            return links.by_number(self.course, rest.split(" ")[0])
        if kind == "account":
            number, name, _ = rest.split(" ")
            row = people.account(self.course, name)
            return people.member(self.course, name) if row and str(row.id) == number else None
        return None

    def _note(self, handler: RequestHandler) -> str | None:
        return self._get(handler, "session", SESSION_DAYS)

    def _get(self, handler: RequestHandler, kind: str, days: float) -> str | None:
        name = self._name(handler, kind)
        value = handler.get_cookie(name)
        signed = decode_signed_value(self._key(), name, value, max_age_days=days) if value else None
        return signed.decode() if signed else None

    def _set(self, handler: RequestHandler, kind: str, value: str, days: float | None) -> None:
        name = self._name(handler, kind)
        signed = create_signed_value(self._key(), name, value).decode()
        handler.set_cookie(
            name,
            signed,
            path=self._path(handler),
            expires_days=days,
            httponly=True,
            # not strict: a link in a mail would then find nobody signed in
            samesite="Lax",
            secure=_is_secure(handler),
        )

    def _key(self) -> bytes:
        return hmac.digest(self.course.secret(), b"session", hashlib.sha256)

    def _name(self, handler: RequestHandler, kind: str) -> str:
        # with this prefix no other host below the same domain can set it
        return f"__Host-worksample-{kind}" if _is_secure(handler) else f"worksample-{kind}"

    def _path(self, handler: RequestHandler) -> str:
        return "/" if _is_secure(handler) else self.prefix


def _is_secure(handler: RequestHandler) -> bool:
    return handler.request.protocol == "https"
