"""The agent: the first process of a sandbox. It starts the kernel and carries bytes out.

Started by the sandbox around it, with its control socket as standard input. It runs as process 1 of
its own process namespace, so candidate code cannot signal it, and as another user where the grader
is root. It is still not trusted: the other side caps and checks whatever it says.

Commands come as frames (frames.py), one at a time; each is answered by one frame. The only
frame sent unasked is ``{"event": "ended"}``, when the kernel is gone.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import json
import os
import select
import shutil
import signal
import socket
import stat
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from worksample.sandbox.inside import confine
from worksample.sandbox.inside.answering import CHANNELS
from worksample.sandbox.inside.frames import BadFrame, Reader, TooLarge, pack
from worksample.sandbox.inside.hosting import Host, below
from worksample.sandbox.inside.keeping import Keeper
from worksample.sandbox.inside.processor import Starts, Tally
from worksample.sandbox.inside.turns import Allowance, TooBusy, Turn, numbered

CREDENTIALS = struct.Struct("iii")
MAX_WORD = 100
# What every kernel imports: ours, and what one needs when it starts, shows a value or a traceback.
KERNEL = (
    "landlockpy",
    "worksample.sandbox.inside.answering",
    "worksample.workbook",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "pygments.formatters.terminal256",
    "stack_data",
)
# What notebooks of this trade import; together they spare an attempt about two seconds.
LIBRARIES = {
    "numpy": ("numpy",),
    "scipy": ("scipy.stats",),
    "pandas": ("pandas", "pyarrow.parquet", "pyarrow.pandas_compat"),
    "matplotlib": (
        "matplotlib.pyplot",
        "matplotlib.backends.backend_agg",
        "PIL.PngImagePlugin",
    ),
    "sklearn": (
        "sklearn.calibration",
        "sklearn.compose",
        "sklearn.ensemble",
        "sklearn.impute",
        "sklearn.linear_model",
        "sklearn.metrics",
        "sklearn.model_selection",
        "sklearn.neighbors",
        "sklearn.pipeline",
        "sklearn.preprocessing",
        "sklearn.tree",
    ),
    "ipywidgets": ("ipywidgets",),
}
LOOK_SECONDS = 0.1


class Gone(Exception):
    """The process that should have answered is not there any more."""


class Peer:
    """A process of the candidate's that answers calls: a socket to it, and its pid."""

    def __init__(self, channel: socket.socket) -> None:
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.channel, self.pid, self.reader = channel, 0, Reader(max_body=0)

    def receive(self, deadline: float, watch: socket.socket) -> tuple[dict[str, Any], bytes]:
        """One frame.

        Raises:
            TimeoutError: ``deadline`` passed, or ``watch`` became readable (a cancellation).
            Gone: the other end closed, or sent nonsense.
            TooLarge: what it sends is larger than was agreed.
        """
        for frame in self.reader.feed(b""):
            return frame
        while True:
            left = deadline - time.monotonic()
            ready = select.select([self.channel, watch], [], [], max(left, 0))[0]
            if not ready or watch in ready:
                raise TimeoutError
            try:
                data, extra, _, _ = self.channel.recvmsg(1 << 20, socket.CMSG_SPACE(64))
                _close_received(extra)
                self._learn_pid(extra)
                for frame in self.reader.feed(data):
                    return frame
            except TooLarge:
                raise
            except (OSError, BadFrame) as error:
                raise Gone from error
            if not data:
                raise Gone

    def _learn_pid(self, extra: list[tuple[int, int, bytes]]) -> None:
        for level, kind, data in extra:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS and not self.pid:
                self.pid = CREDENTIALS.unpack(data[: CREDENTIALS.size])[0]

    def send(self, data: bytes, deadline: float) -> None:
        self.channel.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            self.channel.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise Gone from error
        finally:
            self.channel.settimeout(None)


def _close_received(extra: list[tuple[int, int, bytes]]) -> None:
    """Descriptors that a candidate slips into a message would fill our table."""
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds = array.array("i")
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
            for fd in fds:
                os.close(fd)


class Agent:
    """Carries out commands from the control socket until that closes."""

    def __init__(self, control: socket.socket) -> None:
        self.control, self.reader = control, Reader(max_body=1 << 30)
        self.kernel = 0
        self.server: Peer | None = None
        self.snapshot: Peer | None = None
        self.session: Peer | None = None
        self.serving = False
        self._answerer_ended: int | None = None  # code of the snapshot, or of what keeps folders
        self.keeper: Keeper | None = None
        self.host = Host(close_all_but)
        self._user: int | None = None
        self.wake, wake = socket.socketpair()
        wake.setblocking(False)
        self.wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self._wake_end = wake
        # the numbers of processes say how many were started only where they are ours alone
        self._starts = Starts() if os.getpid() == 1 else None
        self._tally = Tally(Path("/proc"), _others, os.getpid())

    def run(self) -> None:
        while True:
            ready = select.select([self.control, self.wake], [], [], LOOK_SECONDS)[0]
            self._tell_starts()
            self._reap()
            if self.control not in ready:
                continue
            data = self.control.recv(1 << 20)
            if not data:
                return
            for command, body in self.reader.feed(data):
                header, reply = self._obey(command, body)
                self.control.sendall(pack({"seq": command["seq"], **header}, reply))

    def _tell_starts(self) -> None:
        """How many processes were started: only seen from in here, and asked for out there."""
        if self._starts is None:
            return
        before = self._starts.count
        if self._starts.look() != before:
            with contextlib.suppress(OSError):  # the other end has gone, as the next read says
                self.control.sendall(pack({"event": "started", "count": self._starts.count}))

    def _turn(self) -> Turn:
        """What everything in this sandbox, but the agent, has had of the machine so far."""
        self._tell_starts()
        cpu = self._tally.look(self._starts.count if self._starts else None)
        return Turn.of(Path("/proc"), descendants(), cpu)

    def _obey(self, command: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        verbs = {
            "kernel": self._start_kernel,
            "signal": self._signal,
            "kill": self._kill,
            "answers": self._answers,
            "serve": self._serve,
            "fork": self._fork,
            "call": self._call,
            "cancel": self._cancel,
            "host": self.host.obey,
        }
        return verbs[command["op"]](command, body)

    # --- processes ---------------------------------------------------------------------------

    def _reap(self) -> None:
        try:
            while self.wake.recv(4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.host.ended(pid, os.waitstatus_to_exitcode(status))
            if pid in self._spared():
                self._answerer_ended = os.waitstatus_to_exitcode(status)
            if pid == self.kernel:
                self.kernel = 0
                if self.serving:
                    continue  # it was ended here: its snapshot answers
                code = os.waitstatus_to_exitcode(status)
                self.control.sendall(pack({"event": "ended", "code": code}))

    def _start_kernel(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        ours, theirs = socket.socketpair()
        snapshot, their_snapshot = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            _become_kernel(command, (theirs.detach(), their_snapshot.detach()))
        theirs.close()
        their_snapshot.close()
        self.kernel, self._user = pid, command["user"]
        self.server, self.snapshot = Peer(ours), Peer(snapshot)
        try:
            self.server.receive(time.monotonic() + command["seconds"], self.control)
        except (Gone, TooLarge, TimeoutError):
            return {"problem": "the kernel did not start"}, b""
        return {"problem": None, "pid": pid}, b""

    def _signal(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        if self.kernel:
            os.kill(self.kernel, int(command["signal"]))
        return {}, b""

    def _kill(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """End every process but this one (and, if told so, what calls are answered from)."""
        kill_others(self._spared() if command.get("spare") else set())
        return {}, b""

    # --- answers -----------------------------------------------------------------------------

    def _answers(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        sizes, problems, parts = {}, {}, []
        for name, most in command["answers"].items():
            try:
                data = read_regular(command["folder"], f"{name}.json", int(most))
            except (OSError, ValueError) as error:
                problems[name] = _why(error)
                continue
            sizes[name] = len(data)
            parts.append(data)
        return {"sizes": sizes, "problems": problems}, b"".join(parts)

    # --- calls -------------------------------------------------------------------------------

    def _serve(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """Wait for the kernel's snapshot; from here on only that and its forks run.

        The kernel, and what the notebook has started, could tell one call of another.
        """
        if self.server is None or self.snapshot is None:
            return {"problem": "gone"}, b""
        self.server.pid = 0
        allowed = Allowance(command["seconds"], self._turn, command["least_share"])
        try:
            self._hear(self.snapshot, allowed)
            self._hear(self.server, allowed)
        except (Gone, TooLarge, TimeoutError):
            return {"problem": "silent"}, b""
        except TooBusy:
            return {"problem": "busy"}, b""
        self.serving = True
        self._end_session()
        self.keeper = Keeper(command["folders"], self._user, close_all_but)
        return {"problem": None}, b""

    def _end_session(self) -> None:
        """End every process but this one and what calls are answered from."""
        if self.session is not None:
            self.session.channel.close()
            self.session = None
        kill_others(self._spared())

    def _spared(self) -> set[int]:
        return {each.pid for each in (self.snapshot, self.keeper) if each is not None} - {0}

    def _fork(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """A fork of the snapshot, which finds everything as the notebook left it."""
        if self.snapshot is None or self.keeper is None:
            return {"problem": "gone"}, b""
        self._end_session()
        if not self.keeper.restore():
            return self._nothing_to_fork()
        ours, theirs = socket.socketpair()
        allowed = Allowance(command["seconds"], self._turn, command["least_share"])
        try:
            socket.send_fds(self.snapshot.channel, [b"f"], [theirs.fileno()])
            peer = Peer(ours)
            self._hear(peer, allowed)
        except TooBusy:
            return {"problem": "busy"}, b""
        except (Gone, TooLarge, TimeoutError, OSError):
            return self._nothing_to_fork()
        finally:
            theirs.close()
        self.session = peer
        return {"problem": None}, b""

    def _nothing_to_fork(self) -> tuple[dict[str, Any], bytes]:
        self._reap()
        return {"problem": "gone", "code": self._answerer_ended}, b""

    def _call(self, command: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        peer = self.session
        if peer is None:
            return {"problem": "nobody"}, b""
        allowed = Allowance(command["seconds"], self._turn, command["least_share"])
        peer.reader = Reader(max_body=command["most"])
        question = pack({k: command[k] for k in ("function", "returns")}, body)
        try:
            peer.send(question, time.monotonic() + command["seconds"])
            header, reply = self._hear(peer, allowed)
            return {"answer": _known(header), "problem": None}, reply
        except TimeoutError:
            problem = "timeout"
        except TooBusy:
            problem = "busy"
        except TooLarge:
            problem = "large"
        except Gone:
            problem = "gone"
        self._end(peer)
        return {"problem": problem}, b""

    def _hear(self, peer: Peer, allowed: Allowance) -> tuple[dict[str, Any], bytes]:
        """One frame of ``peer``'s, within what is left of the time that it may take.

        Raises:
            TimeoutError: it had its time, or the other side wants something else.
            TooBusy: it did not get its time.
            Gone, TooLarge: see :meth:`Peer.receive`.
        """
        while True:
            try:
                soon = min(allowed.left, LOOK_SECONDS)
                return peer.receive(time.monotonic() + soon, self.control)
            except TimeoutError:
                if select.select([self.control], [], [], 0)[0] or allowed.spent():
                    raise

    def _end(self, peer: Peer) -> None:
        peer.channel.close()
        if peer.pid > 1:
            end(peer.pid)
        self.session = None

    def _cancel(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        """Only there to be readable on the control socket while a call is waited for."""
        return {}, b""


def _known(header: dict[str, Any]) -> dict[str, Any]:
    """What the other side asks of a reply's header, and in so few bytes that all fit one frame.

    A header of the candidate's that is as large as it may be would not, in a frame around it:
    to the other side it would be the agent that breaks the rules.
    """
    known: dict[str, Any] = {}
    for name in ("problem", "type", "line", "word", "rows", "columns"):
        value = header.get(name)
        if isinstance(value, str):
            known[name] = value[:MAX_WORD]
        elif type(value) is int and abs(value) < 1 << 63:
            known[name] = value
    return known


def _others() -> list[int]:
    """Every process here but the agent, those included that wait to be buried."""
    return numbered(Path("/proc")) if os.getpid() == 1 else descendants()


def _become_kernel(command: dict[str, Any], channels: tuple[int, int]) -> None:
    """In the fork: confine, then run ipykernel until the end. Never returns."""
    complaints = os.dup(2)
    try:
        signal.set_wakeup_fd(-1)
        confine.restore_signals()
        confine.prctl(confine.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        os.nice(5)  # the grader's own work comes first
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nowhere, fd)
        close_all_but({0, 1, 2, complaints, *channels})
        confine.confine(
            command["limits"], command["user"], command["filtered"], command["shielded"]
        )
        python_path = os.environ["PYTHONPATH"]
        os.environ.clear()
        os.environ["PYTHONPATH"] = python_path
        os.environ.update(command["env"])
        os.environ[CHANNELS] = ",".join(map(str, channels))
        os.chdir(command["folder"])
        app = _ipykernel(command["connection"])
        os.close(complaints)  # from here on the candidate's: nothing goes past the kernel
        os.write(channels[0], pack({"hello": True}))
        app.start()
    except Exception:
        with contextlib.suppress(OSError):
            os.write(complaints, traceback.format_exc()[-4000:].encode())
    finally:
        os._exit(70)


def close_all_but(kept: set[int]) -> None:
    """Close every descriptor of this process but these."""
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd not in kept:
            with contextlib.suppress(OSError):  # the listing's own descriptor is closed by now
                os.close(fd)


def _ipykernel(connection: dict[str, Any]) -> Any:
    """An ipykernel application, its sockets bound, ready to start."""
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    class KernelApp(IPKernelApp):
        """Never drops a message: what waits to be sent counts as the sandbox's memory."""

        def parse_command_line(self, argv: Any = None) -> None:
            """There is none, and to build a parser is a tenth of a kernel's start."""

        def _bind_socket(self, s: Any, port: Any) -> Any:
            s.setsockopt(zmq.SNDHWM, 0)
            return super()._bind_socket(s, port)

    path = f"{connection['ip']}.json"
    with open(path, "w") as file:
        json.dump(connection, file)
    sys.argv = ["ipykernel"]
    app: Any = KernelApp.instance(connection_file=path, log_level=50)
    app.config.HistoryManager.enabled = False
    app.initialize([])
    _import_before(os.listdir())
    sys.path.insert(0, "")  # -P kept it out; the candidate's files lie beside the notebook
    app.shell.ask_exit = lambda: None  # exit() would end the kernel during the next cell
    return app


def _import_before(files: list[str]) -> None:
    """Import what ours needs before a file beside the notebook is taken for a library.

    A candidate's ``random.py`` would stand in the way of pandas. A fork has it all already; the
    others pay for it only where there is such a file.
    """
    names = {name.partition(".")[0] for name in files} - {"worksample"}
    ours = (*KERNEL, *(name for each in LIBRARIES.values() for name in each))
    if names & (sys.stdlib_module_names | {name.partition(".")[0] for name in ours}):
        for name in ours:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def kill_others(spare: set[int]) -> None:
    """SIGKILL to every process this one can see below it, but those of ``spare``."""
    if os.getpid() == 1 and not spare:
        end(-1)
        return
    for _ in range(100):  # a fork bomb needs several sweeps
        victims = [pid for pid in descendants() if pid not in spare]
        if not victims:
            return
        for pid in victims:
            end(pid)


def end(pid: int) -> None:
    """SIGKILL to a process that may have ended by itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants() -> list[int]:
    """Living processes below this one; in a process namespace of its own that is all of them."""
    return below(os.getpid())


def read_regular(folder: str, name: str, most: int) -> bytes:
    """At most ``most`` bytes of a regular file; never follows a link, never waits.

    Raises:
        ValueError: it is no regular file, or larger.
        OSError: it is not there, a link, or cannot be read.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fd = os.open(name, flags, dir_fd=above)
    finally:
        os.close(above)
    with open(fd, "rb", buffering=0) as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("is not a regular file")
        if status.st_size > most:
            raise ValueError("is too large")
        data = file.read(most + 1) or b""
    if len(data) > most:
        raise ValueError("is too large")
    return data


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "was not recorded"
    if isinstance(error, OSError):
        return "is not a regular file" if error.errno == 40 else "could not be read"
    return str(error)


def main() -> None:
    serve(socket.socket(fileno=0))


def serve(control: socket.socket) -> None:
    """Be the agent until the other end of ``control`` closes; then end everything else here."""
    confine.ignore_signals()
    confine.prctl(confine.PR_SET_CHILD_SUBREAPER, 1)
    confine.prctl(confine.PR_SET_DUMPABLE, 0)  # candidate code may be the same user
    try:
        Agent(control).run()
    finally:
        kill_others(set())
        if "WORKSAMPLE_FOLDER" in os.environ:  # without a sandbox, nobody else might be left to
            shutil.rmtree(os.environ["WORKSAMPLE_FOLDER"], ignore_errors=True)


if __name__ == "__main__":
    main()
