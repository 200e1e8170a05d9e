"""Agents forked from a preloaded parent: a sandbox that starts in a tenth of a second.

Importing pandas, matplotlib and scikit-learn is most of what a short attempt costs. Here one
bubblewrap per grading process holds a parent that has done so (nursery.py); every attempt is a
fork of it, with namespaces, file systems and a user of its own. What seals candidate code off is
the same as in a bubblewrap per attempt, and Landlock comes on top; what is shared is the parent's
memory as it was before any attempt.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import socket
import stat
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from worksample import interpreter
from worksample.errors import SandboxFailed
from worksample.sandbox.box import START_SECONDS, Box, Setup, environment
from worksample.sandbox.bubblewrap import (
    HOSTS,
    INSIDE,
    PACKAGE,
    Bubblewrap,
    Given,
    claim_user,
    isolation,
    launched,
    pidfd,
    system,
    system_folders,
    writable,
)
from worksample.sandbox.fonts import font_list
from worksample.sandbox.inside.confine import (
    CAP_KILL,
    CAP_SETGID,
    CAP_SETPCAP,
    CAP_SETUID,
    landlock_abi,
)
from worksample.sandbox.inside.frames import BadFrame, Reader
from worksample.sandbox.inside.nursery import FONTS

MB = 1 << 20
MAX_STARTS = 3
ENDING_SECONDS = 2.0
ONE_EACH = ", one per attempt because "
LANDLOCK_ABI = 6  # scoped signals: without them a fork could end its parent


class ParentGone(Exception):
    """The preloaded parent ended; another can be started."""


class ForkGone(Exception):
    """A fork ended before it was a sandbox and said nothing, as one that was killed; fork again."""


class Forked:
    """Forks of a preloaded parent; one bubblewrap per attempt where that cannot be had."""

    def __init__(self, plain: Bubblewrap) -> None:
        self.plain = plain
        self._kind = (plain.binary, plain.root)
        if landlock_abi() < LANDLOCK_ABI:
            _why_not[self._kind] = (
                f"Landlock's ABI is {landlock_abi()}, and {LANDLOCK_ABI} is needed (Linux 6.12)"
            )

    @property
    def why_not(self) -> str:
        """Why attempts are not forked here; empty while nothing is known to be missing."""
        return _why_not.get(self._kind, "")

    @property
    def name(self) -> str:
        """What runs an attempt here, and why it is not the faster way if it is not."""
        if self.why_not:
            return f"{self.plain.name}{ONE_EACH}{self.why_not}"
        return f"fork of a preloaded parent in {self.plain.name}"

    @classmethod
    def find(cls) -> Forked:
        """The best way that works here.

        Raises:
            SandboxUnavailable: there is no bubblewrap, or none of its ways works.
        """
        return cls(Bubblewrap.find())

    def begin(self, libraries: Iterable[str] = ()) -> None:
        """Start the parent now, so that it has done its imports when it is needed.

        Args:
            libraries: what notebooks will import, as far as it is known yet.
        """
        if not self.why_not:
            with contextlib.suppress(ParentGone):  # another is started when it is needed
                parent_of(self.plain).send(_message(libraries), [])

    def open(self, setup: Setup) -> Box:
        """A box around an agent, forked if possible.

        Raises:
            SandboxFailed: it could not be started in either way.
        """
        if self.why_not or setup.image is not None:
            return self.plain.open(setup)
        try:
            archive = _archive(setup)
        except OSError as error:
            raise SandboxFailed(f"what belongs into the sandbox cannot be read: {error}") from error
        with archive:
            return self._open(setup, archive)

    def _open(self, setup: Setup, archive: IO[bytes]) -> Box:
        silent = 0
        for _ in range(MAX_STARTS):
            if self.why_not:
                break
            try:
                box = _fork(parent_of(self.plain), setup, self.plain.root, archive)
            except ParentGone:
                continue
            except ForkGone:
                silent += 1
                continue
            except SandboxFailed as error:
                if self._kind in _proved:
                    raise
                _why_not[self._kind] = error.what
                continue
            _proved.add(self._kind)
            return box
        if silent == MAX_STARTS and self._kind not in _proved:
            _why_not[self._kind] = f"{silent} forks did not become one, and did not say why"
        if self.why_not:
            return self.plain.open(setup)
        raise SandboxFailed(
            f"the preloaded parent of the sandboxes, or its forks, were killed {MAX_STARTS} times",
            do="look for what kills processes here (is there enough memory?), then grade again",
        )


def why_one_each(name: str) -> str:
    """Why a sandbox of that name was one bubblewrap per attempt; empty where it was a fork."""
    return name.partition(ONE_EACH)[2]


# of this machine, found out once a process: why a kind of parent cannot be had, or that it can
_why_not: dict[tuple[str, bool], str] = {}
_proved: set[tuple[str, bool]] = set()


class Parent:
    """Our end of one nursery; a forked process of ours may use it too."""

    def __init__(self, plain: Bubblewrap) -> None:
        self.owner = os.getpid()
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._keeper: threading.Thread | None = None
        self._problem: Exception | None = None
        with theirs:
            if threading.current_thread() is threading.main_thread():
                self._start(plain, theirs)
            else:
                self._start_in_thread(plain, theirs)
        if self._problem is not None:
            raise SandboxFailed(f"bubblewrap could not be started: {self._problem}")

    def _start_in_thread(self, plain: Bubblewrap, theirs: socket.socket) -> None:
        """Bubblewrap ends with the thread that started it, so that thread has to stay."""
        started = threading.Event()

        def keep() -> None:
            self._start(plain, theirs)
            started.set()
            if self._problem is None:
                self.process.wait()

        self._keeper = threading.Thread(target=keep, daemon=True, name="sandbox-parent")
        self._keeper.start()
        started.wait()

    def _start(self, plain: Bubblewrap, theirs: socket.socket) -> None:
        given = Given(own_user=plain.root)
        try:
            self.process = subprocess.Popen(
                _command(plain, given),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=given.descriptors,
                env={},
                cwd="/",
            )
        except OSError as error:
            self._problem = error
        finally:
            given.close()

    def complaint(self) -> str:
        """The last line of what it complained of; "" where it was killed without a word."""
        assert self.process.stderr is not None
        os.set_blocking(self.process.stderr.fileno(), False)
        said = self.process.stderr.read(1 << 16) or b""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def usable(self) -> bool:
        """True while it lives."""
        if self.owner == os.getpid():
            return self.process.poll() is None
        hung_up = select.poll()
        hung_up.register(self.requests, 0)
        return not hung_up.poll(0)

    def send(self, request: bytes, fds: list[int]) -> None:
        """Ask for a fork.

        Raises:
            ParentGone: nobody is there.
        """
        try:
            socket.send_fds(self.requests, [request], fds)
        except OSError as error:
            raise ParentGone from error

    def close(self) -> None:
        """End it, and with it every fork that is left."""
        if self.owner != os.getpid():
            return
        self.requests.close()
        self.process.kill()
        if self._keeper is not None:
            self._keeper.join()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


_parents: dict[tuple[str, bool], Parent] = {}
_starting = threading.Lock()


def parent_of(plain: Bubblewrap) -> Parent:
    """This process's parent of this kind, started at the first call; it may still be importing.

    Raises:
        SandboxFailed: it could not be started.
    """
    kind = (plain.binary, plain.root)
    with _starting:
        found = _parents.get(kind)
        if found is None or not found.usable():
            if found is not None:
                found.close()
            _parents[kind] = found = Parent(plain)
            atexit.unregister(end_parents)
            atexit.register(end_parents)
    return found


def expect(libraries: Iterable[str]) -> None:
    """Tell the parents that are there what will be imported; they do so meanwhile."""
    with _starting:
        for parent in _parents.values():
            with contextlib.suppress(ParentGone):  # another is started when it is needed
                parent.send(_message(libraries), [])


def parents_live() -> bool:
    """Whether every parent that this process knows, also from before it was forked, is there."""
    with _starting:
        return all(parent.usable() for parent in _parents.values())


def end_parents() -> None:
    """End the parents of this process; the next attempt starts another."""
    with _starting:
        while _parents:
            _parents.popitem()[1].close()


def _command(plain: Bubblewrap, given: Given) -> list[str]:
    options = [
        *system({"/tmp": 64 * MB, "/io": 8 * MB}),
        "--perms", "0444", "--file", str(given.memory("")), "/etc/passwd",
        *given.text("/etc/hosts", HOSTS),
        *given.ours(),
        *(word for name in ("/attempt", "/case", "/answers", "/given") for word in ("--dir", name)),
    ]  # fmt: skip
    fonts = font_list()
    if fonts is not None:
        for folder in (FONTS, "/io/matplotlib"):
            options += ["--perms", "0755", "--dir", folder]
            options += given.tree(f"{folder}/{fonts.name}", fonts)
    for name, value in environment("/attempt", "/io", "/case", "/answers", "").items():
        options += ["--setenv", name, value]
    # the way that ipykernel would set when it starts, for matplotlib reads it when imported
    options += ["--setenv", "MPLBACKEND", "module://matplotlib_inline.backend_inline"]
    options += ["--setenv", "PYTHONPATH", PACKAGE]
    sealed = ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    run = ["--", *interpreter.command("-m", "worksample.sandbox.inside.nursery")]
    return [plain.binary, *isolation(plain.root, parent=True), *options, *sealed, *run]


def _fork(parent: Parent, setup: Setup, root: bool, archive: IO[bytes]) -> Box:
    user, lock = claim_user() if root else (None, None)
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    complaints, write = os.pipe()
    try:
        # opened anew: a fork that we gave up on may still come, and read where this one reads
        given = open(f"/proc/self/fd/{archive.fileno()}", "rb")  # noqa: SIM115 (closed below)
        with theirs, given, os.fdopen(write, "wb"):
            request = _request(setup, user, given)
            parent.send(request, [theirs.fileno(), write, given.fileno()])
        pid = _ready(ours, complaints, parent)
    except BaseException:
        for end in (ours, lock):
            if end is not None:
                end.close()
        os.close(complaints)
        raise
    agent = Agent(pid, os.fdopen(complaints, "rb", buffering=0))
    return Box(launched(agent, pid, ours, user, lock), setup)


def _request(setup: Setup, user: int | None, given: IO[bytes]) -> bytes:
    who = INSIDE if user is None else user
    size = os.fstat(given.fileno()).st_size
    # a file takes a page at least, and an entry of the archive a quarter of one
    file_systems = {**writable(setup.limits), "/given": 4 * size + MB}
    return _message(
        setup.libraries,
        {
            "user_namespace": user is None,
            "keep": [] if user is None else [CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP],
            "file_systems": file_systems,
            "covered": [
                str(path)
                for path in system_folders()
                if any(path.is_relative_to(place) for place in file_systems)
            ],
            # their names are a candidate's, and might be longer than a message can be
            "files": len(setup.files),
            "passwd": f"candidate:x:{who}:{who}::/attempt:/bin/sh\n",
        },
    )


def _message(libraries: Iterable[str], attempt: Mapping[str, Any] | None = None) -> bytes:
    return json.dumps({"libraries": sorted(libraries), **(attempt or {})}).encode()


def _archive(setup: Setup) -> IO[bytes]:
    """The case and the files beside the notebook as one tar, in memory."""
    file = os.fdopen(os.memfd_create("given"), "w+b")
    with tarfile.open(fileobj=file, mode="w") as tar:
        given = {f"files/{name}": source for name, source in setup.files.items()}
        if setup.case_public is not None:
            given["case"] = setup.case_public
        for place, source in given.items():
            _add(tar, source.resolve(), place)
    file.flush()
    file.seek(0)
    return file


def _add(tar: tarfile.TarFile, source: Path, place: str) -> None:
    """Files and folders only, as anybody may read them."""
    facts = source.lstat()
    entry = tarfile.TarInfo(place)
    entry.mtime = int(facts.st_mtime)  # compiled files beside their source go by it
    if stat.S_ISDIR(facts.st_mode):
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(entry)
        for child in sorted(source.iterdir()):
            _add(tar, child, f"{place}/{child.name}")
    elif stat.S_ISREG(facts.st_mode):
        entry.size = facts.st_size
        with source.open("rb") as content:
            tar.addfile(entry, content)


def _ready(control: socket.socket, complaints: int, parent: Parent) -> int:
    """The agent's pid, in our numbers, once it says that it is there.

    Raises:
        ParentGone: the parent was killed.
        ForkGone: the fork was, as far as can be seen.
        SandboxFailed: there will be no agent; says why.
    """
    reader = Reader(max_body=0)
    control.settimeout(START_SECONDS)  # the parent may still be importing
    try:
        while True:
            data, extra, _, _ = control.recvmsg(1 << 12, socket.CMSG_SPACE(64))
            if not data:
                break
            if any(header.get("event") == "ready" for header, _ in reader.feed(data)):
                control.settimeout(None)
                return int.from_bytes(extra[0][2][:4], sys.byteorder)
    except (OSError, BadFrame, IndexError):
        pass  # it is told below
    os.set_blocking(complaints, False)
    said = b""
    with contextlib.suppress(BlockingIOError):
        said = os.read(complaints, 1 << 16)
    lines = said.decode(errors="replace").strip().splitlines()
    if lines:
        raise SandboxFailed(f"a fork did not become a sandbox: {lines[-1]}")
    if not _ended(parent):
        raise ForkGone
    complaint = parent.complaint()
    if complaint:
        raise SandboxFailed(f"the preloaded parent ended: {complaint}")
    raise ParentGone


def _ended(parent: Parent) -> bool:
    """Whether the parent ends now: its forks are gone a moment before it is."""
    deadline = time.monotonic() + ENDING_SECONDS
    while parent.usable() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not parent.usable()


class Agent:
    """A process that the parent started: what ``Popen`` offers of one of ours."""

    def __init__(self, pid: int, stderr: IO[bytes]) -> None:
        self.pid = pid
        self.stderr: IO[bytes] | None = stderr
        self._fd = pidfd(pid)

    def wait(self) -> int:
        """Wait until nothing of its namespaces is left; the parent buries it."""
        if self._fd >= 0:
            ended = select.poll()
            ended.register(self._fd, select.POLLIN)
            ended.poll()
            os.close(self._fd)
            self._fd = -1
        return 0
