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
def opened(level: str = "standard", seed: int = SEED) -> Any:
    """The case as a candidate's ``case``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSAMPLE_CASE", str(case(level, seed).public))
        return module("toolkit").load()


@cache
def namespace(name: str, level: str = "standard", seed: int = SEED) -> dict[str, Any]:
    """What the notebook's variables are after a reference solution's cells."""
    toolkit = module("toolkit")
    solution = next(s for s in sample().solutions if s.name == name)
    found: dict[str, Any] = {n: getattr(toolkit, n) for n in toolkit.__all__}
    found |= {"np": np, "pd": pd, "case": opened(level, seed)}
    sources = solution.sources(level)
    for cell in sample().cells_of(level):
        if cell.id in sources and cell.type == "code":
            exec(compile(sources[cell.id], f"{name}:{cell.id}", "exec"), found)
    return found


def answers_of(given: dict[str, Any], level: str = "standard", seed: int = SEED) -> dict[str, Any]:
    """The three recorded parts, as the notebook's check cells record them."""
    texts = {part: given.get(part.upper()) for part in PARTS}
    toolkit = module("toolkit")
    board, wrong = toolkit.understood(opened(level, seed), **{k: v for k, v in texts.items() if v})
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


def called(
    given: dict[str, Any], level: str = "standard", seed: int = SEED
) -> dict[str, list[Any]]:
    """What the three functions give on the hidden tables."""
    found: dict[str, list[Any]] = {}
    for call in module("probe").calls(case(level, seed)):
        function = given.get(call.function, lambda *_: None)
        found.setdefault(call.id, []).append(plain(function(*call.args)))
    return found


@cache
def solved(name: str, level: str = "standard", seed: int = SEED) -> Run:
    """A run of a reference solution, without notebook and sandbox."""
    given = namespace(name, level, seed)
    return run(answers_of(given, level, seed), called(given, level, seed))


def results(of: Run, level: str = "standard", seed: int = SEED) -> dict[str, Any]:
    """Check -> result."""
    checks, drawn = module("checks"), case(level, seed)
    return {c.id: getattr(checks, f"check_{c.id}")(of, drawn) for c in sample().checks}


def earned(name: str, level: str, seed: int) -> dict[str, float]:
    """Check -> points of a reference solution."""
    found = results(solved(name, level, seed), level, seed)
    return {check: each.points for check, each in found.items()}


def panel_earned(place: int, level: str, seed: int) -> dict[str, float]:
    """Check -> points of a simulated candidate."""
    drawn, panel = case(level, seed), module("panel")
    luck = np.random.default_rng([seed, place])
    found: dict[str, Any] = {"np": np, "pd": pd, "case": opened(level, seed)}
    for source in panel.answers(panel.PEOPLE[place], drawn, luck).values():
        exec(source, found)
    of = run(answers_of(found, level, seed), called(found, level, seed))
    return {check: each.points for check, each in results(of, level, seed).items()}
