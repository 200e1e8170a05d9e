"""The exchange service of a course, in a thread of this process, and people who ask it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import requests
from tornado.netutil import bind_sockets

from tests.exchange.afar import PASSWORD
from worksample.course import Course
from worksample.exchange import app, links
from worksample.exchange.app import Rates
from worksample.exchange.people import Person

SECONDS = 60


@contextmanager
def served(course: Course, rates: Rates | None = None, body_seconds: float = 60) -> Iterator[str]:
    """The service's address, with a slash at its end."""
    (socket,) = bind_sockets(0, "127.0.0.1")
    ready, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run(executor: ThreadPoolExecutor) -> None:
        server = app.serve(app.make_app(course, rates=rates, executor=executor), behind_proxy=False)
        server.conn_params.body_timeout = body_seconds
        server.add_socket(socket)
        ready.set()
        await ended.wait()
        server.stop()
        await server.close_all_connections()

    def serve() -> None:
        with ThreadPoolExecutor(app.THREADS) as executor:
            loop.run_until_complete(run(executor))
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ready.wait(SECONDS)
        yield f"http://127.0.0.1:{socket.getsockname()[1]}/"
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(SECONDS)


class Client:
    """A browser without pictures: keeps cookies, and fills the token into forms as a page does."""

    def __init__(self, base: str) -> None:
        self.base, self.session = base, requests.Session()
        self._token = ""

    def get(self, path: str, **options: object) -> requests.Response:
        return self.session.get(self.base + path, timeout=SECONDS, **options)  # type: ignore[arg-type]

    def post(self, path: str, fields: dict[str, str] | None = None, **options: object):  # type: ignore[no-untyped-def]
        token = self.token()
        return self.session.post(
            self.base + path,
            data={"_xsrf": token, **(fields or {})},
            timeout=SECONDS,
            allow_redirects=False,
            **options,
        )

    def token(self) -> str:
        """The form token of the session, from whatever page it is on."""
        if not self._token:
            page = self.session.get(self.base, timeout=SECONDS).text
            found = re.search(r'name="_xsrf" value="([0-9a-f]{64})"', page)
            assert found, page
            self._token = found[1]
        return self._token

    def forget_token(self) -> None:
        """Another session has begun, and with it another token."""
        self._token = ""

    def submit(self, candidate: str, assignment: str, body: bytes) -> requests.Response:
        """A zip, as the plug-ins send it."""
        return self.session.post(
            f"{self.base}api/candidates/{candidate}/{assignment}/submit",
            data=body,
            headers={"Content-Type": "application/zip", "X-XSRFToken": self.token()},
            timeout=SECONDS,
        )


def candidate(base: str, course: Course, person: Person) -> Client:
    """Somebody who has opened their link."""
    client = Client(base)
    code = links.issue(course, person.opening or "", person.name).code
    assert client.get(f"link/{code}").status_code == 200
    return client


def member(base: str, name: str) -> Client:
    """Somebody of the team who has signed in."""
    client = Client(base)
    done = client.post("sign-in", {"name": name, "password": PASSWORD})
    assert done.status_code == 303, done.text
    client.forget_token()
    return client
