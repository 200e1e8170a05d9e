"""Candidates' home folders: whose they are, how full they are, and what is saved in them.

What lies in a home is hostile: links, pipes, folders that change while one looks. It is read
through descriptors that follow no link, and written only from inside the candidate's sandbox.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from worksample.errors import HostingError
from worksample.hub.places import Places
from worksample.workbook import packing

# above the users of attempts that are graded (sandbox/bubblewrap.py)
FIRST_USER = 0x70010000
USERS = 4096  # of one course; 32,768 courses on a machine before two might share some
MAX_ENTRIES = 50_000
MAX_FILES = 2_000
BLOCK = 512  # bytes of st_blocks, whatever the file system


def prepare(places: Places, name: str) -> tuple[Path, int | None]:
    """A candidate's home, made if there is none, and the user that it belongs to.

    As root each candidate is a user of their own, the same for good: the home's owner. Else it
    is None: we cannot give it to anybody, and a user namespace keeps candidates apart.

    Raises:
        HostingError: the course has more candidates than users.
    """
    home = places.homes / name
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, exist_ok=True)
        return home, None
    ours = _users(places)
    if home.is_dir() and home.lstat().st_uid in ours:
        return home, home.lstat().st_uid
    taken = {each.lstat().st_uid for each in places.homes.iterdir()}
    free = next((user for user in ours if user not in taken), None)
    if free is None:
        raise HostingError(
            f"this course has homes of {len(taken)} candidates, and no user for one more",
            where=str(places.homes),
            do="archive the homes of openings that are over, and remove them",
        )
    home.mkdir(mode=0o700, exist_ok=True)
    for folder, _, files, descriptor in os.fwalk(home, topdown=False):
        for each in files:  # restored from a backup, perhaps: theirs again
            os.chown(each, free, free, dir_fd=descriptor, follow_symlinks=False)
        os.chown(folder, free, free, follow_symlinks=False)
    return home, free


def _users(places: Places) -> range:
    """The numbers of this course's candidates, apart from another course's on this machine."""
    digest = hashlib.sha256(os.fsencode(places.course.root.resolve())).digest()
    first = FIRST_USER + USERS * (int.from_bytes(digest[:2], "big") % 32768)
    return range(first, first + USERS)


def used(home: Path) -> tuple[int, int]:
    """Bytes on the disk and number of entries; counting ends at ``MAX_ENTRIES``."""
    size = entries = 0
    for _, folders, files, descriptor in os.fwalk(home):
        for each in (*folders, *files):
            entries += 1
            try:
                size += os.lstat(each, dir_fd=descriptor).st_blocks * BLOCK
            except OSError:
                continue  # removed while we looked
        if entries > MAX_ENTRIES:
            break
    return size, entries


def seen(folder: Path) -> str:
    """Something that is another text once a file in a folder of a home was saved again.

    Empty where the folder is a link, or is not there.
    """
    facts: list[tuple[object, ...]] = []
    for place, folders, files, descriptor in os.fwalk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for each in sorted(files):
            if each.startswith("."):
                continue
            try:
                found = os.lstat(each, dir_fd=descriptor)
            except OSError:
                continue  # removed while we looked
            facts.append((place, each, found.st_size, found.st_mtime_ns, found.st_ino))
        if len(facts) >= MAX_FILES:
            break  # what lies nearest was looked at first
    return hashlib.sha256(repr(facts).encode()).hexdigest() if facts else ""


def saved(folder: Path, most: int, largest: int | None = None) -> Iterator[tuple[str, bytes]]:
    """Relative name and content of the regular files in a folder of a home, hidden ones left out.

    Nothing, where the folder itself is a link, or is not there.

    Args:
        most: bytes of all of them; the files that would pass it are left out.
        largest: bytes of one of them; larger ones are left out, and not read.
    """
    count = 0
    if not folder.is_dir():
        return
    for place, folders, files, descriptor in os.fwalk(folder):
        inside = Path(place).relative_to(folder)
        folders[:] = sorted(each for each in folders if not _is_hidden(inside / each))
        if count >= MAX_FILES:
            break
        for each in sorted(files):
            if _is_hidden(inside / each) or count >= MAX_FILES:
                continue
            data = _content(each, descriptor, most if largest is None else min(most, largest))
            if data is not None:
                count, most = count + 1, most - len(data)
                yield str(inside / each), data


def _is_hidden(name: Path) -> bool:
    """By its name; in a tree that is part of the answer, only what no tree holds."""
    if name.parts[0] == packing.TREE and len(name.parts) > 1:
        return packing.is_left_behind(name)
    return name.name.startswith(".")


def leave_note(home: Path, name: str, text: str) -> None:
    """Put a file into a home; one of that name that is there, or a link of theirs, stays."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        owner = os.fstat(folder).st_uid
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=folder)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
            if os.geteuid() == 0:
                os.fchown(fd, owner, owner)
    except FileExistsError:
        pass  # they have been told
    finally:
        os.close(folder)


def _content(name: str, folder: int, most: int) -> bytes | None:
    """A regular file's bytes; None for anything else, or for more than ``most``."""
    try:
        # a pipe would have us wait, a link lead us elsewhere
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            return None
        data = file.read(most + 1)
    return data if len(data) <= most else None
