"""Which cell of a release a submission's cell is, whatever a tool has done to its id and text.

Editors, version control and converters change line ends, blanks and invisible characters without
being asked, and some leave out ids and metadata. Nobody edited a cell that differs in no more
than that.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# characters that are looked at for what code binds: what lies beyond nobody wrote by hand
MAX_LINE, MAX_CODE = 500, 200_000
_QUOTES = str.maketrans("“”„«»‘’‚`", '"""""\'\'\'\'')
_INVISIBLE = ("Cc", "Cf")


def gist(source: str) -> str:
    """``source`` without what tools change by themselves: blanks, line ends, shapes of quotes."""
    kept = "".join(unicodedata.normalize("NFKC", source).translate(_QUOTES).split())
    if kept.isprintable():  # nearly always, and told at once
        return kept
    return "".join(char for char in kept if unicodedata.category(char) not in _INVISIBLE)


class Texts:
    """The texts that one cell is known with: as released now, and as it was sent."""

    def __init__(self, sources: Iterable[str]) -> None:
        known = list(sources)
        self.gists = {found for source in known if (found := gist(source))}
        # what is far longer is another text; a megabyte is not taken to pieces to find that out
        self.most = 2 * max(map(len, known), default=0) + 1000

    def has(self, source: str) -> bool:
        """Whether ``source`` is one of them, but for what tools change."""
        return len(source) <= self.most and gist(source) in self.gists


def bound(source: str) -> set[str]:
    """The names that code of an author's binds at its top level; empty if it is no plain Python."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).split(".")[0])
    return names


def binds(source: str, names: Collection[str]) -> set[str]:
    """Those of ``names`` that a candidate's code binds in plain sight.

    By its lines, not by its syntax tree: the text is hostile, and Python's parser may take
    a process with it. What is bound in other ways is not found.
    """
    lines = [line[:MAX_LINE] for line in source[:MAX_CODE].splitlines()]
    return {name for name in names if any(map(_binding(name).match, lines))}


def _binding(name: str) -> re.Pattern[str]:
    word = re.escape(name)
    return re.compile(
        rf"\s*(?:async\s+def|def|class)\s+{word}\b"
        rf"|\s*{word}\s*(?:[:,][^=]*)?=(?!=)"
        rf"|\s*(?:from\s[^#]*)?import\b[^#]*\b{word}\b"
    )


@dataclass(frozen=True)
class Known:
    """A cell of the release: ``answer`` if the candidate works in it, ``texts`` as it was sent."""

    name: str
    type: str
    answer: bool
    texts: Texts
    binds: frozenset[str]


def names_of(
    cells: Sequence[Mapping[str, Any]], found: Sequence[str | None], known: Sequence[Known]
) -> list[str | None]:
    """Which cell of the release each cell is, None for the candidate's own.

    Args:
        cells: the submission's, their ``source`` a string.
        found: what their ids and metadata say.
        known: the release's cells, in order.
    """
    names = list(found)
    by_text = _by_text(cells, names, [each for each in known if each.name not in found])
    if by_text > sum(name is not None for name in found):
        # a tool dropped the ids, so nobody deleted an answer: it stands where it stood
        _by_place(cells, names, known)
    return names


def _by_text(
    cells: Sequence[Mapping[str, Any]], names: list[str | None], missing: list[Known]
) -> int:
    """Name the cells that have the text of a missing one; returns how many."""
    most = max((each.texts.most for each in missing), default=0)
    count = 0
    for index, cell in enumerate(cells):
        if names[index] is None and len(cell["source"]) <= most:
            found = gist(cell["source"])
            same = next((each for each in missing if found in each.texts.gists), None)
            if same:
                names[index] = same.name
                missing.remove(same)
                count += 1
    return count


def _by_place(
    cells: Sequence[Mapping[str, Any]], names: list[str | None], known: Sequence[Known]
) -> None:
    """Name the cells that stand between the neighbours of a missing answer."""
    for position, each in enumerate(known):
        if not each.answer or each.name in names:
            continue
        before = [names.index(k.name) for k in known[:position] if k.name in names]
        after = [names.index(k.name) for k in known[position + 1 :] if k.name in names]
        between = range(before[-1] + 1 if before else 0, after[0] if after else len(cells))
        free = [
            index
            for index in between
            if names[index] is None
            and (cells[index]["cell_type"] == "code") == (each.type == "code")
        ]
        likely = [index for index in free if binds(cells[index]["source"], each.binds)]
        for index in (likely or free)[:1]:
            names[index] = each.name
