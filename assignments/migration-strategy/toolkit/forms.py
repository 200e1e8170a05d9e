"""What is wrong with an answer's form, in one sentence, or nothing. None knows what is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from worksample.workbook.answers import as_recorded

from . import plans
from .firm import STAGES
from .papers import load
from .plans import number, promises_problem, risks_problem

NUMBERS = ("lead_days", "failed", "restore_hours", "per_month")
KPIS = ("kpi_1", "kpi_2", "kpi_3")
__all__ = [
    "kpis_problem", "plan_problem", "promises_problem", "risks_problem", "state_problem",
    "try_kpis",
]  # fmt: skip


def state_problem(value: Any) -> str:
    """Four numbers, a share for each stage, and one of the stages?"""
    value = as_recorded(value)
    wanted = {*NUMBERS, "shares", "bottleneck"}
    if not isinstance(value, Mapping) or set(value) != wanted:
        return f"a dictionary with the keys {', '.join(sorted(wanted))}"
    for name in NUMBERS:
        if not number(value[name]) or value[name] < 0:
            return f"{name} is a number from 0 on, not {str(value[name])[:40]}"
    shares = value["shares"]
    if not isinstance(shares, Mapping) or set(shares) != set(STAGES):
        return f"shares: a dictionary with the keys {', '.join(STAGES)}"
    if not all(number(x) and 0 <= x <= 1 for x in shares.values()):
        return "shares are numbers from 0 to 1"
    if value["bottleneck"] not in STAGES:
        return f"bottleneck is one of {', '.join(STAGES)}"
    return ""


def plan_problem(work: Any) -> str:
    """Can this list of work be run?"""
    work = as_recorded(work)
    return plans.problem(work, load().firm) if work else "there is nothing in the plan yet"


def kpis_problem(value: Any) -> str:
    """Three KPIs with a direction, a baseline and a target?"""
    value = as_recorded(value)
    if not isinstance(value, Mapping) or set(value) != set(KPIS):
        return f"a dictionary with the keys {', '.join(KPIS)}"
    for name in KPIS:
        row = value[name]
        if not isinstance(row, Mapping) or set(row) != {"what", "good", "baseline", "target"}:
            return f"{name}: a dictionary with what, good, baseline and target"
        if not isinstance(row["what"], str) or not row["what"].strip():
            return f"{name}: what is a few words"
        if row["good"] not in ("down", "up"):
            return f'{name}: good is "down" or "up"'
        if not number(row["baseline"]) or not number(row["target"]):
            return f"{name}: baseline and target are numbers"
    return ""


def try_kpis(functions: Sequence[Callable[..., Any]]) -> None:
    """What the functions give on the firm's own year.

    Raises:
        AssertionError: one of them gives no number.
    """
    case = load()
    for each in functions:
        value = each(case.changes.copy(), case.incidents.copy())
        assert number(value) or hasattr(value, "item"), f"{each.__name__} gives no number"
        print(f"{each.__name__}: {value:.4g} today")
