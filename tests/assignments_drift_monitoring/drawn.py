"""One drawn case for all tests of the folder: drawing takes seconds, so it is shared."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import ModuleType

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules as _modules

FOLDER = Path(__file__).parents[2] / "assignments" / "drift-monitoring"
SEED = (1 << 32) | 5


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return _modules.load(FOLDER, name)


@cache
def case(level: str = "standard", seed: int = SEED) -> cases.Case:
    """A case, drawn once a test run."""
    drawn = once(
        f"drift-{level}-{seed}",
        lambda half: cases.draw(assignments.load(FOLDER), seed, level, half / "case"),
    )
    return cases.load(drawn / "case")
