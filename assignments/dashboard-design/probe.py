"""What is asked of the candidate's three functions: hidden tables of customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from worksample.probe import Call

from worksample.limits import Shape

from .judging import frames

if TYPE_CHECKING:
    from worksample.case import Case

FIGURE = Shape(length=20, distinct=40, text=40, depth=2)


def calls(case: Case) -> Iterator[Call]:
    """Each function on each of its tables."""
    for name in frames.NAMES:
        for frame in frames.of_case(case, name):
            yield Call(name, name, frame.arguments, "json", seconds=5, most=FIGURE)
