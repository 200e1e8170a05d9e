"""The attempts that are still to be graded, in the database: a kill loses none of them.

At least once: a row is removed when its outcome is in evidence and gradebook. What was graded and
not removed is found again by the hash of what it was graded from, and not executed twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, select

from worksample.course import Course
from worksample.records import evidence
from worksample.records.tables import Queued, Records

AT_A_TIME = 200  # candidates of one query: databases take so many parameters


class Queue:
    """The queue of one course; every method is a transaction of its own."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def newest(self, assignment: str, candidates: Iterable[str]) -> dict[str, int]:
        """Candidate -> number of their newest evidence; 0 where there is none."""
        return {who: len(evidence.paths(self._course, assignment, who)) for who in candidates}

    def add(
        self,
        assignment: str,
        candidates: Mapping[str, int],
        forced: bool = False,
        begun: Collection[int] | None = (),
    ) -> dict[int, str]:
        """Row -> candidate; who waits already, with the same wish, keeps their row.

        Args:
            candidates: with the number of their newest evidence when this was asked for.
            begun: rows that are being graded: what was sent in since may not be seen by them.
                None where nobody here knows: every row that was ever begun may be one of them.
        """
        names = list(candidates)
        rows: dict[int, str] = {}
        with Records(self._course.records_url).session() as session:
            for first in range(0, len(names), AT_A_TIME):
                query = select(Queued).filter_by(assignment=assignment, forced=forced)
                some = names[first : first + AT_A_TIME]
                for row in session.scalars(query.where(Queued.candidate.in_(some))):
                    under_way = row.tries > 0 if begun is None else row.id in begun
                    if not under_way:
                        rows[row.id] = row.candidate
            waiting = set(rows.values())
            fresh = [
                Queued(assignment=assignment, candidate=who, forced=forced, after=after)
                for who, after in candidates.items()
                if who not in waiting
            ]
            session.add_all(fresh)
            session.flush()
            return rows | {row.id: row.candidate for row in fresh}

    def waiting(
        self, begun: Collection[int], put_off: Collection[str], most: int = 50
    ) -> list[Queued]:
        """The oldest rows but those that are ``begun``, and of assignments that are put off."""
        query = select(Queued).order_by(Queued.id).limit(most)
        if begun:
            query = query.where(Queued.id.not_in(begun))
        if put_off:
            query = query.where(Queued.assignment.not_in(put_off))
        with Records(self._course.records_url).session() as session:
            return list(session.scalars(query))

    def everything(self) -> list[Queued]:
        """All rows, the oldest first."""
        with Records(self._course.records_url).session() as session:
            return list(session.scalars(select(Queued).order_by(Queued.id)))

    def begin(self, row: Queued) -> None:
        """Note that it is tried once more."""
        row.tries += 1
        with Records(self._course.records_url).session() as session:
            session.merge(row)

    def done(self, row_id: int) -> None:
        """It is in evidence and gradebook, or known not to be gradable yet."""
        with Records(self._course.records_url).session() as session:
            session.execute(delete(Queued).where(Queued.id == row_id))
