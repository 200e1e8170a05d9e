"""Limits of hosted sandboxes that nothing but a look from time to time can hold.

Memory and processes are held by control groups where there are any; the size of a home on the
disk by nothing that an ordinary file system has. What passes a limit loses its kernels, not its
server: the candidate sees that a kernel ended, reads why in a file, and can tidy up and go on.

So that nobody can fill the disk between two looks, homes are looked at as soon as the disk has
become much fuller, and in a home that is too large nothing can be written until it is smaller, as
on a full disk.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from worksample.hub import homes
from worksample.hub.boxes import Running
from worksample.hub.inside import NOTE
from worksample.limits import Limits
from worksample.sandbox.watch import Usage, measure

LOOK_SECONDS = 1.0
DISK_SECONDS = 10.0
NOTICED_MB = 64  # less room than before: somebody is writing, and all homes are looked at
MB = 1 << 20
CAP_SYS_RESOURCE = 24
MOST_ENTRIES = 20_000

_log = logging.getLogger("worksample.hub")
_watched: dict[int, Watched] = {}
_lock = threading.Lock()
_thread: threading.Thread | None = None


@dataclass
class Watched:
    """A box, and when its home was last looked at.

    Attributes:
        held: whether nothing can be written in it.
    """

    box: Running
    home: Path
    limits: Limits
    looked: float = 0.0
    held: bool = False


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
    room = Room()
    while True:
        time.sleep(LOOK_SECONDS)
        with _lock:
            now = list(_watched.values())
        shrinks = room.shrinks([each.home for each in now])
        for each in now:
            try:
                look(each, at_once=shrinks)
            except OSError as error:  # of one box: the others are to be looked at nonetheless
                _log.error("The sandbox of %s cannot be looked at: %s", each.box.name, error)


class Room:
    """What is free where homes lie, from one look to the next."""

    def __init__(self) -> None:
        self._free: dict[int, float] = {}

    def shrinks(self, homes: list[Path]) -> bool:
        """Whether it has become much less since homes were last all looked at."""
        found = False
        for home in homes:
            try:
                disk, status = home.stat().st_dev, os.statvfs(home)
            except OSError:
                continue  # it has just been erased
            free = status.f_bavail * status.f_frsize / MB
            before = self._free.setdefault(disk, free)
            found |= before - free > NOTICED_MB
            if before - free > NOTICED_MB or free > before:
                self._free[disk] = free
        return found


def look(watched: Watched, at_once: bool = False) -> str:
    """Judge one box, and act on it; what was wrong, or nothing.

    Args:
        at_once: look at the home now, however short the last time is ago.
    """
    box = watched.box
    if not box.alive():
        forget(box)
        return ""
    wrong = ""
    since = time.monotonic() - watched.looked
    if at_once or watched.held or since >= DISK_SECONDS or not watched.looked:
        first = not watched.looked  # a hub that was killed may have left nothing to be written
        watched.looked = time.monotonic()
        wrong = disk(watched.home, watched.limits)
        if wrong or watched.held or first:
            watched.held = bool(wrong)
            hold_writes(box, 0 if wrong else watched.limits.disk_mb * MB)
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


def hold_writes(box: Running, most: int) -> None:
    """Let no file in a box become larger than ``most`` bytes; with 0 nothing can be written.

    Files can be removed all the same. Only with CAP_SYS_RESOURCE it is a limit that programs in
    there cannot raise again themselves; they are ended at the next look, then.
    """
    for each in box.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            if _takes_back():
                each.rlimit(resource.RLIMIT_FSIZE, (most, most))
            else:
                _as_themselves(each, most)


def _takes_back() -> bool:
    """Whether a limit that was set for good can be raised again by us."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> CAP_SYS_RESOURCE & 1)


def _as_themselves(process: psutil.Process, most: int) -> None:
    """Set the limit as the user that the process belongs to, who may do so."""
    user = process.uids().real
    who: dict[str, Any] = {"user": user, "group": user, "extra_groups": []}
    done = subprocess.run(
        ["prlimit", "--pid", str(process.pid), f"--fsize={most}:"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **(who if os.geteuid() == 0 else {}),
    )
    if done.returncode != 0 and process.is_running():
        _log.error("What is written in a home cannot be limited: %s", done.stderr.strip())


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
        "(menu Kernel).\nWhile your files are more than they may be, nothing new can be saved.\n"
        "This file can be deleted.\n"
    )
