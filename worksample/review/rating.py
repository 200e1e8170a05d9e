"""Ratings: what people say about a criterion, kept for good, one row for each time they say it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import dressing
from worksample.assignments.model import Assignment, Criterion, Texts
from worksample.assignments.scorecard import (
    RECEPTIVENESS,
    RECEPTIVENESS_ANCHORS,
    RECEPTIVENESS_DIMENSION,
)
from worksample.batch import formgrader
from worksample.course import Course
from worksample.errors import AssignmentError, CandidateError, WorksampleError
from worksample.records import evidence
from worksample.records import ratings as store
from worksample.records.tables import Audit, Rating, Recommendation, Records
from worksample.review import reading
from worksample.scorecards import settings

NO_INFORMATION = ("not attempted", "not observable", "our failure", "out of scope")
VALUES = (0, 1, 2, 3, 4)
_RECEPTIVENESS = Criterion(
    dimension=RECEPTIVENESS_DIMENSION,
    minutes=2,
    evidence="The two attempts side by side, and the note on what was changed and why. Rate the "
    "difference between them, never the gain in points.",
    anchors=RECEPTIVENESS_ANCHORS,
    texts=Texts(),
)


def criteria(course: Course, name: str, candidate: str) -> Assignment:
    """The assignment whose criteria are rated, in the words that the candidate was given.

    On a revision, how the feedback was taken up is rated too.

    Raises:
        AssignmentError: there is no such assignment, or people rate nothing in it.
        CandidateError: there is no such candidate.
    """
    assignment = assignments.find(course, cases.base_id(name))
    if not assignment.criteria:
        raise AssignmentError(f"{name} has no criteria to rate")
    worn = dressing.wear(course, assignment, cases.bound(course, name, candidate).skin)
    if cases.attempt_of(name) == 1:
        return worn
    return replace(worn, criteria={**worn.criteria, RECEPTIVENESS: _RECEPTIVENESS})


def rate(
    course: Course,
    name: str,
    candidate: str,
    criterion: str,
    value: int,
    by: str,
    reason: str = "",
    seen: str = "",
    cell: str = "",
    door: str = "command",
) -> Rating:
    """Add one rating. 0 says "not enough information": it is kept as null, with a reason.

    Where several people rate, it is a draft until they submit.

    Args:
        name: nbgrader's assignment, the revision's for attempt 2.
        criterion: its grade id.
        value: 1 to 4, or 0.
        by: the grader.
        reason: needed with 0 (one of :data:`NO_INFORMATION`) and when a rating is changed.
        seen: the evidence, in the grader's words.
        cell: the candidate's cell that it was seen in; empty for the criterion's own.
        door: what it was given through.

    Raises:
        WorksampleError: something of this is missing or cannot be.
    """
    assignment = criteria(course, name, candidate)
    if criterion not in assignment.criteria:
        raise _unknown(f"{name} has no criterion", criterion, assignment.criteria)
    graded = evidence.latest(course, name, candidate)
    if graded is None and not evidence.history(course, name, candidate):
        raise CandidateError(
            f"{candidate} has no graded attempt at {name}", do=f"worksample grade {name}"
        )
    if cell:
        _check_cell(course, graded, cell)
    _check(value, by, reason)
    reading.check_read(course, name, candidate, by)
    records = Records(course.records_url)
    alone = settings.of(course).graders_of(name) == 1
    if alone:  # what was typed in formgrader comes first
        formgrader.settle(course, name, candidate)
    given = None if value == 0 else value
    _check_change(course, records, name, candidate, criterion, by, given, reason)
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
        cell=cell,
        door=door,
    )
    note_rule(course, records)
    records.add(row)
    _audit(records, name, candidate, by, "rate", {"criterion": criterion, "rating": row.id})
    if alone:
        formgrader.settle(course, name, candidate)
    return row


def submit(course: Course, name: str, candidate: str, by: str) -> None:
    """A grader is done with an attempt: their ratings count, and they may see the others'.

    Raises:
        WorksampleError: something is not rated yet, or they have submitted before.
    """
    assignment = criteria(course, name, candidate)
    records = Records(course.records_url)
    store.submit(records, name, candidate, by, list(assignment.criteria))
    _audit(records, name, candidate, by, "submit ratings", {})


def shown(course: Course, name: str, candidate: str, by: str) -> list[Rating]:
    """The ratings of an attempt that a grader may see; that they looked is noted.

    Raises:
        WorksampleError: nobody says who looks.
    """
    if not by.strip():
        raise WorksampleError("who may see what depends on who looks", do="give --by YOU")
    criteria(course, name, candidate)
    records = Records(course.records_url)
    formgrader.settle(course, name, candidate)
    graders = settings.of(course).graders_of(name)
    _audit(records, name, candidate, by, "look at ratings", {})
    return store.visible(records, name, candidate, by, graders)


def recommend(
    course: Course,
    candidate: str,
    value: int,
    reason: str,
    by: str,
    outcome: str = "",
    debrief_digest: str = "",
) -> Recommendation:
    """Sign a recommendation: 1 strong no hire, 2 no hire, 3 hire, 4 strong hire; 0 no decision.

    Nothing is overwritten: who changes their mind signs again.

    Args:
        outcome: what the rule says, which decides nothing.
        debrief_digest: of the page that was read.

    Raises:
        WorksampleError: something of this is missing or cannot be.
    """
    if value not in VALUES:
        raise WorksampleError(
            f"a recommendation is 1 (strong no hire) to 4 (strong hire), or 0; not {value}"
        )
    if not reason.strip() or not by.strip():
        raise WorksampleError(
            "a recommendation is somebody's, and says why", do='give --by YOU and --reason "…"'
        )
    row = Recommendation(
        assignment="",
        candidate=candidate,
        person=by,
        value=value or None,
        reason=reason,
        outcome=outcome,
        debrief_digest=debrief_digest,
    )
    Records(course.records_url).add(row)
    return row


def note_rule(course: Course, records: Records) -> None:
    """Note the rule where it is new, so that everybody can see that it was fixed beforehand."""
    said = settings.of(course).to_json()
    if said != store.last_rule(records):
        records.add(Audit(assignment="", candidate="", actor="course", action="rule", detail=said))


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


def _check_change(
    course: Course,
    records: Records,
    name: str,
    candidate: str,
    criterion: str,
    by: str,
    given: int | None,
    reason: str,
) -> None:
    """A draft may be changed freely; what counts already may not."""
    alone = settings.of(course).graders_of(name) == 1
    rows = [row for row in records.all_ratings(name, candidate) if row.criterion == criterion]
    before = next((row for row in reversed(rows) if alone or row.grader == by), None)
    draft = not alone and by not in records.submitters(name, candidate)
    if before is None or before.value == given or reason or draft:
        return
    do = 'add --reason "…"'
    if before.grader != by:
        do += "; where several rate independently, say so in course.toml: [scorecards] graders = 2"
    raise WorksampleError(
        f"{before.grader} has rated {criterion} before; a change needs a reason", do=do
    )


def _check_cell(course: Course, graded: evidence.Record | None, cell: str) -> None:
    known = [each["id"] for each in evidence.notebook(course, graded)["cells"]] if graded else []
    if cell not in known:
        raise _unknown("the attempt has no cell", cell, known)


def _unknown(what: str, name: str, known: Iterable[str]) -> AssignmentError:
    close = difflib.get_close_matches(name, known, n=1)
    return AssignmentError(
        f"{what} {name!r}",
        do=f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}",
    )


def _audit(
    records: Records, name: str, candidate: str, by: str, action: str, detail: dict[str, object]
) -> None:
    records.add(Audit(assignment=name, candidate=candidate, actor=by, action=action, detail=detail))
