"""Who looks on while a candidate works; known for as long as their page goes on asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SECONDS = 10.0  # the page asks every two; one that is hidden or closed does not


@dataclass
class Presence:
    """Members of the team by the attempt that they follow. May be used from several threads."""

    clock: Callable[[], float] = time.monotonic
    _seen: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, assignment: str, candidate: str, name: str) -> bool:
        """Note that this member looks at this attempt now; whether they have just come."""
        with self._lock:
            there = self._there(assignment, candidate)
            is_new = name not in there
            self._seen[assignment, candidate] = there | {name: self.clock()}
            return is_new

    def who(self, assignment: str, candidate: str) -> list[str]:
        """Who looks at it now, sorted."""
        with self._lock:
            return sorted(self._there(assignment, candidate))

    def _there(self, assignment: str, candidate: str) -> dict[str, float]:
        seen = self._seen.get((assignment, candidate), {})
        return {name: at for name, at in seen.items() if self.clock() - at < SECONDS}
