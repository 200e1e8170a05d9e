"""A plan as plain data, and what is wrong with its form. None knows what is right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worksample.workbook.answers import as_recorded

from .firm import EVENTS, HORIZONS, SPRINTS, Firm

KEYS = {"id", "owners", "coached", "from"}
PROMISES = (*HORIZONS, "audit")
WAYS = ("accept", "before", "signal")
MOST_OWNERS = 2


@dataclass(frozen=True)
class Plan:
    """A plan in places, for the scheduler.

    Attributes:
        order: initiatives, the most urgent first, (n,).
        owners: people of each, (n, 2); the number of people stands for nobody.
        coached: whether those who are to use it are coached, (n,).
        begin: sprint before which it does not begin, (n,).
    """

    order: np.ndarray
    owners: np.ndarray
    coached: np.ndarray
    begin: np.ndarray


def problem(work: Any, firm: Firm) -> str:
    """What is wrong with a list of work, or nothing."""
    work = as_recorded(work)
    if not isinstance(work, Sequence) or isinstance(work, str):
        return "the work is a list of initiatives, the most urgent first"
    if len(work) > len(firm.ids):
        return f"there are {len(firm.ids)} initiatives, and {len(work)} in the plan"
    seen: set[str] = set()
    for place, row in enumerate(work, 1):
        if wrong := _row_problem(row, firm, seen):
            return f"line {place} of the work: {wrong}"
        seen.add(row["id"])
    return ""


def _row_problem(row: Any, firm: Firm, seen: set[str]) -> str:
    if not isinstance(row, Mapping) or not {"id", "owners"} <= set(row) <= KEYS:
        return "a dictionary with id and owners, and coached and from if you like"
    if not isinstance(row["id"], str) or row["id"] not in firm.ids:
        return f"there is no initiative {str(row['id'])[:40]!r}"
    if row["id"] in seen:
        return f"{row['id']} is in the plan already"
    owners = row["owners"]
    known = isinstance(owners, (list, tuple)) and all(
        isinstance(each, str) and each in firm.people for each in owners
    )
    if not known or not 1 <= len(owners) <= MOST_OWNERS or len(set(owners)) < len(owners):
        return f"owners are one or two people of the team ({', '.join(firm.people)})"
    if not isinstance(row.get("coached", False), bool):
        return "coached is True or False"
    begin = row.get("from", 0)
    if isinstance(begin, bool) or not isinstance(begin, int) or not 0 <= begin < SPRINTS:
        return f"from is a sprint from 0 to {SPRINTS - 1}"
    return ""


def plan_of(work: Sequence[Mapping[str, Any]], firm: Firm) -> Plan:
    """A list of work without a problem, in places."""
    nobody = len(firm.people)
    owners = np.full((len(work), MOST_OWNERS), nobody)
    for place, row in enumerate(work):
        for slot, name in enumerate(row["owners"]):
            owners[place, slot] = firm.people.index(name)
    return Plan(
        np.array([firm.ids.index(row["id"]) for row in work], dtype=int),
        owners,
        np.array([row.get("coached", False) for row in work], dtype=bool),
        np.array([row.get("from", 0) for row in work], dtype=int),
    )


def promises_problem(value: Any, work: Any) -> str:
    """Are these milestones of the plan, each with the chance that it is kept?"""
    value = as_recorded(value)
    if not isinstance(value, Mapping) or set(value) != set(PROMISES):
        return f"a dictionary with the keys {', '.join(PROMISES)}"
    planned = {row["id"] for row in work}
    for name in PROMISES:
        row, wanted = value[name], {"chance"} if name == "audit" else {"done", "chance"}
        if not isinstance(row, Mapping) or set(row) != wanted:
            return f"{name}: a dictionary with {' and '.join(sorted(wanted))}"
        if not number(row["chance"]) or not 0 <= row["chance"] <= 1:
            return f"{name}: chance is a number from 0 to 1"
        if name == "audit":
            continue
        done = row["done"]
        if not isinstance(done, (list, tuple)) or not all(isinstance(x, str) for x in done):
            return f"{name}: done is a list of initiatives"
        if strange := [each for each in done if each not in planned]:
            return f"{name}: {strange[0][:40]!r} is not in your plan's work"
    return ""


def risks_problem(value: Any) -> str:
    """Is there a decision on each of the eight risks?"""
    value = as_recorded(value)
    if not isinstance(value, Mapping) or set(value) != set(EVENTS):
        return f"a dictionary with the keys {', '.join(EVENTS)}"
    for name in EVENTS:
        row = value[name]
        if not isinstance(row, Mapping) or row.get("do") not in WAYS or set(row) - {"do", "above"}:
            return f"{name}: a dictionary with do ({', '.join(WAYS)}), and above for a signal"
        if row["do"] == "signal" and not number(row.get("above")):
            return f"{name}: above is the value of the signal from which on you act"
    return ""


def number(value: Any) -> bool:
    """A finite number, and not a truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
