"""What a candidate has uploaded and not handed in yet: kept here, so that the clock can collect it.

``state/exchange/saved/<assignment>/<candidate>/`` holds each file under the digest of its bytes
and ``index.json``, which gives the names. No name of a candidate's becomes a name on our disk.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from worksample import disk
from worksample.course import Course
from worksample.errors import UploadError, WorksampleError
from worksample.exchange import script, sittings
from worksample.exchange.people import Person
from worksample.exchange.sittings import Sitting
from worksample.grading import clean, repair
from worksample.records.tables import now
from worksample.submissions import filenames, listing
from worksample.workbook import packing

MAX_BYTES = packing.MAX_BYTES + repair.MAX_BYTES  # own files, and the notebook
MAX_FILES = packing.MAX_FILES
# whole files are written and the index replaced; two uploads of one candidate take turns
_turns = threading.Lock()


@dataclass(frozen=True)
class Kept:
    """One saved file."""

    name: str
    digest: str
    size: int
    saved: str


def listed(course: Course, sitting: Sitting) -> list[Kept]:
    """What is saved for an attempt, by name."""
    path = _folder(course, sitting) / "index.json"
    if not path.is_file():
        return []
    index = json.loads(path.read_text(encoding="utf-8"))
    return [Kept(**index[name]) for name in sorted(index)]


def files(course: Course, sitting: Sitting) -> dict[str, bytes]:
    """Name -> bytes of what is saved."""
    folder = _folder(course, sitting)
    return {each.name: (folder / each.digest).read_bytes() for each in listed(course, sitting)}


def save(course: Course, sitting: Sitting, uploads: Mapping[str, bytes]) -> list[str]:
    """Keep uploads beside what is saved; the same name replaces. The names that were kept.

    A zip is unpacked, with the guards of every zip that comes in.

    Raises:
        SubmissionError: a file cannot be kept or a zip cannot be trusted; nothing was changed.
    """
    fresh = _as_notebook(course, sitting, _unpacked(sitting, uploads))
    folder = _folder(course, sitting)
    with _turns:
        index = {each.name: each for each in listed(course, sitting)}
        for name, data in fresh.items():
            digest = hashlib.sha256(data).hexdigest()
            if not (folder / digest).is_file():
                disk.replace_through(folder / digest, data)
            index[name] = Kept(name, digest, len(data), now().isoformat())
        if len(index) > MAX_FILES:
            raise UploadError(f"more than {MAX_FILES} files", do="remove what is not needed")
        if sum(each.size for each in index.values()) > MAX_BYTES:
            raise _too_large()
        _write(folder, index.values())
    return sorted(fresh)


def remove(course: Course, sitting: Sitting, name: str) -> None:
    """Take a file out of what will be handed in; its bytes stay until the data is erased."""
    with _turns:
        kept = [each for each in listed(course, sitting) if each.name != name]
        _write(_folder(course, sitting), kept)


def collect_ended(course: Course, homes: bool) -> list[str]:
    """Hand in what is saved of everybody whose clock has ended; what became of each, in words.

    Args:
        homes: candidates have homes elsewhere (JupyterHub's), and whoever keeps these hands in
            what lies there, and notes that the time has ended. Without, an attempt with nothing
            saved is noted as ended.
    """
    said = []
    for sitting in sittings.end_of_time(course):
        person = Person(sitting.candidate, "candidate", sitting.opening.id)
        shown = f"{sitting.candidate}, {sitting.assignment}"
        kept = files(course, sitting)
        if kept:
            try:
                receipt = sittings.hand_in(
                    course,
                    person,
                    kept,
                    late=False,
                    by="saved" if homes else "clock",
                    assignment_id=sitting.assignment,
                )
                said.append(f"{shown}: collected, receipt {receipt.code}")
            except WorksampleError as error:  # one that cannot be taken stops none of the others
                said.append(f"{shown}: {error}")
        elif not homes:
            sittings.nothing_to_collect(course, sitting)
            said.append(f"{shown}: nothing was saved")
    return said


def _unpacked(sitting: Sitting, uploads: Mapping[str, bytes]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, data in uploads.items():
        inside = _in_zip(sitting, data) if filenames.archive(name) == "zip" else {name: data}
        for each, bytes_ in inside.items():
            found[_checked(each)] = bytes_
    if sum(map(len, found.values())) > MAX_BYTES:
        raise _too_large()
    return found


def _as_notebook(course: Course, sitting: Sitting, found: dict[str, bytes]) -> dict[str, bytes]:
    """With the notebook in place of its script, where that was sent."""
    name, book = f"{sitting.assignment}.py", f"{sitting.assignment}.ipynb"
    if name not in found:
        return found
    if book in found:
        raise UploadError(f"{name} and {book} are the same work", do="send one of them")
    given = sittings.given_files(course, sitting)[f"{sitting.assignment}/{book}"]
    others = {each: data for each, data in found.items() if each != name}
    return {**others, book: script.into_notebook(found[name], given)}


def _in_zip(sitting: Sitting, data: bytes) -> dict[str, bytes]:
    with disk.scratch("uploaded") as scratch:
        path = Path(scratch, "archive.zip")
        path.write_bytes(data)
        return unzipped(sitting.assignment, path)


def unzipped(assignment_id: str, archive: Path) -> dict[str, bytes]:
    """The regular files of a zip, named from the assignment's folder if they all lie in it.

    Raises:
        SubmissionError: it is damaged, encrypted, too large, or holds names that lead out of it.
    """
    # a zip is read where it lies; only a tar would need room to be unpacked
    place = listing.in_archive(archive, "zip", "the zip", archive.parent)
    room, found = MAX_BYTES, dict[str, bytes]()
    for entry in listing.below(place):
        if packing.is_left_behind(entry.path) or not entry.regular:
            continue
        if len(found) >= MAX_FILES:
            raise UploadError(f"more than {MAX_FILES} files in the zip")
        found[str(entry.path)] = entry.read(room)
        room -= len(found[str(entry.path)])
    head = f"{assignment_id}/"
    if found and all(name.startswith(head) for name in found):
        found = {name.removeprefix(head): data for name, data in found.items()}
    return found


def _checked(name: str) -> str:
    """A name in the assignment's folder; a browser may send a path of the candidate's machine."""
    path = PurePosixPath(name.replace("\\", "/"))
    usual = path.parts and all(packing.is_usual(part) for part in path.parts)
    hidden = (
        packing.is_left_behind(path)
        if path.parts[:1] == (packing.TREE,) and len(path.parts) > 1
        else any(part.startswith(".") for part in path.parts)
    )
    if path.is_absolute() or hidden or not usual or len(path.parts) > packing.MAX_DEPTH:
        raise UploadError(
            f"“{clean.terminal(name)[:80]}” is a name that cannot be kept",
            do="give the file a plain name, without slashes at its begin or dots in front",
        )
    return str(path)


def _too_large() -> UploadError:
    return UploadError(
        f"more than {MAX_BYTES // 2**20} MB in all", do="leave out what can be made again"
    )


def _write(folder: Path, kept: Iterable[Kept]) -> None:
    index = {each.name: {**asdict(each)} for each in kept}
    text = json.dumps(index, indent=1, sort_keys=True, ensure_ascii=False)
    disk.replace_through(folder / "index.json", text.encode("utf-8"))


def _folder(course: Course, sitting: Sitting) -> Path:
    return course.state / "exchange" / "saved" / sitting.assignment / sitting.candidate
