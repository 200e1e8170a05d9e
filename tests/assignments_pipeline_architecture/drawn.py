"""One drawn case for all tests of the folder, and what solutions answer to it; no sandbox."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules as _modules
from worksample.grading.checks import CheckResult
from worksample.workbook.answers import plain

FOLDER = Path(__file__).parents[2] / "assignments" / "pipeline-architecture"
SEED = (1 << 32) | 5
CHECKS = ("quarter", "structure", "numbers", "failures", "change")
ANSWERS = (
    *("design_answer", "numbers_answer", "failures_answer", "open_change", "revised_answer"),
)
SET_UP = """
import numpy as np, pandas as pd
from toolkit import *
from worksample.workbook import record
case = load()
facts = case.facts.data
"""
RECORDED = """
{"design": plain_design(DESIGN), "numbers": NUMBERS, "failures": FAILURES,
 "revised": plain_design(REVISED)}
"""


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return _modules.load(FOLDER, name)


@cache
def case(level: str = "standard", seed: int = SEED) -> cases.Case:
    """A case, drawn once a test run."""
    drawn = once(
        f"pipeline-architecture-{level}-{seed}",
        lambda half: cases.draw(assignments.load(FOLDER), seed, level, half / "case"),
    )
    return cases.load(drawn / "case")


@contextlib.contextmanager
def notebook(of: cases.Case) -> Iterator[dict[str, Any]]:
    """The names that a notebook has after its first cells; the toolkit as the candidate has it."""
    before = {key: os.environ.get(key) for key in ("WORKSAMPLE_CASE", "WORKSAMPLE_LEVEL")}
    os.environ |= {"WORKSAMPLE_CASE": str(of.public), "WORKSAMPLE_LEVEL": of.level}
    sys.path.insert(0, str(FOLDER))
    names: dict[str, Any] = {}
    try:
        exec(SET_UP, names)
        yield names
    finally:
        sys.path.remove(str(FOLDER))
        for each in [name for name in sys.modules if name.partition(".")[0] == "toolkit"]:
            del sys.modules[each]
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.update({key: value})


@cache
def recorded(solution: str, level: str = "standard", seed: int = SEED) -> str:
    """What a solution records, as JSON; worked out once a test run."""
    name = f"pipeline-architecture-{level}-{seed}-{solution}"
    return (once(name, lambda half: _record(half, solution, level, seed)) / "it.json").read_text()


def _record(folder: Path, solution: str, level: str, seed: int) -> None:
    sample = assignments.load(FOLDER)
    sources = {cell.id: cell.source for cell in sample.cells_of(level)}
    sources |= sample.solution(solution).sources(level)
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
