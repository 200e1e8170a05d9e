"""One drawn case for the tests of what stands around it: drawing takes seconds, so it is shared."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from tests import scheduling
from tests.once import once
from worksample.assignments import modules as _modules
from worksample.assignments.case import Case
from worksample.grading.run import CallResult, Ended, Run

FOLDER = Path(__file__).parents[2] / "assignments" / "root-cause-analysis"


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return _modules.load(FOLDER, name)


@cache
def in_memory(seed: int, level: str) -> Any:
    """A proved case; tests/scheduling.py keeps together those who draw many of the same."""
    return module("scenario").draw(seed, level)


scheduling.FORGETTING.append(in_memory.cache_clear)


def unread(case: Any) -> Any:
    """The same, to be written: what is written is drawn from its streams, so only once."""
    return dataclasses.replace(case, streams=copy.deepcopy(case.streams))


@cache
def case(level: str = "standard", cause: str = "unit_change") -> Case:
    """A case of that cause, drawn once a test run."""
    chosen = module("hidden.causes").chosen
    seeds = [s + (tier << 32) for s in range(40) for tier in (0, 1)]
    seed = next(s for s in seeds if chosen(s, level)[0].id == cause)

    def draw(half: Path) -> None:
        for part in ("public", "private"):
            (half / part).mkdir()
        module("scenario").write(unread(in_memory(seed, level)), half / "public", half / "private")

    folder = once(f"rca-{level}-{cause}", draw)
    public, private = folder / "public", folder / "private"
    return Case("root-cause-analysis", "ada", seed, level, 1, public, private)


def run(answers: Mapping[str, Any] | None = None, calls: Mapping[str, Any] | None = None) -> Run:
    """A run that recorded ``answers``; ``calls``: id -> value, or an exception for an error."""
    results = {
        name: (
            CallResult(name, False, None, str(value))
            if isinstance(value, Exception)
            else CallResult(name, True, value),
        )
        for name, value in (calls or {}).items()
    }
    return Run(
        notebook={}, cells={}, answers=answers or {}, refused={}, calls=results,
        ended=Ended("completed", None, ""), seconds=1.0, versions={}, limits={}, sandbox="none",
    )  # fmt: skip
