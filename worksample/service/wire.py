"""The service's socket: for one user, and for names of attempts, never for code.

It lies in the course's ``state/``. Messages are JSON, one on a line; a request has its options and
names of candidates, and is a few hundred kilobytes at most.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from worksample.course import Course
from worksample.errors import CourseError

SOCKET, LOCK = "grading.sock", ".grading-service"
MAX_MESSAGE = 4 << 20  # bytes: fifty thousand names
REQUEST_SECONDS = 10.0  # for a request to come in
LOCK_SECONDS = 2.0
PASSED_ON = 3  # descriptor of a socket that was opened before us, as systemd does it


class Stranger(Exception):
    """Whoever is at the other end is another user."""


def listen(course: Course) -> tuple[socket.socket, int]:
    """The socket, and a lock that is held as long as its descriptor is open.

    One that was opened before this process (``LISTEN_FDS``, as systemd does it) is used.

    Raises:
        CourseError: the service runs already.
    """
    course.state.mkdir(parents=True, exist_ok=True)
    lock = os.open(course.state / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not _locked(lock):
        os.close(lock)
        raise CourseError(
            "the grading service of this course runs already",
            where=str(course.root),
            do="use it: `worksample grade` finds it by itself",
        )
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS"):
        os.set_inheritable(PASSED_ON, False)
        return socket.socket(fileno=PASSED_ON), lock
    listener = socket.socket(socket.AF_UNIX)
    with _short(course) as place:
        with contextlib.suppress(FileNotFoundError):  # of one that was killed
            os.unlink(place)
        before = os.umask(0o177)
        try:
            listener.bind(place)
        finally:
            os.umask(before)
    listener.listen(64)
    return listener, lock


def _locked(lock: int) -> bool:
    """What a killed service has started holds it for a moment longer."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
        time.sleep(0.05)


def is_served(course: Course) -> bool:
    """Whether a service runs; it is not asked, so that one that has given its memory back rests."""
    try:
        lock = os.open(course.state / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def remove(course: Course) -> None:
    """The socket, by who listens there and will no more."""
    (course.state / SOCKET).unlink(missing_ok=True)


def connect(course: Course) -> socket.socket:
    """A connection to the service.

    Raises:
        OSError: none runs.
        Stranger: what runs there is another user's.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        with _short(course) as place:
            connection.connect(place)
        check_peer(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def check_peer(connection: socket.socket) -> None:
    """Whether this process's own user is at the other end, as the kernel says it.

    Raises:
        Stranger: it is another user.
    """
    size = struct.calcsize("3i")
    facts = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _, user, _ = struct.unpack("3i", facts)
    if user != os.geteuid():
        raise Stranger(f"user {user}")


def send(connection: socket.socket, message: Mapping[str, Any]) -> None:
    """One message."""
    connection.sendall(json.dumps(message).encode() + b"\n")


def messages(connection: socket.socket) -> Iterator[dict[str, Any]]:
    """What the other end sends, until it closes; half a message at the end is none.

    Raises:
        ValueError: it is too large, or no JSON object.
        OSError: the connection broke, or timed out.
    """
    data = b""
    while chunk := connection.recv(1 << 16):
        *lines, data = (data + chunk).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if not isinstance(message, dict):
                raise ValueError("a message is an object")
            yield message
        if len(data) > MAX_MESSAGE:
            raise ValueError("this message is too large")


@contextlib.contextmanager
def _short(course: Course) -> Iterator[str]:
    """A name of the socket that fits into the 107 bytes that such an address may have."""
    folder = os.open(course.state, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield str(Path(f"/proc/self/fd/{folder}", SOCKET))
    finally:
        os.close(folder)
