"""What is wrong with the form of an answer about a design, in one sentence, or nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any


def intervals_problem(value: Any, names: Iterable[str], others: Iterable[str] = ()) -> str:
    """Is this a dictionary with an interval for each of the names, and with the other keys?"""
    names, wanted = list(names), [*names, *others]
    if not isinstance(value, Mapping) or set(value) != set(wanted):
        return f"a dictionary with the keys {', '.join(wanted)}"
    return next((told for name in names if (told := interval_problem(name, value[name]))), "")


def interval_problem(name: str, pair: Any) -> str:
    """Is this a pair (low, high) of numbers from 0 on?"""
    if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(map(is_number, pair)):
        return f"{name}: a pair (low, high) of numbers, not {str(pair)[:40]}"
    return "" if 0 <= pair[0] <= pair[1] else f"{name}: low is at least 0 and at most high"


def is_number(value: Any) -> bool:
    """A finite number, and not a truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
