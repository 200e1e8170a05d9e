"""Checks of the root-cause analysis. A spread or a set of probabilities is scored by a proper rule.

The rule is :func:`worksample.checks.spherical_score`: its expectation is highest when the points
are what one believes. Where the truth is itself shared out (two causes), it is the expectation
under the shares, divided by its maximum. It is never clipped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from worksample.case import Case
from worksample.checks import CheckResult, Part, is_number, nothing, spherical_score
from worksample.run import Run

from worksample.kit.scoring import beyond, credit, precision_recall_f1

from .hidden import causes
from .judging import remediation
from .probe import asked_rows, touched, windows_faulty
from .toolkit.hypotheses import HYPOTHESES, REMEDIES

FAMILY = {hypothesis.id: hypothesis.family for hypothesis in HYPOTHESES}
REMEDY_TYPES = tuple(REMEDIES)
NONE = "none of them"
UNLISTED = "what is not in the list"
KINDS = {cause.id: (cause.remedy_type, *cause.accepted) for cause in causes.ALL}
SHARES_APART = 0.3  # of the loss, from which on the larger of two causes is plain
F1_FULL, EFFECT_FULL, GUARD_FULL = 0.95, 0.90, 0.90
LEAST_SHARE = 0.005  # less than that is told as nothing
SHARES_FULL, SHARES_NOTHING = 0.10, 0.50  # total variation distance


LEADS = "That is where the evidence leads."
ELSEWHERE = "Too many stand where the evidence does not lead."
NOT_SCORED = (
    "The rows could not be scored again. Keep the column `row` and its numbers, keep the columns "
    "and their types, and name only versions that exist; replay(remediate) tries it."
)


class Unusable(Exception):
    """An answer that cannot be scored; its text is for the candidate."""


def check_onset(run: Run, case: Case) -> CheckResult:
    """The first day of the incident: full within a day, half within three.

    Of two causes it is the larger one's day. Where their shares are nearly the same, nobody can be
    sure which that is, and the other one's day earns the more the nearer they are.
    """
    try:
        day = _date(_answer(run, "onset"))
    except Unusable as problem:
        return nothing("First day", 10, str(problem))
    off = abs((day - _date(case.truth()["onset"])).days)
    earned = _for_days(off)
    said = {10.0: "within one day of it", 5.0: "two or three days away from it"}
    told = said.get(earned, "more than three days away from it")
    of_other = _onset_of_the_other(case, day)
    if of_other > earned:
        earned = of_other
        told = "the other cause's, whose share of the loss is not much smaller"
    message = f"You said {day}; that is {told}."
    part = Part("First day of the incident", earned, 10, message)
    return CheckResult((part,), {"onset": str(day)}, {"days_off": off})


def _for_days(off: int) -> float:
    """Points for a day that is so many days off."""
    return 10.0 if off <= 1 else 5.0 if off <= 3 else 0.0


def _onset_of_the_other(case: Case, day: date) -> float:
    """Points for the second cause's day; cases of before there were two onsets have none."""
    first, *others = case.truth()["causes"]
    points = [0.0]
    for cause in others:
        apart = float(first["share"]) - float(cause["share"])
        off = abs((day - _date(cause.get("onset", case.truth()["onset"]))).days)
        points.append(_for_days(off) * max(0.0, 1 - apart / SHARES_APART))
    return max(points)


def check_trace(run: Run, case: Case) -> CheckResult:
    """The last of the three spreads: 25 points for the hypothesis, 5 for its family.

    Either counts from what an even spread over the hypotheses offered scores.

    The family counts little because families differ in size: an even spread over all hypotheses
    puts 7 of 19 points in the largest one, which no proper rule can tell from a belief.
    """
    try:
        spread, notes = _spread(_last_spread(_answer(run, "trace")))
    except Unusable as problem:
        return nothing("Last spread", 30, str(problem))
    shares = _shares(case)
    families = _by_family(shares)
    even = _normalised(dict.fromkeys(offered(case), 1.0))
    of_causes = beyond(spherical_score(spread, shares), spherical_score(even, shares))
    of_families = beyond(
        spherical_score(_by_family(spread), families), spherical_score(_by_family(even), families)
    )
    top = _listed(max(spread, key=lambda name: spread[name]))
    family = FAMILY.get(top, UNLISTED)
    note = " ".join(["The score is highest for points as you believe them.", *notes])
    said = (f"Most of your points stand on {top}. {note}", LEADS, ELSEWHERE)
    told = (f"Added up by family, most stand on {family}.", LEADS, ELSEWHERE)
    parts = (
        Part("Hypothesis", 25 * of_causes, 25, *said),
        Part("Family", 5 * of_families, 5, *told),
    )
    details = {"top": top, "top_points": round(100 * max(spread.values()), 1)}
    return CheckResult(parts, details, {"spread": spread, "truth": shares})


def check_affected(run: Run, case: Case) -> CheckResult:
    """``affected(rows)`` on rows before and long after: F1 against those that were touched.

    It counts from the F1 of marking them all, or what the model's own answer parts them into.
    """
    try:
        given = np.asarray(_called(run, "affected"), dtype=bool)
    except Unusable as problem:
        return nothing("Affected rows", 15, str(problem))
    true = touched(case)
    if given.shape != true.shape:
        message = "Your function did not return one True or False for each row."
        return nothing("Affected rows", 15, message)
    hits = int((given & true).sum())
    precision, recall, f1 = precision_recall_f1(hits, given.sum(), true.sum())
    marked = f"{precision:.0%} of the rows you marked were affected, and you marked {recall:.0%} of"
    if not given.any():
        marked = "you marked no row, and so none of"
    message = (
        f"On other days: {marked} the affected ones (F1 {f1:.2f}; full points from {F1_FULL})."
    )
    right = "The rule holds on days that it had not seen."
    earned = 15 * beyond(f1, _idle_f1(case, true), F1_FULL)
    missing = "Sound rows that are marked and affected ones that are not both count against it."
    part = Part("Affected rows", earned, 15, message, right, missing)
    details = {"precision": round(precision, 3), "recall": round(recall, 3), "f1": round(f1, 3)}
    return CheckResult((part,), details)


def _idle_f1(case: Case, true: np.ndarray) -> float:
    """The best F1 of marks that take no look at what went wrong."""
    rows = asked_rows(case)
    flagged = rows["flagged"].to_numpy() == 1
    marks = (np.ones(len(rows), dtype=bool), flagged, ~flagged, rows["score"].to_numpy() >= 0.5)
    return max(precision_recall_f1((m & true).sum(), m.sum(), true.sum())[2] for m in marks)


def check_remedy_type(run: Run, case: Case) -> CheckResult:
    """The kind of remedy, as far as it follows from what is believed: some kinds are frequent.

    Belief counts from what an even spread has, and in full from half-way between that and all.
    """
    answer = run.answers.get("remedy_type")
    if answer not in REMEDY_TYPES:
        return nothing("Kind of remedy", 5, _missing(run, "remedy_type", "one of the seven kinds"))
    right = answer in _remedy_types(case)
    message = f"You chose {answer}, " + (
        "which undoes this cause." if right else "which does not undo this cause."
    )
    missing = (
        "It counts as far as your last spread stands on causes of that kind, beyond an even one."
    )
    missing = missing if right else ""
    earned = 5 * _follows(run, case, str(answer)) if right else 0.0
    part = Part("Kind of remedy", earned, 5, message, missing=missing)
    return CheckResult((part,), {"remedy_type": str(answer)})


def _follows(run: Run, case: Case, kind: str) -> float:
    """How far a right kind of remedy follows from the last spread, 0 to 1.

    What stands on causes that this kind undoes, or on the true ones: of two causes with different
    remedies either kind is right.
    """
    try:
        spread, _ = _spread(_last_spread(_answer(run, "trace")))
    except Unusable:
        return 0.0
    fitting = {name for name, kinds in KINDS.items() if kind in kinds} | set(_shares(case))
    names = offered(case)
    even = len(fitting & set(names)) / len(names)
    believed = sum(share for name, share in spread.items() if name in fitting)
    return beyond(believed, even, (1 + even) / 2)


def check_remedy_effect(run: Run, case: Case) -> CheckResult:
    """``remediate(rows)`` on later rows: its share of what the best possible remedy gains."""
    # what raises without the candidate's rows is our fault and not theirs, so it is not caught
    remediation.effect(case.public, case.private, None)
    try:
        effect = _effect(case, _called(run, "remediate"))
    except Unusable as problem:
        return nothing("Effect of the remedy", 15, str(problem))
    share = effect.share
    message, missing = _of_effect(effect)
    earned = 15 * min(1.0, share / EFFECT_FULL)
    part = Part("Effect of the remedy", earned, 15, message, missing=missing)
    private = {"share": share, "gain": effect.gain, "meddled": effect.meddled}
    return CheckResult((part,), {"share": round(share, 3)}, private)


def _of_effect(effect: remediation.Effect) -> tuple[str, str]:
    """What a remedy did, and what is missing."""
    if effect.refitted:
        told = "Your remedy fits the model again, which is not what this cause needs."
        return told, "As long as the fault stays, the next change of it undoes such a remedy."
    won = f"{effect.share:.0%}" if effect.share >= LEAST_SHARE else "nothing"
    harm = " It makes things worse." if effect.gain < -0.02 else ""
    message = (
        f"Replayed on later rows, your remedy wins back {won} of what the best possible "
        f"remedy wins back (full points from {EFFECT_FULL:.0%}).{harm}"
    )
    if effect.meddled >= LEAST_SHARE:
        return message, (
            f"It changes {effect.meddled:.0%} of the rows that nothing was wrong with, and that "
            "part of what it wins back does not count."
        )
    return message, "The rest of the loss is still there." if effect.share >= LEAST_SHARE else ""


def _effect(case: Case, returned: Any) -> remediation.Effect:
    """What the remedy brought, in finite numbers."""
    try:
        effect = remediation.effect(case.public, case.private, _with_flags(returned))
    except Exception:  # rows of any shape may come back, and the ones before were fine
        # never what the error says: it repeats what the candidate's code returned
        raise Unusable(NOT_SCORED) from None
    if not (math.isfinite(effect.share) and math.isfinite(effect.gain)):
        raise Unusable("After the remedy there is nothing left that could be measured.")
    return effect


def _with_flags(returned: pd.DataFrame) -> pd.DataFrame:
    """``rescore`` as booleans: a column of True and nothing comes back from the sandbox as text."""
    if "rescore" not in returned:
        return returned
    return returned.assign(rescore=returned["rescore"].isin([True, "True", "1", "1.0"]))


def check_changelog(run: Run, case: Case) -> CheckResult:
    """Which named entry of the change log set the incident off, as probabilities."""
    truth = {str(entry): float(x) for entry, x in case.truth()["changelog"].items()}
    try:
        given, notes = _probabilities(_answer(run, "changelog"), truth)
    except Unusable as problem:
        return nothing("Change log", 10, str(problem))
    if not any(truth.values()):
        truth[NONE] = 1.0
    top = max(given, key=lambda name: given[name])
    # not which one: an entry's id is no word of ours, and is not told
    most = f"“{NONE}”" if top == NONE else "one of the entries"
    message = " ".join([f"You gave most to {most} ({given[top]:.0%}).", *notes])
    even = _normalised(dict.fromkeys(truth | {NONE: 0.0}, 1.0))
    part = Part(
        "Change log",
        10 * beyond(spherical_score(given, truth), spherical_score(even, truth)),
        10,
        message,
        right="That fits what set the incident off.",
        missing="What set the incident off has too little of it.",
    )
    details = {"most": round(given[top], 3)}
    return CheckResult((part,), details, {"given": given, "truth": truth, "top": top})


def check_transfer(run: Run, case: Case) -> CheckResult:
    """``guard`` on windows it has not seen; at senior level also the causes' shares."""
    senior = case.level == "senior"
    guard, details = _guard(run, case, 7.5 if senior else 15)
    return CheckResult((guard, _check_shares(run, case)) if senior else (guard,), details)


def _guard(run: Run, case: Case, possible: float) -> tuple[Part, dict[str, float | str]]:
    faulty = windows_faulty(case)
    results = [run.calls.get(f"guard-{place}", ()) for place in range(len(faulty))]
    answered = [len(r) == 1 and r[0].ok and isinstance(r[0].value, (bool, int)) for r in results]
    if not any(answered):
        return nothing("Guard", possible, _why(results, "guard")).parts[0], {}
    alarms = np.array([bool(ok and r[0].value) for ok, r in zip(answered, results, strict=True)])
    # an unanswered window is the worse of the two: a missed fault or a false alarm
    alarms = np.where(answered, alarms, ~faulty)
    hits, false = float(alarms[faulty].mean()), float(alarms[~faulty].mean())
    message = (
        f"Your guard raised the alarm on {hits:.0%} of the faulty windows "
        f"and on {false:.0%} of the healthy ones."
    )
    missing = "Faulty windows without an alarm and healthy ones with one both count against it."
    if not all(answered):
        missing = f"Some windows got no answer. {missing}"
    earned = possible * min(1.0, max(0.0, hits - false) / GUARD_FULL)
    return Part("Guard", earned, possible, message, missing=missing), {
        "hits": round(hits, 3),
        "false": round(false, 3),
    }


def _check_shares(run: Run, case: Case) -> Part:
    try:
        given, notes = _spread(_answer(run, "shares"))
    except Unusable as problem:
        return nothing("Shares of the loss", 7.5, str(problem)).parts[0]
    truth = _shares(case)
    off = sum(abs(given.get(k, 0) - truth.get(k, 0)) for k in given.keys() | truth.keys()) / 2
    kept = credit(off, SHARES_NOTHING, SHARES_FULL)
    earned = 7.5 * kept
    way = "some way" if kept > 0 else "far"
    return Part(
        "Shares of the loss",
        earned,
        7.5,
        " ".join(["Your shares were held against what replaying the log gives.", *notes]),
        right="They are close to it.",
        missing=f"They are {way} from it.",
    )


def _normalised(values: Mapping[str, float]) -> dict[str, float]:
    total = sum(values.values())
    return {name: value / total for name, value in values.items()}


def _family(name: str) -> str:
    return FAMILY.get(name, name)


def _listed(name: str) -> str:
    return name if name in FAMILY else UNLISTED


def _by_family(values: Mapping[str, float]) -> dict[str, float]:
    added: dict[str, float] = {}
    for name, value in values.items():
        added[_family(name)] = added.get(_family(name), 0.0) + value
    return added


def offered(case: Case) -> list[str]:
    """The hypotheses that this case's notebook offers."""
    asked = json.loads((case.public / "questions.json").read_text("utf-8"))
    return asked.get("hypotheses") or list(FAMILY)


def _shares(case: Case) -> dict[str, float]:
    return {cause["id"]: float(cause["share"]) for cause in case.truth()["causes"]}


def _remedy_types(case: Case) -> Iterable[str]:
    return [str(kind) for kind in case.truth()["remedy_types"]]


def _last_spread(traces: Any) -> Any:
    last = traces[-1] if isinstance(traces, list) and traces else None
    if not isinstance(last, dict) or "spread" not in last:
        raise Unusable("There is no third spread.")
    return last["spread"]


def _spread(value: Any) -> tuple[dict[str, float], list[str]]:
    """Points by hypothesis as shares of one, and what had to be said about them."""
    if not isinstance(value, dict):
        raise Unusable("The points are not a dictionary from hypotheses to numbers.")
    points = {str(name): _number(number) for name, number in value.items()}
    points = {name: number for name, number in points.items() if number}
    if not points:
        raise Unusable("No points were given.")
    unknown = any(name not in FAMILY for name in points)
    notes = ["Points on names that are not in the list are lost."] if unknown else []
    if abs(sum(points.values()) - 100) > 0.5:
        notes.append("They did not add up to 100 and were scaled.")
    return _normalised(points), notes


def _probabilities(value: Any, truth: Mapping[str, float]) -> tuple[dict[str, float], list[str]]:
    """Probabilities of the named entries and of none of them, and what had to be said."""
    if not isinstance(value, dict):
        raise Unusable("The probabilities are not a dictionary from entries to numbers.")
    if not any(entry in value for entry in truth):
        raise Unusable("None of the five entries was given a probability.")
    given = {entry: _number(value.get(entry, 0)) for entry in truth}
    total = sum(given.values())
    notes = ["They added up to more than 1 and were scaled."] if total > 1.005 else []
    return _normalised({**given, NONE: max(0.0, 1 - total)}), notes


def _number(number: Any) -> float:
    if not is_number(number) or not 0 <= number <= 1e6:
        raise Unusable("One of the values is not a number from 0 up.")
    return float(number)


def _answer(run: Run, name: str) -> Any:
    if name not in run.answers:
        raise Unusable(_missing(run, name, "an answer"))
    return run.answers[name]


def _missing(run: Run, name: str, wanted: str) -> str:
    if name in run.refused:
        return f"The answer could not be read: {run.refused[name]}"
    return (
        f"No answer was recorded; wanted was {wanted}. Did the cell of the check run without error?"
    )


def _called(run: Run, name: str) -> Any:
    results = run.calls.get(name, ())
    if len(results) != 1 or not results[0].ok:
        raise Unusable(_why([results], name))
    return results[0].value


def _why(results: Sequence[Sequence[Any]], name: str) -> str:
    errors = [result.error for calls in results for result in calls if result.error]
    return f"{name}(…) could not be used: {errors[0] if errors else 'it was not defined'}"


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value[:10])
    except (TypeError, ValueError, KeyError):  # the last of a dictionary, from Python 3.12 on
        raise Unusable('The answer is not a date such as "2031-03-05".') from None
