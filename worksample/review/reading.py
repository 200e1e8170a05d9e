"""The reader test: what somebody who knows nothing of the case understood, before anyone rates.

Where a work sample has questions for readers (``readers.py``, :mod:`worksample.kit.readers`), two
or three people read what the candidate wrote for a few minutes and answer. It is kept like ratings
are: added to, linked in the chain, gone with the candidate. Who has rated an attempt, or can have
heard of it from who has, is no reader of it any more; and where a course asks for readers, nobody
rates before they have read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import reading as folders
from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.errors import AssignmentError, CandidateError, RatingError
from worksample.kit.readers import NOT_SAID, RATERS, Picture, Question
from worksample.records import evidence
from worksample.records.tables import Audit, Reading, Records
from worksample.scorecards import settings

MODULE = "readers"
NOT_OBSERVED = "not observed"
LONGEST = 300  # characters of one answer


@dataclass(frozen=True)
class Test:
    """What one attempt's readers see and are asked.

    Attributes:
        cells: ids of the cells that are shown, in the notebook's order.
        notebook: as it was executed.
        digest: of what is shown, or what it is drawn from.
        pictures: draws what a freeze probe shows; None: it is a reader test.
    """

    assignment: Assignment
    level: str
    minutes: float
    questions: tuple[Question, ...]
    cells: tuple[str, ...]
    notebook: Mapping[str, Any]
    status: Mapping[str, str]
    digest: str
    pictures: Callable[[], Sequence[Picture]] | None = None

    @property
    def is_probe(self) -> bool:
        """Whether those who rate answer it themselves, from pictures."""
        return self.pictures is not None


def is_probe(assignment: Assignment) -> bool:
    """Whether the questions of a work sample are a freeze probe for its raters."""
    return has_test(assignment) and _of_raters(folders.load_module(assignment, MODULE))


def _of_raters(module: ModuleType) -> bool:
    return getattr(module, "WHO", "") == RATERS


def has_test(assignment: Assignment) -> bool:
    """Whether a work sample has questions for readers."""
    return (assignment.folder / f"{MODULE}.py").is_file()


def test_of(course: Course, name: str, candidate: str) -> Test:
    """The reader test of a candidate's attempt.

    Args:
        name: nbgrader's assignment, the revision's for attempt 2.

    Raises:
        AssignmentError: there is no such assignment.
        CandidateError: nothing of theirs was graded.
        RatingError: the work sample has no questions for readers.
    """
    assignment = assignments.find(course, cases.base_id(name))
    if not has_test(assignment):
        raise RatingError(f"{assignment.id} has no questions for readers")
    found = evidence.latest(course, name, candidate)
    if found is None:
        raise CandidateError(
            f"{candidate} has no graded attempt at {name}", do=f"worksample grade {name}"
        )
    module = folders.load_module(assignment, MODULE)
    case = cases.bound(course, name, candidate)
    notebook, answers = evidence.notebook(course, found), found["run"].get("answers") or {}
    of_raters = _of_raters(module)
    cells = () if of_raters else module.CELLS
    shown = [cell for cell in notebook["cells"] if str(cell["id"]) in cells]
    text = json.dumps(
        answers if of_raters else [[c["id"], c["source"], c.get("outputs", [])] for c in shown],
        sort_keys=True,
    )
    return Test(
        assignment=assignment,
        level=found["case"]["level"],
        minutes=float(module.MINUTES),
        questions=_asked(assignment, lambda: module.questions(case, answers)),
        cells=tuple(str(cell["id"]) for cell in shown),
        notebook={**notebook, "cells": shown},
        status=found["run"]["cells"],
        digest=hashlib.sha256(text.encode()).hexdigest(),
        pictures=(lambda: _asked(assignment, lambda: module.pictures(case, answers)))
        if of_raters
        else None,
    )


T = TypeVar("T")


def _asked(assignment: Assignment, make: Callable[[], Sequence[T]]) -> tuple[T, ...]:
    """What the folder's module gives; a fault in it is its author's, and is said so."""
    try:
        return tuple(make())
    except Exception as error:
        raise AssignmentError(
            f"the questions for readers of {assignment.id} failed: {type(error).__name__}: {error}",
            where=folders.blame(assignment, MODULE, error),
            do="mend that file; until then readers = 0 and freeze_probe = false below "
            "[scorecards] in course.toml do without",
        ) from error


def refusal(course: Course, name: str, candidate: str, reader: str) -> str:
    """Why somebody cannot be a reader of an attempt; empty where they can.

    Others' ratings are no reason against a freeze probe: its answers are about the screen alone.
    """
    records = Records(course.records_url)
    if any(row.reader == reader for row in records.readings(name, candidate)):
        return "you have answered before"
    rated = records.all_ratings(name, candidate)
    if any(row.grader == reader for row in rated):
        return "you have rated it"
    if is_probe(assignments.find(course, cases.base_id(name))):
        return ""
    graders = settings.of(course).graders_of(name)
    if records.submitters(name, candidate) or (graders == 1 and rated):
        return "it has been rated: readers come before"
    return ""


def read(
    course: Course,
    name: str,
    candidate: str,
    by: str,
    said: Mapping[str, str],
    seconds: float | None = None,
    door: str = "command",
) -> Reading:
    """Keep what a reader answered, once and for all questions.

    Args:
        said: question -> an option's words or a number as text; empty for *not said*.
        seconds: how long they had the text, where that is known.

    Raises:
        RatingError: they cannot be a reader, or an answer is none.
    """
    if not by.strip():
        raise RatingError("a reading is somebody's", do="give your name with --by")
    test = test_of(course, name, candidate)
    if why := refusal(course, name, candidate, by):
        raise RatingError(f"this cannot be read by {by}: {why}", where=f"{name}, {candidate}")
    answers = _answers(test.questions, said)
    found = [each["outcome"] for each in answers]
    row = Reading(
        assignment=name,
        candidate=candidate,
        attempt=cases.attempt_of(name),
        reader=by,
        right=found.count("right"),
        not_said=found.count("not said"),
        misled=found.count("misled"),
        reader_said=answers,
        text_digest=test.digest,
        seconds=seconds,
        door=door,
    )
    noted = Audit(assignment=name, candidate=candidate, actor=by, action="read", detail={})
    Records(course.records_url).add(row, noted)
    return row


def _answers(questions: Sequence[Question], said: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    for each in questions:
        words = said.get(each.id, NOT_SAID)[:LONGEST]
        try:
            outcome = each.outcome(words)
        except ValueError:
            wanted = "one of its options" if each.options else "a number"
            raise RatingError(
                f"{each.ask} takes {wanted}, or that the text does not say it", where=each.id
            ) from None
        found.append({"question": each.id, "said": words.strip(), "outcome": outcome})
    return found


def waited_for(course: Course, name: str, candidate: str) -> int:
    """How many readers are still to read before anybody rates."""
    wanted = settings.of(course).readers_of(name)
    assignment = assignments.find(course, cases.base_id(name))
    if not wanted or not has_test(assignment) or is_probe(assignment):
        return 0
    return max(0, wanted - len(Records(course.records_url).readings(name, candidate)))


def is_probe_due(course: Course, name: str, candidate: str, grader: str) -> bool:
    """Whether a grader has a freeze probe to answer before they rate this attempt."""
    if not settings.of(course).probes(name):
        return False
    if not is_probe(assignments.find(course, cases.base_id(name))):
        return False
    return not refusal(course, name, candidate, grader)


def check_read(course: Course, name: str, candidate: str, grader: str) -> None:
    """See that nobody rates before the readers have read, or before they answered a freeze probe.

    Raises:
        RatingError: somebody is still to read, or this grader to answer.
    """
    if left := waited_for(course, name, candidate):
        raise RatingError(
            f"{left} more {'reader has' if left == 1 else 'readers have'} to read first",
            where=f"{name}, {candidate}",
            do=f"worksample reader {candidate} {name} --by READER, or the page Ratings; "
            "how many there are says readers in course.toml",
        )
    if is_probe_due(course, name, candidate, grader):
        raise RatingError(
            f"{grader} has not answered the freeze probe, which comes before the rating",
            where=f"{name}, {candidate}",
            do=f"worksample reader {candidate} {name} --by {grader}, or rate on the page Ratings; "
            "freeze_probe = false below [scorecards] in course.toml does without",
        )


def heading(assignment: Assignment) -> str:
    """What the questions of a work sample are called."""
    return "Freeze probe" if is_probe(assignment) else "Reader test"


def summary(rows: Sequence[Reading], of_raters: bool = False) -> str:
    """What readers understood, in words; the three are never added up to one.

    Args:
        of_raters: they were those who rate, answering a freeze probe.
    """
    if not rows:
        return NOT_OBSERVED
    right, not_said, misled = (
        sum(getattr(row, what) for row in rows) for what in ("right", "not_said", "misled")
    )
    who = "rater" if of_raters else "reader"
    people = f"1 {who}" if len(rows) == 1 else f"{len(rows)} {who}s"
    total, missing = right + not_said + misled, "not shown" if of_raters else "not said"
    return f"{people}, {total} answers: {right} right, {not_said} {missing}, {misled} misled"


def by_question(rows: Sequence[Reading]) -> dict[str, list[str]]:
    """Question -> what came of it, one word a reader."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for each in row.reader_said:
            found.setdefault(str(each["question"]), []).append(str(each["outcome"]))
    return found
