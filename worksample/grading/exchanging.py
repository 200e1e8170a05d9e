"""One request to a service in a box, and what came of it: bounded in time and bytes.

Whoever answers is a stranger: what is read stops at what was agreed, and a time is spent only where
it was theirs (:mod:`worksample.sandbox.inside.turns`).
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from worksample.grading.services import Ask, Exchange, Phase, Request
from worksample.sandbox.box import too_busy
from worksample.sandbox.inside import turns
from worksample.sandbox.inside.turns import Turn

POLL = 0.05  # seconds
MAX_KEPT = 32 << 20  # bytes of all replies of a service
HEADS = 1 << 16  # bytes of a reply before its body


def spent(now: Turn, before: Turn, begun: float, seconds: float) -> bool:
    """Whether a time that ran out by the clock was the own of those who had it.

    Args:
        now, before: what their box has had of the machine, and what it had had before ``begun``.
        begun: when their time began, by :func:`time.monotonic`.
        seconds: that they have.

    Raises:
        SandboxFailed: this machine has next to nothing of it left for them.
    """
    own, elapsed = before.own(now), now.at - begun
    if elapsed > turns.PATIENCE * seconds:
        if own < turns.LEAST_SHARE * (now.at - before.at):
            raise too_busy()
        return True
    return elapsed - (now.at - before.at - own) > seconds


def by_clients(
    phase: Ask,
    exchange: Callable[[Request], Exchange],
    is_over: Callable[[], bool],
    carry_out: Callable[[Phase], None],
) -> list[Exchange | None]:
    """What a phase's clients got, in the order of its requests; None where it was over before.

    Args:
        exchange: one request and what came of it.
        is_over: whether nothing more may be asked; looked at before each request.
        carry_out: one of the phases that are for meanwhile.
    """
    with ThreadPoolExecutor(max(phase.clients, 1)) as clients:

        def one(request: Request) -> Exchange | None:
            if is_over():
                return None
            made = exchange(request)
            time.sleep(phase.every)
            return made

        asked = [clients.submit(one, request) for request in phase.requests]
        for each in phase.meanwhile:
            carry_out(each)
        return [future.result() for future in asked]


class Stream(socket.socket):
    """A socket that gives so many bytes, and as long as its time is not spent."""

    until = 0.0
    room = 0
    spent: Callable[[], bool]

    def recv_into(self, *given: Any, **more: Any) -> int:
        while True:
            self.settimeout(max(self.until - time.monotonic(), POLL))
            try:
                count = super().recv_into(*given, **more)
            except TimeoutError:
                count = -1
            if time.monotonic() > self.until and self.spent():
                raise TimeoutError
            if count >= 0:
                self.room -= count
                if self.room < 0:
                    raise _TooLarge
                return count


class _TooLarge(Exception):
    """More bytes came than were agreed."""


class Connection(http.client.HTTPConnection):
    """To a socket inside a sandbox, which what runs in there may have put something else in place
    of: nothing but a socket is connected to, and no link is followed."""

    def __init__(self, place: Path, seconds: float, most: int, spent: Callable[[], bool]) -> None:
        super().__init__("service")
        self._place, self._until, self._most = place, time.monotonic() + seconds, most
        self._spent = spent

    def connect(self) -> None:
        found = os.open(self._place, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if not stat.S_ISSOCK(os.fstat(found).st_mode):
                raise ConnectionRefusedError
            self.over(Stream(socket.AF_UNIX)).connect(f"/proc/self/fd/{found}")
        finally:
            os.close(found)

    def over(self, stream: Stream) -> Stream:
        """Have ``stream`` carry the exchange, within its time and bytes."""
        stream.until, stream.room = self._until, self._most + HEADS
        stream.spent = self._spent
        stream.settimeout(max(self._until - time.monotonic(), POLL))
        self.sock = stream
        return stream


def exchanged(
    connection: Connection, request: Request, most: int
) -> tuple[int | None, dict[str, str], bytes, str]:
    """Status, headers, body and what went wrong, of one request over a connection of its own."""
    status, headers = None, {}
    kind = {"Content-Type": "application/json"} if request.body is not None else {}
    try:
        connection.request(
            request.verb,
            request.path,
            request.body,
            {"Connection": "close", **kind, **request.headers},
        )
        reply = connection.getresponse()
        status = reply.status
        headers = {name.lower(): value for name, value in reply.getheaders()}
        body = reply.read(most + 1) if most >= 0 else b""
        if len(body) > most:
            return status, headers, b"", "large"
        return status, headers, body, ""
    except TimeoutError:
        return status, headers, b"", "timeout"
    except _TooLarge:
        return status, headers, b"", "large"
    except (ConnectionError, http.client.RemoteDisconnected, FileNotFoundError):
        return status, headers, b"", "refused"
    except (OSError, http.client.HTTPException, ValueError):
        return status, headers, b"", "nonsense"
    finally:
        with contextlib.suppress(OSError):
            connection.close()
