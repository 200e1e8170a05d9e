"""Processes that tests start: each is ended, and with it whatever it has started."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

# what a server takes to end in good order on a machine that is busy with something else
PATIENCE_SECONDS = 60.0


@contextmanager
def running(command: Sequence[str | Path], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process for the length of a block; ``options`` are those of ``Popen``."""
    process: subprocess.Popen[Any] = subprocess.Popen([str(each) for each in command], **options)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[Any], patience: float = PATIENCE_SECONDS) -> None:
    """Terminate, wait, kill: it has ended afterwards, and so has all that was below it."""
    left = below(process.pid)
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            left += below(process.pid)
            process.kill()
    process.wait()
    for each in left:
        with suppress(psutil.NoSuchProcess):
            each.kill()  # psutil knows it from another that has its number by now
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError):  # what nobody reads any more
                stream.close()


def below(pid: int) -> list[psutil.Process]:
    """Everything that a process has started, and what that has started."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def alive(process: psutil.Process) -> bool:
    """Whether it still does something; what waits to be buried does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so; long enough for a machine that is busy with something else.

    The longer it takes the more rarely it is looked for: to ask costs what is waited for its time.
    """
    deadline, pause = time.monotonic() + seconds, 0.02
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(pause)
        pause = min(pause * 1.2, 0.25)
