"""What lies in a folder or a zip that somebody sent, looked at without touching anything else.

Nothing is unpacked to disk. Links are not followed, pipes and devices not opened, names that
leave the folder and encrypted or damaged zips refused, and no more is read than asked for.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from worksample.errors import SubmissionError
from worksample.grading.repair import read_file

MAX_ENTRIES = 20_000
MAX_DEPTH = 12


@dataclass(frozen=True)
class Entry:
    """One name in a source.

    Attributes:
        path: relative to the source.
        regular: a plain file; False for links, pipes, devices and sockets.
        modified: when it was last written, as the source says; None if it doesn't.
        read: its bytes; raises SubmissionError if there are more than the given limit.
    """

    path: PurePosixPath
    regular: bool
    modified: datetime | None
    read: Callable[[int], bytes]


@dataclass(frozen=True)
class Listing:
    """A source: its name for people, the folders and the files in it."""

    name: str
    folders: frozenset[PurePosixPath]
    entries: tuple[Entry, ...]


def listing(source: Path) -> Listing:
    """The names in a folder or zip.

    Raises:
        SubmissionError: it is neither, or a zip that is not to be trusted.
    """
    if source.is_symlink():
        raise SubmissionError("this is a link; give the folder or zip itself", where=str(source))
    if source.is_dir():
        return _of_folder(source)
    if source.is_file():
        return _of_zip(source)
    raise SubmissionError(
        "this is neither a folder nor a zip"
        if source.exists()
        else "there is no such folder or zip",
        where=str(source),
    )


def _of_folder(source: Path) -> Listing:
    folders: set[PurePosixPath] = set()
    entries: list[Entry] = []
    for path in _walk(source):
        name = PurePosixPath(path.relative_to(source).as_posix())
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            folders.add(name)
        else:
            modified = datetime.fromtimestamp(max(0.0, status.st_mtime), UTC)
            regular = stat.S_ISREG(status.st_mode)
            entries.append(Entry(name, regular, modified, _file_reader(path)))
        if len(folders) + len(entries) > MAX_ENTRIES:
            raise SubmissionError(f"more than {MAX_ENTRIES} files", where=str(source))
    return Listing(str(source), frozenset(folders), tuple(entries))


def _walk(source: Path) -> Iterator[Path]:
    """Everything below ``source``, sorted; what cannot be read or is too deep is an error."""

    def refuse(error: OSError) -> None:
        raise SubmissionError(f"cannot be read: {error.strerror}", where=str(error.filename))

    for folder, names, files in os.walk(source, onerror=refuse):
        if len(Path(folder).relative_to(source).parts) > MAX_DEPTH:
            raise SubmissionError(f"folders more than {MAX_DEPTH} deep", where=str(source))
        names.sort()
        yield from (Path(folder, name) for name in sorted([*names, *files]))


def _file_reader(path: Path) -> Callable[[int], bytes]:
    return lambda limit: read_file(path, limit)


def _of_zip(source: Path) -> Listing:
    try:
        with zipfile.ZipFile(source) as archive:
            infos = [info for info in archive.infolist() if PurePosixPath(info.filename).parts]
    except Exception as error:  # whatever hostile bytes make zipfile raise
        raise SubmissionError(
            f"this is not a zip that can be read ({error})",
            where=str(source),
            do="ask the candidate to send it again",
        ) from None
    if len(infos) > MAX_ENTRIES:
        raise SubmissionError(f"more than {MAX_ENTRIES} files", where=str(source))
    files = [info for info in infos if not info.is_dir()]
    names = [_safe_name(source, info.filename) for info in files]
    if len(set(names)) < len(names):
        raise SubmissionError("the zip holds two files of the same name", where=str(source))
    for info in files:
        if info.flag_bits & 0x1:
            raise SubmissionError(
                "the zip is encrypted", where=str(source), do="ask for one without a password"
            )
    entries = tuple(
        Entry(name, _is_regular(info), _zip_time(info), _zip_reader(source, info))
        for name, info in zip(names, files, strict=True)
    )
    folders = {_safe_name(source, info.filename) for info in infos if info.is_dir()}
    folders |= {parent for name in names for parent in name.parents if parent.parts}
    return Listing(str(source), frozenset(folders), entries)


def _safe_name(source: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0])
    if outside or "\0" in name or len(path.parts) > MAX_DEPTH:
        raise SubmissionError(
            "the zip holds names that lead out of it, so none of it was taken",
            where=str(source),
            do="look at it before asking for another",
        )
    return path


def _is_regular(info: zipfile.ZipInfo) -> bool:
    mode = info.external_attr >> 16
    return stat.S_IFMT(mode) in (0, stat.S_IFREG)


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    exact = _extended_time(info.extra)
    if exact is not None:
        return exact
    try:
        # without the extension a zip keeps the writer's local time and does not say which; the
        # reader's own is the best guess
        modified = datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return modified if modified.year > 1980 else None


def _extended_time(extra: bytes) -> datetime | None:
    """The time from the "extended timestamp" that most archivers add (Info-ZIP, id 0x5455)."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == 0x5455 and len(field) >= 5 and field[0] & 1:
            return datetime.fromtimestamp(max(0, struct.unpack_from("<i", field, 1)[0]), UTC)
    return None


def _zip_reader(source: Path, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        # the header's size is the sender's word, but no more than that is ever unpacked
        if info.file_size > limit:
            raise SubmissionError(
                f"{PurePosixPath(info.filename).name} is larger than {limit // 2**20} MB unpacked",
                where=str(source),
            )
        try:
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                # zipfile unpacks others by the piece: gigabytes from four kilobytes of bzip2
                raise NotImplementedError("it is packed in an unusual way")
            with zipfile.ZipFile(source) as archive, archive.open(info) as file:
                return file.read(info.file_size)
        except Exception as error:  # each way of packing has errors of its own
            raise _unreadable(source, info, error) from None

    return read


def _unreadable(source: Path, info: zipfile.ZipInfo, error: Exception) -> SubmissionError:
    return SubmissionError(
        f"{PurePosixPath(info.filename).name} in the zip is damaged ({error})",
        where=str(source),
        do="ask the candidate to send it again",
    )
