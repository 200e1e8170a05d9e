"""From a record to the debrief's notebook and page, in ``debrief/``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample import disk
from worksample.course import Course
from worksample.debrief import cohort, gathering
from worksample.debrief.schema import Record
from worksample.feedback import drawing
from worksample.records.tables import Audit, Records

HERE = Path(__file__).parent
#: of a cohort: as many small pictures in a line as there is room for
SMALL = (
    "figure { float: none !important; display: inline-block; margin: 0 .6rem .4rem 0 !important; } "
    "figure img { width: 14rem !important; } thead th { white-space: normal; } "
    "@media print { figure img { width: 5cm !important; } }"
)
IGNORED = "# what hiring teams say about candidates is never committed\n*\n"


@dataclass(frozen=True)
class Drawn:
    """A debrief that was written: the page, the notebook, and the SHA-256 of the page."""

    page: Path
    notebook: Path
    digest: str
    record: Mapping[str, Any]


def debrief(course: Course, candidate: str, by: str = "", early: bool = False) -> Drawn:
    """Draw one candidate's debrief; the same state gives the same bytes.

    Args:
        by: who asks for it; that they looked is noted.
        early: although graders have begun and not submitted.

    Raises:
        CandidateError: nothing of this candidate has been graded.
        WorksampleError: a grader has not submitted yet.
        FeedbackError: the template failed.
    """
    record = gathering.gather(course, candidate, early)
    drawn = _write(course, candidate, "template.ipynb", record, f"Debrief: {candidate}")
    detail: dict[str, object] = {"digest": drawn.digest, "early": early}
    Records(course.records_url).add(
        Audit(assignment="", candidate=candidate, actor=by, action="debrief", detail=detail)
    )
    return drawn


def debrief_cohort(course: Course, name: str) -> Drawn:
    """Draw all candidates of one assignment, profile beside profile.

    Raises:
        WorksampleError: nobody has been graded.
    """
    record = cohort.gather(course, name)
    title = f"Cohort: {record['title']}"
    return _write(course, f"cohort-{name}", "cohort.ipynb", record, title, SMALL)


def path_of(course: Course, candidate: str) -> Path:
    """Where a candidate's page lies."""
    return course.root / "debrief" / candidate / f"{candidate}.html"


def digest_of(course: Course, candidate: str) -> tuple[str, str]:
    """SHA-256 of the page that lies there, and what the rule says; empty where there is none."""
    page = path_of(course, candidate)
    if not page.is_file():
        return "", ""
    record = gathering.gather(course, candidate, early=True)
    return hashlib.sha256(page.read_bytes()).hexdigest(), record["outcome"]


def _write(
    course: Course,
    name: str,
    template: str,
    record: Record | cohort.Cohort,
    title: str,
    more_style: str = "",
) -> Drawn:
    executed = drawing.run(HERE / template, record, name)
    notebook = drawing.finished(executed, title)
    style = (HERE / "debrief.css").read_text(encoding="utf-8") + more_style
    page = drawing.page(notebook, style, "in-one-minute", "summary").encode()
    path = path_of(course, name)
    ignored = course.root / "debrief" / ".gitignore"
    if not ignored.is_file():
        disk.replace(ignored, IGNORED.encode())
    disk.replace(path.with_suffix(".ipynb"), drawing.as_bytes(notebook))
    disk.replace(path, page)
    return Drawn(path, path.with_suffix(".ipynb"), hashlib.sha256(page).hexdigest(), record)
