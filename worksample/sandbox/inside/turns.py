"""Whose time it was: what processes had of the machine, and how long they only waited for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 4.0  # times a limit, by the clock, before a machine is said to be too busy
SETTING = "WORKSAMPLE_LEAST_SHARE"  # what an operator says instead of the next line
AN_EIGHTH = 0.125
NEARLY = 0.05  # of a limit: with so little left of it, it has been had
_TICKS = os.sysconf("SC_CLK_TCK")


def least_share(said: str) -> float | None:
    """A share of the clock, from a hundredth to all of it; None where that is not what was said.

    >>> least_share("0.05"), least_share("5 %")
    (0.05, None)
    """
    try:
        share = float(said)
    except ValueError:
        return None
    return share if 0.01 <= share <= 1 else None


#: of the clock that processes must have had then
LEAST_SHARE = least_share(os.environ.get(SETTING, "")) or AN_EIGHTH


@dataclass(frozen=True)
class Turn:
    """What processes have had of the machine up to a moment.

    Attributes:
        at: the moment, by a clock that cannot be set.
        cpu: seconds of all of them together.
        waited: process -> seconds in which its first thread could have run, and was not let.
    """

    at: float
    cpu: float
    waited: Mapping[int, float]

    @classmethod
    def of(cls, proc: Path, pids: list[int], cpu: float) -> Turn:
        """Of the processes ``pids``, as numbered in ``proc``, which have used ``cpu`` seconds."""
        waited = {pid: _waited(proc / str(pid)) for pid in pids}
        return cls(time.monotonic(), cpu, waited)

    def own(self, until: Turn) -> float:
        """Seconds from this moment to a later one, less those that the machine kept them waiting.

        A busy machine is nobody's fault here. Only what they waited for each other is their own:
        then it was they who used it.
        """
        elapsed = until.at - self.at
        longest = max(
            (waited - self.waited.get(pid, 0.0) for pid, waited in until.waited.items()),
            default=0.0,
        )
        idle = elapsed - max(until.cpu - self.cpu, 0.0)
        return elapsed - max(min(longest, idle), 0.0)


class TooBusy(Exception):
    """Processes had so little of the machine that no limit on time can be held against them."""


class Allowance:
    """So much time of their own for some processes; by the clock it may take some times as much.

    Attributes:
        left: seconds of it, when last looked.
    """

    def __init__(
        self, seconds: float, look: Callable[[], Turn], least_share: float | None = None
    ) -> None:
        self.seconds = self.left = seconds
        self._look, self._begun = look, look()
        self._least = LEAST_SHARE if least_share is None else least_share

    def spent(self) -> bool:
        """Look again whether they have had it, but for a little that is not worth waiting for.

        Raises:
            TooBusy: the machine does not give it to them.
        """
        now = self._look()
        own, elapsed = self._begun.own(now), now.at - self._begun.at
        self.left = self.seconds - own
        if elapsed > PATIENCE * self.seconds and own < self._least * elapsed:
            raise TooBusy
        return self.left <= NEARLY * self.seconds


def _waited(process: Path) -> float:
    try:
        return int((process / "schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0  # it ended, or this kernel does not count it


def used(proc: Path, pids: Iterable[int]) -> float:
    """CPU seconds of processes and of the children they have buried, in steps of a clock tick.

    Args:
        proc: the ``/proc`` that numbers them so. A process that has ended counts 0.
    """
    return sum(_used(proc / str(pid)) for pid in pids)


def _used(process: Path) -> float:
    try:
        after_name = (process / "stat").read_bytes().rpartition(b")")[2].split()
        return sum(map(int, after_name[11:15])) / _TICKS
    except (OSError, ValueError):
        return 0.0


def numbered(proc: Path) -> list[int]:
    """Every process of a ``/proc``, the first (our agent) left out."""
    try:
        return [int(name) for name in os.listdir(proc) if name.isdigit() and name != "1"]
    except OSError:
        return []  # the sandbox is gone
