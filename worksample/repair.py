"""Damaged submissions, rebuilt from the release where that is honest, reported where it is not.

A submission's notebook is never trusted for more than the candidate's own cells. Locked cells
(checks and criteria) come from the release, whatever the submission says; answers are found by
their cell's id; everything else stays as the candidate wrote it, in the candidate's order.
"""

from __future__ import annotations

import json
import os
import re
import stat
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worksample import clean, skim
from worksample.errors import SubmissionError

JSON = dict[str, Any]

MAX_BYTES = 64 * 2**20
MAX_CELLS = 2000
MAX_SOURCE = 2**20
MAX_NOTES = 200
MAX_ALL_SOURCES = 8_000_000  # characters
MAX_UNPACKED = 2**21  # bytes of a notebook in an old format: unpacked, it is thirty times as much

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
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "is a link" if path.is_symlink() else f"cannot be opened: {error.strerror}"
        raise SubmissionError(f"{path.name} {reason}", where=str(path.parent)) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise SubmissionError(f"{path.name} is not a regular file", where=str(path.parent))
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


def repair(submitted: bytes, release: Mapping[str, Any]) -> Repaired:
    """The notebook to execute.

    Args:
        submitted: the bytes of the submission's notebook.
        release: the notebook this candidate was given, as nbformat 4 JSON.

    Raises:
        SubmissionError: it holds no notebook that could be read; nothing may be scored.
    """
    raw, notes = read(submitted, {release_id(cell): cell for cell in release["cells"]})
    notes += _foreign_kernel(raw, release)
    merged = _Merge(release, notes)
    for cell in raw["cells"]:
        merged.take(cell)
    cells = merged.finish()
    metadata = dict(release["metadata"])
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return Repaired(notebook, tuple(notes))


def read(data: bytes, known: Mapping[str, Any] | None = None) -> tuple[JSON, list[Note]]:
    """A notebook as nbformat 4 JSON with a list of cells, and what had to be left out.

    Stored outputs and the metadata that nobody here asks for are left out without a word.

    Args:
        known: cells that are kept however many there are (:func:`cell_id`).

    Raises:
        SubmissionError: not JSON, or JSON that is no notebook, or one that is too large.
    """
    sieve = _Sieve(known or {})
    notes: list[Note] = []
    try:
        raw = skim.notebook(_utf8(data), sieve.take) if _is_object(data) else _unpacked(data)
        if isinstance(raw, dict) and raw.get("worksheets") is True:
            raw = _upgraded(data)
            raw["cells"] = [cell for cell in raw["cells"] if sieve.take(cell)]
            notes.append(Note(None, "The notebook was in an old format and was converted."))
    except (ValueError, RecursionError) as error:
        raise SubmissionError(
            f"the notebook cannot be read: it is not JSON ({clean.terminal(error)[:120]})",
            do="ask the candidate to clear its outputs, save it in JupyterLab and send it again",
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
                f"It has {self._seen:,} cells. All answers were taken; of the others {self._many:,} "
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


class _Merge:
    """The cells of a submission, put together with those of the release."""

    def __init__(self, release: Mapping[str, Any], notes: list[Note]) -> None:
        self.release = {release_id(cell): cell for cell in release["cells"]}
        self.order = list(self.release)
        self.notes = notes
        self.placed: list[tuple[str | None, JSON]] = []

    def take(self, cell: JSON) -> None:
        """The next cell of the submission."""
        name = cell_id(cell, self.release)
        if name is None:
            self.placed.append((None, _own(cell)))
        elif is_locked(self.release[name]):
            self._take_locked(name, cell)
        else:
            self._take_own(name, cell)

    def finish(self) -> list[JSON]:
        """All cells in order, each with an id of its own."""
        for position, name in enumerate(self.order):
            if self._index(name) is None:
                self._restore(position, name)
        for position, name in enumerate(self.order):
            if is_locked(self.release[name]):
                self._put_behind_answer(position, name)
        return _with_ids(self.placed)

    def _take_locked(self, name: str, cell: JSON) -> None:
        released = self.release[name]
        if self._index(name) is not None:
            self._note(name, "It was there more than once; the copies were left out.")
            return
        if cell["source"] != _source(released) or cell["cell_type"] != released["cell_type"]:
            self._note(name, "It had been edited; the original is used.")
        elif _marks(cell) != _marks(released):
            self._note(name, "Its points or settings had been changed; the original is used.")
        self.placed.append((name, _fresh(released)))
        if cell["source"] != _source(released) and released["cell_type"] == "markdown":
            # what somebody wrote into the task itself is still their text
            self.placed.append((None, _own(cell)))

    def _take_own(self, name: str, cell: JSON) -> None:
        released, before = self.release[name], self._index(name)
        if before is not None:
            # as nbgrader does: the last one counts, the others run as cells without a name
            self._note(name, "It was there more than once; the last one counts.")
            self.placed[before] = (None, _own(self.placed[before][1]))
        mine = {**_fresh(released), "source": cell["source"]}
        if cell["cell_type"] != released["cell_type"]:
            self._note(name, f"Its type had been changed; it is a {released['cell_type']} cell.")
        if cell["cell_type"] == "markdown" == released["cell_type"]:
            mine |= _attachments(cell)
        self.placed.append((name, mine))

    def _restore(self, position: int, name: str) -> None:
        released = self.release[name]
        if not is_locked(released) and not is_answer(released):
            if released["cell_type"] == "code":
                self._note(name, "This given cell had been deleted; it was not put back.")
            return
        self._note(name, "It had been deleted; the original was put back.")
        self.placed.insert(self._after_neighbour(position), (name, _fresh(released)))

    def _after_neighbour(self, position: int) -> int:
        # right behind the cell before it, so that what a candidate wrote instead comes later
        # and wins over an empty answer
        for name in reversed(self.order[:position]):
            index = self._index(name)
            if index is not None:
                return index + 1
        return 0

    def _put_behind_answer(self, position: int, name: str) -> None:
        answers = [other for other in self.order[:position] if is_answer(self.release[other])]
        index, answer = self._index(name), self._index(answers[-1]) if answers else None
        if index is None or answer is None or index > answer:
            return
        if self.release[name]["metadata"]["nbgrader"].get("task"):
            return  # a task is text: it may stand before the answer
        self._note(name, "It stood before the answer that it checks; it was moved behind it.")
        self.placed.insert(answer, self.placed.pop(index))

    def _index(self, name: str) -> int | None:
        return next((i for i, (placed, _) in enumerate(self.placed) if placed == name), None)

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
        ValueError: it is not JSON, or too much.
    """
    if len(data) > MAX_UNPACKED:
        raise ValueError(f"more than {MAX_UNPACKED // 2**20} MB that are no notebook of format 4")
    return json.loads(data.decode(json.detect_encoding(data)))


def _upgraded(data: bytes) -> JSON:
    import nbformat

    raw = _unpacked(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return json.loads(json.dumps(nbformat.convert(nbformat.from_dict(raw), 4)))
    except Exception as error:  # whatever a foreign file makes nbformat raise
        raise SubmissionError(
            f"the notebook is in an old format that cannot be converted: "
            f"{clean.terminal(error)[:120]}",
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
