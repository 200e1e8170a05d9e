"""What lies in a folder or an archive that somebody sent, looked at without touching anything else.

Nothing is unpacked under its own name. Links are not followed, pipes and devices not opened, names
that leave the folder and encrypted or damaged archives refused, and no more is read than asked for.
"""

from __future__ import annotations

import bz2
import gzip
import io
import os
import shutil
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeVar

from worksample.errors import SubmissionError
from worksample.grading.repair import file_head, read_file

MAX_ENTRIES = 20_000
MAX_DEPTH = 12
MAX_NAME = 255  # characters of a file's or a folder's name: no file system keeps more
HEAD = 100  # bytes
MAX_DIRECTORY = 8 * 2**20  # bytes of a zip's table of contents, which is read at once
MAX_UNPACKED = 192 * 2**20  # bytes of a tar, which has to be unpacked to be looked at
_AGAIN = "ask the candidate to send it again, as a zip"


@dataclass(frozen=True)
class Entry:
    """One name in a source.

    Attributes:
        path: relative to the source.
        regular: a plain file; False for links, pipes, devices and sockets.
        modified: when it was last written, as the source says; None if it doesn't.
        read: its bytes; raises SubmissionError if there are more than the given limit.
        head: its first bytes; raises SubmissionError if they cannot be read.
        zoned: ``modified`` is known in UTC; False where the sender's zone had to be guessed.
        file: where it lies, if it is a file on disk.
    """

    path: PurePosixPath
    regular: bool
    modified: datetime | None
    read: Callable[[int], bytes]
    head: Callable[[], bytes]
    zoned: bool = True
    file: Path | None = None


@dataclass(frozen=True)
class Place:
    """A folder in a source: ``look`` gives the folders and files right in it, by name.

    ``look`` raises SubmissionError if it cannot be read or holds too much.
    """

    name: str  # for people
    path: PurePosixPath  # relative to the source
    look: Callable[[], tuple[tuple[Place, ...], tuple[Entry, ...]]]


_Named = TypeVar("_Named", Place, Entry)


def on_disk(folder: Path) -> Place:
    """A folder on this machine; nothing is looked at yet."""
    return _disk_place(folder, folder, PurePosixPath("."))


def one_file(path: Path) -> Entry:
    """A file on this machine by itself."""
    return _disk_entry(PurePosixPath(_nfc(path.name)), path)


def below(place: Place) -> tuple[Entry, ...]:
    """Every file below ``place``, sorted.

    Raises:
        SubmissionError: more than ``MAX_ENTRIES``, or deeper than ``MAX_DEPTH``.
    """
    found: list[Entry] = []
    for entry in _walked(place, 0):
        found.append(entry)
        if len(found) > MAX_ENTRIES:
            raise SubmissionError(f"more than {MAX_ENTRIES} files", where=place.name)
    return tuple(found)


def _walked(place: Place, depth: int) -> Iterator[Entry]:
    check_depth(place, depth)
    folders, files = place.look()
    yield from files
    for folder in folders:
        yield from _walked(folder, depth + 1)


def check_depth(place: Place, depth: int) -> None:
    """Raise SubmissionError for folders in folders without end."""
    if depth > MAX_DEPTH:
        raise SubmissionError(f"folders more than {MAX_DEPTH} deep", where=place.name)


# ---- folders ----


def _disk_place(source: Path, folder: Path, path: PurePosixPath) -> Place:
    return Place(str(folder), path, lambda: _look_on_disk(source, folder, path))


def _look_on_disk(
    source: Path, folder: Path, path: PurePosixPath
) -> tuple[tuple[Place, ...], tuple[Entry, ...]]:
    folders: list[Place] = []
    files: list[Entry] = []
    try:
        with os.scandir(folder) as scan:
            for each in scan:
                name, there = path / _nfc(each.name), folder / each.name
                if each.is_dir(follow_symlinks=False):
                    folders.append(_disk_place(source, there, name))
                else:
                    files.append(_disk_entry(name, there))
                if len(folders) + len(files) > MAX_ENTRIES:
                    raise SubmissionError(f"more than {MAX_ENTRIES} files", where=str(folder))
    except OSError as error:
        raise SubmissionError(f"cannot be read: {error.strerror}", where=str(folder)) from None
    return _sorted(folders), _sorted(files)


def _disk_entry(name: PurePosixPath, path: Path) -> Entry:
    status = path.lstat()
    modified = datetime.fromtimestamp(max(0.0, status.st_mtime), UTC)
    regular = stat.S_ISREG(status.st_mode)
    return Entry(name, regular, modified, _file_reader(path), _file_head(path), file=path)


def _file_reader(path: Path) -> Callable[[int], bytes]:
    return lambda limit: read_file(path, limit)


def _file_head(path: Path) -> Callable[[], bytes]:
    return lambda: file_head(path, HEAD)


def _sorted(items: Iterable[_Named]) -> tuple[_Named, ...]:
    return tuple(sorted(items, key=lambda item: item.path))


def _nfc(name: str) -> str:
    """Macs send accents as characters of their own; code that opens the file does not."""
    return unicodedata.normalize("NFC", name)


# ---- archives ----


def in_archive(source: Path, kind: str, name: str, scratch: Path) -> Place:
    """What is in a zip or tar.

    Args:
        kind: ``zip`` or ``tar``.
        name: of the archive, for people.
        scratch: an empty folder, which a tar is unpacked into under names of ours.

    Raises:
        SubmissionError: it is damaged, encrypted, not to be trusted or too large.
    """
    entries, folders = (_of_zip if kind == "zip" else _of_tar)(source, name, scratch)
    names = [entry.path for entry in entries]
    if len(set(names)) < len(names):
        raise SubmissionError("it holds two files of the same name", where=name, do=_AGAIN)
    return _tree(name, entries, folders)


def _tree(name: str, entries: Iterable[Entry], folders: Iterable[PurePosixPath]) -> Place:
    files: dict[PurePosixPath, list[Entry]] = {PurePosixPath("."): []}
    inside: dict[PurePosixPath, set[PurePosixPath]] = {}

    def add(folder: PurePosixPath) -> None:
        while folder not in files or folder.parts:
            files.setdefault(folder, [])
            inside.setdefault(folder.parent, set()).add(folder)
            folder = folder.parent

    for entry in entries:
        add(entry.path.parent)
        files[entry.path.parent].append(entry)
    for folder in folders:
        add(folder)

    def place(path: PurePosixPath) -> Place:
        shown = f"{name}/{path}".removesuffix("/.")
        return Place(
            shown,
            path,
            lambda: (
                _sorted(place(each) for each in inside.get(path, ())),
                tuple(files[path]),
            ),
        )

    return place(PurePosixPath("."))


def safe_name(archive: str, name: str) -> PurePosixPath:
    """The name of a file in something that was sent, relative to it.

    Raises:
        SubmissionError: it leads out of it; nothing of what was sent is to be taken then.
    """
    path = PurePosixPath(_nfc(name.replace("\\", "/")))
    if any(len(part) > MAX_NAME for part in path.parts):
        raise SubmissionError(
            f"it holds names of more than {MAX_NAME} characters, which no file can have",
            where=archive,
            do="look at it before asking for another",
        )
    outside = path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0])
    if outside or "\0" in name or len(path.parts) > MAX_DEPTH:
        raise SubmissionError(
            "it holds names that lead out of it, so none of it was taken",
            where=archive,
            do="look at it before asking for another",
        )
    return path


def _too_many(archive: str) -> SubmissionError:
    return SubmissionError(f"more than {MAX_ENTRIES} files", where=archive)


def _of_zip(source: Path, name: str, scratch: Path) -> tuple[list[Entry], set[PurePosixPath]]:
    try:
        with open(source, "rb") as file:
            if _directory_bytes(file) > MAX_DIRECTORY:
                raise _too_many(name)
        with zipfile.ZipFile(source) as archive:
            infos = [info for info in archive.infolist() if _counts(info.filename)]
    except SubmissionError:
        raise
    except Exception as error:  # whatever hostile bytes make zipfile raise
        raise SubmissionError(
            f"this is not a zip that can be read ({error})", where=name, do=_AGAIN
        ) from None
    if len(infos) > MAX_ENTRIES:
        raise _too_many(name)
    files = [info for info in infos if not info.is_dir()]
    for info in files:
        if info.flag_bits & 0x1:
            raise SubmissionError(
                "the zip is encrypted", where=name, do="ask for one without a password"
            )
    entries = [_zip_entry(source, name, info, safe_name(name, _zip_name(info))) for info in files]
    return entries, {safe_name(name, _zip_name(info)) for info in infos if info.is_dir()}


def _counts(name: str) -> bool:
    """Not a library: whoever zips the folder by hand zips the environment in it too."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return bool(parts) and "site-packages" not in parts


def _directory_bytes(file: BinaryIO) -> int:
    """The size of the table of contents, as zipfile will read it whole; 0 if there is none."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - (2**16 + 22 + 76)))
    tail = file.read()
    plain = len(tail) - 22
    at = plain if tail[plain : plain + 4] == b"PK\5\6" and tail[-2:] == b"\0\0" else -1
    at = at if at >= 0 else tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 16:
        return 0
    (size,) = struct.unpack_from("<I", tail, at + 12)
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\6\7":  # zip64: its record is what counts
        size = max(struct.unpack_from("<Q", tail, at - 36)[0], size if size < 2**32 - 1 else 0)
    return size


def _zip_entry(source: Path, archive: str, info: zipfile.ZipInfo, path: PurePosixPath) -> Entry:
    exact = _exact_time(info.extra)
    mode = stat.S_IFMT(info.external_attr >> 16)
    return Entry(
        path,
        mode in (0, stat.S_IFREG),
        exact or _local_time(info),
        _zip_reader(source, archive, info),
        _zip_head(source, archive, info),
        zoned=exact is not None,
    )


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Macs write UTF-8 without saying so, and zipfile then reads it as an old code page."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _local_time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        # without an extra field a zip keeps the writer's local time and does not say which; the
        # reader's own is the best guess
        modified = datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return modified if modified.year > 1980 else None


def _exact_time(extra: bytes) -> datetime | None:
    """The time in UTC that most archivers add to a zip's own.

    Ids 0x5455 ("extended timestamp"), 0x5855 and 0x000d (Info-ZIP's older ones for Unix) and
    0x000a (NTFS: 100 ns since 1601), as in PKWARE's APPNOTE 4.5 and Info-ZIP's extrafld.txt.
    """
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        data, extra = extra[4 : 4 + size], extra[4 + size :]
        seconds: float | None = None
        if kind == 0x5455 and len(data) >= 5 and data[0] & 1:
            seconds = struct.unpack_from("<i", data, 1)[0]
        elif kind in (0x5855, 0x000D) and len(data) >= 8:
            seconds = struct.unpack_from("<i", data, 4)[0]
        elif kind == 0x000A and len(data) >= 16 and struct.unpack_from("<HH", data, 4) == (1, 24):
            seconds = struct.unpack_from("<Q", data, 8)[0] / 1e7 - 11_644_473_600
        if seconds is not None and seconds < 2**33:
            return datetime.fromtimestamp(max(0.0, seconds), UTC)
    return None


def _zip_head(source: Path, archive: str, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    return lambda: _unzipped(source, archive, info, HEAD)


def _zip_reader(source: Path, archive: str, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        # the header's size is the sender's word, but no more than that is ever unpacked
        if info.file_size > limit:
            raise SubmissionError(
                f"{PurePosixPath(info.filename).name} is larger than {limit // 2**20} MB unpacked",
                where=archive,
            )
        return _unzipped(source, archive, info, info.file_size)

    return read


def _unzipped(source: Path, archive: str, info: zipfile.ZipInfo, size: int) -> bytes:
    """The first ``size`` bytes of a file in a zip."""
    try:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # zipfile unpacks others by the piece: gigabytes from four kilobytes of bzip2
            raise NotImplementedError("it is packed in an unusual way")
        with zipfile.ZipFile(source) as opened, opened.open(info) as file:
            return file.read(size)
    except Exception as error:  # each way of packing has errors of its own
        raise SubmissionError(
            f"{PurePosixPath(info.filename).name} in the zip is damaged ({error})",
            where=archive,
            do=_AGAIN,
        ) from None


def _of_tar(source: Path, name: str, scratch: Path) -> tuple[list[Entry], set[PurePosixPath]]:
    entries: list[Entry] = []
    folders: set[PurePosixPath] = set()
    try:
        with (
            _unpacked(source) as stream,
            tarfile.open(fileobj=_Capped(stream, name), mode="r|") as archive,
        ):
            for member in archive:
                path = safe_name(name, member.name)
                if member.isdir():
                    folders |= {path} if path.parts else set()
                    continue
                entries.append(_tar_entry(archive, member, path, scratch / str(len(entries))))
                if len(entries) + len(folders) > MAX_ENTRIES:
                    raise _too_many(name)
    except SubmissionError:
        raise
    except Exception as error:  # whatever hostile bytes make tarfile and its like raise
        raise SubmissionError(
            f"this is not a tar that can be read ({error})", where=name, do=_AGAIN
        ) from None
    return entries, folders


def _tar_entry(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: PurePosixPath, kept: Path
) -> Entry:
    # a sparse file unpacks to any size from nothing
    regular = member.isreg() and not member.issparse()
    file = archive.extractfile(member) if regular else None
    with open(kept, "wb") as copy:
        if file is not None:
            shutil.copyfileobj(file, copy)
    modified = datetime.fromtimestamp(min(max(0.0, member.mtime), 2**33), UTC)
    return Entry(path, regular, modified, _file_reader(kept), _file_head(kept), file=kept)


def _unpacked(source: Path) -> BinaryIO:
    with open(source, "rb") as file:
        magic = file.read(3)
    if magic[:2] == b"\x1f\x8b":
        return gzip.open(source)  # type: ignore[return-value]
    return bz2.open(source) if magic == b"BZh" else open(source, "rb")  # type: ignore[return-value]


class _Capped(io.RawIOBase):
    """A stream that ends in an error where it unpacks to more than is taken."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._name, self._left = stream, name, MAX_UNPACKED

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, 2**20) if size >= 0 else 2**20)
        self._left -= len(data)
        if self._left < 0:
            raise SubmissionError(
                f"it is larger than {MAX_UNPACKED // 2**20} MB unpacked",
                where=self._name,
                do="ask the candidate for the notebook and its own files only",
            )
        return data
