"""Judging what a candidate's answers and ``predict`` gave. All of it is of hostile origin.

Nothing here knows a case: checks.py does, and so do the checks of a company's own table
(``bring.py`` takes this file along).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from worksample.checks import NEARLY_ALL, CheckResult, Part, call, calls, is_number
from worksample.run import Run

from worksample.kit.scoring import credit, log_loss, precision_recall_f1

from ..toolkit.names import ISSUES, WHOLE_TABLE

TELLS_NOTHING, TELLS_ENOUGH = 0.05, 0.15  # correlation

COVERAGE = 0.80  # of the interval that is asked for
SAME = 1e-6
CLOSE, FAR = 0.01, 0.06  # mean difference of probabilities that should be the same
Finding = tuple[str, str]


def audit(given: set[Finding], true: Collection[Finding]) -> CheckResult:
    """F1 of the issues found, as pairs of issue and column; 10 points."""
    hits = len(given & set(true))
    precision, recall, f1 = precision_recall_f1(hits, len(given), len(true))
    message = (
        f"{hits} of your {len(given)} findings are in the table, and they are {recall:.0%} of "
        "what there is to find."
    )
    details = {"precision": round(precision, 2), "recall": round(recall, 2), "found": hits}
    part = Part("Data audit", 10 * f1, 10, message)
    return CheckResult((part,), details, {"given": sorted(given), "true": sorted(true)})


def findings(value: Any) -> set[Finding] | None:
    """Pairs of issue and column ("" for the whole table); None if the form is not one."""
    if not isinstance(value, dict):
        return None
    found = set()
    for issue, named in value.items():
        if issue not in ISSUES:
            continue
        if issue in WHOLE_TABLE:
            found |= {(issue, "")} if named is True else set()
        elif isinstance(named, list):
            found |= {(issue, name) for name in named[:50] if isinstance(name, str)}
    return found


def estimate_of(value: Any) -> tuple[float, float, float] | None:
    """Low, middle, high; None if the form is not one."""
    if not isinstance(value, dict) or not all(
        is_number(value.get(key)) for key in ("low", "log_loss", "high")
    ):
        return None
    low, middle, high = (float(value[key]) for key in ("low", "log_loss", "high"))
    return (low, middle, high) if 0 <= low <= middle <= high <= 100 else None


def judged(low: float, high: float, actual: float, wide: float) -> tuple[str, str]:
    """Where the actual loss fell, and what is missing, in words.

    Not by how much: the number would be the answer of a revision.

    Args:
        wide: an interval wider than this is wider than it needs to be.
    """
    miss = max(low - actual, actual - high)
    far = "far" if miss > max(high - low, 0.02) else "somewhat"
    if actual > high:
        return f"{far} above", f"Your model does {far} worse than you claimed."
    if actual < low:
        return f"{far} below", f"Your model does {far} better than you claimed."
    if high - low > wide:
        return "inside", "The interval is wider than it needs to be."
    return "inside", ""


def answers_all(run: Run, name: str, title: str, points: float) -> Part:
    """All points for a probability for every row."""
    given, why = called(run, name)
    if given is None:
        return Part(title, 0, points, why)
    return Part(title, points, points, "A probability for every row.")


def same_as(run: Run, name: str, title: str, points: float, expected: np.ndarray) -> Part:
    """Points by how near the answers are to ``expected``."""
    given, why = called(run, name)
    if given is None:
        return Part(title, 0, points, why)
    return compared(title, points, given, expected)


def compared(title: str, points: float, given: np.ndarray, expected: np.ndarray) -> Part:
    """Points by the mean difference of what should be the same."""
    off = float(np.abs(given - expected).mean())
    kept = credit(off, FAR, CLOSE)
    # not by how much: the candidate's code has seen the rows, and could choose every digit
    differ = "hardly differ" if kept >= NEARLY_ALL else "differ somewhat" if kept else "differ much"
    message = f"Probabilities meant to be the same {differ} on average."
    return Part(title, points * kept, points, message)


def empty(run: Run) -> Part:
    """A point for an empty answer to an empty table."""
    title = "An empty table"
    result = call(run, "empty")
    if result is not None and result.ok and len(np.asarray(result.value)) == 0:
        return Part(title, 1, 1, "No rows, no probabilities, no error.")
    return Part(title, 0, 1, error_of(result, "An empty table should give an empty answer."))


def nonsense(run: Run) -> Part:
    """Text where a number belongs: a probability, or an error that says so; a point."""
    title = "Text that is no number"
    given, why = called(run, "nonsense")
    if given is not None:
        return Part(title, 1, 1, "A probability for every row.")
    if "ValueError" in why or "TypeError" in why:
        return Part(title, 1, 1, f"A clear error: {why}")
    return Part(title, 0, 1, f"{why} A ValueError or TypeError would be a clear error.")


def equal(given: np.ndarray | None, expected: np.ndarray) -> bool:
    """Are the probabilities those expected, but for rounding?"""
    return given is not None and bool(np.abs(given - expected).max() <= SAME)


def yes(title: str, points: float, good: bool, what: str) -> Part:
    """All points or none."""
    told = f"A row {'gets' if good else 'should get'} the same probability {what}."
    return Part(title, points if good else 0, points, told)


def reproducible(run: Run, some: np.ndarray, order: np.ndarray, alone: int) -> CheckResult:
    """The same rows, asked in processes of their own, in another order, one alone; 5 points.

    Args:
        some: what ``predict`` said of the first rows, among all the others, (n,).
        order: places of these rows in the other order, (n,).
        alone: place of the row that was asked for alone.
    """
    again = [valid(result) for result in calls(run, "again")]
    twice = len(again) == 2 and all(equal(each, some) for each in again)
    reordered, _ = called(run, "reordered")
    single, _ = called(run, "single")
    parts = (
        yes("The same twice", 2, twice, "in two fresh processes"),
        yes("In another order", 2, equal(reordered, some[order]), "whatever the rows' order"),
        yes("A row alone", 1, equal(single, some[alone : alone + 1]), "whatever rows come with it"),
    )
    return CheckResult(parts)


def telling(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """How far probabilities tell the outcomes apart, from nothing, 0, to enough to matter, 1.

    By their correlation with what happened or with its true probability: that of a constant is
    nothing, and so, within chance, is that of numbers drawn without looking.
    """
    if np.ptp(probabilities) == 0 or np.ptp(truth) == 0:
        return 0.0
    return credit(float(np.corrcoef(probabilities, truth)[0, 1]), TELLS_NOTHING, TELLS_ENOUGH)


def weighed(result: CheckResult, tells: float) -> CheckResult:
    """The result, as far as the model tells outcomes apart (see :func:`telling`).

    A constant answers every kind of row, and always the same.
    """
    if tells >= 1:
        return result
    message = f"It counts as far as the probabilities tell one outcome from the other: {tells:.0%}."
    parts = (
        replace(part, earned=part.earned * tells, message=message) if part.earned else part
        for part in result.parts
    )
    return replace(result, parts=tuple(parts))


def called(run: Run, name: str) -> tuple[np.ndarray | None, str]:
    """Probabilities that the call ``name`` gave, or None and why there are none."""
    result = call(run, name)
    value = valid(result)
    if value is not None:
        return value, ""
    return None, error_of(result, "predict should give one number from 0 to 1 for every row.")


def valid(result: Any) -> np.ndarray | None:
    """One finite number from 0 to 1 for each row, (n,); None if that is not what came."""
    if result is None or not result.ok:
        return None
    value = np.asarray(result.value, dtype=float)
    if value.ndim != 1 or not len(value) or not np.isfinite(value).all():
        return None
    return value if value.min() >= 0 and value.max() <= 1 else None


def error_of(result: Any, otherwise: str) -> str:
    """Why a call gave nothing, in a sentence."""
    return f"{result.error}." if result is not None and result.error else otherwise


def expected_loss(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean log loss where ``truth`` is the probability (or the outcome) of each row, nats."""
    return float(log_loss(truth, probabilities).mean())
