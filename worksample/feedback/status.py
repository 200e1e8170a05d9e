"""How far one candidate is: every work sample they were invited to, step by step."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments.case import REVISION
from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.errors import CandidateError
from worksample.feedback import approval, lookup, revision
from worksample.records import bank, evidence, forgetting
from worksample.records.precision import words
from worksample.records.tables import Records
from worksample.scorecards import settings


@dataclass(frozen=True)
class Status:
    """One attempt at one work sample.

    Attributes:
        assignment: nbgrader's, the revision's for attempt 2.
        steps: what was done -> when and how, in the order of the work.
        then: the command that comes next; empty where the other side is waited for, or all is done.
    """

    assignment: str
    title: str
    steps: dict[str, str]
    then: str


def status(course: Course, candidate: str) -> list[Status]:
    """Every attempt of this candidate, by assignment.

    Raises:
        CandidateError: nobody of that name was invited.
    """
    cases.check_name(candidate)
    invited = [
        each for each in assignments.ids(course) if candidate in cases.candidates(course, each)
    ]
    if not invited:
        if gone := forgetting.receipt(course, candidate):
            raise CandidateError(f"{candidate} was erased on {gone.time:%Y-%m-%d}")
        known = {who for each in assignments.ids(course) for who in cases.candidates(course, each)}
        close = difflib.get_close_matches(candidate, sorted(known), n=1)
        raise CandidateError(
            f"nobody called {candidate!r} was invited",
            do=f"did you mean {close[0]!r}?"
            if close
            else f"worksample invite {candidate} --assignment ASSIGNMENT",
        )
    return [one for each in invited for one in _attempts(course, each, candidate)]


def _attempts(course: Course, name: str, candidate: str) -> Iterator[Status]:
    assignment = assignments.find(course, name)
    records = Records(course.records_url)
    invitation = records.invitation(name, candidate)
    case = cases.bound(course, name, candidate)
    level = f"level {case.level}" + (f", skin {case.skin}" if case.skin else "")
    if invitation is not None and invitation.extra_time != 1:
        level += f", {invitation.extra_time:g} × the time"
    given = f"{_when(invitation.time)}, {level}" if invitation else level
    yield _attempt(course, records, assignment, name, candidate, given)
    again = approval.last_detail(course, name + REVISION, candidate, revision.RELEASED)
    if again:
        released = f"{again.get('minutes', assignment.minutes.revision):g} minutes"
        yield _attempt(course, records, assignment, name + REVISION, candidate, released)


def _attempt(
    course: Course, records: Records, assignment: Assignment, name: str, candidate: str, given: str
) -> Status:
    steps = {"invited" if name == assignment.id else "revision": given}
    title = assignment.title + ("" if name == assignment.id else ", revision")
    received = records.submissions(name, candidate)
    counts = records.last_submission(name, candidate)
    if counts is None:
        return Status(
            name, title, steps, f"worksample collect INBOX  (when {candidate}'s work is in)"
        )
    steps["handed in"] = (
        f"{_when(counts.submitted)}, attempt file {counts.number} of {len(received)}, "
        f"receipt {counts.receipt}"
    )
    record = evidence.latest(course, name, candidate)
    if record is None or record["outcome"] not in evidence.SCORED:
        return Status(name, title, steps, f"worksample grade {name} --candidate {candidate}")
    steps["graded"] = _score(record)
    rated = {row.criterion for row in records.ratings(name, candidate)}
    wanted = assignment.criteria
    steps["rated"] = f"{len(rated & set(wanted))} of {len(wanted)} criteria"
    graders = settings.of(course).graders_of(name)
    if graders > 1:
        done = len(records.submitters(name, candidate))
        steps["rated"] += f", {done} of {graders} graders have submitted"
    then = "" if set(wanted) <= rated else f"worksample rate {candidate} {name} --by YOU"
    return (
        Status(name, title, steps, then) if then else _told(course, name, title, candidate, steps)
    )


def _told(course: Course, name: str, title: str, candidate: str, steps: dict[str, str]) -> Status:
    """The steps from a drawn page to one that went out."""
    if not approval.page_path(course, name, candidate).is_file():
        steps["feedback"] = "not drawn"
        return Status(name, title, steps, f"worksample feedback {name} --candidate {candidate}")
    why = lookup.not_releasable(course, name, candidate)
    if why:
        steps["feedback"] = f"drawn; {why}"
        return Status(
            name, title, steps, f"worksample approve {name} --candidate {candidate} --by YOU"
        )
    if not approval.last_detail(course, name, candidate, approval.RELEASED):
        steps["feedback"] = "approved, not released"
        return Status(
            name, title, steps, f"worksample release-feedback {name} --candidate {candidate}"
        )
    steps["feedback"] = "released"
    first = cases.attempt_of(name) == 1
    revised = first and approval.last_detail(course, name + REVISION, candidate, revision.RELEASED)
    then = f"worksample revise {candidate} {name}" if first and not revised else ""
    if not first:
        then = f"worksample debrief {candidate}"
    return Status(name, title, steps, then)


def _score(record: evidence.Record) -> str:
    score = f"{words(record['points'], bank.sem(record))} of {record['possible']:g} points"
    stopped = "" if record["outcome"] == "graded" else ", on what was produced"
    return f"{score}{stopped}, record {record['number']}"


def _when(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
