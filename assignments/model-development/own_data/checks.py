"""Checks of a company's own table. What they read is of hostile origin.

The best that is possible is unknown here: a score is relative to a stated strong baseline. The
share is 0 for the stated naive pipeline and 1 for the strong one, on the hidden rows' outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from worksample.case import Case
from worksample.checks import CheckResult, Part, answer, nothing, why_no_answer
from worksample.run import Run

from worksample.kit.scoring import calibration_error, credit, interval_score, skill_score

from . import probe
from .judging.asking import alone, order
from .judging.predictions import (
    COVERAGE,
    answers_all,
    audit,
    called,
    empty,
    estimate_of,
    expected_loss,
    findings,
    judged,
    nonsense,
    reproducible,
    same_as,
    telling,
    weighed,
)
from .toolkit.names import WHOLE_TABLE

FULL_SHARE = 0.90  # what the strong baseline happens to win on these rows is no exact bound
SKILL_SHARE = 0.45  # from here on a model's calibration and its estimate count in full
INTERVAL_NOTHING = 0.22  # above the full one
CALIBRATION_FULL, CALIBRATION_NOTHING = 0.03, 0.08  # each above what luck alone gives


def check_audit(run: Run, case: Case) -> CheckResult:
    """F1 of the issues found; issues that the author left open count neither way."""
    given = findings(answer(run, "audit"))
    if given is None:
        why = why_no_answer(run, "audit")
        return nothing("Data audit", 10, f"{why} Did the cell of the check run without error?")
    known = {key: found for key, found in case.truth()["audit"].items() if found is not None}
    true = set(_pairs(known))
    judged_ones = {pair for pair in given if pair[0] in known}
    if not true:
        clean = "There was nothing to find, and you found nothing." if not judged_ones else ""
        part = Part("Data audit", 0 if judged_ones else 10, 10, clean or "Nothing of it is there.")
        return CheckResult((part,), {"precision": 0.0, "recall": 1.0, "found": 0})
    return audit(judged_ones, true)


def _pairs(audit: dict) -> Iterator[tuple[str, str]]:
    for issue, found in audit.items():
        if issue in WHOLE_TABLE:
            yield from [(issue, "")] if found else []
        else:
            yield from ((issue, name) for name in found)


def check_performance(run: Run, case: Case) -> CheckResult:
    """Share of what the stated strong baseline wins over the naive one."""
    probabilities, why = called(run, "later")
    if probabilities is None:
        return nothing("Log loss on the hidden rows", 40, why)
    share = _share(case, probabilities)
    # the losses themselves stay hidden: the estimate of a revision is judged on the same rows
    won = f"{share:.0%}" if share >= 0.005 else "nothing"
    message = (
        f"On the hidden rows you win {won} of what the stated strong baseline wins "
        f"over the naive one (full points from {FULL_SHARE:.0%})."
    )
    earned = 40 * min(1.0, max(0.0, share / FULL_SHARE))
    part = Part("Log loss on the hidden rows", earned, 40, message)
    return CheckResult((part,), {"share": round(share, 3)}, {"share": share})


def check_calibration(run: Run, case: Case) -> CheckResult:
    """Root mean square over ten groups of mean probability against outcomes, less luck's part."""
    probabilities, why = called(run, "later")
    if probabilities is None:
        return nothing("Calibration", 10, why)
    outcomes = probe.outcomes(case)
    error = calibration_error(probabilities, outcomes)
    p = np.clip(probabilities, 0.01, 0.99)
    luck = float(np.sqrt((p * (1 - p)).mean() * 10 / len(p)))
    kept = credit(error - luck, CALIBRATION_NOTHING, CALIBRATION_FULL)
    message = (
        f"Over ten groups of hidden rows your probabilities are off by {error:.3f} from what "
        f"happened (full points up to {CALIBRATION_FULL + luck:.3f})."
    )
    skill, note = _skill(_share(case, probabilities))
    earned = 10 * kept * skill
    part = Part("Calibration", earned, 10, message, missing=note)
    return CheckResult((part,), {"error": round(error, 4)})


def check_estimate(run: Run, case: Case) -> CheckResult:
    """Interval score of the candidate's own estimate of the loss on the hidden rows."""
    estimate = estimate_of(answer(run, "estimate"))
    if estimate is None:
        why = why_no_answer(run, "estimate")
        return nothing("Honest estimate", 20, f"{why} Wanted: low, log_loss and high as numbers.")
    probabilities, why = called(run, "later")
    if probabilities is None:
        return nothing("Honest estimate", 20, why)
    low, middle, high = estimate
    actual = expected_loss(probe.outcomes(case), probabilities)
    full = case.truth()["interval_full"]
    score = interval_score(low, high, actual, COVERAGE)
    kept = credit(score - full, INTERVAL_NOTHING, 0)
    fell, missing = judged(low, high, actual, full)
    message = f"You said {low:.3f} to {high:.3f}; what came of it lies {fell}."
    skill, note = _skill(_share(case, probabilities))
    private = {"interval_score": score, "off": middle - actual, "actual": actual}
    details = {"low": low, "estimate": middle, "high": high, "fell": fell}
    part = Part(
        "Honest estimate",
        20 * kept * skill,
        20,
        message,
        right="That is near enough to plan with.",
        missing=" ".join(filter(None, (missing, note))),
    )
    return CheckResult((part,), details, private)


def check_robustness(run: Run, case: Case) -> CheckResult:
    """A probability for every row or a clear error; the same row the same answer."""
    base, why = called(run, "later")
    if base is None:
        return nothing("Robustness", 15, why)
    some = base[: probe.SOME]
    parts = (
        answers_all(run, "unseen", "Categories never seen, a number far outside", 3),
        answers_all(run, "missing", "Missing values", 4),
        same_as(run, "columns", "Columns in another order, one more column", 3, some),
        empty(run),
        same_as(run, "dtypes", "The same values as text or as another type", 3, some),
        nonsense(run),
    )
    details = {"shapes": sum(part.earned >= part.possible for part in parts)}
    return weighed(CheckResult(parts, details), telling(base, probe.outcomes(case)))


def check_reproducible(run: Run, case: Case) -> CheckResult:
    """The same rows, asked in processes of their own, in another order, one alone."""
    base, why = called(run, "later")
    if base is None:
        return nothing("The same twice", 5, why)
    some = base[: probe.SOME]
    same = reproducible(run, some, order(case, len(some)), alone(case, len(some)))
    return weighed(same, telling(base, probe.outcomes(case)))


def _share(case: Case, probabilities: np.ndarray) -> float:
    truth = case.truth()
    loss = expected_loss(probe.outcomes(case), probabilities)
    return skill_score(loss, truth["naive_loss"], truth["strong_loss"])


def _skill(share: float) -> tuple[float, str]:
    """A model that says nothing is easily right about itself: below this, points in proportion."""
    kept = min(1.0, max(0.0, share / SKILL_SHARE))
    note = f"It counts in full once a model wins {SKILL_SHARE:.0%} of that." if kept < 1 else ""
    return kept, note
