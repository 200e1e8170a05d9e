"""Feedback on its way to its owner: the very pages that were released, and no others.

What lies in ``feedback/`` may be drawn again at any time. What went out is copied when it goes, so
that its owner finds it again, whatever is drawn later.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from worksample import disk
from worksample.assignments.case import base_id
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import lookup
from worksample.records.tables import Records


@dataclass(frozen=True)
class Feedback:
    """Feedback that its owner may have."""

    page: bytes
    notebook: bytes


def approve(course: Course, assignment_id: str, candidate: str, by: str) -> None:
    """A person stands behind the feedback as it is drawn now.

    Raises:
        FeedbackError: it is not drawn, or not from the newest grading.
    """
    from worksample.feedback import approval  # it can draw, and so loads for seconds

    (done,) = approval.approve(course, assignment_id, [candidate], by)
    if done.refused:
        raise FeedbackError(f"it was not approved: {done.refused}")


def give_out(course: Course, assignment_id: str, candidate: str, by: str) -> None:
    """Release approved feedback to its owner, and with it the revision.

    Raises:
        FeedbackError: it is not approved, or has changed since.
    """
    from worksample.feedback import release, revision

    (done,) = release.release_feedback(course, assignment_id, [candidate], by)
    if done.refused:
        raise FeedbackError(f"it was not released: {done.refused}", do="approve it first")
    released(course, assignment_id, candidate)
    if base_id(assignment_id) == assignment_id:
        revision.revise(course, assignment_id, candidate, by)


def released(course: Course, assignment_id: str, candidate: str) -> Feedback | None:
    """What its owner may have; None before it went out."""
    said = lookup.last_detail(course, assignment_id, candidate, lookup.RELEASED)
    digest = said.get("digest")
    if not isinstance(digest, str) or len(digest) != 64:
        return None
    folder = course.state / "exchange" / "released" / assignment_id / candidate
    pages = [folder / f"{digest}{kind}" for kind in (".html", ".ipynb")]
    if not all(path.is_file() for path in pages):
        drawn = lookup.page_path(course, assignment_id, candidate)
        sources = [drawn, drawn.with_suffix(".ipynb")]
        if not all(path.is_file() for path in sources):
            return None
        page, notebook = (path.read_bytes() for path in sources)
        if hashlib.sha256(page + b"\0" + notebook).hexdigest() != digest:
            return None  # it has been drawn anew since
        disk.replace_through(pages[0], page)
        disk.replace_through(pages[1], notebook)
    return Feedback(*(path.read_bytes() for path in pages))


def stage(course: Course, assignment_id: str, candidate: str) -> str:
    """How far the feedback is, in words for the team."""
    if lookup.last_detail(course, assignment_id, candidate, lookup.RELEASED):
        return "released"
    if not lookup.page_path(course, assignment_id, candidate).is_file():
        return "not drawn"
    why = lookup.not_releasable(course, assignment_id, candidate)
    return f"needs approval: {why}" if why else "approved, not released"


def approver(course: Course, assignment_id: str, candidate: str) -> str:
    """Who approved what is drawn now; empty where nobody did."""
    row = Records(course.records_url).last_approval(assignment_id, candidate)
    current = row and row.feedback_digest == lookup.file_digest(course, assignment_id, candidate)
    return row.approver if row and current else ""
