"""Who comes in: candidates by their invitation's link, the team by password or single sign-on.

``Invitations`` can be put before any JupyterHub authenticator of the team's, as those of
``oauthenticator``; :class:`PasswordAuthenticator` is what a course starts with.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from tornado import web
from traitlets import Unicode

from worksample.course import Course
from worksample.errors import LinkError
from worksample.exchange import links, people
from worksample.exchange.people import Person
from worksample.hub import operator
from worksample.hub.places import Places

TRIES = 20  # links that do not work, from one address; a code cannot be guessed anyway
TRIES_BY_NAME = 30  # wrong passwords
TRIES_SECONDS = 300.0
MOST_SOURCES = 10_000


def group(role: str) -> str:
    """The group of a role in JupyterHub, which has its scopes."""
    return f"{role}s"


class Throttle:
    """Counts what went wrong over the last minutes, by source."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def closed(self, source: str) -> bool:
        """Whether it has been wrong too often."""
        return len(self._recent(source)) >= self.most

    def wrong(self, source: str) -> None:
        self._wrong[source] = [*self._recent(source), time.monotonic()]
        self._wrong.move_to_end(source)
        while len(self._wrong) > MOST_SOURCES:
            self._wrong.popitem(last=False)

    def _recent(self, source: str) -> list[float]:
        since = time.monotonic() - TRIES_SECONDS
        return [at for at in self._wrong.get(source, []) if at > since]


class Invitations(Authenticator):
    """Lets candidates in by the code of their link, and the team by the class after this one.

    Whoever that class knows needs an account here too: it says in which role.
    """

    course = Unicode(help="the course's folder").tag(config=True)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.allow_all = True  # who has a link or an account, and nobody else, has a name here
        self.manage_groups = True
        self.throttle = Throttle(TRIES)

    def get_handlers(self, app: Any) -> list[Any]:
        return [*super().get_handlers(app), (r"/invited(?:/([^/]*))?", InvitedHandler)]

    async def authenticate(self, handler: BaseHandler, data: Any) -> Any:
        """What JupyterHub is to know of who comes in; None for who does not."""
        course = Course(Path(self.course))
        if isinstance(data, dict) and "code" in data:
            return await self._by_link(course, handler.request.remote_ip or "", data["code"])
        found = await super().authenticate(handler, data)
        name = found["name"] if isinstance(found, dict) else found
        person = await asyncio.to_thread(people.member, course, name) if name else None
        return known(person) if person else None

    async def _by_link(self, course: Course, source: str, code: str) -> dict[str, Any] | None:
        if self.throttle.closed(source):
            raise web.HTTPError(429, "Too many links that do not work. Try again in five minutes.")
        if code.startswith(operator.PREFIX):
            person = await asyncio.to_thread(operator.redeem, Places(course), code)
            return known(person) if person else None
        try:
            return known(await asyncio.to_thread(links.redeem, course, code))
        except LinkError:
            self.throttle.wrong(source)
            return None

    async def refresh_user(self, user: Any, handler: Any = None) -> dict[str, Any] | bool:
        """Every few minutes: somebody whose link or account has ended is out."""
        person = await asyncio.to_thread(_person, Course(Path(self.course)), user.name)
        return known(person) if person else False


def _person(course: Course, name: str) -> Person | None:
    return people.member(course, name) or links.holder(course, name)


def known(person: Person) -> dict[str, Any]:
    """What JupyterHub is to know of a person."""
    return {"name": person.name, "admin": False, "groups": [group(person.role)]}


class Passwords(Authenticator):
    """Names and passwords of accounts."""

    course = Unicode(help="the course's folder").tag(config=True)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.wrong_passwords = Throttle(TRIES_BY_NAME)

    async def authenticate(self, handler: BaseHandler, data: Any) -> Any:
        """The name, if the password is its own."""
        name = data.get("username", "")[:64]
        # by name and not by address, which whoever reaches the hub without a proxy can invent
        if self.wrong_passwords.closed(name):
            raise web.HTTPError(429, "Too many wrong passwords. Try again in five minutes.")
        course = Course(Path(self.course))
        person = await asyncio.to_thread(people.check, course, name, data.get("password", ""))
        if person is None:
            self.wrong_passwords.wrong(name)
        return person.name if person else None


class PasswordAuthenticator(Invitations, Passwords):
    """Candidates by link, the team by password."""


class InvitedHandler(BaseHandler):
    """``/hub/invited/<code>``: in by a link, after which the code is in no address any more."""

    async def get(self, code: str | None) -> None:
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        if not code:
            await self._page()
        elif self.current_user is not None and not self._is_theirs(code):
            # never change who somebody is without asking: a link can come from anybody
            await self._page(code, whose=self.current_user.name)
        else:
            await self._come_in(code)

    async def post(self, _: str | None) -> None:
        self.set_header("Referrer-Policy", "no-referrer")
        code = self.get_body_argument("code", "").strip()
        await self._come_in(code.rstrip("/").rpartition("/")[2])  # or the whole link

    def _is_theirs(self, code: str) -> bool:
        course = Course(Path(self.authenticator.course))
        if code.startswith(operator.PREFIX):
            return bool(self.current_user.name == operator.NAME)
        try:
            return bool(links.redeem(course, code).name == self.current_user.name)
        except LinkError:
            return True  # it works for nobody: that is what they are to be told

    async def _come_in(self, code: str) -> None:
        user = await self.login_user({"code": code})
        if user is None:
            self.set_status(403)
            await self._page(error=True)
            return
        self._jupyterhub_user = user
        self.redirect(self.get_next_url(user))

    async def _page(self, code: str = "", whose: str = "", error: bool = False) -> None:
        html = await self.render_template(
            "invited.html", code=code, whose=whose, wrong=error, xsrf=self.xsrf_token.decode()
        )
        self.finish(html)
