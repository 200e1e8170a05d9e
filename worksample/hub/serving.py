"""``worksample serve``: everything that a hosted course needs, on this machine."""

from __future__ import annotations

import errno
import importlib.util
import itertools
import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from worksample import assignments, disk, interpreter
from worksample.course import Course
from worksample.errors import HostingError
from worksample.exchange import inviting, links, openings, sittings
from worksample.exchange.openings import Opening
from worksample.exchange.people import Person
from worksample.hub import answering, certificate, config, operator, proxy, warmups
from worksample.hub.certificate import Files
from worksample.hub.places import Places, url
from worksample.hub.supervisor import Part
from worksample.sandbox import watch
from worksample.sandbox.bubblewrap import Bubblewrap

PORT = 8000
READY_SECONDS = 90.0
PORT_SECONDS = 10.0  # for a port to be let go
SERVICES = {
    config.EXCHANGE: "worksample.exchange.__main__",
    config.KEEPER: "worksample.hub.keeper",
}
DEMONSTRATION = "demonstration"  # the opening, and its candidates
DEMONSTRATION_DAYS = 365


@dataclass(frozen=True)
class Site:
    """Where it is reached.

    Attributes:
        address: what browsers use; the candidates' servers are on host names below it.
        listen: the proxy's own address.
        files: certificate and key, where the proxy itself ends TLS.
    """

    address: str
    listen: str
    files: Files | None = None

    @classmethod
    def here(cls, port: int) -> Site:
        """This machine alone: every name below ``localhost`` is this machine's, for a browser."""
        return cls(f"http://hub.localhost:{port}", f"http://127.0.0.1:{port}")

    @classmethod
    def secure(cls, address: str, listen: str, files: Files) -> Site:
        """An address that this machine serves by itself, with a certificate of the operator's.

        Raises:
            HostingError: one of the addresses is not of TLS.
        """
        at = urlsplit(address)
        for each in (address, listen or address):
            if urlsplit(each).scheme != "https":
                raise HostingError(
                    f"a certificate was given, and {each or 'no --url'} is no https:// address",
                    do="give --url https://NAME, and --listen https://0.0.0.0:443 or none",
                )
        return cls(address, listen or f"https://0.0.0.0:{at.port or 443}", files)

    def link(self, code: str) -> str:
        """The link that a person comes in by."""
        return f"{self.address}/hub/invited/{code}"


def prepare(course: Course, site: Site) -> Places:
    """Look whether it can be started, and make and install what is missing.

    Raises:
        HostingError: the port is taken, the certificate is of no use, there is no node, or npm
            could not get the proxy.
        SandboxUnavailable: candidates could not be kept apart here.
        CaseError: a work sample to warm up with draws no case.
    """
    places = Places(course)
    Bubblewrap.find()
    watch.divide()
    if site.files is not None:
        certificate.checked(site.files, site.address)
    _check_free(site)
    places.make()
    course.secret()
    warmups.write(course)
    proxy.install(places)
    config.write(places)
    links.announce(course, site.link(""))
    disk.replace(places.state / "address", site.address.encode())
    certificate.remember(places, site.files)
    return places


def parts(places: Places, site: Site) -> list[Part]:
    """What is to run, in the order of its start."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTERHUB_")}
    own |= {
        "PYTHONSAFEPATH": "1",
        "WORKSAMPLE_COURSE": str(places.course.root),
        config.ADDRESS: site.address,
        config.LISTEN: site.listen,
    }
    hub = interpreter.command("-m", "jupyterhub", "-f", str(config.write(places)))
    found = [
        Part(
            "proxy",
            proxy.command(places, site.listen, site.files),
            proxy.environment(places),
            places.proxy_socket,
            reads=(site.files.certificate, site.files.key) if site.files else (),
        ),
        Part("hub", hub, own, places.hub_socket),
    ]
    for name, module in SERVICES.items():
        if importlib.util.find_spec(module):
            command = interpreter.command("-m", module)
            found.append(Part(name, command, {**own, **service(places, site, name)}))
    grading = interpreter.command("-m", "worksample.cli", "serve-grading")
    return [*found, Part("grading", grading, own)]


def service(places: Places, site: Site, name: str) -> dict[str, str]:
    """The variables that JupyterHub gives a service that it starts itself.

    These are started beside it, so that they outlive it.
    """
    own = config.service_address(site.address, name)
    at = urlsplit(own)
    return {
        "WORKSAMPLE_LAB": f"{site.address}/hub/spawn",
        "JUPYTERHUB_SERVICE_NAME": name,
        "JUPYTERHUB_SERVICE_PREFIX": at.path,
        "JUPYTERHUB_SERVICE_URL": url(places.exchange_socket),
        "JUPYTERHUB_API_TOKEN": places.secret(name),
        "JUPYTERHUB_API_URL": f"{url(places.hub_socket)}/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_HOST": site.address,
        "JUPYTERHUB_PUBLIC_URL": own,
        "JUPYTERHUB_PUBLIC_HUB_URL": f"{site.address}/hub/",
        "JUPYTERHUB_CLIENT_ID": f"service-{name}",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{own}oauth_callback",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps(
            ["access:services", f"access:services!service={name}"]
        ),
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": "[]",
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": str(int(at.scheme == "https")),
    }


def wait(site: Site, alive: Callable[[], bool]) -> None:
    """Wait until the hub answers through the proxy.

    Raises:
        HostingError: it does not.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and alive():
        if answering.hub(site.listen, site.address):
            return
        time.sleep(0.2)
    raise HostingError(
        "the hub does not answer",
        do="see state/hub/logs/hub.log and proxy.log",
    )


def operators_link(places: Places, site: Site) -> str:
    """The administrator's link; it works once."""
    return site.link(operator.issue(places))


def demonstration(course: Course, site: Site, say: Callable[[str], None]) -> str | None:
    """A candidate to look at it with, for the shortest work sample that is built here.

    Whose time is over is followed by another.

    Returns:
        The link; None where nothing is built.
    """
    opening = _opening(course)
    if opening is None:
        return None
    for number in itertools.count(1):
        name = f"{DEMONSTRATION}-{number}"
        person = Person(name, "candidate", opening.id)
        if not any(each.state == "over" for each in sittings.of_person(course, person)):
            break
    say(f"the case of {name} is drawn where there is none yet …")
    return site.link(inviting.invite(course, opening, name).link.code)


def _opening(course: Course) -> Opening | None:
    """The opening of the demonstration, its file written if there is none."""
    path = course.root / openings.FOLDER / f"{DEMONSTRATION}.toml"
    if not path.exists():
        built = [
            each
            for each in assignments.all_of(course)
            if each.graded and (course.release / each.id / f"{each.id}.ipynb").is_file()
        ]
        if not built:
            return None
        chosen = min(built, key=lambda each: (each.minutes.work, each.id))
        today = datetime.now(UTC).date()
        last = today + timedelta(days=DEMONSTRATION_DAYS)
        text = (
            f'title = "Demonstration"\nassignments = ["{chosen.id}"]\n'
            f"opens = {today}\ncloses = {last}\ndecision = {last}\n"
        )
        disk.replace(path, text.encode())
    return openings.find(course, DEMONSTRATION)


def _check_free(site: Site) -> None:
    """Wait for the port: the proxy of a supervisor that was killed ends a moment after it."""
    at = urlsplit(site.listen)
    port = answering.port(at)
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((at.hostname or "127.0.0.1", port))
                return
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                    raise HostingError(
                        f"port {port} cannot be used: {error.strerror}",
                        do="stop what uses it, or choose another one with --port",
                    ) from error
        time.sleep(0.2)
