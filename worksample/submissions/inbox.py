"""Finding submissions in what was sent: a notebook, a folder, an archive, or an inbox of such.

Everything in it becomes part of a submission or is named in an error, and nothing stops the rest.
Whose a submission is is decided elsewhere (``collecting.py``); here notebooks of several people are
only kept apart.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from worksample import disk
from worksample.assignments import mark
from worksample.errors import SubmissionError, WorksampleError
from worksample.grading import skim
from worksample.submissions import choosing, filenames, listing
from worksample.submissions.listing import Entry, Place
from worksample.workbook import packing

MAX_META_BYTES = 2**16
MAX_NESTED = 3  # archives in archives
MAX_NESTED_BYTES = 2 * 2**30  # of all archives in archives of one source
MAX_NAMED = 20  # files of one folder that are named one by one
MAX_NOTEBOOKS = 50
# steps and bytes of all notebooks in an archive: of a thousand candidates', each read twice
OF_AN_ARCHIVE = (40 * skim.MAX_STEPS, 8 * 2**30)
_NOT_KNOWN = "this is neither a folder, a zip nor a notebook"
_NOTHING = "there is no notebook in it"
_NO_SUBMISSION = (_NOTHING, _NOT_KNOWN)
_ASK = "ask the candidate for the .ipynb file"
_MAGIC = {
    **{b"PK\3\4": "zip", b"PK\5\6": "zip", b"\x1f\x8b": "tar", b"BZh": "tar"},
    **{
        b"7z\xbc\xaf": "other",
        b"Rar!": "other",
        b"\xfd7zXZ": "other",
        b"\x28\xb5\x2f\xfd": "other",
    },
}
_IN_A_COURSE = {
    *("assignments", "source", "release", "submitted", "autograded", "feedback", "state"),
}


@dataclass(frozen=True)
class Sent:
    """One submission as it was found: not yet known to be anybody's.

    Attributes:
        where: for people.
        names: of the folders around it, nearest first, then the source's own.
        entries: its files; paths relative to the submission.
        meta: ``worksample.json`` of it; empty if there is none.
        arrived: when the archive that it is in was written here, if it is in one.
        allowance: what all notebooks of that archive may take to be looked through.
    """

    where: str
    names: tuple[str, ...]
    entries: tuple[Entry, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)
    arrived: datetime | None = None
    allowance: skim.Allowance | None = None


@dataclass(frozen=True)
class _Around:
    """What is around a place: names of folders (nearest first), archives, their time.

    In an archive also what its notebooks may take: a few kilobytes of it can hold thousands.
    """

    names: tuple[str, ...] = ()
    nested: int = 0
    depth: int = 0
    arrived: datetime | None = None
    allowance: skim.Allowance | None = None

    def within(self, name: str) -> _Around:
        return replace(self, names=(name, *self.names), depth=self.depth + 1)


class Finder:
    """Walks sources; what cannot be taken is added to ``refused``.

    Args:
        assignments: ids that a notebook's name may hold.
        people: candidates' ids that a file's name may hold.
        course: the course's own folder, whose parts nobody sent.
    """

    def __init__(
        self,
        assignments: Collection[str],
        people: Collection[str],
        course: Path,
        refused: list[WorksampleError],
    ) -> None:
        self.assignments, self.people, self.refused = assignments, people, refused
        self.course = course.resolve()
        self._room = MAX_NESTED_BYTES

    def submissions(self, sources: Iterable[Path]) -> Iterator[Sent]:
        """Each is to be read before the next is asked for: archives are unpacked meanwhile."""
        for source in sources:
            self._room = MAX_NESTED_BYTES
            try:
                yield from self._source(source)
            except WorksampleError as error:
                self.refused.append(error.kept())
            except OSError as error:
                why = f"cannot be read: {error.strerror}"
                self.refused.append(SubmissionError(why, where=str(source)))

    def _source(self, source: Path) -> Iterator[Sent]:
        if source.is_symlink():
            raise SubmissionError(
                "this is a link; give the folder or zip itself", where=str(source)
            )
        if source.is_dir():
            around = _Around((source.resolve().name,))
            yield from self._visit(listing.on_disk(source), around)
            return
        if not source.is_file():
            raise SubmissionError(
                _NOT_KNOWN if source.exists() else "there is no such folder or zip",
                where=str(source),
            )
        entry = listing.one_file(source)
        if not filenames.archive(source.name) and self._is_notebook(entry):
            yield Sent(str(source), (entry.path.stem,), (entry,))
        else:
            yield from self._open(entry, str(source.parent), _Around())

    def _visit(self, place: Place, around: _Around) -> Iterator[Sent]:
        """The submissions in a folder; its own faults are named and end nothing else."""
        try:
            listing.check_depth(place, around.depth)
            folders, files = place.look()
            folders = tuple(each for each in folders if not self._is_skipped(place, each))
            files = tuple(each for each in files if not filenames.is_junk(each.path.name))
            if any(each.path.name == mark.NAME for each in files):
                yield from self._marked(place, around)
            elif any(self._is_notebook(each) for each in files):
                yield from self._unmarked(place, folders, files, around)
            else:
                yield from self._container(place, folders, files, around)
        except WorksampleError as error:
            self.refused.append(error.kept())

    def _is_skipped(self, place: Place, folder: Place) -> bool:
        if filenames.is_junk(folder.path.name):
            return True
        return folder.path.name in _IN_A_COURSE and self._is_course(place)

    def _is_course(self, place: Place) -> bool:
        return Path(place.name).resolve() == self.course

    # ---- a folder that says whose it is ----

    def _marked(self, place: Place, around: _Around) -> Iterator[Sent]:
        separate: list[tuple[Place, _Around]] = []
        entries = tuple(self._own(place, around, None, separate))
        if any(self._is_notebook(entry) for entry in entries):
            packed = [each for each in entries if _is_packed(each, place)]
            yield self._sent(place, tuple(e for e in entries if e not in packed), around)
            for each in packed:
                yield from self._open(each, place.name, around)
        else:
            folders, files = place.look()
            files = tuple(each for each in files if each.path.name != mark.NAME)
            yield from self._container(place, folders, files, around)
            return
        for folder, there in separate:
            yield from self._visit(folder, there)

    def _own(
        self,
        place: Place,
        around: _Around,
        owner: tuple[str, str] | None,
        separate: list[tuple[Place, _Around]],
    ) -> Iterator[Entry]:
        """Every file below but what lies in a folder that says that it is somebody else's."""
        listing.check_depth(place, around.depth)
        folders, files = place.look()
        said = mark.of_facts(meta(files))
        whose = (said.candidate, said.assignment) if said else None
        if owner is not None and whose is not None and whose != owner:
            separate.append((place, around))
            return
        yield from files
        for folder in folders:
            if packing.is_left_behind(_of_tree(folder.path)):
                continue
            inner = around.within(folder.path.name)
            for number, entry in enumerate(self._own(folder, inner, owner or whose, separate)):
                if number >= listing.MAX_ENTRIES:
                    why = f"more than {listing.MAX_ENTRIES} files"
                    raise SubmissionError(why, where=place.name)
                yield entry

    # ---- notebooks in a folder that does not ----

    def _unmarked(
        self,
        place: Place,
        folders: tuple[Place, ...],
        files: tuple[Entry, ...],
        around: _Around,
    ) -> Iterator[Sent]:
        inner, own = [], list[Entry]()
        for folder in folders:
            try:
                entries = listing.below(folder)
            except WorksampleError as error:
                self.refused.append(error.kept())
                continue
            if self._is_anothers(folder, entries):
                inner.append(folder)
            else:
                own += entries
        yield from self._loose(place, files, own, around)
        for folder in inner:
            yield from self._visit(folder, around.within(folder.path.name))

    def _loose(
        self, place: Place, files: tuple[Entry, ...], below: list[Entry], around: _Around
    ) -> Iterator[Sent]:
        """Notebooks beside each other: one person's folder, or several people's."""
        archives = [each for each in files if filenames.archive(each.path.name)]
        others = [each for each in files if each not in archives]
        for each in archives:
            before, found = len(self.refused), False
            for sent in self._open(each, place.name, around):
                found = True
                yield sent
            if not found and all(e.what in _NO_SUBMISSION for e in self.refused[before:]):
                del self.refused[before:]
                others.append(each)  # data of one's own
        notebooks = [each for each in others if self._is_notebook(each)]
        allowance = skim.Allowance(of=around.allowance)
        owners = {each.path: self._owner(each, allowance) for each in notebooks[:MAX_NOTEBOOKS]}
        people = {owner for owner in owners.values() if owner}
        if len(people) <= 1 and len(notebooks) <= MAX_NOTEBOOKS:
            named = tuple(each.path.stem for each in notebooks) if len(notebooks) == 1 else ()
            there = replace(around, names=(*named, *around.names))
            yield self._sent(place, (*others, *below), there)
            return
        for each in notebooks:
            where = f"{place.name}/{each.path.name}"
            names = (each.path.stem, *around.names)
            alone = replace(each, path=PurePosixPath(each.path.name))
            yield Sent(where, names, (alone,), {}, around.arrived, around.allowance)
        left = [each for each in (*others, *below) if each not in notebooks]
        self._name(place, left, "it lies beside notebooks of several people, so whose is it?")

    def _is_anothers(self, folder: Place, entries: tuple[Entry, ...]) -> bool:
        """Whether a folder beside a notebook is a submission of its own, not its data."""
        return self._person(folder.path.name) is not None or any(
            each.path.name == mark.NAME
            or (
                (filenames.archive(each.path.name) or self._is_notebook(each))
                and filenames.assignment_in(each.path.name, self.assignments)
            )
            for each in entries
            if not packing.is_left_behind(PurePosixPath(each.path.name))
        )

    def _owner(self, notebook: Entry, allowance: skim.Allowance) -> str | None:
        """Who a notebook says, or else its name, that it is of."""
        said = choosing.read(notebook, allowance).said
        if said is not None:
            return f"{said.candidate}\0{said.assignment}"
        person = self._person(notebook.path.stem)
        return f"{person}\0" if person else None

    # ---- folders of submissions, archives ----

    def _container(
        self,
        place: Place,
        folders: tuple[Place, ...],
        files: tuple[Entry, ...],
        around: _Around,
    ) -> Iterator[Sent]:
        before = len(self.refused)
        for folder in folders:
            yield from self._visit(folder, around.within(folder.path.name))
        archives = [each for each in files if _kind(each)]
        for each in archives:
            yield from self._open(each, place.name, around)
        # in a zip a file may have a folder's name
        ours = {*archives, *(each for each in files if each.path in {f.path for f in folders})}
        left = [each for each in files if each not in ours]
        if not folders and not archives:
            self.refused.append(SubmissionError(_NOTHING, where=place.name, do=_ASK))
        elif not self._is_course(place):
            self._name(place, left, _NOT_KNOWN)
        else:  # much lies in a course that nobody sent
            told = [each for each in self.refused[before:] if each.what not in _NO_SUBMISSION]
            self.refused[before:] = told

    def _open(self, entry: Entry, folder: str, around: _Around) -> Iterator[Sent]:
        where, kind = f"{folder}/{entry.path.name}", _kind(entry)
        try:
            if not entry.regular:
                raise SubmissionError("this is a link, or not a regular file", where=where)
            if kind not in ("zip", "tar"):
                raise SubmissionError(
                    "this kind of archive cannot be opened here" if kind else _NOT_KNOWN,
                    where=where,
                    do="unpack it yourself, or ask the candidate for a zip" if kind else _ASK,
                )
            if around.nested >= MAX_NESTED:
                raise SubmissionError(f"more than {MAX_NESTED} archives in each other", where)
            with disk.scratch("collecting") as scratch:
                path = self._on_disk(entry, Path(scratch, "archive"))
                arrived = around.arrived or datetime.fromtimestamp(path.stat().st_mtime, UTC)
                Path(scratch, "unpacked").mkdir()
                place = listing.in_archive(path, kind, where, Path(scratch, "unpacked"))
                inside = _Around(
                    (_stem(entry.path.name), *around.names),
                    around.nested + 1,
                    0,
                    arrived,
                    around.allowance or skim.Allowance(*OF_AN_ARCHIVE),
                )
                yield from self._visit(place, inside)
        except WorksampleError as error:
            self.refused.append(error.kept())

    def _on_disk(self, entry: Entry, copy: Path) -> Path:
        """Where an archive lies; one in an archive is copied out."""
        if entry.file is not None:
            return entry.file
        data = entry.read(min(listing.MAX_UNPACKED, self._room))
        self._room -= len(data)
        copy.write_bytes(data)
        return copy

    # ---- small things ----

    def _sent(self, place: Place, entries: tuple[Entry, ...], around: _Around) -> Sent:
        own = tuple(replace(each, path=each.path.relative_to(place.path)) for each in entries)
        at_top = [each for each in own if len(each.path.parts) == 1]
        return Sent(place.name, around.names, own, meta(at_top), around.arrived, around.allowance)

    def _is_notebook(self, entry: Entry) -> bool:
        return not packing.is_left_behind(PurePosixPath(entry.path.name)) and (
            choosing.is_notebook(entry, self.assignments)
        )

    def _person(self, name: str) -> str | None:
        return filenames.person_in(name, self.people, self.assignments)

    def _name(self, place: Place, entries: list[Entry], why: str) -> None:
        for each in entries[:MAX_NAMED]:
            where = f"{place.name}/{each.path.relative_to(place.path)}"
            self.refused.append(SubmissionError(why, where=where, do=_ASK))
        if len(entries) > MAX_NAMED:
            more = f"{len(entries) - MAX_NAMED} more files are none of a submission's"
            self.refused.append(SubmissionError(more, where=place.name))


def _kind(entry: Entry) -> str | None:
    """Which archive it is, by its name or, of a file that lies here, by its first bytes."""
    kind = filenames.archive(entry.path.name)
    if kind or not entry.regular or entry.file is None:
        return kind
    with open(entry.file, "rb") as file:
        magic = file.read(6)
    return next((found for start, found in _MAGIC.items() if magic.startswith(start)), None)


def meta(files: Iterable[Entry]) -> dict[str, Any]:
    entry = next((e for e in files if e.path.name == mark.NAME and e.regular), None)
    if entry is None:
        return {}
    try:
        value = json.loads(entry.read(MAX_META_BYTES))
    except (ValueError, RecursionError, SubmissionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_packed(entry: Entry, place: Place) -> bool:
    """A zip that the notebook made to be handed in, right in the folder."""
    return entry.path.parent == place.path and entry.path.name.endswith(packing.PACKED)


def _stem(name: str) -> str:
    stem = PurePosixPath(name).stem
    return stem.removesuffix(".tar")


def _of_tree(path: PurePosixPath) -> PurePosixPath:
    """The name of a folder, with what leads to it from ``work/`` where it lies in one."""
    parts = path.parts
    at = parts.index(packing.TREE) if packing.TREE in parts[:-1] else len(parts) - 1
    return PurePosixPath(*parts[at:])
