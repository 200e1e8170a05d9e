"""One attempt, from what was submitted to a record of evidence.

`grade` repairs, executes in the sandbox, runs the checks and draws the notebook, in any process.
nbgrader's path and ours both end here, so they cannot give different scores.
"""

from __future__ import annotations

import json
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from worksample import assignments, stages
from worksample.assignments import case as cases
from worksample.assignments import imports
from worksample.assignments.case import Case
from worksample.assignments.model import TREE, Assignment
from worksample.errors import WorksampleError
from worksample.grading import (
    beyond,
    clean,
    digest,
    driving,
    images,
    repair,
    tools,
    trees,
    trials,
    visible,
)
from worksample.grading.checkhost import plain, to_json
from worksample.grading.checks import CheckResult
from worksample.grading.cleaner import Cleaner, helper
from worksample.grading.image import Built
from worksample.grading.probe import Call, CallResult
from worksample.grading.repository import TrialResult
from worksample.grading.run import Run, execute
from worksample.grading.services import ServiceResult
from worksample.limits import TreeSpec

JSON = dict[str, Any]

MAX_ERROR = 300  # characters of an error's words
TOLD = 600  # the last characters of what a trial's commands said, that are kept
_STOPPED = {
    "timeout": "[This cell was stopped: it took longer than it may.]",
    "crashed": "[This cell ended the kernel; the others were run without it.]",
    "not_run": "[This cell was not run.]",
}


@dataclass(frozen=True)
class Attempt:
    """Everything that grading one attempt needs; can be sent to another process.

    Attributes:
        name: nbgrader's assignment, the revision's on attempt 2.
        notebook: the submission's, as received.
        extra: files of the candidate's own beside it, by name.
        release: the released notebook, as it is now.
        given: the notebooks that this candidate was sent; None: the release.
        inputs: sha256 of each thing that the score depends on.
        submitted: what the evidence says of the submission.
        unsafe: do without a sandbox.
    """

    folder: Path
    name: str
    case: Case
    notebook: bytes
    extra: Mapping[str, Path]
    release: bytes
    inputs: Mapping[str, str]
    submitted: Mapping[str, Any]
    unsafe: bool = False
    given: tuple[bytes, ...] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the records that hold this attempt's score; without a sandbox, with one is as good."""
        sealed = {**self.inputs, "engine": digest.engine()}
        return digest.key_of(self.inputs), digest.key_of(sealed)


@dataclass(frozen=True)
class Graded:
    """What grading came to: the evidence's body, and the executed notebook if there is one."""

    body: JSON
    notebook: bytes | None


def grade(attempt: Attempt) -> Graded:
    """Repair, execute, check and draw. Whatever goes wrong on our side is no score."""
    try:
        with stages.timed() as spent:
            return _grade(attempt, spent)
    except WorksampleError as error:
        return not_gradable(attempt, str(error))
    except Exception as error:  # a fault of ours, whatever it is: never the candidate's score
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        return not_gradable(attempt, f"{type(error).__name__}: {error} ({place})")


def run(
    assignment: Assignment, case: Case, notebook: JSON, extra: Mapping[str, Path], unsafe: bool
) -> Run:
    """Execute a notebook, answer the assignment's probe, and try what lies in ``work/``.

    Raises:
        NotGradableYet: for a fault of ours; also where a program that it needs is not installed.
    """
    tools.require(assignment.needs)
    done = execute(
        visible.executable(notebook, assignment.cells_of(case.level)),
        case.public,
        {**extra, **assignment.paths},
        assignment.limits,
        assignment.answers,
        _calls(assignment, case),
        case.level,
        budget=assignment.budget,
        libraries=imports.libraries(assignment),
        unsafe=unsafe,
    )
    if assignment.work is None:
        return done
    tree = trees.read(extra.get(TREE), assignment.work)
    done = replace(done, tree=tree, trials=_trials(assignment, case, tree, unsafe))
    done = replace(done, services=_services(assignment, case, done, unsafe))
    done = replace(done, trials={**done.trials, **_measures(assignment, case, done, unsafe)})
    built, used = _images(assignment, case, done)
    return replace(done, images=built, services={**done.services, **used})


def _trials(
    assignment: Assignment, case: Case, tree: trees.Tree, unsafe: bool
) -> dict[str, TrialResult]:
    """What comes of the trees that the probe puts together; empty where there is nothing to try."""
    if tree.refused or not _has_probe(assignment):
        return {}
    probe = assignments.load_module(assignment, "probe")
    if not hasattr(probe, "trials"):
        return {}
    wanted = probe.trials(case, tree.files)
    libraries = getattr(probe, "LIBRARIES", ())
    try:
        return trials.run(wanted, assignment.limits, assignment.budget, libraries, unsafe)
    finally:
        stages.end("trials")


def _services(
    assignment: Assignment, case: Case, done: Run, unsafe: bool
) -> dict[str, ServiceResult]:
    """What comes of the services that the probe wants; they have a budget of their own."""
    if done.tree.refused or not _has_probe(assignment):
        return {}
    probe = assignments.load_module(assignment, "probe")
    if not hasattr(probe, "services"):
        return {}
    wanted = probe.services(case, done.tree.files)
    try:
        return driving.run(wanted, assignment.limits, assignment.budget, unsafe)
    finally:
        stages.end("services")


def _images(
    assignment: Assignment, case: Case, done: Run
) -> tuple[dict[str, Built], dict[str, ServiceResult]]:
    """What comes of the images that the probe wants, and of their uses; nothing without a probe."""
    if done.tree.refused or not _has_probe(assignment):
        return {}, {}
    probe = assignments.load_module(assignment, "probe")
    if not hasattr(probe, "images"):
        return {}, {}
    try:
        wanted = probe.images(case, done.tree.files)
        return images.run(wanted, images.limits_of(assignment.limits), assignment.budget)
    finally:
        stages.end("images")


def _measures(
    assignment: Assignment, case: Case, done: Run, unsafe: bool
) -> dict[str, TrialResult]:
    """What comes of trials that are made of what services answered, such as their metrics."""
    if not done.services or not _has_probe(assignment):
        return {}
    probe = assignments.load_module(assignment, "probe")
    if not hasattr(probe, "measures"):
        return {}
    wanted = probe.measures(case, done.tree.files, done.services)
    try:
        return trials.run(wanted, assignment.limits, assignment.budget, (), unsafe)
    finally:
        stages.end("measures")


def _grade(attempt: Attempt, spent: stages.Stages) -> Graded:
    assignment = assignments.load(attempt.folder)
    repaired = repair.repair(attempt.notebook, json.loads(attempt.release), attempt.given)
    done = run(assignment, attempt.case, repaired.notebook, attempt.extra, attempt.unsafe)
    stages.end("read")
    stages.watch(helper)
    results = beyond.results(
        assignment, done, attempt.case, lambda: _reference(attempt, assignment)
    )
    notebook = draw(repaired.notebook, done, results, _work(assignment, attempt.case, done))
    drawn = json.dumps(notebook, ensure_ascii=False, indent=1)
    stages.end("drawing", helper)
    body = _body(attempt) | {
        "outcome": "graded" if done.ended.how == "completed" else "candidate_failure",
        "why": clean.terminal(done.ended.detail) if done.ended.how != "completed" else "",
        "repairs": [asdict(note) for note in repaired.notes],
        "run": _run_facts(done) | {"stages": spent.facts()},
        "checks": {name: to_json(result) for name, result in results.items()},
        "points": round(sum(result.points for result in results.values()), 6),
        "possible": round(sum(result.possible for result in results.values()), 6),
    }
    return Graded(body, drawn.encode("utf-8"))


def _reference(attempt: Attempt, assignment: Assignment) -> Run | None:
    """The first strong reference solution, run as the attempt was; None where there is none."""
    strong = next((each for each in assignment.solutions if each.quality == "strong"), None)
    if strong is None:
        return None
    release = json.loads(attempt.release)
    answers = strong.sources(attempt.case.level)
    cells = [
        {**cell, "source": answers.get(cell["metadata"].get("worksample", {}).get("cell"), source)}
        for cell in release["cells"]
        for source in [cell["source"]]
    ]
    notebook = {**release, "cells": cells}
    if assignment.work is None:
        return run(assignment, attempt.case, notebook, {}, attempt.unsafe)
    with TemporaryDirectory(prefix="reference-") as folder:
        script = strong.script(attempt.case.level)
        work = trees.solved(attempt.case.public, script, Path(folder, "work"))
        return run(assignment, attempt.case, notebook, {TREE: work}, attempt.unsafe)


def not_gradable(attempt: Attempt, why: str) -> Graded:
    """A fault of ours: no score."""
    facts: JSON = {"repairs": [], "run": None, "checks": {}, "points": None, "possible": None}
    return Graded(_body(attempt) | {"outcome": "not_gradable_yet", "why": why} | facts, None)


def _body(attempt: Attempt) -> JSON:
    case = attempt.case
    return {
        "attempt": cases.attempt_of(attempt.name),
        "inputs": dict(attempt.inputs),
        "case": {
            "level": case.level,
            "version": case.version,
            "seed": f"{case.seed:016x}",
            **({"skin": case.skin} if case.skin else {}),
        },
        "submission": dict(attempt.submitted),
    }


def _calls(assignment: Assignment, case: Case) -> Iterable[Call]:
    if not _has_probe(assignment):
        return ()
    return assignments.load_module(assignment, "probe").calls(case)


def _has_probe(assignment: Assignment) -> bool:
    return (assignment.folder / "probe.py").is_file()


def _run_facts(done: Run) -> JSON:
    return plain(
        {
            "ended": asdict(done.ended),
            "cells": dict(done.cells),
            "answers": dict(done.answers),
            "refused": dict(done.refused),
            "calls": {
                name: [_call_facts(result) for result in made] for name, made in done.calls.items()
            },
            "seconds": round(done.seconds, 3),
            "versions": dict(done.versions),
            "limits": dict(done.limits),
            "probe": dict(done.probe),
            "sandbox": done.sandbox,
            **({"trials": _trial_facts(done)} if done.trials else {}),
            **({"services": _service_facts(done)} if done.services else {}),
            **({"images": _image_facts(done)} if done.images else {}),
            **({"tree": done.tree.refused} if done.tree.refused else {}),
        }
    )


def _trial_facts(done: Run) -> JSON:
    return {
        name: {
            "ok": each.ok,
            "codes": list(each.codes),
            "error": each.error,
            "seconds": round(each.seconds, 3),
            "value": each.digest,
            "told": clean.terminal(each.said[-TOLD:]),
        }
        for name, each in done.trials.items()
    }


def _service_facts(done: Run) -> JSON:
    return {
        name: {
            "ok": each.ok,
            "error": each.error,
            "seconds": round(each.seconds, 3),
            "cpu_seconds": round(each.cpu_seconds, 3),
            "answers": {
                asked: dict(Counter(str(one.status or one.error) for one in ledger))
                for asked, ledger in each.ledger.items()
            },
            "ends": {name: end.code for name, end in each.ends.items()},
            "told": clean.terminal(each.said[-TOLD:]),
        }
        for name, each in done.services.items()
    }


def _image_facts(done: Run) -> JSON:
    return {
        name: {
            "ok": each.ok,
            "error": each.error,
            "seconds": round(each.seconds, 3),
            "layers": len(each.image.layers) if each.image else 0,
            "kb": each.image.kb if each.image else 0,
            "found": len(each.found),
            "told": clean.terminal(each.said[-TOLD:]),
        }
        for name, each in done.images.items()
    }


@dataclass(frozen=True)
class Work:
    """What was changed in ``work/``, and the cell below which people see it."""

    cell: str
    shown: str
    texts: Mapping[str, Mapping[str, str]]


def _work(assignment: Assignment, case: Case, done: Run) -> Work | None:
    """None where an assignment has no tree."""
    if assignment.work is None:
        return None
    cell, now = assignment.work.shown_in, done.tree
    if now.refused:
        return Work(cell, f"[Nothing of {TREE}/ was taken: {now.refused}.]\n", {})
    came = trees.read(case.public / TREE, TreeSpec(files=10_000, kb=1 << 20)).files
    return Work(cell, trees.comparison(came, now.files), trees.texts(came, now.files))


def _call_facts(result: CallResult) -> JSON:
    facts = {"ok": result.ok, "error": result.error, "seconds": round(result.seconds, 3)}
    told = {"told": clean.terminal(result.told)} if result.told else {}
    return {**facts, "value": result.digest, **told}


# ---- the notebook that people see ----


def draw(
    notebook: JSON, done: Run, results: Mapping[str, CheckResult], work: Work | None = None
) -> JSON:
    """The repaired notebook with what its cells put out, and each check in words.

    The text and the metadata of the cells are the repaired notebook's; of the run, only the
    outputs are taken, and they are cleaned.
    """
    executed = {cell.get("id"): cell for cell in done.notebook["cells"]}
    cleaner = Cleaner()
    cells = [
        _drawn(cleaner, cell, executed.get(cell["id"], {}), done, results)
        for cell in notebook["cells"]
    ]
    cells = [_with_work(cleaner, cell, work) for cell in cells]
    return {**notebook, "cells": cells}


def _drawn(
    cleaner: Cleaner,
    cell: JSON,
    executed: Mapping[str, Any],
    done: Run,
    results: Mapping[str, CheckResult],
) -> JSON:
    count = executed.get("execution_count")
    made = cleaner.cell({**cell, "execution_count": count, "outputs": executed.get("outputs")})
    made["metadata"] = cell["metadata"]
    grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
    if grade_id in results:
        made["outputs"] = rendering(results[grade_id], _raised(executed))
        made["execution_count"] = None
    elif made["cell_type"] == "code":
        told = _STOPPED.get(done.cells.get(cell["id"], ""))
        note = {"output_type": "stream", "name": "stderr", "text": f"{told}\n"}
        made["outputs"] += [note] if told else []
    return made


def _with_work(cleaner: Cleaner, cell: JSON, work: Work | None) -> JSON:
    """The cell; where people look for what was changed in the tree, with that below it alone.

    What the candidate's own code put out there says nothing: it could show another tree.
    """
    if work is None or cell["id"] != work.cell:
        return cell
    shown = {"output_type": "stream", "name": "stdout", "text": work.shown}
    made = cleaner.cell({**cell, "outputs": [shown]})
    ours = {**cell["metadata"].get("worksample", {}), "work": plain(work.texts)}
    made["metadata"] = {**cell["metadata"], "worksample": ours}
    return made


def _raised(executed: Mapping[str, Any]) -> str:
    """The error that a cell ended with, in one line; empty if it did not."""
    errors = [each for each in executed.get("outputs", ()) if each["output_type"] == "error"]
    if not errors:
        return ""
    return clean.terminal(f"{errors[-1]['ename']}: {errors[-1]['evalue']}"[:MAX_ERROR])


def rendering(result: CheckResult, raised: str = "") -> list[JSON]:
    """A check's result as outputs of its cell: words, then the number that nbgrader reads.

    Args:
        raised: what the visible check ended with, told where points were lost: it may say why.
    """
    raised = raised if result.points < result.possible - 1e-9 else ""
    told = f"When your notebook was run, this cell stopped with {raised}" if raised else ""
    heading = f"{_verdict(result.points, result.possible)}: {_points(result)}"
    rows = [
        f"| {clean.plain(part.name)} | {part.earned:.4g} of {part.possible:.4g} "
        f"| {clean.plain(part.message)} |"
        for part in result.parts
    ]
    table = "\n".join(["| looked at | points | |", "|---|---|---|", *rows])
    lines = [
        f"{part.name}: {part.earned:.4g} of {part.possible:.4g}. {part.message}"
        for part in result.parts
    ]
    lines += [told] if told else []
    text = clean.text("\n".join([heading, *(" ".join(line.split()) for line in lines)]))
    below = f"\n\n{clean.plain(told)}" if told else ""
    return [
        {
            "output_type": "display_data",
            "metadata": {"worksample": {"raised": raised}} if raised else {},
            "data": {"text/markdown": f"**{heading}**\n\n{table}{below}", "text/plain": text},
        },
        {
            "output_type": "execute_result",
            "execution_count": None,
            "metadata": {},
            "data": {"text/plain": repr(_score(result))},
        },
    ]


def _score(result: CheckResult) -> float:
    # nbgrader refuses more than the cell's points, and reads anything negative as full
    return min(max(round(result.points, 6), 0.0), round(result.possible, 6))


def _points(result: CheckResult) -> str:
    return f"{result.points:.4g} of {result.possible:.4g} points"


def _verdict(points: float, possible: float) -> str:
    if points >= possible - 1e-9:
        return "Passed"
    return "Partly passed" if points > 1e-9 else "Not passed"
