"""How long somebody's data is kept: the law's least, the course's most, and holds.

Time runs from the last thing that happened: work handed in, graded, rated, told. What is done
about the data itself (a hold, a request) is in the audit log only, and does not make it newer.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, null, select

from worksample.assignments import case as cases
from worksample.batch import gradebook
from worksample.course import Course
from worksample.errors import CandidateError, PrivacyError
from worksample.privacy import places, policy
from worksample.privacy.policy import Policy
from worksample.records import forgetting
from worksample.records.tables import Audit, Records, now

HELD, FREED, ASKED = "hold", "end hold", "ask to be erased"


@dataclass(frozen=True)
class Kept:
    """How long one candidate's data is kept.

    Attributes:
        last: the last thing that happened.
        earliest: when it may be erased.
        due: when it has to be: after the course's time, or earlier where they asked for it.
        asked: they asked to be erased.
        hold: why it may not be erased at all for now; else empty.
    """

    candidate: str
    last: datetime
    earliest: datetime
    due: datetime
    asked: bool = False
    hold: str = ""

    def is_due(self, at: datetime) -> bool:
        """Whether it should be gone by now."""
        return not self.hold and self.due <= at


def everybody(course: Course) -> list[Kept]:
    """All candidates whose data is here; who is due first comes first.

    Raises:
        CourseError: ``privacy.toml`` has a mistake.
    """
    rules, found = policy.read(course), _found(course)
    kept = (_kept(rules, name, *each) for name, each in found.items())
    return sorted(kept, key=lambda each: (each.due, each.candidate))


def of(course: Course, candidate: str) -> Kept:
    """The same of one candidate.

    Raises:
        CandidateError: nothing of theirs is here.
        CourseError: ``privacy.toml`` has a mistake.
    """
    check(course, candidate)
    return _kept(policy.read(course), candidate, *_found(course).get(candidate, (now(), [])))


def check(course: Course, candidate: str) -> None:
    """See that something of a candidate's is here.

    Raises:
        CandidateError: nothing is; it says whether they were erased.
    """
    cases.check_name(candidate)
    records = Records(course.records_url)
    if places.of(course, candidate) or forgetting.counts(records, candidate):
        return
    if in_gradebook(course, candidate) is not None:
        return
    if gone := forgetting.receipt(course, candidate):
        raise CandidateError(
            f"{candidate} was erased on {gone.time:%Y-%m-%d}: receipt {gone.detail['receipt']}"
        )
    close = difflib.get_close_matches(candidate, sorted(_found(course)), n=1)
    raise CandidateError(
        f"nothing is kept about {candidate!r}",
        do=f"did you mean {close[0]!r}?" if close else "worksample retention lists everybody",
    )


def in_gradebook(course: Course, candidate: str) -> int | None:
    """How many attempts nbgrader's gradebook has of them; None where it does not know them."""
    with gradebook.opened(course) as book:
        student = next((each for each in book.students if each.id == candidate), None)
        return None if student is None else len(student.submissions)


def hold(course: Course, candidate: str, by: str, reason: str) -> None:
    """Keep somebody's data until the hold is ended, whatever is due.

    Raises:
        CandidateError: nothing of theirs is here.
        PrivacyError: no reason is given, or nobody who gives it.
    """
    _noted(course, candidate, by, HELD, {"reason": _said(reason, by)})


def end_hold(course: Course, candidate: str, by: str, reason: str = "") -> None:
    """End a hold.

    Raises:
        CandidateError: nothing of theirs is here.
        PrivacyError: there is none, or nobody ends it.
    """
    if not of(course, candidate).hold:
        raise PrivacyError(f"{candidate} is not on hold", do="worksample hold lists who is")
    _noted(course, candidate, by, FREED, {"reason": reason})


def ask(course: Course, candidate: str, by: str) -> None:
    """Note that somebody asked to be erased, for when nothing stands against it any more."""
    if not of(course, candidate).asked:
        _noted(course, candidate, by, ASKED, {})


def _said(reason: str, by: str) -> str:
    if not reason.strip():
        raise PrivacyError("a hold has a reason", do='add --reason "claim pending"')
    return reason.strip()


def _noted(course: Course, candidate: str, by: str, action: str, detail: dict[str, object]) -> None:
    check(course, candidate)
    if not by.strip():
        raise PrivacyError("it has to be said who does this", do="add --by YOU")
    row = Audit(assignment="", candidate=candidate, actor=by, action=action, detail=detail)
    Records(course.records_url).add(row)


def _found(course: Course) -> dict[str, tuple[datetime, list[Audit]]]:
    """Candidate -> the last thing that happened, and what was done about their data.

    A query a table, not one a candidate. What no table has a time for happened now.
    """
    records = Records(course.records_url)
    last: dict[str, datetime | None] = dict.fromkeys(places.candidates(course))
    notes: dict[str, list[Audit]] = {}
    with records.session() as session:
        for table in forgetting.tables(records):
            timed = "time" in table.c and table.name != Audit.__tablename__
            time = func.max(table.c.time) if timed else null()
            query = select(table.c.candidate, time).group_by(table.c.candidate)
            for name, newest in session.execute(query):
                last[name] = max(filter(None, [last.get(name), _in_utc(newest)]), default=None)
        done = select(Audit).where(Audit.action.in_((HELD, FREED, ASKED))).order_by(Audit.id)
        for note in session.scalars(done):
            notes.setdefault(note.candidate, []).append(note)
    return {
        name: (time or now(), notes.get(name, []))
        for name, time in last.items()
        if name and not name.startswith("erased-")
    }


def _in_utc(time: datetime | None) -> datetime | None:
    """A table that another part of the package defines is read without its zone, which is UTC."""
    return time.replace(tzinfo=UTC) if time else None


def _kept(rules: Policy, candidate: str, last: datetime, notes: Sequence[Audit]) -> Kept:
    asked = any(note.action == ASKED for note in notes)
    holds = [note for note in notes if note.action in (HELD, FREED)]
    held = bool(holds) and holds[-1].action == HELD
    earliest = last + timedelta(days=rules.keep_at_least_days)
    return Kept(
        candidate=candidate,
        last=last,
        earliest=earliest,
        due=earliest if asked else last + timedelta(days=rules.keep_days),
        asked=asked,
        hold=str(holds[-1].detail["reason"]) if held else "",
    )
