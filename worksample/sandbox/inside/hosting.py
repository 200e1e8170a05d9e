"""Services inside a sandbox: started, signalled and given files by the agent, reached by a relay.

What a service is and is asked comes from :mod:`worksample.grading.driving`, on the trusted side.
A service runs as the candidate's user, confined like a kernel. So does the relay, which carries
bytes between a socket in a folder that both sides see and a port of this network: whatever a
service does to it, all it can change is what it answers itself.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import json
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from worksample.sandbox.inside import confine
from worksample.sandbox.inside.trying import content

IMAGE = "/image"  # where the root file system of an image is, in the agent's view
IN_IMAGE = ("/tmp", "/dev", "/proc")  # what may be written in one
MAX_SAID = 1 << 26
MAX_FETCHED = 400  # files
PIECE = 1 << 16
WAIT = 0.05
PATIENCE = 15.0  # seconds for whatever is done to files


class Host:
    """The agent's part: starts processes and keeps their exit codes."""

    def __init__(self, leave: Callable[[set[int]], None]) -> None:
        self.service = 0
        self.code: int | None = None
        self._leave = leave  # closes every descriptor but these

    def ended(self, pid: int, code: int) -> None:
        """Take note that a process was buried."""
        if pid == self.service:
            self.service, self.code = 0, code

    def obey(self, command: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Carry out one command of the other side's."""
        verbs = {
            "start": self._start,
            "relay": self._relay,
            "signal": self._signal,
            "look": self._look,
            "files": self._files,
        }
        try:
            return verbs[command["verb"]](command, body)
        except OSError as error:  # no process can be forked: there are as many as there may be
            return {"problem": type(error).__name__}, b""

    def _start(self, command: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        asked = json.loads(body)
        self.code = None
        self.service = self._child(command, lambda: _become(asked), asked["image"])
        return {}, b""

    def _relay(self, command: dict[str, Any], __: bytes) -> tuple[dict[str, Any], bytes]:
        self._child(command, lambda: asyncio.run(relay(command["socket"], command["port"])))
        for _ in range(200):
            if os.path.exists(command["socket"]):
                return {}, b""
            time.sleep(WAIT)
        return {"problem": "silent"}, b""

    def _signal(self, command: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        workers = below(self.service) if self.service else []
        target = self.service if command["to"] == "service" else max(workers, default=0)
        if target:
            with contextlib.suppress(ProcessLookupError):
                os.kill(target, command["signal"])
        return {"sent": bool(target)}, b""

    def _look(self, _: dict[str, Any], __: bytes) -> tuple[dict[str, Any], bytes]:
        workers = len(below(self.service)) if self.service else 0
        return {"alive": bool(self.service), "code": self.code, "workers": workers}, b""

    def _files(self, command: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Lay out, take away and fetch files as the candidate's user, who could do so too."""
        asked = json.loads(body)
        reading, writing = os.pipe()

        def work() -> None:
            with open(writing, "wb") as file:
                file.write(json.dumps(handle(asked)).encode())

        child = self._child(command, work, kept={writing})
        os.close(writing)
        said = _read(reading, command["most"])
        if said is None:  # too much, or a service of the same user has stopped it
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            return {"problem": "silent"}, b""
        for name, seconds in asked.get("slow", {}).items():
            data = base64.b64decode(asked["files"][name])
            place = f"{asked['folder']}/{name}"
            self._child(command, functools.partial(trickle, place, data, seconds))
        return {}, said

    def _child(
        self,
        command: dict[str, Any],
        work: Callable[[], None],
        image: bool = False,
        kept: set[int] | None = None,
    ) -> int:
        """Fork a process that confines itself and does ``work``; its pid."""
        pid = os.fork()
        if pid:
            return pid
        try:
            signal.set_wakeup_fd(-1)
            confine.restore_signals()
            os.setsid()
            os.nice(5)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nowhere, fd)
            self._leave({0, 1, 2, *(kept or ())})
            writable: tuple[str, ...] = confine.WRITABLE
            if image:
                confine.landlock_abi()  # is imported before its files are out of sight
                os.chroot(IMAGE)
                os.chdir("/")
                writable = IN_IMAGE
            confine.confine(
                command["limits"], command["user"], command["filtered"], writable=writable
            )
            work()
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.write(2, f"{type(error).__name__}: {error}\n".encode()[-2000:])
        finally:
            os._exit(70)


def _read(pipe: int, most: int) -> bytes | None:
    """What comes until the other end closes; None where that is more, or takes too long."""
    said, until = bytearray(), time.monotonic() + PATIENCE
    with open(pipe, "rb", buffering=0) as file:
        while select.select([file], [], [], max(until - time.monotonic(), 0))[0]:
            piece = file.read(PIECE)
            if not piece:
                return bytes(said)
            said += piece
            if len(said) > most:
                break
    return None


def _become(asked: dict[str, Any]) -> None:
    """In the fork: be the program of a command. Never returns."""
    said = os.open(asked["said"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.chdir(asked["folder"])
    words = list(asked["command"])
    if words[0] in ("python", "python3") and not asked["image"]:
        words[0] = sys.executable
    os.environ.clear()
    os.environ.update(asked["env"])
    os.execvpe(words[0], words, os.environ)


# ---- files ----


def handle(asked: dict[str, Any]) -> dict[str, Any]:
    """Do to the files of a folder what is asked; returns what was to be fetched, in base64."""
    folder = Path(asked["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in asked.get("files", {}).items():
        path = folder / name
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        if name in asked.get("slow", {}):
            os.mkfifo(path)
        elif data is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(data))
            path.chmod(
                0o755 if data.startswith("IyE") else 0o644
            )  # what begins with #! is a program
    for name, mode in asked.get("modes", {}).items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        os.chmod(folder / name, mode)
    found, room = {}, asked.get("most", 0)
    for name, path in _wanted(folder, asked.get("fetch", [])):
        data = content(path, room)
        if data is not None:
            room -= len(data)
            found[name] = base64.b64encode(data).decode()
    said = content(Path(asked["said"]), MAX_SAID) or b""
    return {"files": found, "said": said[-asked.get("said_most", 0) :].decode("utf-8", "replace")}


def _wanted(folder: Path, patterns: list[str]) -> Iterator[tuple[str, Path]]:
    count = 0
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            count += 1
            if count > MAX_FETCHED:
                return
            yield path.relative_to(folder).as_posix(), path


def trickle(path: str, data: bytes, seconds: float) -> None:
    """Be a file that takes so long to read: whoever opens it waits. Ends when it is taken away."""
    while True:
        try:
            opened = os.open(path, os.O_WRONLY)  # and makes none
        except OSError:
            return
        with open(opened, "wb", buffering=0) as file:
            time.sleep(seconds)
            with contextlib.suppress(BrokenPipeError):
                file.write(data)
        time.sleep(0.3)  # so that this reader comes to the end before the next one's file begins


def below(pid: int) -> list[int]:
    """Living processes below another one."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                state, above = file.read().rpartition(b")")[2].split()[:2]
        except OSError:
            continue  # ended while we looked
        if state not in (b"Z", b"X"):
            parents[int(name)] = int(above)
    found: list[int] = []
    frontier = {pid}
    while frontier:
        frontier = {each for each, above in parents.items() if above in frontier}
        found += frontier
    return found


# ---- the relay ----


async def relay(place: str, port: int) -> None:
    """Carry bytes between connections to the socket at ``place`` and a port of this network."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            theirs = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()  # as a port does that nobody listens on
            return
        inward = asyncio.ensure_future(_pump(reader, theirs[1]))
        await _pump(theirs[0], writer)
        inward.cancel()
        theirs[1].close()

    server = await asyncio.start_unix_server(carry, place, backlog=256)
    os.chmod(place, 0o666)
    await server.serve_forever()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()
