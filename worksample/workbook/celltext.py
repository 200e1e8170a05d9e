"""Writing what a widget holds into the text of the cell that shows it.

The notebook is what is submitted, and it is run again at grading, where nobody moves a slider. So
an answer must stand in the cell's text. JupyterLab replaces a cell's text when the kernel asks for
it in the reply to that cell's run (``set_next_input`` with ``replace``), so the moment to do it is
the next run of the cell.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Mapping
from typing import Any

rewritten: list[tuple[float, str]] = []  # when, and what was put into a cell


def with_assignments(source: str, values: Mapping[str, str]) -> str:
    """``source``, changed so that each name is its ``<expression>`` where it is used last.

    A literal that was typed is rewritten where it stands. What code works out, or goes on to
    change, stays as it is: the new value is put into a line of its own before the last use. A name
    that is not there comes first.

    Returns ``source`` itself where it is not plain Python (a cell magic, a syntax error).
    """
    for name, text in reversed([*values.items()]):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            return source
        uses = [statement for statement in tree.body if _mentions(statement, name)]
        typed = [value for each in uses[-2:] if (value := _literal(each, name)) is not None]
        if typed:
            source = _replaced(source, typed[-1], text)
        else:
            source = _put_before(source, uses[-1] if uses else None, f"{name} = {text}")
    return source


def _put_before(source: str, statement: ast.stmt | None, text: str) -> str:
    """``text`` as a statement before that one, which may share its line; first without one."""
    lines = source.splitlines(keepends=True)
    if statement is None:
        return "".join([f"{text}\n", *lines])
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
    if statement.col_offset == 0:
        lines.insert(first - 1, f"{text}\n")
    else:  # ast counts columns in bytes of UTF-8
        line = lines[first - 1].encode()
        head, rest = line[: statement.col_offset], line[statement.col_offset :]
        lines[first - 1] = (head + f"{text}; ".encode() + rest).decode()
    return "".join(lines)


def _mentions(statement: ast.stmt, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement))


def _literal(statement: ast.stmt, name: str) -> ast.expr | None:
    """The value where ``statement`` does nothing but give ``name`` one that was typed."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    if not isinstance(target, ast.Name) or target.id != name:
        return None
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return None
    return value


def with_keyword(source: str, function: str, keyword: str, text: str) -> str:
    """``source`` with ``keyword=<text>`` in the first call of ``function`` in it."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == function:
            for given in node.keywords:
                if given.arg == keyword:
                    return _replaced(source, given.value, text)
            last = [*node.args, *(k.value for k in node.keywords)][-1]
            kept = ast.get_source_segment(source, last) or ""
            return _replaced(source, last, f"{kept}, {keyword}={text}")
    return source


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _replaced(source: str, node: ast.expr, text: str) -> str:
    # ast counts columns in bytes of UTF-8
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    assert node.end_lineno is not None
    before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
    after = lines[node.end_lineno - 1][node.end_col_offset :] + b"".join(lines[node.end_lineno :])
    return (before + text.encode() + after).decode()


def running_source() -> str:
    """The text of the cell that is running; empty outside a notebook."""
    shell = shell_here()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return str(parent.get("content", {}).get("code", ""))


def replace_running_cell(source: str) -> None:
    """Ask the front end to put ``source`` into the cell that is running."""
    shell = shell_here()
    if shell is not None:
        shell.set_next_input(source, replace=True)
        rewritten.append((time.time(), source))


def shell_here() -> Any:  # IPython's shell, or None outside of it
    from IPython.core.getipython import get_ipython

    return get_ipython()
