"""Checks: short pure functions in the trusted zone, ``(run, case) -> CheckResult``.

An assignment's ``checks.py`` has one ``check_<grade id>`` for each autograded cell. What a check
reads is of hostile origin, so checks run in a child process with limits of its own
(:mod:`worksample.grading.checkhost`); one that raises, hangs or eats memory is our fault and gives no
score at all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from worksample.errors import CheckFailed

if TYPE_CHECKING:
    from worksample.assignments.case import Case
    from worksample.assignments.model import Assignment
    from worksample.grading.probe import CallResult
    from worksample.grading.run import Run

SECONDS = 120.0
MEMORY_MB = 2048


@dataclass(frozen=True)
class Part:
    """One thing that a check looked at.

    Attributes:
        name: what was looked at, a few words.
        earned: points earned, between 0 and ``possible``.
        possible: points to be had.
        message: for the candidate; helps, and gives away no hidden value.
    """

    name: str
    earned: float
    possible: float
    message: str


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


def run_checks(
    assignment: Assignment,
    run: Run,
    case: Case,
    *,
    without: Collection[str] = (),
    seconds: float = SECONDS,
    memory_mb: int = MEMORY_MB,
) -> dict[str, CheckResult]:
    """Every check's result by grade id, in the notebook's order.

    Args:
        without: checks to leave out.
        seconds: wall clock for all checks together.
        memory_mb: memory beyond what the imports need.

    Raises:
        CheckFailed: a check raised, or gave points it does not have.
        CheckExhausted: it hung or ate memory; the answers may have made it.
    """
    from worksample.grading import checkhost

    cells = [cell for cell in assignment.checks if cell.id not in without]
    if not cells:
        return {}
    request = checkhost.Request(
        assignment.folder, tuple(c.id for c in cells), run, case, seconds, memory_mb
    )
    found = checkhost.ask(request)
    return {cell.id: _sound(cell.id, found[cell.id], cell.points) for cell in cells}


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


def is_number(value: Any) -> bool:
    """A finite number that fits a float, and not a truth value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON knows integers of any length
        return False


def spherical_score(
    given: Mapping[str, float], truth: Mapping[str, float] | str, exponent: float = 3.0
) -> float:
    """How good a spread over exclusive outcomes is: 0 to 1, best in expectation when honest.

    The pseudo-spherical rule (I. J. Good, 1971): for the outcome i it gives
    ``p_i^(a-1) / (sum p^a)^((a-1)/a)``. Where ``truth`` is itself a distribution q, the
    expectation under q is divided by its largest value, ``(sum q^a)^(1/a)``.

    Args:
        given: outcome -> weight; only the weights' ratios matter. Weights that are not finite
            or below 0 count as 0.
        truth: the outcome that happened, or outcome -> probability.
        exponent: a, above 1; larger rewards sharpness more.
    """
    weights = {key: value for key, value in given.items() if is_number(value) and value > 0}
    shares = {truth: 1.0} if isinstance(truth, str) else dict(truth)
    if not weights:
        return 0.0
    top = max(weights.values())  # so that no power of a huge weight overflows
    weights = {key: value / top for key, value in weights.items()}
    norm = sum(value**exponent for value in weights.values()) ** ((exponent - 1) / exponent)
    expected = sum(q * weights.get(key, 0.0) ** (exponent - 1) for key, q in shares.items()) / norm
    return expected / sum(q**exponent for q in shares.values()) ** (1 / exponent)


def _sound(name: str, result: CheckResult, points: float) -> CheckResult:
    """The result, if it could be a result of a cell with that many points."""
    in_bounds = all(
        is_number(part.earned)
        and is_number(part.possible)
        and -1e-9 <= part.earned <= part.possible + 1e-9
        for part in result.parts
    )
    if not result.parts or not in_bounds or abs(result.possible - points) > 1e-6:
        raise CheckFailed(
            f"check_{name} gave {result.points:g} of {result.possible:g} points in "
            f"{len(result.parts)} parts; the cell has {points:g}",
            where="checks.py",
            do="mend the check, then grade again",
        )
    return result
