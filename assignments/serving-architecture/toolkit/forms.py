"""What is wrong with an answer's form, in one sentence, or nothing. None knows what is right."""

from __future__ import annotations

from typing import Any

from worksample.workbook.design.asking import intervals_problem, is_number

from .moving import problem as way_problem
from .papers import load

FORECASTS = ("p99_ms", "cost_hour", "ceiling", "recovery_min")
CLAIMS = ("rto_min", "rpo_min")
__all__ = [
    "claim_problem",
    "design_problem",
    "forecast_problem",
    "limits_problem",
    "plain_design",
    "way_problem",
]


def design_problem(text: Any) -> str:
    """Can this design be run?"""
    return load().facts.read(text).complaint


def plain_design(text: str) -> dict[str, Any]:
    """The design as plain data, to be recorded.

    Raises:
        ValueError: it cannot be run.
    """
    read = load().facts.read(text)
    if read.design is None:
        raise ValueError(read.complaint)
    return read.design.plain()


def limits_problem(value: Any) -> str:
    """Are these two pairs of a component of today's design and a rate?"""
    read = load().facts.read(load().current)
    known = list(read.design.components) if read.design else []
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return 'two pairs, the first limit first, such as [("models", 10), ("features", 20)]'
    for pair in value:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            return f"a pair of a component and requests a second, not {str(pair)[:40]}"
        if pair[0] not in known:
            return f"{str(pair[0])[:40]!r} is no component of today's design ({', '.join(known)})"
        if not is_number(pair[1]) or pair[1] <= 0:
            return f"requests a second above 0, not {str(pair[1])[:40]}"
    return ""


def forecast_problem(value: Any, text: Any) -> str:
    """Are these four intervals and a component of the design?"""
    problem = intervals_problem(value, FORECASTS, ("bottleneck",))
    if problem:
        return problem
    read = load().facts.read(text)
    known = list(read.design.components) if read.design else []
    if value["bottleneck"] not in known:
        return f"bottleneck is a component of your design: {', '.join(known)}"
    return ""


def claim_problem(value: Any) -> str:
    """Are these two intervals in minutes?"""
    return intervals_problem(value, CLAIMS)
