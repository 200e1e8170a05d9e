"""The team's pages: who is how far, the queue of questions, clocks, approval and release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from worksample.errors import CandidateError, SittingError, WorksampleError
from worksample.exchange import links, openings, questions, releases, sittings
from worksample.exchange.asking import Ask, Reply
from worksample.exchange.door import SEALED, facts_of
from worksample.exchange.openings import Opening
from worksample.exchange.pages import span
from worksample.exchange.people import Person
from worksample.exchange.sittings import Sitting
from worksample.exchange.tables import AcceptedNotice, opened
from worksample.feedback import lookup
from worksample.records import evidence
from worksample.records.tables import Audit, Submission, now
from worksample.submissions import collecting

MOST_LOGGED = 200  # rows of the log on a page


@dataclass(frozen=True)
class Row:
    """One attempt of one candidate, as the team sees it."""

    candidate: str
    sitting: Sitting
    stage: str
    waits_for_us: bool
    handed_in: datetime | None


def overview(ask: Ask) -> Reply:
    """Every opening: who is how far, and what waits for the team."""
    found, broken = [], []
    for name in openings.ids(ask.course):
        try:
            opening = openings.find(ask.course, name)
        except WorksampleError as error:
            broken.append(f"{name}: {error.what}")
            continue
        found.append((opening, _rows(ask, opening)))
    return ask.page(
        "team", "Openings", openings=found, broken=broken, waiting=questions.waiting(ask.course)
    )


def _rows(ask: Ask, opening: Opening) -> list[Row]:
    at = now()
    rows = []
    for name in sittings.candidates(ask.course, opening.id):
        person = Person(name, "candidate", opening.id)
        for sitting in sittings.of_person(ask.course, person, at, opening):
            rows.append(_row(ask, sitting))
    return rows


def _row(ask: Ask, sitting: Sitting) -> Row:
    last = opened(ask.course).last_submission(sitting.assignment, sitting.candidate)
    stage, ours = _stage(ask, sitting, last)
    return Row(sitting.candidate, sitting, stage, ours, last.submitted if last else None)


def _stage(ask: Ask, sitting: Sitting, last: Submission | None) -> tuple[str, bool]:
    """How far an attempt is, and whether the team is waited for."""
    name, candidate = sitting.assignment, sitting.candidate
    if sitting.state == "running":
        done = ", has handed in" if last else ""
        return f"working, {span(sitting.clock.left)} left{done}", False
    if sitting.state == "paused":
        return f"paused, {span(sitting.clock.left)} left", False
    if last is None:
        words = {"missed": "never started", "over": "time is over, nothing was handed in"}
        return words.get(sitting.state) or _before_start(ask, sitting), False
    record = evidence.latest(ask.course, name, candidate)
    if record is None or record["outcome"] not in evidence.SCORED:
        return "handed in, to be graded", True
    stage = releases.stage(ask.course, name, candidate)
    words = {"not drawn": "graded, feedback to be drawn", "released": "feedback released"}
    return words.get(stage, stage), stage != "released"


def _before_start(ask: Ask, sitting: Sitting) -> str:
    if sitting.is_revision:
        return "revision can be started"
    query = select(AcceptedNotice.id).filter_by(candidate=sitting.candidate).limit(1)
    used = select(Audit.id).filter_by(candidate=sitting.candidate, action="link used").limit(1)
    with opened(ask.course).session() as session:
        if session.scalar(query) is not None:
            return "has accepted the notice"
        return "has opened the link" if session.scalar(used) is not None else "invited"


def candidate(ask: Ask) -> Reply:
    """One candidate: clocks, what was handed in, feedback, questions."""
    person = _person(ask)
    opening = openings.find(ask.course, person.opening or "")
    attempts = []
    for sitting in sittings.of_person(ask.course, person, opening=opening):
        name = sitting.assignment
        rows = sittings.receipts(ask.course, sitting)
        attempts.append(
            {
                "row": _row(ask, sitting),
                "sitting": sitting,
                "events": sittings.events(ask.course, name, person.name),
                "receipts": [facts_of(ask, row) for row in rows],
                "graded": evidence.latest(ask.course, name, person.name) is not None,
                "feedback": releases.stage(ask.course, name, person.name),
                "approver": releases.approver(ask.course, name, person.name),
                "drawn": lookup.page_path(ask.course, name, person.name).is_file(),
            }
        )
    return ask.page(
        "candidate",
        f"Candidate {person.name}",
        candidate=person,
        opening=opening,
        attempts=attempts,
        questions=questions.of(ask.course, person.name),
        canned=questions.CANNED,
    )


def pause(ask: Ask) -> Reply:
    """Stop the clock."""
    sittings.pause(ask.course, _sitting(ask), ask.someone.name, ask.form.get("reason", ""))
    return _back(ask, "paused")


def resume(ask: Ask) -> Reply:
    """Let the clock go on."""
    sittings.resume(ask.course, _sitting(ask), ask.someone.name, ask.form.get("reason", ""))
    return _back(ask, "resumed")


def extend(ask: Ask) -> Reply:
    """Give more time."""
    try:
        minutes = float(ask.form.get("minutes", ""))
    except ValueError:
        raise SittingError("an extension is a number of minutes") from None
    reason = ask.form.get("reason", "")
    sittings.extend(ask.course, _sitting(ask), minutes, ask.someone.name, reason)
    return _back(ask, "extended")


def let_count(ask: Ask) -> Reply:
    """Have a late attempt count."""
    sitting, number = _sitting(ask), ask.form.get("number", "")
    rows = sittings.receipts(ask.course, sitting)
    row = next((each for each in rows if str(each.number) == number), None)
    reason = " ".join(ask.form.get("reason", "").split())
    if row is None or not reason:
        raise SittingError("it takes an attempt and a reason")
    collecting.let_count(ask.course, row, ask.someone.name, reason)
    return _back(ask, "counts")


def approve(ask: Ask) -> Reply:
    """Stand behind the feedback as it is drawn now."""
    sitting = _sitting(ask)
    releases.approve(ask.course, sitting.assignment, sitting.candidate, ask.someone.name)
    return _back(ask, "approved")


def release(ask: Ask) -> Reply:
    """Let approved feedback out, and open the revision."""
    sitting = _sitting(ask)
    releases.give_out(ask.course, sitting.assignment, sitting.candidate, ask.someone.name)
    return _back(ask, "released")


def drawn(ask: Ask) -> Reply:
    """The feedback as it is drawn now, for who is to approve it."""
    sitting = _sitting(ask)
    path = lookup.page_path(ask.course, sitting.assignment, sitting.candidate)
    if not path.is_file():
        raise SittingError("the feedback has not been drawn", do="run: worksample feedback")
    return Reply(path.read_bytes(), policy=SEALED)


def explain(ask: Ask) -> Reply:
    """What lies behind the score."""
    from worksample.review import explain as explaining

    sitting = _sitting(ask)
    found = explaining.explain(ask.course, sitting.assignment, sitting.candidate)
    return ask.page(
        "explain",
        f"Behind the score of {sitting.candidate}",
        sitting=sitting,
        text=explaining.text(found),
    )


def queue(ask: Ask) -> Reply:
    """All questions; those that wait come first."""
    found = sorted(questions.of(ask.course), key=lambda each: bool(each.answers))
    return ask.page("questions", "Questions", questions=found, canned=questions.CANNED)


def answer(ask: Ask) -> Reply:
    """Answer a question, in words or with the canned sentence."""
    text = questions.CANNED if "canned" in ask.form else ask.form.get("text", "")
    questions.answer(ask.course, int(ask.named["number"]), ask.someone.name, text)
    return ask.to("team/questions", "answered")


def revoke(ask: Ask) -> Reply:
    """End a candidate's links, and whoever came in by them."""
    links.revoke(ask.course, _person(ask).name, ask.someone.name)
    return _back(ask, "revoked")


def new_link(ask: Ask) -> Reply:
    """Show the candidate's link, to be sent to them; made anew where all have ended."""
    person = _person(ask)
    link = links.issue(ask.course, person.opening or "", person.name)
    return ask.page(
        "link",
        f"Link of {person.name}",
        candidate=person,
        link=link,
        address=links.address(ask.course, link),
    )


def log(ask: Ask) -> Reply:
    """The audit log's newest rows."""
    query = select(Audit).order_by(Audit.id.desc()).limit(MOST_LOGGED)
    with opened(ask.course).session() as session:
        rows = session.scalars(query).all()
    return ask.page("log", "Log", rows=rows)


def _person(ask: Ask) -> Person:
    """The candidate in the address, also one whose links have ended."""
    name = ask.named["candidate"]
    opening = links.opening_of(ask.course, name)
    if opening is None:
        raise CandidateError("there is no such candidate")
    return Person(name, "candidate", opening)


def _sitting(ask: Ask) -> Sitting:
    return sittings.find(ask.course, _person(ask), ask.named["assignment"])


def _back(ask: Ask, done: str) -> Reply:
    return ask.to(f"team/{ask.named['candidate']}/", done)
