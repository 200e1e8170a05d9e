"""Values of a company's own TOML files: what a table does not check by itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager

from worksample.assignments.toml import Table
from worksample.errors import AssignmentError, CourseError

_BLANK = re.compile(r"\[[^\]\n]+\]")


@contextmanager
def as_course_error() -> Iterator[None]:
    """A table tells an author's mistakes; here they are the company's.

    Raises:
        CourseError: there was one.
    """
    try:
        yield
    except AssignmentError as error:
        raise CourseError(error.what, error.where, error.do) from error


def text(table: Table, key: str) -> str:
    """A text that says something, on one line."""
    value = " ".join(table.take(key, str).split())
    if not value:
        raise table.mistake(f"`{key}` is empty", key, do="write it, in a sentence or two")
    return value


def texts(table: Table, key: str) -> tuple[str, ...]:
    """A list of such texts, one at least."""
    values = table.texts(key)
    if not values or not all(value.strip() for value in values):
        raise table.mistake(f"`{key}` has nothing in it, or an empty text", key, do="write it")
    return values


def whole(table: Table, key: str, default: int | None = None, *, least: int) -> int:
    """A whole number from ``least`` on."""
    value = table.take(key, int, default)
    if type(value) is not int or value < least:
        raise table.mistake(
            f"`{key}` should be a whole number, {least} or more; it is {value!r}", key
        )
    return value


def blanks(source: str) -> tuple[str, ...]:
    """What stands in square brackets in a file's texts, once each: the company is to fill it in."""
    return tuple(dict.fromkeys(_blanks(tomllib.loads(source))))


def _blanks(values: object) -> Iterator[str]:
    if isinstance(values, str):
        yield from _BLANK.findall(values)
    elif isinstance(values, dict | list):
        for each in values.values() if isinstance(values, dict) else values:
            yield from _blanks(each)
