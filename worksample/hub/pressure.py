"""How long the programs in a candidate's sandbox wait for a processor, and what memory they take.

Linux counts for each thread the time for which it could have run and was not let
(``/proc/PID/task/TID/schedstat``, in nanoseconds: on a processor, waiting for one). No rights are
needed for it, and no control group. Threads that come and go between two looks are missed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from worksample.course import Course
from worksample.exchange import parity
from worksample.exchange.sittings import Sitting
from worksample.hub.boxes import Running
from worksample.records.tables import now
from worksample.sandbox.watch import started

MB = 1 << 20
NANO = 1e-9
MOST_THREADS = 2000  # that a look reads; what has more is held by its limit of processes


@dataclass
class Meter:
    """Adds up, look by look, what the threads of one sandbox have had.

    Attributes:
        seen: thread and its start -> seconds on a processor, and waiting for one.
    """

    seen: dict[tuple[int, str], tuple[float, float]] = field(default_factory=dict)

    def look(self, processes: list[psutil.Process]) -> tuple[float, float]:
        """Seconds used and waited since the last look; of a thread's first look nothing."""
        found: dict[tuple[int, str], tuple[float, float]] = {}
        used = waited = 0.0
        for thread in _threads(processes):
            key = (int(thread.name), started(int(thread.name)))
            try:
                words = (thread / "schedstat").read_bytes().split()
                found[key] = (int(words[0]) * NANO, int(words[1]) * NANO)
            except (OSError, ValueError, IndexError):
                continue  # it has ended, or nothing is counted here
            before = self.seen.get(key, found[key])
            used += max(found[key][0] - before[0], 0.0)
            waited += max(found[key][1] - before[1], 0.0)
        self.seen = found
        return used, waited


def _threads(processes: list[psutil.Process]) -> list[Path]:
    found: list[Path] = []
    for each in processes:
        try:
            found += Path(f"/proc/{each.pid}/task").iterdir()
        except OSError:
            continue  # it has ended
        if len(found) >= MOST_THREADS:
            break
    return found


def memory_mb(processes: list[psutil.Process]) -> float:
    """What they hold, shared pages counted once for each; an upper bound that costs little."""
    total = 0
    for each in processes:
        try:
            total += each.memory_info().rss
        except psutil.Error:
            continue
    return total / MB


_meters: dict[int, Meter] = {}


def limit_mb(box: Running) -> int:
    """The memory that its control group holds it to; 0 where none does."""
    for folder in box.group.folders:
        for name in ("memory.limit_in_bytes", "memory.max"):
            try:
                return int((folder / name).read_text()) >> 20
            except (OSError, ValueError):
                continue  # another controller's group, or one that holds nothing
    return 0


def note(course: Course, box: Running, sittings: list[Sitting]) -> None:
    """Keep what a sandbox has had since the last look, with each attempt whose clock runs."""
    processes = box.processes()
    used, waited = _meters.setdefault(box.pid, Meter()).look(processes)
    memory, at = memory_mb(processes), now()
    for each in sittings:
        if each.state == "running":
            before = parity.of(course, each.assignment, each.candidate) or parity.Parity()
            found = before.with_(at, used, waited, memory)
            found = replace(found, limit_mb=limit_mb(box))
            parity.keep(course, each.assignment, each.candidate, found)


def forget(alive: set[int]) -> None:
    """Forget sandboxes that are no more."""
    for pid in set(_meters) - alive:
        del _meters[pid]
