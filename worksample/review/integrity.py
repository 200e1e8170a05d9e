"""Whether evidence is still what was written, and if not, which part of it was touched.

Each record holds the hash of the one before, so a change to any but the newest shows in the chain
itself. The newest is held by the digest that the database noted when its score entered the
gradebook. Executed notebook, submission and case are held by the hashes in the record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample.assignments import case as cases
from worksample.course import Course
from worksample.errors import WorksampleError
from worksample.records import evidence
from worksample.records.evidence import Record
from worksample.records.tables import Grading, Records
from worksample.submissions import collecting as submission

_FIELDS = {
    *("format", "assignment", "candidate", "attempt", "number", "time", "outcome", "why"),
    *("inputs", "key", "case", "submission", "repairs", "run", "checks", "points", "possible"),
    *("notebook", "previous"),
}


@dataclass(frozen=True)
class Kept:
    """A record's file as it lies there; ``record`` is None if it cannot be read as one."""

    number: int
    path: Path
    digest: str
    record: Record | None


@dataclass(frozen=True)
class Finding:
    """What was found about one part: ``said`` is a sentence, or one for each fault."""

    part: str
    ok: bool
    said: str


def kept(course: Course, assignment: str, candidate: str) -> tuple[Kept, ...]:
    """Every record's file, oldest first, whatever state it is in."""
    return tuple(_read(path) for path in evidence.paths(course, assignment, candidate))


def examine(
    course: Course, assignment: str, candidate: str, files: Sequence[Kept], chosen: Kept
) -> tuple[Finding, ...]:
    """Hold the records against each other and against everything that was noted of them.

    Args:
        files: every record of that candidate and assignment.
        chosen: the one whose submission and case are looked at too.
    """
    rows = Records(course.records_url).gradings(assignment, candidate)
    good = len(files), "record" if len(files) == 1 else "records"
    findings = [
        _finding(
            "records",
            _chain_faults(assignment, candidate, files, rows),
            f"{good[0]} {good[1]}, each holds the hash of the one before",
        ),
        _finding("notebooks", _notebook_faults(files), "each is the one its record was made with"),
        _finding("database", _database_faults(files, rows), _noted(files, rows)),
        _in_gradebook(course, assignment, candidate, files),
    ]
    if chosen.record is not None:
        findings += [_of_submission(course, chosen.record), _of_case(course, chosen.record)]
    return tuple(findings)


def scored(files: Sequence[Kept]) -> Kept | None:
    """The newest record that holds a score."""
    return next((k for k in reversed(files) if _is_scored(k.record)), None)


def short(digest: object) -> str:
    """As much of a hash as a person compares."""
    return str(digest)[:12]


def _read(path: Path) -> Kept:
    data = path.read_bytes()
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        record = None
    digest = hashlib.sha256(data).hexdigest()
    return Kept(int(path.stem), path, digest, record if _is_record(record) else None)


def _is_record(value: Any) -> bool:
    """Of a form that nothing here stumbles over; what is in it may still be wrong."""
    return (
        isinstance(value, dict)
        and value.keys() >= _FIELDS
        and all(isinstance(value[name], dict) for name in ("inputs", "submission", "checks"))
    )


def _finding(part: str, faults: Iterator[str], good: str) -> Finding:
    found = tuple(faults)
    return Finding(part, not found, "; ".join(found) or good)


def _is_scored(record: Record | None) -> bool:
    return record is not None and record["outcome"] in evidence.SCORED


# ---- the chain ----


def _chain_faults(
    assignment: str, candidate: str, files: Sequence[Kept], rows: Sequence[Grading]
) -> Iterator[str]:
    there = {each.number: each for each in files}
    for number in range(1, max(there) + 1):
        found = there.get(number)
        if found is None:
            yield f"record {number} is missing"
        elif found.record is None:
            yield f"record {number} cannot be read"
        else:
            yield from _own_faults(found.record, assignment, candidate, number)
            yield from _link_faults(there, number, {row.number: row for row in rows})


def _own_faults(record: Record, assignment: str, candidate: str, number: int) -> Iterator[str]:
    if (record["assignment"], record["candidate"], record["number"]) != (
        *(assignment, candidate),
        number,
    ):
        yield f"record {number} says that it is another one"
    if record["key"] != evidence.key_of(record["inputs"]):
        yield f"record {number} names other inputs than it was made from"
    if not _adds_up(record):
        yield f"record {number} has other points than its checks add up to"


def _adds_up(record: Record) -> bool:
    """Whoever raises a score has to raise it in two places."""
    if record["points"] is None:
        return not record["checks"]
    try:
        return abs(sum(c["points"] for c in record["checks"].values()) - record["points"]) < 1e-3
    except (AttributeError, KeyError, TypeError):
        return False


def _link_faults(
    there: Mapping[int, Kept], number: int, rows: Mapping[int, Grading]
) -> Iterator[str]:
    after, before = there[number], there.get(number - 1)
    assert after.record is not None
    stated = after.record["previous"]
    if number == 1:
        if stated is not None:
            yield "record 1 names one before it, which is missing"
    elif before is not None and stated != before.digest:
        yield (
            f"record {number} was written after another record {number - 1} than the one that is "
            f"there: {_which_of(before, after, rows)} was changed later"
        )


def _which_of(before: Kept, after: Kept, rows: Mapping[int, Grading]) -> str:
    """The database, where it noted one of the two, is a third witness."""
    if after.number in rows and rows[after.number].evidence_digest == after.digest:
        return f"record {before.number}"
    if before.number in rows:
        same = rows[before.number].evidence_digest == before.digest
        return f"record {after.number if same else before.number}"
    return "one of the two"


def _notebook_faults(files: Sequence[Kept]) -> Iterator[str]:
    for each in files:
        stated = each.record["notebook"] if each.record else None
        if stated is None:
            continue
        path = each.path.with_suffix(".ipynb")
        if not path.is_file():
            yield f"the executed notebook of record {each.number} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != stated:
            yield f"the executed notebook of record {each.number} was changed"


# ---- the database ----


def _database_faults(files: Sequence[Kept], rows: Sequence[Grading]) -> Iterator[str]:
    there = {each.number: each for each in files}
    for row in rows:
        found = there.get(row.number)
        if found is None:
            yield f"it notes a score from record {row.number}, which is missing"
        elif found.digest != row.evidence_digest:
            yield _touched(row, found, there.get(row.number + 1))
        elif found.record and _said_by(row) != _said_by_record(found.record):
            yield (
                f"its row was changed: it notes {_score(row.points)} from record {row.number}, "
                f"whose hash is right and which says {_score(found.record['points'])}"
            )
    newest = scored(files)
    if newest is not None and newest.number not in {row.number for row in rows}:
        yield (
            f"it does not know record {newest.number}, so nothing confirms that record; if its "
            f"grading was interrupted, grade again"
        )


def _touched(row: Grading, found: Kept, after: Kept | None) -> str:
    """In words: the digest that the database noted is not the record's."""
    stated = after.record["previous"] if after and after.record else None
    if stated == found.digest:
        return (
            f"its row of record {row.number} was changed: the record after it names the hash that "
            f"record {row.number} has"
        )
    says = found.record["points"] if found.record else None
    return (
        f"record {row.number} is not the one whose hash it noted (then {short(row.evidence_digest)}"
        f", now {short(found.digest)}): record or row was changed later; the row says "
        f"{_score(row.points)}, the record {_score(says)}"
    )


def _said_by(row: Grading) -> tuple[object, ...]:
    return row.key, row.outcome, row.points


def _said_by_record(record: Record) -> tuple[object, ...]:
    return record["key"], record["outcome"], record["points"]


def _score(points: object) -> str:
    return f"{points:g} points" if isinstance(points, int | float) else "no score"


def _noted(files: Sequence[Kept], rows: Sequence[Grading]) -> str:
    if not rows:
        return "notes nothing, as no record holds a score"
    last = rows[-1].number
    words = f"notes the hash that record {last} has"
    later = [str(each.number) for each in files if each.number > last]
    # whatever comes after the newest score holds none; nothing else vouches for it
    return words + (f" (record {', '.join(later)} holds no score and is not noted)" * bool(later))


# ---- what it shows, and what it was made from ----


def _in_gradebook(
    course: Course, assignment: str, candidate: str, files: Sequence[Kept]
) -> Finding:
    newest = scored(files)
    if newest is None or newest.record is None:
        return Finding("gradebook", True, "there is no score to show")
    from worksample.batch import gradebook  # nbgrader takes a second to import

    shown = gradebook.scores(course, assignment, candidate)
    if not shown:
        return Finding("gradebook", False, "nbgrader's gradebook does not know this work")
    wanted = {name: _points(check) for name, check in newest.record["checks"].items()}
    other = [name for name in wanted if shown.get(name, (None, None))[0] != wanted[name]]
    by_hand = [
        f"{name} {shown[name][1]:g}"
        for name in wanted
        if shown.get(name, (None, None))[1] is not None
    ]
    if other:
        said = f"nbgrader does not show what record {newest.number} says: {', '.join(other)}"
        return Finding("gradebook", False, said)
    said = f"nbgrader shows the points of record {newest.number}"
    said += f"; a person has set others, which count: {', '.join(by_hand)}" if by_hand else ""
    return Finding("gradebook", True, said)


def _points(check: Any) -> Any:
    return check.get("points") if isinstance(check, dict) else None


def _of_submission(course: Course, record: Record) -> Finding:
    rows = Records(course.records_url).submissions(record["assignment"], record["candidate"])
    row = next((r for r in rows if r.digest == record["inputs"].get("submission")), None)
    if row is None:
        return Finding("submission", False, "no receipt names the files that this was made from")
    try:
        files = submission.files(course, row)
    except (WorksampleError, OSError, ValueError, KeyError) as error:
        said = getattr(error, "what", None) or "it cannot be read any more"
        return Finding("submission", False, f"attempt {row.number}: {said}")
    held = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    if held != record["submission"].get("files"):
        return Finding("submission", False, f"attempt {row.number} holds other files than were run")
    return Finding("submission", True, f"attempt {row.number}, kept as it was handed in")


def _of_case(course: Course, record: Record) -> Finding:
    try:
        case = cases.bound(course, record["assignment"], record["candidate"])
        same = cases.digest(case) == record["inputs"].get("case")
    except (WorksampleError, OSError, ValueError, KeyError) as error:
        said = getattr(error, "what", None) or "it cannot be read any more"
        return Finding("case", False, said)
    words = "kept as it was drawn" if same else "it is not the one that this was made with"
    return Finding("case", same, words)
