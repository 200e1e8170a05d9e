"""A drawn case, and repositories tried in it by this process: ours, so events need no sandbox."""

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
from worksample.grading import driving, images, trees
from worksample.grading.checks import CheckResult
from worksample.grading.events import Happening, happened
from worksample.grading.repository import TrialResult
from worksample.grading.run import Ended, Run
from worksample.limits import Budget
from worksample.workbook.ci import Recorder
from worksample.workbook.ci import run as happen

ID = "deployment-component"
FOLDER = Path(__file__).parents[2] / "assignments" / ID
SEED = 21
Files = Mapping[str, bytes]


@functools.cache
def assignment() -> Assignment:
    return assignments.load(FOLDER)


def module(name: str) -> ModuleType:
    return modules.load(FOLDER, name)


def case(seed: int = SEED, level: str = "standard") -> Case:
    """Drawn once a run."""

    def draw(folder: Path) -> None:
        cases.draw(assignment(), seed, level, folder / "case", candidate="ada")

    return cases.load(once(f"deployment-case-{seed}-{level}", draw) / "case")


@functools.cache
def _tree(name: str, at: Path, level: str) -> Files:
    with tempfile.TemporaryDirectory() as folder:
        script = assignment().solution(name).script(level)
        work = trees.solved(at, script, Path(folder, "in"))
        spec = assignment().work
        assert spec
        return dict(trees.read(work, spec).files)


def tree(name: str, at: Case) -> Files:
    """``work/`` as a reference solution leaves it."""
    return _tree(name, at.public, at.level)


def tried(given: Happening) -> TrialResult:
    """What comes of a happening, here."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "tree")
        for name, data in given.tree.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        with Recorder(Path(place, "registry"), given.password) as recorder:
            done = happen(folder, Path(place, "run"), given.events, recorder)
        value = {
            "codes": [each.code for each in done],
            "commits": [each.commit for each in done],
            "whys": [each.why for each in done],
            "records": recorder.records,
        }
    return TrialResult(given.id, True, happened=happened(value))


def events(at: Case, files: Files, wanted: Iterable[str] = ("",)) -> dict[str, TrialResult]:
    """Those happenings whose names begin so, or changes of those kinds."""
    kinds = [each["kind"] for each in at.truth()["changes"]]

    def is_wanted(name: str) -> bool:
        kind = kinds[int(name.partition("/")[2])] if "/" in name else ""
        return any(name.startswith(each) or kind == each for each in wanted)

    found = module("probe").trials(at, files)
    return {each.id: tried(each) for each in found if is_wanted(each.id)}


def checked(
    at: Case, files: Files, done: Mapping[str, TrialResult], **more: Mapping[str, object]
) -> dict[str, CheckResult]:
    """Every check; ``more``: what came of services and images."""
    tree = trees.Tree(files) if files else trees.Tree(refused="none")
    run = Run({}, {}, {}, {}, {}, Ended("completed", None, ""), 0.0, {}, {}, "none")
    run = Run(**{**vars(run), "tree": tree, "trials": done, **more})
    checks = module("checks")
    return {cell.id: getattr(checks, f"check_{cell.id}")(run, at) for cell in assignment().checks}


def services(at: Case, files: Files) -> dict[str, object]:
    """Their service, in the real sandbox."""
    wanted = module("probe").services(at, files)
    return dict(driving.run(wanted, assignment().limits, Budget()))


def built(at: Case, files: Files) -> tuple[dict[str, object], dict[str, object]]:
    """Their image, really built."""
    limits = images.limits_of(assignment().limits)
    made, used = images.run(module("probe").images(at, files), limits, Budget())
    return dict(made), dict(used)
