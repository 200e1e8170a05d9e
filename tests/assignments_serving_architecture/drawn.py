"""One drawn case for all tests of the folder, and what solutions answer to it; no sandbox."""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.once import once
from tests.workbooks import opened
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules as _modules
from worksample.grading.checks import CheckResult
from worksample.workbook.answers import plain

FOLDER = Path(__file__).parents[2] / "assignments" / "serving-architecture"
SEED = (1 << 32) | 5
CHECKS = ("limits", "tomorrow", "recovery", "way", "forecast", "disaster")
ANSWERS = ("limits_answer", "design_answer", "way_answer", "forecast_answer", "claim_answer")
SET_UP = """
import numpy as np, pandas as pd
from toolkit import *
from worksample.workbook import record
case = load()
facts = case.facts.data
"""
RECORDED = """
{"limits": LIMITS, "design": plain_design(DESIGN), "way": WAY, "forecast": FORECAST, "claim": CLAIM}
"""


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return _modules.load(FOLDER, name)


@cache
def case(level: str = "standard", seed: int = SEED) -> cases.Case:
    """A case, drawn once a test run."""
    drawn = once(
        f"serving-{level}-{seed}",
        lambda half: cases.draw(assignments.load(FOLDER), seed, level, half / "case"),
    )
    return cases.load(drawn / "case")


def notebook(of: cases.Case) -> contextlib.AbstractContextManager[dict[str, Any]]:
    """The names that a notebook has after its first cells; the toolkit as the candidate has it."""
    return opened(FOLDER, of, SET_UP)


@cache
def recorded(solution: str, level: str = "standard", seed: int = SEED) -> str:
    """What a solution records, as JSON; worked out once a test run."""
    name = f"serving-{level}-{seed}-{solution}"
    return (once(name, lambda half: _record(half, solution, level, seed)) / "it.json").read_text()


def _record(folder: Path, solution: str, level: str, seed: int) -> None:
    sources = assignments.load(FOLDER).solution(solution).sources(level)
    with notebook(case(level, seed)) as names, contextlib.redirect_stdout(io.StringIO()):
        for cell in ANSWERS:
            exec(sources[cell], names)
        (folder / "it.json").write_text(json.dumps(plain(eval(RECORDED, names))))


def graded(answers: dict[str, Any], of: cases.Case, names: Any = CHECKS) -> dict[str, CheckResult]:
    """What the checks say of recorded answers."""
    run = SimpleNamespace(answers=answers, refused={}, calls={})
    checks = module("checks")
    return {name: getattr(checks, f"check_{name}")(run, of) for name in names}


def strong() -> dict[str, Any]:
    """What the strong solution records, to be changed at will."""
    return json.loads(recorded("strong"))
