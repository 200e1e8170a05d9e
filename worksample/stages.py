"""Where the time of an attempt goes: wall clock and CPU by stage, for the evidence.

No score depends on it. A stage is all that happened since the one before it ended, so nothing is
left out and nothing is counted twice. Code that is timed only says what has ended: where nobody
measures, :func:`end` does nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

NAMES = ("seconds", "cpu", "cpu_elsewhere")
log = logging.getLogger(__name__)


class Elsewhere(Protocol):
    """Other processes that work for an attempt."""

    def cpu_seconds(self) -> float:
        """CPU that they have used so far."""


class Stages:
    """A stop watch with laps; laps of the same name add up."""

    def __init__(self) -> None:
        self._spent: dict[str, list[float]] = {}
        self._seen: dict[Elsewhere, float] = {}
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def watch(self, others: Elsewhere) -> None:
        """What ``others`` have used up to now is not this attempt's."""
        self._seen[others] = others.cpu_seconds()

    def end(self, stage: str, others: Elsewhere | None = None) -> None:
        """Everything since the last call was ``stage``, in this process and in ``others``."""
        wall, cpu, used = time.monotonic(), time.process_time(), 0.0
        if others is not None:
            total = others.cpu_seconds()
            used = max(total - self._seen.get(others, 0.0), 0.0)
            self._seen[others] = total
        before = self._spent.get(stage, [0.0] * len(NAMES))
        lap = (wall - self._wall, cpu - self._cpu, used)
        self._spent[stage] = [a + b for a, b in zip(before, lap, strict=True)]
        self._wall, self._cpu = wall, cpu

    def facts(self) -> dict[str, dict[str, float]]:
        """Stage -> wall clock, CPU of this process, CPU of the others, all in seconds."""
        return {
            stage: {name: round(value, 3) for name, value in zip(NAMES, spent, strict=True)}
            for stage, spent in self._spent.items()
        }


_current: ContextVar[Stages | None] = ContextVar("stages", default=None)


@contextmanager
def timed() -> Iterator[Stages]:
    """Measure what is done in here."""
    stages = Stages()
    token = _current.set(stages)
    try:
        yield stages
    finally:
        _current.reset(token)


def watch(others: Elsewhere) -> None:
    """See :meth:`Stages.watch`."""
    if (current := _current.get()) is not None:
        current.watch(others)


def end(stage: str, others: Elsewhere | None = None) -> None:
    """See :meth:`Stages.end`."""
    if (current := _current.get()) is not None:
        current.end(stage, others)


@contextmanager
def logged(stage: str) -> Iterator[None]:
    """Log at level DEBUG what a stage of the coordinator took: name, seconds, CPU seconds."""
    wall, cpu = time.monotonic(), time.process_time()
    try:
        yield
    finally:
        log.debug("%s %.4f %.4f", stage, time.monotonic() - wall, time.process_time() - cpu)
