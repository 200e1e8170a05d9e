"""Processor time of processes that come and go, where no control group counts it.

What a process used is added to its parent's account when the parent waits for it, and is nowhere
when the parent ignores its end. So what has ended between two looks is taken for the most that it
can have used: all the time between them. That is too much by at most the time between two looks,
a tenth of a second, for each process or thread that ended; and never too little by more than that
together.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROCESSORS = os.cpu_count() or 1
MOST_READ = 512  # processes that a look reads; more than any limit lets live


@dataclass(frozen=True)
class _Seen:
    """One look at one process: seconds of its own and of children that it waited for."""

    own: float
    waited_for: float
    threads: int


class Tally:
    """What some processes and all that they started have used; add by looking ten times a second.

    Args:
        proc: the ``/proc`` that numbers them.
        pids: the processes that live.
        above: the process that buries what is left behind; its own time does not count.
    """

    def __init__(self, proc: Path, pids: Callable[[], list[int]], above: int) -> None:
        self._proc, self._pids, self._above = proc, pids, above
        self._lock = threading.Lock()
        self._seen: dict[tuple[int, str], _Seen] = {}
        self._buried = self._spent = 0.0
        self._at = time.monotonic()
        self._ended: int | None = None

    def look(self, started: int | None) -> float:
        """Seconds that have been used up to now, as far as can be told or more.

        Args:
            started: processes and threads that were started so far, counted from any moment on;
                None where nobody counts them. Then what is not waited for may be missed.
        """
        with self._lock:
            now = time.monotonic()
            gap, self._at = now - self._at, now
            living = self._pids()
            if len(living) > MOST_READ:
                self._spent += PROCESSORS * gap
            else:
                self._add(living, gap, started)
            return self._spent

    def _add(self, living: list[int], gap: float, started: int | None) -> None:
        before, self._seen = self._seen, dict(filter(None, map(self._read, living)))
        above = self._read(self._above)
        buried = above[1].waited_for if above else self._buried
        own = sum(
            max(seen.own - before[key].own, 0.0) if key in before else seen.own
            for key, seen in self._seen.items()
        )
        waited_for = _total(self._seen) + buried - _total(before) - self._buried - own
        self._buried = buried
        unseen = max(waited_for, self._newly_ended(started) * gap, 0.0)
        self._spent += own + min(unseen, max(PROCESSORS * gap - own, 0.0))

    def _newly_ended(self, started: int | None) -> int:
        """Processes and threads that have ended since the last look."""
        if started is None:
            return 0
        ended = started - sum(seen.threads for seen in self._seen.values())
        known = ended if self._ended is None else self._ended
        self._ended = max(ended, known)  # what has been started is told a little late
        return self._ended - known

    def _read(self, pid: int) -> tuple[tuple[int, str], _Seen] | None:
        try:
            stat = (self._proc / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
            own, waited_for = (sum(map(int, stat[i : i + 2])) / TICKS for i in (11, 13))
            return (pid, stat[19].decode()), _Seen(own, waited_for, int(stat[17]))
        except (OSError, ValueError, IndexError):
            return None  # it ended while we looked


def _total(seen: dict[tuple[int, str], _Seen]) -> float:
    return sum(each.own + each.waited_for for each in seen.values())


class Starts:
    """How many processes and threads this process namespace has started; asked inside of it.

    Ask before so many start as there are numbers.
    """

    FIRST = 300  # below it, numbers are used once only

    def __init__(self) -> None:
        self._last, self.count = self._number(), 0
        self._numbers = int(Path("/proc/sys/kernel/pid_max").read_text()) - self.FIRST

    def look(self) -> int:
        """The count up to now."""
        last = self._number()
        self.count += (last - self._last) % self._numbers
        self._last = last
        return self.count

    @staticmethod
    def _number() -> int:
        """The newest process's or thread's."""
        return int(Path("/proc/loadavg").read_text().split()[4])
