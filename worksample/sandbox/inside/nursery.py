"""The preloaded parent: imports once what attempts need, and forks an agent for each of them.

Started by forked.py as process 1 of a bubblewrap that holds nothing of any attempt, with a
socket as standard input. A message on it is one attempt: a JSON object, and the descriptors of
the agent's control socket, of its standard error, and of a tar archive with the case and files;
without descriptors it only says which libraries will be wanted. What a kernel needs is imported at
the start, a library when it is first asked for: by an assignment, never by a candidate's code.
The fork takes namespaces of its own for processes, mounts, network, IPC and host name, lays
private file systems over everything that can be written, gives up what it does not need, and
becomes the agent of inside.py.

No candidate's code ever runs in this process, and nothing of an attempt passes through it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import importlib
import io
import json
import os
import signal
import socket
import struct
import sys
import tarfile
import traceback
from collections.abc import Iterable
from typing import Any

from worksample.sandbox.inside import agent as inside
from worksample.sandbox.inside import confine
from worksample.sandbox.inside.agent import KERNEL, LIBRARIES
from worksample.sandbox.inside.frames import pack

MAX_REQUEST = 1 << 16
FONTS = "/opt/fonts"

_NEW_NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x40000000  # NS UTS IPC NET
_NEW_PIDS, _NEW_USER = 0x20000000, 0x10000000
_NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _READ_ONLY = 2, 4, 8, 32, 4096, 1
_RECURSIVE = 16384
_PRIVATE_ALL = (1 << 18) | _RECURSIVE
_HUGE, _COLLAPSE = 2 << 20, 25  # bytes; MADV_COLLAPSE, of Linux 6.1, which others refuse
_SET_FLAGS, _UP = 0x8914, 0x1 | 0x40  # SIOCSIFFLAGS; IFF_UP, IFF_RUNNING


def serve(requests: socket.socket) -> None:
    """Fork an agent for every message, until the other end closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the forks
    own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    while True:
        message, fds, _, _ = socket.recv_fds(requests, MAX_REQUEST, 3)
        if not message:
            return
        request = json.loads(message)
        preload(request["libraries"])
        if not fds:
            continue
        try:
            if _fork(own_pids, alone=not request["user_namespace"]) == 0:
                requests.close()
                _become_agent(request, fds)
        except OSError as error:  # too many processes: the others are to go on
            with contextlib.suppress(OSError):  # nobody may be waiting any more
                os.write(fds[1], f"no fork can be made: {error}".encode())
        finally:
            for fd in fds:
                os.close(fd)


def _fork(own_pids: int, alone: bool) -> int:
    """``os.fork``; where we may, its child is process 1 of a namespace of its own.

    Otherwise the fork has to fork once more, and each copies the tables of all our pages.
    """
    if not alone:
        return os.fork()
    _namespaces("unshare", _NEW_PIDS)
    child = None
    try:
        child = os.fork()
    finally:
        if child != 0:
            _namespaces("setns", own_pids, _NEW_PIDS)  # the next one is for another child
    return child


def _namespaces(call: str, *given: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, call)(*given) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{call}: {os.strerror(code)}")


_imported: set[str] = set()  # "" stands for what every kernel needs


def preload(libraries: Iterable[str]) -> None:
    """Import what every kernel needs, and what notebooks will that import these.

    What is no library of :data:`~worksample.sandbox.inside.agent.LIBRARIES` is left out, as is what
    is not installed.

    Raises:
        RuntimeError: an import started a thread, which a fork would not have.
    """
    asked = {*libraries, ""} - _imported
    new = {name: modules for name, modules in {"": KERNEL, **LIBRARIES}.items() if name in asked}
    if not new:
        return
    for name, modules in new.items():
        for module in modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        with contextlib.suppress(ImportError):
            warm_up(name)
        _imported.add(name)
    confine.landlock_abi()  # looks for the C library; a fork has found it
    gather_pages()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"the preloaded parent has {threads} threads")
    gc.collect()
    gc.freeze()  # a collection in a fork would touch, and so copy, every page


def gather_pages() -> None:
    """Have memory lie in huge pages, where the kernel can: a fork copies tables of pages.

    An attempt is half a dozen forks, and to copy such tables and drop them again is most of what
    one takes. What a fork writes to is copied in small pages as ever.
    """
    libc = ctypes.CDLL(None)
    with open("/proc/self/maps") as file:
        lines = file.read().splitlines()
    for line in lines:
        place, mode, _, _, inode, *name = line.split()
        if mode != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        first, end = (int(each, 16) for each in place.split("-"))
        for start in range(-(-first // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE):
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(_HUGE), _COLLAPSE)


def warm_up(library: str) -> None:
    """Do once what nearly every notebook does, for what a library imports or looks up at first use.

    A table shown, a figure drawn, a model fitted: nothing random, and no state is left behind.
    """
    if library == "pandas":
        import pandas

        table = pandas.read_csv(io.StringIO("x,y,z\n0,1,a\n1,3,b\n2,4,a\n3,8,b\n"))
        table._repr_html_(), repr(table.describe()), repr(table.groupby("z")["y"].mean())
    elif library == "matplotlib":
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure()
        axes = FigureCanvasAgg(figure).figure.subplots()
        axes.plot([0, 1, 2, 3], [1, 3, 4, 8], "o-", label="a line")
        axes.set(title="A title", xlabel="x in $s^2$", ylabel="y")
        axes.legend()
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    elif library == "sklearn":
        import numpy
        from sklearn.linear_model import LinearRegression, LogisticRegression

        x = numpy.arange(4.0)[:, None]
        LinearRegression().fit(x, [1, 3, 4, 8]).predict(x)
        LogisticRegression().fit(x, list("abab")).predict_proba(x)
        numpy.percentile(x, [5, 50, 95])
    if {"pandas", "matplotlib"} <= {*_imported, library}:
        with contextlib.suppress(ImportError):
            importlib.import_module("pandas.plotting._matplotlib")


def _become_agent(request: dict[str, Any], fds: list[int]) -> None:
    """In the fork: isolate it, then be the agent of one attempt. Never returns."""
    control, complaints, given = fds
    try:
        os.dup2(complaints, 2)
        os.dup2(control, 0)
        os.setsid()
        confine.prctl(confine.PR_SET_DUMPABLE, 1)  # or its own maps could not be written
        _unshare(request["user_namespace"])
        if os.getpid() != 1 and os.fork():  # who unshares stays outside; its child is process 1
            os._exit(0)
        inside.close_all_but({0, 1, 2, given})
        _lay_out(request)
        _unpack(given, request["files"])
        confine.drop_bounding_set(request["keep"])
        confine.keep_capabilities(request["keep"])
        _fresh_randomness()
        agent = socket.socket(fileno=0)
        agent.sendall(pack({"event": "ready"}))
        inside.serve(agent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(2, traceback.format_exc()[-4000:].encode())
    finally:
        os._exit(0)


def _unshare(user_namespace: bool) -> None:
    user, group = os.geteuid(), os.getegid()
    _namespaces("unshare", _NEW_NAMESPACES | (_NEW_USER | _NEW_PIDS if user_namespace else 0))
    if user_namespace:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    _loopback_up()


def _write(place: str, text: str) -> None:
    with open(place, "w") as file:
        file.write(text)


def _loopback_up() -> None:
    """A network of its own, with nothing but itself in it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))


def _lay_out(request: dict[str, Any]) -> None:
    """Private file systems over every place that can be written, and processes of its own."""
    mount(None, "/", None, _PRIVATE_ALL)
    mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    for name in ("sys", "sysrq-trigger", "irq", "bus"):  # the machine's, not this attempt's
        if os.path.exists(f"/proc/{name}"):
            mount(f"/proc/{name}", f"/proc/{name}", None, _BIND)
            _seal(f"/proc/{name}")
    mount("devpts", "/dev/pts", "devpts", _NOSUID | _NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    # an interpreter may live below a place that is about to be covered
    below = {path: os.open(path, os.O_PATH) for path in request["covered"]}
    for place, size in request["file_systems"].items():
        mount("tmpfs", place, "tmpfs", _NOSUID | _NODEV, f"mode=1777,size={size}")
    for path, fd in below.items():
        os.makedirs(path, exist_ok=True)
        # with what is laid over a part of it: this package may lie in there
        mount(f"/proc/self/fd/{fd}", path, None, _BIND | _RECURSIVE)
        os.close(fd)
    _write("/given/passwd", request["passwd"])
    os.chmod("/given/passwd", 0o444)
    mount("/given/passwd", "/etc/passwd", None, _BIND)
    if os.path.isdir(FONTS):
        os.mkdir("/io/matplotlib")
        os.chmod("/io/matplotlib", 0o1777)
        for name in os.listdir(FONTS):
            os.symlink(f"{FONTS}/{name}", f"/io/matplotlib/{name}")


def _unpack(archive: int, files: int) -> None:
    """The case and so many files beside the notebook, read-only in their places."""
    for folder in ("/given/case", "/given/files"):
        os.mkdir(folder)
    with open(archive, "rb") as file, tarfile.open(fileobj=file) as tar:
        # made by us; older patches of 3.11 (before 3.11.4) know no filters
        safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall("/given", **safely)
    _bind("/given/case", "/case")
    os.symlink("/case", "/attempt/case")
    os.symlink("/answers", "/attempt/answers")
    names = os.listdir("/given/files")
    if len(names) != files:  # a tar that was cut off looks like one with less in it
        raise OSError(f"{len(names)} of {files} files came with the case")
    for name in names:
        _bind(f"/given/files/{name}", f"/attempt/{name}")
    _seal("/given")


def _bind(source: str, place: str) -> None:
    if os.path.isdir(source):
        os.makedirs(place, exist_ok=True)
    else:
        _write(place, "")
    mount(source, place, None, _BIND)
    _seal(place)


def mount(source: str | None, place: str, kind: str | None, flags: int, data: str = "") -> None:
    """``mount(2)``.

    Raises:
        OSError: the kernel refused; says which place.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    words = [each.encode() if each is not None else None for each in (source, place, kind)]
    if libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"mount {place}: {os.strerror(code)}")


def _seal(place: str) -> None:
    mount(None, place, None, _REMOUNT | _BIND | _READ_ONLY | _NOSUID | _NODEV)


def _fresh_randomness() -> None:
    """Forks share their parent's state; Python's own generator looks after itself."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _without_debugger() -> None:
    """Nobody debugs what is graded: ipykernel would import a debugger, and set it up each time."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]  # a candidate's import of it works as ever


def main() -> None:
    """Preload, then serve."""
    requests = socket.socket(fileno=0)
    confine.ignore_signals()
    confine.prctl(confine.PR_SET_DUMPABLE, 0)
    _without_debugger()
    preload(())
    serve(requests)


if __name__ == "__main__":
    main()
