"""Sandboxes that hold a candidate's JupyterLab, and outlive whoever started them.

A box is a bubblewrap with a process tree, network, mounts and host name of its own, in which
there is the interpreter, the candidate's home and the folder with the sockets of hub and
exchange, and nothing else of ours. It is known by the process that is number 1 inside: what ends
that ends everything in it, and its number with its time of start names it for good.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from worksample import disk, interpreter
from worksample.errors import SandboxFailed
from worksample.hub.places import SHARED_INSIDE
from worksample.hub.settings import EXTENSIONS, HOME, INSIDE, PANEL
from worksample.limits import Limits
from worksample.sandbox.box import environment
from worksample.sandbox.bubblewrap import (
    HOSTS,
    INSTALL,
    MB,
    PACKAGE,
    Bubblewrap,
    Given,
    first_process,
    isolation,
    readable,
    system,
    system_folders,
)
from worksample.sandbox.fonts import font_list
from worksample.sandbox.watch import ControlGroup, started

TEMPORARY_MB = 256
BACKLOG = 128
END_SECONDS = 20.0
# what runs beside the candidate, and the exchange on the candidate's side
PROGRAM = ("hub/__init__.py", "hub/inside", "exchange/__init__.py")
EXCHANGE = ("exchange/client.py", "exchange/folder.py", "exchange/plugins.py")
BUILT = Path(__file__).parent / "labextension" / "built"  # JupyterLab's panel


@dataclass(frozen=True)
class Plan:
    """What a box is made of.

    Args:
        name: the candidate.
        home: their folder, the one thing in it that lasts.
        user: who they are on this machine; None: ourselves, in a user namespace.
        listen: where the socket is put that the proxy connects to.
        shared: folder with the sockets that may be connected to.
        settings: folder with the server's settings.
        log: file that gets what the server says.
        files: what the home is given, where it has no such file yet.
        environment: what JupyterHub's server wants to know, its token included.
        cores: processors that all of it may use together.
    """

    name: str
    home: Path
    user: int | None
    listen: Path
    shared: Path
    settings: Path
    log: Path
    files: Mapping[str, bytes]
    environment: Mapping[str, str]
    limits: Limits
    cores: float


@dataclass(frozen=True)
class Running:
    """A box that was started, by this process or by one that is no more.

    Attributes:
        pid: process 1 inside, in our numbers.
        ticks: its start, in clock ticks since the machine's.
        boot: which start of the machine that was.
        groups: its control groups.
    """

    name: str
    pid: int
    ticks: str
    boot: str
    groups: tuple[str, ...]

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Running:
        """From :meth:`record`, or a KeyError."""
        words = {name: str(record[name]) for name in ("name", "ticks", "boot")}
        return cls(**words, pid=int(record["pid"]), groups=tuple(record["groups"]))

    def record(self) -> dict[str, Any]:
        """Something that JSON can hold."""
        return dataclasses.asdict(self)

    @property
    def group(self) -> ControlGroup:
        return ControlGroup.known([Path(folder) for folder in self.groups])

    def alive(self) -> bool:
        if self.boot != _boot() or started(self.pid) != self.ticks:
            return False
        try:
            return psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def processes(self) -> list[psutil.Process]:
        """Everything in it but process 1; the server comes first.

        What its parent left behind is a child of process 1, as the server is, but younger.
        """
        try:
            first = psutil.Process(self.pid)
            children = first.children()
            server = min(children, key=psutil.Process.create_time, default=None)
            others = [each for each in first.children(recursive=True) if each != server]
        except psutil.NoSuchProcess:
            return []
        return [*([server] if server else []), *others]

    def kill(self) -> None:
        """End everything in it, and wait until it has.

        Raises:
            SandboxFailed: it has not ended within ``END_SECONDS``.
        """
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(self.pid)
            try:
                # only now: the number cannot become another process's any more
                if self.alive():
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                    if not select.select([descriptor], [], [], END_SECONDS)[0]:
                        raise SandboxFailed(f"the sandbox of {self.name} does not end")
            finally:
                os.close(descriptor)
        self.group.remove()


def start(plan: Plan) -> Running:
    """Start a box; its server needs seconds more until it answers.

    Raises:
        SandboxFailed: bubblewrap did not start.
        SandboxUnavailable: no sandbox can be had on this machine.
    """
    bubblewrap = Bubblewrap.find()
    given = Given(own_user=bubblewrap.root)
    group = ControlGroup(plan.limits, plan.cores)
    try:
        with _listening(plan.listen) as listening, _log(plan.log) as log:
            order = _order(plan, listening.fileno(), log.fileno(), given)
            options = [*isolation(bubblewrap.root, lasting=True), *_view(plan, given)]
            pid = _launched(bubblewrap, options, order, [listening.fileno(), log.fileno()], given)
        group.add(pid)
    except SandboxFailed:
        group.remove()
        raise
    except OSError as error:
        group.remove()
        raise SandboxFailed(f"bubblewrap could not be started: {error}", do=INSTALL) from error
    finally:
        given.close()
    folders = tuple(str(folder) for folder in group.folders)
    return Running(plan.name, pid, started(pid), _boot(), folders)


def _launched(
    bubblewrap: Bubblewrap, options: list[str], order: int, descriptors: list[int], given: Given
) -> int:
    """Start bubblewrap in a session of its own; the number of process 1 inside."""
    # from a descriptor: a command line can be read by all of this machine, and from inside
    arguments = given.memory("".join(f"{option}\0" for option in options))
    facts_read, facts_write = os.pipe()
    command = [bubblewrap.binary, "--args", str(arguments), "--info-fd", str(facts_write), "--"]
    command += interpreter.command("-s", "-m", "worksample.hub.inside.server", str(order))
    with os.fdopen(facts_read, "rb", buffering=0) as facts:
        with os.fdopen(facts_write, "wb"):
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(facts_write, *descriptors, *given.descriptors),
                env={},
                cwd="/",
                start_new_session=True,
            )
        pid = first_process(process, facts)
    assert process.stderr is not None
    process.stderr.close()  # from here on what it says goes to the log
    _bury(process)
    return pid


def _bury(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process in a thread, so that it is no zombie once it has ended."""
    import threading

    threading.Thread(target=process.wait, name="box", daemon=True).start()


def _listening(place: Path) -> socket.socket:
    """The socket that the proxy connects to; whoever connects early waits for the server."""
    place.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(place))
    listening.listen(BACKLOG)
    return listening


def _log(place: Path) -> io.FileIO:
    return io.FileIO(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")


def _order(plan: Plan, listening: int, log: int, given: Given) -> int:
    """A descriptor from which the program inside reads what it is to do."""
    order = {
        "socket": listening,
        "log": log,
        "files": given.bytes(packed(plan.files)),
        "user": plan.user,
        "limits": dataclasses.asdict(plan.limits),
        "environment": {**lab_environment(), "PYTHONPATH": PACKAGE, **plan.environment},
    }
    return given.memory(json.dumps(order))


def packed(files: Mapping[str, bytes]) -> bytes:
    """What a home begins with, as the program inside unpacks it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(data), 0o644, int(time.time())
            archive.addfile(member, io.BytesIO(data))
    return made.getvalue()


def lab_environment() -> dict[str, str]:
    """What notebooks find when they are graded, as far as it is the same in a JupyterLab."""
    graded = environment(HOME, "/tmp", "", "", "")
    own = {name: value for name, value in graded.items() if not name.startswith("WORKSAMPLE_")}
    return {
        **own,
        "TMPDIR": "/tmp",
        "SHELL": "/bin/bash",
        "JUPYTER_CONFIG_DIR": INSIDE,
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def _view(plan: Plan, given: Given) -> list[str]:
    """All that is seen inside; what can be written is the home and what is gone at the end."""
    user = plan.user if plan.user is not None else os.geteuid()
    temporary = min(TEMPORARY_MB, plan.limits.memory_mb) * MB
    options = system({"/tmp": temporary, "/dev/shm": temporary})
    options += _jupyter_files()
    options += given.text("/etc/passwd", f"candidate:x:{user}:{user}::{HOME}:/bin/bash\n")
    options += given.text("/etc/hosts", HOSTS)
    options += given.ours()
    package = Path(__file__).parents[1]
    ours = [f"{PACKAGE}/worksample/{name}" for name in ("hub", "exchange")]
    options += readable(*ours, INSIDE, SHARED_INSIDE, HOME, f"{EXTENSIONS}/{PANEL}")
    for name in (*PROGRAM, *EXCHANGE):
        if (package / name).exists():
            options += given.tree(f"{PACKAGE}/worksample/{name}", package / name)
    options += given.tree(INSIDE, plan.settings)
    options += given.tree(f"{EXTENSIONS}/{PANEL}", BUILT)
    options += ["--ro-bind", str(plan.shared), SHARED_INSIDE]
    options += ["--bind", str(plan.home), HOME]
    fonts = font_list()
    if fonts is not None:
        place = f"/tmp/matplotlib/{fonts.name}"
        options += ["--perms", "1777", "--dir", "/tmp/matplotlib", *given.tree(place, fonts)]
    return [
        *options,
        *("--setenv", "PYTHONPATH", PACKAGE, "--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", "/"),
    ]


def _jupyter_files() -> list[str]:
    """Jupyter's files beside an interpreter of the system's, of which not all is shown."""
    options = []
    for name in ("share/jupyter", "etc/jupyter"):
        place = Path(sys.prefix) / name
        if place.is_dir() and not any(place.is_relative_to(each) for each in system_folders()):
            options += [*readable(place.parent), "--ro-bind", str(place), str(place)]
    return options


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


# --- records -----------------------------------------------------------------------------------
# Of every box that was started, until it is seen to have ended: whoever ends all of them needs no
# database and no hub.


def remember(folder: Path, box: Running) -> None:
    disk.replace(folder / f"{box.name}.json", json.dumps(box.record()).encode())


def forget(folder: Path, name: str) -> None:
    (folder / f"{name}.json").unlink(missing_ok=True)


def end_remembered(folder: Path, name: str = "") -> None:
    """End the boxes that run, or that of one candidate."""
    for box in remembered(folder):
        if name in ("", box.name):
            box.kill()
            forget(folder, box.name)


def remembered(folder: Path) -> list[Running]:
    """The boxes that run, by their records; those of boxes that do not are removed."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            box = Running.read(json.loads(path.read_bytes()))
        except (ValueError, KeyError, TypeError, OSError):
            path.unlink(missing_ok=True)  # half of it was never written: disk.replace
            continue
        if box.alive():
            found.append(box)
        else:
            box.group.remove()
            path.unlink(missing_ok=True)
    return found
