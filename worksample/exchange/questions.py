"""Questions to the team, and the team's answers. Both are text; nothing in them is markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from worksample.course import Course
from worksample.errors import CandidateError, UploadError
from worksample.exchange.tables import Answer, Question, opened
from worksample.records.tables import Audit

LONGEST = 2000  # characters
MOST_OPEN = 20  # of one candidate, that nobody has answered yet
CANNED = "We can't tell you that: finding it out is part of the work."


@dataclass(frozen=True)
class Said:
    """An answer."""

    by: str
    text: str
    time: datetime


@dataclass(frozen=True)
class Asked:
    """A question, with its answers in the order in which they were given."""

    number: int
    candidate: str
    assignment: str
    text: str
    time: datetime
    answers: tuple[Said, ...]


def ask(course: Course, candidate: str, text: str, assignment: str = "") -> Asked:
    """Put a question.

    Raises:
        UploadError: it is empty or too long, or too many wait for an answer.
    """
    words = _checked(text)
    if sum(not each.answers for each in of(course, candidate)) >= MOST_OPEN:
        raise UploadError(f"{MOST_OPEN} of your questions wait for an answer already")
    row = Question(candidate=candidate, assignment=assignment, text=words)
    opened(course).add(row, _audit(candidate, assignment, candidate, "question"))
    return Asked(row.id, candidate, assignment, words, row.time, ())


def answer(course: Course, number: int, by: str, text: str) -> None:
    """Answer a question; a second answer is shown after the first.

    Raises:
        CandidateError: there is no such question.
        UploadError: the answer is empty or too long.
    """
    words = _checked(text)
    with opened(course).session() as session:
        asked = session.get(Question, number)
    if asked is None:
        raise CandidateError("there is no such question")
    who = {"candidate": asked.candidate, "assignment": asked.assignment}
    row = Answer(**who, question=number, actor=by, text=words)
    opened(course).add(row, _audit(asked.candidate, asked.assignment, by, "answer"))


def of(course: Course, candidate: str | None = None) -> list[Asked]:
    """A candidate's questions, or everybody's; the oldest first."""
    asked, said = select(Question), select(Answer)
    if candidate is not None:
        asked, said = asked.filter_by(candidate=candidate), said.filter_by(candidate=candidate)
    with opened(course).session() as session:
        questions: Sequence[Question] = session.scalars(asked.order_by(Question.id)).all()
        answers: Sequence[Answer] = session.scalars(said.order_by(Answer.id)).all()
    return [
        Asked(
            each.id,
            each.candidate,
            each.assignment,
            each.text,
            each.time,
            tuple(Said(a.actor, a.text, a.time) for a in answers if a.question == each.id),
        )
        for each in questions
    ]


def waiting(course: Course) -> int:
    """How many questions nobody has answered."""
    answered = select(Answer.question)
    query = select(func.count()).select_from(Question).where(Question.id.not_in(answered))
    with opened(course).session() as session:
        return session.scalar(query) or 0


def _checked(text: str) -> str:
    words = text.strip()
    if not words:
        raise UploadError("there is nothing in it", do="write what you want to say")
    if len(words) > LONGEST:
        raise UploadError(f"it is longer than {LONGEST} characters", do="shorten it")
    return words


def _audit(candidate: str, assignment: str, by: str, action: str) -> Audit:
    return Audit(candidate=candidate, assignment=assignment, actor=by, action=action, detail={})
