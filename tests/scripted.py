"""A sandbox that is a script: an agent that does as told, or misbehaves as told."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from worksample.sandbox.box import Box, Launched, Layout, Setup
from worksample.sandbox.inside.frames import Reader, pack

Reply = bytes | None
Act = Callable[["Scripted", dict[str, Any], bytes], Reply]


def replying(header: Mapping[str, Any], body: bytes = b"") -> Act:
    """Answers with this, and the right sequence number."""
    return lambda _, command, __: pack({"seq": command["seq"], **header}, body)


def saying(data: bytes) -> Act:
    """Sends just these bytes."""
    return lambda *_: data


def silent(*_: Any) -> Reply:
    """Sends nothing, and goes on."""
    return b""


def gone(*_: Any) -> Reply:
    """Ends."""
    return None


class Scripted:
    """An agent as a thread of the test.

    Args:
        script: verb -> what the agent does at it; the verbs left out are carried out well.
    """

    name = "scripted"

    def __init__(self, script: Mapping[str, Act] | None = None) -> None:
        self.script = {**WELL, **(script or {})}
        self.heard: list[dict[str, Any]] = []

    def open(self, setup: Setup) -> Box:
        folder = Path(tempfile.mkdtemp(prefix=f"ws-{os.getpid()}-"))
        self.io = folder / "io"
        self.io.mkdir()
        ours, theirs = socket.socketpair()
        # stands for the sandbox's processes, so that there is something to measure and to end
        process = subprocess.Popen(["sleep", "1000"], stderr=subprocess.PIPE)
        agent = threading.Thread(target=self._serve, args=(theirs,), daemon=True)
        agent.start()

        def kill() -> None:
            process.kill()
            ours.shutdown(socket.SHUT_RDWR)

        def clean() -> None:
            agent.join()
            (self.io / "k.json").unlink(missing_ok=True)
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            folder.rmdir()

        layout = Layout("/attempt", "/case", "/answers", str(self.io), str(self.io))
        return Box(
            Launched(
                process=process,
                control=ours,
                pid=process.pid,
                kill=kill,
                layout=layout,
                user=None,
                filtered=False,
                proc=Path("/proc"),
                root=None,
                pids=lambda: [process.pid] if psutil.pid_exists(process.pid) else [],
                clean=clean,
            ),
            setup,
        )

    def _serve(self, control: socket.socket) -> None:
        reader = Reader(max_body=1 << 30)
        with control:
            while data := control.recv(1 << 16):
                for command, body in reader.feed(data):
                    self.heard.append(command)
                    reply = self.script[command["op"]](self, command, body)
                    if reply is None:
                        return
                    control.sendall(reply)


def _kernel(agent: Scripted, command: dict[str, Any], _: bytes) -> Reply:
    for number in range(1, 6):
        Path(f"{command['connection']['ip']}-{number}").touch()
    return pack({"seq": command["seq"], "problem": None})


def _kill(agent: Scripted, command: dict[str, Any], _: bytes) -> Reply:
    return pack({"seq": command["seq"]}) + pack({"event": "ended", "code": -9})


def _answers(agent: Scripted, command: dict[str, Any], _: bytes) -> Reply:
    problems = dict.fromkeys(command["answers"], "was not recorded")
    return pack({"seq": command["seq"], "sizes": {}, "problems": problems})


WELL: dict[str, Act] = {
    "kernel": _kernel,
    "kill": _kill,
    "answers": _answers,
    "signal": replying({}),
    "serve": replying({"problem": None}),
    "fork": replying({"problem": None}),
    "call": replying({"problem": None, "answer": {"problem": None}}, b"1.0"),
}
