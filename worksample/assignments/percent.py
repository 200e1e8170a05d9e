"""Notebooks as text: jupytext's percent format, with the line on which each cell begins."""

from __future__ import annotations

import ast
import importlib
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from worksample.assignments.toml import place
from worksample.errors import AssignmentError

_MARKER = re.compile(r"^# *%%(?!%)(\s|$)")
_JUPYTEXT_OWN = {"lines_to_next_cell", "lines_to_end_of_cell_marker", "cell_marker", "title"}


@dataclass(frozen=True)
class TextCell:
    """A cell as it stands in the file.

    Attributes:
        type: ``code`` or ``markdown``.
        source: what the notebook's cell will hold.
        options: what stands in the cell's header, ``cell="brief" minutes=5``.
        line: line of the header, counted from 1.
    """

    type: str
    source: str
    options: dict[str, Any]
    line: int


def _jupytext() -> ModuleType:
    """jupytext without its part for notebook servers, which it can do without.

    Where none is running that part would import one, which takes as long as all the rest. jupytext
    keeps the error that says so, and with it every frame that was under way: hence the thread,
    which has none of ours.
    """
    if {"jupytext", "jupyter_server"} & sys.modules.keys():
        return importlib.import_module("jupytext")
    sys.modules["jupyter_server"] = None  # type: ignore[assignment]
    try:
        thread = threading.Thread(target=importlib.import_module, args=("jupytext",))
        thread.start()
        thread.join()
    finally:
        del sys.modules["jupyter_server"]
    return importlib.import_module("jupytext")


def parse(text: str, path: Path) -> tuple[str, list[TextCell]]:
    """What stands before the first cell, and the cells.

    Raises:
        AssignmentError: a header that is not understood, or a cell that is neither Python nor
            Markdown.
    """
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if _MARKER.match(line)]
    if not starts:
        return text, []
    body = "\n".join(lines[starts[0] :]) + "\n"
    cells = _jupytext().reads(body, fmt="py:percent").cells
    if len(cells) != len(starts):
        raise AssignmentError(
            f"{len(starts)} lines begin with `# %%`, but they make {len(cells)} cells",
            where=place(path, starts[0] + 1),
            do="indent the line inside a text that begins with `# %%`",
        )
    read = [_cell(cell, n + 1, path) for cell, n in zip(cells, starts, strict=True)]
    return "\n".join(lines[: starts[0]]), read


def _cell(cell: Any, line: int, path: Path) -> TextCell:
    options = {k: v for k, v in cell.metadata.items() if k not in _JUPYTEXT_OWN}
    if cell.cell_type not in ("code", "markdown"):
        raise AssignmentError(
            f"a {cell.cell_type} cell has no place in a workbook",
            where=place(path, line),
            do="make it `# %%` or `# %% [markdown]`",
        )
    return TextCell(cell.cell_type, cell.source, options, line)


def python(source: str, path: Path, line: int) -> ast.Module:
    """A code cell's syntax tree; magics and shell lines are understood as IPython does.

    ``line`` is the line of the cell's header. Raises AssignmentError for a syntax error.
    """
    try:
        return _tree(source, path)
    except SyntaxError:
        # only what is not plain Python needs IPython, whose import takes longer than all the rest
        from IPython.core.inputtransformer2 import TransformerManager

    try:
        return _tree(TransformerManager().transform_cell(source), path)
    except SyntaxError as error:
        raise AssignmentError(
            f"this is not Python: {error.msg}",
            where=place(path, line + (error.lineno or 1)),
            do="mend the cell",
        ) from None


def _tree(source: str, path: Path) -> ast.Module:
    compile(source, str(path), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return ast.parse(source)


def recorded(tree: ast.Module) -> Iterator[str]:
    """The names under which a cell records answers: ``record("onset", …)``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            first = node.args[0]
            if (
                name == "record"
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield first.value
