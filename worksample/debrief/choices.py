"""Choices in a candidate's code that could have been made otherwise, found in its syntax tree.

Nothing is run. Code that cannot be parsed, or is made to be hard to parse, has none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from worksample.feedback.text import cut, line

LONGEST = 20_000  # characters of a cell that are read as code
A_LONG_FUNCTION = 30  # lines


@dataclass(frozen=True)
class Choice:
    """What the code settles without saying why, what to ask, and what a good answer covers."""

    what: str
    ask: str
    covers: tuple[str, ...]


def found(source: str) -> Iterator[Choice]:
    """The first of each kind."""
    tree, kinds = _parsed(source), set[str]()
    for node in ast.walk(tree) if tree else ():
        for kind, find in _FINDERS.items():
            choice = find(node) if kind not in kinds else None
            if choice:
                kinds.add(kind)
                yield choice


def _threshold(node: ast.AST) -> Choice | None:
    if not isinstance(node, ast.Compare):
        return None
    for each in (node.left, *node.comparators):
        value = each.value if isinstance(each, ast.Constant) else None
        if isinstance(value, float) and value not in (0.0, 1.0):
            where = f"line {node.lineno} compares with {value:g}"
            return Choice(
                where,
                "Where does that number come from, and what happens at half of it and at twice?",
                (
                    "Its source: the data, a cost, or a convention, and which.",
                    "What it trades: false alarms against what is missed, with a figure.",
                    "How it is kept right when the data move.",
                ),
            )
    return None


def _swallowed(node: ast.AST) -> Choice | None:
    if not isinstance(node, ast.ExceptHandler) or not isinstance(node.body[0], ast.Pass):
        return None
    where = f"line {node.lineno} catches an error and goes on"
    return Choice(
        where,
        "Which error did you expect there, and who learns of the one you did not?",
        ("Which errors can come, and which may be passed over.", "How it would be seen in a log."),
    )


def _dropped(node: ast.AST) -> Choice | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr not in ("dropna", "fillna"):
        return None
    where = f"line {node.lineno} calls {node.func.attr}()"
    return Choice(
        where,
        "Which rows does that concern, how many, and are they like the others?",
        (
            "How many, and whether they are missing by chance.",
            "What the result would be with the other way of treating them.",
        ),
    )


def _by_chance(node: ast.AST) -> Choice | None:
    """A split or a model that draws at random, and nothing that fixes the draw."""
    if not isinstance(node, ast.Call):
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in ("train_test_split", "KFold", "StratifiedKFold", "sample", "default_rng"):
        return None
    fixed = any(each.arg in ("random_state", "seed") for each in node.keywords)
    if fixed or (name == "default_rng" and node.args):
        return None
    where = f"line {node.lineno} draws at random ({name})"
    return Choice(
        where,
        "How much does your result move from draw to draw, and is a random split the "
        "right one for data that come in time?",
        (
            "A number for the spread over draws.",
            "Rows of one day or one unit that stand on both sides of the split.",
            "Why the split resembles what happens in use.",
        ),
    )


def _long(node: ast.AST) -> Choice | None:
    if not isinstance(node, ast.FunctionDef) or not node.end_lineno:
        return None
    rows = node.end_lineno - node.lineno + 1
    if rows < A_LONG_FUNCTION:
        return None
    what = f"{line(node.name, 40)}() is {rows} lines long"
    return Choice(
        what,
        "Where would you cut it, and which test would you write first?",
        ("Parts with one purpose each.", "A test whose failure would point at the fault."),
    )


_FINDERS: Mapping[str, Callable[[ast.AST], Choice | None]] = {
    "threshold": _threshold,
    "swallowed": _swallowed,
    "dropped": _dropped,
    "by chance": _by_chance,
    "long": _long,
}


def _parsed(source: str) -> ast.Module | None:
    """A cell as code; None where it is none, or is made to be hard to read."""
    plain = "\n".join(
        "" if row.lstrip().startswith(("%", "!", "?")) else row
        for row in cut(source, LONGEST).split("\n")
    )
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
