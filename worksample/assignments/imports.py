"""What code imports, as it is written: nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from worksample import disk
from worksample.assignments.model import Assignment


def imported(sources: Iterable[str]) -> set[str]:
    """The first names of what they import; of what is no Python (a magic, a gap to fill) none."""
    return {name for source in sources for name in _of(source)}


def libraries(assignment: Assignment) -> tuple[str, ...]:
    """What notebooks of an assignment will import, sorted.

    As its cells do, what lies beside them, and whoever has solved it; and the probe, whose tables
    every call would else import pandas for. Not as one candidate does, for the next could tell
    from what is there already what somebody else had needed.
    """
    cells = [cell.source for cell in assignment.cells if cell.type == "code"]
    solved = [
        answer.source
        for solution in assignment.solutions
        for answer in solution.answers
        if answer.type == "code"
    ]
    beside = [
        path.read_text("utf-8", "replace")
        for place in assignment.paths.values()
        for path in (disk.kept(place).values() if place.is_dir() else [place])
        if path.suffix == ".py"
    ]
    probe = assignment.folder / "probe.py"
    asked = [probe.read_text("utf-8", "replace")] if probe.is_file() else []
    return tuple(sorted(imported([*cells, *solved, *beside, *asked])))


def of_checks(assignment: Assignment) -> tuple[str, ...]:
    """What an assignment's checks and probe import, and what judges beside them; sorted."""
    folder = assignment.folder
    files = [folder / "checks.py", folder / "probe.py", *sorted(folder.glob("judging/**/*.py"))]
    return tuple(
        sorted(imported(path.read_text("utf-8", "replace") for path in files if path.is_file()))
    )


@lru_cache(maxsize=1024)  # the same for every attempt of a batch
def _of(source: str) -> tuple[str, ...]:
    try:
        tree = ast.parse(source)
    # a zero byte is a ValueError, and what is nested too deep one of the other two
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append(node.module)
    return tuple({name.partition(".")[0] for name in found})
