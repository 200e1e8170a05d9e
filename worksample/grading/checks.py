"""Checks: short pure functions in the trusted zone, ``(run, case) -> CheckResult``.

An assignment's ``checks.py`` has one ``check_<grade id>`` for each autograded cell. What a check
reads is of hostile origin, so checks run in a child process with limits of its own
(:mod:`worksample.grading.checkhost`); one that raises, hangs or eats memory is our fault and gives
no score at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, Any

from worksample.kit.scoring import is_number, spherical_score

if TYPE_CHECKING:
    from worksample.grading.probe import CallResult
    from worksample.grading.run import Run

__all__ = [
    "NEARLY_ALL",
    "CheckResult",
    "Part",
    "answer",
    "call",
    "calls",
    "is_number",
    "nothing",
    "spherical_score",
    "why_no_answer",
]


#: from this share of a part's points on it is told what was right, below it what is missing
NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Part:
    """One thing that a check looked at.

    Its sentence fits the number beside it, whoever writes the check: ``message`` says what was
    found, in words that are true of any number of points; ``right`` is added only where (nearly)
    all points were earned, ``missing`` only where they were not.

    Attributes:
        name: what was looked at, a few words.
        earned: points earned, between 0 and ``possible``.
        possible: points to be had.
        message: for the candidate; helps, and gives away no hidden value.
        right: what was good about it.
        missing: what is not there, or what was expected.
        idle: points of it that an answer earns, in this very case, which says nothing: all rows
            marked, points spread evenly. They make no strength.
    """

    name: str
    earned: float
    possible: float
    message: str
    right: InitVar[str] = ""
    missing: InitVar[str] = ""
    idle: float = 0.0

    def __post_init__(self, right: str, missing: str) -> None:
        said = right if self.share >= NEARLY_ALL else missing
        object.__setattr__(self, "message", " ".join(filter(None, (self.message, said))))

    @property
    def share(self) -> float:
        """Points earned of those to be had, 0 to 1."""
        return self.earned / self.possible if self.possible else 0.0


@dataclass(frozen=True)
class CheckResult:
    """What a check found.

    Attributes:
        parts: at least one; their ``possible`` add up to the points of the cell.
        details: numbers and words of the candidate's own work, which feedback may quote.
        private: for the evidence only, never shown to the candidate; JSON-able.
        inputs: the names of the ``answers`` and ``calls`` that the check asked for. Noted by the
            process that runs it; a check leaves it alone.
    """

    parts: tuple[Part, ...]
    details: Mapping[str, float | str] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """Points earned, all parts together."""
        return float(sum(part.earned for part in self.parts))

    @property
    def possible(self) -> float:
        """Points to be had, all parts together."""
        return float(sum(part.possible for part in self.parts))


def nothing(name: str, possible: float, message: str) -> CheckResult:
    """No point for the one thing looked at, and why."""
    return CheckResult((Part(name, 0.0, possible, message),))


def answer(run: Run, name: str) -> Any:
    """The JSON value that the candidate's check cell recorded under ``name``; None if none came."""
    return run.answers.get(name)


def why_no_answer(run: Run, name: str) -> str:
    """A sentence for the candidate on why there is no answer ``name``."""
    reason = run.refused.get(name)
    return f"The recorded answer could not be used: {reason}" if reason else "Nothing was recorded."


def calls(run: Run, id: str) -> tuple[CallResult, ...]:
    """The results of all probe calls of that id, in the order they were asked."""
    return tuple(run.calls.get(id, ()))


def call(run: Run, id: str) -> CallResult | None:
    """The first result of the probe's call ``id``; None if it was never asked."""
    return next(iter(calls(run, id)), None)
