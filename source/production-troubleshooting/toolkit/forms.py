"""Whether an answer has the right form; never whether it is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worksample.workbook.twin import plan_problem

from .asking import hypothesis_ids
from .case import load

NAMED_MOST = 4


def diagnosis_problem(given: Any) -> str:
    """What is wrong with the form of a diagnosis; empty if nothing is."""
    if not isinstance(given, list) or not 1 <= len(given) <= NAMED_MOST:
        return f"name one to {NAMED_MOST} issues, as a list"
    components = ("gateway", "cache", "workers", "features", "feature-file", "nightly-job")
    components += load().plant.replicas
    for number, each in enumerate(given, 1):
        if not isinstance(each, Mapping) or set(each) != {"mechanism", "component", "since"}:
            return f"issue {number}: a dictionary with mechanism, component and since"
        if each["mechanism"] not in hypothesis_ids():
            return f"issue {number}: mechanism is one of {', '.join(hypothesis_ids())}"
        if each["component"] not in components:
            return f"issue {number}: component is one of {', '.join(components)}"
        if isinstance(each["since"], bool) or not isinstance(each["since"], int | float):
            return f"issue {number}: since is a minute, below 0"
    return ""


def interval_problem(given: Any) -> str:
    """What is wrong with the form of an interval; empty if nothing is."""
    if not isinstance(given, list | tuple) or len(given) != 2:
        return "an interval is [low, high]"
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in given):
        return "low and high are numbers"
    return "" if given[0] <= given[1] else "low is above high"


def plan_form_problem(given: Any) -> str:
    """What is wrong with the form of a plan; empty if nothing is."""
    return plan_problem(given, load().plant)
