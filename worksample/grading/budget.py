"""What the calls of an attempt have used of what all of them may use together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from worksample.limits import Budget
from worksample.sandbox.box import Box

MB = 1 << 20


class Ledger:
    """Adds up what calls use; once it is more than the budget, no other call is asked.

    Where a call is longer than what is left, it is given what is left. So the budget is overdrawn
    by no more than one call: by its processes' CPU while its time lasts, and by one result.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._seconds = self._cpu = self._memory = self._bytes = 0.0
        self._cpu_before: float | None = None

    @property
    def seconds_left(self) -> float:
        """Seconds that the next call may take at most."""
        return max(self.budget.seconds - self._seconds, 0.0)

    @property
    def bytes_left(self) -> int:
        """Bytes that the next reply may have at most."""
        return max(int(self.budget.reply_mb * MB - self._bytes), 0)

    @contextlib.contextmanager
    def counted(self, box: Box) -> Iterator[None]:
        """Add what happens within to the time, and to the CPU all since the first call."""
        begun, cpu = box.turn(), box.cpu_seconds()
        self._cpu_before = cpu if self._cpu_before is None else self._cpu_before
        try:
            yield
        finally:
            self._seconds += max(begun.own(box.turn()), 0.0)
            # a process that nobody has buried takes what it used with it
            self._cpu = max(self._cpu, box.cpu_seconds() - self._cpu_before)

    def no_time_left(self) -> None:
        """Note that a call took what was left of the time, where it was stopped a little before."""
        self._seconds = max(self._seconds, self.budget.seconds)

    def keep(self, replied: int, held: int) -> bool:
        """Note the bytes of a reply, and what its value takes; whether there is room for it."""
        self._bytes += replied
        self._memory += held
        return self._memory <= self.budget.memory_mb * MB

    def spent(self) -> str:
        """Which part of the budget is used up, as a candidate is told; empty while none is."""
        most = self.budget
        if self._seconds >= most.seconds:
            return f"all of the {most.seconds:g} seconds that all calls may take together"
        if self._cpu >= most.cpu_seconds:
            return f"all of the {most.cpu_seconds:g} seconds of processor time for all calls"
        if self._bytes >= most.reply_mb * MB:
            return f"all of the {most.reply_mb:g} MB that all results may have together"
        if self._memory >= most.memory_mb * MB:
            return f"all of the {most.memory_mb:g} MB of memory for all results together"
        return ""

    def used(self) -> dict[str, float]:
        """What was used, by the names of the budget's fields."""
        return {
            "seconds": round(self._seconds, 2),
            "cpu_seconds": round(self._cpu, 2),
            "memory_mb": round(self._memory / MB, 3),
            "reply_mb": round(self._bytes / MB, 3),
        }
