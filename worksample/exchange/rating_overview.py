"""What a grader has to rate, their practice, their interviews; and how graders compare."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from worksample import assignments, kits
from worksample.assignments import consensus
from worksample.assignments.case import base_id
from worksample.exchange import rating_kits, rating_practice, rating_queue, rating_readers
from worksample.exchange.asking import Ask, Reply
from worksample.exchange.rating_practice import Practised
from worksample.exchange.rating_queue import Queue
from worksample.exchange.rating_readers import Reading
from worksample.exchange.tables import IssuedLink, opened
from worksample.feedback.text import title
from worksample.records.tables import Invitation
from worksample.scorecards import settings
from worksample.scorecards.statistics import Figure


@dataclass(frozen=True)
class Work:
    """One assignment, as its grader finds it."""

    title: str
    queue: Queue
    practice: Queue
    graders: int
    reading: Reading | None = None


@dataclass(frozen=True)
class Compared:
    """One grader beside the others."""

    practised: Practised | None = None
    severity: str = "nothing submitted yet"


def overview(ask: Ask) -> Reply:
    """Everything that waits for this person."""
    grades = ask.someone.role != "interviewer"
    works = _works(ask) if grades else None
    return ask.page(
        "rating",
        "Ratings",
        works=works,
        far=[_Far(*each) for each in _far(ask, works or [])],
        kits=[kits.kit(ask.course, name) for name in rating_kits.RATED],
        candidates=_candidates(ask),
        held=rating_kits.held(ask),
    )


def graders(ask: Ask) -> Reply:
    """How graders compare: in practice, and with the same candidates."""
    return ask.page("rating-graders", "Graders", graders=_graders(ask))


def result(ask: Ask) -> Reply:
    """Where a grader's practice differs from what is agreed on, and why."""
    name = ask.named["assignment"]
    assignment = assignments.find(ask.course, name)
    queue = rating_queue.practice(ask.course, name, ask.someone.name)
    agreed = consensus.of_solutions(assignment)
    rows = [
        {
            "code": subject.code,
            "name": criterion,
            "criterion": title(criterion),
            "anchors": assignment.criteria[criterion].anchors,
            "given": (said := queue.of(subject, criterion)),
            "agreed": (known := agreed[subject.name][criterion]),
            "apart": abs(said.value - known.value) if said.value and known.value else 0,
            "same": (said.value or 0) == known.value,
        }
        for subject in queue.subjects
        if subject.name in queue.submitted
        for criterion in queue.criteria
    ]
    rows.sort(key=lambda row: -int(row["apart"]))  # type: ignore[call-overload]
    return ask.page(
        "rating-result",
        "Where you differ",
        assignment=assignment,
        practised=_of(rating_practice.results(ask.course, name), ask.someone.name),
        rows=rows,
    )


@dataclass(frozen=True)
class _Far:
    title: str
    practised: Practised


def _works(ask: Ask) -> list[Work]:
    how, name = settings.of(ask.course), ask.someone.name
    found = []
    for each, words in rating_queue.rated_by_people(ask.course):
        queue = rating_queue.work(ask.course, each, name)
        is_first = each == base_id(each)
        practice = rating_queue.practice(ask.course, base_id(each), name)
        if queue.subjects or (is_first and practice.subjects):
            none = Queue("practice", each, (), (), {}, frozenset())
            read = rating_readers.waiting(ask, each) if queue.subjects else None
            mine = practice if is_first else none
            found.append(Work(words, queue, mine, how.graders_of(each), read))
    return found


def _far(ask: Ask, works: list[Work]) -> list[tuple[str, Practised]]:
    found = []
    for work in works:
        if work.practice.submitted:
            results = rating_practice.results(ask.course, work.queue.assignment)
            own = _of(results, ask.someone.name)
            if own and own.is_far:
                found.append((work.title, own))
    return found


def _of(results: list[Practised], grader: str) -> Practised | None:
    return next((each for each in results if each.grader == grader), None)


def _graders(ask: Ask) -> dict[str, dict[str, Compared]]:
    """Title -> grader -> how they compare; only where there is anything to tell."""
    found: dict[str, dict[str, Compared]] = {}
    for name, words in rating_queue.rated_by_people(ask.course):
        practised = {each.grader: each for each in rating_practice.results(ask.course, name)}
        severity = rating_practice.severity(ask.course, name)
        rows = {
            who: Compared(practised.get(who), _told(severity.get(who)))
            for who in sorted(practised.keys() | severity.keys())
        }
        if rows:
            found[words] = rows
    return found


def _told(figure: Figure | None) -> str:
    if figure is None:
        return Compared.severity
    if figure.value is None:
        return figure.note or f"from {figure.missing} more shared candidates on"
    side = "above" if figure.value > 0 else "below"
    return f"{abs(figure.value):.1f} levels {side} the others, {figure.number} candidates"


def _candidates(ask: Ask) -> list[str]:
    """Everybody who was invited, by pseudonym."""
    with opened(ask.course).session() as session:
        found = {*session.scalars(select(Invitation.candidate).distinct())}
        found |= {*session.scalars(select(IssuedLink.candidate).distinct())}
    return sorted(found)
