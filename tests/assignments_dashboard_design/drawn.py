"""One drawn case for all tests of the folder, and reference solutions solved in this process."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules as _modules
from worksample.grading.probe import CallResult
from worksample.grading.run import Ended, Run
from worksample.workbook.answers import plain

FOLDER = Path(__file__).parents[2] / "assignments" / "dashboard-design"
SEED = (1 << 32) | 5
LEVELS = ("junior", "standard", "senior")
PARTS = ("panels", "alerts", "answers")


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return _modules.load(FOLDER, name)


@cache
def sample() -> Any:
    """The assignment."""
    return assignments.load(FOLDER)


@cache
def case(level: str = "standard", seed: int = SEED) -> cases.Case:
    """A case, drawn once a test run."""
    drawn = once(
        f"dashboard-{level}-{seed}",
        lambda half: cases.draw(assignments.load(FOLDER), seed, level, half / "case"),
    )
    return cases.load(drawn / "case")


@cache
def opened(level: str = "standard") -> Any:
    """The case as a candidate's ``case``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSAMPLE_CASE", str(case(level).public))
        return module("toolkit").load()


@cache
def namespace(name: str, level: str = "standard") -> dict[str, Any]:
    """What the notebook's variables are after a reference solution's cells."""
    toolkit = module("toolkit")
    solution = next(s for s in sample().solutions if s.name == name)
    found: dict[str, Any] = {n: getattr(toolkit, n) for n in toolkit.__all__}
    found |= {"np": np, "pd": pd, "case": opened(level)}
    sources = solution.sources(level)
    for cell in sample().cells_of(level):
        if cell.id in sources and cell.type == "code":
            exec(compile(sources[cell.id], f"{name}:{cell.id}", "exec"), found)
    return found


def answers_of(given: dict[str, Any], level: str = "standard") -> dict[str, Any]:
    """The three recorded parts, as the notebook's check cells record them."""
    texts = {part: given.get(part.upper()) for part in PARTS}
    toolkit = module("toolkit")
    board, wrong = toolkit.understood(opened(level), **{k: v for k, v in texts.items() if v})
    assert not wrong, wrong
    recorded = json.loads(json.dumps(plain(toolkit.plain(board))))
    return {k: v for k, v in recorded.items() if v}


def run(answers: dict[str, Any], calls: dict[str, Any] | None = None) -> Run:
    """A run that recorded ``answers``; ``calls``: id -> values, None for one that failed."""
    results = {
        name: tuple(CallResult(name, each is not ..., None if each is ... else each) for each in of)
        for name, of in (calls or {}).items()
    }
    return Run(
        notebook={}, cells={}, answers=answers, refused={}, calls=results,
        ended=Ended("completed", None, ""), seconds=1.0, versions={}, limits={}, sandbox="none",
    )  # fmt: skip


def called(given: dict[str, Any], level: str = "standard") -> dict[str, list[Any]]:
    """What the three functions give on the hidden tables."""
    found: dict[str, list[Any]] = {}
    for call in module("probe").calls(case(level)):
        function = given.get(call.function, lambda *_: None)
        found.setdefault(call.id, []).append(plain(function(*call.args)))
    return found


@cache
def solved(name: str, level: str = "standard") -> Run:
    """A run of a reference solution, without notebook and sandbox."""
    given = namespace(name, level)
    return run(answers_of(given, level), called(given, level))


def results(of: Run, level: str = "standard") -> dict[str, Any]:
    """Check -> result."""
    checks = module("checks")
    return {c.id: getattr(checks, f"check_{c.id}")(of, case(level)) for c in sample().checks}
