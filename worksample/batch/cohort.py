"""Grade a batch: every core executes, one process writes.

Attempts go through a :class:`concurrent.futures.Executor`. What comes back becomes evidence, then
nbgrader writes ``autograded/`` and the gradebook from it. Killed at any point and run again, a
batch completes: evidence that is there is not made twice, scores that are not in the gradebook
are written from it.
"""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager

from worksample import assignments, stages
from worksample.assignments import case as cases
from worksample.assignments import imports
from worksample.assignments.model import Assignment
from worksample.batch import attempts, gradebook
from worksample.batch.autograding import Autograding
from worksample.batch.outcomes import NOT_GRADABLE, Batch, Outcome
from worksample.batch.workers import Pool, Start, import_once
from worksample.course import Course
from worksample.databases import explained
from worksample.errors import AssignmentError, CandidateError, CourseError, SubmissionError
from worksample.grading.attempt import Attempt, Graded, not_gradable
from worksample.records import bank, evidence
from worksample.sandbox import forked
from worksample.submissions import submitted_candidates

MAX_TRIES = 3


def grade(
    course: Course,
    name: str,
    candidates: Iterable[str] | None = None,
    *,
    force: bool = False,
    unsafe: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    start: Start | None = None,
    progress: Callable[[Outcome, int], None] | None = None,
) -> Batch:
    """Grade what lies in ``submitted/`` and changed since it was last graded.

    Args:
        name: nbgrader's assignment: an assignment's id, or its revision's.
        candidates: only these; default all.
        force: execute again and add a record, even where nothing changed.
        unsafe: do without a sandbox where there is none; the evidence says so.
        workers: how many attempts are graded at a time; default as many as there are cores
            here, or workers in the cluster.
        scheduler: address of a Dask scheduler; its workers grade instead of this machine.
        start: makes the executor; default a pool of processes, or the cluster.
        progress: called with each outcome and the number of all.

    Raises:
        AssignmentError, CandidateError, SubmissionError, CourseError, SandboxUnavailable: nothing
            can be graded.
        ClusterError: the cluster cannot be reached, or was lost; what came back is kept.
    """
    assignment = check_graded(course, name)  # reads it, so no worker has to
    forked.expect(imports.libraries(assignment))
    check_writable(course)
    who = submitters(course, name, candidates)
    # it may fork, so it comes before anything is opened
    import_once(imports.of_checks(assignment))
    begin, count = (start, workers or cores()) if start else places(workers, scheduler)
    done: dict[str, Outcome] = {}

    def tell(outcome: Outcome) -> None:
        done[outcome.candidate] = outcome
        if progress:
            progress(outcome, len(who))

    with contextlib.ExitStack() as held:
        if isinstance(begin, Pool):
            held.callback(begin.close)
        held.enter_context(alone(course, name))
        gradebook.ensure(course, name)
        book = Autograding(course, name)
        # a cluster's workers say for themselves whether they have a sandbox
        open_attempts = _prepared(course, book, who, force, unsafe, tell, here=not scheduler)
        for attempt, graded in run_all(open_attempts, begin, count):
            tell(keep(book, attempt, graded))
    return Batch(name, tuple(done[each] for each in who))


def check_graded(course: Course, name: str) -> Assignment:
    """The assignment that ``name`` is, or is the revision of.

    Raises:
        AssignmentError: there is none, or it has no points.
    """
    assignment = assignments.find(course, cases.base_id(name))
    if not assignment.graded:
        raise AssignmentError(f"{assignment.id} is not graded", do="there is nothing to do")
    return assignment


def check_writable(course: Course) -> None:
    """Find out before any work is done.

    Raises:
        CourseError: a folder that grading writes to is read-only or full.
    """
    for folder in (course.state, course.autograded, course.submitted):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"\0" * 4096)
                file.flush()
        except OSError as error:
            raise CourseError(
                f"nothing can be written here: {error.strerror}",
                where=str(folder),
                do="make the folder writable, or free space on its disk; nothing was graded",
            ) from None


def cores() -> int:
    """How many processes may work at a time here."""
    return len(os.sched_getaffinity(0))


def places(workers: int | None, scheduler: str | None) -> tuple[Start, int]:
    """What makes the executor, and how many attempts it takes at a time.

    Raises:
        ClusterError: no cluster can be reached at ``scheduler``.
    """
    if scheduler is None:
        count = workers or cores()
        return Pool(count), count
    from worksample.batch.cluster import Cluster, size

    there = size(scheduler)
    return lambda: Cluster(scheduler), workers or there


@contextmanager
def alone(course: Course, name: str) -> Iterator[None]:
    """Two batches at once would grade everything twice; the kernel drops the lock on any end."""
    lock = course.state / f".grading-{name}"
    with open(lock, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                f"{name} is being graded by another command", do="wait for it to end"
            ) from None
        yield


def run_all(
    open_attempts: Iterable[Attempt], start: Start, ahead: int, poll: float | None = None
) -> Iterator[tuple[Attempt, Graded]]:
    """Grade attempts as they are drawn from the iterable; results as they come.

    At most ``3 * ahead`` are under way, so memory does not grow with the batch. When a worker is
    killed, what it had is tried again in a new pool, and at the end given up as not gradable.

    Args:
        start: makes the pool.
        ahead: how many attempts the pool takes at a time.
        poll: seconds after which the iterable is asked again while attempts are under way, though
            it had none before: for one that others add to.
    """
    waiting = iter(open_attempts)
    retry: list[tuple[Attempt, int]] = []
    while True:
        lost: list[tuple[Attempt, int]] = []
        executor = start()
        try:
            yield from _through(executor, retry, waiting, 3 * ahead, lost, poll)
        finally:
            # whoever stops a batch does not want to wait for what was still to come
            executor.shutdown(cancel_futures=True)
        if not lost:
            return
        retry = []
        for attempt, tries in lost:
            if tries < MAX_TRIES:
                retry.append((attempt, tries))
            else:
                why = f"the process that graded it was killed {tries} times"
                yield attempt, not_gradable(attempt, why)


def _through(
    executor: Executor,
    retry: list[tuple[Attempt, int]],
    waiting: Iterator[Attempt],
    limit: int,
    lost: list[tuple[Attempt, int]],
    poll: float | None,
) -> Iterator[tuple[Attempt, Graded]]:
    """One executor's life; what was under way when it broke is put into ``lost``."""
    running: dict[Future[Graded], tuple[Attempt, int]] = {}
    again = deque(retry)
    while True:
        # after a death one at a time, so that the attempt that kills is known
        alone = again or any(tries for _, tries in running.values())
        while not lost and len(running) < (1 if alone else limit):
            drawn = again.popleft() if again else _first_try(waiting)
            if drawn is None:
                break
            try:
                running[executor.submit(attempts.grade, drawn[0])] = drawn
            except BrokenExecutor:
                lost.append(drawn)
        if not running:
            lost.extend(again)
            return
        finished, _ = wait(running, poll, return_when=FIRST_COMPLETED)
        # what has come back is kept before an error ends the batch
        for future in sorted(finished, key=lambda each: each.exception() is not None):
            attempt, tries = running.pop(future)
            try:
                graded = future.result()
            except BrokenExecutor:
                lost.append((attempt, tries + 1))
                continue
            yield attempt, graded


def _first_try(waiting: Iterator[Attempt]) -> tuple[Attempt, int] | None:
    attempt = next(waiting, None)
    return None if attempt is None else (attempt, 0)


def submitters(course: Course, name: str, wanted: Iterable[str] | None) -> list[str]:
    there = submitted_candidates(course, name)
    if wanted is None:
        if not there:
            raise SubmissionError(
                f"nothing has been submitted for {name}",
                where=str(course.submitted),
                do="worksample collect FOLDER_OR_ZIP",
            )
        return there
    for candidate in wanted:
        if candidate not in there:
            cases.bound(course, name, candidate)  # says so if nobody of that name was invited
            close = difflib.get_close_matches(candidate, there, n=1)
            raise CandidateError(
                f"{candidate} has submitted nothing for {name}",
                do=f"did you mean {close[0]!r}?" if close else "worksample collect FOLDER_OR_ZIP",
            )
    return sorted(set(wanted))


def _prepared(
    course: Course,
    book: Autograding,
    who: Iterable[str],
    force: bool,
    unsafe: bool,
    tell: Callable[[Outcome], None],
    here: bool = True,
) -> Iterator[Attempt]:
    """The attempts that have to be executed; outcomes of the others are told at once."""
    from worksample.sandbox.choice import choose

    ready = not here
    for candidate in who:
        bound = bind(book, candidate, force=force, unsafe=unsafe)
        if isinstance(bound, Outcome):
            tell(bound)
            continue
        if not ready:
            choose(unsafe)  # no sandbox is one error for all, told before any work is done
            ready = True
        yield bound


def bind(
    book: Autograding,
    candidate: str,
    *,
    force: bool = False,
    unsafe: bool = False,
    after: int | None = None,
) -> Attempt | Outcome:
    """What is to be executed, or what came of it if it has been; then the gradebook shows it.

    Args:
        force: execute again even where nothing changed.
        after: number of the newest record when this was asked for: one that came later was made
            for this request, so it is new, and not forced again.
    """
    try:
        with stages.logged("bind"):
            attempt = attempts.prepare(book.course, book.name, candidate, unsafe)
            evidence.tidy(book.course, book.name, candidate)
            found = evidence.latest(book.course, book.name, candidate, *attempt.keys)
    except Exception as error:  # one bad submission never stops a batch
        return unreadable(candidate, error)
    new = found is not None and after is not None and found["number"] > after
    if found is None or (force and not new):
        return attempt
    return _written(book, found, new)


def unreadable(candidate: str, error: Exception) -> Outcome:
    what = getattr(error, "what", None) or f"{type(error).__name__}: {error}"
    do = getattr(error, "do", None)
    if known := explained(error):  # its own words go on with a statement and a link
        what, do = known.what, known.do
    why = f"{what} → {do}" if do else what
    return Outcome(candidate, NOT_GRADABLE, None, None, why, None, True, 0)


def keep(book: Autograding, attempt: Attempt, graded: Graded) -> Outcome:
    """Evidence first, then the gradebook: a kill between the two loses nothing."""
    try:
        with stages.logged("evidence"):
            record = attempts.record(book.course, attempt, graded)
    except Exception as error:  # the disk may be full, the evidence damaged
        return unreadable(attempt.case.candidate, error)
    if record["outcome"] not in evidence.SCORED:
        return _outcome(record, new=True)
    return _written(book, record, new=True, fresh=True)


def _written(book: Autograding, record: evidence.Record, new: bool, fresh: bool = False) -> Outcome:
    """What is in the gradebook already is not written again; a ``fresh`` record cannot be."""
    try:
        with stages.logged("gradebook"):
            if fresh or not book.is_shown(record):
                book.write(record)
    except Exception as error:  # a locked database, a folder that became read-only
        return unreadable(record["candidate"], error)
    return _outcome(record, new)


def _outcome(record: evidence.Record, new: bool) -> Outcome:
    return Outcome(
        candidate=record["candidate"],
        outcome=record["outcome"],
        points=record["points"],
        possible=record["possible"],
        why=record["why"],
        number=record["number"],
        new=new,
        repairs=len(record["repairs"]),
        sandbox=record["run"]["sandbox"] if record["run"] else "",
        sem=bank.sem(record),
    )
