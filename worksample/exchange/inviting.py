"""Inviting to an opening: a case for each of its assignments, and a link."""

from __future__ import annotations

from dataclasses import dataclass

from worksample import assignments
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.exchange import links
from worksample.exchange.links import Link
from worksample.exchange.openings import Opening
from worksample.submissions import invitations


@dataclass(frozen=True)
class Invited:
    """A candidate of an opening.

    Attributes:
        new: False where nothing had to be done.
        said: where the cases come from, in words; empty where nothing was drawn.
    """

    link: Link
    new: bool
    said: tuple[str, ...]


def invite(course: Course, opening: Opening, candidate: str, extra_time: float = 1.0) -> Invited:
    """Draw the candidate's cases and make their link. Again changes nothing.

    The link is made first: it says whether the id can be used at all, before a case is drawn.

    Raises:
        LinkError: the id cannot be used, or is another opening's.
        AssignmentError, CandidateError, CaseError: as :func:`invitations.invite`.
    """
    cases.check_name(candidate)
    cases.check_free(course, candidate)
    link = links.issue(course, opening.id, candidate)
    done = [
        invitations.invite(
            course,
            candidate,
            assignments.find(course, name),
            opening.level,
            extra_time,
            opening.skin,
            minutes=opening.minutes,
        )
        for name in opening.assignments
    ]
    said = tuple(each.said for each in done if each.said)
    return Invited(link, any(each.new for each in done), said)
