"""Ask the grading service for a batch, and follow it; light, so that a command starts at once.

Or leave it something to grade, and wait for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from worksample import cache, errors
from worksample.batch.outcomes import Batch, Outcome
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.service import wire

GONE_SECONDS = 15.0  # within which a service that was killed is back, or will not be


def runs(course: Course) -> bool:
    """Whether there is a service that can be asked."""
    try:
        wire.connect(course).close()
    except (OSError, wire.Stranger):
        return False
    return True


def leave(course: Course, name: str, candidates: Iterable[str], *, force: bool = False) -> bool:
    """Queue attempts, and do not wait for them: they are in the database when this returns.

    Args:
        name: nbgrader's assignment.
        force: execute again what has not changed.

    Returns:
        Whether a service was told; else the next one to be started finds them.
    """
    from worksample.service.queue import Queue  # databases: who only asks whether it runs has none

    queue = Queue(course)
    queue.add(name, queue.newest(name, candidates), force, begun=None)
    return wake(course)


def wake(course: Course) -> bool:
    """Tell the service that something was queued; whether there is one."""
    try:
        with wire.connect(course) as connection:
            wire.send(connection, {"look": True, "code": cache.ours()})
    except (OSError, wire.Stranger):
        return False
    return True


def grade(
    course: Course,
    name: str,
    candidates: Iterable[str] | None = None,
    *,
    force: bool = False,
    progress: Callable[[Outcome, int], None] | None = None,
    wait: Callable[[str], None] | None = None,
) -> Batch | None:
    """Have the service of this course grade; see :func:`worksample.batch.cohort.grade`.

    A service that is killed meanwhile and started again goes on where it was.

    Args:
        wait: called with a sentence when it has to wait for something else.

    Returns:
        None where it went away for good; what it did is kept.

    Raises:
        WorksampleError: as it would be raised here.
    """
    following = _Following(name, candidates, force, progress, wait)
    while time.monotonic() - following.heard < GONE_SECONDS:
        try:
            with wire.connect(course) as connection:
                if following.ended(connection):
                    return following.batch()
        except (OSError, wire.Stranger):
            pass  # it was killed, or starts anew: it is asked again
        time.sleep(0.1)
    return None


class _Following:
    """One batch, over as many connections as it takes."""

    def __init__(
        self,
        name: str,
        candidates: Iterable[str] | None,
        force: bool,
        progress: Callable[[Outcome, int], None] | None,
        wait: Callable[[str], None] | None,
    ) -> None:
        self._name, self._force = name, force
        self._progress, self._wait = progress, wait
        self._wanted = None if candidates is None else list(candidates)
        self._who: dict[str, int] | None = None  # candidate -> newest evidence when it began
        self._done: dict[str, Outcome] = {}
        self.heard = time.monotonic()

    def batch(self) -> Batch:
        """What came of it, by candidate."""
        return Batch(self._name, tuple(self._done[each] for each in self._who or ()))

    def ended(self, connection: Any) -> bool:
        """Follow it; False when the other end closed before the end.

        Raises:
            OSError: the connection broke.
        """
        request = {"assignment": self._name, "force": self._force, "code": cache.ours()}
        if self._who is None:
            request["candidates"] = self._wanted
        else:
            request["after"] = {
                who: number for who, number in self._who.items() if who not in self._done
            }
        wire.send(connection, request)
        for message in wire.messages(connection):
            self.heard = time.monotonic()
            if self._take(message):
                return True
        return False

    def _take(self, message: dict[str, Any]) -> bool:
        """Whether it was the last message."""
        if "error" in message:
            raise _error(message)
        if "begins" in message and self._who is None:
            self._who = message["begins"]
        if "waits" in message and self._wait:
            self._wait(message["waits"])
        if "outcome" in message:
            outcome = Outcome(**message["outcome"])
            self._done[outcome.candidate] = outcome
            if self._progress:
                self._progress(outcome, len(self._who or ()))
        return "ends" in message


def _error(message: dict[str, Any]) -> WorksampleError:
    kind: type[WorksampleError] = getattr(errors, message["error"])
    others = [_error(each) for each in message["others"]]
    return kind(message["what"], where=message["where"], do=message["do"], others=others)
