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
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from worksample import assignments, disk
from worksample.assignments import case as cases
from worksample.assignments import mark
from worksample.course import Course
from worksample.errors import CandidateError, SubmissionError, WorksampleError
from worksample.grading import clean, repair, skim
from worksample.records import now
from worksample.records.tables import Audit, LateSubmission, Records, Submission, actor
from worksample.submissions import choosing, filenames, inbox, listing
from worksample.submissions.choosing import Notebook
from worksample.submissions.inbox import MAX_NOTEBOOKS, Finder, Sent
from worksample.submissions.listing import Entry
from worksample.workbook import packing

MAX_EXTRA_BYTES = packing.MAX_BYTES
MAX_EXTRA_FILES = packing.MAX_FILES
MAX_REFUSED = 50  # files that were read for nothing, and notes on what was left out
# clocks on earth are from 12 hours behind UTC to 14 ahead
MAX_ZONES = timedelta(hours=26)

# nbgrader's exchange puts it beside a submission and wants it back beside the feedback
_SECRET = "submission_secret.txt"


@dataclass(frozen=True)
class Receipt:
    """What was accepted.

    Attributes:
        number: n-th attempt received for this assignment and candidate.
        code: the fingerprint that the candidate saw when they packed the same.
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
    """What :func:`collect` came to: receipts, and an error for every source not taken.

    Attributes:
        unsure: attempts that were taken, and of which a person has to say whether they are newer.
    """

    receipts: tuple[Receipt, ...]
    refused: tuple[WorksampleError, ...]
    unsure: tuple[WorksampleError, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What the person who collects has said.

    Attributes:
        assignment: nbgrader's; refuse what is of another assignment.
        candidate: whose the one submission is that bears no mark.
        notebook: the name of the notebook to take.
        newest: it counts, whatever its times say.
    """

    assignment: str | None = None
    candidate: str | None = None
    notebook: str = ""
    newest: bool = False


@dataclass(frozen=True)
class Taken:
    """A submission whose owner, assignment and files are known to be in order.

    Attributes:
        zoned: ``submitted`` is known in UTC, not guessed from a clock of an unknown zone.
        arrived: when it came to this machine.
        fingerprint: of what counts, as the candidate was shown it (:mod:`packing`).
    """

    assignment: str
    candidate: str
    files: Mapping[str, bytes]
    submitted: datetime
    where: str
    notes: tuple[str, ...]
    zoned: bool = True
    arrived: datetime | None = None
    fingerprint: str = ""


def collect(
    course: Course,
    sources: Iterable[Path],
    assignment_id: str | None = None,
    wish: Wish | None = None,
) -> Collected:
    """Take folders, archives and notebooks back. The newest attempt counts, earlier ones are kept.

    Args:
        sources: a candidate's folder, archive or notebook, or a folder or archive of such.
        assignment_id: nbgrader's; refuse what is of another assignment.
        wish: all that the person has said; ``assignment_id`` is then not looked at.
    """
    wish = wish or Wish(assignment_id)
    taken: list[Taken] = []
    refused: list[WorksampleError] = []
    with disk.scratch("collected") as waiting:
        for sent in _found(course, sources, refused):
            try:
                one = _take(course, sent, wish)
                taken.append(_set_aside(one, Path(waiting, str(len(taken)))))
            except WorksampleError as error:
                refused.append(_located(error, sent.where).kept())
            except Exception as error:  # one bad submission never stops the others
                what = f"it cannot be taken: {type(error).__name__}: {error}"
                refused.append(SubmissionError(what, where=sent.where))
        if wish.candidate and len(taken) > 1:
            what = f"there are {len(taken)} submissions in it, and --as names the one of one"
            return Collected((), (*refused, SubmissionError(what, do="give each by itself")))
        taken.sort(key=lambda each: each.submitted)
        unsure: list[WorksampleError] = []
        receipts = []
        for each in (_not_ahead(course, each) for each in taken):
            each = _put_last(course, each) if wish.newest else each
            unsure += _order_unknown(course, each)
            receipts.append(_accept(course, each, repeat=wish.newest))
    return Collected(tuple(receipts), tuple(refused), () if wish.newest else tuple(unsure))


def _found(
    course: Course, sources: Iterable[Path], refused: list[WorksampleError]
) -> Iterator[Sent]:
    known = known_assignments(course)
    people = {one for each in assignments.ids(course) for one in cases.candidates(course, each)}
    return Finder(known, people, course.root, refused).submissions(sources)


class _Waiting(Mapping[str, bytes]):
    """Files that wait on disk: of many submissions only one is in memory at a time."""

    def __init__(self, files: Mapping[str, bytes], folder: Path) -> None:
        folder.mkdir()
        self._paths = {name: folder / str(number) for number, name in enumerate(files)}
        for name, path in self._paths.items():
            path.write_bytes(files[name])

    def __getitem__(self, name: str) -> bytes:
        return self._paths[name].read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _set_aside(taken: Taken, folder: Path) -> Taken:
    return replace(taken, files=_Waiting(taken.files, folder))


# ---- which of several attempts is the newest ----


def _put_last(course: Course, taken: Taken) -> Taken:
    last = Records(course.records_url).last_submission(taken.assignment, taken.candidate)
    return replace(taken, submitted=max(taken.submitted, last.submitted)) if last else taken


def _order_unknown(course: Course, taken: Taken) -> list[WorksampleError]:
    """A question, where times without a zone and the order of arrival contradict each other."""
    records = Records(course.records_url)
    last = records.last_submission(taken.assignment, taken.candidate)
    if last is None or abs(taken.submitted - last.submitted) > MAX_ZONES:
        return []
    kept = kept_receipt(course, last)
    before = datetime.fromisoformat(kept.get("arrived") or kept["received"])
    guessed = not (taken.zoned and kept.get("zoned", True))
    by_time = taken.submitted >= last.submitted
    if not guessed or by_time == ((taken.arrived or now()) >= before):
        return []
    if taken.files[f"{taken.assignment}.ipynb"] == _kept_notebook(course, last):
        return []
    counts = "this one" if by_time else "the earlier one"
    return [
        SubmissionError(
            f"its times name no zone, so whether it or {taken.candidate}'s attempt file "
            f"{last.number} is the newer cannot be told; {counts} counts for now",
            where=taken.where,
            do="ask, and collect the newer one again with --newest if it does not count",
        )
    ]


def _kept_notebook(course: Course, row: Submission) -> bytes:
    return (attempt_folder(course, row) / "files" / f"{row.assignment}.ipynb").read_bytes()


def _not_ahead(course: Course, taken: Taken) -> Taken:
    """A sender's clock that is ahead does not outrun what comes tomorrow.

    Ours may have fallen back since the last one came: then that one's time is the better guess.
    """
    last = Records(course.records_url).last_submission(taken.assignment, taken.candidate)
    today = max(now(), last.submitted) if last else now()
    return replace(taken, submitted=min(taken.submitted, today))


def receive(
    course: Course,
    assignment_id: str,
    candidate: str,
    given: Mapping[str, bytes],
    where: str,
    *,
    late: bool = False,
    repeat: bool = True,
) -> Receipt:
    """Take what a candidate hands in through a service that knows who they are.

    The time is ours and not the files'. The same again is the same receipt; what was there before
    and is handed in again counts again.

    Args:
        given: name in the assignment's folder -> bytes.
        where: how it came, for people.
        late: after the end of their time: it is kept, and counts only where nothing came in time.
        repeat: what was there before counts again; False for what a machine hands in.

    Raises:
        CandidateError: the candidate has no case.
        SubmissionError: there is no notebook in it, or it is somebody else's.
    """
    cases.bound(course, assignment_id, candidate)
    entries = tuple(_entry_of(where, name, data) for name, data in sorted(given.items()))
    sent = Sent(where, (candidate,), entries)
    found = _notebooks(course, sent)
    marks = [
        each for each in (mark.of_facts(inbox.meta(entries)), *(f.said for f in found)) if each
    ]
    _refuse_anothers(course, marks, candidate)
    _check_case(course, sent, marks, assignment_id, candidate)
    taken = _contents(course, sent, found, assignment_id, candidate)
    notes = (*taken.notes, _LATE) if late else taken.notes
    with one_at_a_time(course):
        last = Records(course.records_url).last_submission(assignment_id, candidate)
        when = max(now(), last.submitted) if last else now()
        taken = replace(taken, submitted=when, arrived=now(), zoned=True, notes=notes)
        again = repeat and not late
        return _accept_locked(course, taken, repeat=again, again=False, late=late)


_LATE = "It came after the end of the time."


def _entry_of(where: str, name: str, data: bytes) -> Entry:
    def read(limit: int) -> bytes:
        if len(data) > limit:
            raise SubmissionError(f"it is larger than {limit // 2**20} MB", where=name)
        return data

    return Entry(listing.safe_name(where, name), True, None, read, lambda: data[: listing.HEAD])


def let_count(course: Course, row: Submission, by: str, reason: str) -> Receipt:
    """Have an attempt count that does not: it is received once more, as the newest.

    Raises:
        SubmissionError: the kept files are not the ones that were received.
    """
    kept = {name: path.read_bytes() for name, path in files(course, row).items()}
    note = f"{by} let attempt file {row.number} count: {' '.join(reason.split())}"
    taken = Taken(
        assignment=row.assignment,
        candidate=row.candidate,
        files=kept,
        submitted=row.submitted,
        where=row.source,
        notes=(*row.notes, clean.terminal(note)),
        fingerprint=row.receipt,
    )
    return _accept(course, _put_last(course, taken), repeat=True)


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
    if folder.is_symlink():
        raise SubmissionError("this is a link; it has to be a folder", where=str(folder))
    sent = Sent(str(folder), (candidate,), listing.below(listing.on_disk(folder)))
    found = _notebooks(course, sent)
    said = [mark.of_facts(inbox.meta(sent.entries)), *(each.said for each in found)]
    _refuse_anothers(course, [each for each in said if each], candidate)
    taken = _contents(course, sent, found, assignment_id, candidate)
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


# ---- whose it is, and what of it is taken ----


def _take(course: Course, sent: Sent, wish: Wish) -> Taken:
    found = _notebooks(course, sent)
    if not found:
        raise SubmissionError(
            "there is no notebook in it", do="ask the candidate for the .ipynb file"
        )
    assignment_id = _assignment(course, sent, found, wish)
    candidate = _candidate(course, sent, found, assignment_id, wish)
    return _contents(course, sent, found, assignment_id, candidate, wish.notebook)


def _notebooks(course: Course, sent: Sent) -> list[Notebook]:
    entries = [entry for entry in sent.entries if not packing.is_left_behind(entry.path)]
    found = choosing.of_submission(entries, known_assignments(course))
    allowance = skim.Allowance(of=sent.allowance)
    return [choosing.read(entry, allowance) for entry in found[:MAX_NOTEBOOKS]]


def _assignment(course: Course, sent: Sent, found: Sequence[Notebook], wish: Wish) -> str:
    known, wanted = known_assignments(course), wish.assignment
    stated = sent.meta.get("assignment")
    assignment_id = stated if isinstance(stated, str) and stated else None
    if assignment_id is None:
        marked = [each.said.assignment for each in found if each.said]
        named = [filenames.assignment_in(each.entry.path.name, known) for each in found]
        folders = [filenames.assignment_in(name, known) for name in sent.names]
        assignment_id = next((each for each in (*marked, *named, *folders) if each), wanted)
    if assignment_id is None:
        raise SubmissionError(
            "it does not say which assignment it is of",
            do="give --assignment, or name the notebook after the assignment",
        )
    if assignment_id not in known:
        raise SubmissionError(
            f"there is no assignment {clean.terminal(assignment_id)[:80]!r} in this course",
            do=f"there are: {', '.join(known)}",
        )
    if wanted not in (None, assignment_id):
        raise SubmissionError(f"it is of {assignment_id}, not of {wanted}")
    return assignment_id


def known_assignments(course: Course) -> list[str]:
    """nbgrader's assignments: every assignment's id, and that of its revision."""
    return [name for each in assignments.ids(course) for name in (each, each + cases.REVISION)]


def _candidate(
    course: Course, sent: Sent, found: Sequence[Notebook], assignment_id: str, wish: Wish
) -> str:
    """Whose it is: by the signed mark, or by the word of the person who collects.

    Raises:
        CandidateError: nobody of that id was invited.
        SubmissionError: it says nothing, or another than the folder or the person does.
    """
    invited = cases.candidates(course, assignment_id)
    marks = [each for each in (mark.of_facts(sent.meta), *(one.said for one in found)) if each]
    people = list(dict.fromkeys(each.candidate for each in marks))
    for each in [*people, *([wish.candidate] if wish.candidate else [])]:
        _check_invited(each, invited, assignment_id)
    known = known_assignments(course)
    by_folder = [filenames.person_in(name, invited, known) for name in sent.names]
    came_as = wish.candidate or next((name for name in by_folder if name), None)
    if len(people) > 1:
        raise SubmissionError(
            f"it bears the marks of several people: {', '.join(people)}", do=_FIND_OUT
        )
    if people and came_as and people[0] != came_as:
        raise SubmissionError(
            f"its mark says it is {people[0]}'s, but it came as {came_as}'s", do=_FIND_OUT
        )
    if wish.candidate:
        _check_case(course, sent, marks, assignment_id, wish.candidate)
        return wish.candidate
    if not people:
        if all(each.fault for each in found) and found[0].fault:
            raise found[0].fault
        shown, who = shlex.quote(clean.terminal(sent.where)), came_as or "CANDIDATE"
        raise SubmissionError(
            "nothing in it says whose it is: a name of a file or folder proves nothing",
            do=f"if you know: worksample collect {shown} --as {who}",
        )
    _check_case(course, sent, marks, assignment_id, people[0])
    _check_genuine(course, marks)
    return people[0]


_FIND_OUT = "find out whose work this is before taking it"


def _check_invited(candidate: str, invited: Sequence[str], assignment_id: str) -> None:
    if candidate in invited:
        return
    shown = clean.terminal(candidate)[:80]
    same = [one for one in invited if one.casefold() == shown.casefold()]
    close = same or difflib.get_close_matches(shown, invited, n=1)
    raise CandidateError(
        f"no candidate {shown!r} was invited to {assignment_id}",
        do=f"did you mean {close[0]!r}?" if close else "invite them first",
    )


def _check_case(
    course: Course, sent: Sent, marks: Sequence[mark.Mark], assignment_id: str, candidate: str
) -> None:
    """Whether every case that is named or lies in it is the candidate's, whoever says whose it is.

    A folder that has lost its marks still holds the case that was worked on.
    """
    case = cases.bound(course, assignment_id, candidate)
    named = {each.case for each in marks if each.case} | set(_cases_in(sent, case.assignment))
    if named - {case.id()}:
        raise SubmissionError(f"it names a case that is not {candidate}'s", do=_FIND_OUT)


def _cases_in(sent: Sent, assignment: str) -> Iterator[str]:
    """The ids of cases of the assignment that lie in a submission."""
    for entry in sent.entries:
        if entry.regular and entry.path.parts[-2:] == ("case", "case.json"):
            with suppress(SubmissionError, ValueError, RecursionError):
                facts = json.loads(entry.read(inbox.MAX_META_BYTES))
                if isinstance(facts, dict) and facts.get("assignment") == assignment:
                    yield str(facts.get("case"))


def _check_genuine(course: Course, marks: Sequence[mark.Mark]) -> None:
    """Whether the marks, all of one candidate, are what that candidate was given."""
    candidate = marks[0].candidate
    signed = [each for each in marks if each.signature]
    if not signed or not all(each.is_genuine(course) for each in signed):
        raise SubmissionError(
            f"it says that it is {candidate}'s, but the mark is "
            + ("not one that this course gave out" if signed else "missing"),
            do=f"{_FIND_OUT}; if you know: --as {candidate}",
        )


def _refuse_anothers(course: Course, marks: Sequence[mark.Mark], candidate: str) -> None:
    """Whoever put it into ``submitted/`` said whose it is; a genuine mark says it louder."""
    for said in marks:
        if said.candidate != candidate and said.is_genuine(course):
            raise SubmissionError(
                f"it bears {said.candidate}'s mark, but lies in {candidate}'s folder", do=_FIND_OUT
            )


def _contents(
    course: Course,
    sent: Sent,
    found: Sequence[Notebook],
    assignment_id: str,
    candidate: str,
    wanted: str = "",
) -> Taken:
    """Notebook and files of the candidate's own, with what was repaired or left out."""
    if not found:
        raise SubmissionError(
            "there is no notebook in it", do="ask the candidate for the .ipynb file"
        )
    case = cases.bound(course, assignment_id, candidate)
    path = cases.released(course, assignment_id, case.level, candidate, case.skin)
    release = json.loads(path.read_bytes())
    kept = cases.package_path(course, assignment_id, candidate).with_suffix(".ipynb")
    given = json.loads(kept.read_bytes()) if kept.is_file() else release
    chosen, notes = choosing.choose(found, assignment_id, given, wanted)
    entry = chosen.entry
    data = entry.read(repair.MAX_BYTES)
    repaired = repair.repair(data, release, cases.given(course, assignment_id, candidate))
    notes += [f"{note.cell}: {note.what}" if note.cell else note.what for note in repaired.notes]
    assignment = assignments.find(course, case.assignment)
    ours = {*assignment.files, *cases.given_names(course, assignment_id, candidate)}
    extra, left_out = _extras(sent, entry, {*ours, f"{assignment_id}.ipynb"})
    # an editor's note of when a cell was run is in UTC, which a time without a zone is not
    when = entry.modified if entry.zoned or not chosen.executed else chosen.executed
    return Taken(
        assignment=assignment_id,
        candidate=candidate,
        files={f"{assignment_id}.ipynb": data, **extra},
        submitted=when or now(),
        where=sent.where,
        notes=tuple(notes + left_out),
        zoned=entry.zoned or chosen.executed is not None,
        arrived=sent.arrived,
        fingerprint=_fingerprint(chosen, extra),
    )


def _fingerprint(chosen: Notebook, extra: Mapping[str, bytes]) -> str:
    """As ``submit()`` shows it: which of several notebooks is graded makes no difference."""
    books = [name for name in extra if packing.is_notebook(PurePosixPath(name))]
    others = {name: data for name, data in extra.items() if name not in books}
    allowance = skim.Allowance()
    return packing.fingerprint(
        [chosen.cells, *(_cells(extra[name], allowance) for name in books)], others
    )


def _cells(notebook: bytes, allowance: skim.Allowance) -> bytes | list[Mapping[str, Any]]:
    """A notebook's cells, read with care; its bytes where it is none, or too much of one."""
    try:
        raw = repair.read(notebook, allowance=allowance)[0]
        return [cell for cell in raw["cells"] if isinstance(cell, Mapping)]
    except SubmissionError:
        return notebook


def _extras(sent: Sent, notebook: Entry, ours: set[str]) -> tuple[dict[str, bytes], list[str]]:
    """Files of the candidate's own beside the notebook, and what was left out of them."""
    kept: dict[str, bytes] = {}
    notes: list[str] = []
    room, refused = MAX_EXTRA_BYTES, 0
    base = notebook.path.parent
    environments = {each.path.parent for each in sent.entries if each.path.name == "pyvenv.cfg"}
    for entry in sent.entries:
        if environments.intersection(entry.path.parents):
            continue  # libraries, which nobody wrote; submit() leaves them out too
        # in a zip a file may have a folder's name
        beside = entry.path != base and entry.path.is_relative_to(base)
        if not beside or entry.path == notebook.path or entry.path.name.endswith(packing.PACKED):
            continue
        name = entry.path.relative_to(base)
        if packing.is_left_behind(name) or name.parts[0] in ours:
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
    # a zip may hold both `a` and `a/b`
    clash = any(str(parent) in kept for parent in (name, *name.parents))
    usual = all(packing.is_usual(part) for part in name.parts)
    return usual and not clash and not any(other.startswith(f"{name}/") for other in kept)


# ---- keeping it ----


def _accept(course: Course, taken: Taken, repeat: bool = False) -> Receipt:
    with one_at_a_time(course):
        return _accept_locked(course, taken, repeat)


@contextmanager
def one_at_a_time(course: Course) -> Iterator[None]:
    """Two that come at once must not get the same number."""
    lock = course.state / "attempts" / ".lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _accept_locked(
    course: Course, taken: Taken, repeat: bool, again: bool = True, late: bool = False
) -> Receipt:
    """Keep an attempt; it counts unless one saved later is there, or it is late and one was not.

    In this order a kill loses nothing: an attempt that is kept but not recorded is replaced, one
    that is in ``submitted/`` but not recorded is adopted.
    """
    records = Records(course.records_url)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in taken.files.items()}
    digest = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
    rows = records.submissions(taken.assignment, taken.candidate)
    newest = records.last_submission(taken.assignment, taken.candidate)
    if newest and newest.digest == digest and not again:
        return _receipt(newest, True, new=False)
    same = next((row for row in rows if row.digest == digest), None)
    if same and not repeat:
        return _receipt(same, bool(newest and same.id == newest.id), new=False)
    counts = newest is None or taken.submitted >= newest.submitted
    why = () if counts else ("An attempt saved later is there; that one counts.",)
    if late and newest and not records.is_late(newest):
        counts, why = False, ("An attempt that came in time is there; that one counts.",)
    row = Submission(
        assignment=taken.assignment,
        candidate=taken.candidate,
        number=len(rows) + 1,
        digest=digest,
        receipt=taken.fingerprint or digest[:12],
        submitted=taken.submitted,
        source=clean.terminal(taken.where),
        notes=[*taken.notes, *why],
    )
    _keep(course, row, taken, hashes)
    if counts:
        _publish(course, row)
    _record(records, row, late)
    return _receipt(row, counts, new=True)


def _kept_only(
    course: Course, records: Records, assignment_id: str, candidate: str
) -> Submission | None:
    """The attempt that a kill left kept and published but not recorded; it is recorded now.

    What lies in ``submitted/`` is then no more than its notebook: received from there, it would
    replace the kept attempt and lose the candidate's other files.
    """
    with one_at_a_time(course):
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


def _record(records: Records, row: Submission, late: bool = False) -> None:
    who = {"assignment": row.assignment, "candidate": row.candidate}
    detail = {"number": row.number, "digest": row.digest, **({"late": True} if late else {})}
    audit = Audit(**who, actor=actor(), action="receive", detail=detail)
    marked = [LateSubmission(**who, number=row.number)] if late else []
    records.add(row, audit, *marked)


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


def _keep(course: Course, row: Submission, taken: Taken, hashes: Mapping[str, str]) -> None:
    folder = attempt_folder(course, row)
    receipt = {
        "assignment": row.assignment,
        "candidate": row.candidate,
        "number": row.number,
        "receipt": row.receipt,
        "digest": row.digest,
        "submitted": row.submitted.isoformat(),
        "zoned": taken.zoned,
        "received": now().isoformat(),
        "arrived": (taken.arrived or now()).isoformat(),
        "source": row.source,
        "notes": row.notes,
        "files": dict(hashes),
    }
    text = json.dumps(receipt, indent=1, ensure_ascii=False)
    named = {f"files/{name}": data for name, data in taken.files.items()}
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
    return kept_receipt(course, row)["files"]


def kept_receipt(course: Course, row: Submission) -> dict[str, Any]:
    """``receipt.json`` of an attempt: what was received, when, and the digest of every file."""
    path = attempt_folder(course, row) / "receipt.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _replace_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make ``folder`` hold exactly these files, in one step; the caller holds the lock."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    with tempfile.TemporaryDirectory(prefix=".receiving-", dir=folder.parent) as scratch:
        fresh = Path(scratch, "new")
        for name, data in contents.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            disk.write_through(path, data)
        for inner in {path.parent for path in map(fresh.joinpath, contents)} | {fresh}:
            disk.flush_folder(inner)
        there = folder.is_symlink() or folder.exists()
        if not (there and _exchanged(fresh, folder)):
            if there:
                folder.rename(Path(scratch, "old"))
            fresh.rename(folder)
        disk.flush_folder(folder.parent)


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
