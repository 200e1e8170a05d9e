"""The plain door: a candidate's pages, for who cannot or will not use JupyterLab."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import Any

from worksample.assignments import case as cases
from worksample.errors import SittingError, UploadError
from worksample.exchange import openings, pages, questions, releases, saved, script, sittings
from worksample.exchange.asking import Ask, Reply, download
from worksample.exchange.sittings import Sitting
from worksample.exchange.tables import opened
from worksample.records.tables import Submission
from worksample.submissions import collecting

#: a page of somebody's own making: no script, nothing loaded, an origin of its own
SEALED = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True)
class Attempt:
    """A sitting, with all that its candidate may see of it."""

    sitting: Sitting
    receipts: list[Submission]
    counting: int | None
    late: set[int]
    has_feedback: bool
    looking_on: list[str]


def home(ask: Ask) -> Reply:
    """Where a candidate stands: the notice, what can be started, what came of it, until when."""
    person = ask.someone
    opening = openings.find(ask.course, person.opening or "")
    notice, digest = ask.service.pages.notice(opening)
    return ask.page(
        "home",
        opening.title,
        opening=opening,
        notice=notice,
        digest=digest,
        accepted=sittings.has_accepted(ask.course, person, digest),
        attempts=[_attempt(ask, each) for each in sittings.of_person(ask.course, person)],
        questions=questions.of(ask.course, person.name),
    )


def accept(ask: Ask) -> Reply:
    """The candidate agrees to the notice that was shown to them."""
    accept_notice(ask)
    return ask.to(f"candidates/{ask.someone.name}/", "accepted")


def accept_notice(ask: Ask) -> None:
    """As :func:`accept`; raises SittingError where another text stands there by now."""
    person = ask.someone
    _, digest = ask.service.pages.notice(openings.find(ask.course, person.opening or ""))
    if ask.form.get("notice") != digest:
        raise SittingError("the notice has changed since you opened the page", do="read it again")
    sittings.accept(ask.course, person, digest)


def work(ask: Ask) -> Reply:
    """One attempt: the brief, the time, the files, what is saved, what was handed in."""
    sitting = _sitting(ask)
    names: list[zipfile.ZipInfo] = []
    brief: object = ""
    if sitting.has_begun:
        path = cases.package_path(ask.course, sitting.assignment, sitting.candidate)
        with zipfile.ZipFile(path) as package:
            # the tree's past is in the zip; its files by themselves are of no use
            listed = (each for each in package.infolist() if "/.git/" not in each.filename)
            names = [info for info in listed if not info.is_dir()]
            book = json.loads(package.read(f"{sitting.assignment}/{sitting.assignment}.ipynb"))
        brief = pages.brief(book["cells"])
    head = f"{sitting.assignment}/"
    return ask.page(
        "work",
        sitting.title,
        attempt=_attempt(ask, sitting),
        sitting=sitting,
        brief=brief,
        files=[(info.filename.removeprefix(head), info.file_size) for info in names],
        saved=saved.listed(ask.course, sitting),
    )


def start(ask: Ask) -> Reply:
    """The clock begins."""
    begin(ask)
    return ask.to(_place(ask), "started")


def begin(ask: Ask) -> Sitting:
    """As :func:`start`.

    Raises:
        SittingError: the notice was not accepted, or the clock cannot be started now.
    """
    person = ask.someone
    _, digest = ask.service.pages.notice(openings.find(ask.course, person.opening or ""))
    if not sittings.has_accepted(ask.course, person, digest):
        raise SittingError("the notice has to be accepted first", do="it stands on your first page")
    return sittings.start(ask.course, person, ask.named["assignment"])


def file(ask: Ask) -> Reply:
    """One of the files that the candidate was given."""
    sitting = _sitting(ask)
    found = sittings.given_files(ask.course, sitting)
    data = found.get(f"{sitting.assignment}/{ask.named['file']}")
    if data is None:
        raise SittingError("there is no such file among those you were given")
    return download(data, ask.named["file"].rsplit("/", 1)[-1])


def package(ask: Ask) -> Reply:
    """All the files as one zip."""
    sitting = _sitting(ask)
    if not sitting.has_begun:
        raise SittingError("the files are there once the clock is started", do="press start")
    path = cases.package_path(ask.course, sitting.assignment, sitting.candidate)
    return download(path.read_bytes(), f"{sitting.assignment}.zip")


def as_script(ask: Ask) -> Reply:
    """The notebook as a script, for an editor."""
    sitting = _sitting(ask)
    name = sitting.assignment
    book = sittings.given_files(ask.course, sitting)[f"{name}/{name}.ipynb"]
    return download(script.of_notebook(book), f"{name}.py")


def upload(ask: Ask) -> Reply:
    """Keep files here; hand everything in that is kept, if that button was pressed."""
    sitting = _sitting(ask)
    if not sitting.has_begun:
        raise SittingError("nothing can be uploaded before the clock is started")
    if not ask.uploads and "hand_in" not in ask.form:
        raise UploadError("no file was chosen")
    if ask.uploads:
        saved.save(ask.course, sitting, ask.uploads)
    if "hand_in" in ask.form:
        return hand_in(ask)
    return ask.to(_place(ask), "saved")


def remove(ask: Ask) -> Reply:
    """Take a file out of what is kept."""
    saved.remove(ask.course, _sitting(ask), ask.form.get("name", ""))
    return ask.to(_place(ask), "removed")


def hand_in(ask: Ask) -> Reply:
    """Hand in everything that is kept here; the receipt is the next page."""
    sitting = _sitting(ask)
    kept = saved.files(ask.course, sitting)
    if not kept:
        raise UploadError("there is nothing saved here to hand in", do="upload it first")
    receipt = sittings.hand_in(
        ask.course, ask.someone, kept, by=ask.someone.name, assignment_id=sitting.assignment
    )
    return ask.to(f"{_place(ask)}receipts/{receipt.number}")


def receipt(ask: Ask) -> Reply:
    """What was taken, when, and the fingerprint of every file; as often as it is asked for."""
    facts = receipt_facts(ask)
    return ask.page("receipt", f"Receipt {facts['code']}", receipt=facts)


def receipt_facts(ask: Ask) -> dict[str, Any]:
    """A receipt as data.

    Raises:
        SittingError: there is none of that number.
    """
    assignment, candidate = ask.named["assignment"], ask.named["candidate"]
    rows = opened(ask.course).submissions(assignment, candidate)
    row = next((each for each in rows if str(each.number) == ask.named["number"]), None)
    if row is None:
        raise SittingError("there is no such receipt")
    return facts_of(ask, row)


def facts_of(ask: Ask, row: Submission) -> dict[str, Any]:
    """A receipt as data."""
    records = opened(ask.course)
    last = records.last_submission(row.assignment, row.candidate)
    kept = collecting.kept_receipt(ask.course, row)
    return {
        "assignment": row.assignment,
        "candidate": row.candidate,
        "number": row.number,
        "code": row.receipt,
        "digest": row.digest,
        "received": kept["received"],
        "late": records.is_late(row),
        "counts": bool(last and last.id == row.id),
        "files": kept["files"],
        "notes": row.notes,
    }


def feedback(ask: Ask) -> Reply:
    """The feedback, as it was released."""
    return Reply(_released(ask).page, policy=SEALED)


def feedback_notebook(ask: Ask) -> Reply:
    """The same as a notebook."""
    return download(_released(ask).notebook, f"{ask.named['assignment']}-feedback.ipynb")


def question(ask: Ask) -> Reply:
    """Ask the team something."""
    questions.ask(ask.course, ask.someone.name, ask.form.get("text", ""))
    return ask.to(f"candidates/{ask.someone.name}/", "asked")


def _released(ask: Ask) -> releases.Feedback:
    found = releases.released(ask.course, ask.named["assignment"], ask.named["candidate"])
    if found is None:
        raise SittingError("there is no feedback yet", do="your page says when it is there")
    return found


def _attempt(ask: Ask, sitting: Sitting) -> Attempt:
    records = opened(ask.course)
    last = records.last_submission(sitting.assignment, sitting.candidate)
    return Attempt(
        sitting,
        sittings.receipts(ask.course, sitting),
        last.number if last else None,
        records.late(sitting.assignment, sitting.candidate),
        releases.released(ask.course, sitting.assignment, sitting.candidate) is not None,
        ask.service.present.who(sitting.assignment, sitting.candidate),
    )


def _sitting(ask: Ask) -> Sitting:
    return sittings.find(ask.course, ask.someone, ask.named["assignment"])


def _place(ask: Ask) -> str:
    return f"candidates/{ask.someone.name}/{ask.named['assignment']}/"
