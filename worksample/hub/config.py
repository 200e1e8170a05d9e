"""JupyterHub's configuration, all of it in one place.

``state/hub/jupyterhub_config.py`` calls :func:`configure` and may go on after it: an operator's
own settings belong there.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jupyterhub.log
from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets import validate

from worksample.course import Course
from worksample.hub import work
from worksample.hub.answering import ADDRESS, EXCHANGE, LISTEN, service_address
from worksample.hub.authenticator import PasswordAuthenticator, group
from worksample.hub.places import SHARED_INSIDE, Places, url
from worksample.hub.spawner import BoxSpawner

KEEPER = "keeper"
ROUTES_SECONDS = 3
REFRESH_SECONDS = 60  # until somebody whose link has ended is out

_USE = f"access:services!service={EXCHANGE}"
# what each may do; nothing of what JupyterHub gives to everybody (tokens with full rights, sharing)
SCOPES = {
    "candidate": [
        *("access:servers!user", "servers!user", "read:users!user", "users:activity!user"),
        _USE,
    ],
    "grader": ["read:users!user", _USE],
    "interviewer": ["read:users!user", _USE],
    "administrator": [
        *("admin-ui", "list:users", "read:users", "read:servers", "servers", "read:hub"),
        *("list:groups", "read:groups", "list:services", "read:services", _USE),
    ],
}
# of a candidate's server, as which whatever runs in it may act
SERVER = ["users:activity!user", "access:servers!server", _USE]

FILE = """\
# JupyterHub reads this. It is written once; settings of your own go below.
from worksample.hub.config import configure

configure(get_config(), __file__)  # noqa: F821
"""


def write(places: Places) -> Path:
    """The file that JupyterHub is started with, made if there is none."""
    path = places.state / "jupyterhub_config.py"
    if not path.exists():
        path.write_text(FILE, encoding="utf-8")
    return path


def configure(c: Any, file: str) -> None:
    """Set everything.

    Args:
        c: JupyterHub's configuration.
        file: the configuration file, in ``state/hub`` of the course.
    """
    places = Places(Course(Path(file).resolve().parents[2]))
    _addresses(c, places, os.environ[ADDRESS])
    _lasting(c, places)
    people(c, places)
    _servers(c, places, os.environ[ADDRESS])
    _services(c, places, os.environ[ADDRESS])
    pages(c, os.environ[ADDRESS])


def _addresses(c: Any, places: Places, address: str) -> None:
    """The hub's, and one of its own for everybody and everything that shows pages.

    A candidate's server shows what the candidate wrote, scripts included. On the hub's address
    such a script could act as whoever looks at it.
    """
    c.JupyterHub.bind_url = os.environ.get(LISTEN) or address
    c.JupyterHub.public_url = address
    c.JupyterHub.subdomain_host = address
    c.JupyterHub.cookie_host_prefix_enabled = urlsplit(address).scheme == "https"
    c.JupyterHub.hub_bind_url = url(places.hub_socket)
    c.JupyterHub.hub_connect_url = url(places.hub_socket)
    c.JupyterHub.hub_socket_mode = 0o666  # in a folder that only we and sandboxes can enter
    c.ConfigurableHTTPProxy.should_start = False  # supervisor.py does, so that it outlives the hub
    c.ConfigurableHTTPProxy.api_url = url(places.proxy_socket)
    c.ConfigurableHTTPProxy.auth_token = places.secret("proxy")


def _lasting(c: Any, places: Places) -> None:
    """What a hub that was killed finds again: its database, its secrets, the running servers."""
    c.JupyterHub.db_url = f"sqlite:///{places.database}"
    c.JupyterHub.cookie_secret_file = str(places.state / "cookie.secret")
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.cleanup_proxy = False
    c.JupyterHub.pid_file = ""
    # a proxy that was started again knows no way to anybody until the hub looks
    c.JupyterHub.last_activity_interval = ROUTES_SECONDS


def people(c: Any, places: Places) -> None:
    """Who comes in, and what each role may do; the same wherever the hub runs."""
    c.JupyterHub.authenticator_class = PasswordAuthenticator
    for name in ("Invitations", "Passwords"):
        c[name].course = str(places.course.root)
    c.Authenticator.auth_refresh_age = REFRESH_SECONDS
    c.Authenticator.refresh_pre_spawn = True
    c.JupyterHub.load_roles = [
        {"name": "user", "description": "Everybody: nothing by itself", "scopes": []},
        *(
            {"name": f"as-{role}", "scopes": scopes, "groups": [group(role)]}
            for role, scopes in SCOPES.items()
        ),
        {
            "name": "as-keeper",
            "scopes": ["list:users", "read:servers", "delete:servers", "delete:users"],
            "services": [KEEPER],
        },
    ]


def _servers(c: Any, places: Places, address: str) -> None:
    c.JupyterHub.spawner_class = BoxSpawner
    c.JupyterHub.concurrent_spawn_limit = os.cpu_count() or 1
    c.JupyterHub.implicit_spawn_seconds = 1.0
    c.JupyterHub.allow_named_servers = False
    c.BoxSpawner.course = str(places.course.root)
    c.BoxSpawner.pages = service_address(address, EXCHANGE)
    c.Spawner.hub_connect_url = url(f"{SHARED_INSIDE}/{places.hub_socket.name}")
    c.Spawner.server_token_scopes = SERVER
    c.Spawner.oauth_client_allowed_scopes = []
    c.Spawner.disable_user_config = True
    c.Spawner.start_timeout = 120
    c.Spawner.http_timeout = 110
    c.Spawner.poll_interval = 10


class SocketProxy(ConfigurableHTTPProxy):
    """JupyterHub's seam for the proxy; routes of ours may lead to sockets, as its own do."""

    @validate("extra_routes")
    def _validate_extra_routes(self, proposal: Any) -> Any:
        return proposal.value


def _services(c: Any, places: Places, address: str) -> None:
    """The exchange, on a host name of its own. JupyterHub 6.1.1 takes no socket for a service's
    URL, so that its route and its way back from signing in are written out here."""
    own = service_address(address, EXCHANGE)
    c.JupyterHub.services = [
        {"name": KEEPER, "api_token": places.secret(KEEPER), "display": False},
        {
            "name": EXCHANGE,
            "api_token": places.secret(EXCHANGE),
            "oauth_redirect_uri": f"{own}oauth_callback",
            "oauth_no_confirm": True,
        },
    ]
    at = urlsplit(own)
    c.JupyterHub.proxy_class = SocketProxy
    c.Proxy.extra_routes = {f"{at.hostname}{at.path}": url(places.exchange_socket)}


def pages(c: Any, address: str) -> None:
    """What the hub itself shows, and where it leads people to."""
    c.JupyterHub.template_paths = [str(Path(__file__).parent / "templates")]
    c.JupyterHub.template_vars = {"exchange": service_address(address, EXCHANGE)}
    c.JupyterHub.default_url = functools.partial(_first_page, service_address(address, EXCHANGE))
    c.JupyterHub.tornado_settings = {
        "log_function": log_request,
        "xsrf_cookie_kwargs": {"secure": urlsplit(address).scheme == "https"},
    }
    c.JupyterHub.shutdown_on_logout = False


def _first_page(exchange: str, handler: Any) -> str:
    """Where somebody goes who asks for no page: candidates at work to it, all others to the
    exchange's pages, where a candidate reads the notice and presses start."""
    user = handler.current_user
    if user is None:
        return ""  # JupyterHub's own: the page to sign in
    course = Course(Path(handler.authenticator.course))
    at_work = group("candidate") in {each.name for each in user.groups}
    return "" if at_work and work.has_begun(course, user.name) else exchange


def log_request(handler: Any) -> None:
    """JupyterHub's own, without the codes of links: whoever reads a log could come in by them."""
    before, found, _ = handler.request.uri.partition("/invited/")
    if found:
        handler.request.uri = f"{before}{found}[secret]"
    jupyterhub.log.log_request(handler)
