"""formgrader's boxes and the one store of ratings: none says anything but the other.

nbgrader's gradebook holds one score for a cell and no grader. With one grader (the course's
setting) the box of a rubric cell shows that grader's rating, and a number typed there becomes their
rating. With several it is refused: independent ratings do not fit into one box.

:func:`take` is what formgrader's own page goes through. :func:`settle` brings in what reached the
gradebook in other ways: by an earlier version, by nbgrader's API. What the box held when it was
last looked at is noted, so that a new number in it is told from an old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from worksample import assignments
from worksample.assignments.case import attempt_of, base_id
from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.records.tables import FormgraderScore, Rating, Records, now
from worksample.scorecards import settings

# nbgrader takes seconds to import, so it waits until a box is looked into
if TYPE_CHECKING:
    from nbgrader.api import Grade, Gradebook

DOOR = "formgrader"
CHANGED = "changed in formgrader"
#: who rated, where nobody but formgrader knows
UNKNOWN = "formgrader"


def settle(course: Course, name: str, candidate: str) -> list[str]:
    """Bring the boxes of one attempt and its ratings together.

    Returns:
        What stands in a box and is no rating, one sentence each, for a grader to correct.
    """
    assignment = assignments.find(course, base_id(name))
    graders = settings.of(course).graders_of(name)
    if not assignment.criteria:
        return []
    records = Records(course.records_url)
    with _opened(course) as book:
        boxes = _boxes(book, assignment, name, candidate)
        return _settled(records, book, assignment, name, candidate, boxes, graders)


def take(
    course: Course, name: str, candidate: str, criterion: str, score: Any, by: str = ""
) -> None:
    """A grader typed a score into a box: it becomes their rating, or nothing changes at all.

    Args:
        score: what was typed.
        by: who is at the page, where nobody has rated this before.

    Raises:
        WorksampleError: several people rate here, or it is not 1, 2, 3 or 4.
    """
    assignment = assignments.find(course, base_id(name))
    graders = settings.of(course).graders_of(name)
    if graders > 1:
        raise WorksampleError(
            f"{graders} people rate {name} independently of one another, and this box holds one "
            "number that all of them would see",
            where=criterion,
            do=f"worksample rate {candidate} {name} --by YOU",
        )
    records = Records(course.records_url)
    value = _level(score)
    if value is None:
        rated = any(row.criterion == criterion for row in records.ratings(name, candidate))
        if score in (None, "") and not rated:
            return
        raise WorksampleError(
            "a rating is 1, 2, 3 or 4; that there is not enough information has to say why",
            where=criterion,
            do=f"worksample rate {candidate} {name} --by YOU --criterion {criterion} --value 0 "
            '--reason "not attempted"',
        )
    settle(course, name, candidate)
    with _opened(course) as book:
        _, comment = _box(book, name, candidate, criterion)
        _rate(records, assignment, name, candidate, criterion, value, comment, by)
        boxes = _boxes(book, assignment, name, candidate)
        # what was in the box is no longer news: it is about to be what was typed
        _note(records, name, candidate, criterion, boxes[criterion].manual_score)
        _settled(records, book, assignment, name, candidate, boxes, graders)


def remark(course: Course, name: str, candidate: str, criterion: str) -> None:
    """What stands below a box now is the evidence of the rating in it, where there is one."""
    if settings.of(course).graders_of(name) > 1:
        return
    records = Records(course.records_url)
    rows = [row for row in records.all_ratings(name, candidate) if row.criterion == criterion]
    if not rows or rows[-1].value is None:
        return
    assignment = assignments.find(course, base_id(name))
    with _opened(course) as book:
        comment = _box(book, name, candidate, criterion)[1]
    _rate(records, assignment, name, candidate, criterion, rows[-1].value, comment)


def _settled(
    records: Records,
    book: Gradebook,
    assignment: Assignment,
    name: str,
    candidate: str,
    boxes: Mapping[str, Grade],
    graders: int,
) -> list[str]:
    noted = _noted(records, name, candidate)
    odd = []
    for criterion, box in boxes.items():
        typed = box.manual_score
        if typed is not None and typed != noted.get(criterion):
            if graders > 1 or _level(typed) is None:
                odd.append(_odd(criterion, typed, graders))
                continue
            comment = _box(book, name, candidate, criterion)[1]
            _rate(records, assignment, name, candidate, criterion, _level(typed), comment)
        if graders == 1:
            _show(records, book, name, candidate, criterion, box)
    return odd


def _odd(criterion: str, typed: float, graders: int) -> str:
    if graders > 1:
        return (
            f"formgrader holds {typed:g} for {criterion}, which counts nowhere: {graders} people "
            "rate here, each with `worksample rate`"
        )
    return f"formgrader holds {typed:g} for {criterion}; a rating is 1, 2, 3 or 4"


def _rate(
    records: Records,
    assignment: Assignment,
    name: str,
    candidate: str,
    criterion: str,
    value: int | None,
    comment: str,
    by: str = "",
) -> None:
    """Add the rating that a box holds, unless it is the newest one already."""
    rows = [row for row in records.all_ratings(name, candidate) if row.criterion == criterion]
    last = rows[-1] if rows else None
    if last and last.value == value and comment in ("", last.evidence):
        return
    records.add(
        Rating(
            assignment=name,
            candidate=candidate,
            attempt=attempt_of(name),
            criterion=criterion,
            dimension=assignment.criteria[criterion].dimension,
            grader=_whose(rows, by),
            value=value,
            reason=CHANGED if last and last.value != value else "",
            evidence=comment or (last.evidence if last else ""),
            door=DOOR,
        )
    )


def _whose(rows: Sequence[Rating], by: str) -> str:
    """The one grader's, under the name that they have here."""
    return rows[-1].grader if rows else by or UNKNOWN


def _show(
    records: Records, book: Gradebook, name: str, candidate: str, criterion: str, box: Grade
) -> None:
    """The newest rating, in the box; 0 empties it."""
    rows = [row for row in records.all_ratings(name, candidate) if row.criterion == criterion]
    if not rows:
        return
    value = rows[-1].value
    if box.manual_score != value or box.needs_manual_grade:
        box.manual_score = value
        box.needs_manual_grade = False
        book.db.commit()
    _note(records, name, candidate, criterion, value)


def _opened(course: Course) -> AbstractContextManager[Gradebook]:
    from worksample.batch import gradebook

    return gradebook.opened(course)


def _boxes(book: Gradebook, assignment: Assignment, name: str, candidate: str) -> dict[str, Grade]:
    from nbgrader.api import MissingEntry

    try:
        notebook = book.find_submission_notebook(name, name, candidate)
    except MissingEntry:
        return {}
    return {grade.name: grade for grade in notebook.grades if grade.name in assignment.criteria}


def _box(book: Gradebook, name: str, candidate: str, criterion: str) -> tuple[float | None, str]:
    """What a box holds, and the comment below it."""
    from nbgrader.api import MissingEntry

    place = (criterion, name, name, candidate)
    score = book.find_grade(*place).manual_score
    try:
        return score, book.find_comment(*place).manual_comment or ""
    except MissingEntry:
        return score, ""


def _level(score: Any) -> int | None:
    try:
        return int(score) if float(score) in (1, 2, 3, 4) else None
    except (TypeError, ValueError):
        return None


def _noted(records: Records, name: str, candidate: str) -> dict[str, float | None]:
    query = select(FormgraderScore).filter_by(assignment=name, candidate=candidate)
    with records.session() as session:
        return {row.criterion: row.score for row in session.scalars(query)}


def _note(records: Records, name: str, candidate: str, criterion: str, score: float | None) -> None:
    place = {"assignment": name, "candidate": candidate, "criterion": criterion}
    with records.session() as session:
        row = session.scalar(select(FormgraderScore).filter_by(**place))
        if row is None:
            session.add(FormgraderScore(**place, score=score))
        elif row.score != score:
            row.score, row.time = score, now()
