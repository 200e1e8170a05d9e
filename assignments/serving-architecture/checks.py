"""Checks of the serving architecture: designs and plans are run through what nobody was told.

Points for the forecast, the move and the disaster hang on :attr:`Judged.worth`: a design that does
nothing is no design to foresee, to move to or to insure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from worksample.case import Case
from worksample.checks import CheckResult, Part, is_number, nothing
from worksample.run import Run

from worksample.kit.scoring import credit, interval_score

from .judging import outcome
from .judging.outcome import (
    COLLAPSED,
    COVERAGE,
    FORECASTS,
    KEPT,
    NEVER,
    SOON,
    WEIGHTS,
    Judged,
)
from .toolkit import moving

EVENINGS = {
    "growth": "An ordinary evening",
    "pages": "More whole pages",
    "crowd": "A crowd",
    "zone": "A zone lost",
    "store": "A slow store",
    "release": "A bad release",
}
ALL = sum(WEIGHTS.values())  # points for the six evenings
FIRST, SECOND = 5.0, 3.0
NEAR, FAR = 0.05, 0.20  # of a limit's rate: full points, none
LITTLE_HARM, MUCH_HARM = 0.05, 0.12  # of what all at once without a rule spoils
LITTLE_LOST, MUCH_LOST = 0.02, 0.08  # share of the new system's requests
BESIDE, TOO_LONG = 50.0, 72.0  # hours that both systems run
HONEST = 0.10  # of a claim's number: the width that cannot be helped
IN_TIME = (
    "It counts if it is not taken back, is there within 72 hours, loses little on the way and does "
    "not pay for both systems long."
)
WEAK = "Points here hang on a design that does its work, and this one goes a small part of the way."


def _design(run: Run, case: Case) -> Judged | str:
    data = run.answers.get("design")
    if data is None:
        return "No design was recorded."
    try:
        text = json.dumps(data, sort_keys=True)
    except (TypeError, ValueError):
        return "The recorded design is no plain data."
    return _judged(text, json.dumps(case.truth(), sort_keys=True))


@lru_cache(maxsize=2)  # five checks ask about the same design
def _judged(design: str, truth: str) -> Judged | str:
    return outcome.load(json.loads(truth), json.loads(design))


def check_limits(run: Run, case: Case) -> CheckResult:
    """The first and the second limit of today's system: the right part at the right rate."""
    given = run.answers.get("limits")
    rows = given if isinstance(given, list) else []
    true = [(str(name), float(rate)) for name, rate in case.truth()["limits"]]
    parts = []
    for place, (title, possible) in enumerate((("First limit", FIRST), ("Second limit", SECOND))):
        row = rows[place] if place < len(rows) else None
        parts.append(_limit(title, possible, row, true[place]))
    return CheckResult(tuple(parts))


def _limit(title: str, possible: float, row: Any, true: tuple[str, float]) -> Part:
    if not isinstance(row, list) or len(row) != 2 or not is_number(row[1]) or row[1] <= 0:
        return nothing(title, possible, "No part with a rate was recorded.").parts[0]
    if row[0] != true[0]:
        message = "Another part was named than the one that is at its limit then."
        return Part(title, 0.0, possible, message)
    off = abs(math.log(float(row[1]) / true[1]))
    missing = "Full points within five percent of the rate, none beyond twenty."
    earned = possible * credit(off, FAR, NEAR)
    return Part(
        title, earned, possible, "The part that you named is the one.", "Its rate fits.", missing
    )


def check_tomorrow(run: Run, case: Case) -> CheckResult:
    """Six hidden evenings: money lost, against the best that a search found."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("Six evenings", ALL, judged)
    parts = tuple(_evening(name, share) for name, share in judged.shares.items())
    best = max(judged.shares, key=lambda name: judged.shares[name])
    least = min(judged.shares, key=lambda name: judged.shares[name])
    total = sum(part.earned for part in parts) / ALL
    details = {
        "share": round(total, 3),
        "best": EVENINGS[best].lower(),
        "least": EVENINGS[least].lower(),
    }
    return CheckResult(parts, details, {"shares": judged.shares})


def _evening(name: str, share: float) -> Part:
    message = f"By what it loses, your design earns {share:.0%} here."
    missing = "The rest is money: requests that were lost, machines, what is above budget."
    return Part(EVENINGS[name], WEIGHTS[name] * share, WEIGHTS[name], message, missing=missing)


def check_recovery(run: Run, case: Case) -> CheckResult:
    """Overload: what is kept up in a burst beyond every plan, and how soon all is well again."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("Recovery", 15, judged)
    minutes, kept = judged.recovery
    told = f"In its worst minutes {kept:.0%} as many were answered well as just before the burst."
    missing = "More requests than before, and fewer answers: what are the machines at work on then?"
    earned = 7 * credit(kept, COLLAPSED, KEPT) * judged.worth
    part = Part("In a burst", earned, 7, _held(told, judged.worth), missing=missing)
    parts = (
        part,
        _recovered("After a burst", 3, minutes["burst"], judged.worth),
        _recovered("After a slow store", 5, minutes["store"], judged.worth),
    )
    details = {"minutes": max(minutes.values()), "kept": round(min(kept, 9.0), 3)}
    return CheckResult(parts, details, {"minutes": minutes})


def _recovered(title: str, possible: float, minutes: float, worth: float) -> Part:
    after = f"{minutes:.0f} minutes" if minutes < NEVER else "not for a long time"
    message = f"Requests were answered well again {after} after it had ended."
    missing = "Full points within three minutes. What keeps the load up when its cause is gone?"
    earned = possible * credit(minutes, NEVER, SOON) * worth
    return Part(title, earned, possible, _held(message, worth), missing=missing)


def _held(message: str, worth: float) -> str:
    return message if worth >= 1 else f"{message} {WEAK}"


def check_way(run: Run, case: Case) -> CheckResult:
    """The move, hour by hour: a sound version gets through, two faulty ones are stopped."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("The way there", 15, judged)
    plan = run.answers.get("way")
    if plan is None or moving.problem(plan):
        return nothing("The way there", 15, "No plan was recorded that can be run.")
    way = moving.way_of(plan)
    made, lost = judged.good_move(way)
    through = credit(lost, MUCH_LOST, LITTLE_LOST) * credit(made.doubled, TOO_LONG, BESIDE)
    through *= float(made.done <= moving.HOURS and made.stopped < 0)
    told = "was taken back" if made.stopped >= 0 else f"had every request at hour {made.done:.0f}"
    if made.stopped < 0 and made.done > moving.HOURS:
        told = "never got every request"
    message = f"It {told}; {lost:.1%} of what the new system got was not answered well."
    message = _held(message, judged.worth)
    sound = Part("A sound version", 3 * through * judged.worth, 3, message, missing=IN_TIME)
    bad = judged.bad_moves(way)
    named = (("A faulty version", 3.0), ("A late fault", 9.0))
    parts = [
        _stopped(title, possible, move, harm, through > 0, judged.worth)
        for (title, possible), (move, harm) in zip(named, bad, strict=True)
    ]
    worst = max(harm for _, harm in bad)
    details = {"hours": min(made.done, 999.0), "harm": round(min(1.0, worst), 3)}
    return CheckResult((sound, *parts), details)


def _stopped(
    title: str, possible: float, move: moving.Move, harm: float, through: bool, worth: float
) -> Part:
    back = "was taken back" if move.stopped >= 0 else "was not taken back"
    message = f"It {back}, and spoiled {harm:.0%} of what it spoils if all requests get it at once."
    late = move.done > moving.HOURS
    missing = "Who gets how much of it, and when is it known?"
    if late:
        missing = "The mended one is not there in time."
    if not through:
        missing = "It counts only where a sound version gets through."
    share = credit(harm, MUCH_HARM, LITTLE_HARM) * through * (0.5 if late else 1)
    return Part(title, possible * share * worth, possible, _held(message, worth), missing=missing)


def check_forecast(run: Run, case: Case) -> CheckResult:
    """Four intervals and the bottleneck of the own design, tomorrow."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("Forecast", 15, judged)
    given = run.answers.get("forecast")
    given = given if isinstance(given, Mapping) else {}
    names = {
        "p99_ms": "Time of the slowest in a hundred", "cost_hour": "Cost of an hour",
        "ceiling": "Ceiling", "recovery_min": "Minutes after a burst",
    }  # fmt: skip
    parts = [_interval(judged, name, names[name], given.get(name)) for name in FORECASTS]
    said = given.get("bottleneck")
    right = isinstance(said, str) and said in judged.bottlenecks()
    message = "At its ceiling the part that you named is the first at its limit, or nearly."
    if not right:
        message = "At its ceiling another part is at its limit first."
    parts.append(Part("Bottleneck", 3.0 * right * judged.worth, 3, _held(message, judged.worth)))
    hit = sum(part.share > 0 for part in parts)
    return CheckResult(tuple(parts), {"hit": float(hit)})


def _interval(judged: Judged, name: str, title: str, row: Any) -> Part:
    if not _is_interval(row):
        return nothing(title, 3, "No interval was recorded.").parts[0]
    share = judged.forecast(name, float(row[0]), float(row[1]))
    true = judged.own_numbers[0][name]
    inside = "holds" if row[0] <= true <= row[1] else "does not hold"
    message = _held(f"Your interval {inside} what came.", judged.worth)
    missing = "An interval earns less the wider it is, and much less where it is missed."
    return Part(title, 3 * share * judged.worth, 3, message, missing=missing)


def _is_interval(row: Any) -> bool:
    pair = isinstance(row, list) and len(row) == 2 and all(map(is_number, row))
    return pair and row[0] <= row[1]


def check_disaster(run: Run, case: Case) -> CheckResult:
    """The region is gone: what is achieved, against what is required and what was claimed."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("Disaster", 10, judged)
    achieved = judged.disaster()
    if achieved is None:
        return nothing("Disaster", 10, "Nothing stands in another region.")
    needed, given = case.truth()["requirements"], run.answers.get("claim")
    given = given if isinstance(given, Mapping) else {}
    parts = []
    titles = ("Back again", "Data lost")
    for name, title, real in zip(("rto_min", "rpo_min"), titles, achieved, strict=True):
        kept = real <= needed[name]
        message = "That keeps what is required." if kept else "That does not keep what is required."
        parts.append(Part(title, 2.5 * kept * judged.worth, 2.5, _held(message, judged.worth)))
        parts.append(_claim(f"{title}: the claim", real, given.get(name), judged.worth))
    return CheckResult(tuple(parts))


def _claim(title: str, real: float, row: Any, worth: float) -> Part:
    if (
        not isinstance(row, list)
        or len(row) != 2
        or not all(map(is_number, row))
        or row[0] > row[1]
    ):
        return nothing(title, 2.5, "No interval was recorded.").parts[0]
    width = HONEST * real + 1
    score = interval_score(float(row[0]), float(row[1]), real, COVERAGE) / width
    inside = "holds" if row[0] <= real <= row[1] else "does not hold"
    message = f"Your interval {inside} what the drill comes to."
    missing = "What did the last drill take, and not what the data sheet says?"
    earned = 2.5 * credit(score, 6.0, 1.8) * worth
    return Part(title, earned, 2.5, _held(message, worth), missing=missing)
