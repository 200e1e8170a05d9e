"""TOML tables that know their file, so that every mistake in one is told with file and line."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from worksample.errors import AssignmentError

T = TypeVar("T")

_WORDS = {str: "a text", bool: "true or false", list: "a list", dict: "a table", int: "a number"}


def place(path: Path, line: int | None = None) -> str:
    """``path`` as a person would type it from here, with ``:line`` where there is one."""
    try:
        shown = path.resolve().relative_to(Path.cwd().resolve())
    except (ValueError, OSError):
        shown = path
    return f"{shown}:{line}" if line else str(shown)


def read_text(path: Path, purpose: str) -> str:
    """The file's text.

    Raises:
        AssignmentError: it is missing, or is not UTF-8 text. ``purpose`` says what it is for.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AssignmentError(
            f"there is no {path.name}, which {purpose}",
            where=place(path.parent),
            do=f"write {path.name}; `worksample new` makes a folder with an example of each file",
        ) from None
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise AssignmentError(
            f"this is not a text file in UTF-8 ({error})", where=place(path), do="save it as UTF-8"
        ) from None


class Table:
    """A table of a TOML file; what nobody has taken from it is a misspelt key.

    Args:
        values: the table as parsed.
        path: the file.
        text: what the line numbers are looked up in.
        name: the table's place in the file, ``("answers", "onset")``.
        first_line: line of the file on which ``text`` begins.
    """

    def __init__(
        self,
        values: dict[str, Any],
        path: Path,
        text: str,
        name: tuple[str, ...] = (),
        first_line: int = 1,
    ) -> None:
        self.path, self.name = path, name
        self._text, self._left, self._first_line = text, dict(values), first_line
        self._known: list[str] = []

    @classmethod
    def read(cls, path: Path, purpose: str) -> Table:
        """The whole file as a table; raises AssignmentError for a missing or broken file."""
        return cls.parse(read_text(path, purpose), path)

    @classmethod
    def parse(cls, text: str, path: Path, first_line: int = 1) -> Table:
        try:
            return cls(tomllib.loads(text), path, text, first_line=first_line)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else text.count("\n") + 1
            raise AssignmentError(
                f"this is not TOML: {error}",
                where=place(path, line + first_line - 1),
                do="mend that line; texts stand in double quotes, lists in square brackets",
            ) from None

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value of ``key``; raises AssignmentError if it is missing or of another kind."""
        self._known.append(key)
        if key not in self._left:
            if default is not None:
                return default
            raise self.mistake(f"`{key}` is missing", do=f"add `{key} = …`, {_WORDS[kind]}")
        value = self._left.pop(key)
        fits = isinstance(value, int | float) if kind is int else isinstance(value, kind)
        if not fits or (kind is int and isinstance(value, bool)):
            raise self.mistake(f"`{key}` should be {_WORDS[kind]}, it is {value!r}", key)
        return value

    def texts(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        values = self.take(key, list, default)
        if not all(isinstance(value, str) for value in values):
            raise self.mistake(f"`{key}` should be a list of texts, it is {values!r}", key)
        return tuple(values)

    def take_any(self, key: str) -> Any:
        """The value of ``key`` of whatever kind, or None."""
        self._known.append(key)
        return self._left.pop(key, None)

    def table(self, key: str, *, needed: bool = True) -> Table:
        """A table within this one."""
        values = self.take(key, dict, None if needed else {})
        return Table(values, self.path, self._text, (*self.name, key), self._first_line)

    def at(self, *name: str) -> Table:
        """An empty table that stands for the one of that name in the same file."""
        return Table({}, self.path, self._text, name, self._first_line)

    def tables(self) -> dict[str, Table]:
        """All that is left, which should be tables."""
        return {key: self.table(key) for key in list(self._left)}

    def bands(self, key: str, levels: tuple[str, ...]) -> dict[str, tuple[float, float]]:
        """Level -> (lowest, highest): one pair for every level, or a table of pairs by level.

        Empty where there is no such key.
        """
        value = self.take_any(key)
        if value is None:
            return {}
        pairs = value if isinstance(value, dict) else dict.fromkeys(levels, value)
        for pair in pairs.values():
            numbers = isinstance(pair, list) and all(isinstance(n, int | float) for n in pair)
            if not numbers or len(pair) != 2 or pair[0] > pair[1]:
                raise self.mistake(f"`{key}` should be [lowest, highest], it is {pair!r}", key)
        if set(pairs) != set(levels):
            raise self.mistake(
                f"`{key}` names {', '.join(pairs)}; the levels are {', '.join(levels)}",
                key,
                do="give one pair for every level",
            )
        return {level: (float(low), float(high)) for level, (low, high) in pairs.items()}

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def holds(self, key: str, kind: type) -> bool:
        """Whether ``key`` is there and of that kind; it stays to be taken."""
        return isinstance(self._left.get(key), kind)

    def finish(self) -> None:
        """Raises AssignmentError if there is a key that nobody asked for."""
        for key in self._left:
            close = difflib.get_close_matches(key, self._known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(self._known)}"
            raise self.mistake(f"`{key}` means nothing here", key, do=hint)

    def mistake(self, what: str, key: str | None = None, do: str | None = None) -> AssignmentError:
        """The error to raise about ``key``, or about the table as a whole."""
        where = f"[{'.'.join(self.name)}] " if self.name else ""
        return AssignmentError(where + what, where=place(self.path, self.line(key)), do=do)

    def line(self, key: str | None = None) -> int:
        """The line of ``key``, else of the table's heading, else the text's first."""
        current: tuple[str, ...] = ()
        heading = 0
        for number, line in enumerate(self._text.splitlines()):
            if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
                current = tuple(part.strip(" \"'") for part in header[1].split("."))
                heading = number if current == self.name else heading
                if key is not None and current == (*self.name, key):
                    return number + self._first_line
            match = re.match(r"\s*[\"']?([\w-]+)[\"']?\s*[=.]", line)
            if match and current == self.name and match[1] == key:
                return number + self._first_line
            if match and (*current, match[1]) == self.name:
                heading = number
        return heading + self._first_line
