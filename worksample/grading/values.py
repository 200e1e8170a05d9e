"""Rebuild a call's result from the sandbox's bytes, believing nothing.

No pickle, no dtype, no length is taken from the other side: arrays are raw little-endian numbers
of a type that the call declared, everything else is JSON of bounded size and depth.
"""

from __future__ import annotations

import json
import math
from typing import Any, Literal

import numpy as np
import pandas as pd

from worksample.grading.probe import Call

MAX_DEPTH = 32
MAX_JSON = 256 * 1024
MAX_COLUMNS = 512
BYTES_PER_VALUE = {"numbers": 8, "bools": 1}


class Unfit(Exception):
    """A result is not what the call asked for; the message is for the candidate."""


def most_bytes(call: Call) -> int:
    """The largest reply that can be a fit one."""
    length = expected_length(call)
    if call.returns in BYTES_PER_VALUE:
        return BYTES_PER_VALUE[call.returns] * (length if length is not None else 1_000_000)
    if call.returns == "frame":
        return (1 << 20) + 64 * MAX_COLUMNS + 512 * 2 * (length or 100_000)
    return MAX_JSON


def expected_length(call: Call) -> int | None:
    """Rows of the first argument, where it has rows."""
    first = call.args[0] if call.args else None
    return len(first) if isinstance(first, (pd.DataFrame, pd.Series, np.ndarray)) else None


def decode(call: Call, header: dict[str, Any], body: bytes) -> Any:
    """The value of a reply to ``call``.

    Raises:
        Unfit: the reply is not a value of the declared kind.
    """
    if call.returns == "json":
        return plain_json(body)
    if call.returns == "number":
        return _number(body)
    if call.returns == "frame":
        return _frame(header, body, 2 * (expected_length(call) or 100_000))
    return _array(call, body)


def plain_json(data: bytes, most: int = MAX_JSON) -> Any:
    """JSON text as Python data: no NaN, no infinity, no duplicate keys, bounded depth.

    Raises:
        Unfit: it is anything else.
    """
    if len(data) > most:
        raise Unfit("is too large")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_constant=_no_constant,
            object_pairs_hook=_no_duplicates,
            parse_int=_bounded_int,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise Unfit("is not UTF-8 text") from error
    except RecursionError as error:
        raise Unfit("is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Unfit("is not valid JSON") from error
    _check(value, MAX_DEPTH)
    return value


def _no_constant(name: str) -> Any:
    raise Unfit(f"holds {name}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unfit("has the same key twice")
    return found


def _bounded_int(text: str) -> int:
    if len(text) > 19:  # also keeps int() out of its quadratic range
        raise Unfit("holds a number with too many digits")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Unfit("holds a number out of range")
    return value


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise Unfit("is nested too deeply")
    if isinstance(value, str) and not _encodable(value):
        raise Unfit("holds text that is no Unicode")
    if isinstance(value, dict):
        for key in value:
            _check(key, depth)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _check(item, depth - 1)


def _encodable(text: str) -> bool:
    """False for lone surrogates, which no file can be written with."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(body: bytes) -> float:
    value = plain_json(body, 64)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unfit("is not a number")
    return float(value)


def _array(call: Call, body: bytes) -> np.ndarray:
    kind: Literal["<f8", "u1"] = "<f8" if call.returns == "numbers" else "u1"
    width, length = np.dtype(kind).itemsize, expected_length(call)
    if len(body) % width or (length is not None and len(body) != length * width):
        raise Unfit(f"has {len(body) // width} values where {length} were asked for")
    values = np.frombuffer(body, kind)
    if kind == "<f8":
        return values.astype(float)
    if (values > 1).any():
        raise Unfit("holds something that is neither true nor false")
    return values.astype(bool)


def _frame(header: dict[str, Any], body: bytes, most_rows: int) -> pd.DataFrame:
    rows, described = header.get("rows"), header.get("columns")
    if type(rows) is not int or type(described) is not int or not 0 <= rows <= most_rows:
        raise Unfit("has too many rows")
    if not 0 <= described <= len(body):
        raise Unfit("is not a table")
    columns = plain_json(body[:described])
    if not isinstance(columns, list) or len(columns) > MAX_COLUMNS:
        raise Unfit("has too many columns")
    index, at, found = None, described, {}
    for column in columns:
        name, kind, size = _described(column, rows)
        values = _column(kind, body[at : at + size], rows)
        at += size
        if name is None:
            index = values
        elif name in found:
            raise Unfit("has two columns of the same name")
        else:
            found[name] = values
    return pd.DataFrame(found, index=pd.RangeIndex(rows) if index is None else index)


_WIDTHS = {"bool": 1, "int": 8, "float": 8, "time": 8}


def _described(column: Any, rows: int) -> tuple[str | None, str, int]:
    if not isinstance(column, dict):
        raise Unfit("is not a table")
    name, kind = column.get("name"), column.get("kind")
    if not (name is None or isinstance(name, str)) or not isinstance(kind, str):
        raise Unfit("is not a table")
    if name is None and kind != "int":
        raise Unfit("is not a table")
    if kind in _WIDTHS:
        return name, kind, rows * _WIDTHS[kind]
    size = column.get("bytes")
    if kind != "text" or type(size) is not int or size < 4 * rows:
        raise Unfit("is not a table")
    return name, kind, size


def _column(kind: str, data: bytes, rows: int) -> Any:
    if kind == "text":
        return _text(data, rows)
    if len(data) != rows * _WIDTHS[kind]:
        raise Unfit("is cut short")
    if kind == "bool":
        return np.frombuffer(data, "u1") != 0
    values = np.frombuffer(data, "<f8" if kind == "float" else "<i8").copy()
    return values.view("datetime64[ns]") if kind == "time" else values


def _text(data: bytes, rows: int) -> Any:
    codes = np.frombuffer(data[: 4 * rows], "<i4")
    texts = plain_json(data[4 * rows :], len(data))
    if len(codes) != rows or not isinstance(texts, list):
        raise Unfit("is cut short")
    if not all(isinstance(text, str) for text in texts):
        raise Unfit("is not a table")
    if rows and (codes.min() < -1 or codes.max() >= len(texts)):
        raise Unfit("is not a table")
    lookup = np.array([*texts, None], dtype=object)
    return pd.Series(lookup[codes], dtype=object).to_numpy()
