"""Let approved feedback out: to nbgrader's exchange where there is one, as files where not."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from worksample.assignments.build import nbgrader_config
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import approval, lookup
from worksample.feedback.approval import Outcome


def release_feedback(
    course: Course, assignment_id: str, candidates: Sequence[str] | None = None, by: str = ""
) -> list[Outcome]:
    """Release what is approved and unchanged since.

    Work that came through nbgrader's exchange is answered there; the page of everybody else is
    the file to send.

    Args:
        candidates: whose; None means everybody whose feedback has been drawn.
        by: who releases it, for the audit log.

    Returns:
        One outcome a candidate; ``refused`` says why theirs did not go out.

    Raises:
        FeedbackError: there is no feedback at all.
    """
    names = approval.drawn_for(course, assignment_id) if candidates is None else list(candidates)
    if not names:
        raise FeedbackError(
            "there is no feedback to release",
            where=assignment_id,
            do=f"run: worksample feedback {assignment_id}",
        )
    return [_release(course, assignment_id, name, by) for name in names]


def _release(course: Course, assignment_id: str, candidate: str, by: str) -> Outcome:
    page = approval.page_path(course, assignment_id, candidate)
    refused = lookup.not_releasable(course, assignment_id, candidate)
    if not refused and page.with_name("submission_secret.txt").is_file():
        refused = _through_exchange(course, assignment_id, candidate)
    if not refused:
        approval.mark_released(course, assignment_id, candidate, by)
    return Outcome(candidate, page, refused)


def _through_exchange(course: Course, assignment_id: str, candidate: str) -> str:
    """nbgrader's ``release_feedback`` for one candidate; why it failed, else empty."""
    # nbgrader takes a second to import, and most courses have no exchange
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange import ExchangeError
    from nbgrader.exchange.default import Exchange

    from worksample.feedback.hooks import ReleaseApproved

    config = nbgrader_config(course)
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.assignment_id = assignment_id
    config.CourseDirectory.student_id = candidate
    log = logging.getLogger("worksample.feedback")
    folder = CourseDirectory(config=config, log=log)
    root = Path(Exchange(config=config, coursedir=folder, log=log).root)
    if not (root.is_dir() and os.access(root, os.W_OK)):
        return f"nbgrader's exchange {root} cannot be written"
    try:
        ReleaseApproved(coursedir=folder, config=config, log=log).start()
    except ExchangeError as error:
        return str(error)
    return ""
