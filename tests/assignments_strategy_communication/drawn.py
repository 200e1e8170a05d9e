"""Drawn cases, and reference solutions solved in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
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
from worksample.grading.run import Ended, Run
from worksample.workbook.answers import plain

FOLDER = Path(__file__).parents[2] / "assignments" / "strategy-communication"
SEED = (1 << 32) | 5
LEVELS = ("junior", "standard", "senior")


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
        f"strategy-{level}-{seed}",
        lambda half: cases.draw(assignments.load(FOLDER), seed, level, half / "case"),
    )
    return cases.load(drawn / "case")


@cache
def recorded(name: str, level: str = "standard", seed: int = SEED) -> dict[str, Any]:
    """What a reference solution records, its cells run in this process."""
    sources = sample().solution(name).sources(level)
    return executed(sources, level, seed)


def executed(
    sources: Mapping[str, str], level: str = "standard", seed: int = SEED
) -> dict[str, Any]:
    """What a notebook with these answer cells records."""
    of, toolkit = case(level, seed), module("toolkit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSAMPLE_CASE", str(of.public))
        patch.setenv("WORKSAMPLE_LEVEL", level)
        for cached in ("load",):
            getattr(module("toolkit.case"), cached).cache_clear()
        found: dict[str, Any] = {n: getattr(toolkit, n) for n in toolkit.__all__}
        found |= {"np": np, "pd": pd, "case": toolkit.load(), "present": lambda *_, **__: None}
        for cell in sample().cells_of(level):
            if cell.kind == "answer" and cell.type == "code":
                source = sources.get(cell.id, cell.source)
                with redirect_stdout(io.StringIO()):
                    exec(compile(source, cell.id, "exec"), found)
        known, numbers = found["case"], found["NUMBERS"]
        decision = found["DECISION"]
        page = {"text": found["PAGE"], "filled": toolkit.filled(found["PAGE"], numbers)}
        acting = (known.events["event"], known.people["person"], known.measures["measure"])
        kinds = set(known.incidents["kind"])
        said = {
            "numbers": (numbers, toolkit.numbers_problem(numbers)),
            "claims": (
                found["CLAIMS"],
                toolkit.claims_problem(found["CLAIMS"], known.claims["claim"]),
            ),
            "actions": (found["ACTIONS"], toolkit.actions_problem(found["ACTIONS"], *acting)),
            "page": (
                {**page, **decision},
                toolkit.page_problem(found["PAGE"], numbers)
                or toolkit.decision_problem(decision, known.options["option"], kinds),
            ),
        }
    return {
        key: json.loads(json.dumps(plain(value)))
        for key, (value, problem) in said.items()
        if not problem
    }


def run(answers: dict[str, Any]) -> Run:
    """A run that recorded ``answers``."""
    return Run(
        notebook={}, cells={}, answers=answers, refused={}, calls={},
        ended=Ended("completed", None, ""), seconds=1.0, versions={}, limits={}, sandbox="none",
    )  # fmt: skip


def results(answers: dict[str, Any], level: str = "standard", seed: int = SEED) -> dict[str, Any]:
    """Check -> result."""
    checks, of = module("checks"), case(level, seed)
    return {c.id: getattr(checks, f"check_{c.id}")(run(answers), of) for c in sample().checks}


def points(answers: dict[str, Any], level: str = "standard", seed: int = SEED) -> dict[str, float]:
    """Check -> points."""
    found = results(answers, level, seed)
    return {name: sum(part.earned for part in each.parts) for name, each in found.items()}


def earned(name: str, level: str, seed: int) -> dict[str, float]:
    """Check -> points of a reference solution."""
    return points(recorded(name, level, seed), level, seed)


def panel_earned(place: int, level: str, seed: int) -> dict[str, float]:
    """Check -> points of a simulated candidate."""
    drawn, panel = case(level, seed), module("panel")
    luck = np.random.default_rng([seed, place])
    given = panel.answers(panel.PEOPLE[place], drawn, luck)
    return points(executed(given, level, seed), level, seed)
