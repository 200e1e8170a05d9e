"""Rebuild a call's result from the sandbox's bytes, believing nothing.

No pickle, no dtype, no length is taken from the other side: arrays are raw little-endian numbers
of a type that the call declared, everything else is JSON of bounded size and of the shape that was
declared for it. What is beyond is refused here, so that no check's work grows with it.
"""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from worksample.grading.probe import Call
from worksample.limits import Shape

if TYPE_CHECKING:
    import pandas as pd  # half a second, and most assignments ask for no table

MAX_JSON = 256 * 1024
MAX_FRACTION = 64  # characters of a number that is not whole; its repr has at most 24
BYTES_PER_VALUE = {"numbers": 8, "bools": 1}
BYTES_PER_ROW = 512


class Unfit(Exception):
    """A result is not what the call asked for; the message is for the candidate.

    It holds no word and no number of the candidate's.
    """


def most_bytes(call: Call) -> int:
    """The largest reply that can be a fit one."""
    length = expected_length(call)
    if call.returns in BYTES_PER_VALUE:
        return BYTES_PER_VALUE[call.returns] * (call.most.length if length is None else length)
    if call.returns == "frame":
        return (1 << 20) + 64 * call.most.columns + BYTES_PER_ROW * _most_rows(call)
    return MAX_JSON


def expected_length(call: Call) -> int | None:
    """Rows of the first argument, where it has rows."""
    first = call.args[0] if call.args else None
    with_rows: tuple[Any, ...] = (np.ndarray, list, tuple, *_tables())
    return len(first) if isinstance(first, with_rows) else None


def _tables() -> tuple[Any, ...]:
    """pandas' kinds; none where nobody has imported it, for then nothing can be one."""
    pandas = sys.modules.get("pandas")
    return (pandas.DataFrame, pandas.Series) if pandas else ()


def _most_rows(call: Call) -> int:
    """Rows of a table; twice those that were handed in, as a remedy may need copies."""
    length = expected_length(call)
    return call.most.length if length is None else 2 * length


def decode(call: Call, header: dict[str, Any], body: bytes) -> Any:
    """The value of a reply to ``call``.

    Raises:
        Unfit: the reply is not a value of the declared kind, or holds more than was declared.
    """
    if call.returns == "json":
        return plain_json(body, MAX_JSON, call.most)
    if call.returns == "number":
        return _number(body)
    if call.returns == "frame":
        return _frame(call, header, body)
    return _array(call, body)


def size_of(value: Any) -> int:
    """Bytes that a decoded value takes, what it holds included."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, _tables()):
        return int(np.sum(value.memory_usage(deep=True)))
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    within = sum(map(size_of, parts)) if isinstance(value, (dict, list)) else 0
    return sys.getsizeof(value) + within


def plain_json(data: bytes, most: int = MAX_JSON, shape: Shape | None = None) -> Any:
    """JSON text as Python data: no NaN, no infinity, no duplicate keys, of a bounded shape.

    Raises:
        Unfit: it is anything else.
    """
    shape = shape or Shape()
    if len(data) > most:
        raise Unfit("is too large")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_constant=_no_constant,
            object_pairs_hook=_no_duplicates,
            parse_int=lambda digits: _bounded_int(digits, shape.digits),
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise Unfit("is not UTF-8 text") from error
    except RecursionError as error:
        raise Unfit("is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise Unfit("is not valid JSON") from error
    _Measured(shape).add(value, 0)
    return value


def _no_constant(_: str) -> Any:
    raise Unfit("holds a number that is not finite (NaN or infinity)")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unfit("has the same key twice")
    return found


def _bounded_int(text: str, digits: int) -> int:
    if len(text) > digits:  # also keeps int() out of its quadratic range
        raise Unfit(f"holds a number of more than {digits} digits")
    return int(text)


def _finite(text: str) -> float:
    value = float(text) if len(text) <= MAX_FRACTION else math.inf
    if not math.isfinite(value):
        raise Unfit("holds a number out of range")
    return value


class _Measured:
    """Adds up what parsed JSON holds, and refuses what is more than its shape allows."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._different: set[Any] = set()

    def add(self, value: Any, depth: int) -> None:
        """Raises Unfit where ``value``, within ``depth`` lists or dictionaries, is too much."""
        if isinstance(value, dict | list):
            self._entries(value, depth)
            return
        if isinstance(value, str):
            _sound_text(value, self.shape.text)
        self._different.add(value)
        if len(self._different) > self.shape.distinct:
            raise Unfit(f"holds more than {self.shape.distinct:,} different values")

    def _entries(self, value: dict[str, Any] | list[Any], depth: int) -> None:
        if depth >= self.shape.depth:
            raise Unfit(f"is nested too deeply: more than {self.shape.depth} levels")
        if len(value) > self.shape.length:
            raise Unfit(f"has more than {self.shape.length:,} entries in one list or dictionary")
        if isinstance(value, dict):
            for key in value:
                self.add(key, depth)
            value = list(value.values())
        for item in value:
            self.add(item, depth + 1)


def _sound_text(text: str, most: int) -> None:
    """Raises Unfit for too long a text, and for lone surrogates, which no file can hold."""
    if len(text) > most:
        raise Unfit(f"holds a text of more than {most:,} characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unfit("holds text that is no Unicode") from None


def _number(body: bytes) -> float:
    value = plain_json(body, 64)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Unfit("is not a number")
    return float(value)


def _array(call: Call, body: bytes) -> np.ndarray:
    kind: Literal["<f8", "u1"] = "<f8" if call.returns == "numbers" else "u1"
    width, length = np.dtype(kind).itemsize, expected_length(call)
    if len(body) % width or (length is not None and len(body) != length * width):
        raise Unfit("has not one value for each row")
    values = np.frombuffer(body, kind)
    if kind == "<f8":
        return values.astype(float)
    if (values > 1).any():
        raise Unfit("holds something that is neither true nor false")
    return values.astype(bool)


def _frame(call: Call, header: dict[str, Any], body: bytes) -> pd.DataFrame:
    import pandas as pd

    rows, described = header.get("rows"), header.get("columns")
    if type(rows) is not int or type(described) is not int or not 0 <= rows <= _most_rows(call):
        raise Unfit("has too many rows")
    if not 0 <= described <= len(body):
        raise Unfit("is not a table")
    columns = plain_json(body[:described], shape=_DESCRIPTION)
    if not isinstance(columns, list) or len(columns) > call.most.columns + 1:  # and its index
        raise Unfit(f"has more than {call.most.columns} columns")
    index, at, found = None, described, {}
    for column in columns:
        name, kind, size = _described(column, rows)
        values = _column(kind, body[at : at + size], rows, call.most)
        at += size
        if name is None:
            index = values
        elif name in found:
            raise Unfit("has two columns of the same name")
        else:
            _few_levels(name, values, call.most)
            found[name] = values
    return pd.DataFrame(found, index=pd.RangeIndex(rows) if index is None else index)


# what a table says of its columns, before it is known how many they are
_DESCRIPTION = Shape(length=4096, distinct=8192, text=256, depth=2)
_WIDTHS = {"bool": 1, "int": 8, "float": 8, "time": 8}


def _few_levels(name: str, values: Any, most: Shape) -> None:
    import pandas as pd

    if name in most.levels and pd.Series(values).nunique() > most.levels[name]:
        raise Unfit(f"holds more than {most.levels[name]} different values in column {name}")


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


def _column(kind: str, data: bytes, rows: int, most: Shape) -> Any:
    if kind == "text":
        return _text(data, rows, most)
    if len(data) != rows * _WIDTHS[kind]:
        raise Unfit("is cut short")
    if kind == "bool":
        return np.frombuffer(data, "u1") != 0
    values = np.frombuffer(data, "<f8" if kind == "float" else "<i8").copy()
    return values.view("datetime64[ns]") if kind == "time" else values


def _text(data: bytes, rows: int, most: Shape) -> Any:
    codes = np.frombuffer(data[: 4 * rows], "<i4")
    different = max(most.distinct, rows)
    listed = Shape(length=different, distinct=different, text=most.text, depth=1)
    texts = plain_json(data[4 * rows :], len(data), listed)
    if len(codes) != rows or not isinstance(texts, list):
        raise Unfit("is cut short")
    if not all(isinstance(text, str) for text in texts):
        raise Unfit("is not a table")
    if rows and (codes.min() < -1 or codes.max() >= len(texts)):
        raise Unfit("is not a table")
    lookup = np.array([*texts, None], dtype=object)
    return lookup[codes]
