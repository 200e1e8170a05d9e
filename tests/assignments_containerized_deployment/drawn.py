"""A drawn case, and what comes of a tree in it: images really built, commits in a real box."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.grading import images, trees, trials
from worksample.grading.checks import CheckResult
from worksample.grading.run import Ended, Run

ID = "containerized-deployment"
FOLDER = Path(__file__).parents[2] / "assignments" / ID
SEED = 3


@functools.cache
def assignment() -> Assignment:
    return assignments.load(FOLDER)


def module(name: str) -> ModuleType:
    return modules.load(FOLDER, name)


def case() -> Case:
    """One at standard level, drawn once a run."""

    def draw(folder: Path) -> None:
        cases.draw(assignment(), SEED, "standard", folder / "case", candidate="ada")

    return cases.load(once("containerized-case", draw) / "case")


def tree(name: str, at: Case) -> dict[str, bytes]:
    """``work/`` as a reference solution leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        script = assignment().solution(name).script(at.level)
        work = trees.solved(at.public, script, Path(folder, "in"))
        spec = assignment().work
        assert spec
        return dict(trees.read(work, spec).files)


def tried(at: Case, files: Mapping[str, bytes], only: Iterable[str] = ()) -> Run:
    """Everything that the probe wants, or only some of ``images`` and ``trials``."""
    probe, a = module("probe"), assignment()
    wanted = set(only) or {"images", "trials"}
    built, used, done = {}, {}, {}
    if "images" in wanted:
        limits = images.limits_of(a.limits)
        built, used = images.run(probe.images(at, files), limits, a.budget)
    if "trials" in wanted:
        done = trials.run(probe.trials(at, files), a.limits, a.budget, probe.LIBRARIES)
    run = Run({}, {}, {}, {}, {}, Ended("completed", None, ""), 0.0, {}, {}, "none")
    given = trees.Tree(files) if files else trees.Tree(refused="none")
    more = {"tree": given, "trials": done, "services": used, "images": built}
    return Run(**{**vars(run), **more})


def checked(at: Case, run: Run) -> dict[str, CheckResult]:
    """Every check."""
    checks = module("checks")
    return {cell.id: getattr(checks, f"check_{cell.id}")(run, at) for cell in assignment().checks}
