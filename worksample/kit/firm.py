"""Firms as data: numbers, and pairs that are drawn, in the tables of a TOML file.

An assignment whose case is such a file can be made a company's own: its author edits a copy, or as
many of its tables as differ (``worksample new … --from … --data``).
"""

from __future__ import annotations

import math
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from worksample.errors import AssignmentError

FILE = Path("hidden", "firm.toml")


def drawn(given: Any, rng: np.random.Generator) -> Any:
    """The same with every pair [low, high] drawn, to four digits."""
    if isinstance(given, Mapping):
        return {name: drawn(each, rng) for name, each in given.items()}
    if isinstance(given, list):
        return float(f"{float(rng.uniform(*given)):.4g}")
    return float(given)


def copied(here: Path, data: Path, into: Path) -> None:
    """An assignment's folder with a firm of one's own.

    Args:
        here: the folder of the assignment that is copied, with its firm in :data:`FILE`.
        data: the edited file, or as many of its tables as differ.
        into: a folder that does not exist yet.

    Raises:
        AssignmentError: the file cannot be read, or holds what the firm has not.
    """
    usual = tomllib.loads((here / FILE).read_text("utf-8"))
    firm = merged(usual, _read(data, here.name), here.name)
    ignored = shutil.ignore_patterns("__pycache__", ".*", "*.pyc", "bring.py")
    shutil.copytree(here, into, ignore=ignored)
    (into / FILE).write_text(as_toml(firm), "utf-8")


def _read(data: Path, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise wrong(data, f"this is no TOML that can be read: {error}", origin) from None


def merged(
    usual: Mapping[str, Any], own: Mapping[str, Any], origin: str, path: str = ""
) -> dict[str, Any]:
    """The usual firm with the numbers that are given.

    Raises:
        AssignmentError: something is given that the firm has not, or that is neither a finite
            number from 0 on nor a pair of such.
    """
    made = dict(usual)
    for name, value in own.items():
        where = f"{path}{name}"
        if name not in usual:
            known = ", ".join(usual)
            raise wrong(FILE, f"{where} is not known; here are {known}", origin)
        if isinstance(usual[name], Mapping):
            if not isinstance(value, Mapping):
                raise wrong(FILE, f"{where} is a table", origin)
            made[name] = merged(usual[name], value, origin, f"{where}.")
        elif not _numbers(value):
            raise wrong(FILE, f"{where} is a number or a pair [low, high], from 0 on", origin)
        else:
            made[name] = value
    return made


def _numbers(value: Any) -> bool:
    pair = value if isinstance(value, list) and len(value) == 2 else [value, value]
    numbers = [x for x in pair if isinstance(x, (int, float)) and not isinstance(x, bool)]
    return len(numbers) == 2 and 0 <= numbers[0] <= numbers[1] < math.inf


def wrong(where: Path, what: str, origin: str) -> AssignmentError:
    """A firm that cannot be used, and what to do."""
    return AssignmentError(what, where=str(where), do=f"copy {FILE} of {origin} and edit that")


def as_toml(data: Mapping[str, Any], path: str = "") -> str:
    """Tables of numbers and pairs as TOML."""
    own = {name: each for name, each in data.items() if not isinstance(each, Mapping)}
    lines = [f"[{path}]"] if path else []
    lines += [f"{name} = {value!r}" for name, value in own.items()]
    text = "\n".join(lines) + "\n"
    for name, each in data.items():
        if isinstance(each, Mapping):
            text += "\n" + as_toml(each, f"{path}.{name}" if path else name)
    return text
