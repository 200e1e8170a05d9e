"""What a candidate's program answered, read without a way to make a check raise."""

from __future__ import annotations

import json
from typing import Any

EXACT = 18  # digits of a whole number that is kept as one


def parsed(data: bytes | str) -> Any:
    """JSON, or None where it is none.

    A longer whole number becomes a float, if need be an infinite one: Python's own integers have no
    end, and comparing one of four hundred digits with a float is an error.

    >>> parsed('{"late": 0.5}'), parsed("1" * 400), parsed("[" * 99_999)
    ({'late': 0.5}, inf, None)
    """
    try:
        return json.loads(data, parse_int=_whole)
    except (ValueError, RecursionError):
        return None


def _whole(text: str) -> int | float:
    return int(text) if len(text) <= EXACT else float(text)
