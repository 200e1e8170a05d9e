"""What is wrong with an answer's form, in one sentence, or nothing. None knows what is right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from .names import ISSUES, WHOLE_TABLE


def audit_problem(value: Any, columns: Iterable[str]) -> str:
    """Is ``value`` a dictionary from issues to lists of columns (True or False for the table)?"""
    if not isinstance(value, Mapping):
        return "AUDIT should be a dictionary from issues to lists of columns"
    known = set(columns)
    for issue, found in value.items():
        if issue not in ISSUES:
            return f"{issue!r} is not one of the issues: {', '.join(ISSUES)}"
        if issue in WHOLE_TABLE:
            if not isinstance(found, bool):
                return f"{issue!r} is about the whole table: True or False"
        elif not isinstance(found, list) or any(not isinstance(name, str) for name in found):
            return f"{issue!r} needs a list of names of columns, which may be empty"
        elif unknown := [name for name in found if name not in known]:
            return f"{issue!r}: the table has no column {unknown[0]!r}"
    return ""


def estimate_problem(value: Any) -> str:
    """Is ``value`` ``{"log_loss": …, "low": …, "high": …}``, in that order of size?"""
    keys = ("low", "log_loss", "high")
    if not isinstance(value, Mapping) or set(value) != set(keys):
        return 'ESTIMATE should be {"log_loss": …, "low": …, "high": …}'
    for key in keys:
        number = value[key]
        if isinstance(number, bool) or not isinstance(number, Real) or not math.isfinite(number):
            return f"{key!r} should be a number (this is {number!r})"
    if not 0 <= value["low"] <= value["log_loss"] <= value["high"]:
        return "low, log_loss and high should be in that order, from 0 up"
    return ""


def probabilities_problem(value: Any, rows: int) -> str:
    """Is ``value`` one probability for each row?"""
    if value is None:
        return "predict returned nothing: has it a return?"
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return "predict should return numbers"
    if numbers.shape != (rows,):
        return f"one number for each of the {rows} rows, not the shape {numbers.shape}"
    if np.isnan(numbers).any():
        return f"{int(np.isnan(numbers).sum())} of the probabilities are missing"
    if rows and (numbers.min() < 0 or numbers.max() > 1):
        return "probabilities lie between 0 and 1"
    return ""
