"""A drawn case, trees that solutions leave, and what comes of them in real boxes."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.grading import driving, trees, trials
from worksample.grading.checks import CheckResult
from worksample.grading.repository import TrialResult
from worksample.grading.run import Ended, Run
from worksample.grading.services import ServiceResult

ID = "monitoring-implementation"
FOLDER = Path(__file__).parents[2] / "assignments" / ID
SEED = 5


@functools.cache
def assignment() -> Assignment:
    return assignments.load(FOLDER)


def module(name: str) -> ModuleType:
    return modules.load(FOLDER, name)


def case() -> Case:
    """One at standard level, drawn once a run."""

    def draw(folder: Path) -> None:
        cases.draw(assignment(), SEED, "standard", folder / "case", candidate="ada")

    return cases.load(once("monitoring-case", draw) / "case")


def tree(name: str, at: Case) -> dict[str, bytes]:
    """``work/`` as a reference solution leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        script = assignment().solution(name).script(at.level)
        work = trees.solved(at.public, script, Path(folder, "in"))
        spec = assignment().work
        assert spec
        return dict(trees.read(work, spec).files)


def driven(files: Mapping[str, bytes], at: Case) -> dict[str, ServiceResult]:
    """Its services under the hidden traffic."""
    wanted = module("probe").services(at, files)
    return driving.run(wanted, assignment().limits, assignment().budget)


def measured(
    files: Mapping[str, bytes], at: Case, services: Mapping[str, ServiceResult]
) -> dict[str, TrialResult]:
    """What promtool and amtool say of it."""
    wanted = module("probe").measures(at, files, services)
    return trials.run(wanted, assignment().limits, assignment().budget)


def run(
    files: Mapping[str, bytes],
    services: Mapping[str, ServiceResult],
    measures: Mapping[str, TrialResult],
) -> Run:
    """As an attempt leaves it."""
    ended = Ended("completed", None, "")
    work = trees.Tree(files)
    return Run(
        *({}, {}, {}, {}, {}, ended, 0.0, {}, {}, ""),  # type: ignore[arg-type]
        tree=work,
        trials=measures,
        services=services,
    )


def checked(done: Run, at: Case) -> dict[str, CheckResult]:
    """Check -> its result."""
    checks = module("checks")
    return {each.id: getattr(checks, f"check_{each.id}")(done, at) for each in assignment().checks}
