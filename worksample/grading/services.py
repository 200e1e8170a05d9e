"""Evidence of the kind *service*: what a probe asks of a program that answers, and its ledger.

A probe's ``services(case, tree)`` yields a :class:`Service` for each one that is to be started: a
tree, and what happens to it phase by phase. :mod:`worksample.grading.driving` carries it out. What
was sent, and what came back when, is kept on our side and is true; what the answers say is what a
stranger's program said.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

PORT = 8000
MOST = 1 << 16
SECONDS = 10.0


@dataclass(frozen=True)
class Request:
    """One HTTP request.

    Args:
        path: with its query.
        body: bytes that are sent; None: no body.
        headers: besides ``Host`` and the length; with a body the kind is JSON unless stated.
    """

    path: str
    body: bytes | None = None
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def verb(self) -> str:
        """The method: as stated, else by whether there is a body."""
        return self.method or ("GET" if self.body is None else "POST")


@dataclass(frozen=True)
class Start:
    """Start the service: ``command`` in the tree's folder; ``python`` is this interpreter.

    Args:
        port: the port of its network that it will listen on; also in ``PORT``.
        socket: it listens on a Unix socket instead, whose path it finds in ``SOCKET``.
        env: more of its environment.
    """

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = PORT
    socket: bool = False


@dataclass(frozen=True)
class Ready:
    """Wait until a path answers with a status; where it does not, nothing of the plan follows."""

    path: str
    status: int = 200
    seconds: float = 20.0


@dataclass(frozen=True)
class Ask:
    """Send requests, ``clients`` at a time, each over a connection of its own.

    Args:
        name: the exchanges are found under it, in the order of the requests.
        seconds: what each may take.
        most: bytes of a reply's body that are taken; a longer one is an error.
        every: seconds between two requests of a client.
        meanwhile: phases that are carried out while the requests are under way.
    """

    name: str
    requests: tuple[Request, ...]
    clients: int = 1
    seconds: float = SECONDS
    most: int = MOST
    every: float = 0.0
    meanwhile: tuple[Phase, ...] = ()


@dataclass(frozen=True)
class Send:
    """Send a signal to the service, or to the youngest of its workers."""

    number: int = signal.SIGTERM
    to: Literal["service", "worker"] = "service"


@dataclass(frozen=True)
class Ends:
    """Wait until the service has ended; ``ServiceResult.ends[name]`` says how and when."""

    name: str
    seconds: float = 15.0


@dataclass(frozen=True)
class Pause:
    """Do nothing for some seconds."""

    seconds: float


@dataclass(frozen=True)
class Place:
    """Put files into the tree's folder, or take them away, while the service runs.

    Args:
        files: name -> bytes; None: it vanishes, with all that is in it.
        modes: name of a file or folder (made if it is not there) -> its mode, such as ``0o555``.
        slow: name of one of ``files`` -> seconds that whoever reads it has to wait.
    """

    files: Mapping[str, bytes | None] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    slow: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Fetch:
    """Bring back files of the tree's folder as they are now; patterns are those of glob."""

    name: str
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Read:
    """Read the service's processes: how many there are below the first, under this name."""

    name: str


Phase = Start | Ready | Ask | Send | Ends | Pause | Place | Fetch | Read


@dataclass(frozen=True)
class Image:
    """The root file system that an image's build produced, to start a service from, read-only.

    Args:
        root: its folder on our side. Only ``/tmp`` can be written in it.
        folder: where the command is run, as the image has it.
        env: the whole environment; ``PORT`` is added.
        user: number to become, where the sandbox is root's; else it is the sandbox's own.
    """

    root: Path
    folder: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    user: int | None = None


@dataclass(frozen=True)
class Service:
    """A service and what happens to it.

    Args:
        id: names it; its result is found under it.
        tree: name -> bytes of every file that lies in its folder (which an image does not see).
        phases: carried out in order.
        seconds: what all of it may take.
        memory_mb: of all its processes together; 0: what the assignment's limits say.
        image: start it from an image.
    """

    id: str
    tree: Mapping[str, bytes]
    phases: tuple[Phase, ...]
    seconds: float = 60.0
    memory_mb: int = 0
    image: Image | None = None


@dataclass(frozen=True)
class Exchange:
    """A request and what came back; ``headers`` and ``body`` are of hostile origin.

    Attributes:
        begun: seconds since the service's box was opened.
        seconds: until the last byte, or until it was given up.
        status: None where there was no answer that is HTTP.
        error: empty, or one of ``refused`` (nobody listens, or it hung up), ``timeout``, ``large``
            and ``nonsense``.
    """

    request: Request
    begun: float
    seconds: float
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str = ""

    @property
    def ok(self) -> bool:
        """Answered with a status of success."""
        return self.status is not None and 200 <= self.status < 300 and not self.error


@dataclass(frozen=True)
class End:
    """How a service ended: its exit code (negative for a signal) after so many seconds."""

    code: int | None
    seconds: float


@dataclass(frozen=True)
class ServiceResult:
    """What came of a :class:`Service`.

    Attributes:
        ok: every phase was carried out, whatever was answered.
        ledger: name of an :class:`Ask` -> its exchanges, in the order of the requests.
        ends: name of an :class:`Ends` -> how it ended; a code of None: it did not.
        files: name of a :class:`Fetch` -> file -> bytes.
        workers: name of a :class:`Read` -> number of processes.
        ready: seconds that each :class:`Ready` took.
        said: the end of what it put out; for graders.
        error: one sentence of ours for the candidate; empty if ``ok``.
    """

    id: str
    ok: bool
    ledger: Mapping[str, tuple[Exchange, ...]] = field(default_factory=dict)
    ends: Mapping[str, End] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    workers: Mapping[str, int] = field(default_factory=dict)
    ready: tuple[float, ...] = ()
    said: str = ""
    error: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def asked(self, name: str) -> tuple[Exchange, ...]:
        """The exchanges of an :class:`Ask`; none where it was not reached."""
        return self.ledger.get(name, ())
