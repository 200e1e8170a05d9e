"""Submissions: what candidates send back becomes attempts with receipts.

``state/attempts/<assignment>/<candidate>/<n>/`` keeps every attempt as it was accepted, with
``receipt.json``; nothing there is ever changed. ``submitted/<candidate>/<assignment>/`` holds the
newest attempt's notebook, as nbgrader wants it, and nothing else that a candidate sent.
"""

from __future__ import annotations

import ctypes
import difflib
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from worksample import assignment as assignments
from worksample import case as cases
from worksample import clean, repair
from worksample.course import Course
from worksample.errors import CandidateError, SubmissionError, WorksampleError
from worksample.listing import Entry, Listing, listing
from worksample.records import Audit, Records, Submission, now

MAX_EXTRA_BYTES = 64 * 2**20
MAX_EXTRA_FILES = 500
MAX_REFUSED = 50  # files that were read for nothing, and notes on what was left out
MAX_NOTEBOOKS = 50
MAX_META_BYTES = 2**16
NAME_MAX = 255  # bytes of a file's name on Linux; a zip knows no such limit

# ours to bind at grading, or nobody's work
_NEVER_TAKEN = {
    *("case", "answers", "feedback", "__pycache__", "__MACOSX", "worksample.json"),
    *("timestamp.txt", "submission_secret.txt", "feedback.html", "feedback.ipynb"),
}
_MARK = "worksample.json"
# nbgrader's exchange puts it beside a submission and wants it back beside the feedback
_SECRET = "submission_secret.txt"
_COPY_MARK = re.compile(r"( ?\(\d+\)|-Copy\d+|_\d{10,})$")


@dataclass(frozen=True)
class Receipt:
    """What was accepted.

    Attributes:
        number: n-th attempt received for this assignment and candidate.
        code: short proof for the candidate, from the content's sha256.
        digest: sha256 over the names and bytes of the files taken.
        submitted: when the notebook was last saved, as far as the sender's files tell.
        current: this is the one that will be graded.
        new: False where the same content had been received before.
        notes: what had to be repaired or was left out, for people.
    """

    assignment: str
    candidate: str
    number: int
    code: str
    digest: str
    submitted: datetime
    current: bool
    new: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Collected:
    """What :func:`collect` came to: receipts, and an error for every source not taken."""

    receipts: tuple[Receipt, ...]
    refused: tuple[WorksampleError, ...]


@dataclass(frozen=True)
class Sent:
    """One submission as it was found: not yet known to be anybody's."""

    where: str
    names: tuple[str, ...]  # of the folders around it, nearest first, then the source's own
    entries: tuple[Entry, ...]  # paths relative to the submission
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Taken:
    """A submission whose owner, assignment and files are known to be in order."""

    assignment: str
    candidate: str
    files: Mapping[str, bytes]
    submitted: datetime
    where: str
    notes: tuple[str, ...]


def collect(course: Course, sources: Iterable[Path], assignment_id: str | None = None) -> Collected:
    """Take folders and zips back. The newest attempt counts, earlier ones are kept.

    Args:
        sources: a candidate's folder or zip, or a folder of such.
        assignment_id: nbgrader's; refuse what is of another assignment.
    """
    taken: list[Taken] = []
    refused: list[WorksampleError] = []
    for sent in _all_sent(sources, refused):
        try:
            taken.append(_take(course, sent, assignment_id))
        except WorksampleError as error:
            refused.append(_located(error, sent.where))
        except Exception as error:  # one bad submission never stops the others
            what = f"it cannot be taken: {type(error).__name__}: {error}"
            refused.append(SubmissionError(what, where=sent.where))
    taken.sort(key=lambda each: each.submitted)
    settled = [_not_ahead(course, each) for each in taken]
    return Collected(tuple(_accept(course, each) for each in settled), tuple(refused))


def _not_ahead(course: Course, taken: Taken) -> Taken:
    """A sender's clock that is ahead does not outrun what comes tomorrow.

    Ours may have fallen back since the last one came: then that one's time is the better guess.
    """
    last = Records(course.records_url).last_submission(taken.assignment, taken.candidate)
    today = max(now(), last.submitted) if last else now()
    return replace(taken, submitted=min(taken.submitted, today))


def adopt(course: Course, assignment_id: str, candidate: str) -> Submission:
    """The attempt that lies in ``submitted/``, received now if it was put there by other means.

    Afterwards the folder holds a regular ``<assignment>.ipynb``, ``timestamp.txt`` and, if it
    came through nbgrader's exchange, ``submission_secret.txt``; nothing else.

    Raises:
        CandidateError: the candidate has no case.
        SubmissionError: there is nothing that could be graded.
    """
    folder = submitted_folder(course, assignment_id, candidate)
    cases.bound(course, assignment_id, candidate)
    records = Records(course.records_url)
    last = records.last_submission(assignment_id, candidate)
    if last and _is_published(course, folder, last):
        return last
    if kept := _kept_only(course, records, assignment_id, candidate):
        return kept
    sent = Sent(str(folder), (candidate,), listing(folder).entries, {})
    taken = _contents(course, sent, assignment_id, candidate)
    # whoever put it there meant it to be graded, whatever the files' times say
    times = [min(_stamp(folder) or taken.submitted, now())]
    times += [last.submitted] if last else []
    _accept(course, replace(taken, submitted=max(times)), repeat=True)
    row = records.last_submission(assignment_id, candidate)
    assert row
    return row


def disarm(folder: Path) -> None:
    """Remove links, pipes and devices: whatever copies the folder must not follow them."""
    if folder.is_symlink():
        folder.unlink()
        return
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            path.unlink()


def attempt_folder(course: Course, row: Submission) -> Path:
    """Where an attempt's files are kept."""
    return course.state / "attempts" / row.assignment / row.candidate / str(row.number)


def files(course: Course, row: Submission) -> dict[str, Path]:
    """The files of an attempt by name, the notebook among them.

    Raises:
        SubmissionError: they are not the ones that were received.
    """
    folder = attempt_folder(course, row)
    kept = _kept_digests(course, row)
    found = {name: folder / "files" / name for name in kept}
    for name, path in found.items():
        if hashlib.sha256(path.read_bytes()).hexdigest() != kept[name]:
            raise SubmissionError(
                "a kept attempt was changed", where=str(path), do="restore state/ from a backup"
            )
    return found


def submitted_folder(course: Course, assignment_id: str, candidate: str) -> Path:
    """nbgrader's folder for the newest attempt."""
    return course.submitted / candidate / assignment_id


def submitted_candidates(course: Course, assignment_id: str) -> list[str]:
    """Who has a folder in ``submitted/``, whatever is in it; sorted."""
    return sorted(path.parent.name for path in course.submitted.glob(f"*/{assignment_id}"))


# ---- finding submissions in what was sent ----


def _all_sent(sources: Iterable[Path], refused: list[WorksampleError]) -> Iterator[Sent]:
    for source in sources:
        try:
            found = listing(source)
            yield from _sent(found, refused)
        except WorksampleError as error:
            refused.append(error)
            continue
        if source.is_dir():
            zips = sorted(path for path in source.iterdir() if path.suffix.lower() == ".zip")
            yield from _all_sent(zips, refused)


def _sent(found: Listing, refused: list[WorksampleError]) -> Iterator[Sent]:
    """The submissions in one source: the folders that hold a notebook or our mark."""
    marked = _outermost({e.path.parent for e in found.entries if e.path.name == _MARK})
    loose = {
        entry.path.parent
        for entry in found.entries
        if entry.path.suffix == ".ipynb"
        and not _never_taken(entry.path)
        and not any(entry.path.is_relative_to(root) for root in marked)
    }
    # a stray notebook above candidates' folders must not swallow them
    around = {folder for folder in loose if any(root.is_relative_to(folder) for root in marked)}
    roots = sorted(marked | _outermost(loose - around))
    for root in roots:
        yield _sent_at(found, root)
    for folder in _without_submission(found, roots):
        where = f"{found.name}/{folder}".removesuffix("/.")
        refused.append(
            SubmissionError(
                "there is no notebook in it",
                where=where,
                do="ask the candidate for the .ipynb file",
            )
        )


def _outermost(folders: set[PurePosixPath]) -> set[PurePosixPath]:
    return {folder for folder in folders if not set(folder.parents) & folders}


def _without_submission(found: Listing, roots: list[PurePosixPath]) -> list[PurePosixPath]:
    if PurePosixPath(".") in roots:
        return []
    tops = {path for path in found.folders if len(path.parts) == 1 and not _never_taken(path)}
    used = {PurePosixPath(root.parts[0]) for root in roots}
    zips = any(entry.path.suffix.lower() == ".zip" for entry in found.entries)
    if not tops and not roots and not zips:
        return [PurePosixPath(".")]
    return sorted(tops - used)


def _sent_at(found: Listing, root: PurePosixPath) -> Sent:
    entries = tuple(
        replace(entry, path=entry.path.relative_to(root))
        for entry in found.entries
        if entry.path.is_relative_to(root)
    )
    meta = next((e for e in entries if str(e.path) == _MARK and e.regular), None)
    where = f"{found.name}/{root}".removesuffix("/.")
    source = Path(found.name)
    own = source.stem if source.suffix.lower() == ".zip" else source.name
    return Sent(where, (*reversed(root.parts), own), entries, _meta(meta))


def _meta(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    try:
        value = json.loads(entry.read(MAX_META_BYTES))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


# ---- whose it is, and what of it is taken ----


def _take(course: Course, sent: Sent, wanted: str | None) -> Taken:
    candidate, assignment_id = _owner(course, sent, wanted)
    case = cases.bound(course, assignment_id, candidate)
    stated = sent.meta.get("case")
    if stated is not None and stated != case.id():
        raise SubmissionError(
            f"worksample.json names a case that is not {candidate}'s",
            do="find out whose work this is before taking it",
        )
    return _contents(course, sent, assignment_id, candidate)


def _owner(course: Course, sent: Sent, wanted: str | None) -> tuple[str, str]:
    known = known_assignments(course)
    assignment_id = _text(sent.meta.get("assignment")) or _named_assignment(sent, known) or wanted
    if assignment_id is None:
        raise SubmissionError(
            "it does not say which assignment it is of",
            do="give --assignment, or name the notebook after the assignment",
        )
    if assignment_id not in known:
        raise SubmissionError(
            f"there is no assignment {assignment_id!r} in this course",
            do=f"there are: {', '.join(known)}",
        )
    if wanted not in (None, assignment_id):
        raise SubmissionError(f"it is of {assignment_id}, not of {wanted}")
    return _candidate(course, sent, assignment_id), assignment_id


def known_assignments(course: Course) -> list[str]:
    """nbgrader's assignments: every assignment's id, and that of its revision."""
    return [name for each in assignments.ids(course) for name in (each, each + cases.REVISION)]


def _candidate(course: Course, sent: Sent, assignment_id: str) -> str:
    invited = cases.candidates(course, assignment_id)
    stated = _text(sent.meta.get("candidate"))
    names = [_bare(name, assignment_id) for name in sent.names]
    by_folder = next((name for name in names if name in invited), None)
    if stated and by_folder and stated != by_folder:
        raise SubmissionError(
            f"worksample.json says it is {stated}'s, but it came as {by_folder}'s",
            do="find out whose work this is before taking it",
        )
    candidate = stated or by_folder
    if candidate not in invited:
        shown = clean.terminal(candidate or names[0])[:80]
        close = difflib.get_close_matches(shown, invited, n=1)
        raise CandidateError(
            f"no candidate {shown!r} was invited to {assignment_id}",
            do=f"did you mean {close[0]!r}? Name the folder or zip so"
            if close
            else "name the folder or zip after the candidate, or invite them first",
        )
    return candidate


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _bare(name: str, assignment_id: str) -> str:
    """A folder's or zip's name without what browsers and people add to it."""
    name = _COPY_MARK.sub("", name)
    return name.replace(assignment_id, "").strip(" -_.") if name != assignment_id else name


def _named_assignment(sent: Sent, known: list[str]) -> str | None:
    stems = [_COPY_MARK.sub("", entry.path.stem) for entry in _notebooks(sent)]
    return next((name for name in (*stems, *sent.names) if name in known), None)


def _contents(course: Course, sent: Sent, assignment_id: str, candidate: str) -> Taken:
    """Notebook and files of the candidate's own, with what was repaired or left out."""
    case = cases.bound(course, assignment_id, candidate)
    path = cases.released(course, assignment_id, case.level, candidate, case.skin)
    release = json.loads(path.read_bytes())
    entry, notes = _pick(sent, assignment_id, release)
    data = entry.read(repair.MAX_BYTES)
    repaired = repair.repair(data, release, cases.given(course, assignment_id, candidate))
    notes += [f"{note.cell}: {note.what}" if note.cell else note.what for note in repaired.notes]
    assignment = assignments.find(course, case.assignment)
    extra, left_out = _extras(sent, entry, {*assignment.files, f"{assignment_id}.ipynb"})
    return Taken(
        assignment=assignment_id,
        candidate=candidate,
        files={f"{assignment_id}.ipynb": data, **extra},
        submitted=entry.modified or now(),
        where=sent.where,
        notes=tuple(notes + left_out),
    )


def _notebooks(sent: Sent) -> list[Entry]:
    found = [e for e in sent.entries if e.path.suffix == ".ipynb" and not _never_taken(e.path)]
    return sorted(found, key=lambda entry: (len(entry.path.parts), str(entry.path)))


def _pick(sent: Sent, assignment_id: str, release: Mapping[str, Any]) -> tuple[Entry, list[str]]:
    """The notebook to grade: the one of the right name, else the one with the right cells."""
    found = _notebooks(sent)
    if not found:
        raise SubmissionError(
            "there is no notebook in it", do="ask the candidate for the .ipynb file"
        )
    named = [entry for entry in found if entry.path.name == f"{assignment_id}.ipynb"]
    looked_at = found[:MAX_NOTEBOOKS]
    entry = named[0] if named else max(looked_at, key=lambda each: _known_cells(each, release))
    if not entry.regular:
        raise SubmissionError(f"{entry.path.name} is not a regular file")
    notes = []
    if not named:
        if not _known_cells(entry, release):
            raise SubmissionError(
                f"no notebook in it is of {assignment_id}",
                do=f"ask the candidate for {assignment_id}.ipynb",
            )
        notes.append(f"The notebook came as “{clean.terminal(entry.path.name)[:80]}”.")
    if len(found) > 1:
        notes.append(f"{len(found) - 1} more notebooks were in it; they were not looked at.")
    return entry, notes


def _known_cells(entry: Entry, release: Mapping[str, Any]) -> int:
    known = {repair.release_id(cell): cell for cell in release["cells"]}
    try:
        data = entry.read(repair.MAX_BYTES) if entry.regular else b'{"cells": []}'
        cells = repair.read(data, known)[0]["cells"]
    except SubmissionError:
        return 0
    return sum(isinstance(c, dict) and repair.cell_id(c, known) is not None for c in cells)


def _extras(sent: Sent, notebook: Entry, ours: set[str]) -> tuple[dict[str, bytes], list[str]]:
    """Files of the candidate's own beside the notebook, and what was left out of them."""
    kept: dict[str, bytes] = {}
    notes: list[str] = []
    room, refused = MAX_EXTRA_BYTES, 0
    base = notebook.path.parent
    for entry in sent.entries:
        # in a zip a file may have a folder's name
        beside = entry.path != base and entry.path.is_relative_to(base)
        if not beside or entry.path.suffix == ".ipynb":
            continue
        name = entry.path.relative_to(base)
        if _never_taken(name) or name.parts[0] in ours:
            continue
        shown = clean.terminal(str(name))[:80]
        if not entry.regular:
            notes.append(f"“{shown}” is not a regular file; it was left out.")
        elif not _can_be_kept(name, kept):
            notes.append(f"“{shown}” has a name that cannot be kept; it was left out.")
        elif len(kept) >= MAX_EXTRA_FILES:
            notes.append(f"“{shown}”: more than {MAX_EXTRA_FILES} files; it was left out.")
        elif refused >= MAX_REFUSED:
            notes.append(f"“{shown}” comes after too many that are damaged; it was left out.")
        else:
            try:
                kept[str(name)] = entry.read(room)
                room -= len(kept[str(name)])
            except SubmissionError:
                refused += 1
                notes.append(f"“{shown}” is too large or damaged; it was left out.")
    if len(notes) > MAX_REFUSED:
        notes[MAX_REFUSED:] = [f"{len(notes) - MAX_REFUSED} more files were left out."]
    return kept, notes


def _can_be_kept(name: PurePosixPath, kept: Mapping[str, bytes]) -> bool:
    usual = all(
        re.fullmatch(r"[\w. ()+-]{1,100}", part) and len(part.encode()) <= NAME_MAX
        for part in name.parts
    )
    # a zip may hold both `a` and `a/b`
    clash = any(str(parent) in kept for parent in name.parents)
    return usual and not clash and not any(other.startswith(f"{name}/") for other in kept)


def _never_taken(path: PurePosixPath) -> bool:
    return any(part in _NEVER_TAKEN or part.startswith(".") for part in path.parts)


# ---- keeping it ----


def _accept(course: Course, taken: Taken, repeat: bool = False) -> Receipt:
    with _one_at_a_time(course):
        return _accept_locked(course, taken, repeat)


@contextmanager
def _one_at_a_time(course: Course) -> Iterator[None]:
    """Two that come at once must not get the same number."""
    lock = course.state / "attempts" / ".lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _accept_locked(course: Course, taken: Taken, repeat: bool) -> Receipt:
    """Keep an attempt; it counts unless one saved later is there.

    In this order a kill loses nothing: an attempt that is kept but not recorded is replaced, one
    that is in ``submitted/`` but not recorded is adopted.
    """
    records = Records(course.records_url)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in taken.files.items()}
    digest = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
    rows = records.submissions(taken.assignment, taken.candidate)
    newest = max(rows, key=lambda row: (row.submitted, row.number), default=None)
    same = next((row for row in rows if row.digest == digest), None)
    if same and not repeat:
        return _receipt(same, same is newest, new=False)
    counts = newest is None or taken.submitted >= newest.submitted
    late = () if counts else ("An attempt saved later is there; that one counts.",)
    row = Submission(
        assignment=taken.assignment,
        candidate=taken.candidate,
        number=len(rows) + 1,
        digest=digest,
        receipt=digest[:12],
        submitted=taken.submitted,
        source=clean.terminal(taken.where),
        notes=[*taken.notes, *late],
    )
    _keep(course, row, taken.files, hashes)
    if counts:
        _publish(course, row)
    _record(records, row)
    return _receipt(row, counts, new=True)


def _kept_only(
    course: Course, records: Records, assignment_id: str, candidate: str
) -> Submission | None:
    """The attempt that a kill left kept and published but not recorded; it is recorded now.

    What lies in ``submitted/`` is then no more than its notebook: received from there, it would
    replace the kept attempt and lose the candidate's other files.
    """
    with _one_at_a_time(course):
        rows = records.submissions(assignment_id, candidate)
        row = Submission(assignment=assignment_id, candidate=candidate, number=len(rows) + 1)
        receipt = attempt_folder(course, row) / "receipt.json"
        folder = submitted_folder(course, assignment_id, candidate)
        if not (receipt.is_file() and folder.is_dir() and _is_published(course, folder, row)):
            return None
        _sweep(folder)
        told = json.loads(receipt.read_text(encoding="utf-8"))
        row.digest, row.receipt = told["digest"], told["receipt"]
        row.submitted = datetime.fromisoformat(told["submitted"])
        row.source, row.notes = told["source"], told["notes"]
        _record(records, row)
    return records.last_submission(assignment_id, candidate)


def _record(records: Records, row: Submission) -> None:
    audit = Audit(
        assignment=row.assignment,
        candidate=row.candidate,
        actor=cases.actor(),
        action="receive",
        detail={"number": row.number, "digest": row.digest},
    )
    records.add(row)
    records.add(audit)


def _receipt(row: Submission, is_current: bool, new: bool) -> Receipt:
    return Receipt(
        assignment=row.assignment,
        candidate=row.candidate,
        number=row.number,
        code=row.receipt,
        digest=row.digest,
        submitted=row.submitted,
        current=is_current,
        new=new,
        notes=tuple(row.notes),
    )


def _keep(
    course: Course, row: Submission, contents: Mapping[str, bytes], hashes: Mapping[str, str]
) -> None:
    folder = attempt_folder(course, row)
    receipt = {
        "assignment": row.assignment,
        "candidate": row.candidate,
        "number": row.number,
        "receipt": row.receipt,
        "digest": row.digest,
        "submitted": row.submitted.isoformat(),
        "received": now().isoformat(),
        "source": row.source,
        "notes": row.notes,
        "files": dict(hashes),
    }
    text = json.dumps(receipt, indent=1, ensure_ascii=False)
    named = {f"files/{name}": data for name, data in contents.items()}
    _replace_folder(folder, {**named, "receipt.json": text.encode()})


def _publish(course: Course, row: Submission) -> None:
    """Put the attempt's notebook where nbgrader looks for it."""
    folder = submitted_folder(course, row.assignment, row.candidate)
    name = f"{row.assignment}.ipynb"
    data = (attempt_folder(course, row) / "files" / name).read_bytes()
    # nbgrader grades again only what is newer
    before = _stamp(folder)
    stamp = max(row.submitted, before + timedelta(seconds=1)) if before else row.submitted
    when = f"{stamp:%Y-%m-%d %H:%M:%S.%f} UTC"
    contents = {name: data, "timestamp.txt": when.encode()}
    if (folder / _SECRET).is_file():
        contents[_SECRET] = repair.read_file(folder / _SECRET, 1000)
    _replace_folder(folder, contents)


def _is_published(course: Course, folder: Path, row: Submission) -> bool:
    """Whether ``submitted/`` holds this attempt's notebook and nothing to be wary of."""
    name = f"{row.assignment}.ipynb"
    there = {path.name for path in folder.iterdir()}
    if folder.is_symlink() or there - {_SECRET} != {name, "timestamp.txt"}:
        return False
    if _stamp(folder) is None:
        return False
    found = hashlib.sha256(repair.read_file(folder / name)).hexdigest()
    return found == _kept_digests(course, row)[name]


def _stamp(folder: Path) -> datetime | None:
    """The time in nbgrader's ``timestamp.txt``, if there is one that can be read."""
    from nbgrader.utils import parse_utc

    try:
        text = repair.read_file(folder / "timestamp.txt", 200).decode()
        parsed = parse_utc(text.strip())
    except (SubmissionError, ValueError, OverflowError):
        return None
    return parsed.replace(tzinfo=UTC) if parsed.year < MAXYEAR else None  # nothing could be newer


def _kept_digests(course: Course, row: Submission) -> dict[str, str]:
    path = attempt_folder(course, row) / "receipt.json"
    return json.loads(path.read_text(encoding="utf-8"))["files"]


def _replace_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make ``folder`` hold exactly these files, in one step; the caller holds the lock."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    with tempfile.TemporaryDirectory(prefix=".receiving-", dir=folder.parent) as scratch:
        fresh = Path(scratch, "new")
        for name, data in contents.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        there = folder.is_symlink() or folder.exists()
        if there and _exchanged(fresh, folder):
            return
        if there:
            folder.rename(Path(scratch, "old"))
        fresh.rename(folder)


def _sweep(folder: Path) -> None:
    """Remove what a kill left beside ``folder`` when it was replaced; the caller holds the lock."""
    for left in folder.parent.glob(".receiving-*"):
        shutil.rmtree(left)


def _exchanged(one: Path, other: Path) -> bool:
    """Give each the other's name, at once; False where the file system cannot."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return rename is not None and not rename(
        here, os.fsencode(one), here, os.fsencode(other), exchange
    )


def _located(error: WorksampleError, where: str) -> WorksampleError:
    if error.where is None:
        error.where = where
    return error
