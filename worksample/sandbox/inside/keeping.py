"""Folders put back as they were, so that no call finds what an earlier one wrote there.

A process of ours does it, as the user that the candidate's code is: whatever that has made it may
undo, and nothing more. What has changed is told by the time of the last change of a file's state
(``st_ctime_ns``), which no user can set.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from worksample.sandbox.inside import confine

MAX_KEPT = 64 << 20  # bytes of all files together; one beyond that is removed when it has changed
SECONDS = 60.0  # for all files of an attempt
TOOLS = {"PATH": "/usr/bin:/bin"}


class Keeper:
    """A process that keeps some folders as they are now, and restores them.

    Args:
        folders: those that exist are kept, with everything below them.
        user: whose files they are; None: the present user's.
        close: closes every descriptor of the new process but those it is given.
    """

    def __init__(
        self, folders: Sequence[str], user: int | None, close: Callable[[set[int]], None]
    ) -> None:
        self._channel, theirs = socket.socketpair()
        self._channel.settimeout(SECONDS)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _keep(folders, user, close, theirs)
            finally:
                os._exit(0)
        theirs.close()
        self._there = self._told()

    def restore(self) -> bool:
        """Whether everything is as it was; False: the process was ended."""
        with contextlib.suppress(OSError):
            self._channel.sendall(b"r")
            self._there = self._there and self._told()
            return self._there
        return False

    def _told(self) -> bool:
        try:
            return bool(self._channel.recv(1))
        except OSError:
            return False


def _keep(
    folders: Sequence[str],
    user: int | None,
    close: Callable[[set[int]], None],
    channel: socket.socket,
) -> None:
    signal.set_wakeup_fd(-1)
    confine.ignore_signals()
    close({channel.fileno()})
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    confine.prctl(confine.PR_SET_PDEATHSIG, signal.SIGKILL)  # lost with the change of user
    confine.prctl(confine.PR_SET_DUMPABLE, 0)  # the candidate's code is the same user
    kept = Kept(folders)
    channel.sendall(b"k")
    while channel.recv(1):
        kept.restore()
        channel.sendall(b"k")


@dataclass(frozen=True)
class _State:
    """What an entry is, and how one sees that it is still that."""

    inode: int
    mode: int
    size: int
    read_ns: int
    written_ns: int
    changed_ns: int

    @classmethod
    def of(cls, path: str) -> _State:
        seen = os.lstat(path)
        times = (seen.st_atime_ns, seen.st_mtime_ns, seen.st_ctime_ns)
        return cls(seen.st_ino, seen.st_mode, seen.st_size, *times)


class Kept:
    """Some folders as they are now.

    Args:
        folders: those that exist are kept, with everything below them.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = [folder for folder in folders if os.path.isdir(folder)]
        self._content: dict[str, bytes | None] = {}
        room = MAX_KEPT
        for path in self._entries():
            data = _content(path, room)
            room -= len(data or b"")
            self._content[path] = data
        self._states = {path: _State.of(path) for path in self._content}

    def restore(self) -> None:
        """Make the folders hold what they held, in the same state.

        What cannot be made again is removed.
        """
        wrong = []
        for path in self._entries():
            known = self._states.get(path)
            if known is None or stat.S_IFMT(known.mode) != stat.S_IFMT(_State.of(path).mode):
                _remove(path)
        for path, known in self._states.items():  # a folder comes before what lies in it
            now = _State.of(path) if os.path.lexists(path) else None
            if now == known:
                continue
            wrong.append(path)
            if now is None or replace(now, read_ns=known.read_ns) != known:
                self._make(path, known)  # not what was only read: it may be too large to be kept
        for path in reversed(wrong):  # of a folder after what was written into it
            self._finish(path)

    def _entries(self) -> Iterator[str]:
        for folder in self._folders:
            yield from _below(folder, os.lstat(folder).st_dev)

    def _make(self, path: str, known: _State) -> None:
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(known.mode):
                os.makedirs(path, exist_ok=True)
                _forget_attributes(path)
                return
            if stat.S_ISSOCK(known.mode):
                return
            data = self._content[path]
            _remove(path)  # made anew, which also takes away what was attached to it
            if stat.S_ISLNK(known.mode) and data is not None:
                os.symlink(os.fsdecode(data), path)
            elif stat.S_ISFIFO(known.mode):
                os.mkfifo(path)
            elif data is not None:
                Path(path).write_bytes(data)

    def _finish(self, path: str) -> None:
        """Mode and times as they were; from now on this is the state that is expected."""
        known = self._states[path]
        with contextlib.suppress(OSError):
            if not stat.S_ISLNK(known.mode):
                os.chmod(path, stat.S_IMODE(known.mode))
            os.utime(path, ns=(known.read_ns, known.written_ns), follow_symlinks=False)
        if os.path.lexists(path):
            self._states[path] = _State.of(path)
        else:
            del self._states[path]


def _below(folder: str, device: int) -> Iterator[str]:
    """Every entry below, a folder before what is in it; what cannot be looked into is opened up.

    What is mounted there is left alone. It cannot be written, and where this package is installed
    below ``/tmp`` it is all the libraries: to look through them took a second and more a call.
    """
    above = [folder]
    while above:
        here = above.pop()
        for path in _inside(here):
            with contextlib.suppress(OSError):  # gone by now, or deeper than a path may be long
                seen = os.lstat(path)
                if seen.st_dev != device:
                    continue
                yield path
                if stat.S_ISDIR(seen.st_mode):
                    above.append(path)


def _inside(folder: str) -> list[str]:
    for opened in (False, True):
        with contextlib.suppress(OSError):
            if opened:
                os.chmod(folder, 0o700)
            return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    return []


def _content(path: str, room: int) -> bytes | None:
    """What is to be written where it has to be made again; None: it cannot be."""
    with contextlib.suppress(OSError):
        seen = os.lstat(path)
        if stat.S_ISLNK(seen.st_mode):
            return os.fsencode(os.readlink(path))
        if stat.S_ISREG(seen.st_mode) and seen.st_size <= room:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(fd, "rb") as file:
                data = file.read(room)
                os.utime(fd, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # that it was read shows
            return data
    return None


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        if os.path.isdir(path) and not os.path.islink(path):
            # of any depth: shutil's calls itself, and a path can be too long
            subprocess.run(["rm", "-rf", "--", path], cwd="/", env=TOOLS, stderr=subprocess.DEVNULL)
        else:
            os.unlink(path)


def _forget_attributes(path: str) -> None:
    for name in os.listxattr(path, follow_symlinks=False):
        os.removexattr(path, name, follow_symlinks=False)
