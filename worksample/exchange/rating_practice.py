"""Practice: a grader rates reference solutions whose ratings are agreed on, and sees where they
differ.

``worksample practice ASSIGNMENT`` runs the solutions once (:mod:`worksample.authoring.practice`)
and leaves one file for each, ``state/practice/<assignment>/<solution>.json``. What graders give
there stays apart from every candidate's ratings and never changes one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select

from worksample import assignments
from worksample.assignments import consensus
from worksample.course import Course
from worksample.errors import CourseError
from worksample.exchange import rating_queue
from worksample.exchange.rating_queue import Queue, Subject
from worksample.exchange.tables import PracticeRating, opened
from worksample.records.tables import Audit, Rating, RatingsSubmitted, actor
from worksample.scorecards import statistics
from worksample.scorecards.statistics import Figure

LEAST = 6  # ratings from which on a difference is told as a figure
#: levels, on average, from which on somebody rates another scale than the rest
FAR, WIDE_SHARE = 0.5, 0.25


@dataclass(frozen=True)
class Kept:
    """One reference solution, executed."""

    level: str
    notebook: Mapping[str, Any]
    status: Mapping[str, str]
    card: str
    digest: str


@dataclass(frozen=True)
class Practised:
    """How a grader's practice compares with what is agreed on.

    Attributes:
        number: ratings of theirs, without those for which there is not enough information, be it
            by them or as agreed.
        mean: levels above (+) or below (−) the consensus, on average; None below the floor.
        exact, adjacent, wide: how many agree, are one level apart, two or more.
    """

    grader: str
    assignment: str
    number: int
    mean: float | None
    exact: int
    adjacent: int
    wide: int

    @property
    def is_far(self) -> bool:
        """Far enough from the others to talk about before a candidate is rated."""
        if self.mean is None:
            return False
        return abs(self.mean) >= FAR or self.wide >= WIDE_SHARE * self.number

    @property
    def words(self) -> str:
        """In a sentence."""
        counts = f"{self.exact} as agreed, {self.adjacent} one level apart, {self.wide} further"
        if self.mean is None:
            return f"{counts}; {LEAST - self.number} more ratings until a mean is told"
        side = "above" if self.mean > 0 else "below"
        how = f"{abs(self.mean):.1f} levels {side}" if round(self.mean, 1) else "level with"
        return f"on average {how} what is agreed on; {counts}"


def read(course: Course, name: str, solution: str) -> Kept:
    """A reference solution as it was run.

    Raises:
        CourseError: it was not run, or its file cannot be read.
    """
    path = rating_queue.practice_folder(course, name) / f"{solution}.json"
    try:
        written = path.read_bytes()
        found = json.loads(written)
        digest = hashlib.sha256(written).hexdigest()
        return Kept(found["level"], found["notebook"], found["status"], found["card"], digest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(
            f"this practice cannot be read: {error}",
            where=str(path),
            do=f"worksample practice {name}",
        ) from None


def submit(course: Course, queue: Queue, subject: Subject, grader: str) -> None:
    """Keep what was given beside what is agreed on."""
    agreed = consensus.of_solutions(assignments.find(course, subject.assignment))[subject.name]
    rows = [
        PracticeRating(
            assignment=subject.assignment,
            candidate="",
            grader=grader,
            solution=subject.name,
            criterion=criterion,
            value=said.value or None,
            consensus=agreed[criterion].value,
            evidence=said.evidence,
            cell=said.cell,
        )
        for criterion in queue.criteria
        for said in [queue.of(subject, criterion)]
    ]
    noted = Audit(
        assignment=subject.assignment,
        candidate="",
        actor=grader or actor(),
        action="submit practice",
        detail={"solution": subject.name},
    )
    opened(course).add(*rows, noted)


def results(course: Course, name: str) -> list[Practised]:
    """How everybody's practice in an assignment compares, by name."""
    query = select(PracticeRating).filter_by(assignment=name).order_by(PracticeRating.grader)
    with opened(course).session() as session:
        rows = session.scalars(query).all()
    by: dict[str, list[int]] = {}
    for row in rows:
        apart = by.setdefault(row.grader, [])
        if row.value is not None and row.consensus:
            apart.append(row.value - row.consensus)
    return [_practised(grader, name, apart) for grader, apart in by.items()]


def _practised(grader: str, name: str, apart: Sequence[int]) -> Practised:
    enough = len(apart) >= LEAST
    return Practised(
        grader,
        name,
        number=len(apart),
        mean=sum(apart) / len(apart) if enough else None,
        exact=sum(each == 0 for each in apart),
        adjacent=sum(abs(each) == 1 for each in apart),
        wide=sum(abs(each) > 1 for each in apart),
    )


def severity(course: Course, name: str) -> dict[str, Figure]:
    """How many levels each grader gives above the others, for the same candidates.

    Of submitted ratings alone. A candidate is one unit: the mean over criteria is taken to compare
    graders and describes no candidate.
    """
    done = select(RatingsSubmitted.candidate, RatingsSubmitted.grader).filter_by(assignment=name)
    query = select(Rating.candidate, Rating.grader, Rating.criterion, Rating.value)
    with opened(course).session() as session:
        submitted = {(who, grader) for who, grader in session.execute(done)}
        rows = session.execute(query.filter_by(assignment=name).order_by(Rating.id)).all()
    newest = {
        (who, grader, criterion): value
        for who, grader, criterion, value in rows
        if (who, grader) in submitted
    }
    graders = sorted({grader for _, grader in submitted})
    return statistics.severity(_units(newest, graders), graders) if graders else {}


def _units(newest: Mapping[tuple[str, str, str], int | None], graders: Iterable[str]) -> np.ndarray:
    """Candidates × graders: the mean of what was given, nan where nothing was."""
    given: dict[tuple[str, str], list[int]] = {}
    for (who, grader, _), value in newest.items():
        if value is not None:
            given.setdefault((who, grader), []).append(value)
    names = sorted({who for who, _ in given})
    return np.array(
        [[np.mean(given.get((who, grader), [np.nan])) for grader in graders] for who in names]
    ).reshape(len(names), -1)
