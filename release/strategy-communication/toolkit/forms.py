"""Whether an answer has the right form; never whether it is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worksample.workbook.answers import as_recorded

from .costs import HOURS

UNITS = {
    "loss_avoided": "thousand euro", "false_alarms": "thousand euro",
    "detection": "days", "break_even": "months", "share_caught": "%", "hours": "hours a week",
}  # fmt: skip
QUANTITIES = tuple(UNITS)
CLASSES = ("supported", "overstated", "wrong")
WORDS = 350


def range_problem(given: Any) -> str:
    """What is wrong with a range; empty if nothing is."""
    given = as_recorded(given)
    if not isinstance(given, list | tuple) or len(given) != 2:
        return "a range is [low, high]"
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in given):
        return "low and high are numbers"
    return "" if 0 < given[0] <= given[1] else "low is above 0 and not above high"


def numbers_problem(given: Any) -> str:
    """What is wrong with the form of the six ranges."""
    given = as_recorded(given)
    if not isinstance(given, Mapping):
        return "NUMBERS is a dictionary"
    for name in QUANTITIES:
        if problem := range_problem(given.get(name)):
            return f"{name}: {problem}"
    return ""


def claims_problem(given: Any, known: Any) -> str:
    """What is wrong with the form of the claims' probabilities."""
    given = as_recorded(given)
    if not isinstance(given, Mapping) or set(given) != set(known):
        return f"CLAIMS has an entry for each of {', '.join(known)}"
    for name, spread in given.items():
        if not isinstance(spread, Mapping) or not set(spread) <= set(CLASSES):
            return f"{name}: a dictionary of {', '.join(CLASSES)}"
        if any(
            isinstance(p, bool) or not isinstance(p, int | float) or p < 0 for p in spread.values()
        ):
            return f"{name}: probabilities are numbers from 0 on"
        if abs(sum(spread.values()) - 1) > 0.01:
            return f"{name}: the probabilities add up to 1"
    return ""


def actions_problem(given: Any, known: Any, people: Any, measures: Any) -> str:
    """What is wrong with the form of the actions."""
    given = as_recorded(given)
    if not isinstance(given, Mapping) or set(given) != set(known):
        return f"ACTIONS has an entry for each of {', '.join(known)}"
    for name, one in given.items():
        if not isinstance(one, Mapping) or set(one) != {"who", "by", "what"}:
            return f"{name}: a dictionary with who, by and what"
        if one["who"] not in set(people):
            return f"{name}: who is one of {', '.join(people)}"
        if one["what"] not in set(measures):
            return f"{name}: what is one of {', '.join(measures)}"
        if isinstance(one["by"], bool) or one["by"] not in HOURS:
            return f"{name}: by is one of {', '.join(map(str, HOURS))} hours"
    return ""


def decision_problem(given: Any, options: Any, kinds: Any) -> str:
    """What is wrong with the form of the decision that is asked for."""
    given = as_recorded(given)
    if not isinstance(given, Mapping) or set(given) != {"ask", "options", "unseen"}:
        return "DECISION is a dictionary with ask, options and unseen"
    if given["ask"] not in set(options):
        return f"ask is one of {', '.join(options)}"
    built = [name for name in options if name != "wait"]
    if not isinstance(given["options"], Mapping) or set(given["options"]) != set(built):
        return f"options has an entry for each of {', '.join(built)}"
    for name, each in given["options"].items():
        if not isinstance(each, Mapping) or set(each) != {"saves", "costs"}:
            return f"{name}: a dictionary with saves and costs"
        for what, range_ in each.items():
            if problem := range_problem(range_):
                return f"{name}, {what}: {problem}"
    if not isinstance(given["unseen"], list) or not set(given["unseen"]) <= set(kinds):
        return f"unseen is a list of {', '.join(kinds)}"
    return ""
