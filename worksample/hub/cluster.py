"""JupyterHub's configuration on Kubernetes: what its standard chart leaves to us.

The chart (``deploy/kubernetes/values.yaml``) starts hub and proxy and says where they are; people,
roles, pages and pods are said here, by the same code as on one machine.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from worksample.course import Course
from worksample.hub import config
from worksample.hub.config import ADDRESS, EXCHANGE, KEEPER, REFRESH_SECONDS, SERVER
from worksample.hub.places import Places
from worksample.hub.pods import PodSpawner

HUB_PORT, EXCHANGE_PORT = 8081, 8888


def configure(c: Any) -> None:
    """Set everything but addresses of the chart's own; called by its ``hub.extraConfig``.

    The course is where ``WORKSAMPLE_COURSE`` says, browsers come to ``WORKSAMPLE_HUB_URL``.
    """
    places = Places(Course(Path(os.environ["WORKSAMPLE_COURSE"])))
    address = os.environ[ADDRESS]
    for folder in (places.state, places.homes, places.jupyter):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    c.JupyterHub.public_url = address
    c.JupyterHub.subdomain_host = address
    c.JupyterHub.cookie_host_prefix_enabled = urlsplit(address).scheme == "https"
    config.people(c, places)
    config.pages(c, address)
    _services(c, address)
    _servers(c, places, address)


def _services(c: Any, address: str) -> None:
    """The chart has made their tokens; where they are asked and come back to is ours."""
    own = config.service_address(address, EXCHANGE)
    said: dict[str, dict[str, Any]] = {
        KEEPER: {"display": False},
        EXCHANGE: {
            "url": f"http://{EXCHANGE}:{EXCHANGE_PORT}",
            "oauth_redirect_uri": f"{own}oauth_callback",
            "oauth_no_confirm": True,
        },
    }
    for each in c.JupyterHub.services:
        each.update(said.get(each["name"], {}))


def _servers(c: Any, places: Places, address: str) -> None:
    c.JupyterHub.spawner_class = PodSpawner
    c.JupyterHub.allow_named_servers = False
    c.PodSpawner.course = str(places.course.root)
    c.PodSpawner.pages = config.service_address(address, EXCHANGE)
    c.PodSpawner.exchange = f"http://{_number(EXCHANGE)}:{EXCHANGE_PORT}/services/{EXCHANGE}/"
    c.Spawner.hub_connect_url = f"http://{_number('hub')}:{HUB_PORT}"
    c.Spawner.server_token_scopes = SERVER
    c.Spawner.oauth_client_allowed_scopes = []
    c.Spawner.disable_user_config = True
    c.Authenticator.auth_refresh_age = REFRESH_SECONDS


def _number(service: str) -> str:
    """A service's address, which stays the same for as long as the service exists."""
    return socket.gethostbyname(service)
