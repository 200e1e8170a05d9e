"""One drawn case for all tests of the folder, and what solutions answer to it; no sandbox."""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from tests.once import once
from tests.workbooks import opened
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules as _modules
from worksample.grading.checks import CheckResult
from worksample.kit.scoring import is_number
from worksample.workbook.answers import plain

FOLDER = Path(__file__).parents[2] / "assignments" / "migration-strategy"
SEED = (1 << 32) | 5
CHECKS = ("current", "value", "feasible", "kpis", "risks")
ANSWERS = ("current", "assumed", "plan", "promises", "kpis", "risks")
SET_UP = """
import numpy as np, pandas as pd
from toolkit import *
case = load()
"""
RECORDED = '{"state": STATE, "work": WORK, "promises": PROMISES, "kpis": KPIS, "risks": RISKS}'


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return _modules.load(FOLDER, name)


@cache
def case(level: str = "standard", seed: int = SEED) -> cases.Case:
    """A case, drawn once a test run."""
    drawn = once(
        f"migration-{level}-{seed}",
        lambda half: cases.draw(assignments.load(FOLDER), seed, level, half / "case"),
    )
    return cases.load(drawn / "case")


def notebook(of: cases.Case) -> contextlib.AbstractContextManager[dict[str, Any]]:
    """The names that a notebook has after its first cells; the toolkit as the candidate has it."""
    return opened(FOLDER, of, SET_UP)


def recorded(
    solution: str, level: str = "standard", seed: int = SEED
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """(what a solution records, what its KPI functions give), worked out once a test run."""
    name = f"migration-{level}-{seed}-{solution}"
    kept = once(name, lambda half: _record(half, solution, level, seed)) / "it.json"
    told = json.loads(kept.read_text())
    return told["answers"], told["values"]


def _record(folder: Path, solution: str, level: str, seed: int) -> None:
    sample = assignments.load(FOLDER)
    as_came = {cell.id: cell.source for cell in sample.cells_of(level)}
    sources = as_came | sample.solution(solution).sources(level)
    with notebook(case(level, seed)) as names, contextlib.redirect_stdout(io.StringIO()):
        for cell in ANSWERS:
            exec(sources[f"{cell}_answer"], names)
        told = {"answers": plain(eval(RECORDED, names)), "values": values(names, level, seed)}
    (folder / "it.json").write_text(json.dumps(told))


def values(names: dict[str, Any], level: str = "standard", seed: int = SEED) -> dict[str, Any]:
    """KPI function -> what it gives for each year, None where it fails."""
    kpis = module("judging.kpis")
    years = list(kpis.years(case(level, seed)))
    return {name: [_called(names[name], year.tables) for year in years] for name in kpis.NAMES}


def _called(function: Any, tables: Any) -> float | None:
    try:
        value = function(*(table.copy() for table in tables))
    except Exception:
        return None
    return float(value) if is_number(value) else None


def graded(
    answers: dict[str, Any],
    given: dict[str, Any] | None = None,
    of: cases.Case | None = None,
    names: Any = CHECKS,
) -> dict[str, CheckResult]:
    """What the checks say of recorded answers and KPI functions' values."""
    called = {
        name: tuple(SimpleNamespace(ok=value is not None, value=value) for value in row)
        for name, row in (given or {}).items()
    }
    run = SimpleNamespace(answers=answers, refused={}, calls=called)
    checks = module("checks")
    return {name: getattr(checks, f"check_{name}")(run, of or case()) for name in names}


def earned(name: str, level: str, seed: int) -> dict[str, float]:
    """Check -> points of a reference solution."""
    found = graded(*recorded(name, level, seed), case(level, seed))
    return {check: each.points for check, each in found.items()}


def panel_earned(place: int, level: str, seed: int) -> dict[str, float]:
    """Check -> points of a simulated candidate."""
    drawn, panel = case(level, seed), module("panel")
    luck = np.random.default_rng([seed, place])
    with notebook(drawn) as names:
        for source in panel.answers(panel.PEOPLE[place], drawn, luck).values():
            exec(source, names)
        answers = json.loads(json.dumps(plain(eval(RECORDED, names))))
        given = values(names, level, seed)
    found = graded(answers, given, drawn)
    return {check: each.points for check, each in found.items()}
