"""``visible_check``: what a check cell says, in lines that begin with ✓ or ✗.

A candidate who has not answered yet has made no mistake: what a check finds is a line to read and
no crash, and the cells below it run. Where the notebook is graded the error goes on, so that
people see what stopped a check.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from worksample.workbook.answers import is_graded
from worksample.workbook.tasks import text_of

PASSED, FAILED = "✓", "✗"
MAX_TEXT = 600  # characters of a complaint
USABLE = "it can be used"
_LINE = re.compile(rf"([{PASSED}{FAILED}]) (\w+): (.*)")


@dataclass(frozen=True)
class Verdict:
    """What a visible check came to when it was last run; ``says`` is empty where it passed."""

    name: str
    passed: bool
    says: str = ""

    def __str__(self) -> str:
        return f"{PASSED} {self.name}" if self.passed else f"{FAILED} {self.name}: {self.says}"


_last: dict[str, Verdict] = {}


@contextmanager
def visible_check(name: str) -> Iterator[None]:
    """Run the block below; print ✓ when it ends well, and ✗ with what is wrong when it does not.

    Put ``record`` behind what looks at the answer's form: then only what can be used is recorded.

    Args:
        name: what the line begins with: the id of the check's cell.

    Raises:
        Exception: what the block raised, but only where the notebook is graded.
    """
    try:
        yield
    except Exception as error:
        _last[name] = Verdict(name, False, _complaint(error))
        print(_last[name], *_place(error), sep="\n")
        if is_graded():
            raise
    else:
        _last[name] = Verdict(name, True)
        print(f"{_last[name]}: {USABLE}")


def last_verdict(name: str) -> Verdict | None:
    """What the check of that name said last; None if it was not run since the kernel started."""
    return _last.get(name)


@dataclass(frozen=True)
class Saved:
    """What a check said, as a saved notebook shows it.

    Attributes:
        ran: the number of that run in its kernel; None where it is not known.
    """

    verdict: Verdict
    ran: int | None


def saved(cells: Iterable[Mapping[str, Any]]) -> dict[str, Saved]:
    """Name -> what that check said when it was last run, from what stands below its cell."""
    found: dict[str, Saved] = {}
    for cell in cells:
        if cell.get("cell_type") != "code" or "visible_check" not in text_of(cell):
            continue
        count = cell.get("execution_count")
        for line in _printed(cell).splitlines():
            if said := _LINE.fullmatch(line):
                passed = said[1] == PASSED
                verdict = Verdict(said[2], passed, "" if passed else said[3])
                found[said[2]] = Saved(verdict, count if isinstance(count, int) else None)
    return found


def _printed(cell: Mapping[str, Any]) -> str:
    """What a cell printed, as far as a notebook that anybody may have written says it."""
    outputs = cell.get("outputs")
    streams = [
        each
        for each in (outputs if isinstance(outputs, list) else [])
        if isinstance(each, Mapping) and each.get("name") == "stdout"
    ]
    return "\n".join(text_of({"source": each.get("text", "")}) for each in streams)


def _complaint(error: Exception) -> str:
    said = " ".join(str(error).split())
    said = said if len(said) <= MAX_TEXT else said[:MAX_TEXT] + " …"
    if said and isinstance(error, AssertionError | NotImplementedError):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _place(error: Exception) -> list[str]:
    """Where in a cell of the candidate's it was raised, if it was."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_of_a_cell(f.filename)]
    if len(frames) < 2:  # the check's own cell is the first
        return []
    last = frames[-1]
    text = f": {last.line.strip()}" if last.line else ""
    return [f"    in {last.name}, line {last.lineno} of its cell{text}"]


def _is_of_a_cell(filename: str) -> bool:
    return filename.startswith(("<ipython-input", "<check>")) or "ipykernel_" in filename
