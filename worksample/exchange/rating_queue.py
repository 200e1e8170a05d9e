"""What a grader rates, in which order, and how far they are.

A grader meets attempts under codes of their own: no name stands in an address or on a page, two
graders cannot tell by a code that they mean the same person, and the order of the codes is the
random order in which each of them works. Whoever is new gets a place of their own in it, and
nobody else's changes.
"""

from __future__ import annotations

import base64
import functools
import hmac
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import consensus
from worksample.assignments.case import REVISION, base_id
from worksample.assignments.model import Assignment
from worksample.assignments.scorecard import RECEPTIVENESS
from worksample.course import Course
from worksample.errors import CandidateError
from worksample.exchange.people import Person
from worksample.exchange.tables import PracticeRating, RatingDraft, opened
from worksample.records import evidence
from worksample.records.tables import Grading, Rating, RatingsSubmitted
from worksample.review.rating import NO_INFORMATION
from worksample.scorecards import settings

Way = Literal["criterion", "candidate"]
Kind = Literal["attempts", "practice", "readers"]


@dataclass(frozen=True)
class Subject:
    """One attempt that a grader rates: a candidate's, or a reference solution.

    Attributes:
        name: the candidate's, or the solution's.
        code: what this grader knows it by.
    """

    kind: Kind
    assignment: str
    name: str
    code: str

    @property
    def candidate(self) -> str:
        """Empty for a reference solution."""
        return self.name if self.kind == "attempts" else ""

    @property
    def practice(self) -> str:
        """The solution's name; empty for a candidate's attempt."""
        return self.name if self.kind == "practice" else ""


@dataclass(frozen=True)
class Said:
    """What a grader has entered for one criterion; ``value`` is None where they chose no level."""

    value: int | None = None
    reason: str = ""
    evidence: str = ""
    cell: str = ""

    @property
    def is_complete(self) -> bool:
        """A level with the place where it is seen, or 0 with its reason."""
        if self.value == 0:
            return self.reason in NO_INFORMATION
        return self.value is not None and bool(self.cell)


@dataclass(frozen=True)
class Queue:
    """All that one grader rates in one assignment.

    Attributes:
        subjects: in this grader's order.
        criteria: in the rubric's order.
        said: (name, criterion) -> what this grader said last.
        submitted: the names that this grader is done with.
        drafts: how many names they have begun and not submitted.
    """

    kind: Kind
    assignment: str
    criteria: tuple[str, ...]
    subjects: tuple[Subject, ...]
    said: Mapping[tuple[str, str], Said]
    submitted: frozenset[str]

    @property
    def drafts(self) -> int:
        return len({name for name, _ in self.said} - self.submitted)

    def of(self, subject: Subject, criterion: str) -> Said:
        """What was said of one criterion; empty where nothing was."""
        return self.said.get((subject.name, criterion), Said())

    def left(self, subject: Subject) -> list[str]:
        """The criteria that are not complete."""
        return [name for name in self.criteria if not self.of(subject, name).is_complete]

    def find(self, code: str) -> Subject:
        """The subject of that code.

        Raises:
            CandidateError: this grader has none.
        """
        if code not in self._numbers:
            raise CandidateError("there is no such attempt for you to rate")
        return self.subjects[self._numbers[code]]

    def number(self, subject: Subject) -> int:
        """Its place in the order, from 0."""
        return self._numbers[subject.code]

    def before(self, way: Way, at: tuple[Subject, str]) -> tuple[Subject, str] | None:
        """The place before one; None before the first."""
        here = self._position(way, at)
        return self._place(way, here - 1) if here else None

    def after(self, way: Way, at: tuple[Subject, str] | None) -> tuple[Subject, str] | None:
        """The next place where something is to be said, all around; None where all is said."""
        many = len(self.subjects) * len(self.criteria)
        start = self._position(way, at) + 1 if at else 0
        for step in range(many - bool(at)):
            subject, name = self._place(way, (start + step) % many)
            if subject.name not in self.submitted and not self.of(subject, name).is_complete:
                return subject, name
        return None

    @functools.cached_property
    def _numbers(self) -> dict[str, int]:
        return {each.code: number for number, each in enumerate(self.subjects)}

    def _position(self, way: Way, at: tuple[Subject, str]) -> int:
        subject, criterion = self.number(at[0]), self.criteria.index(at[1])
        if way == "candidate":
            return subject * len(self.criteria) + criterion
        return criterion * len(self.subjects) + subject

    def _place(self, way: Way, position: int) -> tuple[Subject, str]:
        if way == "candidate":
            subject, criterion = divmod(position, len(self.criteria))
        else:
            criterion, subject = divmod(position, len(self.subjects))
        return self.subjects[subject], self.criteria[criterion]

    def unsubmitted(self) -> list[Subject]:
        """What is complete and waits for nothing but to be submitted."""
        return [s for s in self.subjects if s.name not in self.submitted and not self.left(s)]


def work(course: Course, name: str, grader: str) -> Queue:
    """The graded attempts at an assignment, or at its revision.

    Raises:
        AssignmentError: there is no such assignment.
    """
    assignment = assignments.find(course, base_id(name))
    records = opened(course)
    graded = attempts(course, name)
    with records.session() as session:
        rows = session.execute(
            select(
                *(Rating.candidate, Rating.criterion, Rating.value, Rating.reason),
                *(Rating.evidence, Rating.cell),
            )
            .filter_by(assignment=name, grader=grader)
            .order_by(Rating.id)
        ).all()
        done = session.scalars(
            select(RatingsSubmitted.candidate).filter_by(assignment=name, grader=grader)
        ).all()
    said = {
        (who, criterion): Said(value or 0, "" if value else reason, *rest)
        for who, criterion, value, reason, *rest in rows
    }
    drafts = _drafts(course, name, grader, practice=False)
    return Queue(
        "attempts",
        name,
        _criteria(assignment, name),
        _ordered(course, "attempts", name, grader, graded),
        said | {place: each for place, each in drafts.items() if place[0] not in done},
        frozenset(done),
    )


def practice(course: Course, name: str, grader: str) -> Queue:
    """The reference solutions of an assignment that are rated for practice.

    Raises:
        AssignmentError: there is no such assignment.
    """
    assignment = assignments.find(course, name)
    there = [each for each in consensus.of_solutions(assignment) if _is_run(course, name, each)]
    query = select(PracticeRating).filter_by(assignment=name, grader=grader)
    with opened(course).session() as session:
        given = session.scalars(query).all()
    said = {
        (row.solution, row.criterion): Said(row.value or 0, "", row.evidence, row.cell)
        for row in given
    }
    return Queue(
        "practice",
        name,
        _criteria(assignment, name),
        _ordered(course, "practice", name, grader, there),
        _drafts(course, name, grader, practice=True) | said,
        frozenset(row.solution for row in given),
    )


def attempts(course: Course, name: str) -> list[str]:
    """Whose attempts at an assignment, or at its revision, were graded."""
    with opened(course).session() as session:
        known = session.scalars(
            select(Grading.candidate)
            .where(Grading.assignment == name, Grading.outcome.in_(evidence.SCORED))
            .distinct()
        ).all()
    return _graded(course, name, known)


def rated_by_people(course: Course) -> list[tuple[str, str]]:
    """The assignments that people rate, and their revisions: nbgrader's ids and titles."""
    found, _ = assignments.sorted_out(course)
    return [
        (each.id + end, each.title + words)
        for each in found
        if each.criteria
        for end, words in (("", ""), (REVISION, ": revision"))
    ]


def code_of(course: Course, kind: Kind, name: str, grader: str, who: str) -> str:
    """What a grader knows an attempt by."""
    return _code(course.secret(), kind, name, grader, who)


def _code(secret: bytes, *parts: str) -> str:
    found = hmac.digest(secret, b"rated\0" + "\0".join(parts).encode(), "sha256")
    return base64.b32encode(found).decode()[:10].lower()


def _ordered(
    course: Course, kind: Kind, name: str, grader: str, names: Iterable[str]
) -> tuple[Subject, ...]:
    secret = course.secret()
    found = (Subject(kind, name, who, _code(secret, kind, name, grader, who)) for who in names)
    return tuple(sorted(found, key=lambda each: each.code))


def _graded(course: Course, name: str, known: Iterable[str]) -> list[str]:
    """Whose attempts were graded. Evidence is read only where the database does not say so."""
    sure = set(known)
    folder = course.evidence / name
    there = [each for each in os.listdir(folder) if each[0] != "."] if folder.is_dir() else []
    return [who for who in there if who in sure or evidence.latest(course, name, who) is not None]


def _criteria(assignment: Assignment, name: str) -> tuple[str, ...]:
    more = (RECEPTIVENESS,) if cases.attempt_of(name) == 2 else ()
    return (*assignment.criteria, *more)


def practice_folder(course: Course, name: str) -> Path:
    """Where the reference solutions of an assignment lie, executed."""
    return course.state / "practice" / name


def _is_run(course: Course, name: str, solution: str) -> bool:
    return (practice_folder(course, name) / f"{solution}.json").is_file()


# ---- drafts ----


def keep(course: Course, subject: Subject, grader: str, criterion: str, said: Said) -> None:
    """Keep what was entered; it replaces what was entered before."""
    place = _place(subject, grader) | {"criterion": criterion}
    with opened(course).session() as session:
        row = session.scalar(select(RatingDraft).filter_by(**place))
        if row is None:
            session.add(row := RatingDraft(**place))
        row.value, row.reason = said.value, said.reason
        row.evidence, row.cell = said.evidence, said.cell


def forget(course: Course, subject: Subject, grader: str) -> None:
    """What was entered has been submitted."""
    with opened(course).session() as session:
        for row in session.scalars(select(RatingDraft).filter_by(**_place(subject, grader))):
            session.delete(row)


def drafts(course: Course, subject: Subject, grader: str) -> dict[tuple[str, str], Said]:
    """What was entered for one subject."""
    found = _drafts(course, subject.assignment, grader, practice=subject.kind == "practice")
    return {place: said for place, said in found.items() if place[0] == subject.name}


def has_begun(course: Course, name: str, candidate: str, grader: str) -> bool:
    """Whether somebody has entered anything about an attempt that they have not submitted."""
    place = {"assignment": name, "candidate": candidate, "grader": grader}
    with opened(course).session() as session:
        return session.scalar(select(RatingDraft.id).filter_by(**place).limit(1)) is not None


def is_blind(course: Course, name: str, candidate: str, person: Person) -> bool:
    """Whether somebody has still to rate an attempt by themselves."""
    graders = settings.of(course).graders_of(name)
    known, _ = assignments.sorted_out(course)
    if graders == 1 or not any(each.id == base_id(name) and each.criteria for each in known):
        return False
    records = opened(course)
    done = records.submitters(name, candidate)
    if person.name in done:
        return False
    begun = any(row.grader == person.name for row in records.ratings(name, candidate))
    begun = begun or has_begun(course, name, candidate, person.name)
    return begun or (person.role == "grader" and len(done) < graders)


def _place(subject: Subject, grader: str) -> dict[str, str]:
    return {
        "assignment": subject.assignment,
        "candidate": subject.candidate,
        "practice": subject.practice,
        "grader": grader,
    }


def _drafts(
    course: Course, name: str, grader: str, *, practice: bool
) -> dict[tuple[str, str], Said]:
    kept = RatingDraft
    who = kept.practice if practice else kept.candidate
    query = (
        select(who, kept.criterion, kept.value, kept.reason, kept.evidence, kept.cell)
        .where(kept.assignment == name, kept.grader == grader)
        .where(kept.candidate == "" if practice else kept.practice == "")
    )
    with opened(course).session() as session:
        rows = session.execute(query).all()
    return {
        (name, criterion): Said(value, reason, words, cell)
        for name, criterion, value, reason, words, cell in rows
    }
