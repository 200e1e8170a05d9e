"""Run an assignment's checks, and see that what they say can be a result."""

from __future__ import annotations

from collections.abc import Collection

from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.errors import CheckFailed
from worksample.grading import checkhost
from worksample.grading.checks import CheckResult, is_number
from worksample.grading.run import Run

SECONDS = 120.0
MEMORY_MB = 2048


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
    cells = [cell for cell in assignment.checks if cell.id not in without]
    if not cells:
        return {}
    request = checkhost.Request(
        assignment.folder, tuple(c.id for c in cells), run, case, seconds, memory_mb
    )
    found = checkhost.ask(request)
    return {cell.id: _sound(cell.id, found[cell.id], cell.points) for cell in cells}


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
