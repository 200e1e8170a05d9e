"""A copy of a course that is right at a moment, made while everything runs; and its way back.

First the databases, by SQLite's own backup, which waits for nobody's transaction to be half done;
then the files. Whatever a row speaks of was on the disk before the row was written, so it is in
the copy; a file that came later has no row yet, and is taken up by what reads it (work that lies
in ``submitted/`` is adopted, evidence that is not in the gradebook is written into it).

Candidates own files below ``state/homes``, and may change them while they are read. No link of
theirs is followed, and nothing but regular files is taken.
"""

from __future__ import annotations

import contextlib
import io
import os
import sqlite3
import stat
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy.engine import make_url

from worksample.course import Course
from worksample.errors import CourseError
from worksample.records import now

#: of a course's folder; what else is there can be made again
FOLDERS = (
    *("state", "submitted", "assignments", "openings", "kits"),
    *("release", "source", "feedback"),
)
FILES = ("*.toml", "*.py")
MARK = "state/backed-up"  # touched at the end: `worksample doctor` looks at it
_SQLITE = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal")  # of a database, which is copied as a whole
_LEFT_OUT = ("state/hub/logs", "state/cache")
_STEP = 1 << 20


@dataclass(frozen=True)
class Copied:
    """What is in a backup.

    Attributes:
        archive: the file.
        files: how many, databases included.
        databases: which of these are databases.
        elsewhere: databases on a server, which are not in it.
        skipped: links, pipes and what vanished or could not be read.
    """

    archive: Path
    files: int
    databases: tuple[str, ...]
    elsewhere: tuple[str, ...]
    skipped: int


def backup(course: Course, into: Path, progress: Callable[[str], None] = lambda _: None) -> Copied:
    """Write ``<course>-<time>.tar.gz`` into a folder; who else works in the course goes on.

    Args:
        progress: called with each file's name.

    Raises:
        CourseError: the folder is in the course, or a database cannot be read.
    """
    into = into.resolve()
    if into.is_relative_to(course.root.resolve()):
        raise CourseError(
            "a backup belongs somewhere else than what it is of",
            where=str(into),
            do="choose a folder outside the course, on another disk",
        )
    into.mkdir(parents=True, exist_ok=True)
    archive = into / f"{course.root.name}-{now():%Y%m%dT%H%M%SZ}.tar.gz"
    half = archive.with_name(f".{archive.name}.{os.getpid()}")
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".backup-", dir=into) as scratch,
            open(os.open(half, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar,
        ):
            databases = _databases(course, Path(scratch), tar, progress)
            files, skipped = _files(course, set(databases), tar, progress)
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.rename(archive)
    finally:
        half.unlink(missing_ok=True)
    (course.root / MARK).touch()
    count = len(databases) + files
    return Copied(archive, count, tuple(databases), _elsewhere(course), skipped)


def restore(archive: Path, into: Path) -> int:
    """Lay a backup out in a new folder; how many files it held.

    Everything is the user's who does this: homes are given to their users when they are served.

    Raises:
        CourseError: there is something in the folder, or the archive is no backup or damaged.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise CourseError(
            "there is something in it already", where=str(into), do="name a folder that is new"
        )
    into.mkdir(parents=True, mode=0o700, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            _lay_out(tar, into)
            count = sum(member.isreg() for member in tar.getmembers())
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CourseError(f"this is no whole backup: {error}", where=str(archive)) from error
    for path in into.rglob("*"):
        if path.is_file() and path.parent != into and _is_database(path):
            _check(path)
    return count


def _lay_out(tar: tarfile.TarFile, into: Path) -> None:
    """Files and folders below ``into``, and nothing else."""
    if hasattr(tarfile, "data_filter"):
        tar.extractall(into, filter="data")
        return
    for member in tar.getmembers():  # patches of 3.11 before 3.11.4 know no filters
        parts = PurePosixPath(member.name).parts
        if not (member.isreg() or member.isdir()) or ".." in parts or member.name.startswith("/"):
            raise tarfile.TarError(f"{member.name} is no file of a course")
    tar.extractall(into)


def _databases(
    course: Course, scratch: Path, tar: tarfile.TarFile, progress: Callable[[str], None]
) -> list[str]:
    """Copy every SQLite file of ours; their names in the course."""
    found = []
    for path in sorted((course.state).rglob("*")):
        name = path.relative_to(course.root).as_posix()
        if name.startswith("state/homes/") or not path.is_file() or not _is_database(path):
            continue
        progress(name)
        copy = scratch / "database"
        copy.unlink(missing_ok=True)
        try:
            with (
                contextlib.closing(sqlite3.connect(path, timeout=60)) as source,
                contextlib.closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
        except sqlite3.Error as error:
            raise CourseError(f"this database cannot be copied: {error}", where=name) from error
        _check(copy)
        with copy.open("rb") as file:
            _put(tar, name, os.fstat(file.fileno()).st_size, path.stat(), file)
        found.append(name)
    return found


def _files(
    course: Course, databases: set[str], tar: tarfile.TarFile, progress: Callable[[str], None]
) -> tuple[int, int]:
    """Put every other file in; how many, and how many were left out."""
    count = skipped = 0
    beside = {f"{name}{end}" for name in databases for end in _BESIDE}
    for name, folder in _names(course):
        if name in databases or name in beside or name.startswith(_LEFT_OUT):
            continue
        progress(name)
        taken = _take(tar, name, folder)
        count, skipped = count + taken, skipped + (not taken)
    return count, skipped


def _names(course: Course) -> Iterator[tuple[str, int]]:
    """Name in the course, and a descriptor of the folder that it lies in now."""
    root = os.open(course.root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for pattern in FILES:
            yield from ((path.name, root) for path in sorted(course.root.glob(pattern)))
    finally:
        os.close(root)
    for top in FOLDERS:
        place = course.root / top
        if place.is_dir() and not place.is_symlink():
            for where, folders, files, descriptor in os.fwalk(place):
                folders.sort()
                inside = Path(where).relative_to(course.root).as_posix()
                yield from ((f"{inside}/{each}", descriptor) for each in sorted(files))


def _take(tar: tarfile.TarFile, name: str, folder: int) -> bool:
    """Whether it was a regular file, and is in now."""
    try:
        own = name.rpartition("/")[2]
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(own, flags, dir_fd=folder)
    except OSError:
        return False
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return False
        _put(tar, name, found.st_size, found, file)
    return True


class _Exactly(io.RawIOBase):
    """So many bytes of a file, however it grows or shrinks meanwhile."""

    def __init__(self, file: io.BufferedReader, size: int) -> None:
        self._file, self._left = file, size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._file.read(wanted)
        data += b"\0" * (wanted - len(data))
        self._left -= wanted
        return data


def _put(
    tar: tarfile.TarFile, name: str, size: int, found: os.stat_result, file: io.BufferedReader
) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = size, int(found.st_mtime)
    entry.mode = stat.S_IMODE(found.st_mode) & 0o777
    tar.addfile(entry, _Exactly(file, size))


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _check(path: Path) -> None:
    """SQLite's own look at a whole database.

    Raises:
        CourseError: it is damaged.
    """
    try:
        with contextlib.closing(sqlite3.connect(path)) as copy:
            (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise CourseError(f"this database is damaged: {said}", where=str(path))


def _elsewhere(course: Course) -> tuple[str, ...]:
    urls = (make_url(each) for each in (course.records_url, course.gradebook_url))
    return tuple(
        dict.fromkeys(
            each.render_as_string() for each in urls if each.get_backend_name() != "sqlite"
        )
    )
