"""An interview kit filled in on screen: questions with notes, the scorecard, the recommendation.

The same store and the same blindness as everywhere: what is entered is a draft until it is
submitted, once; what others gave at this stage is shown after that.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select

from worksample import kits
from worksample.assignments.scorecard import RATINGS, STAGES
from worksample.errors import CandidateError, RatingError
from worksample.exchange import rating_attempt
from worksample.exchange.asking import Ask, Reply, data
from worksample.exchange.tables import IssuedLink, RatingDraft, opened
from worksample.feedback.text import cut
from worksample.handouts.kit import RECOMMENDATIONS, REFERENCE_WORDS, RULES, SCALE
from worksample.kits import Kit
from worksample.records.tables import InterviewNote, Invitation, Rating, RatingsSubmitted
from worksample.review import interviews
from worksample.review.interviews import NO_INFORMATION, Entry, Sheet

RATED = tuple(name for name, stage in kits.NAMES.items() if stage in STAGES)
LONGEST = 4000  # characters of one note
RECOMMENDATION = "recommendation"


@dataclass(frozen=True)
class Held:
    """An interview that somebody has begun to fill in."""

    kit: str
    title: str
    candidate: str
    done: bool


def lead(ask: Ask) -> Reply:
    """From the form of the overview to the kit."""
    kit, candidate = ask.query.get("kit", ""), ask.query.get("candidate", "")
    if kit not in RATED or not _is_known(ask, candidate):
        raise CandidateError("choose a kit and a candidate")
    return ask.to(f"team/rating/kits/{kit}/{candidate}/")


def screen(ask: Ask) -> Reply:
    """The kit, as far as this person has filled it in."""
    kit, candidate, name = _found(ask)
    done = _is_done(ask, name, candidate)
    sheet = _submitted(ask, kit, candidate) if done else _drafted(ask, kit, candidate)
    nonce = secrets.token_urlsafe(16)
    reply = ask.page(
        "rating-kit",
        f"{kit.title}: {candidate}",
        kit=kit,
        candidate=candidate,
        sheet=sheet,
        none=Entry(),
        left=interviews.left(kit, sheet),
        done_with=done,
        others=interviews.shown(ask.course, kit, candidate, ask.someone.name),
        values=kits.profile(ask.course).values if kit.stage == "team and culture" else (),
        reasons=NO_INFORMATION,
        scale=SCALE,
        rules=RULES,
        recommendations=RECOMMENDATIONS,
        reference=REFERENCE_WORDS if kit.stage == "reference check" else "",
        key_of=_key,
        choices=_choices,
        nonce=nonce,
    )
    return replace(reply, policy=rating_attempt.policy(nonce, framed=False))


def save(ask: Ask) -> Reply:
    """Keep what was entered as a draft."""
    kit, candidate, name = _found(ask)
    if _is_done(ask, name, candidate):
        raise RatingError("this kit has been submitted")
    sheet = _entered(kit, ask.form)
    _keep(ask, name, candidate, kit, sheet)
    if "quiet" in ask.form:
        return data({"left": interviews.left(kit, sheet)})
    return ask.to(f"team/rating/kits/{kit.name}/{candidate}/")


def submit(ask: Ask) -> Reply:
    """Done: it counts, and what others gave can be seen."""
    kit, candidate, name = _found(ask)
    sheet = _entered(kit, ask.form)
    if not _is_done(ask, name, candidate):
        _keep(ask, name, candidate, kit, sheet)
    interviews.submit(ask.course, kit, candidate, ask.someone.name, sheet)
    with opened(ask.course).session() as session:
        for row in session.scalars(select(RatingDraft).filter_by(**_place(ask, name, candidate))):
            session.delete(row)
    return ask.to(f"team/rating/kits/{kit.name}/{candidate}/")


def held(ask: Ask) -> list[Held]:
    """What this person has begun to fill in, or submitted."""
    mine = ask.someone.name
    with opened(ask.course).session() as session:
        drafts = session.execute(
            select(RatingDraft.assignment, RatingDraft.candidate)
            .where(RatingDraft.grader == mine, RatingDraft.assignment.startswith("kit:"))
            .distinct()
        ).all()
        done = session.execute(
            select(RatingsSubmitted.assignment, RatingsSubmitted.candidate).where(
                RatingsSubmitted.grader == mine, RatingsSubmitted.assignment.startswith("kit:")
            )
        ).all()
    finished = {tuple(row) for row in done}
    found = sorted({*map(tuple, drafts), *finished})
    names = {interviews.assignment_of(name): name for name in RATED}
    return [
        Held(names[name], kits.kit(ask.course, names[name]).title, who, (name, who) in finished)
        for name, who in found
        if name in names
    ]


# ---- the form ----


def _key(name: str) -> str:
    """A name that a form's field can have."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _choices(scale: str) -> range:
    """The numbers that a question asks for: "1 to 10"."""
    low, _, high = scale.partition(" to ")
    return range(int(low), int(high) + 1)


def _entered(kit: Kit, form: Mapping[str, str]) -> Sheet:
    asked = {each.name for each in kit.questions}
    return Sheet(
        lines={line: _entry(_key(line), form, asked) for line in interviews.rated(kit)},
        notes={name: _text(form, f"note-{name}") for name in asked},
        numbers={
            each.name: number
            for each in kit.questions
            if each.scale
            and (number := _number(form, f"number-{each.name}")) is not None
            and number in _choices(each.scale)
        },
        recommendation=_number(form, RECOMMENDATION, (0, *RATINGS)) if kit.recommends else None,
        why=_text(form, "why"),
    )


def _entry(key: str, form: Mapping[str, str], asked: set[str]) -> Entry:
    value = _number(form, f"value-{key}", (0, *RATINGS))
    reason = form.get(f"reason-{key}", "") if value == 0 else ""
    question = form.get(f"question-{key}", "")
    return Entry(
        value,
        reason if reason in NO_INFORMATION else "",
        _text(form, f"evidence-{key}"),
        question if question in asked else "",
    )


def _text(form: Mapping[str, str], field: str) -> str:
    return cut(form.get(field, "").strip(), LONGEST)


def _number(form: Mapping[str, str], field: str, of: tuple[int, ...] = ()) -> int | None:
    given = form.get(field, "")
    value = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else None
    return value if not of or value in of else None


# ---- where it is kept ----


def _found(ask: Ask) -> tuple[Kit, str, str]:
    name, candidate = ask.named["kit"], ask.named["candidate"]
    if name not in RATED or not _is_known(ask, candidate):
        raise CandidateError("there is no such interview")
    return kits.kit(ask.course, name), candidate, interviews.assignment_of(name)


def _is_known(ask: Ask, candidate: str) -> bool:
    with opened(ask.course).session() as session:
        return any(
            session.scalar(select(table.id).filter_by(candidate=candidate).limit(1)) is not None
            for table in (Invitation, IssuedLink)
        )


def _is_done(ask: Ask, name: str, candidate: str) -> bool:
    return ask.someone.name in opened(ask.course).submitters(name, candidate)


def _place(ask: Ask, name: str, candidate: str) -> dict[str, str]:
    return {
        "assignment": name,
        "candidate": candidate,
        "grader": ask.someone.name,
        "practice": "",
    }


def _keep(ask: Ask, name: str, candidate: str, kit: Kit, sheet: Sheet) -> None:
    """One row for each line and note: the newest is all there is."""
    place = _place(ask, name, candidate)
    rows = {
        **{line: each for line, each in sheet.lines.items() if each != Entry()},
        **{
            f"note:{each}": Entry(sheet.numbers.get(each), "", text)
            for each, text in sheet.notes.items()
            if text or each in sheet.numbers
        },
    }
    if sheet.recommendation is not None or sheet.why:
        rows[RECOMMENDATION] = Entry(sheet.recommendation, "", sheet.why)
    with opened(ask.course).session() as session:
        for old in session.scalars(select(RatingDraft).filter_by(**place)):
            session.delete(old)
        session.flush()
        session.add_all(
            RatingDraft(
                **place,
                criterion=line,
                value=each.value,
                reason=each.reason,
                evidence=each.evidence,
                cell=each.question,
            )
            for line, each in rows.items()
        )


def _drafted(ask: Ask, kit: Kit, candidate: str) -> Sheet:
    place = _place(ask, interviews.assignment_of(kit.name), candidate)
    with opened(ask.course).session() as session:
        rows = {
            row.criterion: Entry(row.value, row.reason, row.evidence, row.cell)
            for row in session.scalars(select(RatingDraft).filter_by(**place))
        }
    return _sheet(kit, rows)


def _submitted(ask: Ask, kit: Kit, candidate: str) -> Sheet:
    """Read from the store, as everybody will."""
    name, mine = interviews.assignment_of(kit.name), ask.someone.name
    records = opened(ask.course)
    rows = {
        row.criterion: _of(row) for row in records.ratings(name, candidate) if row.grader == mine
    }
    place = {"assignment": name, "candidate": candidate, "interviewer": mine}
    with records.session() as session:
        for note in session.scalars(select(InterviewNote).filter_by(**place)):
            rows[f"note:{note.question}"] = Entry(note.number, "", note.text)
    for row in records.recommendations(candidate, interviews=True):
        if (row.person, row.stage) == (mine, kit.stage):
            rows[RECOMMENDATION] = Entry(row.value or 0, "", row.reason)
    return _sheet(kit, rows)


def _of(row: Rating) -> Entry:
    return Entry(row.value or 0, row.reason, row.evidence, row.cell)


def _sheet(kit: Kit, rows: Mapping[str, Entry]) -> Sheet:
    notes = {each.name: rows.get(f"note:{each.name}", Entry()) for each in kit.questions}
    signed = rows.get(RECOMMENDATION, Entry())
    return Sheet(
        lines={line: rows[line] for line in interviews.rated(kit) if line in rows},
        notes={name: each.evidence for name, each in notes.items() if each.evidence},
        numbers={name: each.value for name, each in notes.items() if each.value is not None},
        recommendation=signed.value,
        why=signed.evidence,
    )
