"""Erasing a candidate: files, gradebook, tables, evidence; a receipt and hashes are what is left.

The order is such that a kill at any point leaves enough for the same command to complete it: what
says who there is goes last.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from worksample import assignments, disk
from worksample.assignments.case import REVISION
from worksample.batch import gradebook
from worksample.course import Course
from worksample.errors import CourseError, PrivacyError
from worksample.privacy import keeping, places
from worksample.privacy.keeping import Kept
from worksample.records import evidence, forgetting
from worksample.records.tables import Audit, FormUse, Records, now

#: what no command can reach, said with every erasure
ELSEWHERE = (
    "backups of this course, and a PostgreSQL server's log of what was written",
    "packages, receipts and feedback that were sent, and the e-mails they were sent with",
    "nbgrader's exchange, where one is used",
    "accounts and folders on a hub other than that of `worksample serve`",
)


@dataclass(frozen=True)
class Plan:
    """What would go.

    Attributes:
        kept: how long it is kept, and whether something stands against erasing it.
        places: files and folders.
        files: how many files these are.
        size: of these, in bytes.
        rows: our tables -> rows.
        submissions: attempts in nbgrader's gradebook; None where it does not know them.
        chains: assignment -> records of evidence.
        logs: log files, and copies of before an upgrade, that name them; they go whole.
        others: other ids of the same person, as far as anybody said; each is erased by itself.
    """

    candidate: str
    kept: Kept
    places: tuple[Path, ...]
    files: int
    size: int
    rows: Mapping[str, int]
    submissions: int | None
    chains: Mapping[str, int]
    logs: tuple[Path, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Receipt:
    """What was done.

    Attributes:
        number: names it; a hash of the rest.
        instead: the pseudonym that stands in the audit log.
        left: files of the course that name the candidate all the same.
    """

    number: str
    candidate: str
    instead: str
    time: datetime
    by: str
    files: int
    rows: int
    records: int
    left: tuple[Path, ...]


def plan(course: Course, candidate: str) -> Plan:
    """What erasing would come to; nothing is changed.

    Raises:
        CandidateError: nothing of theirs is here.
        CourseError: ``privacy.toml`` has a mistake.
    """
    kept = keeping.of(course, candidate)
    records, found = Records(course.records_url), places.of(course, candidate)
    files = [path for place in found for path in _files(place)]
    chains = {name: evidence.paths(course, name, candidate) for name in _assignments(course)}
    return Plan(
        candidate=candidate,
        kept=kept,
        places=tuple(found),
        files=len(files),
        size=sum(path.lstat().st_size for path in files),
        rows=forgetting.counts(records, candidate),
        submissions=keeping.in_gradebook(course, candidate),
        chains={name: len(paths) for name, paths in chains.items() if paths},
        logs=tuple(places.logs(course, candidate)),
        others=tuple(_others(records, candidate)),
    )


def refusal(found: Plan, at: datetime | None = None) -> str:
    """Why it may not be done now; empty where it may."""
    kept = found.kept
    if kept.hold:
        return f"{kept.candidate} is on hold: {kept.hold}"
    if kept.earliest > (at or now()):
        return (
            f"{kept.candidate}: the law has it kept until {kept.earliest:%Y-%m-%d} (privacy.toml)"
        )
    return ""


def erase(
    course: Course, candidate: str, by: str, progress: Callable[[str], None] = lambda step: None
) -> Receipt:
    """Erase everything that is kept about a candidate. It cannot be undone.

    Args:
        by: who does it, for the receipt and the audit log.
        progress: called with what is done next, in words.

    Raises:
        CandidateError: nothing of theirs is here.
        CourseError: ``privacy.toml`` has a mistake, or another command works on their data.
        PrivacyError: they are on hold, a law has it kept, or nobody does it.
    """
    if not by.strip():
        raise PrivacyError("it has to be said who does this", do="add --by YOU")
    with _alone(course):
        found = plan(course, candidate)
        if why := refusal(found):
            do = f"worksample hold {candidate} --end --by YOU" if found.kept.hold else None
            raise PrivacyError(why, do=do)
        instead = forgetting.pseudonym(course, candidate)
        progress("evidence, down to its hashes")
        for name in _assignments(course):
            evidence.erase(course, name, candidate, instead)
        progress("files")
        for path in places.of(course, candidate):
            _remove(path)
        for path in found.logs:
            _empty(path)
        disk.sweep_scratch()  # what a killed command had unpacked
        places.forget_names(course, candidate)
        progress("databases")
        if found.submissions is not None:
            with gradebook.opened(course) as book:
                book.remove_student(candidate)
        receipt = _receipt(course, found, by, instead)
        _into_records(course, receipt)
    for url in (course.gradebook_url, course.records_url):
        forgetting.compact(url)
    progress("looking for what is left")
    return _with_left(receipt, places.left(course, candidate))


def finish(course: Course, candidate: str) -> Receipt | None:
    """The receipt of somebody who was erased, after what a kill may have left undone is done."""
    row = forgetting.receipt(course, candidate)
    if row is None:
        return None
    for url in (course.gradebook_url, course.records_url):
        forgetting.compact(url)
    said = dict(row.detail)
    receipt = Receipt(
        number=str(said["receipt"]),
        candidate=candidate,
        instead=row.candidate,
        time=row.time,
        by=row.actor,
        files=int(str(said["files"])),
        rows=int(str(said["rows"])),
        records=int(str(said["records"])),
        left=(),
    )
    return _with_left(receipt, places.left(course, candidate))


def touched(course: Course) -> list[str]:
    """What was changed of the hashes of erased evidence, one sentence each; empty if nothing was.

    The receipts in the audit log say what each tombstone was.
    """
    with Records(course.records_url).session() as session:
        rows = session.scalars(select(Audit).filter_by(action=forgetting.ERASED)).all()
    stated = {
        evidence.tombstone(course, name, row.candidate): digest
        for row in rows
        for name, digest in dict(row.detail["tombstones"]).items()  # type: ignore[call-overload]
    }
    there = evidence.tombstones(course)
    found = [f"{_name(path)} is missing" for path in stated.keys() - there.keys()]
    for path in there:
        if path not in stated:
            found.append(f"{_name(path)} has no receipt")
        elif _digest(path) != stated[path]:
            found.append(f"{_name(path)} was changed")
    return sorted(found)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _receipt(course: Course, found: Plan, by: str, instead: str) -> Receipt:
    time = now()
    total = sum(found.rows.values())
    said = [instead, time.isoformat(), by, found.files, total, dict(found.chains)]
    return Receipt(
        number=hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12],
        candidate=found.candidate,
        instead=instead,
        time=time,
        by=by,
        files=found.files,
        rows=total,
        records=sum(found.chains.values()),
        left=(),
    )


def _into_records(course: Course, receipt: Receipt) -> None:
    """The receipt in, then their rows out: a kill between the two is found by the rows."""
    records = Records(course.records_url)
    digests = {
        path.parent.name: _digest(path)
        for path in evidence.tombstones(course)
        if path.stem == receipt.instead
    }
    detail: dict[str, object] = {
        "receipt": receipt.number,
        "files": receipt.files,
        "rows": receipt.rows,
        "records": receipt.records,
        "tombstones": digests,
    }
    row = Audit(
        assignment="",
        candidate=receipt.instead,
        time=receipt.time,
        actor=receipt.by,
        action=forgetting.ERASED,
        detail=detail,
    )
    forgetting.forget(records, receipt.candidate, row)


def _with_left(receipt: Receipt, left: list[Path]) -> Receipt:
    return replace(receipt, left=tuple(left))


def _assignments(course: Course) -> list[str]:
    """nbgrader's ids of everything that there is evidence of."""
    return sorted(path.name for path in course.evidence.glob("*/") if not path.name.startswith("."))


def _files(place: Path) -> Iterator[Path]:
    if place.is_symlink() or place.is_file():
        yield place
    else:
        yield from (path for path in place.rglob("*") if path.is_symlink() or path.is_file())


def _empty(path: Path) -> None:
    """A program that runs goes on writing at the end of its log, whether that has a name or not."""
    if ".log" in path.suffixes:
        os.truncate(path, 0)
    else:
        path.unlink()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _others(records: Records, candidate: str) -> list[str]:
    with records.session() as session:
        rows = session.scalars(select(FormUse)).all()
    named = {row.candidate for row in rows if candidate in row.formerly}
    named |= {each for row in rows if row.candidate == candidate for each in row.formerly}
    return sorted(each for each in named - {candidate} if not each.startswith("erased-"))


@contextmanager
def _alone(course: Course) -> Iterator[None]:
    """Nobody invites, collects or grades meanwhile: they hold these files while they do."""
    locks = [course.state / ".inviting", course.state / "attempts" / ".lock"]
    for name in assignments.ids(course):
        locks += [course.state / f".grading-{each}" for each in (name, name + REVISION)]
    with ExitStack() as stack:
        for path in locks:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(open(path, "a"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CourseError(
                    "another command works on candidates' data", do="wait for it to end"
                ) from None
        yield
