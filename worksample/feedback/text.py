"""Hostile text cut to a size that can be read. Escaping for HTML happens once, in the view."""

from __future__ import annotations

import re

from worksample.grading import clean

# runs of combining marks pile up over the lines above them; three are enough for any script
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")


def cut(text: object, limit: int = 2000) -> str:
    """``text`` without control codes, at most ``limit`` characters of it."""
    given = str(text)
    # a flood is cut before any expression sees it
    kept = _MARKS.sub(r"\1", clean.text(given[: 4 * limit]).replace("\r\n", "\n"))
    return kept if len(kept) <= limit and len(given) <= 4 * limit else kept[:limit] + "…"


def line(text: object, limit: int = 240) -> str:
    """``text`` on one line."""
    return " ".join(cut(text, limit).split())


def excerpt(source: str, lines: int = 10, width: int = 96) -> str:
    r"""The first ``lines`` lines of a cell, long ones cut; says how many it left out.

    >>> excerpt("a\n\nb\nc", lines=2)
    'a\n\n… (2 more lines)'
    """
    rows = cut(source, 200_000).strip("\n").split("\n")
    shown = [row if len(row) <= width else row[: width - 1] + "…" for row in rows[:lines]]
    left = len(rows) - len(shown)
    if left:
        shown.append(f"… ({left} more line{'s' if left > 1 else ''})")
    return "\n".join(shown)


def title(identifier: str) -> str:
    """A cell's id as words.

    >>> title("remedy_type")
    'Remedy type'
    """
    words = line(identifier, 80).replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def number(value: float) -> str:
    """At most two decimals, and no more than needed.

    >>> number(7.50), number(3.0), number(0.125)
    ('7.5', '3', '0.13')
    """
    # half up, as people round, in spite of binary fractions
    return f"{value + 1e-9:.2f}".rstrip("0").rstrip(".")
