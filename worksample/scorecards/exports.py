"""Ratings and recommendations for other programs: CSV, JSON, applicant-tracking systems.

Only what counts leaves: no draft. A CSV is opened in spreadsheets, which run what looks like a
formula; every cell that could be one is preceded by an apostrophe (OWASP, *CSV injection*).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from worksample import assignments
from worksample.assignments.case import REVISION
from worksample.assignments.scorecard import RECEPTIVENESS_DIMENSION
from worksample.course import Course
from worksample.errors import CandidateError
from worksample.grading import clean
from worksample.records import ratings
from worksample.records.tables import Audit, Rating, Recommendation, Records
from worksample.scorecards import interviews, settings
from worksample.scorecards import rule as rules
from worksample.scorecards.rule import Given

COLUMNS = (
    *("candidate", "assignment", "attempt", "stage", "dimension", "criterion", "grader"),
    *("value", "reason", "evidence", "cell", "time"),
)
#: recommendation -> the value of applicant-tracking systems
TRACKING = {
    None: "NO_DECISION",
    1: "DEFINITELY_NO",
    2: "NO",
    3: "YES",
    4: "STRONG_YES",
}
WORK_SAMPLE = "work sample"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def export(course: Course, form: str, candidates: Sequence[str] = (), by: str = "") -> str:
    """What counts, of these candidates, or of everybody; that it was exported is noted.

    Args:
        form: ``csv``, ``json`` or ``ats``.
        by: who exports.

    Raises:
        CandidateError: nobody of one of these names was rated.
    """
    records = Records(course.records_url)
    known = _rated(records)
    for name in candidates:
        if name not in known:
            raise CandidateError(
                f"nobody called {name} was rated", do=f"there are: {', '.join(known) or 'none'}"
            )
    chosen = list(candidates) or known
    for name in chosen:
        detail: dict[str, object] = {"format": form}
        records.add(Audit(assignment="", candidate=name, actor=by, action="export", detail=detail))
    if form == "csv":
        return as_csv(row for name in chosen for row in _rows(course, records, name))
    make = _subject if form == "json" else _tracked
    found = [make(course, records, name) for name in chosen]
    return json.dumps({"format": 1, "candidates": found}, indent=1, ensure_ascii=False) + "\n"


def schema() -> str:
    """The JSON Schema of the ``json`` form."""
    return files("worksample.scorecards").joinpath("export.schema.json").read_text("utf-8")


def as_csv(rows: Iterable[Rating]) -> str:
    """One line a rating; an empty value is "not enough information", and says why."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(_plain(row)[name]) for name in COLUMNS] for row in rows)
    return made.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def _rated(records: Records) -> list[str]:
    with records.session() as session:
        found = {*session.scalars(select(Rating.candidate).distinct())}
        found |= {*session.scalars(select(Recommendation.candidate).distinct())}
    return sorted(found)


def _rows(course: Course, records: Records, candidate: str) -> list[Rating]:
    """The ratings that count, of every assignment and both attempts."""
    with records.session() as session:
        names = session.scalars(
            select(Rating.assignment).filter_by(candidate=candidate).distinct()
        ).all()
    how = settings.of(course)
    return [
        row
        for name in sorted(names)
        for row in ratings.counted(records, name, candidate, how.graders_of(name))
    ]


def _subject(course: Course, records: Records, candidate: str) -> dict[str, Any]:
    rows = _rows(course, records, candidate)
    return {
        "candidate": candidate,
        "ratings": [_plain(row) for row in rows],
        "dimensions": _dimensions(rows),
        "rule": _rule(course, records, candidate, rows),
        "recommendations": [
            _signed(row) for row in records.recommendations(candidate, interviews=True)
        ],
    }


def _tracked(course: Course, records: Records, candidate: str) -> dict[str, Any]:
    """What a tracking system takes: each person's newest recommendation; no score to sort by.

    Of each stage, as its scorecard is one of its own.
    """
    newest = {
        (row.person, row.stage): row for row in records.recommendations(candidate, interviews=True)
    }
    return {
        "candidate": candidate,
        "scorecards": [_signed(row) for row in newest.values()],
        "attributes": _dimensions(_rows(course, records, candidate)),
    }


def _plain(row: Rating) -> dict[str, Any]:
    said = {name: _told(getattr(row, name)) for name in COLUMNS}
    return {**said, "time": row.time.isoformat()}


def _told(value: Any) -> Any:
    """What somebody typed, without control codes: it may be printed to a terminal."""
    return clean.text(value) if isinstance(value, str) else value


def _signed(row: Recommendation) -> dict[str, Any]:
    return {
        "overall_recommendation": TRACKING[row.value],
        "value": row.value,
        "person": _told(row.person),
        "reason": _told(row.reason),
        "stage": row.stage,
        "time": row.time.isoformat(),
    }


def _given(rows: Iterable[Rating]) -> list[Given]:
    return [
        Given(_dimension(row), f"{row.assignment}: {row.criterion}", row.grader, row.value)
        for row in rows
        if row.attempt == 1 and row.dimension != RECEPTIVENESS_DIMENSION
    ]


def _dimension(row: Rating) -> str:
    """As the debrief has it: with its stage where several scorecards have one of the same name."""
    return row.dimension if row.stage == WORK_SAMPLE else interviews.key(row.stage, row.dimension)


def _dimensions(rows: Iterable[Rating]) -> list[dict[str, Any]]:
    """Every dimension's values and median; nothing over dimensions."""
    return [
        {
            "dimension": name,
            "values": list(found.values),
            "median": found.median,
            "without_information": found.without,
        }
        for name, found in rules.profile(_given(rows), ()).items()
    ]


def _rule(
    course: Course, records: Records, candidate: str, rows: Sequence[Rating]
) -> dict[str, Any]:
    """What the rule comes to, of the same ratings as in the debrief."""
    rows = [row for row in rows if row.stage == WORK_SAMPLE]
    talks = interviews.held(course, records, candidate)
    names = dict.fromkeys(row.assignment.removesuffix(REVISION) for row in rows)
    planned = [
        criterion.dimension
        for each in assignments.all_of(course)
        if each.id in names
        for criterion in each.criteria.values()
    ]
    given = [*_given(rows), *(row for talk in talks for row in talk.given())]
    how = settings.of(course).rule
    verdict = rules.verdict(how, given, list(dict.fromkeys([*planned, *interviews.planned(talks)])))
    return {
        "words": how.words(),
        "outcome": verdict.outcome,
        "reasons": list(verdict.reasons),
        "covered": verdict.covered,
        "planned": verdict.planned,
    }
