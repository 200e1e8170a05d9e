"""The team by single sign-on: docs/hosting.md's own settings, against a provider that runs here."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from oidc_provider_mock import User, run_server_in_thread

from tests.cohort import ROOT, a_copy
from tests.exchange.afar import OPENING, invited, open_now
from tests.processes import running, until
from worksample.course import Course
from worksample.exchange import links, people

# there is no proxy: the hub is asked at its own port
BEFORE = """
from jupyterhub.proxy import Proxy

class NoProxy(Proxy):
    should_start = False
    async def add_route(self, routespec, target, data): pass
    async def delete_route(self, routespec): pass
    async def get_all_routes(self): return {{}}

c = get_config()
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.bind_url = c.JupyterHub.hub_bind_url = "http://127.0.0.1:{port}/"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.template_paths = ["{templates}"]
c.JupyterHub.default_url = "/hub/home"
c.Invitations.course = "{course}"
"""
TEAM = {"grace": "grader", "alan": "administrator"}
SECONDS = 60


def settings() -> str:
    """What stands in the documentation."""
    text = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (found,) = [each for each in blocks if "GenericOAuthenticator" in each]
    return str(found)


@dataclass
class Hub:
    course: Course
    address: str

    def comes_in(self, provider: str, name: str) -> requests.Response:
        """Somebody presses "Sign in with Example", and is that name at the provider."""
        session = requests.Session()
        page = session.get(f"{self.address}/hub/login", timeout=SECONDS)
        assert "Your link" in page.text, "candidates still find their way in"
        found = re.search(r'href="([^"]+oauth_login[^"]*)"[^>]*>Sign in with Example', page.text)
        assert found, page.text
        asked = session.get(urljoin(page.url, found[1].replace("&amp;", "&")), timeout=SECONDS)
        assert asked.url.startswith(provider), "led to the provider"
        done = session.post(asked.url, data={"sub": name}, allow_redirects=False, timeout=SECONDS)
        return self.follow(session, done.headers["Location"])

    def follow(self, session: requests.Session, url: str) -> requests.Response:
        """The hub's last page on the way; what would be a server's is not asked."""
        for _ in range(10):
            reply = session.get(url, allow_redirects=False, timeout=SECONDS)
            if reply.status_code != 302:
                return reply
            url = urljoin(url, reply.headers["Location"])
            if not urlsplit(url).path.startswith("/hub/"):
                return reply
        raise AssertionError(f"it goes round in circles: {url}")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    names = [*TEAM, "mallory", "ada"]
    claims = [User(sub=name, claims={"preferred_username": name}) for name in names]
    with run_server_in_thread(user_claims=claims) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="module")
def hub(built_once: Path, provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("single sign-on")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        course = a_copy(built_once, folder, patch)
    open_now(course)
    invited(course, "ada")
    for name, role in TEAM.items():
        people.add(course, name, role, None)  # as `worksample account --single-sign-on`
    own = settings().replace("https://id.example.org/", f"{provider}/")
    own = (
        own.replace('"…"', '"ours"')
        .replace("/authorize", "/oauth2/authorize")
        .replace("/token", "/oauth2/token")
    )
    before = BEFORE.format(
        port=port,
        folder=folder,
        course=course.root,
        templates=ROOT / "worksample" / "hub" / "templates",
    )
    config = folder / "jupyterhub_config.py"
    config.write_text(f"{before}\n{own}\n")
    log = folder / "hub.log"
    command = [sys.executable, "-P", "-m", "jupyterhub", "-f", str(config)]
    with (
        log.open("w") as file,
        running(command, cwd=folder, stdout=file, stderr=file, env={**os.environ}) as process,
    ):

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            with socket.socket() as trial:
                return trial.connect_ex(("127.0.0.1", port)) == 0

        until(answers, 240)
        yield Hub(course, f"http://127.0.0.1:{port}")


def test_the_team_comes_in_by_the_provider_and_nobody_else_does(hub: Hub, provider: str) -> None:
    for name in TEAM:
        reply = hub.comes_in(provider, name)
        assert reply.status_code in (200, 302), reply.text
        assert "jupyterhub-hub-login" in str(reply.request.headers.get("Cookie")) or (
            "jupyterhub-hub-login" in reply.headers.get("Set-Cookie", "")
        )
    for name in ("mallory", "ada"):  # no account; a candidate's id can be nobody else's
        reply = hub.comes_in(provider, name)
        assert reply.status_code == 403, (name, reply.status_code, reply.url)
    people.remove(hub.course, "grace")
    assert hub.comes_in(provider, "grace").status_code == 403


def test_candidates_come_in_by_their_links_all_the_same(hub: Hub) -> None:
    code = links.issue(hub.course, OPENING, "ada").code
    session = requests.Session()
    reply = hub.follow(session, f"{hub.address}/hub/invited/{code}")
    assert reply.status_code in (200, 302), reply.text
    assert any("hub-login" in each.name for each in session.cookies)
    refused = requests.get(f"{hub.address}/hub/invited/{'x' * 43}", timeout=SECONDS)
    assert refused.status_code == 403
