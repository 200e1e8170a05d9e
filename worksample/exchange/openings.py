"""Openings: who is asked to do what, from when to when. One small TOML file each.

``openings/<id>.toml`` in the course folder::

    title = "Machine-learning engineer, platform team"
    assignments = ["root-cause-analysis"]   # several: the candidate chooses one
    level = "senior"
    skin = ""                # optional: in another trade's words
    minutes = 55             # optional: else the assignment's own
    opens = 2026-12-01       # whole days in UTC, or times with their zone
    closes = 2026-12-15      # the last day on which the clock may be started
    decision = 2026-12-22    # by then every candidate is told
    revision_days = 7        # how long the revision can be begun
    graders = 2
    retention_days = 180     # after the decision, everything about a candidate is erased
    contact = "hiring@example.org"
    live = true              # optional: somebody of the team is there, and may look on
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from worksample import assignments
from worksample.assignments import skin as skins
from worksample.assignments.model import STANDARD
from worksample.assignments.toml import Table, place
from worksample.course import Course
from worksample.errors import AssignmentError, together

FOLDER = "openings"
REVISION_DAYS, RETENTION_DAYS, GRADERS = 7, 180, 2
#: after the last day of an opening: for feedback, the revision and its feedback
AFTERWARDS = timedelta(days=30)

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PURPOSE = "says what an opening asks of its candidates"


@dataclass(frozen=True)
class Opening:
    """What the file says.

    Attributes:
        assignments: of several the candidate chooses one.
        minutes: for the work; None where they are the assignment's own.
        opens: from when the clock may be started, UTC.
        closes: until when, UTC, that moment not included.
        decision: the day by which every candidate is told.
        revision_days: how long after its release a revision can be begun.
        retention_days: after the decision.
        contact: whom a candidate can write to outside; empty where nobody is named.
        live: somebody of the team is there while a candidate works: they may look on, and stop
            the clock and let it go on for both.
    """

    id: str
    title: str
    assignments: tuple[str, ...]
    level: str
    skin: str
    minutes: float | None
    opens: datetime
    closes: datetime
    decision: date
    revision_days: int
    graders: int
    retention_days: int
    contact: str
    live: bool = False

    @property
    def links_end(self) -> datetime:
        """Until when its candidates' links work."""
        told = datetime.combine(self.decision, time(), UTC)
        return max(self.closes, told) + timedelta(days=self.revision_days) + AFTERWARDS


def ids(course: Course) -> list[str]:
    """The openings of a course, sorted."""
    return sorted(path.stem for path in (course.root / FOLDER).glob("*.toml"))


def find(course: Course, opening_id: str) -> Opening:
    """The opening of that id.

    Raises:
        AssignmentError: there is none, or its file has a mistake: file, line and what to do.
    """
    path = _path(course, opening_id)
    if not _ID.fullmatch(opening_id) or not path.is_file():
        known = ", ".join(ids(course))
        raise AssignmentError(
            f"there is no opening {opening_id!r}",
            where=place(course.root / FOLDER),
            do=f"there are: {known}"
            if known
            else f"write {FOLDER}/{opening_id}.toml; an example is in docs/hosting.md",
        )
    return _read(course, path)


def _path(course: Course, opening_id: str) -> Path:
    return course.root / FOLDER / f"{opening_id}.toml"


def _read(course: Course, path: Path) -> Opening:
    table = Table.read(path, _PURPOSE)
    opening = Opening(
        id=path.stem,
        title=table.take("title", str),
        assignments=table.texts("assignments"),
        level=table.take("level", str, STANDARD),
        skin=table.take("skin", str, ""),
        minutes=table.take("minutes", int) if "minutes" in table else None,
        opens=_moment(table, "opens"),
        closes=_moment(table, "closes", last=True),
        decision=_day(table, "decision"),
        revision_days=_whole(table, "revision_days", REVISION_DAYS, 1, 90),
        graders=_whole(table, "graders", GRADERS, 1, 20),
        retention_days=_whole(table, "retention_days", RETENTION_DAYS, 1, 3650),
        contact=table.take("contact", str, ""),
        live=table.take("live", bool, False),
    )
    table.finish()
    if mistakes := [*_in_itself(table, opening), *_with_assignments(course, table, opening)]:
        raise together(mistakes)
    return opening


def _whole(table: Table, key: str, default: int, lowest: int, highest: int) -> int:
    value = table.take(key, int, default)
    if value != int(value) or not lowest <= value <= highest:
        raise table.mistake(
            f"`{key}` should be a whole number from {lowest} to {highest}, it is {value!r}", key
        )
    return int(value)


def _moment(table: Table, key: str, last: bool = False) -> datetime:
    """A day (its begin; with ``last`` its end) or a time with a zone, as UTC."""
    value = _given(table, key)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise table.mistake(
                f"`{key}` is a time without a zone", key, do=f"write {value.isoformat()}Z for UTC"
            )
        return value.astimezone(UTC)
    return datetime.combine(value, time(), UTC) + timedelta(days=int(last))


def _day(table: Table, key: str) -> date:
    value = _given(table, key)
    if isinstance(value, datetime):
        raise table.mistake(f"`{key}` should be a day", key, do=f"write {value.date()}")
    return value


def _given(table: Table, key: str) -> date:
    value = table.take_any(key)
    if not isinstance(value, date):
        found = "missing" if value is None else f"{value!r}"
        raise table.mistake(
            f"`{key}` should be a day, it is {found}",
            None if value is None else key,
            do=f"add `{key} = 2027-01-31`, without quotes",
        )
    return value


def _in_itself(table: Table, opening: Opening) -> list[AssignmentError]:
    wrong = []
    if not _ID.fullmatch(opening.id):
        what = "an opening's file is named in small letters, digits and dashes"
        wrong.append(table.mistake(what, do="give it another name, ending in .toml"))
    if not opening.assignments:
        what = "`assignments` names none"
        wrong.append(table.mistake(what, "assignments", do='as in ["root-cause-analysis"]'))
    if opening.closes <= opening.opens:
        what = "it closes before it opens"
        wrong.append(table.mistake(what, "closes", do="correct one of the two days"))
    if datetime.combine(opening.decision, time.max, UTC) < opening.closes - timedelta(days=1):
        what = "the decision is before the last day"
        wrong.append(table.mistake(what, "decision", do="every candidate is graded first"))
    if opening.minutes is not None and not 1 <= opening.minutes <= 24 * 60:
        what = f"`minutes` should be from 1 to {24 * 60}, it is {opening.minutes:g}"
        wrong.append(table.mistake(what, "minutes"))
    return wrong


def _with_assignments(course: Course, table: Table, opening: Opening) -> list[AssignmentError]:
    wrong = []
    for name in opening.assignments:
        try:
            found = assignments.find(course, name)
            if opening.skin:
                skins.load(found, opening.skin)
        except AssignmentError as error:
            wrong.append(error)
            continue
        if opening.level not in found.levels:
            what = f"{name} has no level {opening.level!r}"
            do = f"levels: {', '.join(found.levels)}"
            wrong.append(table.mistake(what, "level", do=do))
    return wrong
