"""Visible checks, run with the names that the notebook was given.

The check below an answer is the author's text in the candidate's notebook. There ``record``,
``list`` or ``np`` may be the candidate's own by now, and an answer that is never recorded earns
nothing. So the cell that is executed has workbook/names.py run the check's text.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from worksample.assignments.model import Cell
from worksample.grading.recognition import bound

JSON = dict[str, Any]

_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


def executable(notebook: Mapping[str, Any], author: Iterable[Cell]) -> JSON:
    """A copy of ``notebook`` whose checks run with our names.

    Args:
        author: the cells as the author wrote them, at the level of the notebook.
    """
    cells = tuple(cell for cell in author if cell.type == "code")
    imports, own = _names(cells)
    checks = {cell.id for cell in cells if cell.kind == "check"}
    return {
        **notebook,
        "cells": [
            {**cell, "source": _call(cell["source"], imports, own)}
            if cell["id"] in checks and cell["cell_type"] == "code"
            else cell
            for cell in notebook["cells"]
        ],
    }


@functools.lru_cache(maxsize=8)
def _names(cells: tuple[Cell, ...]) -> tuple[list[str], list[str]]:
    """Import lines, and names that the notebook defines; the same for everybody's attempt."""
    return _imports(cells), sorted(_own(cells))


def _call(source: str, imports: list[str], own: list[str]) -> str:
    # line by line, so that every word of the check is a word of the cell, as errors may name them
    lines = "\n".join(repr(f"{line}\n") for line in source.split("\n"))
    module = "__import__('worksample.workbook.names', fromlist=['check'])"
    text = "\n".join(imports)
    return f"{module}.check(\n{lines},\n{text!r}, {own!r})"


def _statements(cells: Iterable[Cell]) -> Iterator[tuple[Cell, ast.stmt]]:
    for cell in cells:
        try:
            yield from ((cell, each) for each in ast.parse(_MAGIC.sub("", cell.source)).body)
        except SyntaxError:
            continue  # no plain Python: it has no names of ours that we could know


def _imports(cells: Iterable[Cell]) -> list[str]:
    """What the cells that are given out, checks too, import at their top level."""
    return [
        ast.unparse(statement)
        for cell, statement in _statements(cells)
        if cell.kind != "answer" and isinstance(statement, ast.Import | ast.ImportFrom)
    ]


def _own(cells: Iterable[Cell]) -> set[str]:
    """Names that the notebook itself defines: answers, built-in names among them, and others."""
    names = set()
    for cell, statement in _statements(cells):
        if cell.kind == "answer" or not isinstance(statement, ast.Import | ast.ImportFrom):
            names |= bound(ast.unparse(statement))
    return names
