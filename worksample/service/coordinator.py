"""The process that grades what is queued, until it is time for a fresh one.

One thread takes attempts from the queue, hands them to workers and writes what comes back, as
:mod:`worksample.batch.cohort` does for a batch. Others talk to those who ask. Whatever cannot go
on in this process (a worker that was killed, a sandboxes' parent that is gone, code of another
version) ends it with a status; what was under way stays in the queue, and the next one takes it.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import asdict
from enum import IntEnum
from queue import SimpleQueue
from typing import Any

from worksample import cache
from worksample.assignments import imports
from worksample.batch import cohort, gradebook
from worksample.batch.autograding import Autograding
from worksample.batch.outcomes import NOT_GRADABLE, Outcome
from worksample.batch.workers import Pool
from worksample.course import Course
from worksample.databases import explained
from worksample.errors import CourseError, WorksampleError
from worksample.grading.attempt import Attempt, Graded, not_gradable
from worksample.records.tables import Queued
from worksample.sandbox import forked
from worksample.sandbox.choice import choose
from worksample.service import progress, wire
from worksample.service.queue import Queue

POLL_SECONDS = 0.1  # how soon new work is seen while other work is under way
LOOK_SECONDS = 5.0  # how soon what another process put into the queue is
PUT_OFF_SECONDS = 1.0  # before a lock is tried again that another command holds
FOLLOW_SECONDS = 60.0  # for a message to be taken by whoever asked
ALONE_TRIES, MOST_TRIES = 2, 5  # begun so often without an end: alone from now on; given up

Tell = Callable[[str], None]


class Status(IntEnum):
    """How a coordinator ends: with any other status it was killed, or is at fault."""

    IDLE = 0
    STOPPED = 10
    RENEW = 11  # it has done its share, or lost a process that it cannot replace
    CHANGED = 12  # the package has other code than this process


class _Lost(Exception):
    """A worker was killed."""


class Coordinator:
    """Grades what is queued in one course.

    Args:
        listener: the service's socket.
        workers: how many attempts are graded at a time.
        renew_after: attempts after which it ends, so that nothing grows for ever.
        idle_seconds: without work, after which it ends.
        tell: is given a line for each outcome.
    """

    def __init__(
        self,
        course: Course,
        listener: socket.socket,
        *,
        workers: int,
        renew_after: int,
        idle_seconds: float,
        tell: Tell,
    ) -> None:
        self._course, self._listener, self._tell = course, listener, tell
        self._workers, self._left, self._idle_seconds = workers, renew_after, idle_seconds
        self._queue = Queue(course)
        self._begun: dict[tuple[str, str], Queued] = {}
        self._followers: dict[int, list[SimpleQueue[dict[str, Any]]]] = {}
        self._changing = threading.Lock()  # of the queue together with its followers
        self._books: dict[str, Autograding] = {}
        self._held = contextlib.ExitStack()
        self._put_off: dict[str, float] = {}
        self._more = threading.Event()  # something may have been queued
        self._status: Status | None = None

    def run(self) -> Status:
        """Until there is a reason to end."""
        executor = Pool(self._workers)()  # forked now, while there is one thread
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: self._end(Status.STOPPED))
        threading.Thread(target=self._accept, daemon=True).start()
        used = time.monotonic()
        with executor, self._held:
            while self._status is None:
                self._more.set()
                if self._grade_all(executor):
                    used = time.monotonic()
                elif time.monotonic() - used > self._idle_seconds:
                    self._end(Status.IDLE)
                if self._put_off:
                    time.sleep(PUT_OFF_SECONDS)
                    self._more.set()
                self._release()
                self._more.wait(min(LOOK_SECONDS, self._idle_seconds))
        return self._status

    def _end(self, status: Status) -> None:
        if self._status is None:
            self._status = status
        self._more.set()

    # ---- attempts ----

    def _grade_all(self, executor: Executor) -> int:
        """What is queued now; how many that were."""
        count = 0
        leases = iter([_Lease(executor)])

        def start() -> Executor:
            for lease in leases:
                return lease
            raise _Lost

        try:
            drawn = _Drawn(self._draw)
            for attempt, graded in cohort.run_all(drawn, start, self._workers, POLL_SECONDS):
                self._keep(attempt, graded)
                count += 1
        except _Lost:
            self._end(Status.RENEW)
        return count

    def _draw(self) -> Attempt | None:
        """The next attempt that has to be executed; None where there is none for now."""
        while self._status is None and (row := self._begin()) is not None:
            try:
                bound = self._bound(row)
            except BlockingIOError:
                del self._begun[row.assignment, row.candidate]
                continue
            except Exception as error:
                bound = cohort.unreadable(row.candidate, error)
            if isinstance(bound, Attempt):
                return bound
            self._done(row, bound)
        return None

    def _begin(self) -> Queued | None:
        """The oldest row that may begin now; who asks from now on gets another."""
        if not self._more.is_set():
            return None
        self._more.clear()
        with self._changing:
            begun = list(self._begun.values())
            for row in self._queue.waiting([each.id for each in begun], list(self._put_off)):
                self._more.set()  # there may be more
                if (row.assignment, row.candidate) in self._begun:
                    continue
                # so that what kills is known, it has the machine to itself
                if begun and any(each.tries >= ALONE_TRIES for each in (row, *begun)):
                    return None
                self._begun[row.assignment, row.candidate] = row
                return row
        return None

    def _bound(self, row: Queued) -> Attempt | Outcome:
        """What is to be executed for it, or what came of it.

        Raises:
            BlockingIOError: another command grades that assignment.
        """
        book = self._book(row.assignment)
        self._queue.begin(row)
        bound = cohort.bind(book, row.candidate, force=row.forced, after=row.after)
        if isinstance(bound, Attempt) and row.tries > MOST_TRIES:
            why = f"what graded it was killed {MOST_TRIES} times, at last all by itself"
            return cohort.keep(book, bound, not_gradable(bound, why))
        return bound

    def _keep(self, attempt: Attempt, graded: Graded) -> None:
        name, candidate = attempt.name, attempt.case.candidate
        outcome = cohort.keep(self._books[name], attempt, graded)
        self._done(self._begun[name, candidate], outcome)
        self._left -= 1
        if self._left <= 0 or not forked.parents_live():
            self._end(Status.RENEW)

    def _done(self, row: Queued, outcome: Outcome) -> None:
        """Only now it leaves the queue: it is written wherever it has to be."""
        if outcome.outcome == NOT_GRADABLE and outcome.number is None:
            # nothing was run, so no evidence says why: whoever looks later has to learn it too
            progress.note(self._course, row.assignment, row.candidate, outcome.why)
        with self._changing:
            self._queue.done(row.id)
            del self._begun[row.assignment, row.candidate]
            followers = self._followers.pop(row.id, [])
        for each in followers:
            each.put({"outcome": asdict(outcome)})
        points = "no score" if outcome.points is None else f"{outcome.points:g} points"
        self._tell(" ".join(f"{row.assignment} {row.candidate}: {points} {outcome.why}".split()))

    def _book(self, name: str) -> Autograding:
        """The gradebook of an assignment that nobody else grades.

        Raises:
            BlockingIOError: somebody does; it is put off.
        """
        if name not in self._books:
            cohort.check_graded(self._course, name)
            try:
                self._held.enter_context(cohort.alone(self._course, name))
            except CourseError as error:
                self._put_off[name] = time.monotonic()
                self._say_all({"waits": str(error)})
                raise BlockingIOError from error
            gradebook.ensure(self._course, name)
            self._books[name] = Autograding(self._course, name)
        return self._books[name]

    def _release(self) -> None:
        """Nothing is under way: other commands may grade, and what they change is read anew."""
        self._held.close()
        self._books.clear()
        self._put_off.clear()

    # ---- those who ask ----

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        """One request: names in, outcomes out. Whoever is gone is gone, and their work is done."""
        with connection, contextlib.suppress(OSError, ValueError, wire.Stranger, StopIteration):
            wire.check_peer(connection)
            connection.settimeout(wire.REQUEST_SECONDS)
            request = next(wire.messages(connection))
            connection.settimeout(FOLLOW_SECONDS)
            if request.get("code") != cache.ours() and cache.ours.__wrapped__() != cache.ours():
                self._end(Status.CHANGED)
                return
            if request.get("look") is True:
                self._more.set()
                return
            try:
                for message in self._answer(request):
                    wire.send(connection, message)
            except (OSError, ValueError):
                raise  # of the connection
            except Exception as error:
                wire.send(connection, _refusal(error))

    def _answer(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if request.get("code") != cache.ours():
            raise CourseError(
                "the grading service runs another version of worksample than this command",
                do="end the service and start it with this version",
            )
        name, forced = str(request.get("assignment")), request.get("force") is True
        assignment = cohort.check_graded(self._course, name)
        cohort.check_writable(self._course)
        choose(False)
        after = request.get("after")
        asked = request.get("candidates") if after is None else after
        chosen = cohort.submitters(self._course, name, asked)
        forked.expect(imports.libraries(assignment))
        if after is None:
            after = self._queue.newest(name, chosen)
        yield {"begins": after}
        mine: SimpleQueue[dict[str, Any]] = SimpleQueue()
        with self._changing:
            begun = [row.id for row in self._begun.values()]
            rows = self._queue.add(name, {each: after[each] for each in chosen}, forced, begun)
            for row in rows:
                self._followers.setdefault(row, []).append(mine)
        self._more.set()
        left = len(rows)
        while left:
            message = mine.get()
            left -= "outcome" in message
            yield message
        yield {"ends": True}

    def _say_all(self, message: dict[str, Any]) -> None:
        with self._changing:
            everybody = [each for some in self._followers.values() for each in some]
        for each in {id(one): one for one in everybody}.values():
            each.put(message)


def _refusal(error: Exception) -> dict[str, Any]:
    known = error if isinstance(error, WorksampleError) else explained(error)
    if known is None:
        known = CourseError(f"the grading service failed: {type(error).__name__}: {error}")
    return _told(known)


def _told(error: WorksampleError) -> dict[str, Any]:
    return {
        "error": type(error).__name__,
        **{"what": error.what, "where": error.where, "do": error.do},
        "others": [_told(each) for each in error.others],
    }


class _Drawn:
    """Attempts as they are asked for; may have more after it had none."""

    def __init__(self, draw: Callable[[], Attempt | None]) -> None:
        self._draw = draw

    def __iter__(self) -> _Drawn:
        return self

    def __next__(self) -> Attempt:
        attempt = self._draw()
        if attempt is None:
            raise StopIteration
        return attempt


class _Lease(Executor):
    """An executor that goes on when its user has done with it."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._executor.submit(*args, **kwargs)
