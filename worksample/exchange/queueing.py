"""What was handed in goes to the grading service at once, and nothing is forgotten on the way.

A row of the queue is written right after a receipt. Between the two this process can be killed, so
that every few seconds whatever came in since is looked at again.
"""

from __future__ import annotations

import logging

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from worksample import assignments
from worksample.assignments.case import base_id
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.exchange import links
from worksample.exchange.tables import opened
from worksample.records.tables import Audit, Submission
from worksample.service import client, progress
from worksample.service.queue import Queue

log = logging.getLogger("worksample.exchange")

ASKED = "grading asked for"


def hand_over(course: Course, assignment_id: str, candidate: str, *, force: bool = False) -> None:
    """Queue an attempt, if it is of an assignment that is graded.

    Raises:
        WorksampleError, SQLAlchemyError: it was not queued.
    """
    if _is_graded(course, assignment_id):
        client.leave(course, assignment_id, [candidate], force=force)


def hand_over_soon(course: Course, assignment_id: str, candidate: str) -> None:
    """The same, for who has been promised that their work has arrived: it fails for nobody."""
    try:
        hand_over(course, assignment_id, candidate)
    except (WorksampleError, SQLAlchemyError):
        log.exception("%s of %s is queued a little later", assignment_id, candidate)


def ask(
    course: Course, wanted: list[tuple[str, str]], by: str, *, force: bool = False
) -> list[tuple[str, str]]:
    """Somebody of the team wants these graded; which of them were queued.

    Args:
        wanted: pairs of nbgrader's assignment and a candidate.
        force: also what has not changed since it was graded.
    """
    queue = Queue(course).everything()
    done = []
    for name, candidate in wanted:
        last = opened(course).last_submission(name, candidate)
        if last is None or not _is_graded(course, name):
            continue
        state = progress.of(course, last, queue).state
        if state in ("nobody asked", "not gradable") or (force and state == "graded"):
            client.leave(course, name, [candidate], force=force)
            said = Audit(
                assignment=name,
                candidate=candidate,
                actor=by,
                action=ASKED,
                detail={"again": force},
            )
            opened(course).add(said)
            done.append((name, candidate))
    return done


class Overlooked:
    """Finds what was handed in and is neither graded nor queued; looks at each receipt once."""

    def __init__(self, course: Course) -> None:
        self._course, self._seen = course, 0

    def queue(self) -> list[str]:
        """Queue it; in words, whose it was.

        Raises:
            WorksampleError, SQLAlchemyError: not all was queued; the next call tries it again.
        """
        newest, found = self._since()
        queue = Queue(self._course).everything() if found else []
        done = []
        for name, candidate in found:
            last = opened(self._course).last_submission(name, candidate)
            # what was collected by hand is graded by hand
            if last is None or links.opening_of(self._course, candidate) is None:
                continue
            if progress.of(self._course, last, queue).state == "nobody asked":
                hand_over(self._course, name, candidate)
                done.append(f"{candidate}, {name}")
        self._seen = newest
        return done

    def _since(self) -> tuple[int, list[tuple[str, str]]]:
        with opened(self._course).session() as session:
            newest = session.scalar(select(func.max(Submission.id))) or 0
            query = select(Submission.assignment, Submission.candidate).distinct()
            rows = session.execute(query.where(Submission.id > self._seen)).all()
        known = {name: _is_graded(self._course, name) for name, _ in rows}
        return newest, sorted((name, who) for name, who in rows if known[name])


def _is_graded(course: Course, assignment_id: str) -> bool:
    return assignments.find(course, base_id(assignment_id)).graded
