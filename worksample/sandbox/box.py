"""Where candidate code runs: what a sandbox offers, and which one this machine can have.

A :class:`Sandbox` opens one :class:`Box` per attempt. A box holds the agent (inside.py), one
kernel and whatever that starts; it ends with everything in it. The box is the only thing the
rest of the package knows, so another kind of sandbox (kernels forked from a preloaded parent)
only has to launch an agent in another way.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from worksample.errors import SandboxFailed
from worksample.limits import AnswerSpec, Limits
from worksample.sandbox.inside import turns
from worksample.sandbox.inside.frames import BadFrame, Reader, pack
from worksample.sandbox.inside.processor import Tally
from worksample.sandbox.inside.turns import Turn, used
from worksample.sandbox.watch import Breach, ControlGroup, Usage, Watch, measure

START_SECONDS = 60.0
REPLY_SECONDS = 20.0
MAX_COMPLAINT = 1 << 16
TICK = 0.1
MAX_BREACHES = 5
SETTLE_SECONDS = 0.3
MB = 1 << 20


BOXED = "/attempt"  # the folder with the notebook, in a box with file systems of its own


@dataclass(frozen=True)
class Setup:
    """What goes into a box: the case and files are bound read-only, nothing else of ours.

    ``libraries`` are what its notebook is expected to import, for a parent to do so before. With
    ``shielded`` no process in it can send SIGKILL (``confine.SHIELD``): a kernel that is killed
    nonetheless was killed from outside. ``image`` is the root file system of an image that services
    are started from, read-only.
    """

    limits: Limits
    case_public: Path | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    level: str = ""
    libraries: tuple[str, ...] = ()
    shielded: bool = False
    image: Path | None = None


@dataclass(frozen=True)
class Layout:
    """Folders as the candidate sees them, and the one with the kernel's sockets as we do."""

    work: str
    case: str
    answers: str
    sockets: str
    sockets_outside: str


class Process(Protocol):
    """What is asked of a process; ``subprocess.Popen`` has it."""

    pid: int
    stderr: IO[bytes] | None

    def wait(self) -> int:
        """Wait for its end."""


@dataclass
class Launched:
    """A started agent: what :class:`Box` needs of a sandbox.

    Args:
        process: what to wait for; when it has ended, nothing of the sandbox is left.
        control: our end of the agent's control socket.
        pid: the agent, in our numbers.
        kill: SIGKILL from outside to everything in it.
        user: user the kernel becomes; None: it keeps the agent's.
        filtered: whether the kernel gets the system call filter.
        pids: the sandbox's processes, as numbered under ``proc``.
        clean: called once everything in the sandbox has ended.
    """

    process: Process
    control: socket.socket
    pid: int
    kill: Callable[[], None]
    layout: Layout
    user: int | None
    filtered: bool
    proc: Path
    root: Path | None
    pids: Callable[[], list[int]]
    clean: Callable[[], None] = lambda: None


class Sandbox(Protocol):
    """A way to run candidate code."""

    @property
    def name(self) -> str:
        """What goes into the evidence."""

    def open(self, setup: Setup) -> Box:
        """A box with an agent and no kernel yet.

        Raises:
            SandboxFailed: it could not be started, for a reason of ours.
        """


class BoxGone(Exception):
    """The box, or its kernel, ended while something was asked of it. Never leaves run.py."""


class Box:
    """One sandbox, from its start to its end; use it as a context manager.

    A thread of its own (the warden) reads what the agent says and watches the limits, so that
    these hold whatever the caller is busy with.

    Attributes:
        lost: the agent ended and it was not we who ended it. Candidate code cannot do that, so
            nothing that the box held may be counted against the candidate.
    """

    def __init__(self, launched: Launched, setup: Setup) -> None:
        self.setup, self.layout = setup, launched.layout
        self.breach: Breach | None = None
        self.peak = Usage(0, 0, 0)
        self.ended = threading.Event()
        self.exit_code: int | None = None
        self.on_ended: list[Callable[[], None]] = []
        self.answering = self.lost = False
        self._launched, self._sequence = launched, 0
        self._asking, self._sending = threading.RLock(), threading.Lock()
        self._replies: queue.Queue[tuple[dict[str, Any], bytes] | None] = queue.Queue()
        self._reader = Reader(max_body=0)
        self._complaint = bytearray()
        self._closing = self._stopped = False
        self._breaches = 0
        self._watch = Watch(setup.limits)
        self._group = ControlGroup(setup.limits)
        self._group.add(launched.process.pid)
        self._group.add(launched.pid)
        self._tally = Tally(launched.proc, launched.pids, 1 if launched.root else launched.pid)
        self._started: int | None = None
        self._cpu_at_start: float | None = None
        self._warden = threading.Thread(target=self._guard, name="sandbox-warden", daemon=True)
        self._warden.start()

    def __enter__(self) -> Box:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what the rest of the package asks ----------------------------------------------------

    def start_kernel(self, key: str) -> dict[str, Any]:
        """Start ipykernel; returns the connection as the client has to make it.

        Raises:
            SandboxFailed: it did not come up. No candidate code has run, so it is our fault.
        """
        at = self.layout
        ports = {f"{name}_port": i for i, name in enumerate(_CHANNELS, start=1)}
        connection = {**ports, "transport": "ipc", "signature_scheme": "hmac-sha256"}
        command = {
            "op": "kernel",
            "seconds": START_SECONDS,
            "limits": dataclasses.asdict(self.setup.limits),
            "user": self._launched.user,
            "filtered": self._launched.filtered,
            "shielded": self.setup.shielded,
            "folder": at.work,
            "connection": {**connection, "ip": f"{at.sockets}/k", "key": key},
            "env": environment(at.work, at.sockets, at.case, at.answers, self.setup.level),
        }
        try:
            header, _ = self._ask(command, seconds=START_SECONDS + 5)
        except BoxGone as error:
            raise self._failed("the sandbox ended before its kernel started") from error
        if header.get("problem") is not None:
            raise self._failed("the kernel did not start in the sandbox")
        self._cpu_at_start = self._used()
        return {**connection, "ip": f"{at.sockets_outside}/k", "key": key}

    def interrupt(self) -> None:
        """Send the kernel SIGINT."""
        with contextlib.suppress(BoxGone):
            self._ask({"op": "signal", "signal": int(signal.SIGINT)})

    def kill(self, breach: Breach | None = None) -> None:
        """End everything but the agent; ``breach`` says why, the first one counts."""
        self.breach = self.breach or breach
        with contextlib.suppress(BoxGone):
            self._ask({"op": "kill"})
        if not self.ended.wait(5):
            self._end_all()

    def collect(self, answers: Mapping[str, AnswerSpec]) -> tuple[dict[str, bytes], dict[str, str]]:
        """The bytes of each recorded answer, and for the others why there are none."""
        caps = {name: int(spec.max_kb * 1024) for name, spec in answers.items()}
        command = {"op": "answers", "folder": self.layout.answers, "answers": caps}
        try:
            header, body = self._ask(command, most=sum(caps.values()))
        except BoxGone:
            return {}, dict.fromkeys(answers, "was lost when the sandbox was stopped")
        return _split(header, body, caps)

    def serve(self) -> bool:
        """Wait until the notebook's final state can be forked; False when it cannot.

        Raises:
            SandboxFailed: the machine was too busy to let it.
        """
        self.answering = True
        try:
            folders = _writable(self.layout)
            command = {"op": "serve", **_allowed(REPLY_SECONDS), "folders": folders}
            header, _ = self._ask(command, _at_most(REPLY_SECONDS))
        except BoxGone:
            return False
        return header.get("problem") is None

    def fork(self) -> bool:
        """Have the notebook's final state forked: processes and folders are as they were then.

        The fork answers calls until there is another one. False: there is nothing to fork.

        Raises:
            BoxGone: the sandbox ended.
            SandboxFailed: the machine was too busy to let it.
        """
        command = {"op": "fork", **_allowed(REPLY_SECONDS)}
        header, _ = self._ask(command, _at_most(REPLY_SECONDS))
        if type(header.get("code")) is int:
            self.exit_code = header["code"]  # of what would have been forked
        return header.get("problem") is None

    def call(
        self, question: Mapping[str, Any], arguments: bytes, seconds: float, most: int
    ) -> tuple[str | None, dict[str, Any], bytes]:
        """Ask the last fork; returns (what went wrong, header, body) of the reply.

        What can go wrong is ``timeout`` (or a breach), ``gone`` (the process ended during the
        call), ``large`` (the reply) or ``nobody`` (an earlier call ended it; fork another one).

        Raises:
            BoxGone: the sandbox ended.
            SandboxFailed: it took too long, and the machine was too busy to let it.
        """
        command = {"op": "call", **question, **_allowed(seconds), "most": most}
        header, body = self._ask(command, _at_most(seconds), arguments, most)
        answer = header.get("answer")
        return header.get("problem"), answer if isinstance(answer, dict) else {}, body

    def host(
        self, verb: str, facts: Mapping[str, Any], body: bytes = b"", most: int = 0
    ) -> tuple[dict[str, Any], bytes]:
        """Have the agent do something for a service (``worksample.sandbox.inside.hosting``).

        Raises:
            BoxGone: the sandbox ended.
        """
        command = {
            "op": "host",
            "verb": verb,
            "limits": dataclasses.asdict(self.setup.limits),
            "user": self._launched.user,
            "filtered": self._launched.filtered,
            "most": most,
            **facts,
        }
        return self._ask(command, body=body, most=most)

    def take_breach(self) -> Breach | None:
        """The limit that the last call passed, if any; the next call starts with none."""
        breach, self.breach = self.breach, None
        return breach

    def cpu_seconds(self) -> float:
        """CPU that everything in the sandbox has used so far; in steps of a clock tick."""
        counted = self._group.cpu_seconds()
        if counted is not None:
            return counted
        at = self._launched
        return used(Path("/proc"), {at.pid, at.process.pid}) + used(at.proc, at.pids())

    @property
    def own_user(self) -> bool:
        """Whether what runs in it becomes a user of its own, whom the agent can choose."""
        return self._launched.user is not None

    def turn(self) -> Turn:
        """What it has had of the machine so far."""
        return Turn.of(self._launched.proc, self._launched.pids(), self._used())

    def _used(self) -> float:
        """CPU seconds that none of its processes can hide; see :class:`Tally`."""
        counted = self._group.cpu_seconds()
        return self._tally.look(self._started) if counted is None else counted

    def close(self) -> None:
        """End the sandbox and wait until nothing of it is left."""
        if self._closing:
            return
        self._closing = True
        self._end_all()
        self._launched.process.wait()
        self._warden.join()
        for end in (self._launched.control, self._launched.process.stderr):
            if end is not None:
                end.close()
        self._group.remove()
        self._launched.clean()

    # --- the warden ---------------------------------------------------------------------------

    def _guard(self) -> None:
        control, complaints = self._launched.control, self._launched.process.stderr
        sources: list[Any] = [control, complaints]
        looked = 0.0
        while control in sources:
            ready = select.select(sources, [], [], TICK)[0]
            if complaints in ready and not self._hear_complaint():
                sources.remove(complaints)
            if control in ready and not self._hear():
                sources.remove(control)
            if time.monotonic() - looked >= TICK and not self._closing:
                self._look()
                looked = time.monotonic()
        self._note_end()
        self._replies.put(None)

    def _hear_complaint(self) -> bool:
        assert self._launched.process.stderr is not None
        data = os.read(self._launched.process.stderr.fileno(), 4096)
        self._complaint += data[: MAX_COMPLAINT - len(self._complaint)]
        return bool(data)

    def _hear(self) -> bool:
        """Read from the agent; False when there is nothing more to come."""
        try:
            data = self._launched.control.recv(1 << 20)
            for header, body in self._reader.feed(data):
                if header.get("event") == "ended":
                    self._note_end(header.get("code"))
                elif header.get("event") == "started" and type(header.get("count")) is int:
                    self._started = max(header["count"], self._started or 0)
                else:
                    self._replies.put((header, body))
        except (OSError, BadFrame):
            data = b""
        if not data:
            self.lost = not (self._closing or self._stopped)
            self._end_all()
        return bool(data)

    def _note_end(self, code: object = None) -> None:
        if self.ended.is_set():
            return
        self.exit_code = code if isinstance(code, int) else None
        if self.breach is None and self._group.ran_out_of_memory():
            most = self.setup.limits.memory_mb
            self.breach = Breach("memory", f"more than {most} MB of memory was in use")
        if self.breach is None and self.setup.shielded and self.exit_code == -signal.SIGSYS:
            self.breach = Breach("crashed", "the notebook killed its own kernel, again")
        if self.breach is None and self.exit_code == -signal.SIGXCPU:
            self.breach = Breach("timeout", "the limit on processor time was reached")
        self.ended.set()
        for tell in self.on_ended:
            tell()

    def _look(self) -> None:
        at = self._launched
        limits = self.setup.limits
        usage = measure(at.proc, at.root, at.pids, limits.memory_mb * MB, limits.processes)
        self.peak = max(self.peak, usage, key=lambda u: u.memory)
        breach = self._watch.judge(usage) or self._watch.judge_cpu(self._cpu_of_cells())
        if breach is None:
            return
        if self.answering and self._breaches < MAX_BREACHES:
            # a call went too far: end it, and let the snapshot answer the rest
            self._breaches += 1
            self.breach = breach
            self._send({"op": "kill", "spare": True, "seq": 0})
            time.sleep(SETTLE_SECONDS)
            return
        self.breach = self.breach or breach
        self._send({"op": "kill", "seq": 0})
        if not self._gone_soon():
            self._end_all()

    def _cpu_of_cells(self) -> float:
        """CPU since the kernel was there, but of calls: each has limits of its own."""
        cpu = self._used()  # also so that a tally gets its look
        return 0.0 if self.answering or self._cpu_at_start is None else cpu - self._cpu_at_start

    def _gone_soon(self) -> bool:
        """True when the agent's own kill has brought memory down within a second."""
        at = self._launched
        for _ in range(20):
            time.sleep(0.05)
            if not at.pids():
                return True
        return False

    def _end_all(self) -> None:
        """SIGKILL from outside."""
        self._stopped = True
        self._launched.kill()

    # --- speaking with the agent ---------------------------------------------------------------

    def _ask(
        self,
        command: dict[str, Any],
        seconds: float = REPLY_SECONDS,
        body: bytes = b"",
        most: int = 0,
    ) -> tuple[dict[str, Any], bytes]:
        """Send a command and wait for its reply, of at most ``most`` bytes."""
        with self._asking:
            return self._ask_alone(command, seconds, body, most)

    def _ask_alone(
        self, command: dict[str, Any], seconds: float, body: bytes, most: int
    ) -> tuple[dict[str, Any], bytes]:
        """Raises BoxGone, and SandboxFailed where the agent says that the machine is too busy."""
        self._sequence += 1
        self._reader.max_body = most
        self._send({**command, "seq": self._sequence}, body)
        deadline = time.monotonic() + seconds
        while True:
            try:
                reply = self._replies.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self._end_all()
                raise BoxGone from None
            if reply is None:
                self._replies.put(None)
                raise BoxGone
            if reply[0].get("seq") == self._sequence:
                if reply[0].get("problem") == "busy":
                    raise too_busy()
                return reply

    def _send(self, header: dict[str, Any], body: bytes = b"") -> None:
        with self._sending, contextlib.suppress(OSError):  # its end is noticed by the warden
            self._launched.control.sendall(pack(header, body))

    def _failed(self, what: str) -> SandboxFailed:
        self.close()
        said = self._complaint.decode(errors="replace").strip()
        return SandboxFailed(f"{what}: {said}" if said else what, do="run `worksample doctor`")


def too_busy() -> SandboxFailed:
    """What to raise where a time ran out by the clock and the candidate had next to none of it."""
    return SandboxFailed(
        "this machine was too busy to give an attempt its time",
        do="grade with fewer --workers, or when less else runs here",
    )


def _allowed(seconds: float) -> dict[str, float]:
    """What the agent may take, by its own reckoning of what the machine kept from it."""
    return {"seconds": seconds, "least_share": turns.LEAST_SHARE}


def _at_most(seconds: float) -> float:
    """How long the agent takes at most, by the clock, to say what came of so much time."""
    return seconds / turns.LEAST_SHARE + 10


def _writable(at: Layout) -> list[str]:
    """Where a notebook can write, in its own words: what is put back between calls."""
    own = [at.work, at.answers, at.sockets]
    return [*own, "/tmp", "/dev/shm"] if at.work == BOXED else own


_CHANNELS = ("shell", "iopub", "stdin", "hb", "control")


def _split(
    header: dict[str, Any], body: bytes, caps: Mapping[str, int]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Cut the agent's reply into answers, checking every number in it."""
    found: dict[str, bytes] = {}
    sizes, said = header.get("sizes"), header.get("problems")
    at = 0
    for name, size in sizes.items() if isinstance(sizes, dict) else ():
        if name not in caps or type(size) is not int or not 0 <= size <= len(body) - at:
            break
        found[name] = body[at : at + size]
        at += size
    problems = said if isinstance(said, dict) else {}
    missing = {n: str(problems.get(n, "was not recorded"))[:80] for n in caps if n not in found}
    return found, missing


def environment(work: str, sockets: str, case: str, answers: str, level: str) -> dict[str, str]:
    """Everything the kernel finds in its environment."""
    single = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {
        # one thread each: repeatable, fair between attempts, and safe to fork
        **dict.fromkeys(single, "1"),
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        # mimalloc reserves a gigabyte at first use, which counts as the attempt's data
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": work,
        "USER": "candidate",
        "LOGNAME": "candidate",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": "/tmp" if work == BOXED else work,
        "IPYTHONDIR": f"{sockets}/ipython",
        "MPLCONFIGDIR": f"{sockets}/matplotlib",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "WORKSAMPLE_CASE": case,
        "WORKSAMPLE_ANSWERS": answers,
        "WORKSAMPLE_LEVEL": level,
    }
