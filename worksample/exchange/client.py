"""Asking the service from a candidate's server or machine: the standard library, short time-outs.

Where the service is and who asks comes from the environment: ``WORKSAMPLE_EXCHANGE`` is its
address (``http://host:port/prefix/``, or ``http+unix://%2Fpath%2Fsocket/prefix/``) and
``JUPYTERHUB_API_TOKEN`` the server's token; without a hub, ``WORKSAMPLE_LINK`` is the candidate's
whole link, which says both. Nothing of the trusted side is imported here.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, unquote, urlsplit

SECONDS = 10.0  # for every step of an answer; a server's notebooks stand still meanwhile
SEND_SECONDS = 30.0  # for what is handed in
TRIES = 3  # what is handed in twice is taken once
PAUSE = 0.5


class Unreachable(Exception):
    """The service does not answer, or nobody said where it is."""


class Refused(Exception):
    """The service answered, and said no in words."""


@dataclass(frozen=True)
class Client:
    """Somebody who asks the service.

    Attributes:
        base: its address; ends with a slash.
        token: who asks: a hub's token, or the code of a link.
    """

    base: str
    token: str

    @classmethod
    def of_environment(cls, given: Mapping[str, str] = os.environ) -> Client:
        """The client that the environment describes.

        Raises:
            Unreachable: it describes none.
        """
        link = given.get("WORKSAMPLE_LINK", "")
        if link:
            base, _, code = link.rpartition("/link/")
            return cls(f"{base}/", code)
        base, token = given.get("WORKSAMPLE_EXCHANGE", ""), given.get("JUPYTERHUB_API_TOKEN", "")
        if not base or not token:
            raise Unreachable(
                "nobody said where the exchange is: set WORKSAMPLE_LINK to the link you were sent"
            )
        return cls(base if base.endswith("/") else f"{base}/", token)

    def name(self) -> str:
        """Who asks, as the service knows them."""
        return str(self._json("GET", "api/me")["name"])

    def status(self, name: str) -> dict[str, Any]:
        """Everything about the candidate: opening, notice, attempts."""
        return self._json("GET", f"api/candidates/{quote(name)}/")

    def package(self, name: str, assignment: str) -> bytes:
        """The candidate's files as a zip."""
        return self._ask("GET", self._of(name, assignment, "package"))

    def feedback(self, name: str, assignment: str) -> bytes:
        """Released feedback as a zip."""
        return self._ask("GET", self._of(name, assignment, "feedback"))

    def submit(self, name: str, assignment: str, archive: bytes) -> dict[str, Any]:
        """Hand in a zip of the assignment's folder; the receipt."""
        path = self._of(name, assignment, "submit")
        return json.loads(self._ask("POST", path, archive, SEND_SECONDS))

    def accept(self, name: str, notice: str) -> None:
        """Agree to the notice with this digest."""
        self._json("POST", f"api/candidates/{quote(name)}/notice", {"notice": notice})

    def start(self, name: str, assignment: str) -> dict[str, Any]:
        """Begin the clock, where it has not begun; the attempt."""
        return self._json("POST", self._of(name, assignment, "start"), {})

    def receipt(self, name: str, assignment: str, number: int) -> dict[str, Any]:
        """A receipt once more."""
        return self._json("GET", self._of(name, assignment, f"receipts/{number}"))

    def versions(self, name: str, assignment: str) -> list[dict[str, Any]]:
        """The versions of their work that are kept, the newest first: ``number`` and ``time``."""
        return self._json("GET", self._of(name, assignment, "versions"))

    def version(self, name: str, assignment: str, number: int) -> bytes:
        """The notebook as it was in one of them."""
        return self._ask("GET", self._of(name, assignment, f"versions/{number}"))

    def questions(self, name: str) -> list[dict[str, Any]]:
        """What was asked, and the answers."""
        return self._json("GET", f"api/candidates/{quote(name)}/questions")

    def ask(self, name: str, text: str) -> None:
        """Ask the team something. Where the answer is lost, nothing is sent a second time."""
        self._json("POST", f"api/candidates/{quote(name)}/questions", {"text": text}, tries=1)

    def _of(self, name: str, assignment: str, what: str) -> str:
        return f"api/candidates/{quote(name)}/{quote(assignment)}/{what}"

    def _json(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, tries: int = TRIES
    ) -> Any:
        body = None if fields is None else json.dumps(fields).encode()
        return json.loads(self._ask(method, path, body, kind="application/json", tries=tries))

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        seconds: float = SECONDS,
        kind: str = "application/zip",
        tries: int = TRIES,
    ) -> bytes:
        """The answer's body; a lost connection is tried again.

        Raises:
            Refused, Unreachable: as their names say.
        """
        for left in reversed(range(tries)):
            try:
                return self._once(method, path, body, seconds, kind)
            except (OSError, HTTPException) as error:
                if not left:
                    raise Unreachable(f"the exchange does not answer: {error}") from None
                time.sleep(PAUSE)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, body: bytes | None, seconds: float, kind: str) -> bytes:
        connection, prefix = _connection(self.base, seconds)
        headers = {"Authorization": f"token {self.token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = kind
        try:
            connection.request(method, f"{prefix}{path}", body, headers)
            reply = connection.getresponse()
            data = reply.read()
        finally:
            connection.close()
        if reply.status >= 500:
            raise HTTPException(f"it answered {reply.status}")
        if reply.status >= 300:
            raise Refused(_words(data, reply.status))
        return data


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(base: str, seconds: float) -> tuple[HTTPConnection, str]:
    """A connection to the service, and what its addresses begin with."""
    parts = urlsplit(base)
    if parts.scheme == "http+unix":
        return _UnixConnection(unquote(parts.netloc), seconds), parts.path
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=seconds), parts.path


def _words(data: bytes, status: int) -> str:
    try:
        said = json.loads(data)
        do = f" ({said['do']})" if said.get("do") else ""
        return f"{said['error']}{do}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"the exchange answered {status}"
