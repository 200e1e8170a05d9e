"""A request as the service's functions see it, and what they answer; nothing of HTTP but names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from markupsafe import Markup

from worksample.course import Course
from worksample.exchange.drawing import Drawer
from worksample.exchange.openings import Opening
from worksample.exchange.people import Person
from worksample.exchange.presence import Presence
from worksample.exchange.rates import Bucket

KB, MB = 2**10, 2**20

Who = Literal["nobody", "candidate", "grader", "interviewer", "administrator", "partner"]


class Pages(Protocol):
    """What draws pages (:class:`worksample.exchange.pages.Pages`)."""

    style: bytes

    def draw(self, template: str, title: str, ask: Ask, **facts: object) -> str:
        """A page as text."""
        ...

    def notice(self, opening: Opening) -> tuple[Markup, str]:
        """What a candidate agrees to, and its digest."""
        ...


@dataclass(frozen=True)
class Service:
    """What all requests share.

    Attributes:
        prefix: what every address begins with; it ends with a slash.
        homes: candidates have homes elsewhere (JupyterHub's), where they work; people come in and
            go out there too.
        way_out: where they go out, if that is elsewhere.
        failed: wrong links and passwords by address, and by name.
        drawer: draws feedback beside the requests.
        present: who looks on while somebody works.
    """

    course: Course
    prefix: str
    pages: Pages
    homes: bool
    way_out: str
    failed_links: Bucket
    failed_passwords: Bucket
    tried_names: Bucket
    drawer: Drawer
    present: Presence = field(default_factory=Presence)


@dataclass(frozen=True)
class Ask:
    """A request that was allowed.

    Attributes:
        person: who asks; None for a stranger, where strangers may ask.
        named: the parts of the address that have names: ``candidate``, ``assignment``, …
        form: fields of a form, or of a JSON object, as text.
        uploads: name -> bytes of the files in a form.
        body: the whole body as a file, where the endpoint takes it raw.
        address: where it came from, for rate limits.
        form_token: to be put into every form of the answer.
        session: a digest of the session that it came in; empty where it bore a token of its own.
    """

    service: Service
    person: Person | None
    named: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, bytes] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Path | None = None
    address: str = ""
    form_token: str = ""
    session: str = ""

    @property
    def course(self) -> Course:
        return self.service.course

    @property
    def someone(self) -> Person:
        """The person; only for endpoints that no stranger reaches."""
        assert self.person is not None, "the table of endpoints lets strangers in here"
        return self.person

    def page(self, template: str, title: str, status: int = 200, **facts: object) -> Reply:
        """A page of ours."""
        text = self.service.pages.draw(template, title, self, **facts)
        return Reply(text.encode("utf-8"), "text/html; charset=utf-8", status)

    def to(self, path: str, done: str = "") -> Reply:
        """After a form: look at that page, which says what was done."""
        return Reply(
            status=303, location=f"{self.service.prefix}{path}" + (done and f"?done={done}")
        )


@dataclass(frozen=True)
class Reply:
    """What is answered.

    Attributes:
        kind: the content type.
        location: where to go on, with a status of 303.
        filename: what a browser saves it as; empty where it is shown.
        policy: the content security policy, where it is not that of our pages.
        is_public: it holds nothing of anybody's, so pages of no origin may load it.
        begin: the session to begin (:meth:`worksample.exchange.identity.Sessions.begin`).
        end: whether to forget the session's cookie.
    """

    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    location: str = ""
    filename: str = ""
    policy: str = ""
    is_public: bool = False
    begin: str = ""
    end: bool = False


def data(value: object, status: int = 200) -> Reply:
    """An answer for programs."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return Reply(text.encode("utf-8"), "application/json", status)


def download(body: bytes, filename: str) -> Reply:
    """A file to be saved, whatever a browser takes it for."""
    return Reply(body, "application/octet-stream", filename=filename)


@dataclass(frozen=True)
class Endpoint:
    """One line of the table that the service is built from (:mod:`worksample.exchange.table`).

    Attributes:
        path: below the prefix; ``{name}`` stands for one part, ``{name...}`` for the rest.
        own: who may, where it is about themselves or about nobody.
        others: who may, where ``{candidate}`` is somebody else.
        call: what answers it. It runs in a thread, and may raise any error of ours.
        limit: bytes of a body; more is refused while it is read.
        raw: the body is handed on as a file.
        is_data: errors are told as JSON, and a stranger is not led to a page.
        for_partners: who asks is told by the key that the request bears, and by nothing else.
    """

    method: Literal["GET", "POST"]
    path: str
    own: frozenset[Who]
    others: frozenset[Who]
    call: Callable[[Ask], Reply]
    limit: int = 64 * KB
    raw: bool = False
    is_data: bool = False
    for_partners: bool = False

    @property
    def about_someone(self) -> bool:
        """Whether the address names a candidate."""
        return "{candidate}" in self.path

    def allows(self, person: Person | None, candidate: str | None) -> bool:
        """Whether this person may ask it; ``candidate`` is who the address names."""
        who: Who = person.role if person else "nobody"
        if candidate is None or (person is not None and person.name == candidate):
            return who in self.own
        return who in self.others
