"""A copy of everything that is kept about one person, for that person.

Left out is what is not about them and would spoil the work sample for others, or for their own
revision: the case's truth, the seed that it can be drawn from again, and what checks keep to
themselves. People who rated are named by number: they have rights of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from worksample.batch import gradebook
from worksample.course import Course
from worksample.privacy import keeping, places
from worksample.privacy.keeping import Kept
from worksample.records import evidence, forgetting
from worksample.records.tables import Audit, Records

Row = dict[str, Any]

#: columns that name somebody else
_OTHERS = ("grader", "reader", "interviewer", "approver", "actor", "person")
#: columns that say nothing about the candidate, or too much about the case
_LEFT_OUT = ("id", "candidate", "seed", "bank", "salt", "key", "reader_said")

LEFT_OUT = (
    "the answer to your case, how it was drawn and the hidden inputs: they are not about you, and "
    "the work sample is used for others",
    "what the checks keep to themselves, and what readers of your text were asked, for the same "
    "reason",
    "the names of those who rated or approved: they are numbered",
    "the package that you were sent: you have it, and can be sent it again",
)


@dataclass(frozen=True)
class Copy:
    """What is kept about one person.

    Attributes:
        tables: our tables -> rows; those of other parts of the course that name them too.
        gradebook: what nbgrader's gradebook has of them.
        records: evidence, one record for each grading, oldest first.
        names: names and addresses that stand for the id, where the course keeps them.
        files: name in the copy -> the file.
    """

    candidate: str
    kept: Kept
    tables: Mapping[str, list[Row]]
    gradebook: Row
    records: list[Row]
    names: list[str]
    files: Mapping[str, Path]

    def as_json(self) -> str:
        """All of it but the files, for programs."""
        said = {
            "format": 1,
            "candidate": self.candidate,
            "last": self.kept.last.isoformat(),
            "kept_until": self.kept.due.isoformat(),
            "tables": self.tables,
            "gradebook": self.gradebook,
            "evidence": self.records,
            "names": self.names,
            "files": sorted(self.files),
        }
        return json.dumps(said, indent=1, ensure_ascii=False)


def copy(course: Course, candidate: str) -> Copy:
    """Everything that is kept about a candidate.

    Raises:
        CandidateError: nothing is.
        CourseError: ``privacy.toml`` has a mistake.
    """
    kept = keeping.of(course, candidate)
    names = _Numbered()
    return Copy(
        candidate=candidate,
        kept=kept,
        tables=_tables(Records(course.records_url), candidate, names),
        gradebook=_gradebook(course, candidate),
        records=[_record(each) for each in _evidence(course, candidate)],
        names=places.names(course, candidate),
        files=dict(sorted(_files(course, candidate))),
    )


class _Numbered:
    """People by number, the same one wherever they stand."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, name: object) -> str:
        return self._known.setdefault(str(name), f"person {len(self._known) + 1}")


def _tables(records: Records, candidate: str, names: _Numbered) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    with records.session() as session:
        for table in forgetting.tables(records):
            query = select(table).where(table.c.candidate == candidate)
            if (
                table.name == Audit.__tablename__
            ):  # a request is theirs, the reason of a hold is not
                query = query.where(table.c.action.not_in((keeping.HELD, keeping.FREED)))
            if "id" in table.c:
                query = query.order_by(table.c.id)
            rows = [_row(dict(row), names) for row in session.execute(query).mappings()]
            if rows:
                found[table.name] = rows
    return found


def _row(row: Row, names: _Numbered) -> Row:
    said = {name: value for name, value in row.items() if name not in _LEFT_OUT}
    said |= {name: names(said[name]) for name in _OTHERS if said.get(name)}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in said.items()}


def _gradebook(course: Course, candidate: str) -> Row:
    with gradebook.opened(course) as book:
        student = next((each for each in book.students if each.id == candidate), None)
        if student is None:
            return {}
        return {
            "first_name": student.first_name,
            "last_name": student.last_name,
            "email": student.email,
            "submissions": [_submission(each) for each in student.submissions],
        }


def _submission(submission: Any) -> Row:
    notebooks = submission.notebooks
    return {
        "assignment": submission.name,
        "submitted": submission.timestamp.isoformat() if submission.timestamp else None,
        "scores": [
            {"cell": grade.name, "automatic": grade.auto_score, "by_hand": grade.manual_score}
            for notebook in notebooks
            for grade in notebook.grades
        ],
        "comments": [
            {"cell": comment.name, "comment": comment.comment}
            for notebook in notebooks
            for comment in notebook.comments
            if comment.comment
        ],
    }


def _evidence(course: Course, candidate: str) -> Iterator[Row]:
    for path in sorted(course.evidence.glob(f"*/{candidate}")):
        yield from evidence.history(course, path.parent.name, candidate)


def _record(record: Row) -> Row:
    """A record of evidence without what is not the candidate's to see."""
    checks = {
        name: {key: value for key, value in check.items() if key != "private"}
        for name, check in record["checks"].items()
    }
    case = {key: value for key, value in record["case"].items() if key != "seed"}
    return {**record, "checks": checks, "case": case}


def _files(course: Course, candidate: str) -> Iterator[tuple[str, Path]]:
    """What they saved and handed in, each notebook as it was executed, and the feedback."""
    for folder in course.root.glob(f"state/exchange/versions/*/{candidate}"):
        yield from _below(folder, f"saved versions/{folder.parent.name}")
    for folder in course.root.glob(f"state/attempts/*/{candidate}"):
        yield from _below(folder, f"handed in/{folder.parent.name}")
    for folder in course.root.glob(f"submitted/{candidate}/*/"):
        yield from _below(folder, f"handed in, as it counts/{folder.name}")
    for folder in course.root.glob(f"state/evidence/*/{candidate}"):
        for path in folder.glob("*.ipynb"):
            yield f"executed/{folder.parent.name}/{path.name}", path
    for folder in course.root.glob(f"feedback/{candidate}/*/"):
        yield from _below(folder, f"feedback/{folder.name}")


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.is_file() and not path.is_symlink():
            yield f"{name}/{inside.as_posix()}", path
