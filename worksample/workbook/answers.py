"""``record``: the one way by which an answer leaves the notebook."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from worksample.errors import SubmissionError

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
SHOWN = 160  # characters of the answer repeated below the cell


def is_graded() -> bool:
    """Whether the notebook is run for its grading, where nobody reads or hands in."""
    return "WORKSAMPLE_ANSWERS" in os.environ


def answers_folder() -> Path:
    """``$WORKSAMPLE_ANSWERS``, or ``answers`` beside the notebook."""
    return Path(os.environ.get("WORKSAMPLE_ANSWERS") or "answers")


def record(name: str, value: Any) -> None:
    """Write ``value`` as ``<name>.json`` to the answers folder and say so.

    Raises:
        SubmissionError: the name is not an answer's name, or the value cannot be written as JSON.
    """
    if not NAME.fullmatch(name):
        raise SubmissionError(f"{name!r} is not a name for an answer", do="use small letters and _")
    text = as_json(name, value)
    folder = answers_folder()
    folder.mkdir(parents=True, exist_ok=True)
    # replaced in one step: a cell that is interrupted leaves the earlier answer whole
    fresh = folder / f".{name}.json"
    fresh.write_text(text, "utf-8")
    fresh.replace(folder / f"{name}.json")
    shown = text if len(text) <= SHOWN else text[:SHOWN] + " …"
    print(f"Recorded {name}: {shown}")


def as_json(name: str, value: Any) -> str:
    """``value`` as JSON text; NaN and infinity become null.

    Raises:
        SubmissionError: something in it is not a number, text, boolean, date, list or dictionary.
    """
    try:
        return json.dumps(plain(value), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise SubmissionError(
            f"the answer {name!r} cannot be written down: {problem}",
            do="use numbers, text, lists and dictionaries",
        ) from None


def plain(value: Any) -> Any:
    """``value`` in plain Python types: NumPy and pandas scalars, arrays and dates converted.

    Raises:
        TypeError: a value has no plain form.
    """
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, date):  # datetime and pandas' Timestamp are dates too
        return value.isoformat()
    if hasattr(value, "to_dict"):  # a pandas Series
        return plain(value.to_dict())
    if hasattr(value, "tolist"):  # NumPy's arrays and scalars
        return plain(value.tolist())
    raise TypeError(f"{type(value).__name__} has no plain form")


def as_recorded(value: Any) -> Any:
    """``value`` as :func:`record` writes it; unchanged where it has no plain form.

    For what looks at an answer's form before it is recorded: NumPy's numbers, truth values and
    arrays are then the numbers, truth values and lists that they will be.
    """
    try:
        return plain(value)
    except (TypeError, RecursionError):
        return value
