"""Connections from outside to what listens in a workshop's network of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path

from worksample.errors import SandboxFailed
from worksample.sandbox import dialling


class Dialler:
    """Asks :mod:`worksample.sandbox.dialling` for connections; one for each workshop.

    Args:
        pid: a process in its network, in our numbers.
    """

    def __init__(self, pid: int) -> None:
        self._ours, theirs = socket.socketpair()
        self._lock = threading.Lock()
        into = ["nsenter", f"--target={pid}", "--user", "--net", "--preserve-credentials", "--"]
        with theirs:
            self._process = subprocess.Popen(
                [*into, sys.executable, "-I", str(Path(dialling.__file__))],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
            )

    def dial(self, port: int) -> socket.socket:
        """A connection to ``port``.

        Raises:
            ConnectionRefusedError: nobody listens there.
            SandboxFailed: the workshop has ended.
        """
        with self._lock:
            try:
                self._ours.sendall(port.to_bytes(4, "big"))
                said, descriptors, _, _ = socket.recv_fds(self._ours, 1, 1)
            except OSError as error:
                raise SandboxFailed(f"nothing can be connected to in a box: {error}") from error
        if said == b"+" and descriptors:
            return socket.socket(fileno=descriptors[0])
        if not said:
            raise SandboxFailed("nothing can be connected to in a box")
        raise ConnectionRefusedError(f"nobody listens on port {port}")

    def close(self) -> None:
        """Connections that were made go on."""
        self._ours.close()
        self._process.kill()
        self._process.wait()
