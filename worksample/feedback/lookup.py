"""How far feedback is: what is drawn, approved, released. Nothing is drawn, so it loads at once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sqlalchemy import select

from worksample.course import Course
from worksample.feedback import schema
from worksample.records import evidence
from worksample.records.tables import Audit, Records

RELEASED = "feedback released"


def page_path(course: Course, assignment_id: str, candidate: str) -> Path:
    """Where the page lies; nbgrader's layout."""
    return course.feedback / candidate / assignment_id / f"{assignment_id}.html"


def drawn_for(course: Course, assignment_id: str) -> list[str]:
    """Candidates whose feedback lies in ``feedback/``, sorted."""
    pages = course.feedback.glob(f"*/{assignment_id}/{assignment_id}.html")
    return sorted(path.parent.parent.name for path in pages)


def file_digest(course: Course, assignment_id: str, candidate: str) -> str | None:
    """The digest of the files as they are now; None where one is missing."""
    page = page_path(course, assignment_id, candidate)
    notebook = page.with_suffix(".ipynb")
    if not (page.is_file() and notebook.is_file()):
        return None
    return hashlib.sha256(page.read_bytes() + b"\0" + notebook.read_bytes()).hexdigest()


def not_releasable(course: Course, assignment_id: str, candidate: str) -> str:
    """Why this feedback may not go out, one sentence; empty where it may."""
    if why := stale(course, assignment_id, candidate):
        return why
    approval = Records(course.records_url).last_approval(assignment_id, candidate)
    if approval is None:
        return "nobody has approved it"
    if approval.feedback_digest != file_digest(course, assignment_id, candidate):
        return "it has changed since it was approved"
    return ""


def last_detail(
    course: Course, assignment_id: str, candidate: str, action: str
) -> dict[str, object]:
    """What was noted when this was done last; empty where it never was."""
    query = select(Audit).filter_by(assignment=assignment_id, candidate=candidate, action=action)
    with Records(course.records_url).session() as session:
        row = session.scalar(query.order_by(Audit.id.desc()).limit(1))
    return dict(row.detail) if row else {}


def stale(course: Course, assignment_id: str, candidate: str) -> str:
    """Why the files are not what the newest grading says, one sentence; empty where they are."""
    digest = file_digest(course, assignment_id, candidate)
    if digest is None:
        return "it has not been drawn"
    record = stored(course, assignment_id, candidate, digest)
    if record is None:
        return "its files have been changed since they were drawn"
    newest = evidence.latest(course, assignment_id, candidate)
    if newest is None or newest["number"] != record["evidence"]:
        return "the attempt has been graded again since it was drawn"
    return ""


def store(course: Course, assignment_id: str, candidate: str) -> Path:
    """Where the records behind drawn pages are kept, each under the digest of its page."""
    return course.state / "feedback" / assignment_id / candidate


def stored(course: Course, assignment_id: str, candidate: str, digest: str) -> schema.Record | None:
    """The record behind the page with this digest, if it was drawn here."""
    path = store(course, assignment_id, candidate) / f"{digest}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
