"""Damaged submissions, rebuilt from the release where that is honest, reported where it is not.

A submission's notebook is never trusted for more than the candidate's own cells. Locked cells
(checks and criteria) come from the release, whatever the submission says; answers are found by
their cell's id, or by text and place where a tool dropped the ids; everything else stays as the
candidate wrote it, in the candidate's order. What is put back undoes nothing that the candidate
wrote, and what a candidate is said to have changed is told by the notebook they were sent.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample.errors import SubmissionError
from worksample.grading import clean, oldformats, skim
from worksample.grading.bounded import TooCostly
from worksample.grading.recognition import Known, Texts, binds, bound, names_of

JSON = dict[str, Any]

MAX_BYTES = 64 * 2**20
MAX_CELLS = 2000
MAX_SOURCE = 2**20
MAX_NOTES = 200
MAX_ALL_SOURCES = 8_000_000  # characters
MAX_UNPACKED = 2**21  # bytes of a notebook in an old format: unpacked, it is thirty times as much

_UNMARKED = (
    "Marks by which its cells are known were missing, as some tools leave them out; the cells were "
    "known by their ids and texts."
)
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Note:
    """One thing that was mended: ``cell`` is its id, None for the notebook as a whole."""

    cell: str | None
    what: str


@dataclass(frozen=True)
class Repaired:
    """A valid notebook (nbformat 4.5, no outputs, the release's metadata) and what was mended."""

    notebook: JSON
    notes: tuple[Note, ...]


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file; links are not followed, pipes and devices not opened.

    Raises:
        SubmissionError: it is something else, or larger than ``limit`` bytes.
    """
    handle = _opened(path)
    with open(handle, "rb") as file:
        # a file without end, or one of nothing but holes, is not read to be refused
        data = file.read(limit + 1) if os.fstat(handle).st_size <= limit else None
    if data is None or len(data) > limit:
        raise SubmissionError(
            f"{path.name} is larger than {limit // 2**20} MB",
            where=str(path.parent),
            do="ask the candidate to clear the outputs and send it again",
        )
    return data


def file_head(path: Path, size: int) -> bytes:
    """The first bytes of a regular file; raises SubmissionError for anything else."""
    with open(_opened(path), "rb") as file:
        return file.read(size)


def _opened(path: Path) -> int:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "is a link" if path.is_symlink() else f"cannot be opened: {error.strerror}"
        raise SubmissionError(f"{path.name} {reason}", where=str(path.parent)) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise SubmissionError(f"{path.name} is not a regular file", where=str(path.parent))
    return handle


def repair(
    submitted: bytes, release: Mapping[str, Any], given: Sequence[bytes] | None = None
) -> Repaired:
    """The notebook to execute.

    Args:
        submitted: the bytes of the submission's notebook.
        release: the notebook as it is released now, as nbformat 4 JSON; what is put back is its.
        given: the notebooks that this candidate was sent, if that is not the release: only by
            them can it be told what was changed. Empty where nobody knows.

    Raises:
        SubmissionError: it holds no notebook that could be read; nothing may be scored.
    """
    raw, notes = read(submitted, {release_id(cell): cell for cell in release["cells"]})
    notes += _foreign_kernel(raw, release)
    sent = [release] if given is None else [json.loads(each) for each in given]
    merged = _Merge(release, sent, notes)
    merged.take(raw["cells"])
    cells = merged.finish()
    metadata = dict(release["metadata"])
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return Repaired(notebook, tuple(notes))


def read(
    data: bytes,
    known: Mapping[str, Any] | None = None,
    allowance: skim.Allowance | None = None,
) -> tuple[JSON, list[Note]]:
    """A notebook as nbformat 4 JSON with a list of cells, and what had to be left out.

    Stored outputs and the metadata that nobody here asks for are left out without a word.

    Args:
        known: cells that are kept however many there are (:func:`cell_id`).
        allowance: what this one and others may take together.

    Raises:
        SubmissionError: not JSON, or JSON that is no notebook, or one that is too large.
    """
    sieve = _Sieve(known or {})
    notes: list[Note] = []
    try:
        if _is_object(data):
            raw = skim.notebook(_utf8(data), sieve.take, allowance)
        else:
            raw = _unpacked(data)
        if isinstance(raw, dict) and raw.get("worksheets") is True:
            raw = _upgraded(data)
            raw["cells"] = [cell for cell in raw["cells"] if sieve.take(cell)]
            notes.append(Note(None, "The notebook was in an old format and was converted."))
    except (ValueError, RecursionError) as error:
        raise SubmissionError(
            f"the notebook cannot be read: it is not JSON ({clean.terminal(error)[:120]})",
            do="ask the candidate to clear its outputs, save it in JupyterLab and send it again",
        ) from None
    except skim.TooMuch:
        raise SubmissionError(
            "the notebook holds far more cells or stored outputs than anybody makes",
            do="ask the candidate to clear all outputs, save it in JupyterLab and send it again",
        ) from None
    if not isinstance(raw, dict) or not isinstance(raw.get("cells"), list):
        raise SubmissionError(
            "the file is JSON but not a notebook: it has no list of cells",
            do="ask the candidate for the .ipynb file",
        )
    if raw.get("nbformat") != 4 and not notes:
        notes.append(Note(None, "The notebook states another format; it was read as format 4."))
    return raw, [*notes, *sieve.notes()]


class _Sieve:
    """Which cells of a submission are taken: a notebook's worth, and all that are asked for."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known
        self._seen = self._own = self._asked = self._unreadable = self._many = 0
        self._room = MAX_ALL_SOURCES

    def take(self, cell: JSON) -> bool:
        """Whether to take it; a source that may be taken becomes one text."""
        self._seen += 1
        source = _readable_source(cell)
        if source is None:
            self._unreadable += 1
            return False
        cell["source"] = source
        asked = cell_id(cell, self._known) is not None and self._asked < MAX_CELLS
        room = self._room - len(source)
        if not asked and (self._own >= MAX_CELLS or room < 0):
            self._many += 1
            return False
        self._own, self._asked = self._own + (not asked), self._asked + asked
        self._room = room
        return True

    def notes(self) -> Iterator[Note]:
        """What was left out, for people."""
        if self._unreadable:
            yield Note(None, f"{self._unreadable} cells could not be read and were left out.")
        if self._many:
            yield Note(
                None,
                f"It has {self._seen:,} cells. All answers were taken; {self._many:,} others "
                f"were left out, as no more than {MAX_CELLS:,} cells are run, with "
                f"{MAX_ALL_SOURCES // 10**6} million characters.",
            )


def cell_id(cell: Mapping[str, Any], known: Mapping[str, Any]) -> str | None:
    """Which cell of the release this is: by nbgrader's mark, by ours, or by the cell's own id."""
    marked = _mark(cell, "nbgrader").get("grade_id"), _mark(cell, "worksample").get("cell")
    for candidate in (*marked, cell.get("id")):
        if isinstance(candidate, str) and candidate in known:
            return candidate
    return None


def is_locked(cell: Mapping[str, Any]) -> bool:
    """Checks and criteria: what stands in them comes from the release."""
    marks = cell["metadata"].get("nbgrader", {})
    return bool(marks.get("task") or (not marks.get("solution") and marks.get("grade")))


def is_answer(cell: Mapping[str, Any]) -> bool:
    """A cell in which the candidate works."""
    return bool(
        cell["metadata"].get("nbgrader", {}).get("solution")
        or cell["metadata"].get("worksample", {}).get("kind") == "answer"
    )


def release_id(cell: Mapping[str, Any]) -> str:
    """The id of a cell of a release."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id") or cell["id"]


@dataclass
class _Placed:
    """A cell in its place: of the release if it has a name, and whether somebody wrote in it."""

    name: str | None
    cell: JSON
    written: bool

    @property
    def runs(self) -> bool:
        """Code that the candidate wrote."""
        return self.written and self.cell["cell_type"] == "code"


class _Merge:
    """The cells of a submission, put together with those of the release."""

    def __init__(
        self, release: Mapping[str, Any], sent: Sequence[Mapping[str, Any]], notes: list[Note]
    ) -> None:
        self.release = {release_id(cell): cell for cell in release["cells"]}
        self.order = list(self.release)
        self.sent = [{release_id(cell): cell for cell in each["cells"]} for each in sent]
        self.known = {name: self._known(name) for name in self.order}
        self.notes = notes
        self.placed: list[_Placed] = []
        self.as_sent: set[str] = set()
        self.early: set[str] = set()
        self.unmarked = False

    def take(self, cells: Sequence[JSON]) -> None:
        """All cells of the submission."""
        found = [cell_id(cell, self.release) for cell in cells]
        for name, cell in zip(
            names_of(cells, found, list(self.known.values())), cells, strict=True
        ):
            if name is None:
                self.placed.append(_Placed(None, _own(cell), not _blank(cell)))
            elif is_locked(self.release[name]):
                self._take_locked(name, cell)
            else:
                self._take_own(name, cell)

    def finish(self) -> list[JSON]:
        """All cells in order, each with an id of its own."""
        missing = [name for name in self.order if self._index(name) is None]
        locked = [name for name in missing if is_locked(self.release[name])]
        for name in missing:
            if name not in locked:
                self._restore(name)
        for name in self.order:
            self._keep_from_undoing(name)
        for name in locked:
            self._restore_locked(name)
        for name in self.order:
            if is_locked(self.release[name]):
                self._put_behind_answer(name)
        if self.unmarked:
            self.notes.append(Note(None, _UNMARKED))
        return _with_ids([(each.name, each.cell) for each in self.placed])

    def _known(self, name: str) -> Known:
        cell, texts = self.release[name], Texts(map(_source, self._versions(name)))
        names = bound(_source(cell)) if cell["cell_type"] == "code" else ()
        return Known(name, cell["cell_type"], is_answer(cell), texts, frozenset(names))

    def _versions(self, name: str) -> list[JSON]:
        """The cell as it is now, and as it was in what was sent."""
        return [book[name] for book in (self.release, *self.sent) if name in book]

    # --- what is there -----------------------------------------------------------------------

    def _take_locked(self, name: str, cell: JSON) -> None:
        released, before = self.release[name], self._index(name)
        same = self.known[name].texts.has(cell["source"])
        # code put together with a check runs before it, text written into a task stands below it
        own = [] if same or _blank(cell) else [_Placed(None, _own(cell), True)]
        code = released["cell_type"] == "code"
        self.placed += own if code else []
        if before is None:
            self._compare(name, cell, same)
        else:
            self._note(name, "It was there more than once; the original is used, once.")
            if not same or name in self.as_sent:
                self.placed += [] if code else own
                return
            del self.placed[before]  # it stands where the one stands that is as it was sent
        if same:
            self.as_sent.add(name)
        self.placed.append(_Placed(name, _fresh(released), False))
        self.placed += [] if code else own

    def _compare(self, name: str, cell: JSON, same: bool) -> None:
        """Say what was changed in a locked cell: a charge, so only where it is certain."""
        if not same or cell["cell_type"] != self.release[name]["cell_type"]:
            was = "had been edited" if self.sent else "is not as it was released"
            self._note(name, f"It {was}; the original is used.")
        elif not _mark(cell, "nbgrader"):
            self.unmarked = True
        elif self.sent and _marks(cell) not in map(_marks, self._versions(name)):
            self._note(name, "Its points or settings had been changed; the original is used.")

    def _take_own(self, name: str, cell: JSON) -> None:
        released, before = self.release[name], self._index(name)
        written = not _blank(cell) and not self.known[name].texts.has(cell["source"])
        if before is not None and not self._last_counts(name, before, written):
            return
        mine = {**_fresh(released), "source": cell["source"]}
        if cell["cell_type"] != released["cell_type"]:
            self._note(name, f"Its type had been changed; it is a {released['cell_type']} cell.")
        if cell["cell_type"] == "markdown" == released["cell_type"]:
            mine |= _attachments(cell)
        self.placed.append(_Placed(name, mine, written))

    def _last_counts(self, name: str, before: int, written: bool) -> bool:
        """Whether a further copy is taken; what nobody wrote in is not, if the other was."""
        earlier = self.placed[before]
        if not written and earlier.written:
            self._note(name, "It was there more than once; the empty copy was left out.")
            return False
        # as nbgrader does: the last one counts, the others run as cells without a name
        self._note(name, "It was there more than once; the last one counts.")
        if earlier.written:
            self.placed[before] = _Placed(None, _own(earlier.cell), True)
        else:
            del self.placed[before]
        return True

    # --- what is not there -------------------------------------------------------------------

    def _restore(self, name: str) -> None:
        released = self.release[name]
        if not is_answer(released):
            if released["cell_type"] == "code" and self._was_sent(name):
                self._note(name, "This given cell was missing; it was not put back.")
            return
        self._note(name, self._put_back(name))
        place = self._after_neighbour(name)
        if released["cell_type"] == "code" and self._first_written() < place:
            place = self._first_written()
            self.early.add(name)
        self.placed.insert(place, _Placed(name, _fresh(released), False))

    def _keep_from_undoing(self, name: str) -> None:
        """An answer left as it was sent, behind code that gives all its names: put before it."""
        index, names = self._index(name), self.known[name].binds
        if index is None or not names or name in self.early or not is_answer(self.release[name]):
            return
        here, first = self.placed[index], self._first_written()
        earlier = "\n".join(each.cell["source"] for each in self.placed[:index] if each.runs)
        if here.written or binds(earlier, names) != names:
            return
        self._note(name, "It was as it was sent, behind code for it; it was put before that.")
        self.placed.insert(first, self.placed.pop(index))
        self.early.add(name)

    def _restore_locked(self, name: str) -> None:
        self._note(name, self._put_back(name))
        place, answer = self._after_neighbour(name), self._answer_of(name)
        index = self._index(answer) if answer else None
        if index is not None and self.placed[index].written:
            place = max(place, index + 1)
        elif index is not None and not self.release[name]["metadata"]["nbgrader"].get("task"):
            # the answer may stand anywhere; behind all of the code it is behind that
            runs = [i for i, each in enumerate(self.placed) if each.runs]
            place = max([place, *(i + 1 for i in runs)])
        self.placed.insert(place, _Placed(name, _fresh(self.release[name]), False))

    def _put_back(self, name: str) -> str:
        if self._was_sent(name):
            return "It was missing; the original was put back."
        return "It came into the assignment later; it was put in."

    def _was_sent(self, name: str) -> bool:
        return not self.sent or any(name in book for book in self.sent)

    def _first_written(self) -> int:
        """Where the candidate's own code begins: what stands before undoes none of it."""
        runs = (i for i, each in enumerate(self.placed) if each.runs)
        return next(runs, len(self.placed))

    def _after_neighbour(self, name: str) -> int:
        for other in reversed(self.order[: self.order.index(name)]):
            index = self._index(other)
            if index is not None and other not in self.early:
                return index + 1
        return 0

    def _answer_of(self, name: str) -> str | None:
        """The answer that a check looks at: the one before it."""
        before = self.order[: self.order.index(name)]
        return next((each for each in reversed(before) if is_answer(self.release[each])), None)

    def _put_behind_answer(self, name: str) -> None:
        of = self._answer_of(name)
        index, answer = self._index(name), self._index(of) if of else None
        if index is None or answer is None or index > answer:
            return
        if self.release[name]["metadata"]["nbgrader"].get("task"):
            return  # a task is text: it may stand before the answer
        self._note(name, "It stood before the answer that it checks; it was moved behind it.")
        self.placed.insert(answer, self.placed.pop(index))

    def _index(self, name: str) -> int | None:
        return next((i for i, each in enumerate(self.placed) if each.name == name), None)

    def _note(self, name: str, what: str) -> None:
        note = Note(name, what)
        if note not in self.notes[-MAX_NOTES:]:  # of a thousand copies it is said once
            self.notes.append(note)


def _is_object(data: bytes) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf\xfe\xff\0 \t\r\n")[:1] == b"{"


def _utf8(data: bytes) -> bytes:
    """JSON text in UTF-8, whichever of its encodings it came in."""
    encoding = json.detect_encoding(data)
    return data if encoding == "utf-8" else data.decode(encoding).encode()


def _unpacked(data: bytes) -> Any:
    """All of it.

    Raises:
        ValueError, RecursionError: it is not JSON.
        SubmissionError: it is too large to be unpacked.
    """
    if len(data) > MAX_UNPACKED:
        raise SubmissionError(
            f"the file holds {len(data) / 2**20:.0f} MB that are no notebook of format 4",
            do="ask the candidate to save it in JupyterLab and send it again",
        )
    return json.loads(data.decode(json.detect_encoding(data)))


def _upgraded(data: bytes) -> JSON:
    try:
        return oldformats.converted(_unpacked(data))
    except TooCostly as error:
        why = f": {error}" if str(error) else ": it takes too long"
        raise SubmissionError(
            f"the notebook is in an old format that cannot be converted{why}",
            do="ask the candidate to save it in JupyterLab and send it again",
        ) from None


def _foreign_kernel(raw: JSON, release: Mapping[str, Any]) -> list[Note]:
    metadata = raw.get("metadata")
    spec = metadata.get("kernelspec") if isinstance(metadata, Mapping) else None
    name = spec.get("name") if isinstance(spec, Mapping) else None
    language = spec.get("language") if isinstance(spec, Mapping) else None
    wanted = release["metadata"]["kernelspec"]
    if name in (None, wanted["name"]) or language == wanted.get("language", "python"):
        return []
    shown = clean.terminal(name)[:60]
    return [Note(None, f"It was saved with the kernel “{shown}”; it ran with {wanted['name']}.")]


def _readable_source(cell: JSON) -> str | None:
    """The text of a cell; None where it is no cell, or one that nobody could have written."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str) or len(source) > MAX_SOURCE:
        return None
    # lone surrogates cannot be written to a file
    return source.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _own(cell: JSON) -> JSON:
    """A cell of the candidate's own: its text and nothing else that it says of itself."""
    made: JSON = {"cell_type": cell["cell_type"], "id": cell.get("id"), "metadata": {}}
    made["source"] = cell["source"]
    if cell["cell_type"] == "code":
        return made | {"execution_count": None, "outputs": []}
    return made | _attachments(cell)


def _fresh(released: Mapping[str, Any]) -> JSON:
    made: JSON = json.loads(json.dumps(dict(released)))
    made["source"] = _source(released)
    if made["cell_type"] == "code":
        made |= {"execution_count": None, "outputs": []}
    return made


def _blank(cell: JSON) -> bool:
    return not cell["source"].strip()


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return "".join(source) if isinstance(source, list) else source


def _attachments(cell: JSON) -> JSON:
    kept = clean.attachments(cell.get("attachments"))
    return {"attachments": kept} if kept else {}


def _marks(cell: Mapping[str, Any]) -> JSON:
    marks = _mark(cell, "nbgrader")
    return {key: marks.get(key) for key in ("grade", "solution", "locked", "task", "points")}


def _mark(cell: Mapping[str, Any], whose: str) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    mark = metadata.get(whose) if isinstance(metadata, Mapping) else None
    return mark if isinstance(mark, Mapping) else {}


def _with_ids(placed: list[tuple[str | None, JSON]]) -> list[JSON]:
    """Released cells keep their ids; others keep theirs if it is valid and not taken."""
    taken = {cell["id"] for name, cell in placed if name is not None}
    for number, (name, cell) in enumerate(placed):
        if name is None:
            own = cell["id"] if isinstance(cell["id"], str) else ""
            free = _CELL_ID.fullmatch(own) and own not in taken
            cell["id"] = own if free else _free_id(f"extra-{number}", taken)
            taken.add(cell["id"])
    return [cell for _, cell in placed]


def _free_id(wanted: str, taken: set[str]) -> str:
    while wanted in taken:
        wanted += "-"
    return wanted
