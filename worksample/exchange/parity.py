"""Whether everybody had the same machine: how long a candidate's programs waited for a processor.

Kept beside the work record (:mod:`worksample.exchange.versions`) while a clock runs, so that an
attempt that was starved is seen, and more time given. It says nothing of what somebody did, and
no score reads it; it is erased with the candidate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from worksample import disk
from worksample.course import Course
from worksample.exchange.versions import Folder

WINDOW = timedelta(minutes=1)
#: seconds of a minute in which a processor was wanted, for that minute to say anything
LEAST_WANTED = 6.0
#: of the time in which a processor was wanted: from here on people should look
MUCH = 0.3


@dataclass(frozen=True)
class Parity:
    """What an attempt has had of the machine.

    Attributes:
        used, waited: seconds that the candidate's programs had a processor, and waited for one.
        worst: the share that was waited in the worst minute; 0 where none says anything.
        worst_at: when that minute began (ISO 8601); empty where there is none.
        memory_mb: the most memory in use that was seen.
        limit_mb: of how much; 0 where no control group says.
        window_at, window_used, window_waited: the minute that is going on.
    """

    used: float = 0.0
    waited: float = 0.0
    worst: float = 0.0
    worst_at: str = ""
    memory_mb: float = 0.0
    limit_mb: int = 0
    window_at: str = ""
    window_used: float = 0.0
    window_waited: float = 0.0

    @property
    def share(self) -> float:
        """Of the time in which a processor was wanted, how much was spent waiting."""
        return _share(self.used, self.waited)

    @property
    def is_starved(self) -> bool:
        """Whether people should look, and perhaps give more time."""
        return self.share >= MUCH or self.worst >= 2 * MUCH

    def with_(self, at: datetime, used: float, waited: float, memory_mb: float) -> Parity:
        """This and what was seen since the last look."""
        found = self
        begun = datetime.fromisoformat(self.window_at) if self.window_at else None
        if begun is None or at - begun >= WINDOW:
            found = replace(self._closed(), window_at=at.isoformat(timespec="seconds"))
        return replace(
            found,
            used=found.used + used,
            waited=found.waited + waited,
            memory_mb=max(found.memory_mb, memory_mb),
            window_used=found.window_used + used,
            window_waited=found.window_waited + waited,
        )

    def _closed(self) -> Parity:
        """With the minute that is over judged."""
        share = _share(self.window_used, self.window_waited)
        fresh = replace(self, window_used=0.0, window_waited=0.0)
        if self.window_used + self.window_waited < LEAST_WANTED or share <= self.worst:
            return fresh
        return replace(fresh, worst=share, worst_at=self.window_at)


def _share(used: float, waited: float) -> float:
    return waited / (used + waited) if used + waited else 0.0


def _place(course: Course, assignment_id: str, candidate: str) -> Path:
    return Folder.of(course, assignment_id, candidate).path / "machine.json"


def of(course: Course, assignment_id: str, candidate: str) -> Parity | None:
    """What was kept of an attempt; None where nothing was, as at the plain door."""
    try:
        facts: Mapping[str, object] = json.loads(
            _place(course, assignment_id, candidate).read_bytes()
        )
    except FileNotFoundError:
        return None
    return Parity(**facts)  # type: ignore[arg-type]  # it was written by keep()


def keep(course: Course, assignment_id: str, candidate: str, found: Parity) -> None:
    data = json.dumps(asdict(found)).encode()
    disk.replace(_place(course, assignment_id, candidate), data)
