"""What a notebook's file says that anybody here asks for, read without unpacking the rest.

A file of 60 MB of lists takes a gigabyte and more once it is unpacked. So a submission is walked
over as bytes: stored outputs, foreign metadata and whatever else nobody asks for are stepped over,
and only pieces of known shape and size are unpacked. What that takes is bounded by the file's
size, and by a number of steps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]

# Steps from one bracket to the next: two or three seconds. A notebook of 500 cells with a table of
# a thousand rows in each has half of them.
MAX_STEPS = 2_500_000
MEMBER_STEPS = 5  # what a member of an object or a list costs of them, where it is looked at
MAX_MARK = 8 * 1024  # bytes of a member of the metadata
MAX_SOURCE = 6 * 2**20 + 1024  # bytes: a character may be written as six
MAX_ATTACHMENTS = 16 * 2**20  # bytes of the pictures pasted into a cell
MAX_PICTURES = 1_000  # and how many pieces they may come in
UNREADABLE: JSON = {}  # stands for a cell that is none, or has a piece that is too large

_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:\[\]{}"]++')
_TO_BRACKETS = re.compile(
    rb'[^"\[\]{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"\[\]{}]*+)*+([\[{]++|[\]}]++)', re.DOTALL
)

Reader = Callable[[], Any]


class NotJSON(ValueError):
    """It is not JSON; the message says where."""


class TooMuch(Exception):
    """It holds more than a notebook does."""


@dataclass
class Allowance:
    """What all notebooks that somebody sent may take together to be looked through.

    Attributes:
        steps: of them, as :data:`MAX_STEPS` are of one.
        size: bytes.
        of: another that this one is a part of.
    """

    steps: int = 2 * MAX_STEPS
    size: int = 128 * 2**20
    of: Allowance | None = None

    @property
    def next_steps(self) -> int:
        """What the next notebook may take."""
        return min(MAX_STEPS, self.steps, self.of.next_steps if self.of else MAX_STEPS)

    @property
    def next_size(self) -> int:
        """Bytes that the next notebook may have."""
        return max(0, min(self.size, self.of.next_size if self.of else self.size))

    def spend(self, steps: int, size: int) -> None:
        """Note that one was read."""
        self.steps, self.size = self.steps - steps, self.size - size
        if self.of is not None:
            self.of.spend(steps, size)


def notebook(data: bytes, take: Callable[[JSON], bool], allowance: Allowance | None = None) -> JSON:
    """The members ``nbformat``, ``metadata`` and ``cells`` of a notebook of format 4.

    Of the metadata only who the kernel was and whose the notebook is are kept; of a cell its type,
    id, text, attachments, times and the marks ``nbgrader`` and ``worksample``. Where there are
    ``worksheets`` (formats before 4), they are said to be there and not read.

    Args:
        data: UTF-8.
        take: asked of each cell; those that it refuses are not kept. :data:`UNREADABLE` stands for
            those that have no such shape.
        allowance: what this one and others may take together.

    Raises:
        NotJSON: it cannot be read.
        TooMuch: it takes too many steps.
    """
    allowance = allowance or Allowance()
    walk = _Walk(data, allowance.next_steps)
    found: JSON = {}
    readers: Mapping[str, Reader] = {
        "nbformat": lambda: walk.value(MAX_MARK),
        "metadata": lambda: walk.marks({"kernelspec", "worksample"}),
        "cells": lambda: walk.cells(take),
        "worksheets": walk.step_over_list,
    }
    try:
        walk.members(readers, found)
        walk.end()
    finally:
        allowance.spend(walk.steps, len(data))
    return found


class _Walk:
    """A place in the text, and how many steps it took to come there."""

    def __init__(self, data: bytes, most: int) -> None:
        self.data, self.at, self.steps, self._most = data, 0, 0, most

    def members(self, readers: Mapping[str, Reader], found: JSON) -> None:
        """Walk over an object; what has a reader is read into ``found``."""
        for _ in self._items(b"{", b"}"):
            key = self._key()
            if key in readers:
                found[key] = readers[key]()
            else:
                self.step_over()

    def cells(self, take: Callable[[JSON], bool]) -> list[JSON] | None:
        """The cells that ``take`` wants; None where it is no list."""
        if self._next() != b"[":
            self.step_over()
            return None
        kept = []
        for _ in self._items(b"[", b"]"):
            cell = self._cell()
            if take(cell):
                kept.append(cell)
        return kept

    def marks(self, names: set[str]) -> JSON:
        """Members of that name of an object, if it is one and they are small."""
        found: JSON = {}
        if self._next() == b"{":
            self.members({name: lambda: self.value(MAX_MARK) for name in names}, found)
        else:
            self.step_over()
        return found

    def value(self, most: int) -> Any:
        """A value of at most so many bytes; None for a larger one."""
        begin = self.step_over()
        return self._unpacked(begin) if self.at - begin <= most else None

    def step_over_list(self) -> bool:
        """Whether it is a list."""
        is_list = self._next() == b"["
        self.step_over()
        return is_list

    def step_over(self) -> int:
        """Walk over a value; returns where it began."""
        first = self._next()
        begin = self.at
        if first in (b"{", b"["):
            self._step_over_brackets()
            return begin
        found = (_STRING if first == b'"' else _SCALAR).match(self.data, begin)
        if found is None:
            raise self._no_json()
        self.at = found.end()
        return begin

    def end(self) -> None:
        """Nothing may follow."""
        if self._next():
            raise self._no_json()

    def _cell(self) -> JSON:
        if self._next() != b"{":
            self.step_over()
            return UNREADABLE
        cell: JSON = {}
        readers: Mapping[str, Reader] = {
            "cell_type": lambda: self.value(MAX_MARK),
            "id": lambda: self.value(MAX_MARK),
            "source": self._source,
            "metadata": lambda: self.marks({"execution", "nbgrader", "worksample"}),
            "attachments": self._attachments,
        }
        self.members(readers, cell)
        return UNREADABLE if cell.get("source", "") is None else cell

    def _source(self) -> Any:
        """A text, or a list of such; None for what is neither or too large."""
        before = self.steps
        begin = self.step_over()
        flat = self.steps - before <= 2  # its own two brackets, and no other
        small = self.at - begin <= MAX_SOURCE
        return self._unpacked(begin) if flat and small else None

    def _attachments(self) -> Any:
        begin = self.step_over()
        pieces = sum(self.data.count(each, begin, self.at) for each in (b"{", b"[", b",", b'"'))
        small = self.at - begin <= MAX_ATTACHMENTS and pieces <= 4 * MAX_PICTURES
        return self._unpacked(begin) if small else None

    def _unpacked(self, begin: int) -> Any:
        try:
            return json.loads(self.data[begin : self.at].decode())
        except (ValueError, RecursionError) as error:
            raise NotJSON(f"at byte {begin:,}: {error}") from None

    def _items(self, opening: bytes, closing: bytes) -> Iterator[None]:
        """Once for each item between brackets, with this at its beginning; it has to be read."""
        if self._next() != opening:
            raise self._no_json()
        self.at += 1
        if self._next() == closing:
            self.at += 1
            return
        while True:
            self._step(MEMBER_STEPS)
            yield
            mark = self._next()
            self.at += 1
            if mark == closing:
                return
            if mark != b",":
                raise self._no_json()

    def _key(self) -> str:
        self._next()
        found = _STRING.match(self.data, self.at)
        if found is None:
            raise self._no_json()
        self.at = found.end()
        # a key that is anything but short and plain is none that is asked for
        key = found[0][1:-1] if found.end() - found.start() < 100 else b""
        if self._next() != b":":
            raise self._no_json()
        self.at += 1
        return key.decode("utf-8", "replace")

    def _step_over_brackets(self) -> None:
        depth = 0
        while True:
            self._step()
            found = _TO_BRACKETS.match(self.data, self.at)
            if found is None:
                self.at = len(self.data)
                raise self._no_json()
            begin, end = found.span(1)
            if self.data[begin] in b"[{":
                depth += end - begin
            elif end - begin < depth:
                depth -= end - begin
            else:
                self.at = begin + depth
                return
            self.at = end

    def _next(self) -> bytes:
        """The next character that is no space; empty at the end."""
        found = _SPACE.match(self.data, self.at)
        assert found
        self.at = found.end()
        return self.data[self.at : self.at + 1]

    def _step(self, cost: int = 1) -> None:
        self.steps += cost
        if self.steps > self._most:
            raise TooMuch

    def _no_json(self) -> NotJSON:
        ended = self.at >= len(self.data)
        return NotJSON("it ends early" if ended else f"at byte {self.at:,}")
