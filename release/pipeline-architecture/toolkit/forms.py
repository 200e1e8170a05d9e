"""What is wrong with an answer's form, in one sentence, or nothing. None knows what is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worksample.workbook.design.asking import interval_problem, intervals_problem

from .papers import load
from .quarters import FAILURES, NOBODY, NUMBERS


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


def numbers_problem(value: Any) -> str:
    """Are these five intervals?"""
    return intervals_problem(value, NUMBERS)


def failures_problem(value: Any, text: Any) -> str:
    """Are there for each failure two components of the design, or nobody, and an interval?"""
    if not isinstance(value, Mapping) or set(value) != set(FAILURES):
        return f"a dictionary with the keys {', '.join(FAILURES)}"
    read = load().facts.read(text)
    known = [NOBODY, *(read.design.components if read.design else ())]
    for name in FAILURES:
        row = value[name]
        if not isinstance(row, (list, tuple)) or len(row) != 4:
            return f"{name}: four things (component, component, low, high), not {str(row)[:40]}"
        for said in row[:2]:
            if said not in known:
                return f"{name}: {str(said)[:40]!r} is none of {', '.join(known)}"
        if problem := interval_problem(name, list(row[2:])):
            return problem
    return ""
