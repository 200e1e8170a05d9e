"""Under a real JupyterHub: its OAuth says who is asking, its tokens who submits.

There is no proxy: the hub and the service are asked at their own ports, as a proxy would ask them.
"""

from __future__ import annotations

import io
import os
import re
import socket
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from tests.cohort import a_copy
from tests.exchange.afar import PASSWORD, TINY, invited, notebook_of, open_now
from tests.processes import running, until
from worksample.course import Course
from worksample.exchange import client, links, people, sittings
from worksample.exchange.tables import opened

ROOT_TOKEN = "f" * 32
CONFIG = """
import sys
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {{}}

c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{password}"
c.Authenticator.allow_all = True
c.JupyterHub.bind_url = "http://127.0.0.1:{front}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}/"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.services = [
    {{"name": "exchange", "url": "http://127.0.0.1:{service}", "oauth_no_confirm": True,
      "command": [sys.executable, "-m", "worksample.exchange"],
      "environment": {{"WORKSAMPLE_COURSE": "{course}"}}}},
    {{"name": "root", "api_token": "{root}"}},
]
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", "access:services!service=exchange"]}},
    {{"name": "root", "services": ["root"], "scopes": ["admin:users", "tokens"]}},
]
"""
PREFIX = "/services/exchange/"


@dataclass
class Hub:
    """A hub with the service behind it."""

    course: Course
    hub: str
    service: str

    def at(self, url: str, of: str) -> str:
        """Where a proxy would send this address."""
        path = urljoin(of, url)
        parts = urlsplit(path)
        base = self.service if parts.path.startswith(PREFIX) else self.hub
        return f"{base}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def follow(self, session: requests.Session, url: str) -> requests.Response:
        """The page at the end of all redirects."""
        for _ in range(10):
            reply = session.get(url, allow_redirects=False, timeout=60)
            if reply.status_code not in (302, 303, 307):
                return reply
            url = self.at(reply.headers["Location"], url)
        raise AssertionError(f"it goes round in circles: {url}")

    def signed_in(self, name: str) -> tuple[requests.Session, requests.Response]:
        """A browser that comes to the service and is led through the hub's log-in."""
        session = requests.Session()
        page = self.follow(session, f"{self.service}{PREFIX}")
        token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert token, page.text
        fields = {"username": name, "password": PASSWORD, "_xsrf": token[1]}
        reply = session.post(page.url, data=fields, allow_redirects=False, timeout=60)
        return session, self.follow(session, self.at(reply.headers["Location"], page.url))

    def token(self, name: str, scopes: list[str] | None = None) -> str:
        """An API token of a user's, as a spawned server has one."""
        url = f"{self.hub}/hub/api/users/{name}"
        head = {"Authorization": f"token {ROOT_TOKEN}"}
        requests.post(url, headers=head, timeout=60)
        reply = requests.post(
            f"{url}/tokens", headers=head, json={"scopes": scopes} if scopes else {}, timeout=60
        )
        return reply.json()["token"]


@pytest.fixture(scope="module")
def hub(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    front, port, service = (each.getsockname()[1] for each in sockets)
    with pytest.MonkeyPatch.context() as patch:
        course = a_copy(built_once, folder, patch)
        open_now(course)
        ada, _ = invited(course, "ada", "bob")
        sittings.start(course, ada, TINY)
        people.add(course, "grace", "grader", None)
    config = folder / "jupyterhub_config.py"
    config.write_text(
        CONFIG.format(
            password=PASSWORD,
            front=front,
            hub=port,
            service=service,
            folder=folder,
            course=course.root,
            root=ROOT_TOKEN,
        )
    )
    for each in sockets:
        each.close()
    command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    found = Hub(course, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{service}")
    with (
        (folder / "log").open("w") as log,
        running(command, cwd=folder, stdout=log, stderr=log, env={**os.environ}) as process,
    ):

        def answers() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            with socket.socket() as one, socket.socket() as other:
                return not any(
                    (
                        one.connect_ex(("127.0.0.1", port)),
                        other.connect_ex(("127.0.0.1", service)),
                    )
                )

        until(answers, 240)
        yield found


def test_a_browser_is_led_through_the_hub_and_each_to_their_own_page(hub: Hub) -> None:
    session, page = hub.signed_in("ada")
    assert page.status_code == 200, page.text
    assert urlsplit(page.url).path == f"{PREFIX}candidates/ada/"
    other = session.get(f"{hub.service}{PREFIX}candidates/bob/", timeout=60)
    assert other.status_code == 404
    # a form of ours works with the hub's cookie, and only with the token in it
    url = f"{hub.service}{PREFIX}candidates/ada/questions"
    token = re.search(r'name="_xsrf" value="([0-9a-f]{64})"', page.text)
    assert token
    assert session.post(url, data={"text": "May I?"}, timeout=60).status_code == 403
    fields = {"text": "May I?", "_xsrf": token[1]}
    done = session.post(url, data=fields, allow_redirects=False, timeout=60)
    assert done.status_code == 303, done.text
    _, team = hub.signed_in("grace")
    assert urlsplit(team.url).path == f"{PREFIX}team/"
    # whom the hub lets in and nobody here knows is a stranger, and is not led round in circles
    _, stranger = hub.signed_in("mallory")
    assert stranger.status_code in (200, 401)
    assert "candidates/" not in stranger.text


def test_a_servers_token_hands_in_for_its_own_user_alone(hub: Hub) -> None:
    base = f"{hub.service}{PREFIX}"
    ada = client.Client(base, hub.token("ada"))
    assert ada.name() == "ada"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(f"{TINY}/{TINY}.ipynb", notebook_of(hub.course, "ada"))
    receipt = ada.submit("ada", TINY, stream.getvalue())
    assert receipt["counts"]
    (row,) = opened(hub.course).submissions(TINY, "ada")
    assert row.digest == receipt["digest"]
    with pytest.raises(client.Refused, match="no such page"):
        ada.submit("bob", TINY, stream.getvalue())
    # a token that may do nothing here, and one that is none
    narrow = client.Client(base, hub.token("ada", ["read:users!user=ada"]))
    for refused in (narrow, client.Client(base, "0" * 32)):
        with pytest.raises(client.Refused, match="sign in first"):
            refused.name()
    # a link's end is the candidate's, whatever the hub goes on believing
    links.revoke(hub.course, "ada", by="grace")
    with pytest.raises(client.Refused, match="sign in first"):
        ada.name()
