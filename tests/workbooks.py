"""A work sample's notebook in this process: first cells run, toolkit as candidates have it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from worksample.assignments.case import Case


@contextlib.contextmanager
def opened(folder: Path, case: Case, first_cells: str) -> Iterator[dict[str, Any]]:
    """The names that a notebook has after its first cells; ``toolkit`` is forgotten afterwards.

    Args:
        folder: the assignment's.
        first_cells: source that is executed before.
    """
    before = {key: os.environ.get(key) for key in ("WORKSAMPLE_CASE", "WORKSAMPLE_LEVEL")}
    os.environ |= {"WORKSAMPLE_CASE": str(case.public), "WORKSAMPLE_LEVEL": case.level}
    sys.path.insert(0, str(folder))
    names: dict[str, Any] = {}
    try:
        exec(first_cells, names)
        yield names
    finally:
        sys.path.remove(str(folder))
        for each in [name for name in sys.modules if name.partition(".")[0] == "toolkit"]:
            del sys.modules[each]
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.update({key: value})
