"""Limits of hosted sandboxes that nothing but a look from time to time can hold.

Memory and processes are held by control groups where there are any; the size of a home on the
disk by nothing that an ordinary file system has. What passes a limit loses its kernels, not its
server: the candidate sees that a kernel ended, reads why in a file, and can tidy up and go on.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from worksample.hub import homes
from worksample.hub.boxes import Running
from worksample.hub.inside import NOTE
from worksample.limits import Limits
from worksample.sandbox.watch import Usage, measure

LOOK_SECONDS = 1.0
DISK_SECONDS = 10.0
MB = 1 << 20
MOST_ENTRIES = 20_000

_log = logging.getLogger("worksample.hub")
_watched: dict[int, Watched] = {}
_lock = threading.Lock()
_thread: threading.Thread | None = None


@dataclass
class Watched:
    """A box, and when its home was last looked at."""

    box: Running
    home: Path
    limits: Limits
    looked: float = 0.0


def watch(box: Running, home: Path, limits: Limits) -> None:
    """Hold this box to its limits from now on, until it ends or is forgotten."""
    global _thread
    with _lock:
        _watched[box.pid] = Watched(box, home, limits)
        if _thread is None:
            _thread = threading.Thread(target=_guard, name="guard", daemon=True)
            _thread.start()


def forget(box: Running) -> None:
    with _lock:
        _watched.pop(box.pid, None)


def _guard() -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        with _lock:
            now = list(_watched.values())
        for each in now:
            try:
                look(each)
            except OSError as error:  # of one box: the others are to be looked at nonetheless
                _log.error("The sandbox of %s cannot be looked at: %s", each.box.name, error)


def look(watched: Watched) -> str:
    """Judge one box, and act on it; what was wrong, or nothing."""
    box = watched.box
    if not box.alive():
        forget(box)
        return ""
    wrong = ""
    if time.monotonic() - watched.looked >= DISK_SECONDS or not watched.looked:
        watched.looked = time.monotonic()
        wrong = disk(watched.home, watched.limits)
    if not wrong and not box.group.holds_all():
        wrong = memory(watched)
    if wrong:
        _log.warning("Kernels of %s were ended: %s", box.name, wrong)
        end_kernels(box)
        homes.leave_note(watched.home, NOTE, note(wrong[0].upper() + wrong[1:]))
    return wrong


def disk(home: Path, limits: Limits) -> str:
    """What is wrong with a home, or nothing."""
    size, entries = homes.used(home)
    if size > limits.disk_mb * MB:
        return f"more than {limits.disk_mb} MB of files"
    if entries > MOST_ENTRIES:
        return f"more than {MOST_ENTRIES:,} files"
    return ""


def memory(watched: Watched) -> str:
    """What is wrong with the memory in use, or nothing; where no control group holds it."""
    box, limits = watched.box, watched.limits
    root = Path(f"/proc/{box.pid}/root")
    usage: Usage = measure(
        Path("/proc"),
        root,
        lambda: [each.pid for each in box.processes()],
        limits.memory_mb * MB,
        2 * limits.processes,
    )
    if usage.memory > limits.memory_mb * MB:
        return f"more than {limits.memory_mb} MB of memory"
    if usage.tasks > limits.processes:
        return f"more than {limits.processes} processes and threads"
    return ""


def end_kernels(box: Running) -> None:
    """End everything in a box but its server."""
    for each in box.processes()[1:]:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()


def note(wrong: str) -> str:
    """What a candidate reads in their home, once their kernels were ended."""
    return (
        f"{wrong} came to be in use in your workspace, which is more than it may have.\n"
        "So your kernels were ended; your notebook and your files are as you saved them.\n"
        "Delete what you do not need, or use less at a time; then start the kernel again "
        "(menu Kernel).\nThis file can be deleted.\n"
    )
