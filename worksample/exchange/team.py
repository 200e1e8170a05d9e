"""The team's pages: who is how far, the queue of questions, clocks, approval and release."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from sqlalchemy import select

from worksample.errors import CandidateError, SittingError, WorksampleError
from worksample.exchange import (
    behind,
    links,
    openings,
    pages,
    parity,
    questions,
    queueing,
    releases,
    sittings,
    standing,
)
from worksample.exchange.asking import Ask, Reply, data
from worksample.exchange.door import SEALED, facts_of
from worksample.exchange.handling import POLICY
from worksample.exchange.openings import Opening
from worksample.exchange.people import Person
from worksample.exchange.sittings import Sitting
from worksample.exchange.standing import Standing, Standings
from worksample.exchange.tables import opened
from worksample.feedback import lookup
from worksample.records import evidence
from worksample.records.tables import Audit, now
from worksample.service import wire
from worksample.submissions import collecting

MOST_LOGGED = 200  # rows of the log on a page
#: of a page that a script of ours keeps up to date; it asks this service alone
LIVE = f"{POLICY}; script-src 'self'; connect-src 'self'"


def overview(ask: Ask) -> Reply:
    """Every opening: who is how far, and what waits for the team."""
    at, standings = changes(ask), _standings(ask)
    only = ask.query.get("only", "")
    found, broken = [], []
    for name in openings.ids(ask.course):
        try:
            opening = openings.find(ask.course, name)
        except WorksampleError as error:
            broken.append(f"{name}: {error.what}")
            continue
        rows = standings.of_opening(opening)
        counts = Counter(each.phase for each in rows)
        shown = [
            each for each in rows if only in ("", each.phase) or (only == "ours" and each.ours)
        ]
        found.append((opening, rows, shown, counts))
    facts = {
        "openings": found,
        "broken": broken,
        "waiting": questions.waiting(ask.course),
        "names": standing.NAMES,
        "only": only if only == "ours" or only in standing.PHASES else "",
    }
    return _live_page(ask, "team", "Openings", at, facts)


def changed(ask: Ask) -> Reply:
    """Differs whenever the team's pages do: a page that is open asks for it again and again."""
    return data({"at": changes(ask)})


def changes(ask: Ask) -> str:
    """As :func:`changed`; read before what it is about, so that nothing is missed."""
    return standing.changes(ask.course, ask.service.drawer)


def script(ask: Ask) -> Reply:
    """What keeps the team's pages up to date; they work without it."""
    return Reply((pages.HERE / "live.js").read_bytes(), "text/javascript; charset=utf-8")


def candidate(ask: Ask) -> Reply:
    """One candidate: clocks, what was handed in, feedback, questions."""
    at, standings = changes(ask), _standings(ask)
    person = _person(ask)
    opening = openings.find(ask.course, person.opening or "")
    attempts = [_attempt(ask, each, standings) for each in standings.of_candidate(person, opening)]
    facts = {
        "candidate": person,
        "opening": opening,
        "attempts": attempts,
        "questions": questions.of(ask.course, person.name),
        "canned": questions.CANNED,
    }
    return _live_page(ask, "candidate", f"Candidate {person.name}", at, facts)


def _attempt(ask: Ask, row: Standing, standings: Standings) -> dict[str, object]:
    sitting = row.sitting
    name, who = sitting.assignment, sitting.candidate
    graded = evidence.latest(ask.course, name, who) is not None
    return {
        "row": row,
        "sitting": sitting,
        "events": sittings.events(ask.course, name, who),
        "machine": parity.of(ask.course, name, who),
        "receipts": [facts_of(ask, each) for each in sittings.receipts(ask.course, sitting)],
        "graded": graded,
        "blind": standings.is_blind(name, who),
        "to_rate": standings.to_rate(name, who) if graded else "",
        "feedback": releases.stage(ask.course, name, who),
        "stale": graded and lookup.stale(ask.course, name, who),
        "drawing": ask.service.drawer.waits(name, who),
        "not_drawn": ask.service.drawer.failed(name, who),
        "approver": releases.approver(ask.course, name, who),
        "drawn": lookup.page_path(ask.course, name, who).is_file(),
        "digest": lookup.file_digest(ask.course, name, who) or "",
    }


def grade(ask: Ask) -> Reply:
    """Have an attempt graded, once more if that was asked for."""
    sitting = _sitting(ask)
    wanted = [(sitting.assignment, sitting.candidate)]
    done = queueing.ask(ask.course, wanted, ask.someone.name, force="again" in ask.form)
    return _back(ask, "queued" if done else "nothing-to-grade")


def grade_all(ask: Ask) -> Reply:
    """Have everything graded that was handed in for an opening and has no score yet."""
    wanted = [
        (each.sitting.assignment, each.candidate)
        for each in _standings(ask).of_opening(_opening(ask))
        if each.phase == "stuck"
    ]
    done = queueing.ask(ask.course, wanted, ask.someone.name)
    return ask.to("team/", "queued" if done else "nothing-to-grade")


def draw(ask: Ask) -> Reply:
    """Have the feedback on an attempt drawn."""
    sitting = _sitting(ask)
    if evidence.latest(ask.course, sitting.assignment, sitting.candidate) is None:
        raise SittingError("it has not been graded", do="grade it first")
    ask.service.drawer.ask(sitting.assignment, [sitting.candidate], ask.someone.name)
    return _back(ask, "drawing")


def draw_all(ask: Ask) -> Reply:
    """Have all feedback of an opening drawn that waits for nothing else."""
    chosen: dict[str, list[str]] = {}
    for each in _standings(ask).of_opening(_opening(ask)):
        if each.phase == "draw":
            chosen.setdefault(each.sitting.assignment, []).append(each.candidate)
    for name, candidates in chosen.items():
        ask.service.drawer.ask(name, candidates, ask.someone.name)
    return ask.to("team/", "drawing" if chosen else "nothing-to-draw")


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
    queueing.hand_over_soon(ask.course, sitting.assignment, sitting.candidate)
    return _back(ask, "counts")


def approve(ask: Ask) -> Reply:
    """Stand behind the feedback that was shown, if it is still what is drawn."""
    sitting = _sitting(ask)
    behind.check_rated(ask, sitting)
    drawn_now = lookup.file_digest(ask.course, sitting.assignment, sitting.candidate)
    if drawn_now != ask.form.get("digest"):
        raise SittingError("the feedback is not what you were shown", do="read it as it is now")
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
    behind.check_rated(ask, sitting)
    path = lookup.page_path(ask.course, sitting.assignment, sitting.candidate)
    if not path.is_file():
        raise SittingError("the feedback has not been drawn", do="run: worksample feedback")
    return Reply(path.read_bytes(), policy=SEALED)


def attempt(ask: Ask) -> Reply:
    """The attempt as it ran."""
    return behind.attempt(ask, _sitting(ask))


def explain(ask: Ask) -> Reply:
    """What lies behind the score."""
    return behind.record(ask, _sitting(ask))


def truth(ask: Ask) -> Reply:
    """What the candidate was to find out."""
    return behind.truth(ask, _sitting(ask))


def retention(ask: Ask) -> Reply:
    """How long data is kept, and whose should be gone."""
    from worksample.privacy import keeping  # with nbgrader's gradebook, which loads for a second

    return ask.page(
        "retention",
        "How long data is kept",
        kept=keeping.everybody(ask.course),
        at_moment=now(),
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


def _opening(ask: Ask) -> Opening:
    return openings.find(ask.course, ask.form.get("opening", ""))


def _standings(ask: Ask) -> Standings:
    return Standings(ask.course, ask.someone, ask.service.drawer)


def _live_page(ask: Ask, template: str, title: str, at: str, facts: dict[str, object]) -> Reply:
    """A page that a script of ours keeps up to date from ``at`` on."""
    page = ask.page(
        template,
        title,
        at_change=at,
        moment_now=now(),
        served=wire.is_served(ask.course),
        **facts,  # type: ignore[arg-type]  # none of them is the status
    )
    return replace(page, policy=LIVE)


def _sitting(ask: Ask) -> Sitting:
    return sittings.find(ask.course, _person(ask), ask.named["assignment"])


def _back(ask: Ask, done: str) -> Reply:
    return ask.to(f"team/{ask.named['candidate']}/", done)
