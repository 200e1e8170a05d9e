"""A drawn case, and repositories tried in it by forks of this process: ours, so no sandbox."""

from __future__ import annotations

import base64
import functools
import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import modules
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.grading import trees, trials
from worksample.grading.checks import CheckResult
from worksample.grading.repository import Trial, TrialResult
from worksample.grading.run import Ended, Run
from worksample.sandbox.inside import trying

ID = "pipeline-troubleshooting"
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

    return cases.load(once("pipeline-case", draw) / "case")


def tree(name: str, at: Case) -> dict[str, bytes]:
    """``work/`` as a reference solution leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        script = assignment().solution(name).script(at.level)
        work = trees.solved(at.public, script, Path(folder, "in"))
        spec = assignment().work
        assert spec
        return dict(trees.read(work, spec).files)


def tried(trial: Trial, folder: Path) -> TrialResult:
    question: dict[str, Any] = {
        "tree": {name: base64.b64encode(data).decode() for name, data in trial.tree.items()},
        "commands": [list(command) for command in trial.commands],
        "fetch": list(trial.fetch),
        "most": trials.MAX_KB * 1024,
        "said": 4000,
    }
    made = trying.trial(question, folder)
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    files = {name: base64.b64decode(data) for name, data in made["files"].items()}
    return TrialResult(trial.id, True, tuple(made["codes"]), files, made["said"])


def results(
    at: Case,
    files: Mapping[str, bytes],
    wanted: tuple[str, ...],
    known: dict[str, TrialResult] | None = None,
) -> dict[str, TrialResult]:
    """Those trials whose names begin so; ``known`` keeps what came of equal trees."""
    known, found = {} if known is None else known, {}
    with tempfile.TemporaryDirectory() as folder:
        for trial in module("probe").trials(at, files):
            if not trial.id.startswith(wanted):
                continue
            # no run of the pipeline reads the guard or the notes of a solution
            left = () if trial.id.startswith("guard") else ("guard.py", "diagnosis.json")
            read = sorted((name, data) for name, data in trial.tree.items() if name not in left)
            key = hashlib.sha256(repr((trial.commands, trial.fetch, read)).encode()).hexdigest()
            if key not in known:
                known[key] = tried(trial, Path(folder))
            found[trial.id] = replace(known[key], id=trial.id)
    return found


def checked(
    at: Case, files: Mapping[str, bytes], done: Mapping[str, TrialResult], diagnosis: Any = None
) -> dict[str, CheckResult]:
    """Every check."""
    answers = {} if diagnosis is None else {"diagnosis": diagnosis}
    tree = trees.Tree(files) if files else trees.Tree(refused="none")
    run = Run({}, {}, answers, {}, {}, Ended("completed", None, ""), 0.0, {}, {}, "none")
    run = Run(**{**vars(run), "tree": tree, "trials": done})
    checks = module("checks")
    return {cell.id: getattr(checks, f"check_{cell.id}")(run, at) for cell in assignment().checks}
