"""The rating screen: the attempt beside the rubric, one criterion at a time, blind to the others.

What is entered is a draft of the screen's own and counts nowhere, until its grader submits the
attempt, once: then it goes into the one store of ratings (:mod:`worksample.review.rating`) as from
every other door, and the automatic points and what the others gave can be seen.

The screen works without its script: each rating is a form. The script adds one key for each level,
picking evidence in the attempt, and drafts that save themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy import func, select

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import consensus
from worksample.assignments.consensus import Agreed
from worksample.assignments.model import Assignment, Criterion
from worksample.assignments.scorecard import RATINGS
from worksample.batch import formgrader
from worksample.course import Course
from worksample.errors import CandidateError, RatingError, WorksampleError
from worksample.exchange import (
    history,
    rating_attempt,
    rating_practice,
    rating_queue,
    rating_readers,
)
from worksample.exchange.asking import Ask, Reply, data
from worksample.exchange.rating_queue import Queue, Said, Subject, Way
from worksample.exchange.tables import opened
from worksample.feedback import record as building
from worksample.feedback.markup import anchor_id
from worksample.feedback.text import cut, title
from worksample.grading import prose
from worksample.records import evidence
from worksample.records.tables import Audit, Rating
from worksample.review import rating, reading
from worksample.review.rating import NO_INFORMATION
from worksample.scorecards import settings

DOOR = "screen"
CHANGED = "changed on the rating screen"
EXAMPLES = 2  # of each level that are shown
LONGEST = 2000  # characters of what a grader writes
LOOKED = "look at attempt"
_HERE = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Piece:
    """What is rated, found: the subject, and the notebook that was executed.

    Attributes:
        assignment: in the words that the candidate was given.
        card: the truth card, for graders only.
        checks: the automatic checks of the record; shown once the rating is submitted.
        digest: of all that the attempt's page is drawn from.
    """

    subject: Subject
    assignment: Assignment
    level: str
    notebook: Mapping[str, Any]
    status: Mapping[str, str]
    card: str
    checks: Mapping[str, Any]
    digest: str

    @property
    def works(self) -> dict[str, str]:
        """Criterion -> the cell that it is about."""
        found = building.work_cells(self.assignment, self.level)
        return {name: found.get(name, building.NOTE) for name in self.assignment.criteria}

    @property
    def cells(self) -> list[tuple[str, str]]:
        """The cells that a grader can point at: id and title."""
        titles = building.cell_titles(self.assignment, self.level)
        unseen = {each.id for each in self.assignment.cells if each.kind == "check"}
        unseen |= set(rating_attempt.UNSEEN)
        return [
            (name, titles.get(name) or title(name))
            for each in self.notebook["cells"]
            if (name := str(each["id"])) not in unseen
        ]


# ---- files ----


def style(ask: Ask) -> Reply:
    """The screen's style."""
    return _file("rating.css", "text/css; charset=utf-8")


def attempt_style(ask: Ask) -> Reply:
    """The attempt's style, which a page of no origin loads."""
    own = (_HERE / "rating-attempt.css").read_bytes()
    kind = "text/css; charset=utf-8"
    return Reply(ask.service.pages.style + b"\n" + own, kind, is_public=True)


def script(ask: Ask) -> Reply:
    """The screen's script."""
    return _file("rating.js", "text/javascript; charset=utf-8")


def kit_script(ask: Ask) -> Reply:
    """The script of interview kits."""
    return _file("rating-kit.js", "text/javascript; charset=utf-8")


def attempt_script(ask: Ask) -> Reply:
    """The attempt's script, which a page of no origin loads."""
    return _file("rating-attempt.js", "text/javascript; charset=utf-8")


def _file(name: str, kind: str) -> Reply:
    return Reply((_HERE / name).read_bytes(), kind, is_public=True)


# ---- pages ----


def screen(ask: Ask) -> Reply:
    """One criterion of one attempt."""
    queue, subject = _found(ask)
    if first := _probe(ask, subject):
        return ask.to(first)
    way = _way(ask.query)
    criterion = ask.query.get("criterion") or next(iter(queue.left(subject)), queue.criteria[0])
    if criterion not in queue.criteria:
        raise CandidateError(f"there is no criterion {criterion!r}")
    piece = _piece(ask.course, subject)
    done = subject.name in queue.submitted
    at = (subject, criterion)
    nonce = secrets.token_urlsafe(16)
    reply = ask.page(
        "rating-screen",
        f"{title(criterion)}: {piece.assignment.title}",
        nonce=nonce,
        queue=queue,
        subject=subject,
        way=way,
        criterion=_criterion(piece.assignment, criterion),
        name=criterion,
        names={each: title(each) for each in queue.criteria},
        said=queue.of(subject, criterion),
        states={each: queue.of(subject, each) for each in queue.criteria},
        left=queue.left(subject),
        done_with=done,
        cells=piece.cells,
        concerned=anchor_id(piece.works.get(criterion, building.NOTE)),
        anchor_of=anchor_id,
        examples=_examples(piece, criterion),
        card=Markup(prose.prose(piece.card)) if piece.card else "",
        reasons=NO_INFORMATION,
        number=queue.number(subject) + 1,
        before=_address(queue, way, before) if (before := queue.before(way, at)) else "",
        after=_next(queue, way, at),
        address=lambda criterion: _address(queue, way, (subject, criterion)),
        others=_others(ask, subject) if done and subject.kind == "attempts" else [],
        checks=_points(piece) if done else [],
        agreed=_agreed(piece) if done and subject.kind == "practice" else {},
        understood=_understood(ask.course, piece) if done and subject.kind == "attempts" else "",
        probed=_probed(ask, piece),
        grown=_grown(ask, subject),
        to_read=_to_read(ask.course, subject),
        done=SAID.get(ask.query.get("said", ""), ""),
    )
    return replace(reply, policy=rating_attempt.policy(nonce, framed=False))


SAID = {
    "kept": "Kept as a draft: choose a level, and the cell in which it is seen.",
    "submitted": "Submitted. Below are the automatic points, and what others gave.",
    "practised": "Submitted. Beside what you gave stands what is agreed on, and why.",
    "changed": "Changed. What you had given before stays on record.",
}


def attempt(ask: Ask) -> Reply:
    """The attempt, for the frame beside the rubric; that its grader looked at it is noted."""
    _, subject = _found(ask)
    if _probe(ask, subject):
        raise RatingError("the questions about the pictures come before the work")
    piece = _piece(ask.course, subject)
    _note_look(ask, subject)

    def draw() -> rating_attempt.Drawn:
        changes = None
        if subject.kind == "attempts" and cases.attempt_of(subject.assignment) == 2:
            changes = rating_attempt.changes_of(ask.course, subject.assignment, subject.name)
        return rating_attempt.shown(
            piece.assignment, piece.level, piece.notebook, piece.status, changes
        )

    key = (str(ask.course.root), subject.kind, subject.assignment, subject.name, piece.digest)
    drawn = rating_attempt.lately(key, draw)
    return rating_attempt.page(ask, drawn, f"The attempt {subject.code}")


def begin(ask: Ask) -> Reply:
    """Lead to the next place where something is to be rated."""
    queue, way = _queue(ask), _way(ask.query)
    place = queue.after(way, None) or next(
        ((each, queue.criteria[0]) for each in queue.unsubmitted() or queue.subjects), None
    )
    if place is None:
        raise CandidateError("there is nothing here to rate yet")
    return Reply(status=303, location=ask.service.prefix + _address(queue, way, place))


# ---- what is entered ----


def save(ask: Ask) -> Reply:
    """Keep what was entered for one criterion as a draft."""
    queue, subject = _found(ask)
    criterion, way = ask.form.get("criterion", ""), _way(ask.form)
    if criterion not in queue.criteria:
        raise CandidateError("there is no such criterion")
    if subject.name in queue.submitted:
        raise RatingError(
            "these ratings have been submitted", do="reload the page to change one, with a reason"
        )
    said = _entered(ask.form)
    if said.cell:
        _check_cell(_piece(ask.course, subject), said.cell)
    if said != queue.of(subject, criterion):
        rating_queue.keep(ask.course, subject, ask.someone.name, criterion, said)
    now = replace(queue, said={**queue.said, (subject.name, criterion): said})
    if "quiet" in ask.form:
        after = _next(now, way, (subject, criterion))
        return data(
            {
                "complete": said.is_complete,
                "left": now.left(subject),
                "next": ask.service.prefix + after if after else "",
            }
        )
    if not said.is_complete:
        return ask.to(_address(now, way, (subject, criterion)) + "&said=kept")
    return ask.to(_next(now, way, (subject, criterion)))


def submit(ask: Ask) -> Reply:
    """The grader is done with this attempt: what they gave counts, and goes into the one store."""
    queue, subject = _found(ask)
    way = _way(ask.form)
    if left := queue.left(subject):
        raise RatingError(
            f"not rated yet: {', '.join(map(title, left))}",
            do="rate them too; 0 with its reason says that there is not enough information",
        )
    if subject.name in queue.submitted:
        raise RatingError(
            "these ratings have been submitted before", do="change one, with a reason"
        )
    if subject.kind == "practice":
        rating_practice.submit(ask.course, queue, subject, ask.someone.name)
    else:
        _submit(ask.course, queue, subject, ask.someone.name)
    rating_queue.forget(ask.course, subject, ask.someone.name)
    here = (subject, ask.form.get("criterion") or queue.criteria[0])
    said = "practised" if subject.kind == "practice" else "submitted"
    return ask.to(f"{_address(queue, way, here)}&said={said}")


def change(ask: Ask) -> Reply:
    """Another rating after the submission, with its reason; the one before stays on record."""
    queue, subject = _found(ask)
    criterion, entered = ask.form.get("criterion", ""), _entered(ask.form)
    why = " ".join(ask.form.get("why", "").split())
    if subject.kind == "practice" or subject.name not in queue.submitted:
        raise RatingError("nothing has been submitted that could be changed")
    if entered.value is None or not (why or entered.value == 0):
        raise RatingError("a change takes a level and a reason")
    reason = entered.reason if entered.value == 0 else why
    before = queue.of(subject, criterion)
    _rate(ask.course, subject, criterion, ask.someone.name, replace(
        entered, reason=reason, evidence=entered.evidence or before.evidence,
        cell=entered.cell or before.cell,
    ))  # fmt: skip
    return ask.to(_address(queue, _way(ask.form), (subject, criterion)) + "&said=changed")


def _submit(course: Course, queue: Queue, subject: Subject, grader: str) -> None:
    """Write what is new, then say that this grader is done; again completes it after a kill."""
    given = _given(course, subject, grader)
    for criterion in queue.criteria:
        said = queue.of(subject, criterion)
        before = given.get(criterion)
        if said == before:
            continue
        if said.value and before and not said.reason:
            said = replace(said, reason=CHANGED)
        _rate(course, subject, criterion, grader, said)
    with _told():
        rating.submit(course, subject.assignment, subject.name, grader)


def _given(course: Course, subject: Subject, grader: str) -> dict[str, Said]:
    """What stands in the store: this grader's, and with one grader whoever's is the newest."""
    records = opened(course)
    if settings.of(course).graders_of(subject.assignment) == 1:
        rows = records.all_ratings(subject.assignment, subject.name)
    else:
        every = records.ratings(subject.assignment, subject.name)
        rows = [row for row in every if row.grader == grader]
    return {row.criterion: _said(row) for row in rows}


def _said(row: Rating) -> Said:
    none = row.value is None
    return Said(
        0 if row.value is None else row.value, row.reason if none else "", row.evidence, row.cell
    )


def _rate(course: Course, subject: Subject, criterion: str, grader: str, said: Said) -> None:
    assert said.value is not None
    with _told():
        rating.rate(
            course,
            subject.assignment,
            subject.name,
            criterion,
            said.value,
            grader,
            reason=said.reason,
            seen=said.evidence,
            cell=said.cell,
            door=DOOR,
        )


@contextmanager
def _told() -> Iterator[None]:
    """What the store refuses is told to the grader, and is no fault of the service's."""
    try:
        yield
    except WorksampleError as error:
        raise RatingError(error.what, error.where, error.do) from error


def _entered(form: Mapping[str, str]) -> Said:
    value, cell = form.get("value", ""), form.get("cell", "")[:128]
    if value not in ("", "0", *map(str, RATINGS)):
        raise RatingError("a rating is 1, 2, 3 or 4, or 0 for not enough information")
    level = int(value) if value else None
    reason = form.get("reason", "") if level == 0 else ""
    if reason not in ("", *NO_INFORMATION):
        raise RatingError(f"0 has one of these reasons: {', '.join(NO_INFORMATION)}")
    words = cut(form.get("evidence", "").strip(), LONGEST)
    return Said(level, reason, words, cell)


def _check_cell(piece: Piece, cell: str) -> None:
    if cell not in dict(piece.cells):
        raise RatingError(f"the attempt has no cell {cell!r}", do="pick another one")


# ---- what is seen ----


def once_rated(call: Callable[[Ask], Reply]) -> Callable[[Ask], Reply]:
    """Only for who has nothing left to rate there: it shows points, or what others gave.

    A grader who has not submitted their ratings is asked to do that first, as long as ratings of
    theirs are wanted; so is an administrator who has begun to rate there. With one grader there is
    nobody to be blind to.
    """

    def answer(ask: Ask) -> Reply:
        name, candidate = ask.named["assignment"], ask.named["candidate"]
        person = ask.someone
        if not person.is_candidate and rating_queue.is_blind(ask.course, name, candidate, person):
            raise RatingError(
                "it shows what you are to judge by yourself first",
                do="submit your ratings of this attempt on the rating screen, then come back",
            )
        return call(ask)

    return answer


def _grown(ask: Ask, subject: Subject) -> list[str]:
    """How the notebook grew, a line a version, where it was kept; without any time."""
    if subject.kind != "attempts":
        return []
    return history.changes(ask.course, subject.assignment, subject.name)


def _others(ask: Ask, subject: Subject) -> list[Rating]:
    with _told():
        rows = rating.shown(ask.course, subject.assignment, subject.name, ask.someone.name)
    return [row for row in rows if row.grader != ask.someone.name]


def _probe(ask: Ask, subject: Subject) -> str:
    """Where a freeze probe is to be answered before this is rated; empty where none is."""
    if subject.kind != "attempts":
        return ""
    return rating_readers.before_rating(ask, subject.assignment, subject.name)


def _understood(course: Course, piece: Piece) -> str:
    """What readers understood; empty where the work sample asks none."""
    if not reading.has_test(piece.assignment):
        return ""
    rows = opened(course).readings(piece.subject.assignment, piece.subject.name)
    return reading.summary(rows, reading.is_probe(piece.assignment))


def _probed(ask: Ask, piece: Piece) -> str:
    """What this grader answered in the freeze probe: an anchor may go by it; else empty."""
    subject = piece.subject
    if subject.kind != "attempts" or not reading.is_probe(piece.assignment):
        return ""
    rows = opened(ask.course).readings(subject.assignment, subject.name)
    mine = [row for row in rows if row.reader == ask.someone.name]
    if not mine:
        return reading.NOT_OBSERVED
    return f"{mine[0].right} right, {mine[0].not_said} not shown, {mine[0].misled} misled"


def _to_read(course: Course, subject: Subject) -> int:
    """How many are to read before this can be submitted."""
    if subject.kind != "attempts":
        return 0
    return reading.waited_for(course, subject.assignment, subject.name)


def _points(piece: Piece) -> list[tuple[str, float, float]]:
    return [(title(k), each["points"], each["possible"]) for k, each in piece.checks.items()]


def _note_look(ask: Ask, subject: Subject) -> None:
    """Once for each grader and attempt."""
    if subject.kind == "practice":
        return
    place = {"assignment": subject.assignment, "candidate": subject.name, "action": LOOKED}
    query = select(func.count()).select_from(Audit).filter_by(**place, actor=ask.someone.name)
    records = opened(ask.course)
    with records.session() as session:
        known = session.scalar(query)
    if not known:
        records.add(Audit(**place, actor=ask.someone.name, detail={}))


def _criterion(assignment: Assignment, name: str) -> Criterion:
    return assignment.criteria[name]


def _examples(piece: Piece, criterion: str) -> dict[int, list[tuple[Agreed, Markup]]]:
    """Level -> examples of it: what was written, and why it is rated so."""
    found: dict[int, list[tuple[Agreed, Markup]]] = {level: [] for level in RATINGS}
    cell = piece.works.get(criterion, "")
    author = piece.assignment
    for each in consensus.read(author):
        if each.criterion != criterion or each.name == piece.subject.practice or not each.value:
            continue
        text = each.text or _answer(author, each.name, piece.level, cell)
        if len(found[each.value]) < EXAMPLES:
            shown = Markup(prose.prose(text)) if text.strip() else Markup("<p>Left empty.</p>")
            found[each.value].append((each, shown))
    return {level: given for level, given in found.items() if given}


def _answer(assignment: Assignment, solution: str, level: str, cell: str) -> str:
    """What a reference solution wrote there, as markdown."""
    text = assignment.solution(solution).sources(level).get(cell, "")
    is_code = any(each.id == cell and each.type == "code" for each in assignment.cells)
    return f"```python\n{text}\n```" if is_code and text.strip() else text


def _agreed(piece: Piece) -> dict[str, Agreed]:
    return consensus.of_solutions(piece.assignment)[piece.subject.name]


# ---- finding ----


def _queue(ask: Ask) -> Queue:
    make = rating_queue.practice if ask.named["kind"] == "practice" else rating_queue.work
    return make(ask.course, ask.named["assignment"], ask.someone.name)


def _found(ask: Ask) -> tuple[Queue, Subject]:
    queue = _queue(ask)
    subject = queue.find(ask.named["code"])
    if subject.kind == "attempts" and settings.of(ask.course).graders_of(subject.assignment) == 1:
        queue = _alone(ask, queue, subject)
    return queue, subject


def _alone(ask: Ask, queue: Queue, subject: Subject) -> Queue:
    """With one grader, what any door wrote is what this one shows."""
    formgrader.settle(ask.course, subject.assignment, subject.name)
    given = _given(ask.course, subject, ask.someone.name)
    store = {(subject.name, criterion): said for criterion, said in given.items()}
    drafts = rating_queue.drafts(ask.course, subject, ask.someone.name)
    if subject.name in queue.submitted:
        drafts = {}
    return replace(queue, said={**queue.said, **store, **drafts})


def _piece(course: Course, subject: Subject) -> Piece:
    if subject.kind == "practice":
        return _practised(course, subject)
    found = evidence.latest(course, subject.assignment, subject.name)
    if found is None:
        raise CandidateError("there is no graded attempt of that candidate")
    card = cases.bound(course, subject.assignment, subject.name).private / "truth_card.md"
    return Piece(
        subject,
        rating.criteria(course, subject.assignment, subject.name),
        found["case"]["level"],
        evidence.notebook(course, found),
        found["run"]["cells"],
        card.read_text(encoding="utf-8") if card.is_file() else "",
        found["checks"],
        f"{found['notebook']} {found['case'].get('skin', '')}",
    )


def _practised(course: Course, subject: Subject) -> Piece:
    kept = rating_practice.read(course, subject.assignment, subject.name)
    return Piece(
        subject,
        assignments.find(course, subject.assignment),
        kept.level,
        kept.notebook,
        kept.status,
        kept.card,
        {},
        kept.digest,
    )


def _way(given: Mapping[str, str]) -> Way:
    return cast(Way, "candidate" if given.get("by") == "candidate" else "criterion")


def _address(queue: Queue, way: Way, place: tuple[Subject, str]) -> str:
    subject, criterion = place
    query = urlencode({"criterion": criterion, "by": way})
    return f"team/rating/{queue.kind}/{queue.assignment}/{subject.code}?{query}"


def _next(queue: Queue, way: Way, at: tuple[Subject, str]) -> str:
    """Where to go on: what is left to rate, else what waits to be submitted, else the overview."""
    if place := queue.after(way, at):
        return _address(queue, way, place)
    if waiting := queue.unsubmitted():
        return _address(queue, way, (waiting[0], queue.criteria[-1]))
    return "team/rating/"
