"""A candidate at work: what they may begin, their clock, what they are given and hand in.

The clock of the work, and later of the revision, begins when the candidate presses start, within
the opening's days. It is the server's, times the candidate's accommodation. At its end what is
saved is handed in; what comes later is kept and marked.
"""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from worksample import assignments, disk
from worksample.assignments import case as cases
from worksample.assignments import mark
from worksample.assignments.case import REVISION, base_id
from worksample.assignments.zips import zipped
from worksample.course import Course
from worksample.errors import AssignmentError, SittingError, SubmissionError
from worksample.exchange import clock as clocks
from worksample.exchange import openings, queueing
from worksample.exchange.clock import SERVICE, Clock, State
from worksample.exchange.openings import Opening
from worksample.exchange.people import Person
from worksample.exchange.tables import AcceptedNotice, ClockEvent, IssuedLink, opened
from worksample.feedback import lookup
from worksample.records.tables import Audit, Submission, now
from worksample.submissions import collecting
from worksample.submissions.collecting import Receipt

log = logging.getLogger("worksample.exchange")

MOST_EXTENSION = 24 * 60.0  # minutes at once; more is a slip of the pen


@dataclass(frozen=True)
class Sitting:
    """One attempt of one candidate: the work, or the revision.

    Attributes:
        assignment: nbgrader's id; the revision's for attempt 2.
        opens: from when it can be started; None for a revision that is not released.
        closes: until when, that moment not included.
        state: ``not open``, ``ready``, ``missed`` (never started), ``running``, ``paused``,
            ``over``.
        why: why it cannot be started, for the candidate; empty where it can, or was.
    """

    assignment: str
    candidate: str
    opening: Opening
    title: str
    opens: datetime | None
    closes: datetime | None
    clock: Clock
    state: State
    why: str = ""

    @property
    def is_revision(self) -> bool:
        return self.assignment.endswith(REVISION)

    @property
    def has_begun(self) -> bool:
        return self.clock.started is not None


# ---- what there is ----


def of_person(
    course: Course, person: Person, at: datetime | None = None, opening: Opening | None = None
) -> list[Sitting]:
    """The candidate's attempts, in the order of the opening; a revision after its work.

    Raises:
        AssignmentError: the opening's file is gone or has a mistake.
        SittingError: the person is no candidate.
    """
    if person.opening is None:
        raise SittingError(f"{person.name} is no candidate")
    opening, at = opening or openings.find(course, person.opening), at or now()
    found: list[Sitting] = []
    for name in opening.assignments:
        if not (course.cases / name / person.name / "case.json").is_file():
            continue
        found.append(_work(course, person.name, opening, name, at))
        if revision := _revision(course, person.name, opening, name, at):
            found.append(revision)
    return _one_of(found)


def find(course: Course, person: Person, assignment_id: str) -> Sitting:
    """One of the candidate's attempts.

    Raises:
        SittingError: there is no such attempt of theirs.
    """
    for each in of_person(course, person):
        if each.assignment == assignment_id:
            return each
    raise SittingError("there is no such work sample for you", do="choose one from your page")


def _work(course: Course, candidate: str, opening: Opening, name: str, at: datetime) -> Sitting:
    title = assignments.find(course, name).title
    clock = clocks.read(_minutes(course, name, candidate), _events(course, name, candidate), at)
    state, why = _state(clock, opening.opens, opening.closes, at)
    return Sitting(
        name, candidate, opening, title, opening.opens, opening.closes, clock, state, why
    )


def _revision(
    course: Course, candidate: str, opening: Opening, name: str, at: datetime
) -> Sitting | None:
    """None before the feedback on the work was released."""
    package = cases.package_path(course, name + REVISION, candidate)
    if not package.is_file():
        return None
    released = _released_at(course, name + REVISION, candidate)
    if released is None:
        return None
    assignment = assignments.find(course, name)
    closes = released + timedelta(days=opening.revision_days)
    minutes = _minutes(course, name + REVISION, candidate)
    clock = clocks.read(minutes, _events(course, name + REVISION, candidate), at)
    state, why = _state(clock, released, closes, at)
    title = f"{assignment.title}: revision"
    return Sitting(name + REVISION, candidate, opening, title, released, closes, clock, state, why)


def _released_at(course: Course, assignment_id: str, candidate: str) -> datetime | None:
    query = select(Audit.time).filter_by(
        assignment=assignment_id, candidate=candidate, action="revision released"
    )
    with opened(course).session() as session:
        return session.scalar(query.order_by(Audit.id).limit(1))


def _state(clock: Clock, opens: datetime, closes: datetime, at: datetime) -> tuple[State, str]:
    if clock.started is not None:
        if clock.over_since is not None:
            return "over", ""
        return ("paused", "") if clock.paused else ("running", "")
    if at < opens:
        return "not open", f"It can be started from {_words(opens)}."
    if at >= closes:
        return "missed", f"It could be started before {_words(closes)}."
    return "ready", ""


def _one_of(found: list[Sitting]) -> list[Sitting]:
    """Where an opening offers a choice, what was not chosen cannot be started any more."""
    begun = {base_id(each.assignment) for each in found if each.has_begun}
    return [each for each in found if not begun or base_id(each.assignment) in begun]


def _minutes(course: Course, assignment_id: str, candidate: str) -> float:
    """The whole time, accommodation included: what the package says, which the candidate gets."""
    path = cases.package_path(course, assignment_id, candidate)
    with zipfile.ZipFile(path) as package:
        facts = json.loads(package.read(f"{assignment_id}/{mark.NAME}"))
    return float(facts["minutes"])


def _events(course: Course, assignment_id: str, candidate: str) -> list[ClockEvent]:
    query = select(ClockEvent).filter_by(assignment=assignment_id, candidate=candidate)
    with opened(course).session() as session:
        return list(session.scalars(query.order_by(ClockEvent.id)))


def events(course: Course, assignment_id: str, candidate: str) -> list[ClockEvent]:
    """Everything that happened to a clock, oldest first, for people."""
    return _events(course, assignment_id, candidate)


def _words(time: datetime) -> str:
    return f"{time:%d %B %Y, %H:%M} UTC"


# ---- the notice and the clock ----


def has_accepted(course: Course, person: Person, notice: str) -> bool:
    """Whether the candidate agreed to the notice with this digest."""
    query = select(AcceptedNotice.id).filter_by(candidate=person.name, digest=notice)
    with opened(course).session() as session:
        return session.scalar(query.limit(1)) is not None


def accept(course: Course, person: Person, notice: str) -> None:
    """Note that the candidate agreed to the notice with this digest; once."""
    if person.opening is None:
        raise SittingError(f"{person.name} is no candidate")
    if has_accepted(course, person, notice):
        return
    row = AcceptedNotice(
        assignment="", candidate=person.name, opening=person.opening, digest=notice
    )
    opened(course).add(
        row, _audit("", person.name, person.name, "notice accepted", digest=notice[:16])
    )


def start(course: Course, person: Person, assignment_id: str) -> Sitting:
    """The candidate presses start; pressed again, nothing changes.

    Raises:
        SittingError: it is not theirs, not open yet or not any more.
    """
    with collecting.one_at_a_time(course):
        sitting = find(course, person, assignment_id)
        if sitting.has_begun:
            return sitting
        if sitting.state != "ready":
            raise SittingError(
                f"this cannot be started now. {sitting.why}", do="ask the team if that is wrong"
            )
        _note(course, sitting, "start", by=person.name)
    return find(course, person, assignment_id)


def pause(course: Course, sitting: Sitting, by: str, reason: str) -> None:
    """Stop a running clock.

    Raises:
        SittingError: it is not running, or no reason is given.
    """
    if sitting.state != "running":
        raise SittingError(f"the clock is not running: it is {_said(sitting)}")
    _note(course, sitting, "pause", by, _reason(reason))


def resume(course: Course, sitting: Sitting, by: str, reason: str) -> None:
    """Let a paused clock go on.

    Raises:
        SittingError: it is not paused, or no reason is given.
    """
    if sitting.state != "paused":
        raise SittingError(f"the clock is not paused: it is {_said(sitting)}")
    _note(course, sitting, "resume", by, _reason(reason))


def extend(course: Course, sitting: Sitting, minutes: float, by: str, reason: str) -> None:
    """Give more time, also when the clock has run out.

    Raises:
        SittingError: it was never started, no reason is given, or the minutes cannot be meant.
    """
    if not sitting.has_begun:
        raise SittingError("the clock has not been started; extra time is given by inviting")
    if not 0 < minutes <= MOST_EXTENSION:  # nan is refused too
        raise SittingError(f"an extension is more than 0 and at most {MOST_EXTENSION:g} minutes")
    _note(course, sitting, "extend", by, _reason(reason), minutes * 60)


def give_back(course: Course, begin: datetime, end: datetime, why: str) -> list[Sitting]:
    """Give everybody the time back that their clock went on while our side was away.

    Args:
        begin, end: from when until when that was.
        why: what is noted beside it.

    Returns:
        Whose clocks were set back.
    """
    found = []
    for sitting in _begun(course):
        events = _events(course, sitting.assignment, sitting.candidate)
        minutes = _minutes(course, sitting.assignment, sitting.candidate)
        seconds = clocks.lost(minutes, events, begin, end).total_seconds()
        if seconds >= 1:
            _note(course, sitting, "extend", SERVICE, why, seconds)
            found.append(sitting)
    return found


def hold(course: Course, person: Person, why: str) -> None:
    """Stop the candidate's clocks for what fails on our side; those that run."""
    for sitting in of_person(course, person):
        if sitting.state == "running":
            _note(course, sitting, "pause", SERVICE, why)


def let_go(course: Course, person: Person, why: str) -> None:
    """Let the clocks go on that :func:`hold` has stopped; not those that people have."""
    for sitting in of_person(course, person):
        if sitting.state == "paused" and sitting.clock.ours:
            _note(course, sitting, "resume", SERVICE, why)


def _said(sitting: Sitting) -> str:
    return {"ready": "not started", "missed": "not started"}.get(sitting.state, sitting.state)


def _reason(reason: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise SittingError("no reason was given", do="say why: it is logged, and shown to the team")
    return words[:500]


def _note(
    course: Course, sitting: Sitting, action: str, by: str, reason: str = "", seconds: float = 0
) -> None:
    row = ClockEvent(
        assignment=sitting.assignment,
        candidate=sitting.candidate,
        opening=sitting.opening.id,
        action=action,
        seconds=seconds,
        actor=by,
        reason=reason,
    )
    who = (sitting.assignment, sitting.candidate, by)
    opened(course).add(row, _audit(*who, f"clock {action}", reason=reason))


def _audit(assignment: str, candidate: str, by: str, action: str, **detail: object) -> Audit:
    return Audit(assignment=assignment, candidate=candidate, actor=by, action=action, detail=detail)


# ---- what they are given, and hand in ----


def given_files(course: Course, sitting: Sitting) -> dict[str, bytes]:
    """Name -> bytes of everything the candidate gets; names begin with the assignment's folder.

    Raises:
        SittingError: the clock has not been started.
    """
    if not sitting.has_begun:
        raise SittingError("the files are there once the clock is started", do="press start")
    path = cases.package_path(course, sitting.assignment, sitting.candidate)
    with zipfile.ZipFile(path) as package:
        return {info.filename: package.read(info) for info in package.infolist()}


def folder_files(course: Course, person: Person) -> dict[str, bytes]:
    """What belongs into the candidate's home: the files of every attempt that they have begun."""
    files: dict[str, bytes] = {}
    for sitting in of_person(course, person):
        if sitting.has_begun:
            files |= given_files(course, sitting)
    return files


def end_of_time(course: Course) -> list[Sitting]:
    """Whoever's clock has ended, and from whom what was saved has not been handed in yet."""
    query = select(ClockEvent).order_by(ClockEvent.id)
    with opened(course).session() as session:
        last = {(row.assignment, row.candidate): row for row in session.scalars(query)}
    # most have been collected, and are asked for every few seconds all the same
    running = {(row.candidate, row.opening) for row in last.values() if row.action != "end"}
    known = _readable(course, {opening for _, opening in running})
    return [
        each
        for candidate, opening in sorted(running)
        if opening in known
        for each in of_person(
            course, Person(candidate, "candidate", opening), now(), known[opening]
        )
        if each.state == "over" and not each.clock.collected
    ]


def _begun(course: Course) -> list[Sitting]:
    """Every attempt whose clock was ever started."""
    query = select(ClockEvent.candidate, ClockEvent.opening).filter_by(action="start").distinct()
    with opened(course).session() as session:
        rows = {(str(candidate), str(opening)) for candidate, opening in session.execute(query)}
    known = _readable(course, {opening for _, opening in rows})
    return [
        each
        for candidate, opening in sorted(rows)
        if opening in known
        for each in of_person(
            course, Person(candidate, "candidate", opening), now(), known[opening]
        )
        if each.has_begun
    ]


def _readable(course: Course, names: set[str]) -> dict[str, Opening]:
    """The openings of these names; a mistake in one of them stops nobody's clock in the others."""
    found = {}
    for name in names:
        try:
            found[name] = openings.find(course, name)
        except AssignmentError as error:
            log.error("whoever works in the opening %s cannot be looked after: %s", name, error)
    return found


def hand_in(
    course: Course,
    person: Person,
    files: Mapping[str, bytes],
    *,
    late: bool | None = None,
    by: str = "clock",
    assignment_id: str | None = None,
) -> Receipt:
    """Take what a candidate hands in, or what was saved at the end of their time.

    Args:
        files: name -> bytes, in the assignment's folder or in a folder of its name.
        late: whether it came after the end; None leaves it to the clock, which is what a
            candidate's own hand-in does.
        by: ``clock`` for what is collected at the end, which is then noted as done; ``saved`` for
            the same without that note, where somebody else has to collect too; else who hands it
            in, the candidate themselves.
        assignment_id: which attempt; without it the one whose clock was started last.

    Raises:
        SittingError: nothing has been started.
        SubmissionError: it cannot be taken. What the clock collects is kept all the same.
    """
    sitting = _meant(course, person, assignment_id)
    if not sitting.has_begun:
        raise SittingError("there is nothing to hand in before the clock is started")
    if by not in _WAYS and feedback_released(course, sitting.assignment, person.name):
        raise SittingError(
            "the feedback on this is out; nothing more can be handed in for it",
            do="the revision is the place for what you would do differently now",
        )
    own = _of_folder(files, sitting.assignment)
    late = sitting.clock.is_late(now()) if late is None else late
    try:
        receipt = collecting.receive(
            course,
            sitting.assignment,
            person.name,
            own,
            _WAYS.get(by, _BY_HAND),
            late=late,
            repeat=by not in _WAYS,
        )
    except SubmissionError as error:
        if by == "clock":
            _keep_refused(course, sitting, own)
            _note(course, sitting, "end", by, f"not taken: {error.what}")
        raise
    if by == "clock":
        _note(course, sitting, "end", by)
    if receipt.new:
        queueing.hand_over_soon(course, sitting.assignment, person.name)
    return receipt


_WAYS = dict.fromkeys(("clock", "saved"), "what was saved at the end of the time")
_BY_HAND = "handed in"


def nothing_to_collect(course: Course, sitting: Sitting) -> None:
    """Note that the time has ended and that nothing was saved which could be handed in."""
    _note(course, sitting, "end", "clock", "nothing was saved")


def _meant(course: Course, person: Person, assignment_id: str | None) -> Sitting:
    if assignment_id is not None:
        return find(course, person, assignment_id)
    begun = [each for each in of_person(course, person) if each.has_begun]
    if not begun:
        raise SittingError("there is nothing to hand in before the clock is started")
    return max(begun, key=lambda each: each.clock.started or now())


def _of_folder(files: Mapping[str, bytes], assignment_id: str) -> dict[str, bytes]:
    """The files of the assignment's folder, named from there."""
    head = f"{assignment_id}/"
    inside = {n.removeprefix(head): data for n, data in files.items() if n.startswith(head)}
    return inside or dict(files)


def _keep_refused(course: Course, sitting: Sitting, files: Mapping[str, bytes]) -> None:
    """What cannot be taken is somebody's work: it is kept for a person to look at."""
    folder = course.state / "exchange" / "refused" / sitting.assignment
    name = f"{sitting.candidate}-{now():%Y%m%dT%H%M%S}.zip"
    disk.replace_through(folder / name, zipped(files))


def receipts(course: Course, sitting: Sitting) -> list[Submission]:
    """All receipts of an attempt, in the order in which they were given."""
    return opened(course).submissions(sitting.assignment, sitting.candidate)


def candidates(course: Course, opening_id: str) -> list[str]:
    """Everyone who was given a link to an opening, sorted."""
    query = select(IssuedLink.candidate).filter_by(opening=opening_id).distinct()
    with opened(course).session() as session:
        return sorted(session.scalars(query))


def feedback_released(course: Course, assignment_id: str, candidate: str) -> bool:
    """Whether feedback on an attempt went out."""
    return bool(lookup.last_detail(course, assignment_id, candidate, lookup.RELEASED))
