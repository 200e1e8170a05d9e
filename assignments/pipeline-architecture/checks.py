"""Checks of the pipeline architecture: designs are run through quarters that nobody was told of.

Points for numbers, failures, structure and the revision hang on :attr:`Judged.worth`: a design that
does nothing is no design to foresee or to revise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from worksample.case import Case
from worksample.checks import CheckResult, Part, is_number, nothing
from worksample.run import Run

from worksample.kit.scoring import credit
from worksample.workbook.design.quarter import ASPECTS

from .judging import outcome
from .judging.outcome import LITTLE_LEFT, MUCH_LEFT, Failure, Judged
from .toolkit.quarters import FAILURES, NUMBERS

QUARTERS = {
    "calm": "Growth and what is owed",
    "data": "Faults of data",
    "work": "Faults of the works",
}
TITLES = {
    "rows_day": "Million rows a day",
    "stored_tb": "Terabytes stored",
    "train_rows": "Rows of a training",
    "worst_age_h": "Oldest features",
    "cost_month": "Cost of a month",
    "schema": "Schema change",
    "doubled": "Rows twice",
    "value": "Bad value",
    "labels": "Flipped outcomes",
    "code": "Faulty code",
    "trainer": "Trainer lost",
}
QUESTIONS = {
    "masked": ("Masked before training", 3.0, "nothing reaches a training but through masking"),
    "gated": ("A gate before serving", 2.5, "no model serves that a gate has not let through"),
    "back": ("A way back", 2.0, "versions are kept on the only way to serving"),
    "traced": ("From an answer to its data", 2.5, "answer, model, code and data can be shown"),
}
WEAK = "Points here hang on a design that does its work, and this one goes a small part of the way."


def _design(run: Run, case: Case, name: str = "design") -> Judged | str:
    data = run.answers.get(name)
    if data is None:
        return "No design was recorded."
    try:
        text = json.dumps(data, sort_keys=True)
    except (TypeError, ValueError):
        return "The recorded design is no plain data."
    return _judged(text, json.dumps(case.truth(), sort_keys=True))


@lru_cache(maxsize=4)  # four checks ask about the same design
def _judged(design: str, truth: str) -> Judged | str:
    return outcome.load(json.loads(truth), json.loads(design))


def _held(message: str, worth: float) -> str:
    return message if worth >= 1 else f"{message} {WEAK}"


def check_quarter(run: Run, case: Case) -> CheckResult:
    """Three hidden quarters: money lost, against the best that a search found."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("The quarter", 45, judged)
    parts = tuple(_quarter(judged, name) for name in QUARTERS)
    shares, money = judged.shares, judged.told["data"].money
    besides = {name: value for name, value in money.items() if name != "platform"}
    most = max(besides, key=lambda name: besides[name])
    least = min(shares, key=lambda name: shares[name])
    details = {
        "share": round(sum(shares.values()) / 3, 3),
        "most": ASPECTS[most],
        "least": QUARTERS[least].lower(),
    }
    lost = {name: dict(each.money) for name, each in judged.told.items()}
    return CheckResult(parts, details, {"shares": shares, "money": lost})


def _quarter(judged: Judged, name: str) -> Part:
    share, money = judged.shares[name], judged.told[name].money
    besides = sum(money.values()) - money["platform"]
    part = besides / max(1e-9, sum(money.values()))
    message = f"By what it loses, your design earns {share:.0%} here; "
    message += f"{part:.0%} of its loss is not the platform."
    missing = (
        "The rest is money: the platform, what is owed and missed, answers that were not right."
    )
    return Part(QUARTERS[name], 15 * share, 15, message, missing=missing)


def check_numbers(run: Run, case: Case) -> CheckResult:
    """Five intervals for the own design, next quarter."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("Own numbers", 15, judged)
    given = run.answers.get("numbers")
    given = given if isinstance(given, Mapping) else {}
    parts = tuple(_number(judged, name, given.get(name)) for name in NUMBERS)
    return CheckResult(parts, {"hit": float(sum(part.share > 0 for part in parts))})


def _number(judged: Judged, name: str, row: Any) -> Part:
    if not _is_interval(row):
        return nothing(TITLES[name], 3, "No interval was recorded.").parts[0]
    share = judged.number(name, float(row[0]), float(row[1]))
    true = judged.own_numbers[0][name]
    inside = "holds" if row[0] <= true <= row[1] else "does not hold"
    message = _held(f"Your interval {inside} what came.", judged.worth)
    missing = "An interval earns less the wider it is, and much less where it is missed."
    return Part(TITLES[name], 3 * share * judged.worth, 3, message, missing=missing)


def _is_interval(row: Any) -> bool:
    pair = isinstance(row, list) and len(row) == 2 and all(map(is_number, row))
    return pair and row[0] <= row[1]


def check_failures(run: Run, case: Case) -> CheckResult:
    """For six failures: which part of the own design catches it, which one behind that, and what
    it costs then."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("Own failures", 20, judged)
    given = run.answers.get("failures")
    given = given if isinstance(given, Mapping) else {}
    rows = {kind: given[kind] for kind in FAILURES if _is_failure(given.get(kind))}
    told = judged.failures({kind: row[0] for kind, row in rows.items()})
    parts = tuple(_failure(judged, kind, told[kind], rows.get(kind)) for kind in FAILURES)
    hit = sum(part.share >= 0.75 for part in parts)
    return CheckResult(parts, {"hit": float(hit)})


def _is_failure(row: Any) -> bool:
    form = isinstance(row, list) and len(row) == 4 and all(isinstance(x, str) for x in row[:2])
    return form and _is_interval(row[2:])


def _failure(judged: Judged, kind: str, true: Failure, row: Any) -> Part:
    if row is None:
        return nothing(TITLES[kind], 20 / 6, "No two parts with an interval were recorded.").parts[
            0
        ]
    first, second = row[0] in true.first, row[1] in true.second
    told = "The part that you named catches it" if first else "Another one catches it, or none"
    if first:
        told += ", the second one behind it too" if second else "; behind it another one, or none"
    inside = "holds" if row[2] <= true.cost <= row[3] else "does not hold"
    message = _held(f"{told}. Your interval {inside} what it costs then.", judged.worth)
    missing = (
        "With the first guard out of order: who sees it next, how large must it be for that, and "
        "what is lost until then?"
    )
    share = first * (0.2 + second * (0.3 + 0.5 * true.credit(row[2], row[3])))
    possible = 20 / 6
    return Part(TITLES[kind], possible * share * judged.worth, possible, message, missing=missing)


def check_structure(run: Run, case: Case) -> CheckResult:
    """Four questions that the arrows answer."""
    judged = _design(run, case)
    if isinstance(judged, str):
        return nothing("Structure", 10, judged)
    parts = []
    for name, (title, possible, asked) in QUESTIONS.items():
        share = judged.structure[name]
        message = _held(f"Asked is whether {asked}; {share:.0%} of it is so.", judged.worth)
        parts.append(Part(title, possible * share * judged.worth, possible, message))
    yes = sum(share >= 1 for share in judged.structure.values())
    return CheckResult(tuple(parts), {"yes": float(yes)})


def check_change(run: Run, case: Case) -> CheckResult:
    """The revised design: whether it meets what was asked for half-way, and what it still does."""
    judged = _design(run, case, "revised")
    if isinstance(judged, str):
        return nothing("Change", 10, judged)
    left, ratio, kept = judged.revised
    mended = credit(left, MUCH_LEFT, LITTLE_LEFT)
    worth = credit(kept, 0.15, 0.5)
    message = f"Of what the best first design would miss, {min(1.0, left):.0%} is missed."
    first = Part("What was asked for", 6 * mended * worth, 6, _held(message, worth))
    message = f"By all that it loses the revised design earns {kept:.0%}."
    missing = "It counts as far as what was asked for is met: what did the revision cost elsewhere?"
    second = Part("What else it does", 4 * mended * kept, 4, message, missing=missing)
    return CheckResult((first, second), {"left": round(min(1.0, left), 3)}, {"ratio": ratio})
