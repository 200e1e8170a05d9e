"""Whose doing it was that a check ran out of its time or memory.

What answers may hold is bounded before a check sees them, by what was declared. Where one runs out
all the same, the rule is: the reference solution goes through the same checks, for the same case,
with the same limits. Where they run out with that too, the fault is ours, and there is no score.
Where they do not, and the candidate's answers exhaust the same check once more, it is these that
ask too much of it: the check gives nothing, the other checks what they find.
"""

from __future__ import annotations

from collections.abc import Callable

from worksample.assignments.case import Case
from worksample.assignments.model import Assignment, Cell
from worksample.errors import CheckExhausted
from worksample.grading import checking
from worksample.grading.checks import CheckResult, Part
from worksample.grading.run import Run

TOO_MUCH = (
    "What was handed over asks too much of this check: it ran out of its time or memory, twice, "
    "and did not with a reference solution. Hand over less: fewer values, shorter texts."
)


def results(
    assignment: Assignment, run: Run, case: Case, reference: Callable[[], Run | None]
) -> dict[str, CheckResult]:
    """Every check's result by grade id, in the notebook's order.

    Args:
        reference: runs a reference solution for the same case; None where there is none.

    Raises:
        CheckFailed: a check is at fault, or it cannot be told whose doing it was.
    """
    suspected: set[str] = set()
    given_up: dict[str, CheckResult] = {}
    while True:
        try:
            found = checking.run_checks(assignment, run, case, without=given_up)
        except CheckExhausted as error:
            if not suspected:
                _hold_with(assignment, case, reference(), error)
            elif error.check in suspected:
                given_up[error.check] = _nothing(assignment.cell(error.check))
            suspected.add(error.check)
            continue
        found |= given_up
        return {cell.id: found[cell.id] for cell in assignment.checks}


def _hold_with(
    assignment: Assignment, case: Case, reference: Run | None, error: CheckExhausted
) -> None:
    """Raises ``error`` where the checks run out with the reference too, or there is none."""
    if reference is None:
        raise error
    try:
        checking.run_checks(assignment, reference, case)
    except CheckExhausted:
        raise error from None


def _nothing(cell: Cell) -> CheckResult:
    return CheckResult((Part("answer", 0.0, cell.points, TOO_MUCH),), private={"exhausted": True})
