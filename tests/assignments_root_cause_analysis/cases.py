"""Seeds and drawn cases for the tests of the generator."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.assignments_root_cause_analysis.drawn import in_memory, module

causes = module("hidden.causes")
scenario = module("scenario")
ALL = tuple(cause.id for cause in causes.ALL)


def seeds_of(cause: str, level: str, count: int) -> list[int]:
    """The first seeds that give this main cause, from an opening of its tier."""
    found = [
        (tier << 32) | n
        for n in range(40 * count)
        for tier in (0, 1)
        if causes.chosen((tier << 32) | n, level)[0].id == cause
    ]
    return found[:count]


def drawn(cause: str, level: str = "standard", place: int = 0) -> Any:
    """A proved case of this main cause, in memory."""
    return in_memory(seed_of(cause, level, place), level)


@cache
def seed_of(cause: str, level: str, place: int) -> int:
    return seeds_of(cause, level, place + 1)[place]
