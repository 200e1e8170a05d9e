"""Which ratings count, and who may see whose: the rules of the one store of ratings.

A grader's ratings of an attempt are drafts until they submit them, once, all together. Drafts count
nowhere, and what others gave is shown to a grader only after their own are submitted. With one
grader there is nobody to be blind to: a rating counts as soon as it is given, and the newest of a
criterion is the one, whoever gave it.

Whoever can read the database can read every rating in it: on one machine, blindness is what the
commands keep to. Where it has to hold against a grader, ratings go through a service.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from worksample.errors import WorksampleError
from worksample.records.tables import Audit, Rating, RatingsSubmitted, Records


def counted(records: Records, assignment: str, candidate: str, graders: int) -> list[Rating]:
    """Each grader's newest rating of each criterion, of those that count.

    Args:
        assignment: nbgrader's id, the revision's for attempt 2.
        graders: how many rate each attempt independently.
    """
    if graders == 1:
        every = records.all_ratings(assignment, candidate)
        return list({row.criterion: row for row in every}.values())
    rows = records.ratings(assignment, candidate)
    done = records.submitters(assignment, candidate)
    return [row for row in rows if row.grader in done]


def visible(
    records: Records, assignment: str, candidate: str, grader: str, graders: int
) -> list[Rating]:
    """What a grader may see: their own, and the others' that count once theirs are submitted."""
    rows = counted(records, assignment, candidate, graders)
    if graders == 1:
        return rows
    blind = grader not in records.submitters(assignment, candidate)
    own = [row for row in records.ratings(assignment, candidate) if row.grader == grader]
    return own if blind else [*own, *(row for row in rows if row.grader != grader)]


def unsubmitted(records: Records, assignment: str, candidate: str) -> list[str]:
    """The graders who have begun to rate an attempt and have not submitted."""
    done = records.submitters(assignment, candidate)
    begun = dict.fromkeys(row.grader for row in records.ratings(assignment, candidate))
    return [grader for grader in begun if grader not in done]


def missing(
    records: Records, assignment: str, candidate: str, grader: str, criteria: Iterable[str]
) -> list[str]:
    """The criteria that a grader has said nothing about yet, not even 0."""
    rows = records.ratings(assignment, candidate)
    said = {row.criterion for row in rows if row.grader == grader}
    return [name for name in criteria if name not in said]


def submit(
    records: Records, assignment: str, candidate: str, grader: str, criteria: Sequence[str]
) -> RatingsSubmitted:
    """A grader is done with an attempt; from now on a change needs a reason.

    Raises:
        WorksampleError: something is not rated yet, or they have submitted before.
    """
    if grader in records.submitters(assignment, candidate):
        raise WorksampleError(
            f"{grader} has submitted these ratings before",
            where=f"{assignment}, {candidate}",
            do="a change is a rating of its own, with --reason",
        )
    if left := missing(records, assignment, candidate, grader, criteria):
        raise WorksampleError(
            f"not rated yet: {', '.join(left)}",
            where=f"{assignment}, {candidate}",
            do="rate them too; 0 with its reason says that there is not enough information",
        )
    row = RatingsSubmitted(assignment=assignment, candidate=candidate, grader=grader)
    records.add(row)
    return row


def last_rule(records: Records) -> dict[str, object] | None:
    """The rule that was noted last; None where none was."""
    with records.session() as session:
        row = session.scalar(
            select(Audit).filter_by(action="rule").order_by(Audit.id.desc()).limit(1)
        )
    return dict(row.detail) if row else None
