"""``guard_rails`` on services of other sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from worksample.probe import Call

from worksample.limits import Shape

from .hidden.services import asked

if TYPE_CHECKING:
    from worksample.case import Case

RAILS = Shape(length=10, distinct=20, text=100, depth=2)


def calls(case: Case) -> Iterator[Call]:
    """One call for each hidden service."""
    for number, service in enumerate(case.truth()["services"]):
        yield Call(f"rails/{number}", "guard_rails", (asked(service),), "json", 5, most=RAILS)
