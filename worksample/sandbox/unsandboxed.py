"""No sandbox: limits and an agent, but candidate code can read whatever the grader can.

Only for trusted code (an author's own solutions on a machine without bubblewrap); it has to be
asked for, and every record of it says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from worksample import interpreter
from worksample.sandbox.box import Box, Launched, Layout, Setup
from worksample.sandbox.inside import agent as inside


class Unsandboxed:
    """A folder and an agent of the same user."""

    name = "none: --unsafe-no-sandbox was given"

    def open(self, setup: Setup) -> Box:
        """A box that seals nothing off."""
        base = Path(tempfile.mkdtemp(prefix=f"ws-{os.getpid()}-"))
        layout = _lay_out(base, setup)
        ours, theirs = socket.socketpair()
        try:
            process = subprocess.Popen(
                interpreter.command(inside.__file__),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
                cwd=interpreter.FOLDER,
                env={
                    "PYTHONPATH": ":".join(filter(None, sys.path)),
                    "WORKSAMPLE_FOLDER": str(base),
                },
            )
        finally:
            theirs.close()

        def kill() -> None:
            _end_below(process.pid)
            process.kill()

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
                pids=lambda: [child.pid for child in _below(process.pid)],
                clean=lambda: shutil.rmtree(base, ignore_errors=True),
            ),
            setup,
        )


def _lay_out(base: Path, setup: Setup) -> Layout:
    for name in ("work", "answers", "io"):
        (base / name).mkdir()
    for name, source in setup.files.items():
        (base / "work" / name).symlink_to(source.resolve())
    case = setup.case_public.resolve() if setup.case_public else base / "case"
    (base / "work" / "case").symlink_to(case)
    (base / "work" / "answers").symlink_to(base / "answers")
    io = str(base / "io")
    return Layout(str(base / "work"), str(case), str(base / "answers"), io, io)


def _below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []  # it has ended


def _end_below(pid: int) -> None:
    """SIGKILL to the agent's children; those that come meanwhile get it in the next round."""
    for _ in range(10):
        living = [child for child in _below(pid) if child.is_running()]
        if not living:
            return
        for child in living:
            with contextlib.suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(living, timeout=1)
