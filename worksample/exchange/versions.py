"""The work record: how a candidate's own files grew, version by version, kept from outside.

``state/exchange/versions/<assignment>/<candidate>/`` holds ``versions.jsonl``, a line for each
version, and ``kept/`` what they are made of: every cell of a notebook and every other file, named
by the begin of the SHA-256 of its bytes, once. So an hour of saving every ten seconds takes about
the room of what was written in it. No name of a candidate's becomes a name on our disk. It is
erased with the candidate, and no score reads it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from worksample import disk
from worksample.course import Course
from worksample.records.tables import now
from worksample.workbook import packing
from worksample.workbook.tasks import text_of

MOST_BYTES = 256 << 20  # of one attempt, as it lies on the disk; versions beyond it are not kept
MOST_LISTED = 32 << 20  # bytes of the list of versions
LARGEST = 8 << 20  # of one file
MOST_CELLS = 1000  # of a notebook; one with more is kept as a file


@dataclass(frozen=True)
class Version:
    """The candidate's own files as they were saved at a moment.

    Attributes:
        time: when it was seen; a few seconds after it was saved.
        notebooks: name -> digests of the cells, in their order.
        files: name -> digest, of everything else.
    """

    time: datetime
    notebooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    """The versions of one attempt."""

    path: Path

    @classmethod
    def of(cls, course: Course, assignment_id: str, candidate: str) -> Folder:
        return cls(course.state / "exchange" / "versions" / assignment_id / candidate)

    def listed(self) -> list[Version]:
        """All versions, oldest first; a line that a kill has cut off is none."""
        try:
            lines = (self.path / "versions.jsonl").read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        return [_read(json.loads(line)) for line in lines]

    def length(self) -> int:
        """Bytes of the list of versions, which only grows: cheap to ask if there is one more."""
        try:
            return (self.path / "versions.jsonl").stat().st_size
        except FileNotFoundError:
            return 0

    def keep(self, files: Mapping[str, bytes], at: datetime | None = None) -> bool:
        """Keep a version; False where it is as the one before, or there is no more room.

        Args:
            files: name -> bytes, in the assignment's folder.
        """
        blobs: dict[str, bytes] = {}
        notebooks, others = dict[str, tuple[str, ...]](), dict[str, str]()
        for name, data in sorted(files.items()):
            cells = _cells(data) if packing.is_notebook(Path(name)) else None
            if cells is None:
                others[name] = _noted(blobs, data)
            else:
                notebooks[name] = tuple(_noted(blobs, cell) for cell in cells)
        listed = self.listed()
        if listed and (listed[-1].notebooks, listed[-1].files) == (notebooks, others):
            return False
        if not self._room(blobs):
            return False
        line = {
            "time": (at or now()).isoformat(),
            "notebooks": notebooks,
            "files": others,
        }
        self._append(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        return True

    def content(self, digest: str) -> bytes:
        """What a version's digest stands for."""
        return gzip.decompress(self._place(digest).read_bytes())

    def cells(self, version: Version, notebook: str) -> list[dict[str, Any]]:
        """The cells of a notebook, as they were."""
        return [json.loads(self.content(digest)) for digest in version.notebooks[notebook]]

    def _room(self, blobs: Mapping[str, bytes]) -> bool:
        """Write what is new; False where it would be more than an attempt may have."""
        fresh = {
            digest: gzip.compress(data, 6, mtime=0)
            for digest, data in blobs.items()
            if not self._place(digest).is_file()
        }
        used = sum(path.stat().st_size for path in self.path.glob("kept/*"))
        listing = self.path / "versions.jsonl"
        if used + sum(map(len, fresh.values())) > MOST_BYTES or (
            listing.is_file() and listing.stat().st_size > MOST_LISTED
        ):
            return False
        for digest, data in fresh.items():
            disk.replace(self._place(digest), data)
        return True

    def _place(self, digest: str) -> Path:
        return self.path / "kept" / f"{digest}.gz"

    def _append(self, line: bytes) -> None:
        """Add a line, after the last whole one."""
        with (self.path / "versions.jsonl").open("a+b") as file:
            file.seek(0)
            whole = file.read().rfind(b"\n") + 1
            file.truncate(whole)
            file.write(line)


@dataclass(frozen=True)
class Change:
    """What a version has that the one before had not; numbers of cells of all its notebooks."""

    added: int
    changed: int
    removed: int
    ran: int
    files: int

    def __str__(self) -> str:
        counts = {
            "new": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "run": self.ran,
        }
        said = [f"{number} {what}" for what, number in counts.items() if number]
        cells = f"cells: {', '.join(said)}" if said else ""
        files = f"{self.files} other file{'s' if self.files != 1 else ''}" if self.files else ""
        return "; ".join(filter(None, (cells, files))) or "outputs, or what no cell says"


def growth(folder: Folder, listed: Iterable[Version]) -> list[Change]:
    """What each version changed; a cell is known by its id."""
    read: dict[str, dict[str, Any]] = {}  # most cells of most versions are those of before

    def cells(version: Version) -> dict[tuple[str, str], dict[str, Any]]:
        found = {}
        for name, digests in version.notebooks.items():
            for number, digest in enumerate(digests):
                if digest not in read:
                    read[digest] = _facts(json.loads(folder.content(digest)))
                found[name, str(read[digest]["id"] or number)] = read[digest]
        return found

    changes, before, files = [], dict[tuple[str, str], dict[str, Any]](), dict[str, str]()
    for version in listed:
        after = cells(version)
        changes.append(_change(before, after, len(set(version.files.items()) ^ files.items())))
        before, files = after, dict(version.files)
    return changes


def _facts(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": cell.get("id"), "source": text_of(cell), "ran": cell.get("execution_count")}


def _change(
    before: Mapping[tuple[str, str], Mapping[str, Any]],
    after: Mapping[tuple[str, str], Mapping[str, Any]],
    files: int,
) -> Change:
    both = before.keys() & after.keys()
    return Change(
        added=len(after.keys() - both),
        changed=sum(before[key]["source"] != after[key]["source"] for key in both),
        removed=len(before.keys() - both),
        ran=sum(
            each["ran"] not in (None, before[key]["ran"] if key in both else None)
            for key, each in after.items()
        ),
        files=files,
    )


def _cells(notebook: bytes) -> list[bytes] | None:
    """The cells of a notebook, each as it is kept; None where it is none to be taken apart."""
    cells = packing.cells_of(notebook)
    if cells is None or len(cells) > MOST_CELLS:
        return None
    try:
        return [json.dumps(cell, sort_keys=True).encode("ascii") for cell in cells]
    except (RecursionError, TypeError):  # deeper than a notebook can be
        return None


def _noted(blobs: dict[str, bytes], data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()[:32]
    blobs[digest] = data
    return digest


def _read(line: Mapping[str, Any]) -> Version:
    books: Mapping[str, Iterable[str]] = line["notebooks"]
    return Version(
        datetime.fromisoformat(line["time"]),
        {name: tuple(cells) for name, cells in books.items()},
        line["files"],
    )
