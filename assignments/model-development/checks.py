"""Checks of the model-development sample. What they read is of hostile origin.

Losses are against the *true probabilities* of the hidden rows, so no luck of the draw is in them.
The share of headroom is 0 for the stated naive pipeline and 1 for the best that is possible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from worksample.case import Case
from worksample.checks import NEARLY_ALL, CheckResult, Part, answer, calls, nothing, why_no_answer
from worksample.probe import CallResult
from worksample.run import Run

from worksample.kit.scoring import calibration_error, credit, interval_score, skill_score

from . import probe
from .judging.asking import alone, order
from .judging.predictions import (
    COVERAGE,
    answers_all,
    audit,
    called,
    compared,
    empty,
    error_of,
    estimate_of,
    expected_loss,
    findings,
    judged,
    nonsense,
    reproducible,
    same_as,
    telling,
    valid,
    weighed,
)
from .toolkit.names import LABEL

FULL_SHARE = {"junior": 0.55, "standard": 0.75, "senior": 0.80}
OTHERWISE_ISSUES = ("mixed_units", "outliers")
SKILL_SHARE = 0.45  # from here on a model's calibration and its estimate count in full
# mean change of a row's probability by what is written later, from none to one at which no point
# is left. Not a difference of losses: they may be equally bad with the leak and without. What
# changes by itself, from call to call, cannot be told from it
LEAK_NONE, LEAK_NOTHING = 0.002, 0.05
# interval score, nats, by its logarithm: who is off by 0.05 knows more than who is off by 0.1, and
# that more than who is off by 0.2. And width alone, from which nothing is left: else an interval as
# wide as all models differ would earn points without knowing anything
INTERVAL_FULL, INTERVAL_NOTHING, WIDTH_NOTHING = 0.10, 1.00, 0.30
CALIBRATION_FULL, CALIBRATION_NOTHING = 0.050, 0.120
GROUPS = 5  # of predicted probabilities, at each station
SPEED_FULL, SPEED_NOTHING = 0.80, 1.00
SLOWED = 1.5  # times its time outside: more than that no baseline in the candidate's process counts
MOST_TOLD = 2.0  # a longer time is told as this: a time is the candidate's to choose
TIMED_WORSE = 0.05  # share of headroom that the timed rows may fall behind the other ones


def check_audit(run: Run, case: Case) -> CheckResult:
    """F1 of the issues found, as pairs of issue and column."""
    given = findings(answer(run, "audit"))
    if given is None:
        why = why_no_answer(run, "audit")
        return nothing("Data audit", 10, f"{why} Did the cell of the check run without error?")
    known = case.truth()["audit"]
    true = {(issue, name) for issue, names in known.items() for name in names or [""]}
    return audit(given - _neither(case), true)


def _neither(case: Case) -> set[tuple[str, str]]:
    """Other words for what is there, neither right nor wrong.

    An impossible value, a unit's tag, an id whose levels are rare too, a column that a station's
    requests tell otherwise than the table does.
    """
    truth = case.truth()
    return {
        ("outliers", truth["sentinel"]["column"]),
        ("mixed_units", truth["units"]["tag"]),
        ("rare_categories", truth["id"]),
        *((issue, name) for name in truth["sent_otherwise"] for issue in OTHERWISE_ISSUES),
        ("written_after_outcome", LABEL),
    }


def check_performance(run: Run, case: Case) -> CheckResult:
    """Share of the headroom on hidden later rows; at senior level also the time."""
    senior = case.level == "senior"
    possible = 20 if senior else 30
    probabilities, why = _probabilities(run)
    full = FULL_SHARE[case.level]
    if probabilities is None:
        part = Part("Log loss on later weeks", 0, possible, why)
        return CheckResult((part, *([_no_speed(why)] if senior else [])))
    share = _share(case, probabilities)
    # the losses themselves stay hidden: the estimate of a revision is judged on the same rows
    won = f"{share:.0%}" if share >= 0.005 else "nothing"
    message = (
        f"On the later weeks you win {won} of what there is to win between the "
        f"baseline and the best that is possible (full points from {full:.0%})."
    )
    if share < 0:
        message += " The baseline does better."
    earned = possible * min(1.0, max(0.0, share / full))
    part = Part("Log loss on later weeks", earned, possible, message)
    details = {"share": round(share, 3)}
    if not senior:
        return CheckResult((part,), details, {"share": share})
    speed, private = _speed(run, case, share)
    return CheckResult((part, speed), details, {"share": share, **private})


def _speed(run: Run, case: Case, share: float) -> tuple[Part, dict[str, float]]:
    """Time of ``predict`` as a ratio to the baseline's, the shortest of several turns each."""
    inside, outside = _baseline_seconds(run)
    answers = calls(run, "time_predict")
    theirs = [result.seconds for result in answers if result.ok]
    if min(len(inside), len(theirs)) < 3:
        return _no_speed("Too few of the timed calls were answered."), {}
    counted = min(min(inside), SLOWED * min(outside))
    ratio = min(theirs) / counted
    timed = _timed_share(answers, case)
    private = {"ratio": ratio, "slowed": min(inside) / min(outside), "timed_share": timed}
    told = (
        f"predict takes {min(ratio, MOST_TOLD):.0%} of the baseline's time "
        f"(full points from {SPEED_FULL:.0%})."
    )
    if counted < min(inside):
        told += (
            " The baseline took longer in your notebook's process than outside of it; "
            f"{SLOWED:g} times as long is what counts."
        )
    if share < 0 or timed < 0:
        return _no_speed(f"{told} It counts only at no worse loss, on the timed rows too."), private
    if timed < share - TIMED_WORSE:
        return _no_speed(f"{told} The rows that were timed got worse answers than others."), private
    kept = credit(ratio, SPEED_NOTHING, SPEED_FULL)
    earned = 10 * kept * _skill(share)
    return Part("Speed", earned, 10, told, missing=_skill_note(share)), private


def _baseline_seconds(run: Run) -> tuple[list[float], list[float]]:
    """Seconds of the baseline in the candidate's process, and of the one outside."""
    inside, outside = [], []
    for name in [name for name in run.calls if name.startswith(probe.TIME_BASELINE)]:
        inside += [result.seconds for result in calls(run, name) if result.ok]
        outside.append(float(name.removeprefix(probe.TIME_BASELINE)))
    return inside, outside


def _timed_share(answers: Sequence[CallResult], case: Case) -> float:
    """Share of headroom on the timed rows, the worst call; one without an answer is left out."""
    hidden = probe.later_truth(case)
    shares = []
    for number, result in enumerate(answers):
        given = valid(result)
        if given is None:
            continue
        rows = hidden.iloc[probe.timed_places(case, len(hidden), number)]
        truth = rows["probability"].to_numpy(float)
        naive, best, own = (
            expected_loss(truth, p) for p in (rows["baseline"].to_numpy(float), truth, given)
        )
        shares.append(skill_score(own, naive, best))
    return min(shares, default=-1.0)


def _no_speed(why: str) -> Part:
    return Part("Speed", 0, 10, why)


def check_leak(run: Run, case: Case) -> CheckResult:
    """Does the score hang on what is written only afterwards?"""
    served, why = _probabilities(run)
    written, why_not = _probabilities(run, "written")
    if served is None or written is None:
        return nothing("What is known only afterwards", 10, why or why_not)
    share = _share(case, served)
    hangs = float(np.abs(np.asarray(served) - np.asarray(written)).mean())
    kept = credit(hangs, LEAK_NOTHING, LEAK_NONE)
    judged = "change"
    if kept >= NEARLY_ALL:
        judged = "do not change" if kept == 1 else "hardly change"
    message = (
        f"Your probabilities {judged} between rows as they are at serving time and the same rows "
        "with everything that is written about them later."
    )
    earned = 10 * kept * _skill(share)
    part = Part("What is known only afterwards", earned, 10, message, missing=_skill_note(share))
    return CheckResult((part,), {"kept": round(kept, 2)}, {"share": share, "hangs": hangs})


def check_calibration(run: Run, case: Case) -> CheckResult:
    """Root mean square over five groups at each station of mean probability against mean truth."""
    probabilities, why = _probabilities(run)
    if probabilities is None:
        return nothing("Calibration", 10, why)
    error = _calibration_error(case, probabilities)
    share = _share(case, probabilities)
    kept = credit(error, CALIBRATION_NOTHING, CALIBRATION_FULL)
    message = (
        f"Over {GROUPS} groups of later flights at each station your probabilities are off by "
        f"{error:.3f} from what happens (full points up to {CALIBRATION_FULL:.3f})."
    )
    earned = 10 * kept * _skill(share)
    part = Part("Calibration", earned, 10, message, missing=_skill_note(share))
    return CheckResult((part,), {"error": round(error, 4)})


def _calibration_error(case: Case, probabilities: np.ndarray) -> float:
    """Root mean square over the groups of all stations: one must not make up for another."""
    stations, truth = probe.later(case)["station"].to_numpy(), _truth(case)
    errors = [
        calibration_error(probabilities[here], truth[here], GROUPS)
        for here in (stations == station for station in np.unique(stations))
    ]
    return float(np.sqrt(np.mean(np.square(errors))))


def check_estimate(run: Run, case: Case) -> CheckResult:
    """Interval score of the candidate's own estimate of the loss on the later weeks."""
    estimate = estimate_of(answer(run, "estimate"))
    if estimate is None:
        why = why_no_answer(run, "estimate")
        return nothing("Honest estimate", 20, f"{why} Wanted: low, log_loss and high as numbers.")
    probabilities, why = _probabilities(run)
    if probabilities is None:
        return nothing("Honest estimate", 20, why)
    low, middle, high = estimate
    actual, share = _loss(case, probabilities), _share(case, probabilities)
    score = interval_score(low, high, actual, COVERAGE)
    kept = min(
        credit(math.log(max(score, 1e-9)), math.log(INTERVAL_NOTHING), math.log(INTERVAL_FULL)),
        credit(high - low, WIDTH_NOTHING, INTERVAL_FULL),
    )
    fell, missing = judged(low, high, actual, INTERVAL_FULL)
    message = f"You said {low:.3f} to {high:.3f}; what came of it lies {fell}."
    truth = case.truth()
    if middle < truth["oracle_loss"] - 3 * truth["oracle_se"]:
        kept, missing = 0.0, ""
        message = (
            "What you claim is better than any model can be on these flights: something in the "
            "table told the outcome, or the validation saw its own training rows."
        )
    private = {"interval_score": score, "off": middle - actual, "actual": actual}
    details = {"low": low, "estimate": middle, "high": high, "fell": fell}
    part = Part(
        "Honest estimate",
        20 * kept * _skill(share),
        20,
        message,
        right="That is near enough to plan with.",
        missing=" ".join(filter(None, (missing, _skill_note(share)))),
    )
    return CheckResult((part,), details, private)


def check_robustness(run: Run, case: Case) -> CheckResult:
    """A probability for every row or a clear error; the same row the same answer."""
    base, why = _probabilities(run)
    if base is None:
        return nothing("Robustness", 15, why)
    some = base[: probe.SOME]
    parts = (
        answers_all(run, "unseen", "Categories never seen", 2),
        answers_all(run, "missing", "Missing values", 2),
        same_as(run, "columns", "Columns in another order, one more column", 2, some),
        empty(run),
        same_as(run, "dtypes", "The same values as text or as another type", 2, some),
        nonsense(run),
        same_as(run, "units", "The same rows in the other unit", 2, some),
        _sentinel(run),
        _id(run, case, base),
    )
    details = {"shapes": sum(part.earned >= part.possible for part in parts)}
    return weighed(CheckResult(parts, details), telling(base, _truth(case)))


def _sentinel(run: Run) -> Part:
    title = "A value that stands for 'unknown' is as missing"
    results = calls(run, "sentinel")
    given = [valid(result) for result in results]
    if len(given) != 2 or any(each is None for each in given):
        return Part(
            title, 0, 2, error_of(next((r for r in results if not r.ok), None), "No answer.")
        )
    return compared(title, 2, given[0], given[1])


def _id(run: Run, case: Case, base: np.ndarray) -> Part:
    title = "A column that says nothing is dealt out anew"
    given, why = called(run, "id")
    if given is None:
        return Part(title, 0, 1, why)
    lost = _share(case, base) - _share(case, given)
    kept = 1.0 if lost <= 0.005 else 0.0
    message = "Your score stays the same." if kept else "Your score hangs on it."
    return Part(title, kept, 1, message)


def check_reproducible(run: Run, case: Case) -> CheckResult:
    """The same rows, asked in processes of their own, in another order, one alone."""
    base, why = _probabilities(run)
    if base is None:
        return nothing("The same twice", 5, why)
    some = base[: probe.SOME]
    same = reproducible(run, some, order(case, len(some)), alone(case, len(some)))
    return weighed(same, telling(base, _truth(case)))


# -- what came back -----------------------------------------------------------------------------


def _probabilities(run: Run, name: str = "later") -> tuple[np.ndarray | None, str]:
    """The candidate's probabilities for the hidden rows, or why there are none."""
    return called(run, name)


def _truth(case: Case) -> np.ndarray:
    return probe.later_truth(case)["probability"].to_numpy(float)


def _loss(case: Case, probabilities: np.ndarray) -> float:
    """Expected log loss on the hidden rows under the true probabilities, nats."""
    return expected_loss(_truth(case), probabilities)


def _share(case: Case, probabilities: np.ndarray) -> float:
    """Share of headroom; to four places, because the baseline itself is fitted no nearer."""
    truth = case.truth()
    loss = _loss(case, probabilities)
    return round(skill_score(loss, truth["naive_loss"], truth["oracle_loss"]), 4)


def _skill(share: float) -> float:
    """A model that says nothing is easily right about itself: below this, points in proportion."""
    return min(1.0, max(0.0, share / SKILL_SHARE))


def _skill_note(share: float) -> str:
    if share >= SKILL_SHARE:
        return ""
    return f"It counts in full once a model wins {SKILL_SHARE:.0%} of what there is to win."
