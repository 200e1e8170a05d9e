"""Under JupyterHub: its OAuth says who is asking, and its environment where to listen.

The only file here that knows JupyterHub. A name that the hub proves is a person of ours if they
have an account or a link that works (:func:`worksample.exchange.identity.named`); everybody else
is a stranger, whatever the hub lets them do.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from typing import Any
from urllib.parse import unquote, urlsplit

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler
from jupyterhub.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.httputil import url_concat
from tornado.netutil import bind_unix_socket
from tornado.web import RequestHandler

from worksample.course import Course
from worksample.errors import CourseError
from worksample.exchange import app
from worksample.exchange import identity as identities
from worksample.exchange.identity import Seen


class HubIdentity:
    """Who is asking, as JupyterHub says."""

    homes = True

    def __init__(self, course: Course, auth: HubOAuth | None = None) -> None:
        self.course = course
        # the one that the callback uses too: it remembers what was sent off
        self.auth = auth or HubOAuth.instance(cache_max_age=60)
        self.way_out = f"{self.auth.hub_host}{self.auth.hub_prefix}logout"
        self.handlers: tuple[tuple[Any, ...], ...] = (("oauth_callback", _Callback),)

    async def seen(self, handler: RequestHandler) -> Seen:
        model = await self.auth.get_user(handler, sync=False)
        by_token = bool(getattr(handler, "_token_authenticated", False))
        session = "" if by_token else self._session(handler)
        if not self._is_let_in(model):
            return Seen(None, session)
        name = str(model["name"])
        loop = asyncio.get_running_loop()
        person = await loop.run_in_executor(None, identities.named, self.course, name)
        return Seen(person, session)

    def way_in(self, handler: RequestHandler) -> str | None:
        """The hub's page; strangers that the hub knows would come back here for ever."""
        if getattr(handler, "_cached_hub_user", None):
            return None
        arguments: dict[str, str] = {}
        verifier: dict[str, str] = {}
        if getattr(self.auth, "pkce_enabled", False):  # since JupyterHub 6
            verifier["code_verifier"], *challenge = self.auth.generate_pkce_code_challenge()
            names = ("code_challenge", "code_challenge_method")
            arguments = dict(zip(names, challenge, strict=True))
        arguments["state"] = self.auth.set_state_cookie(
            handler, next_url=handler.request.uri, **verifier
        )
        return url_concat(self.auth.login_url, arguments)

    def _is_let_in(self, model: object) -> bool:
        """A user of the hub whose token may be used here; other services' and users' are not."""
        if not isinstance(model, dict) or model.get("kind", "user") != "user":
            return False
        wanted = self.auth.access_scopes
        return not wanted or bool(self.auth.check_scopes(wanted, model))

    def _session(self, handler: RequestHandler) -> str:
        """A digest of the hub's cookie: what forms are bound to."""
        token = self.auth._get_token_cookie(handler) or self.auth.get_session_id(handler)
        return hashlib.sha256(f"hub {token}".encode()).hexdigest()


class _Callback(HubOAuthCallbackHandler):
    """Where the hub sends a browser back to."""


def main(course: Course) -> None:
    """Serve as a service that JupyterHub has started, until it is told to end."""
    asyncio.run(_serve(course))


async def _serve(course: Course) -> None:
    identity = HubIdentity(course)
    prefix = url_path_join(os.environ["JUPYTERHUB_SERVICE_PREFIX"], "/")
    server = app.serve(app.make_app(course, prefix=prefix, identity=identity), behind_proxy=True)
    _listen(server, os.environ.get("JUPYTERHUB_SERVICE_URL", ""))
    await app.until_ended(server, course, homes=True)


def _listen(server: HTTPServer, url: str) -> None:
    """On the address that the hub's configuration gave the service: a port or a Unix socket."""
    parts = urlsplit(url)
    if parts.scheme == "http+unix":
        path = unquote(parts.netloc)
        # candidates' servers ask it too, as users of their own: its folder says who reaches it, and
        # every request has to say who it is
        if os.path.exists(path):
            os.unlink(path)  # of a process that was killed
        server.add_socket(bind_unix_socket(path, mode=0o666))
    elif parts.hostname and parts.port:
        server.listen(parts.port, address=parts.hostname)
    else:
        raise CourseError(
            "JUPYTERHUB_SERVICE_URL says nowhere to listen",
            do="give the service a `url` in jupyterhub_config.py",
        )
