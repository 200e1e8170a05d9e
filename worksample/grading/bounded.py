"""Hostile text is worked on in a child that may use no more than it was given.

Libraries that read HTML, Markdown or colours are good at their job and were not written against
somebody who wants them to take an hour. So what a candidate wrote never meets one in a process
that somebody waits for: one child, kept warm, calls one function after another of one module. A
call that needs too much time or memory ends the child and nothing else, and the next call starts
another. What comes back is JSON and is never more than was agreed.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from worksample.sandbox.inside.turns import used

MEMORY_MB = 160  # on top of what the module's own imports take
MOST_BYTES = 24 << 20  # of one call's arguments, and of its result
WAITING_SECONDS = 300.0  # by the clock: CPU is what is limited, but a machine may stand still
LEAST_SECONDS = 0.002  # a timer of none would not be one
ENDED = "TooCostly"


class TooCostly(Exception):
    """A call was ended for what it used, or raised: nothing is known of its arguments but that.

    Whoever catches it says in words of its own what is not shown.
    """


class Budget:
    """CPU seconds that several calls have together.

    Any one may have ``most`` of them, and a third of what is left: so a few that take all they can
    leave enough for the many that take next to nothing.
    """

    def __init__(self, seconds: float, most: float) -> None:
        self.left, self.most = seconds, most

    @property
    def next_call(self) -> float:
        """What the next call may use."""
        return max(0.0, min(self.left / 3, self.most))


class Helper:
    """The functions of one module, called in a child; one call at a time, from any thread."""

    def __init__(self, module: str, memory_mb: int = MEMORY_MB) -> None:
        self._module, self._memory_mb = module, memory_mb
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._parent = 0
        self._spent = 0.0  # CPU seconds of the child, as it said last
        self._buried = 0.0  # and of those that have ended

    def call(self, budget: Budget, function: str, *arguments: Any) -> Any:
        """What ``function`` of the module returns for ``arguments``, all of them JSON.

        Raises:
            TooCostly: it used more than ``budget`` had left for a call, more memory or more room
                than there is, or it raised.
        """
        allowed = budget.next_call
        request = json.dumps([allowed, function, arguments]).encode()
        if allowed < LEAST_SECONDS or len(request) > MOST_BYTES:
            raise TooCostly
        with self._lock:
            child = self._started()
            try:
                answer = json.loads(_exchange(child, request))
            except (OSError, EOFError, TimeoutError):
                budget.left -= min(self._bury(child), allowed)
                raise TooCostly from None
            budget.left -= answer["seconds"] - self._spent
            self._spent = answer["seconds"]
        if ENDED in answer:
            raise TooCostly(answer[ENDED])
        return answer["value"]

    def cpu_seconds(self) -> float:
        """CPU that it has used so far, the children that have ended included."""
        child = self._child
        return self._buried + (_used(child) if child is not None else 0.0)

    def close(self) -> None:
        """End the child, if there is one and it is this process's own."""
        with self._lock:
            if self._child is not None and self._parent == os.getpid():
                self._bury(self._child)

    def _started(self) -> subprocess.Popen[bytes]:
        child = self._child
        if child is not None and self._parent == os.getpid():
            if not _has_ended(child):
                return child
            self._bury(child)  # somebody else ended it between two calls
        elif child is None:
            atexit.register(self.close)
        self._parent = os.getpid()
        self._child = _child(self._module, self._memory_mb)
        assert self._child.stdout
        self._spent = 0.0
        with contextlib.suppress(EOFError, TimeoutError, OSError, ValueError):
            # what its imports took is not what a call costs; where it ended, the call will say so
            self._spent = float(_receive(self._child.stdout))
        return self._child

    def _bury(self, child: subprocess.Popen[bytes]) -> float:
        """End the child; returns what it had used since it last said so, in CPU seconds."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            # once it has ended and until it is waited for, what it used stays to be read
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        used = _used(child)
        self._buried += used
        child.wait()
        for stream in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):  # what it never read is still to be sent
                assert stream
                stream.close()
        self._child = None
        return used - self._spent


def _child(module: str, memory_mb: int) -> subprocess.Popen[bytes]:
    # -I: nothing is imported from the folder that somebody stands in, or that the environment
    # names; and it stands where nobody else does
    code = f"from worksample.grading import bounded; bounded.serve({module!r}, {memory_mb})"
    return subprocess.Popen(
        [sys.executable, "-I", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": os.defpath},
    )


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    try:
        found = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:
        return True
    return found is not None


def _used(child: subprocess.Popen[bytes]) -> float:
    return used(Path("/proc"), [child.pid])


def _exchange(child: subprocess.Popen[bytes], request: bytes) -> bytes:
    assert child.stdin
    assert child.stdout
    _send(child.stdin, request)
    return _receive(child.stdout)


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(8, "big"))
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    """One message of a child's.

    Raises:
        EOFError: it ended, or announced more than was agreed.
        TimeoutError: none came.
    """
    if not select.select([stream], [], [], WAITING_SECONDS)[0]:
        raise TimeoutError
    return _message(stream)


def _message(stream: IO[bytes]) -> bytes:
    size = int.from_bytes(_exactly(stream, 8), "big")
    if size > MOST_BYTES:
        raise EOFError
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


# ---- the child's side ----


def serve(module: str, memory_mb: int) -> None:
    """Call functions of ``module`` as standard input asks for them, until it ends."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    functions = import_module(module)
    signal.signal(signal.SIGPROF, _stop)
    _limit(memory_mb)
    _send(replies, str(time.process_time()).encode())
    with contextlib.suppress(EOFError):
        for request in _requests(sys.stdin.buffer):
            _send(replies, _answer(functions, *json.loads(request)))


def _requests(stream: IO[bytes]) -> Iterator[bytes]:
    while True:
        yield _message(stream)


def _answer(functions: Any, seconds: float, function: str, arguments: list[Any]) -> bytes:
    # a library of Python's own can be stopped, and what it imported stays; one that is busy outside
    # of Python hears nothing, and a second later the system ends this process
    last = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (last, resource.RLIM_INFINITY))
    answer: dict[str, Any]
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = {"value": getattr(functions, function)(*arguments)}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except (Exception, _Slow) as error:  # hostile text may make a library raise anything
        answer = {ENDED: type(error).__name__}
    answer["seconds"] = time.process_time()
    return json.dumps(answer).encode()


class _Slow(BaseException):
    """Raised into a call whose time is over; no library takes it for an error of its own."""


def _stop(*_: Any) -> None:
    raise _Slow


def _limit(memory_mb: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + (memory_mb << 20)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
