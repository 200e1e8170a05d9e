"""The reader test on screen: the text for a few minutes, questions beside it, nothing else.

A reader meets attempts under codes, as a grader does, and is shown neither rubric nor truth card.
Their minutes count from the moment they ask for the text, and here, not in their browser; what a
candidate wrote is shown in a frame that may do nothing. When the minutes are over the text is not
given any more, and the questions can still be answered.

A freeze probe goes the same way, except that its reader is the one who rates, that pictures of the
work are looked at alone, and that the questions come when these are gone.
"""

from __future__ import annotations

import base64
import math
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from markupsafe import Markup
from sqlalchemy import select

from worksample import assignments
from worksample.assignments.case import base_id
from worksample.errors import CandidateError, RatingError
from worksample.exchange import rating_attempt, rating_queue
from worksample.exchange.asking import Ask, Reply
from worksample.exchange.rating_attempt import Drawn, Output, Shown
from worksample.exchange.tables import ReadingBegun, opened
from worksample.kit.readers import Picture
from worksample.records.models import Audit, now
from worksample.review import reading
from worksample.scorecards import settings

DOOR = "screen"
SEEN = "end looking"
SPARE = timedelta(seconds=15)  # for the page to arrive
NUMBER = "number-"
_HERE = Path(__file__).parent / "templates"
#: what a candidate wrote, in its frame: no script at all, and no origin
_FRAMED = (
    "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)


@dataclass(frozen=True)
class Reading:
    """How far the reader test of an assignment is, for one person.

    Attributes:
        is_probe: it is a freeze probe, which the rating begins with.
    """

    is_probe: bool
    wanted: int
    mine: int
    left: int


def script(ask: Ask) -> Reply:
    """The script that counts the minutes down."""
    kind = "text/javascript; charset=utf-8"
    return Reply((_HERE / "reader.js").read_bytes(), kind, is_public=True)


def waiting(ask: Ask, name: str) -> Reading | None:
    """What this person can still read; None where there are no questions for readers."""
    assignment = assignments.find(ask.course, base_id(name))
    if not reading.has_test(assignment):
        return None
    records, mine = opened(ask.course), ask.someone.name
    every = rating_queue.attempts(ask.course, name)
    done = [who for who in every if any(r.reader == mine for r in records.readings(name, who))]
    left = [who for who in every if not _refusal(ask, name, who)]
    probed, how = reading.is_probe(assignment), settings.of(ask.course)
    wanted = int(how.probes(name)) if probed else how.readers_of(name)
    return Reading(probed, wanted, len(done), len(left))


def lead(ask: Ask) -> Reply:
    """To the next attempt that this person can read: the least read first."""
    name = _tested(ask)
    records = opened(ask.course)
    able = [who for who in rating_queue.attempts(ask.course, name) if not _refusal(ask, name, who)]
    if not able:
        raise CandidateError("there is nothing here that you can read")
    who = min(able, key=lambda each: (len(records.readings(name, each)), _code(ask, name, each)))
    return ask.to(_place(name, _code(ask, name, who)))


def before_rating(ask: Ask, name: str, who: str) -> str:
    """Where this grader answers a freeze probe first; empty where none is due."""
    if not reading.is_probe_due(ask.course, name, who, ask.someone.name):
        return ""
    by = "candidate" if ask.query.get("by") == "candidate" else "criterion"
    return f"{_place(name, _code(ask, name, who))}?by={by}"


def screen(ask: Ask) -> Reply:
    """First what will happen, then the questions, the text beside them while there is time."""
    name, who = _found(ask)
    test = reading.test_of(ask.course, name, who)
    mine = ask.someone.name
    row = next((r for r in opened(ask.course).readings(name, who) if r.reader == mine), None)
    begun, refused = _begun(ask, name, who), _refusal(ask, name, who)
    left = _left(begun, test.minutes) if begun else 0
    if test.is_probe and _seen(ask, name, who):
        left = 0
    by = "candidate" if ask.query.get("by") == "candidate" else "criterion"
    nonce = secrets.token_urlsafe(16)
    reply = ask.page(
        "reader",
        f"{'Look' if test.is_probe else 'Read'}: {test.assignment.title}",
        nonce=nonce,
        by=by,
        rated_at=_rated_at(ask, name, who, by),
        here=_place(name, ask.named["code"]),
        test=test,
        done_with=row is not None,
        refused="" if row else refused,
        begun=begun is not None,
        left=left,
        until=begun + timedelta(minutes=test.minutes) if begun else None,
    )
    return replace(reply, policy=rating_attempt.policy(nonce, framed=False))


def text(ask: Ask) -> Reply:
    """What the candidate wrote, and nothing else, while the minutes last."""
    name, who = _found(ask)
    test, begun = reading.test_of(ask.course, name, who), _begun(ask, name, who)
    over = begun is None or _left(begun, test.minutes) + SPARE.total_seconds() <= 0
    if over or (test.is_probe and _seen(ask, name, who)):
        raise RatingError("the minutes for reading are over", do="answer from what you remember")
    drawn = drawn_text(test)
    nonce = secrets.token_urlsafe(16)
    page = ask.service.pages.draw(
        "reader-text",
        "What is drawn" if test.is_probe else "What was written",
        ask,
        cells=drawn.cells,
        titled=test.is_probe,
        nonce=nonce,
    )
    return Reply(page.encode("utf-8"), policy=_FRAMED.format(nonce=nonce))


def begin(ask: Ask) -> Reply:
    """The minutes begin."""
    name, who = _found(ask)
    if why := _refusal(ask, name, who):
        raise RatingError(f"you cannot read this: {why}")
    reading.test_of(ask.course, name, who)
    if _begun(ask, name, who) is None:
        row = ReadingBegun(assignment=name, candidate=who, reader=ask.someone.name)
        opened(ask.course).add(row)
    return ask.to(_back(ask, name))


def seen(ask: Ask) -> Reply:
    """Who answers a freeze probe has looked long enough; the pictures are not given any more."""
    name, who = _found(ask)
    if _begun(ask, name, who) is None or not reading.test_of(ask.course, name, who).is_probe:
        raise RatingError("there is nothing to end here", do="press Begin first")
    if _seen(ask, name, who) is None:
        row = Audit(assignment=name, candidate=who, actor=ask.someone.name, action=SEEN, detail={})
        opened(ask.course).add(row)
    return ask.to(_back(ask, name))


def answer(ask: Ask) -> Reply:
    """All answers at once; they cannot be given again."""
    name, who = _found(ask)
    begun, mine = _begun(ask, name, who), ask.someone.name
    if begun is None:
        raise RatingError("read it first", do="press Begin")
    if why := _refusal(ask, name, who):
        raise RatingError(f"you cannot read this: {why}")
    test = reading.test_of(ask.course, name, who)
    ended = _seen(ask, name, who) if test.is_probe else now()
    if ended is None and _left(begun, test.minutes) > 0:
        raise RatingError("the pictures are still shown", do="look, then press “I have seen it”")
    said, missing = {}, []
    for each in test.questions:
        given = ask.form.get(f"said-{each.id}", "")
        if given == "answer" and not each.options:
            given = ask.form.get(NUMBER + each.id, "").strip()
            missing += [] if given else [each.ask]
        elif given == "not said":
            given = reading.NOT_SAID
        elif not given or not each.options:
            missing.append(each.ask)
        said[each.id] = given
    if missing:
        raise RatingError(
            f"not answered yet: {' · '.join(missing)}", do="go back; “not said” is an answer too"
        )
    # what the candidate wrote was in sight until the minutes ended, or this was sent
    seconds = min(((ended or now()) - begun).total_seconds(), 60 * test.minutes)
    reading.read(ask.course, name, who, mine, said, seconds, DOOR)
    if test.is_probe:
        return ask.to(_rated_at(ask, name, who, ask.form.get("by", "")))
    return ask.to(_place(name, ask.named["code"]))


def drawn_text(test: reading.Test) -> Drawn:
    """What readers see: prose as it was meant to look, and what code put out; or pictures."""
    if test.pictures is not None:
        return Drawn(tuple(_pictured(n, each) for n, each in enumerate(test.pictures())))
    drawn = rating_attempt.shown(test.assignment, test.level, test.notebook, test.status)
    return replace(drawn, cells=tuple(map(_without_code, drawn.cells)))


def _pictured(number: int, picture: Picture) -> Shown:
    encoded = f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"
    shown = Output(picture=encoded, alt=picture.alt, figure=number + 1)
    return Shown(
        id=f"picture-{number + 1}",
        anchor=f"picture-{number + 1}",
        kind="given",
        title=picture.title,
        prose=Markup(),
        source="",
        ended="",
        outputs=(shown,),
    )


def _without_code(cell: Shown) -> Shown:
    return cell if cell.prose else replace(cell, source="" if cell.outputs else cell.source)


# ---- who, and since when ----


def _refusal(ask: Ask, name: str, who: str) -> str:
    mine = ask.someone.name
    probed = reading.is_probe(assignments.find(ask.course, base_id(name)))
    if not probed and rating_queue.has_begun(ask.course, name, who, mine):
        return "you have begun to rate it"
    return reading.refusal(ask.course, name, who, mine)


def _tested(ask: Ask) -> str:
    name = ask.named["assignment"]
    if not reading.has_test(assignments.find(ask.course, base_id(name))):
        raise CandidateError("there are no questions for readers")
    return name


def _found(ask: Ask) -> tuple[str, str]:
    name = _tested(ask)
    for who in rating_queue.attempts(ask.course, name):
        if secrets.compare_digest(_code(ask, name, who), ask.named["code"]):
            return name, who
    raise CandidateError("there is no such attempt for you to read")


def _code(ask: Ask, name: str, who: str) -> str:
    return rating_queue.code_of(ask.course, "readers", name, ask.someone.name, who)


def _place(name: str, code: str) -> str:
    return f"team/rating/readers/{name}/{code}"


def _back(ask: Ask, name: str) -> str:
    """The same page, in the same way through the attempts."""
    by = f"?by={ask.form['by']}" if ask.form.get("by") in ("candidate", "criterion") else ""
    return _place(name, ask.named["code"]) + by


def _rated_at(ask: Ask, name: str, who: str, by: str) -> str:
    """Where this attempt is rated."""
    code = rating_queue.code_of(ask.course, "attempts", name, ask.someone.name, who)
    way = "candidate" if by == "candidate" else "criterion"
    return f"team/rating/attempts/{name}/{code}?by={way}"


def _seen(ask: Ask, name: str, who: str) -> datetime | None:
    """When somebody said that they had looked long enough."""
    place = {"assignment": name, "candidate": who, "actor": ask.someone.name, "action": SEEN}
    with opened(ask.course).session() as session:
        return session.scalar(select(Audit.time).filter_by(**place).limit(1))


def _begun(ask: Ask, name: str, who: str) -> datetime | None:
    place = {"assignment": name, "candidate": who, "reader": ask.someone.name}
    with opened(ask.course).session() as session:
        return session.scalar(select(ReadingBegun.time).filter_by(**place))


def _left(begun: datetime, minutes: float) -> int:
    """Whole seconds that are left; below 0 afterwards."""
    return math.floor((begun + timedelta(minutes=minutes) - now()).total_seconds())
