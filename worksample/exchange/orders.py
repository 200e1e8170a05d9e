"""What tracking systems order: four verbs (list, order, status, cancel), whatever they speak.

An order is answered at once; the case is drawn, and the candidate is sent their link, a moment
later (:meth:`Clerk.work`). Nothing here is a score: how a candidate has done is a profile that
people have rated, with a link to who can explain it, and no number that could be sorted by.
"""

from __future__ import annotations

import logging
import os
import secrets
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select

from worksample import assignments
from worksample.assignments.case import base_id
from worksample.course import Course
from worksample.errors import SittingError, WorksampleError
from worksample.exchange import inviting, links, mail, openings, standing
from worksample.exchange.openings import Opening
from worksample.exchange.partners import Partner
from worksample.exchange.people import Person
from worksample.exchange.standing import Standing, Standings
from worksample.exchange.tables import Outgoing, PartnerNote, PartnerOrder, opened
from worksample.records import ratings
from worksample.records.tables import Audit, now
from worksample.scorecards import rule, settings
from worksample.submissions import collecting

log = logging.getLogger("worksample.exchange")

State = Literal["ordered", "sent", "started", "submitted", "complete", "unused", "cancelled"]
FINAL = frozenset({"complete", "unused", "cancelled"})
LONGEST = 300  # characters of what a system calls something
FAILED = "not sent"  # a note that is no state: the reason says why
TRY_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True)
class Status:
    """How far an order is.

    Attributes:
        state: ``unused`` where the time for it has passed without any work.
        since: when that was found.
        profile: dimension -> what people have rated, in words; only when it is complete.
        address: where the team finds everything about the candidate.
    """

    order: PartnerOrder
    state: State
    since: datetime
    title: str
    address: str
    profile: dict[str, str] = field(default_factory=dict)
    reason: str = ""


def tests(course: Course, partner: Partner) -> list[Opening]:
    """What can be ordered now: openings that are not closed."""
    found = []
    for name in openings.ids(course):
        try:
            opening = openings.find(course, name)
        except WorksampleError as error:  # a mistake in one hides none of the others
            log.error("the opening %s cannot be ordered: %s", name, error)
            continue
        if partner.may_order(name) and now() < opening.closes:
            found.append(opening)
    return found


def order(
    course: Course, partner: Partner, test: str, external: str, who: str, callback: str = ""
) -> PartnerOrder:
    """Take an order; the same one again is the one that was taken before.

    Args:
        test: the opening.
        external: what the system knows it by.
        who: the candidate's mail address, or their name where they have none.
        callback: where the system wants to be told.

    Raises:
        SittingError: it cannot be ordered.
    """
    if not external or len(external) > LONGEST or not who.strip() or len(who) > LONGEST:
        raise SittingError("the order does not say what it is, or for whom")
    if callback and not partner.may_be_told(callback):
        raise SittingError(
            "nothing is sent to that address", do="`callback` in state/partners.toml says where to"
        )
    opening = next((each for each in tests(course, partner) if each.id == test), None)
    with collecting.one_at_a_time(course):
        if before := _by_external(course, partner.name, external):
            return before
        if opening is None:
            raise SittingError("there is no such assessment, or it is closed")
        row = PartnerOrder(
            assignment="",
            candidate=inviting.id_for(course, opening, " ".join(who.split())),
            partner=partner.name,
            number=secrets.token_hex(16),
            external=external,
            opening=opening.id,
            callback=callback,
        )
        opened(course).add(row, _audit(row, "ordered"))
    return row


def of_person(course: Course, partner: Partner, test: str, who: str) -> PartnerOrder | None:
    """A running order of the same assessment for the same person."""
    opening = openings.find(course, test) if test in openings.ids(course) else None
    if opening is None:
        return None
    with collecting.one_at_a_time(course):
        name = inviting.id_for(course, opening, " ".join(who.split()))
    query = select(PartnerOrder).filter_by(partner=partner.name, candidate=name, opening=test)
    with opened(course).session() as session:
        rows = list(session.scalars(query.order_by(PartnerOrder.id)))
    return next((row for row in rows if _last_state(course, row) not in FINAL), None)


def find(course: Course, partner: Partner, number: str) -> PartnerOrder:
    """The order of that number.

    Raises:
        SittingError: there is none of this system's.
    """
    query = select(PartnerOrder).filter_by(partner=partner.name, number=number)
    with opened(course).session() as session:
        row = session.scalar(query)
    if row is None:
        raise SittingError("there is no such order")
    return row


def every(course: Course) -> list[PartnerOrder]:
    """All orders, the oldest first."""
    with opened(course).session() as session:
        return list(session.scalars(select(PartnerOrder).order_by(PartnerOrder.id)))


def cancel(course: Course, partner: Partner, number: str) -> PartnerOrder:
    """Take an order back; again changes nothing. Who has begun is not stopped.

    Raises:
        SittingError: there is none, or the candidate has begun.
    """
    row = find(course, partner, number)
    state = status(course, row).state
    if state in ("cancelled", "unused"):
        return row
    if state not in ("ordered", "sent"):
        raise SittingError(
            "the candidate has begun, and is owed an answer", do="ask the team to end it"
        )
    links.revoke(course, row.candidate, f"partner {partner.name}")
    note = _noted(row, "cancelled", f"by {partner.name}")
    opened(course).add(note, _audit(row, "order cancelled"))
    return row


def status(course: Course, row: PartnerOrder) -> Status:
    """How far an order is now.

    Raises:
        AssignmentError: its opening has a mistake.
    """
    opening = openings.find(course, row.opening)
    noted = _last(course, row.number)
    state, standings = _state(course, row, opening, noted)
    return Status(
        order=row,
        state=state,
        since=noted.time if noted and noted.state == state else now(),
        title=opening.title,
        address=f"{base(course)}team/{row.candidate}/",
        profile=_profile(course, standings) if state == "complete" else {},
        reason=noted.reason if noted and noted.state in (state, FAILED) else "",
    )


def base(course: Course) -> str:
    """The service's own address, as browsers know it; ends with a slash."""
    if public := os.environ.get("JUPYTERHUB_PUBLIC_URL"):
        return f"{public.rstrip('/')}/"
    way_in = course.state / "exchange" / "way-in"
    known = way_in.read_text(encoding="utf-8").strip() if way_in.is_file() else "link/"
    return known.removesuffix("link/")


Tell = Callable[[Status], list[Outgoing]]


class Clerk:
    """Does what orders need once they are answered. One process has one.

    Args:
        tell: what is to be sent because of a new state; written down together with the state.
    """

    def __init__(self, course: Course, tell: Tell) -> None:
        self._course, self._tell = course, tell
        self._not_before: dict[str, datetime] = {}
        self._looked_at = ""

    def work(self) -> list[Status]:
        """Draw what was ordered, send the links, note what has changed; what has."""
        changes, changed = standing.changes(self._course, None), []
        if changes == self._looked_at:
            return []
        for row in every(self._course):
            before = _last_state(self._course, row)
            if before in FINAL or self._not_before.get(row.number, now()) > now():
                continue
            try:
                if before == "ordered":
                    changed.append(self._move(row, "sent", self._send(row)))
                elif (found := status(self._course, row)).state != before:
                    changed.append(self._move(row, found.state))
            except (WorksampleError, OSError, smtplib.SMTPException) as error:
                self._put_off(row, getattr(error, "what", str(error)))
        self._looked_at = changes if not changed else ""
        return changed

    def _send(self, row: PartnerOrder) -> str:
        """The candidate's case and link; their mail, where there is a server. What was not done."""
        opening = openings.find(self._course, row.opening)
        made = inviting.invite(self._course, opening, row.candidate)
        given, to = mail.settings(self._course), _address(self._course, row)
        if given is None or not to:
            return "no mail was sent: the team has to pass the link on"
        address = links.address(self._course, made.link)
        subject, text = mail.invitation(opening, made.link, address)
        with mail.server(given) as server:
            mail.send(server, given.sender, to, subject, text)
        return ""

    def _move(self, row: PartnerOrder, state: State, reason: str = "") -> Status:
        """Note a new state, and what is to be sent because of it, both or neither."""
        note = _noted(row, state, reason)
        found = replace(status(self._course, row), state=state, since=note.time, reason=reason)
        opened(self._course).add(note, _audit(row, f"order {state}"), *self._tell(found))
        return found

    def _put_off(self, row: PartnerOrder, why: str) -> None:
        log.error("the order %s waits: %s", row.number[:8], why)
        self._not_before[row.number] = now() + TRY_AGAIN
        last = _last(self._course, row.number)
        if last is None or last.reason != why[:LONGEST]:
            opened(self._course).add(_noted(row, FAILED, why[:LONGEST]))


def _address(course: Course, row: PartnerOrder) -> str:
    """The mail address that stands for the candidate's id, if there is one."""
    known = inviting.names(course, row.opening)
    return next((who for who, name in known.items() if name == row.candidate and "@" in who), "")


def _state(
    course: Course, row: PartnerOrder, opening: Opening, noted: PartnerNote | None
) -> tuple[State, list[Standing]]:
    """From the candidate's own attempts, and what was noted about the order."""
    if noted is not None and noted.state == "cancelled":
        return "cancelled", []
    if noted is None or not _was_sent(course, row.number):
        return "ordered", []
    person = Person(row.candidate, "candidate", opening.id)
    team = Standings(course, Person("nobody", "interviewer"), None)
    found = team.of_candidate(person, opening)
    begun = [each for each in found if each.sitting.has_begun]
    phases = {each.phase for each in found}
    if phases & {"decide", "decided"}:
        return "complete", found
    if phases == {"nothing"}:
        return "unused", found
    if any(each.handed_in for each in found):
        return "submitted", found
    return ("started" if begun else "sent"), found


def _profile(course: Course, standings: list[Standing]) -> dict[str, str]:
    """Each dimension as people have rated it, in words; of both attempts."""
    records, given = opened(course), []
    for each in standings:
        name = each.sitting.assignment
        graders = settings.of(course).graders_of(name)
        given += [
            rule.Given(row.dimension, row.criterion, row.grader, row.value)
            for row in ratings.counted(records, name, each.candidate, graders)
        ]
    planned = sorted(
        {
            criterion.dimension
            for each in standings
            for criterion in assignments.find(
                course, base_id(each.sitting.assignment)
            ).criteria.values()
        }
    )
    return {name: _words(found) for name, found in rule.profile(given, planned).items()}


def _words(found: rule.Summary) -> str:
    if found.median is None or found.range is None:
        return "not enough information"
    low, high = found.range
    spread = f"{low}" if low == high else f"{low} to {high}"
    count = len(found.values)
    return f"rated {spread} of 4, in {count} rating{'s' if count != 1 else ''}"


def _by_external(course: Course, partner: str, external: str) -> PartnerOrder | None:
    query = select(PartnerOrder).filter_by(partner=partner, external=external)
    with opened(course).session() as session:
        return session.scalar(query)


def _last(course: Course, number: str) -> PartnerNote | None:
    query = select(PartnerNote).filter_by(number=number).order_by(PartnerNote.id.desc()).limit(1)
    with opened(course).session() as session:
        return session.scalar(query)


def _last_state(course: Course, row: PartnerOrder) -> str:
    """The newest state that was noted; ``ordered`` before any."""
    query = select(PartnerNote.state).filter_by(number=row.number)
    query = query.where(PartnerNote.state != FAILED).order_by(PartnerNote.id.desc()).limit(1)
    with opened(course).session() as session:
        return session.scalar(query) or "ordered"


def _was_sent(course: Course, number: str) -> bool:
    query = select(func.count()).select_from(PartnerNote).filter_by(number=number, state="sent")
    with opened(course).session() as session:
        return bool(session.scalar(query))


def _noted(row: PartnerOrder, state: str, reason: str) -> PartnerNote:
    return PartnerNote(
        assignment="",
        candidate=row.candidate,
        number=row.number,
        state=state,
        reason=reason,
        time=now(),
    )


def _audit(row: PartnerOrder, action: str) -> Audit:
    return Audit(
        assignment="",
        candidate=row.candidate,
        actor=f"partner {row.partner}",
        action=action,
        detail={"order": row.number[:8]},
    )
