"""Feedback that somebody of the team wants drawn: one after the other, beside the service.

What draws needs seconds of imports and a hundred megabytes, so it is a command of its own. What
waits is kept in memory alone: after a restart nothing is half done, and the button is there again.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from worksample import interpreter
from worksample.course import Course

MOST_AT_ONCE = 50  # candidates of one command
SECONDS = 30 * 60.0

Run = Callable[[Course, str, Sequence[str], str], str]


def command(course: Course, assignment_id: str, candidates: Sequence[str], by: str) -> str:
    """Draw their feedback; why it failed, empty where it did not."""
    chosen = [word for name in candidates for word in ("--candidate", name)]
    done = subprocess.run(
        interpreter.command("-m", "worksample.cli", "feedback", assignment_id, *chosen),
        cwd=interpreter.FOLDER,
        env={**os.environ, "WORKSAMPLE_COURSE": str(course.root), "WORKSAMPLE_ACTOR": by},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        check=False,
    )
    if done.returncode == 0:
        return ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return (lines[-1] if lines else f"status {done.returncode}")[:500]


@dataclass
class Drawer:
    """Draws what it is asked for, in the order in which it was asked; safe for threads.

    Attributes:
        changes: grows with everything that happens, for who shows it.
    """

    course: Course
    run: Run = command
    changes: int = 0
    _waiting: set[tuple[str, str]] = field(default_factory=set)
    _failed: dict[tuple[str, str], str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _executor: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="draws")
    )

    def ask(self, assignment_id: str, candidates: Sequence[str], by: str) -> int:
        """Have it drawn; how many did not wait for that already."""
        with self._lock:
            fresh = [each for each in candidates if (assignment_id, each) not in self._waiting]
            self._waiting |= {(assignment_id, each) for each in fresh}
            self.changes += 1
        for first in range(0, len(fresh), MOST_AT_ONCE):
            some = fresh[first : first + MOST_AT_ONCE]
            self._executor.submit(self._draw, assignment_id, some, by)
        return len(fresh)

    def waits(self, assignment_id: str, candidate: str) -> bool:
        """Whether it is being drawn, or about to be."""
        with self._lock:
            return (assignment_id, candidate) in self._waiting

    def failed(self, assignment_id: str, candidate: str) -> str:
        """Why it could not be drawn when it was asked for last; empty where it was."""
        with self._lock:
            return self._failed.get((assignment_id, candidate), "")

    def close(self) -> None:
        """Begin nothing more."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _draw(self, assignment_id: str, candidates: Sequence[str], by: str) -> None:
        try:
            why = self.run(self.course, assignment_id, candidates, by)
        except (OSError, subprocess.SubprocessError) as error:
            why = f"{type(error).__name__}: {error}"[:500]
        if why and len(candidates) > 1:  # one of them may be at fault: the others are not
            for each in candidates:
                self._draw(assignment_id, [each], by)
            return
        with self._lock:
            for each in candidates:
                self._waiting.discard((assignment_id, each))
                self._failed.pop((assignment_id, each), None)
                if why:
                    self._failed[assignment_id, each] = why
            self.changes += 1
