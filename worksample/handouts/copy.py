"""The copy of everything that is kept about one person: a page to read, and all of it beside."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from worksample.course import Course
from worksample.disk import replace
from worksample.grading import clean
from worksample.handouts import pages
from worksample.privacy import copying, policy
from worksample.privacy.copying import Copy
from worksample.records.tables import Audit, Records, actor

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")

#: table -> heading and columns, in words; a table that is not named here is shown with all it has
TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "invitations": (
        "Invitations",
        {
            "assignment": "Work sample",
            "time": "When",
            "level": "Level",
            "extra_time": "Time",
        },
    ),
    "submissions": (
        "What you handed in",
        {"assignment": "Work sample", "submitted": "When", "receipt": "Receipt", "notes": "Notes"},
    ),
    "gradings": (
        "Automatic checks",
        {"assignment": "Work sample", "time": "When", "outcome": "Outcome", "points": "Points"},
    ),
    "ratings": (
        "Ratings by people",
        {
            "assignment": "Work sample",
            "dimension": "Dimension",
            "grader": "By",
            "value": "1 to 4",
            "reason": "Reason",
            "evidence": "What they saw",
        },
    ),
    "readings": (
        "What readers understood",
        {
            "assignment": "Work sample",
            "reader": "Read by",
            "right": "Answers that were right",
            "not_said": "That your text did not say to them",
            "misled": "That they believed wrongly",
        },
    ),
    "interview_notes": (
        "Notes of interviews",
        {
            "assignment": "Interview",
            "question": "Question",
            "text": "What they noted",
            "number": "The number given",
            "interviewer": "By",
        },
    ),
    "approvals": (
        "Feedback approved",
        {"assignment": "Work sample", "time": "When", "approver": "By", "reason": "Note"},
    ),
    "audit": (
        "Who did what",
        {"time": "When", "assignment": "Work sample", "action": "What", "actor": "By"},
    ),
}


def write(course: Course, candidate: str, path: Path | None = None) -> Path:
    """The copy as a zip; ``index.html`` in it is the page, ``data.json`` is for programs.

    Args:
        path: where to; else ``state/copies/<candidate>.zip``, which `worksample erase` knows.

    Raises:
        CandidateError: nothing is kept about them.
        CourseError: ``privacy.toml`` has a mistake, or the evidence was touched.
    """
    copy = copying.copy(course, candidate)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", page(course, copy))
        archive.writestr("data.json", copy.as_json())
        for name, file in copy.files.items():
            archive.write(file, f"files/{name}")
    said = Audit(assignment="", candidate=candidate, actor=actor(), action="copy data", detail={})
    Records(course.records_url).add(said)
    into = path or course.state / "copies" / f"{candidate}.zip"
    replace(into, packed.getvalue())
    return into


def page(course: Course, copy: Copy) -> str:
    """The page that is read."""
    return pages.draw(
        "copy",
        copy=copy,
        policy=policy.read(course),
        tables=[_table(name, copy.tables[name]) for name in sorted(copy.tables, key=_place)],
        grading=[{**record, "time": _words(record["time"])} for record in copy.records],
        left_out=copying.LEFT_OUT,
    )


def _place(table: str) -> tuple[int, str]:
    """Those with a heading of their own in their order, the log last."""
    known = list(TABLES)
    place = known.index(table) if table in known[:-1] else len(known)
    return place + (table == known[-1]), table


def _table(name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Heading, columns and cells, all of them words."""
    title, columns = TABLES.get(name, (name.replace("_", " ").capitalize(), {}))
    columns = columns or {key: key.replace("_", " ") for key in rows[0]}
    cells = [[_words(row.get(key)) for key in columns] for row in rows]
    return {"title": title, "columns": list(columns.values()), "rows": cells}


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_words, value))
    if isinstance(value, str) and _TIME.fullmatch(value):
        return f"{value[:10]} {value[11:16]} UTC"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_words(each)}" for key, each in value.items())
    return "" if value is None else clean.text(str(value))
