"""Skins: the words of another trade for an assignment, read from one file.

``skins/<name>/skin.toml`` in an assignment's folder says which words become which::

    title = "Home-service visits"
    gone = ["trip", "passenger"]       # may not be left anywhere afterwards

    [names]                            # identifiers: columns, keys, variables, files
    trip_key = "visit_key"

    [values.region]                    # what stands in a column; alphabetical order is kept
    amber = "abbey"
    birch = "brook"

    [words]                            # prose
    "will this trip arrive late" = "will this visit begin late"

All are replaced in one pass, whole words only, the longest first. A name or value of the skin may
occur nowhere before, so what was dressed can be told from what was not, and undone. Here the file
is read and judged by itself; :mod:`worksample.assignments.dressing` puts it on a folder and on cases.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from worksample.assignments.model import LEVELS, Assignment
from worksample.assignments.toml import Table, place
from worksample.errors import AssignmentError, together

FOLDER = "skins"
FILE = "skin.toml"
NAMES, VALUES, WORDS = "names", "values", "words"

_TAKEN = (*LEVELS, "revision")
_FORBIDDEN = re.compile(r"[\"\\{}<>&\x00-\x1f]")
# where a phrase may be broken: in a text, a comment, or a string that goes on in the next line
_GAP = re.compile(r'[ \t]*"[ \t]*\n[ \t]*"[ \t]*|[ \t]*\n[ \t]*(?:#[ \t]?)?|[ \t]+')


class WordTaken(Exception):
    """A text that was to be dressed holds a name that the skin gives; ``args`` is that name."""


@dataclass(frozen=True)
class Entry:
    """One line of a skin: ``old`` becomes ``new``; ``section`` is names, values.GROUP or words."""

    section: str
    old: str
    new: str
    line: int

    @property
    def is_name(self) -> bool:
        """Whether code and data know the word, so that it has to be given back exactly."""
        return self.section != WORDS


@dataclass(frozen=True)
class Skin:
    """Another trade's words for an assignment.

    Attributes:
        name: the folder's name; what ``--skin`` takes.
        gone: words of the first trade, none of which may be left, in any case or compound.
    """

    name: str
    title: str
    path: Path
    entries: tuple[Entry, ...]
    gone: tuple[str, ...]

    def dress(self, text: str) -> str:
        """``text`` in the skin's words; what was put in is never looked at again.

        Raises:
            WordTaken: a name that the skin gives stands in the text already.
        """
        return self._pattern.sub(self._put, text)

    def undress(self, text: str) -> str:
        """A dressed text with its names and values given back; prose stays as it is."""
        return self._new_names.sub(lambda match: self._back[match[0]], text)

    def found(self, text: str) -> set[str]:
        """Which of the skin's words stand in a text that was not dressed."""
        return {_GAP.sub(" ", match) for match in self._pattern.findall(text)}

    def left(self, text: str) -> Iterator[tuple[int, str]]:
        """Line and word, for every word in a dressed text that should be gone."""
        for number, line in enumerate(text.splitlines() if self.gone else (), 1):
            yield from ((number, match) for match in self._gone.findall(line))

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """Old -> new, of names and values."""
        return {entry.old: entry.new for entry in self.entries if entry.is_name}

    @functools.cached_property
    def given(self) -> dict[str, Entry]:
        """New names and values that are no old ones too: they may occur nowhere before."""
        return {e.new: e for e in self.entries if e.is_name and e.new not in self.names}

    @functools.cached_property
    def _table(self) -> dict[str, str]:
        return {entry.old: entry.new for entry in self.entries}

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        return _alternatives([*self._table, *self.given])

    @functools.cached_property
    def _back(self) -> dict[str, str]:
        return {new: old for old, new in self.names.items()}

    @functools.cached_property
    def _new_names(self) -> re.Pattern[str]:
        return _alternatives(self._back)

    @functools.cached_property
    def _gone(self) -> re.Pattern[str]:
        words = "|".join(map(re.escape, sorted(self.gone, key=len, reverse=True)))
        return re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.IGNORECASE)

    def _put(self, match: re.Match[str]) -> str:
        word = _GAP.sub(" ", match[0])
        if word not in self._table:
            raise WordTaken(word)
        return self._table[word]


def _alternatives(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words or phrases, the longest first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    gap = f"(?:{_GAP.pattern})"
    parts = [gap.join(map(re.escape, word.split(" "))) for word in ordered]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)" if parts else "(?!)")


def names_of(assignment: Assignment) -> list[str]:
    """The skins that an assignment ships, sorted."""
    return sorted(path.parent.name for path in assignment.folder.glob(f"{FOLDER}/*/{FILE}"))


def load(assignment: Assignment, name: str) -> Skin:
    """The skin of that name.

    Raises:
        AssignmentError: there is none, or its file has mistakes; each with its line.
    """
    known = names_of(assignment)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise AssignmentError(
            f'"{assignment.id}" has no skin "{name}"',
            where=place(assignment.folder / FOLDER),
            do=f'did you mean "{close[0]}"?'
            if close
            else f"there are: {', '.join(known) or 'none'}",
        )
    path = assignment.folder / FOLDER / name / FILE
    table = Table.read(path, "says which words become which")
    skin = Skin(
        name=name,
        title=table.take("title", str),
        path=path,
        entries=tuple(_entries(table, path)),
        gone=table.texts("gone", []),
    )
    table.finish()
    mistakes = [*_of_the_name(skin), *_of_each(skin), *_of_all(skin), *_of_the_order(skin)]
    if mistakes:
        raise together(mistakes)
    return skin


def mistake(skin: Skin, entry: Entry, what: str, do: str) -> AssignmentError:
    """The error about one line of a skin."""
    return AssignmentError(
        f'[{entry.section}] "{entry.old}" {what}', where=place(skin.path, entry.line), do=do
    )


def _entries(table: Table, path: Path) -> Iterator[Entry]:
    groups = {NAMES: table.take(NAMES, dict, {}), WORDS: table.take(WORDS, dict, {})}
    for group, words in table.take(VALUES, dict, {}).items():
        if not isinstance(words, dict):
            raise table.mistake(f"`{VALUES}` should hold tables", VALUES, "write [values.COLUMN]")
        groups[f"{VALUES}.{group}"] = words
    lines = path.read_text(encoding="utf-8").splitlines()
    for section, words in groups.items():
        for old, new in words.items():
            line = _line(lines, section, old)
            if not isinstance(new, str):
                raise AssignmentError(
                    f'[{section}] "{old}" becomes {new!r}, which is no text',
                    where=place(path, line),
                    do="write the new word in quotes",
                )
            yield Entry(section, " ".join(old.split()), " ".join(new.split()), line)


def _line(lines: list[str], section: str, key: str) -> int:
    """The line on which a section gives a key; its heading, or 1, where that isn't found."""
    current, heading = "", 1
    for number, line in enumerate(lines, 1):
        if header := re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?", line):
            current = header[1].strip()
            heading = number if current == section else heading
        given = re.match(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=""", line)
        if current == section and given and key in given.groups():
            return number
    return heading


def _of_the_name(skin: Skin) -> Iterator[AssignmentError]:
    usable = re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", skin.name)
    if not usable or len(skin.name) > 30 or skin.name.endswith(_TAKEN):
        yield AssignmentError(
            f'"{skin.name}" cannot be a skin\'s name',
            where=place(skin.path.parent),
            do="use at most 30 small letters, digits and single hyphens; "
            f"the endings {', '.join(_TAKEN)} are taken",
        )


def _of_each(skin: Skin) -> Iterator[AssignmentError]:
    for entry in skin.entries:
        both = (entry.old, entry.new)
        if any(_FORBIDDEN.search(word) for word in both):
            said = 'or what it becomes, holds one of " \\ { } < > &'
            yield mistake(skin, entry, said, "not every file could hold that: write around it")
        elif not all(re.fullmatch(r"\w(.*\w)?", word) for word in both):
            said = "or what it becomes, does not begin and end with a letter or digit"
            yield mistake(skin, entry, said, "leave punctuation and spaces at the ends out")
        elif entry.old == entry.new:
            yield mistake(skin, entry, "becomes itself", "remove the line")
        elif entry.section == NAMES and not all(map(_is_identifier, both)):
            said = f'or "{entry.new}" can\'t be a name in code'
            yield mistake(skin, entry, said, "use letters, digits and _; prose goes into [words]")
        elif entry.is_name and not all(re.fullmatch(r"\w+", word) for word in both):
            said = f'or "{entry.new}" is more than one word'
            yield mistake(skin, entry, said, "values are single words")


def _is_identifier(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def _of_all(skin: Skin) -> Iterator[AssignmentError]:
    olds = Counter(entry.old for entry in skin.entries)
    news = Counter(entry.new for entry in skin.entries if entry.is_name)
    for entry in skin.entries:
        if olds[entry.old] > 1:
            yield mistake(skin, entry, f"is given {olds[entry.old]} times", "keep one line")
        elif entry.is_name and news[entry.new] > 1:
            others = [e for e in skin.entries if e.new == entry.new and e.old != entry.old]
            said = f'becomes "{entry.new}", and so does "{others[0].old}"' if others else "collides"
            yield mistake(skin, entry, said, "two names need two words")


def _of_the_order(skin: Skin) -> Iterator[AssignmentError]:
    """Values sort as they did, so no method that sorts can tell a skin from none."""
    groups = {e.section for e in skin.entries if e.section.startswith(f"{VALUES}.")}
    for group in sorted(groups):
        own = sorted((e for e in skin.entries if e.section == group), key=lambda e: e.old)
        for before, after in itertools.pairwise(own):
            if before.new > after.new:
                said = f'becomes "{after.new}", which sorts before "{before.new}"'
                yield mistake(
                    skin, after, said, f'"{before.old}" came before it: keep alphabetical order'
                )
