"""Inviting a candidate: a case of their own, the zip to send, and a row that says so."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worksample.assignments import case as cases
from worksample.assignments import dressing
from worksample.assignments.case import Case
from worksample.assignments.model import STANDARD, Assignment
from worksample.course import Course
from worksample.errors import CandidateError, CaseError
from worksample.records import forgetting
from worksample.records.tables import Audit, FormUse, Invitation, Records, actor
from worksample.submissions import forms

EXTRA_TIME = (1.0, 4.0)


@dataclass(frozen=True)
class Invited:
    """What :func:`invite` came to.

    Attributes:
        new: False where the candidate had been invited.
        said: where the case comes from, in words; empty where nothing was drawn.
    """

    case: Case
    package: Path
    new: bool
    said: str = ""


def invite(
    course: Course,
    candidate: str,
    assignment: Assignment,
    level: str = STANDARD,
    extra_time: float = 1.0,
    skin: str = "",
    formerly: Sequence[str] = (),
    minutes: float | None = None,
) -> Invited:
    """Draw the candidate's case and write the zip to send. Inviting again changes nothing.

    Where there is a bank for this level, the case is one of its forms
    (:mod:`worksample.submissions.forms`).

    Args:
        formerly: other ids under which the same person was invited before; they get a form that
            none of these had.
        minutes: for the work, before the extra time; None where they are the assignment's own.

    Raises:
        AssignmentError: there is no such skin.
        CandidateError: the id cannot be one, or nobody was invited as ``formerly``.
        CaseError: invited before at another level, in another skin or with other time, erased, or
            nothing was built.
    """
    cases.check_name(candidate)
    cases.check_free(course, candidate)
    _check_not_erased(course, candidate)
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
    with forms.alone(course):
        case, drawn = _drawn_once(course, records, candidate, assignment, level, skin, formerly)
    package = cases.package_path(course, assignment.id, candidate)
    if not (before and package.is_file()):
        own = assignment.minutes.work if minutes is None else minutes
        cases.pack(course, shown, case, assignment.id, notebook, own * extra_time)
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
    return Invited(case, package, new=not before, said=drawn.said if drawn else "")


def _drawn_once(
    course: Course,
    records: Records,
    candidate: str,
    assignment: Assignment,
    level: str,
    skin: str,
    formerly: Sequence[str],
) -> tuple[Case, forms.Drawn | None]:
    """The candidate's case, and how it was chosen if it was drawn now."""
    folder = course.cases / assignment.id / candidate
    if not (folder / "case.json").is_file():
        for former in formerly:
            _check_known(records, assignment, former)
        drawn = forms.choose(course, records, assignment, level, candidate, formerly)
        case = cases.draw(assignment, drawn.seed, level, folder, candidate=candidate, skin=skin)
        use = FormUse(
            assignment=assignment.id,
            candidate=candidate,
            level=level,
            seed=f"{drawn.seed:016x}",
            bank=drawn.bank,
            formerly=list(formerly),
        )
        records.add(use)
        return case, drawn
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
    return case, None


def _check_not_erased(course: Course, candidate: str) -> None:
    """A case comes from the id: it would be the one that was given out before."""
    if gone := forgetting.receipt(course, candidate):
        raise CaseError(
            f"{candidate} was erased on {gone.time:%Y-%m-%d}; the id is not given out again",
            do="choose another id",
        )


def _check_known(records: Records, assignment: Assignment, former: str) -> None:
    """A slip of the pen would give somebody the form that they had."""
    if records.invitation(assignment.id, cases.check_name(former)) is None:
        raise CandidateError(
            f"{former!r} was never invited to {assignment.id} here",
            do="look at the id; where that was in another course, leave --formerly out",
        )


def _who(row: Invitation) -> dict[str, str]:
    return {"assignment": row.assignment, "candidate": row.candidate}
