"""Running a visible check with the names that the notebook was given, whatever they mean now.

A candidate may call a variable ``record``, ``list`` or ``np``. The check below their answer means
ours; their own code goes on meaning theirs.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator
from typing import Any

from worksample.workbook.celltext import shell_here


def check(source: str, imports: str, own: Collection[str]) -> None:
    """Run a check's cell in the notebook's namespace, but for names of ours that were taken.

    Args:
        source: the cell's text.
        imports: the import statements of the cells that were given out.
        own: names that are the candidate's to define, built-in ones too.

    Raises:
        Exception: whatever the check raises.
    """
    shell = shell_here()
    space: dict[str, Any] = shell.user_ns
    # IPython has put some of its own there, such as another `open`
    theirs = [name for name, value in shell.user_ns_hidden.items() if space.get(name) is value]
    ours = _ours(imports, {*own, *theirs})
    if any(name in space and space[name] is not value for name, value in ours.items()):
        space = _View(space, ours)
    exec(compile(shell.transform_cell(source), "<check>", "exec"), space)


def _ours(imports: str, own: Collection[str]) -> dict[str, Any]:
    """Name -> what it means: built-in functions, and what the notebook imports."""
    found = dict(vars(builtins))
    for statement in imports.splitlines():
        try:
            exec(statement, found)
        except Exception:  # the notebook's own cell has told it; the check may need another
            continue
    return {name: value for name, value in found.items() if _counts(name) and name not in own}


def _counts(name: str) -> bool:
    return not name.startswith("_")


class _View(dict[str, Any]):
    """The notebook's namespace as it is at any time, with names of ours in place of taken ones.

    What a check defines is the notebook's too: functions among it are called later.
    """

    def __init__(self, space: dict[str, Any], ours: dict[str, Any]) -> None:
        super().__init__(__builtins__=builtins, __name__="__main__")
        self._space, self._ours = space, ours

    def __getitem__(self, name: str) -> Any:
        return self._ours[name] if name in self._ours else self._space[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._space[name] = value
        self._ours.pop(name, None)

    def __delitem__(self, name: str) -> None:
        del self._space[name]

    def __contains__(self, name: object) -> bool:
        return name in self._ours or name in self._space

    def __iter__(self) -> Iterator[str]:
        return iter({**self._space, **self._ours})
