"""Interviews rated: a kit's dimensions and outcomes, in the one store, blind as everything there.

A kit's ratings stand under an assignment of their own, ``kit:screening``, which no work sample can
be called, and with its stage. They are submitted all at once, with the recommendation, where the
stage has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from worksample.assignments import case as cases
from worksample.assignments.scorecard import RATINGS
from worksample.course import Course
from worksample.errors import RatingError
from worksample.kits import Kit
from worksample.records import ratings as store
from worksample.records.tables import (
    Audit,
    InterviewNote,
    Rating,
    RatingsSubmitted,
    Recommendation,
    Records,
)
from worksample.review.rating import note_rule
from worksample.scorecards.interviews import OUT_OF_SCOPE, assignment_of

NO_INFORMATION = ("not asked", "not observable", "our failure", OUT_OF_SCOPE)
DOOR = "kit"


@dataclass(frozen=True)
class Entry:
    """One line of a scorecard. ``value`` 0 is not enough information; None, nothing chosen yet."""

    value: int | None = None
    reason: str = ""
    evidence: str = ""
    question: str = ""

    @property
    def is_complete(self) -> bool:
        """A level with what was heard, or 0 with its reason."""
        if self.value == 0:
            return self.reason in NO_INFORMATION
        return self.value in RATINGS and bool(self.evidence.strip())


@dataclass(frozen=True)
class Sheet:
    """A kit as somebody filled it in.

    Attributes:
        lines: dimension or outcome -> what was given.
        notes: question -> what was noted.
        numbers: question -> the number that it asks for.
        recommendation: 1 to 4, 0 for no decision; None where nothing was chosen.
        why: the recommendation's reason.
    """

    lines: Mapping[str, Entry]
    notes: Mapping[str, str]
    numbers: Mapping[str, int]
    recommendation: int | None = None
    why: str = ""


def rated(kit: Kit) -> tuple[str, ...]:
    """The lines of a kit's scorecard: its dimensions, then the outcomes."""
    return (*kit.dimensions, *kit.outcomes)


def left(kit: Kit, sheet: Sheet) -> list[str]:
    """What is to be filled in before it can be submitted."""
    lines = [name for name in rated(kit) if not sheet.lines.get(name, Entry()).is_complete]
    if kit.recommends and (sheet.recommendation is None or not sheet.why.strip()):
        lines.append("the recommendation, with its reason")
    return lines


def submit(course: Course, kit: Kit, candidate: str, by: str, sheet: Sheet) -> None:
    """An interviewer is done: everything goes into the store, all of it or nothing.

    Raises:
        RatingError: something is missing, or they have submitted before.
    """
    cases.check_name(candidate)
    records, name = Records(course.records_url), assignment_of(kit.name)
    if by in records.submitters(name, candidate):
        raise RatingError("this kit has been submitted before", where=f"{kit.title}, {candidate}")
    if missing := left(kit, sheet):
        raise RatingError(
            f"not filled in yet: {', '.join(missing)}",
            do="0 with its reason says that there is not enough information",
        )
    note_rule(course, records)
    place = {"assignment": name, "candidate": candidate}
    rows = [_rating(kit, place, by, line, sheet.lines[line]) for line in rated(kit)]
    notes = [
        InterviewNote(
            **place, interviewer=by, question=each, text=text, number=sheet.numbers.get(each)
        )
        for each, text in sheet.notes.items()
        if text.strip() or each in sheet.numbers
    ]
    signed = []
    if kit.recommends:
        signed.append(
            Recommendation(
                assignment="",
                candidate=candidate,
                stage=kit.stage,
                person=by,
                value=sheet.recommendation or None,
                reason=sheet.why,
            )
        )
    done = RatingsSubmitted(**place, grader=by)
    noted = Audit(**place, actor=by, action="submit ratings", detail={})
    records.add(*rows, *notes, *signed, done, noted)


def shown(course: Course, kit: Kit, candidate: str, by: str) -> list[Rating]:
    """The others' ratings of this stage, for who has submitted their own; nobody else's.

    That they looked is noted.
    """
    records, name = Records(course.records_url), assignment_of(kit.name)
    if by not in records.submitters(name, candidate):
        return []
    looked = Audit(
        assignment=name, candidate=candidate, actor=by, action="look at ratings", detail={}
    )
    records.add(looked)
    # whoever else is in the room: several may hold one interview
    rows = store.visible(records, name, candidate, by, graders=2)
    return [row for row in rows if row.grader != by]


def _rating(kit: Kit, place: Mapping[str, str], by: str, line: str, entry: Entry) -> Rating:
    return Rating(
        **place,
        stage=kit.stage,
        criterion=line,
        dimension=line,
        grader=by,
        value=entry.value or None,
        reason=entry.reason,
        evidence=entry.evidence,
        cell=entry.question,
        door=DOOR,
    )
