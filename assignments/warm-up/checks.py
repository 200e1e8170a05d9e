"""Checks of the warm-up: a date, a spread, a function."""

from __future__ import annotations

import math

import numpy as np
from worksample.case import Case
from worksample.checks import CheckResult, Part
from worksample.run import Run

from .probe import later

RIGHT = "stuck_thermometer"


def check_first_day(run: Run, case: Case) -> CheckResult:
    """The day that it got stuck."""
    right = run.answers.get("first_day") == case.truth()["first_day"]
    message = "That is the day." if right else "That is not the day, or no day was recorded."
    return _one("First day", 40, right, message)


def check_guess(run: Run, case: Case) -> CheckResult:
    """The share of the points on the right explanation."""
    spread = run.answers.get("guess")
    numbers = list(spread.values()) if isinstance(spread, dict) else []
    fit = [x for x in numbers if isinstance(x, (int, float)) and math.isfinite(x) and x >= 0]
    if not numbers or len(fit) < len(numbers) or not sum(fit):
        return _one("Spread", 30, False, "No points were recorded, or some are not numbers.")
    share = spread.get(RIGHT, 0) / sum(fit)
    message = f"{share:.0%} of your points stand on the explanation that is right."
    return CheckResult((Part("Spread", 30 * share, 30, message),))


def check_unreliable(run: Run, case: Case) -> CheckResult:
    """The function on later readings."""
    results = run.calls.get("unreliable", ())
    if len(results) != 1 or not results[0].ok:
        why = results[0].error if results else "it was not called"
        return _one("Function", 30, False, f"unreliable(…) could not be used: {why}")
    given = np.asarray(results[0].value, dtype=bool)
    true = later(case)["stuck"].to_numpy(bool)
    share, none = float(np.mean(given == true)), float(np.mean(~true))
    message = f"On later readings your function is right for {share:.0%} of the rows."
    chance = "Half of them is what chance gives."
    earned, idle = (30 * max(0.0, 2 * each - 1) for each in (share, max(none, 1 - none)))
    return CheckResult((Part("Function", earned, 30, message, missing=chance, idle=idle),))


def _one(name: str, possible: float, right: bool, message: str) -> CheckResult:
    return CheckResult((Part(name, possible if right else 0.0, possible, message),))
