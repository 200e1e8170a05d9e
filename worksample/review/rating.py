"""Ratings: what people say about a criterion, kept for good, one row for each time they say it."""

from __future__ import annotations

import difflib

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import dressing
from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.errors import AssignmentError, CandidateError, WorksampleError
from worksample.records import evidence
from worksample.records.tables import Audit, Rating, Records

NO_INFORMATION = ("not attempted", "not observable", "our failure", "out of scope")
VALUES = (0, 1, 2, 3, 4)


def criteria(course: Course, name: str, candidate: str) -> Assignment:
    """The assignment whose criteria are rated, in the words that the candidate was given.

    Raises:
        AssignmentError: there is no such assignment, or people rate nothing in it.
        CandidateError: there is no such candidate.
    """
    assignment = assignments.find(course, cases.base_id(name))
    if not assignment.criteria:
        raise AssignmentError(f"{name} has no criteria to rate")
    return dressing.wear(course, assignment, cases.bound(course, name, candidate).skin)


def rate(
    course: Course,
    name: str,
    candidate: str,
    criterion: str,
    value: int,
    by: str,
    reason: str = "",
    seen: str = "",
) -> Rating:
    """Add one rating. 0 says "not enough information": it is kept as null, with a reason.

    Args:
        name: nbgrader's assignment, the revision's for attempt 2.
        criterion: its grade id.
        value: 1 to 4, or 0.
        by: the grader.
        reason: needed with 0 (one of :data:`NO_INFORMATION`) and when a rating is changed.
        seen: the evidence, in the grader's words.

    Raises:
        WorksampleError: something of this is missing or cannot be.
    """
    assignment = criteria(course, name, candidate)
    if criterion not in assignment.criteria:
        close = difflib.get_close_matches(criterion, assignment.criteria, n=1)
        raise AssignmentError(
            f"{name} has no criterion {criterion!r}",
            do=f"did you mean {close[0]!r}?"
            if close
            else f"there are: {', '.join(assignment.criteria)}",
        )
    if not evidence.history(course, name, candidate):
        raise CandidateError(
            f"{candidate} has no graded attempt at {name}", do=f"worksample grade {name}"
        )
    _check(value, by, reason)
    records = Records(course.records_url)
    before = _before(records, name, candidate, criterion, by)
    given = None if value == 0 else value
    if before and before.value != given and not reason:
        raise WorksampleError(
            f"{by} has rated {criterion} before; a change needs a reason",
            do='add --reason "…"',
        )
    row = Rating(
        assignment=name,
        candidate=candidate,
        attempt=cases.attempt_of(name),
        criterion=criterion,
        dimension=assignment.criteria[criterion].dimension,
        grader=by,
        value=given,
        reason=reason,
        evidence=seen,
    )
    records.add(row)
    records.add(
        Audit(
            assignment=name,
            candidate=candidate,
            actor=by,
            action="rate",
            detail={"criterion": criterion, "rating": row.id},
        )
    )
    return row


def _check(value: int, by: str, reason: str) -> None:
    if value not in VALUES:
        raise WorksampleError(
            f"a rating is 1 to 4, or 0 for not enough information; not {value}",
            do="the anchors stand in rubric.toml and, for graders, in the notebook",
        )
    if value == 0 and reason not in NO_INFORMATION:
        raise WorksampleError(
            "0 says that there is not enough information, and has to say why",
            do=f"give --reason, one of: {', '.join(NO_INFORMATION)}",
        )
    if not by.strip():
        raise WorksampleError("a rating is somebody's", do="give your name with --by")


def _before(records: Records, name: str, candidate: str, criterion: str, by: str) -> Rating | None:
    rows = records.ratings(name, candidate)
    return next((r for r in rows if (r.criterion, r.grader) == (criterion, by)), None)
