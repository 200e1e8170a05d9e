"""Checks of the migration strategy: plans run through years, KPIs through logs.

Points for what is said about a plan hang on :attr:`Judged.worth`: a plan that does nothing is no
plan to be sure of, or to insure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import permutations
from typing import Any

from worksample.case import Case
from worksample.checks import CheckResult, Part, calls, is_number, nothing
from worksample.run import Run

from worksample.kit.scoring import beyond, credit

from .judging import kpis, outcome
from .judging.kpis import Behaviour
from .judging.outcome import (
    BROKEN,
    FULL_PASSED,
    FULL_VALUE,
    KEPT,
    LITTLE,
    MUCH,
    NEVER_PASSED,
    SURE,
    WRONG,
    Judged,
)
from .toolkit.firm import EVENTS, HORIZONS, PARTS, STAGES
from .toolkit.plans import promises_problem, risks_problem

NEAR, FAR = 0.03, 0.08  # off by, as a part of the number: all points, none
ALONE, MOST = 0.25, 0.75  # of the four numbers: what fits alone counts nothing, all count in full
SHARES_NEAR, SHARES_FAR = 0.04, 0.25  # sum of what the shares are off by
GUESSED = 0.4  # of it: no share was read, and the bottleneck was guessed
SAME = 0.01  # of the value: a stated baseline is the data's
MOVES, STILL = 2.0, 1.0  # spreads of calm years: all points, none
HONEST, GAMED = 0.25, 0.7  # of what good work moves: what dressing may, all points, none
TARGET = (0.25, 0.5, 1.15, 1.6)  # of the way that the own plan goes: none, all, all, none
FULL_RISKS = 0.7  # of what the best decisions avoid
WEAK = "Points here hang on a plan that does its work, and this one goes a small part of the way."
NUMBERS = {
    "lead_days": "Lead time",
    "failed": "Failures",
    "restore_hours": "Restoring",
    "per_month": "Frequency",
}


def _plan(run: Run, case: Case) -> Judged | str:
    work = run.answers.get("work")
    if work is None:
        return "No plan was recorded."
    try:
        text = json.dumps(work)
    except (TypeError, ValueError):
        return "The recorded plan is no plain data."
    return outcome.load_text(json.dumps(case.truth(), sort_keys=False), text)


# -- current state ---------------------------------------------------------------------------------


def check_current(run: Run, case: Case) -> CheckResult:
    """Where the firm stands, by the brief's definitions."""
    given = run.answers.get("state")
    given = given if isinstance(given, Mapping) else {}
    true = case.truth()["state"]
    shares = {name: _fits(given.get(name), true[name]) for name in NUMBERS}
    counts = credit(sum(x or 0.0 for x in shares.values()) / len(shares), ALONE, MOST)
    parts = [_number(title, shares[name], counts) for name, title in NUMBERS.items()]
    parts += _stages(given, true["shares"])
    hit = sum(part.share > 0.9 for part in parts[:4])
    return CheckResult(tuple(parts), {"hit": float(hit)})


def _stages(given: Mapping[str, Any], true: Mapping[str, float]) -> list[Part]:
    """The stages' shares; the bottleneck, where it is read from shares and not guessed."""
    shares = given.get("shares")
    shares = shares if isinstance(shares, Mapping) else {}
    off = 2.0
    if all(is_number(shares.get(stage)) for stage in STAGES):
        off = sum(abs(shares[stage] - true[stage]) for stage in STAGES)
    right = given.get("bottleneck") == max(true, key=lambda name: true[name])
    return [
        Part(
            "Shares of stages",
            4 * credit(off, SHARES_FAR, SHARES_NEAR),
            4,
            "The shares of the five stages were held against the logs.",
            right="They fit.",
            missing="Is every visit counted once, with its end, and all visits of a change?",
        ),
        Part(
            "Bottleneck",
            4.0 * (right and off < GUESSED),
            4,
            "The stage that you named was held against the days that changes spend in each; it "
            "counts if the shares are near.",
            right="It is the one with most.",
            missing="Where do the days of ten changes go, one by one?",
        ),
    ]


def _fits(value: Any, true: float) -> float | None:
    """0 to 1: how near a number is; None where it is none."""
    if not is_number(value) or value <= 0:
        return None
    return credit(abs(math.log(value / true)), FAR, NEAR)


def _number(title: str, share: float | None, counts: float) -> Part:
    if share is None:
        return nothing(title, 3, "No number above 0 was recorded.").parts[0]
    return Part(
        title,
        3 * share * counts,
        3,
        "The number was held against the logs, by the brief's definition. A single hit may be "
        "a guess; all count in full once three of the four are near.",
        right="It fits.",
        missing="Full points within three percent, none beyond eight. Which rows belong to it?",
    )


# -- the plan --------------------------------------------------------------------------------------


def check_value(run: Run, case: Case) -> CheckResult:
    """What the plan brings over five hundred years with events."""
    judged = _plan(run, case)
    if isinstance(judged, str):
        return nothing("Value", 30, judged)
    course = judged.course
    told = {month: float(course.up_to(month).mean()) for month in HORIZONS}
    message = (
        f"Over five hundred years with events the plan brought {told['3']:.0f} thousand euro up to "
        f"month 3, {told['6']:.0f} up to month 6 and {told['12']:.0f} in the year: "
        f"{max(judged.value, 0):.0%} of the way from a plan without thought to the best that "
        "a search found."
    )
    part = Part(
        "Value",
        30 * credit(judged.value, 0, FULL_VALUE),
        30,
        message,
        missing="What costs most today, what does most for it in a day of work, and what does that "
        "stand on?",
    )
    details = {
        "share": max(judged.value, 0.0),
        "early": told["3"],
        "half": told["6"],
        "year": told["12"],
    }
    return CheckResult((part,), details, {"value": judged.value})


def check_feasible(run: Run, case: Case) -> CheckResult:
    """Whether the audit and the milestones are met, and whether the planner knew how surely."""
    judged = _plan(run, case)
    if isinstance(judged, str):
        return nothing("Feasible", 20, judged)
    worth = judged.worth
    best = case.truth()["passed"] * FULL_PASSED
    message = f"The audit is passed in {judged.passed:.0%} of the years."
    parts = [
        Part(
            "Audit",
            8 * credit(judged.passed, NEVER_PASSED, best) * worth,
            8,
            _held(message, worth),
            missing="What does it want, what does that stand on, and what if it comes earlier?",
        )
    ]
    promises = run.answers.get("promises")
    if promises_problem(promises, judged.work):
        parts.append(nothing("Milestones", 6, "No milestones of this plan were recorded.").parts[0])
        parts.append(nothing("Stated chances", 6, "No chances were recorded.").parts[0])
        return CheckResult(tuple(parts), {"passed": judged.passed, "off": 1.0})
    held = {month: judged.milestone(month, list(promises[month]["done"])) for month in HORIZONS}
    weight = {month: credit(days, LITTLE, MUCH) * worth for month, (_, days) in held.items()}
    for month, (kept, days) in held.items():
        message = (
            f"It is kept in {kept:.0%} of the years; its work takes {days:.0%} of the days that "
            "the team has until then."
        )
        parts.append(
            Part(
                f"Milestone of month {month}",
                2 * credit(kept, BROKEN, KEPT) * weight[month],
                2,
                _held(message, worth),
                missing="A milestone is a large part of the work, and is kept in most years.",
            )
        )
    off = []
    for name in (*HORIZONS, "audit"):
        true = judged.passed if name == "audit" else held[name][0]
        counts = worth if name == "audit" else weight[name]
        title = "Chance of the audit" if name == "audit" else f"Chance of month {name}"
        off.append(abs(promises[name]["chance"] - true))
        message = "It was held against how often it came true, and counts as far as its promise."
        parts.append(
            Part(
                title,
                _chance(off[-1], counts),
                1.5,
                _held(message, worth),
                right="You knew.",
                missing="Rehearse with what past projects took and how sister firms' years went.",
            )
        )
    details = {"passed": judged.passed, "off": sum(off) / len(off)}
    return CheckResult(tuple(parts), details)


def _chance(off: float, counts: float) -> float:
    """By Brier's rule: what a stated chance loses against the true one is its square."""
    return 1.5 * credit(off**2, WRONG, SURE) * counts


def _held(message: str, worth: float) -> str:
    return message if worth >= 1 else f"{message} {WEAK}"


# -- KPIs ------------------------------------------------------------------------------------------


def check_kpis(run: Run, case: Case) -> CheckResult:
    """Three functions run on years: true of the data, moved by good work, and not by dressing."""
    given = run.answers.get("kpis")
    given = given if isinstance(given, Mapping) else {}
    behaved = {name: _behaviour(run, case, name, given.get(name)) for name in kpis.NAMES}
    if not any(behaved.values()):
        return nothing("KPIs", 15, "No function gave a number for every year.")
    judged = _plan(run, case)
    options = []
    for order in permutations(kpis.NAMES):
        rows = [
            _slot(way, title, given.get(name), behaved[name], judged, case)
            for name, (way, title) in zip(order, kpis.WAYS.items(), strict=True)
        ]
        options.append(rows)
    best = max(options, key=lambda rows: sum(part.earned for part in rows))
    full = sum(part.share > 0.9 for part in best)
    return CheckResult(tuple(best), {"whole": float(full)})


def _behaviour(run: Run, case: Case, name: str, row: Any) -> Behaviour | None:
    if not isinstance(row, Mapping) or row.get("good") not in ("down", "up"):
        return None
    if not is_number(row.get("baseline")) or not is_number(row.get("target")):
        return None
    got = calls(run, name)
    kinds = kpis.kinds(case)
    if len(got) != len(kinds):
        return None
    found = [
        (kind, one.value if one.ok and is_number(one.value) else None)
        for kind, one in zip(kinds, got, strict=True)
    ]
    return kpis.behaviour(found, row["good"] == "down")


def _slot(
    way: str, title: str, row: Any, seen: Behaviour | None, judged: Judged | str, case: Case
) -> Part:
    title = f"A KPI for {title}"
    if seen is None:
        return nothing(title, 5, "No function of yours gives a number for every year.").parts[0]
    same = abs(row["baseline"] - seen.own) <= SAME * max(abs(seen.own), 1e-9)
    moves = credit(seen.moves[way], STILL, MOVES)
    way_there = abs(seen.good[way] - seen.calm)
    dressed = max(seen.dressed.values()) / way_there if way_there else 9.0
    honest = credit(dressed, GAMED, HONEST)
    reach = _reached(way, row, seen, judged, case)
    earned = 5 * same * moves * honest * (0.7 + 0.3 * reach)
    said = [
        "the stated baseline is the data's" if same else "the stated baseline is not the data's",
        f"real improvement moves it by {max(seen.moves[way], 0):.1f} spreads of usual years",
        f"dressing moves it by {min(max(dressed, 0), 9):.0%} of that",
        "the target lies where your plan can go"
        if reach >= 1
        else "the target lies elsewhere than your plan goes",
    ]
    return Part(
        title,
        earned,
        5,
        f"Of your three this one does most here: {'; '.join(said)}.",
        missing="From which clock to which is it, of whom, and what moves it without any work?",
    )


def _reached(way: str, row: Any, seen: Behaviour, judged: Judged | str, case: Case) -> float:
    """0 to 1: whether the target lies on the way that the own plan goes until the year's end."""
    if isinstance(judged, str):
        return 0.0
    bottleneck = case.truth()["hidden"]["bottleneck"]
    if way == "wait":
        share = case.truth()["state"]["shares"][bottleneck]
        stages = [f"{stage} {part}" for stage in STAGES for part in PARTS]
        cut = judged.cut(stages) / share  # of all days, in terms of the bottleneck's
    else:
        cut = judged.cut(["failures"] if way == "fail" else ["restore"])
    goes = (seen.good[way] - seen.calm) / kpis.BETTER * cut
    part = (row["target"] - seen.own) / goes if goes else 9.0
    none, all_from, all_to, none_from = TARGET
    return credit(part, none, all_from) * credit(part, none_from, all_to)


# -- risks -----------------------------------------------------------------------------------------


def check_risks(run: Run, case: Case) -> CheckResult:
    """Eight decisions: what they save this plan over the years, their cost taken off."""
    judged = _plan(run, case)
    if isinstance(judged, str):
        return nothing("Risks", 15, judged)
    given = run.answers.get("risks")
    if risks_problem(given):
        return nothing("Risks", 15, "No decision on each of the eight risks was recorded.")
    net = {name: judged.decided(name, given[name]) for name in EVENTS}
    best = sum(judged.best_decision(name) for name in EVENTS)
    idle = max(0.0, sum(judged.decided(name, {"do": "before"}) for name in EVENTS))
    total = sum(net.values())
    earned = 15 * beyond(total, idle, FULL_RISKS * best) * judged.worth if best > 0 else 0.0
    message = (
        f"Over the years your decisions save {total:.1f} thousand euro a year, their cost taken "
        "off. It was held against taking all measures at once, and against the best decisions."
    )
    worst = min(EVENTS, key=lambda name: net[name] - judged.best_decision(name))
    part = Part(
        "Decisions",
        earned,
        15,
        _held(message, judged.worth),
        missing="How often did it happen to others, what would it cost your plan, and is it "
        "announced in time?",
    )
    return CheckResult(
        (part,), {"net": round(total, 1), "least": worst}, {"best": best, "idle": idle}
    )
