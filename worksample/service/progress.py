"""How far the grading of an attempt is: waiting, under way, done, or not to be done; and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from worksample.course import Course
from worksample.records import evidence
from worksample.records.tables import Audit, Queued, Records, Submission

State = Literal["nobody asked", "queued", "running", "graded", "not gradable"]
NOTED = "not gradable yet"  # the action in the audit log; there is no evidence that says it
WHO = "grading service"


@dataclass(frozen=True)
class Progress:
    """The grading of what a candidate handed in, the attempt that counts.

    Attributes:
        state: ``nobody asked`` is what was handed in and is neither graded nor queued.
        ahead: how many others of the queue come first.
        record: its newest evidence with a score, also while it is graded again; else None.
        why: what stands against it, for ``not gradable``.
    """

    state: State
    ahead: int = 0
    record: evidence.Record | None = None
    why: str = ""


def note(course: Course, assignment: str, candidate: str, why: str) -> None:
    """Keep why an attempt could not even be read."""
    row = Audit(
        assignment=assignment, candidate=candidate, actor=WHO, action=NOTED, detail={"why": why}
    )
    Records(course.records_url).add(row)


def of(course: Course, counting: Submission, queue: Iterable[Queued]) -> Progress:
    """How far the grading of a submission is.

    Args:
        counting: the receipt of the attempt that counts.
        queue: all rows, the oldest first (:meth:`worksample.service.queue.Queue.everything`).

    Raises:
        CourseError: its evidence cannot be read.
    """
    name, candidate = counting.assignment, counting.candidate
    newest = evidence.newest(course, name, candidate)
    of_this = newest is not None and newest["inputs"]["submission"] == counting.digest
    scored = _scored(course, counting, newest) if of_this else None
    for ahead, row in enumerate(queue):
        if (row.assignment, row.candidate) == (name, candidate):
            return Progress("running" if row.tries else "queued", ahead, scored)
    if of_this and newest is not None and newest["outcome"] not in evidence.SCORED:
        return Progress("not gradable", record=scored, why=newest["why"])
    if scored is not None:
        return Progress("graded", record=scored)
    why = _noted(course, counting)
    return Progress("not gradable", why=why) if why else Progress("nobody asked")


def _scored(
    course: Course, counting: Submission, newest: evidence.Record | None
) -> evidence.Record | None:
    """The newest record with a score, if it is of this submission."""
    if newest is not None and newest["outcome"] in evidence.SCORED:
        return newest
    found = evidence.latest(course, counting.assignment, counting.candidate)
    return found if found and found["inputs"]["submission"] == counting.digest else None


def _noted(course: Course, counting: Submission) -> str:
    """Why it could not be read, if that was noted since it was handed in; else empty."""
    query = select(Audit).filter_by(
        assignment=counting.assignment, candidate=counting.candidate, action=NOTED
    )
    with Records(course.records_url).session() as session:
        row = session.scalar(query.order_by(Audit.id.desc()).limit(1))
    return str(row.detail["why"]) if row and row.time >= counting.time else ""
