"""The tasks of a notebook: its answer cells, what they are called, and what has become of them.

The list is made when a package is written and lies in ``worksample.json``, with the fingerprint of
each cell as it came: so a notebook beside it can be told apart from what was sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

EMPTY, AS_IT_CAME, ANSWERED, GONE = "empty", "as it came", "answered", "not there"
FILLED = "not empty"  # where it is not known how it came

_HEADING = re.compile(r"^#{2,4} +(.+)$", re.MULTILINE)
_CHECK = re.compile(r"""\bvisible_check\(\s*["'](\w+)["']""")
_ASIDE = re.compile(r" *\([^)]*minutes[^)]*\)|✎")
_AMOUNT = re.compile(r"[\d +.]*(minutes?|points?)")

Cell = Mapping[str, Any]


def of_cells(cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """Every answer cell, in order: its id, title, fingerprint as it came, and visible checks.

    A check named ``x`` belongs to the cell ``x_answer`` if there is one, else to the answer
    before it.
    """
    found: dict[str, dict[str, Any]] = {}
    title, last = "", ""
    for cell in cells:
        name, kind = cell_name(cell), _ours(cell).get("kind")
        text = text_of(cell)
        if kind == "answer":
            last = name
            found[name] = {"cell": name, "title": title, "came": mark_of(text), "checks": []}
            continue
        heading = _HEADING.search(text) if cell.get("cell_type") == "markdown" else None
        title = _plain(heading[1]) if heading else title
        if kind == "check":
            for check in _CHECK.findall(text):
                of = found.get(f"{check}_answer") or found.get(last)
                if of is not None:
                    of["checks"].append(check)
    return _told_apart(list(found.values()))


def state(task: Mapping[str, Any], cells: Mapping[str, Cell]) -> str:
    """``empty``, ``as it came``, ``answered``, or ``not there``.

    Args:
        cells: those of the notebook by name (:func:`cell_name`).
    """
    cell = cells.get(str(task.get("cell")))
    if cell is None:
        return GONE
    text = text_of(cell)
    if not text or task.get("came") is None:
        return FILLED if text else EMPTY
    return AS_IT_CAME if mark_of(text) == task.get("came") else ANSWERED


def by_name(cells: Iterable[Cell]) -> dict[str, Cell]:
    """Name -> cell; of several with one name the last, as grading takes it."""
    return {cell_name(cell): cell for cell in cells}


def cell_name(cell: Cell) -> str:
    """The name by which a cell is known, whichever of its marks an editor has left."""
    marks = cell.get("metadata")
    nbgrader = marks.get("nbgrader") if isinstance(marks, Mapping) else None
    graded = nbgrader.get("grade_id") if isinstance(nbgrader, Mapping) else None
    return str(graded or _ours(cell).get("cell") or cell.get("id") or "")


def text_of(cell: Cell) -> str:
    """What stands in a cell."""
    source = cell.get("source", "")
    lines: Sequence[Any] = source if isinstance(source, list) else [source]
    return plain_text("".join(line for line in lines if isinstance(line, str)))


def plain_text(text: str) -> str:
    """``text`` but for the line ends and blanks that editors change."""
    # by lines: an expression that looks for blanks at their ends takes a million of them for hours
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).strip()


def mark_of(text: str) -> str:
    """A short fingerprint of a cell's text."""
    return hashlib.sha256(plain_text(text).encode("utf-8", "replace")).hexdigest()[:16]


def _ours(cell: Cell) -> Mapping[str, Any]:
    marks = cell.get("metadata")
    ours = marks.get("worksample") if isinstance(marks, Mapping) else None
    return ours if isinstance(ours, Mapping) else {}


def _plain(heading: str) -> str:
    """A heading without its minutes, points and pencil."""
    parts = [part.strip() for part in _ASIDE.sub("", heading).split(" · ")]
    return " · ".join(part for part in parts if part and not _AMOUNT.fullmatch(part))


def _told_apart(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cells below one heading get their own name beside it."""
    titles = [task["title"] for task in tasks]
    for task in tasks:
        own = task["cell"].removesuffix("_answer").replace("_", " ")
        if not task["title"]:
            task["title"] = own
        elif titles.count(task["title"]) > 1:
            task["title"] += f" ({own})"
    return tasks
