"""Keeps a coordinator running: forks it with everything imported, and another when it ends.

The sandboxes' preloaded parent belongs to this process, so a coordinator that was killed has not
taken it along, and the next one begins at once. No attempt passes through here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from worksample import assignments, cache, interpreter
from worksample.assignments import imports
from worksample.assignments.model import Assignment
from worksample.batch.workers import import_once
from worksample.course import Course
from worksample.sandbox import forked, watch
from worksample.sandbox.inside import confine
from worksample.service import wire
from worksample.service.coordinator import Coordinator, Status, Tell

STOP_SECONDS = 10.0  # for a coordinator to finish what is under way
STEADY_SECONDS = 10.0  # who lived that long is followed by another at once
MOST_PATIENCE = 10.0  # seconds between coordinators that end as soon as they have begun


class _Stop(BaseException):
    """This process was asked to end."""


def serve(
    course: Course, *, workers: int, renew_after: int, idle_seconds: float, tell: Tell
) -> None:
    """Grade what is asked for, until a signal ends it.

    Args:
        workers, renew_after, idle_seconds, tell: see
            :class:`~worksample.service.coordinator.Coordinator`.

    Raises:
        CourseError: the service of this course runs already.
        SandboxUnavailable: there is no sandbox.
    """
    watch.divide()
    cache.ours()  # of the files that were loaded, before anybody can ask and change them
    listener, lock = wire.listen(course)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _stop)

    def make() -> Coordinator:
        os.close(lock)  # held by this process alone: who is left behind keeps nobody from starting
        return Coordinator(
            course,
            listener,
            workers=workers,
            renew_after=renew_after,
            idle_seconds=idle_seconds,
            tell=tell,
        )

    coordinators = _Coordinators(course, make, tell)
    try:
        while True:
            status = coordinators.another()
            if status == Status.IDLE:
                tell("idle: memory is given back until there is work")
                forked.end_parents()
                select.select([listener], [], [])
            elif status == Status.RENEW:
                forked.end_parents()
            elif status == Status.CHANGED:
                tell("the package has changed: starting anew")
                _start_anew(listener)
    except _Stop:
        wire.remove(course)
        tell("ended; what is still queued is graded when the service is started again")
    finally:
        forked.end_parents()


class _Coordinators:
    """One after the other."""

    def __init__(self, course: Course, make: Callable[[], Coordinator], tell: Tell) -> None:
        self._course, self._make, self._tell = course, make, tell
        self._short_lives = 0

    def another(self) -> int:
        """Fork one and wait for its end; its status, negative for a signal."""
        self._warm_up()
        begun = time.monotonic()
        pid = self._fork()
        try:
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except _Stop:
            _finish(pid)
            raise
        if status not in list(Status):
            lived = time.monotonic() - begun
            self._short_lives = 0 if lived > STEADY_SECONDS else self._short_lives + 1
            self._tell(f"what grades ended ({_words(status)}); another goes on with the queue")
            time.sleep(min(0.05 * 2**self._short_lives, MOST_PATIENCE))
        return status

    def _warm_up(self) -> None:
        """Whatever forks would each do, while there is no thread: imports, the preloaded parent."""
        found = _graded(self._course)
        for each in found:
            import_once(imports.of_checks(each))
        libraries = {name for each in found for name in imports.libraries(each)}
        forked.Forked.find().begin(libraries)
        gc.collect()
        gc.freeze()  # a collection in a fork would copy every page

    def _fork(self) -> int:
        """A coordinator; it ends with this process, however that ends."""
        supervisor = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                confine.prctl(confine.PR_SET_PDEATHSIG, signal.SIGKILL)
                for each in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(each, signal.SIG_DFL)
                os.setsid()  # a terminal's signals are the supervisor's to hand on
                if os.getppid() == supervisor:
                    status = self._make().run()
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(status)
        return pid


def _graded(course: Course) -> list[Assignment]:
    """An assignment with a mistake is told to whoever asks for it, and stops nobody else."""
    return [each for each in assignments.sorted_out(course)[0] if each.graded]


def _stop(_: int, __: FrameType | None) -> NoReturn:
    raise _Stop


def _finish(pid: int) -> None:
    """Let it write what is under way; it is in the queue otherwise."""
    with _deaf(), contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """It ends already: a second signal changes nothing."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    yield


def _start_anew(listener: socket.socket) -> NoReturn:
    """This program again, as it is now; whoever waits at the socket goes on waiting there."""
    forked.end_parents()
    if listener.fileno() != wire.PASSED_ON:
        os.dup2(listener.fileno(), wire.PASSED_ON)
    os.set_inheritable(wire.PASSED_ON, True)
    command = interpreter.command("-m", "worksample.cli", *sys.argv[1:])
    passed = {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    sys.stdout.flush()
    os.execve(command[0], command, {**os.environ, **passed})


def _words(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"
