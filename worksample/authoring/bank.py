"""Build a bank of parallel forms: draw cases ahead, let a panel work on each, keep the equal ones.

A form is measured by every member of the panel through the real path (repair, sandbox, probe,
checks), and its file is written when the last of them is done. Killed at any moment and run again,
a build goes on with the first form that has no file. Which forms are kept follows from the files
alone (:func:`worksample.records.bank.judge`).
"""

from __future__ import annotations

import fcntl
import io
import shutil
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from worksample.assignments import build as builds
from worksample.assignments import case as cases
from worksample.assignments.model import STANDARD, TREE, Assignment
from worksample.authoring import panel as panels
from worksample.authoring.panel import Panel
from worksample.batch import cohort as batch
from worksample.batch.workers import Pool
from worksample.course import Course
from worksample.errors import CaseError, CourseError, NotGradableYet
from worksample.grading import trees
from worksample.grading.attempt import Attempt, Graded
from worksample.records import bank as banks
from worksample.records.bank import Bank, Form, Judged, Member
from worksample.records.precision import precision, spearman

TRIES = 4  # times as many forms are measured as are wanted, at most
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Built:
    """What a build came to.

    Attributes:
        measured: forms that were measured by it.
        found: forms that had been measured before.
        short: how many of the wanted forms are missing.
        seconds: that it took, drawing and measuring.
    """

    bank: Bank
    measured: int
    found: int
    short: int
    seconds: float


def build(
    course: Course,
    assignment: Assignment,
    level: str = STANDARD,
    forms: int = 100,
    *,
    seconds: float | None = None,
    unsafe: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Built:
    """Measure forms until so many are kept, and write the bank.

    Args:
        forms: how many to keep; at most TRIES times as many are measured.
        seconds: begin no further form after so long.
        progress: called with what was done and how many runs there are in this round.

    Raises:
        AssignmentError, CaseError: the panel has a mistake, or nothing is graded; there is no such
            level.
        NotGradableYet: a run failed for a reason of ours; nothing of its form was kept.
        CourseError: another build of this bank is under way.
    """
    from worksample.sandbox.choice import choose

    if level not in assignment.levels:
        raise CaseError(
            f"{assignment.id} has no level {level!r}", do=f"levels: {', '.join(assignment.levels)}"
        )
    batch.check_graded(course, assignment.id)
    choose(unsafe)
    panel = panels.read(assignment)
    into = banks.folder(course, assignment.id, level)
    with _alone(into):
        drawn = into / ".drawn"
        shutil.rmtree(drawn, ignore_errors=True)  # of a build that was killed
        work = _Work(course, panel, level, unsafe, workers or batch.cores(), seconds, progress)
        found = len(work.measured)
        work.until(forms)
        shutil.rmtree(drawn, ignore_errors=True)
        kept = _summarised(work, panel)
    short = max(0, forms - len(kept.kept))
    seconds_spent = time.monotonic() - work.begun
    return Built(kept, len(work.measured) - found, found, short, seconds_spent)


@dataclass
class _Work:
    """One build: what is measured already, and how the rest gets measured."""

    course: Course
    panel: Panel
    level: str
    unsafe: bool
    workers: int
    seconds: float | None
    progress: Progress | None
    begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.assignment = self.panel.assignment
        self.members = self.panel.members()
        self.inputs = banks.inputs(self.assignment.folder)
        known = banks.forms(self.course, self.assignment.id, self.level)
        self.measured = {form.number: form for form in known if form.inputs == self.inputs}
        self.open: dict[int, _Open] = {}

    def until(self, wanted: int) -> None:
        """Measure in rounds, each as large as what the ones before it left to be found."""
        most, tried, size = TRIES * wanted, 0, wanted
        while size and not self.over:
            self._round([n for n in range(tried, tried + size) if n not in self.measured])
            tried += size
            judged = self.judged(tried)
            size = min(wanted - len(judged.kept), most - tried) if not self.over else 0
            size = max(size, 0)

    def judged(self, tried: int | None = None) -> Judged:
        """Which of the first so many forms are parallel; default of all."""
        some = [f for n, f in sorted(self.measured.items()) if tried is None or n < tried]
        return banks.judge(some, self.members)

    @property
    def over(self) -> bool:
        """Whether the time that was given is up."""
        return self.seconds is not None and time.monotonic() - self.begun >= self.seconds

    def _round(self, numbers: Sequence[int]) -> None:
        if not numbers:
            return
        # while a case is drawn here, the workers have the runs of a whole form before them
        ahead = max(self.workers, len(self.members) // 3)
        runs = len(numbers) * len(self.members)
        for attempt, graded in batch.run_all(
            self._attempts(numbers), Pool(self.workers), ahead=ahead
        ):
            each = self.open[attempt.case.seed]
            each.add(attempt.submitted["member"], graded)
            if self.progress:
                self.progress(f"form {each.number}: {attempt.submitted['member']}", runs)
            if len(each.scores) == len(self.members):
                self._finish(each)

    def _attempts(self, numbers: Iterable[int]) -> Iterator[Attempt]:
        release = builds.release_bytes(self.course, self.assignment, self.level)
        for number in numbers:
            if self.over:
                return
            form = self._drawn(number)
            if form is None:
                continue
            for member in self.members:
                yield self._attempt(form.case, member, release)

    def _drawn(self, number: int) -> _Open | None:
        secret = self.course.secret()
        seed = cases.form_seed(secret, self.assignment.id, self.level, number)
        home = banks.folder(self.course, self.assignment.id, self.level)
        into = home / ".drawn" / f"{seed:016x}"
        begun = time.monotonic()
        try:
            case = cases.draw(self.assignment, seed, self.level, into, candidate="bank")
        except CaseError as error:  # this seed gives no case; others do
            self._keep(self._form(number, seed, why=error.what))
            return None
        self.open[seed] = _Open(number, case, begun)
        return self.open[seed]

    def _attempt(self, case: cases.Case, member: Member, release: bytes) -> Attempt:
        given = nbformat.read(io.StringIO(release.decode("utf-8")), as_version=4)
        answers = dict(self.panel.answers(member, case))
        script, extra = answers.pop(TREE, ""), {}
        if self.assignment.work:
            into = case.public.parent / "handed-in" / member.name
            extra = {TREE: trees.solved(case.public, script, into)}
        filled = builds.filled(given, answers)
        return Attempt(
            folder=self.assignment.folder,
            name=self.assignment.id,
            case=case,
            notebook=nbformat.writes(filled).encode("utf-8"),
            extra=extra,
            release=release,
            inputs={},
            submitted={"member": member.name},
            unsafe=self.unsafe,
        )

    def _finish(self, done: _Open) -> None:
        case = done.case
        self._keep(
            self._form(
                done.number,
                case.seed,
                case={
                    "version": case.version,
                    "public": cases.tree_digest(case.public),
                    "private": cases.tree_digest(case.private),
                },
                # in the panel's order: files of equal content are equal
                scores={each.name: done.scores[each.name] for each in self.members},
                checks={each.name: done.checks[each.name] for each in self.members},
                ended={
                    each.name: done.ended[each.name]
                    for each in self.members
                    if each.name in done.ended
                },
                seconds=round(time.monotonic() - done.begun, 1),
            )
        )
        shutil.rmtree(case.public.parent)
        del self.open[case.seed]

    def _form(self, number: int, seed: int, **measured: Any) -> Form:
        return Form(self.assignment.id, self.level, number, seed, self.inputs, **measured)

    def _keep(self, form: Form) -> None:
        banks.write(self.course, form)
        self.measured[form.number] = form


@dataclass
class _Open:
    """A form that is being measured."""

    number: int
    case: cases.Case
    begun: float
    scores: dict[str, float] = field(default_factory=dict)
    checks: dict[str, dict[str, float]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)

    def add(self, member: str, graded: Graded) -> None:
        """Note a member's result.

        Raises:
            NotGradableYet: there is none, which is our fault and no measurement.
        """
        body = graded.body
        if body["points"] is None:
            raise NotGradableYet(
                f"{member} could not be graded on form {self.number}: {body['why']}",
                do="mend that and run it again; finished forms are kept",
            )
        self.scores[member] = body["points"]
        self.checks[member] = {name: one["points"] for name, one in body["checks"].items()}
        how = body["run"]["ended"]["how"]
        if how != "completed":
            self.ended[member] = how


def _summarised(work: _Work, panel: Panel) -> Bank:
    """Write ``bank.json`` from the forms that are measured."""
    judged, members = work.judged(), work.members
    usable = [form for _, form in sorted(work.measured.items()) if not form.why]
    chosen, every = _matrix(judged.kept, members), _matrix(usable, members)
    sure, unselected = precision(chosen), precision(every)
    content = {
        "inputs": work.inputs,
        "rule": {
            "strong_within": banks.STRONG_WITHIN,
            "within": banks.WITHIN,
            "mean_within": banks.MEAN_WITHIN,
        },
        "members": [vars(each) for each in members],
        "middle": dict(judged.middle),
        "kept": [form.name for form in judged.kept],
        "rejected": {work.measured[n].name: why for n, why in judged.rejected.items()},
        "forms": {form.name: banks.sha256(work.course, form) for form in work.measured.values()},
        "precision": sure.to_json() if sure else None,
        "unselected": unselected.to_json() if unselected else None,
        "figures": {
            "seconds": statistics.median(form.seconds for form in usable) if usable else 0.0,
            "kept": _figures(judged.kept, members),
            "measured": _figures(usable, members),
        },
    }
    return banks.keep(work.course, panel.assignment.id, work.level, content)


def _matrix(forms: Sequence[Form], members: Iterable[Member]) -> np.ndarray:
    """Scores of the simulated candidates, persons × forms."""
    people = [each.name for each in members if each.simulated]
    return np.array([[form.scores[name] for form in forms] for name in people]).reshape(
        len(people), len(forms)
    )


def _figures(forms: Sequence[Form], members: Sequence[Member]) -> dict[str, Any]:
    """What a person wants to see of some forms: spread of each solution, ability against score."""
    if not forms:
        return {"solutions": {}, "spearman": None, "spearman_one_form": None}
    people = [each for each in members if each.simulated]
    ability = [each.ability or 0.0 for each in people]
    solutions = {
        each.name: {"quality": each.quality, **_spread([f.scores[each.name] for f in forms])}
        for each in members
        if not each.simulated
    }
    scores = _matrix(forms, members)
    single = [spearman(ability, list(scores[:, i])) for i in range(len(forms))] if people else []
    known = [each for each in single if each is not None]
    return {
        "solutions": solutions,
        "people": _spread(list(scores.mean(axis=0))) if people else None,
        "spearman": spearman(ability, list(scores.mean(axis=1))) if people else None,
        "spearman_one_form": statistics.median(known) if known else None,
        "spearman_lowest": min(known, default=None),
    }


def _spread(scores: Sequence[float]) -> dict[str, float]:
    values = [float(each) for each in scores]
    return {
        "n": len(values),
        "mean": statistics.fmean(values),
        "sd": statistics.stdev(values) if len(values) > 1 else 0.0,
        "min": min(values),
        "max": max(values),
    }


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """Two builds at once would measure everything twice; the kernel drops the lock on any end."""
    into.mkdir(parents=True, exist_ok=True)
    with open(into / ".building", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                "this bank is being built by another command",
                where=str(into),
                do="wait for it to end; `worksample bank --show` says how far it is",
            ) from None
        yield
