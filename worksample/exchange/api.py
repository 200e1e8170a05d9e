"""The same for programs: nbgrader's exchange plug-ins, and panels in JupyterLab."""

from __future__ import annotations

from typing import Any

from worksample.assignments.zips import zipped
from worksample.errors import SittingError, UploadError
from worksample.exchange import door, openings, questions, releases, saved, sittings
from worksample.exchange.asking import Ask, Reply, data, download
from worksample.exchange.sittings import Sitting
from worksample.exchange.tables import opened


def me(ask: Ask) -> Reply:
    """Who asks."""
    person = ask.someone
    return data({"name": person.name, "role": person.role, "opening": person.opening})


def status(ask: Ask) -> Reply:
    """Everything that a candidate's page says: the opening, the notice, each attempt."""
    person = ask.someone
    opening = openings.find(ask.course, person.opening or "")
    notice, digest = ask.service.pages.notice(opening)
    return data(
        {
            "candidate": person.name,
            "opening": {
                "id": opening.id,
                "title": opening.title,
                "decision": opening.decision.isoformat(),
                "contact": opening.contact,
                "live": opening.live,
            },
            "notice": {
                "html": notice,
                "digest": digest,
                "accepted": sittings.has_accepted(ask.course, person, digest),
            },
            "attempts": [_attempt(ask, each) for each in sittings.of_person(ask.course, person)],
        }
    )


def accept(ask: Ask) -> Reply:
    """Agree to the notice whose digest is sent."""
    door.accept_notice(ask)
    return data({"accepted": True})


def start(ask: Ask) -> Reply:
    """The clock begins."""
    return data(_attempt(ask, door.begin(ask)))


def package(ask: Ask) -> Reply:
    """The candidate's files as a zip."""
    return door.package(ask)


def submit(ask: Ask) -> Reply:
    """Take a zip of the assignment's folder; the receipt is the answer.

    Nothing is acknowledged before it lies on the disk, with its receipt.
    """
    if ask.body is None:
        raise UploadError("there is nothing in it")
    sitting = sittings.find(ask.course, ask.someone, ask.named["assignment"])
    given = saved.unzipped(sitting.assignment, ask.body)
    receipt = sittings.hand_in(
        ask.course, ask.someone, given, by=ask.someone.name, assignment_id=sitting.assignment
    )
    rows = sittings.receipts(ask.course, sitting)
    row = next(each for each in rows if each.number == receipt.number)
    return data({**door.facts_of(ask, row), "new": receipt.new})


def receipt(ask: Ask) -> Reply:
    """A receipt once more."""
    return data(door.receipt_facts(ask))


def feedback(ask: Ask) -> Reply:
    """Released feedback as a zip: the page and the notebook."""
    name = ask.named["assignment"]
    found = releases.released(ask.course, name, ask.named["candidate"])
    if found is None:
        raise SittingError("there is no feedback yet")
    files = {f"{name}.html": found.page, f"{name}-feedback.ipynb": found.notebook}
    return download(zipped(files), f"{name}-feedback.zip")


def asked(ask: Ask) -> Reply:
    """The candidate's questions and their answers."""
    return data(
        [
            {
                "number": each.number,
                "text": each.text,
                "time": each.time.isoformat(),
                "answers": [
                    {"text": said.text, "time": said.time.isoformat()} for said in each.answers
                ],
            }
            for each in questions.of(ask.course, ask.someone.name)
        ]
    )


def question(ask: Ask) -> Reply:
    """Ask the team something."""
    done = questions.ask(ask.course, ask.someone.name, ask.form.get("text", ""))
    return data({"number": done.number}, 201)


def _attempt(ask: Ask, sitting: Sitting) -> dict[str, Any]:
    clock = sitting.clock
    name, candidate = sitting.assignment, sitting.candidate
    last = opened(ask.course).last_submission(name, candidate)
    late = opened(ask.course).late(name, candidate)
    return {
        "assignment": name,
        "title": sitting.title,
        "state": sitting.state,
        "why": sitting.why,
        "revision": sitting.is_revision,
        "closes": sitting.closes and sitting.closes.isoformat(),
        "minutes": clock.minutes,
        "started": clock.started and clock.started.isoformat(),
        "ends": clock.ends and clock.ends.isoformat(),
        "seconds_left": clock.left.total_seconds(),
        "given_back": clock.given_back.total_seconds(),
        "held": clock.ours,
        "receipts": [
            {
                "number": row.number,
                "code": row.receipt,
                "submitted": row.submitted.isoformat(),
                "counts": bool(last and row.id == last.id),
                "late": row.number in late,
            }
            for row in sittings.receipts(ask.course, sitting)
        ],
        "feedback": releases.released(ask.course, name, candidate) is not None,
        "looking_on": ask.service.present.who(name, candidate),
    }
