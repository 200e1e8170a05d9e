"""``privacy.toml``: the course's own, else the package's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from worksample.assignments.toml import Table, read_text
from worksample.course import Course
from worksample.disk import replace
from worksample.errors import CourseError
from worksample.kits import fields

DEFAULT = Path(__file__).parent / "privacy.toml"


@dataclass(frozen=True)
class Policy:
    """What the file says; texts for candidates, times in days.

    Attributes:
        keep_days: from the last thing that happened to the day on which data is due to go.
        keep_at_least_days: before that it may not be erased; 0 where no law says so.
        decision_days: from the last step to an answer.
        answer_days: from a request to an answer.
        further: what is kept besides what the statement lists, a sentence each.
        blanks: what the company has not filled in yet.
    """

    controller: str
    contact: str
    officer: str
    authority: str
    purpose: str
    legal_basis: str
    recipients: tuple[str, ...]
    further: tuple[str, ...]
    elsewhere: str
    keep_days: int
    keep_at_least_days: int
    decision_days: int
    answer_days: int
    adjustments: str
    blanks: tuple[str, ...] = ()


def path(course: Course) -> Path:
    """The file that is used."""
    own_file = course.root / "privacy.toml"
    return own_file if own_file.is_file() else DEFAULT


def own(course: Course) -> tuple[Path, bool]:
    """The course's own file, copied from the package's if there was none; and whether it is new."""
    own_file = course.root / "privacy.toml"
    if own_file.is_file():
        return own_file, False
    replace(own_file, DEFAULT.read_bytes())
    return own_file, True


def read(course: Course) -> Policy:
    """The policy of this course.

    Raises:
        CourseError: the file has a mistake.
    """
    file = path(course)
    with fields.as_course_error():
        text = read_text(file, "says how candidates' data is kept")
        table = Table.parse(text, file)
        policy = _policy(table, fields.blanks(text))
        table.finish()
    if policy.keep_days < policy.keep_at_least_days:
        raise CourseError(
            f"data is due to go after {policy.keep_days} days, and has to be kept for "
            f"{policy.keep_at_least_days}",
            where=str(file),
            do="make `keep_days` at least as long as `keep_at_least_days`",
        )
    return policy


def _policy(table: Table, blanks: tuple[str, ...]) -> Policy:
    return Policy(
        controller=fields.text(table, "controller"),
        contact=fields.text(table, "contact"),
        officer=fields.text(table, "officer"),
        authority=fields.text(table, "authority"),
        purpose=fields.text(table, "purpose"),
        legal_basis=fields.text(table, "legal_basis"),
        recipients=fields.texts(table, "recipients"),
        further=table.texts("further", []),
        elsewhere=fields.text(table, "elsewhere"),
        keep_days=fields.whole(table, "keep_days", least=1),
        keep_at_least_days=fields.whole(table, "keep_at_least_days", least=0),
        decision_days=fields.whole(table, "decision_days", least=1),
        answer_days=fields.whole(table, "answer_days", least=1),
        adjustments=fields.text(table, "adjustments"),
        blanks=blanks,
    )
