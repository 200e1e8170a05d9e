"""Inviting a candidate: a case of their own, the zip to send, and a row that says so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from worksample.assignments import case as cases
from worksample.assignments import dressing
from worksample.assignments.case import Case
from worksample.assignments.model import STANDARD, Assignment
from worksample.course import Course
from worksample.errors import CaseError
from worksample.records.tables import Audit, Invitation, Records, actor

EXTRA_TIME = (1.0, 4.0)


@dataclass(frozen=True)
class Invited:
    """What :func:`invite` came to; ``new`` is False where the candidate had been invited."""

    case: Case
    package: Path
    new: bool


def invite(
    course: Course,
    candidate: str,
    assignment: Assignment,
    level: str = STANDARD,
    extra_time: float = 1.0,
    skin: str = "",
) -> Invited:
    """Draw the candidate's case and write the zip to send. Inviting again changes nothing.

    Raises:
        AssignmentError: there is no such skin.
        CandidateError: the id cannot be one.
        CaseError: invited before at another level, in another skin or with other time, or nothing
            was built.
    """
    cases.check_name(candidate)
    cases.check_free(course, candidate)
    if not EXTRA_TIME[0] <= extra_time <= EXTRA_TIME[1]:
        raise CaseError(
            f"extra time is a factor between {EXTRA_TIME[0]:g} and {EXTRA_TIME[1]:g}, "
            f"not {extra_time:g}",
            do="--extra-time 1.5 gives half as much again",
        )
    records = Records(course.records_url)
    before = records.invitation(assignment.id, candidate)
    if before and (before.level, before.extra_time) != (level, extra_time):
        raise CaseError(
            f"{candidate} was invited at level {before.level} with {before.extra_time:g} × the "
            f"time; that cannot be changed, the case would be another",
            do=f"worksample invite {candidate} --assignment {assignment.id} "
            f"--level {before.level} --extra-time {before.extra_time:g}",
        )
    shown = dressing.wear(course, assignment, skin)
    notebook = cases.released(course, assignment.id, level, skin=skin).read_bytes()
    case = _drawn_once(course, candidate, assignment, level, skin)
    package = cases.package_path(course, assignment.id, candidate)
    if not (before and package.is_file()):
        minutes = assignment.minutes.work * extra_time
        cases.pack(course, shown, case, assignment.id, notebook, minutes)
    if not before:
        row = Invitation(
            assignment=assignment.id,
            candidate=candidate,
            level=level,
            extra_time=extra_time,
            case_digest=cases.digest(case),
            package_digest=hashlib.sha256(package.read_bytes()).hexdigest(),
        )
        records.add(row)
        detail = {"level": level, **({"skin": skin} if skin else {})}
        records.add(Audit(**_who(row), actor=actor(), action="invite", detail=detail))
    return Invited(case, package, new=not before)


def _drawn_once(
    course: Course, candidate: str, assignment: Assignment, level: str, skin: str
) -> Case:
    folder = course.cases / assignment.id / candidate
    if not (folder / "case.json").is_file():
        seed = cases.seed_for(course.secret(), assignment.id, level, candidate)
        return cases.draw(assignment, seed, level, folder, candidate=candidate, skin=skin)
    case = cases.bound(course, assignment.id, candidate)
    if case.level != level:
        raise CaseError(
            f"{candidate} already has a case at level {case.level}",
            do=f"invite with --level {case.level}",
        )
    if case.skin != skin:
        has = f"the skin {case.skin}" if case.skin else "no skin"
        raise CaseError(
            f"{candidate} already has a case in {has}",
            do=f"invite with --skin {case.skin}" if case.skin else "invite without --skin",
        )
    return case


def _who(row: Invitation) -> dict[str, str]:
    return {"assignment": row.assignment, "candidate": row.candidate}
