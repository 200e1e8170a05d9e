"""Keeps proxy, hub and exchange running: what ends is started again.

They end with the supervisor, however it ends, and so leave no port taken; the candidates' servers
do not, and are found again. Only a supervisor that is asked to stop ends those too.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from worksample import interpreter
from worksample.errors import HostingError
from worksample.hub import boxes
from worksample.hub.places import Places

TICK = 0.2
PATIENCE_SECONDS = 15.0
STABLE_SECONDS = 30.0  # after which a part that ends is started again at once
LONGEST_PAUSE = 10.0
PR_SET_PDEATHSIG = 1
LOG_BYTES = 20_000_000

_log = logging.getLogger("worksample.hub")


@dataclass
class Part:
    """One program that is to run.

    Attributes:
        socket: removed before it starts; a program that was killed leaves its own behind.
        reads: files that it reads at its start and not again, such as a certificate.
        ends: how many times it has ended unasked since it last ran for a while.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    socket: Path | None = None
    reads: tuple[Path, ...] = ()
    read: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    ends: int = 0
    not_before: float = 0.0

    def start(self, log: IO[bytes]) -> None:
        ours = os.getpid()

        def end_with_us() -> None:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != ours:  # ended in between
                os._exit(1)

        if self.socket is not None:
            self.socket.unlink(missing_ok=True)
        self.began, self.read = time.monotonic(), self._marks()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=interpreter.FOLDER,
            env=dict(self.environment),
            start_new_session=True,  # Ctrl-C is for the supervisor, which asks them in turn
            preexec_fn=end_with_us,
        )

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def is_outdated(self) -> bool:
        """Whether a file that it has read is another one by now."""
        return self.read != self._marks()

    def _marks(self) -> tuple[int, ...]:
        # a link to the newest of several, as certbot makes them, is followed
        return tuple(each.stat().st_mtime_ns if each.exists() else 0 for each in self.reads)

    def stop(self) -> None:
        """Terminate, wait, kill."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Supervisor:
    """Runs parts in their order until it is asked to stop.

    SIGTERM and SIGINT stop all, the candidates' servers too. SIGHUP starts the parts
    again, as after an upgrade, and the first (the proxy) where its certificate was renewed; the
    candidates' servers go on.
    """

    def __init__(self, places: Places, parts: list[Part]) -> None:
        self.places, self.parts = places, parts
        self.stopping = self.renewing = False

    def run(self) -> None:
        """Start everything, and keep it so until a signal says to stop."""
        self._listen()
        try:
            while not self.stopping:
                self.look()
                time.sleep(TICK)
        finally:
            self.stop()

    def look(self) -> None:
        """Start what does not run."""
        if self.renewing:
            self.renewing = False
            first = 0 if self.parts[0].is_outdated() else 1
            for part in self.parts[first:]:
                part.stop()
                part.ends, part.not_before = 0, 0.0
        for part in self.parts:
            if not part.ended():
                continue
            if part.process is not None:
                self._mourn(part)
            if time.monotonic() >= part.not_before:
                with self._place(part).open("ab") as log:
                    part.start(log)

    def _mourn(self, part: Part) -> None:
        """Note that it ended: one that ends again and again waits longer each time."""
        assert part.process is not None
        lasted = time.monotonic() - part.began
        part.ends = 1 if lasted > STABLE_SECONDS else part.ends + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** (part.ends - 2)) if part.ends > 1 else 0.0
        part.not_before = time.monotonic() + pause
        _log.warning(
            "the %s ended (%s); it is started again%s; see %s",
            part.name,
            part.process.returncode,
            f" in {pause:g} s" if pause else "",
            self._place(part),
        )
        part.process = None

    def _place(self, part: Part) -> Path:
        place = self.places.logs / f"{part.name}.log"
        with contextlib.suppress(FileNotFoundError):
            if place.stat().st_size > LOG_BYTES:
                place.replace(place.with_suffix(".log.1"))
        return place

    def stop(self) -> None:
        """End all parts, the last first, and then every sandbox."""
        for part in reversed(self.parts):
            part.stop()
        boxes.end_remembered(self.places.boxes)
        self.places.remove_sockets()

    def _listen(self) -> None:
        def stop(_: int, __: FrameType | None) -> None:
            self.stopping = True

        def renew(_: int, __: FrameType | None) -> None:
            self.renewing = True

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        signal.signal(signal.SIGHUP, renew)


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Only one supervisor for a course; the lock is gone with its holder.

    Raises:
        HostingError: there is one.
    """
    with (places.state / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HostingError(
                "this course is being served already",
                where=str(places.course.root),
                do="stop the other `worksample serve` first (Ctrl-C there)",
            ) from error
        yield
