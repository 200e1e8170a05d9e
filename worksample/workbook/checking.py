"""What is wrong with an answer's form, in one sentence, or nothing.

Used as ``problem = date_problem(ONSET); assert not problem, problem``. They look at form only:
type, range, length. None knows what the answer should be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from numbers import Real
from typing import Any

TOLERANCE = 0.5  # points (of 100): thirds don't add up exactly


def date_problem(value: Any, first: Any = None, last: Any = None) -> str:
    """Is ``value`` a date such as "2031-03-05", within the days given?"""
    if not isinstance(value, str):
        return f'write the date as text, such as "2031-03-05" (this is {type(value).__name__})'
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return f'write the date as "YYYY-MM-DD" (this is {value!r})'
    if first is not None and day.isoformat() < str(first)[:10]:
        return f"{value} lies before the first day of the log, {str(first)[:10]}"
    if last is not None and day.isoformat() > str(last)[:10]:
        return f"{value} lies after the last day of the log, {str(last)[:10]}"
    return ""


def spread_problem(value: Any, known: Iterable[str], total: float = 100) -> str:
    """Is ``value`` a dictionary from known names to points that add up to ``total``?"""
    problem = _numbers_problem(value, known)
    if problem:
        return problem
    given = sum(value.values())
    if abs(given - total) > TOLERANCE * total / 100:
        return f"the points should add up to {total:g}; these add up to {given:g}"
    return ""


def probabilities_problem(value: Any, known: Iterable[str]) -> str:
    """Is ``value`` a dictionary with a probability for every known name, at most 1 in all?"""
    known = list(known)
    problem = _numbers_problem(value, known)
    if problem:
        return problem
    missing = [name for name in known if name not in value]
    if missing:
        return f"give each a probability, 0 is one too; missing: {', '.join(missing)}"
    if sum(value.values()) > 1 + TOLERANCE / 100:
        return (
            f"together at most 1 (what is left is 'none of them'); these: {sum(value.values()):g}"
        )
    return ""


def _numbers_problem(value: Any, known: Iterable[str]) -> str:
    if not isinstance(value, Mapping):
        return f"this should be a dictionary such as {{name: number}}, not {type(value).__name__}"
    unknown = sorted(str(name) for name in value if name not in set(known))
    if unknown:
        return f"not in the list of names: {', '.join(unknown)}"
    for name, number in value.items():
        if isinstance(number, bool) or not isinstance(number, Real) or not math.isfinite(number):
            return f"{name!r} should be a number (this is {number!r})"
        if number < 0:
            return f"{name!r} should not be negative (this is {number!r})"
    return ""


def mask_problem(value: Any, rows: int) -> str:
    """Is ``value`` one True or False per row?"""
    if value is None:
        return "the function returned nothing: has it a return?"
    import numpy as np  # only a cell that checks a mask needs it, and graders' commands do not

    mask = np.asarray(value)
    if mask.shape != (rows,):
        return f"one True or False for each of the {rows} rows, not the shape {mask.shape}"
    if mask.dtype == bool:
        return ""
    if mask.dtype == object and all(isinstance(item, (bool, np.bool_)) for item in mask):
        return ""
    return f"True or False for each row, not {mask.dtype} (missing values count as neither)"


def text_problem(value: Any, least: int = 1, most: int = 400) -> str:
    """Is ``value`` text of a sensible length?"""
    if not isinstance(value, str):
        return f"write text in quotes (this is {type(value).__name__})"
    if not least <= len(value.strip()) <= most:
        return f"write {least} to {most} characters (these are {len(value.strip())})"
    return ""
