"""Prove an assignment: every reference solution through the real path, over many cases.

A case is drawn for each seed and level, each solution's answers are written into the release, and
the notebook goes through repair, sandbox, probe and checks exactly as a candidate's would. What
comes out is held against what the solution's header states. With a skin every case is tried in it
too, with the solutions in the same words, and each check has to give the same points.
"""

from __future__ import annotations

import io
import json
import math
import shutil
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import nbformat

from worksample.assignments import build, dressing
from worksample.assignments import case as cases
from worksample.assignments.model import MAX_IDLE, STANDARD, TREE, Assignment, Solution
from worksample.batch import cohort as batch
from worksample.batch.workers import Pool
from worksample.course import Course
from worksample.grading import trees
from worksample.grading.attempt import Attempt, Graded

STRONG, IDLE = "strong", "idle"
MAX_STRONG_SD = 3.0
QUICK_SEEDS = 2
SEEDS = 20


@dataclass(frozen=True)
class Result:
    """One solution on one case.

    Attributes:
        cause: what was planted (``truth()["causes"]``), "" where the scenario names none.
        total: points of 100; None when it could not be graded.
        wrong: how it differs from what the header states, one sentence each.
        skin: whose words it was in; empty for none.
    """

    solution: str
    quality: str
    level: str
    seed: int
    cause: str
    total: float | None
    points: dict[str, float]
    ended: str
    seconds: float
    wrong: tuple[str, ...]
    skin: str = ""


@dataclass(frozen=True)
class Verified:
    """All results for one assignment, and every deviation in words."""

    assignment: str
    results: tuple[Result, ...]
    deviations: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data, for a report."""
        results = [vars(result) for result in self.results]
        return {**vars(self), "results": results}


def seeds(count: int, first: int = 0) -> list[int]:
    """Seeds whose upper and lower halves both vary, so that every tier and cause comes up."""
    return [(i % 2) << 32 | i for i in range(first, first + count)]


def verify(
    course: Course,
    assignment: Assignment,
    *,
    seed_list: Sequence[int] | None = None,
    levels: Sequence[str] | None = None,
    solutions: Sequence[str] | None = None,
    quick: bool = False,
    skin: str = "",
    unsafe: bool = False,
    workers: int | None = None,
    progress: Callable[[Result, int], None] | None = None,
) -> Verified:
    """Run every reference solution on every case (one that ends by a timeout on two a level).

    Args:
        seed_list: the cases; default 20 of them, 2 if ``quick``.
        levels: default all, the standard one if ``quick``.
        solutions: names; default all.
        skin: try every case in this skin too, and compare.
        progress: called with each result and the number of all.

    Raises:
        AssignmentError, CaseError: a solution or a level does not exist, a case cannot be drawn.
        SandboxUnavailable: nothing can be executed here.
    """
    from worksample.sandbox.choice import choose

    choose(unsafe)
    names = list(solutions or ()) or [each.name for each in assignment.solutions]
    skins = ["", skin] if skin else [""]
    wanted = list(seed_list or seeds(QUICK_SEEDS if quick else SEEDS))
    at = list(levels or ([STANDARD] if quick else assignment.levels))
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="worksample-verify-") as folder:
        cohorts = {
            each: _Cohort(course, assignment, names, Path(folder), unsafe, each) for each in skins
        }
        count = workers or batch.cores()
        due = sum(len(cohorts[""].due(index)) for index in range(len(wanted)))
        attempts = chain(*(cohort.attempts(wanted, at) for cohort in cohorts.values()))
        for attempt, graded in batch.run_all(attempts, Pool(count), count):
            results.append(cohorts[attempt.case.skin].result(attempt, graded))
            if progress:
                progress(results[-1], len(at) * due * len(skins))
    results.sort(key=lambda r: (r.skin, r.level, r.solution, r.seed))
    deviations = [*_single(results)]
    for _, own in _grouped(results, "skin"):
        deviations += [*_together(assignment, own), *_gained(assignment, own), *_for_nothing(own)]
    deviations += _told_apart(results)
    return Verified(assignment.id, tuple(results), tuple(deviations))


def table(verified: Verified) -> str:
    """Solution × mean, standard deviation, minimum and maximum, per level, then by cause."""
    lines = []
    for (level, skin), results in _grouped(verified.results, "level", "skin"):
        lines.append(f"{verified.assignment}, {level}" + (f", in the skin {skin}" if skin else ""))
        lines.append(f"  {'solution':24} {'n':>4} {'mean':>6} {'sd':>6} {'min':>6} {'max':>6}")
        for name, own in _grouped(results, "solution"):
            lines.append(f"  {name:24} {_summary(own)}")
        if idle := _idle(results):
            lines.append(f"  {'idle, all together':24} {'':4} {sum(idle.values()):6.1f}")
        lines += _by_cause(results)
        lines.append("")
    lines += _compared(verified.results)
    return "\n".join(lines).rstrip()


class _Cohort:
    """The cases of one verification, drawn once each and deleted when their last solution ran."""

    def __init__(
        self,
        course: Course,
        author: Assignment,
        solutions: Sequence[str],
        folder: Path,
        unsafe: bool,
        skin: str,
    ) -> None:
        self.course, self.author, self.skin = course, author, skin
        self.assignment = dressing.wear(course, author, skin)
        self.solutions = [self.assignment.solution(name) for name in solutions]
        self.folder, self.unsafe = folder, unsafe
        self.causes: dict[Path, str] = {}
        self.left: dict[Path, int] = {}

    def attempts(self, wanted: Iterable[int], levels: Iterable[str]) -> Iterator[Attempt]:
        """Every solution on every case."""
        for level in levels:
            release = build.release_bytes(self.course, self.assignment, level)
            for index, seed in enumerate(wanted):
                into = self.folder / f"{self.skin}-{level}-{seed}"
                case = cases.draw(
                    self.author, seed, level, into, candidate="verify", skin=self.skin
                )
                self.causes[into] = cause(case.truth())
                self.left[into] = len(self.due(index))
                for solution in self.due(index):
                    yield attempt_of(self.assignment, solution, case, release, self.unsafe)

    def due(self, index: int) -> list[Solution]:
        """The solutions that run on a level's n-th case.

        One that is there to wait for a limit says nothing new on further cases, and an hour of
        waiting would be spent on it.
        """
        return [each for each in self.solutions if each.ended != "timeout" or index < QUICK_SEEDS]

    def result(self, attempt: Attempt, graded: Graded) -> Result:
        """What a solution came to, against its header."""
        solution = self.assignment.solution(attempt.submitted["solution"])
        into = attempt.case.public.parent
        self.left[into] -= 1
        if not self.left[into]:
            shutil.rmtree(into)
        body = graded.body
        points = {name: check["points"] for name, check in body["checks"].items()}
        run = body["run"] or {"ended": {"how": body["why"]}, "seconds": 0.0}
        return Result(
            solution=solution.name,
            quality=solution.quality,
            level=attempt.case.level,
            seed=attempt.case.seed,
            cause=self.causes[into],
            total=body["points"],
            points=points,
            ended=run["ended"]["how"],
            seconds=run["seconds"],
            wrong=tuple(_wrong(self.assignment, solution, attempt.case.level, graded)),
            skin=self.skin,
        )


def attempt_of(
    assignment: Assignment, solution: Solution, case: cases.Case, release: bytes, unsafe: bool
) -> Attempt:
    """A reference solution as an attempt at a case."""
    given = nbformat.read(io.StringIO(release.decode("utf-8")), as_version=4)
    filled = build.filled(given, solution.sources(case.level))
    return Attempt(
        folder=assignment.folder,
        name=assignment.id,
        case=case,
        notebook=nbformat.writes(filled).encode("utf-8"),
        extra=tree_of(assignment, solution, case),
        release=release,
        inputs={},
        submitted={"solution": solution.name},
        unsafe=unsafe,
    )


def tree_of(assignment: Assignment, solution: Solution, case: cases.Case) -> dict[str, Path]:
    """``work/`` as the solution leaves it; nothing where the assignment has no tree."""
    if assignment.work is None:
        return {}
    into = case.public.parent / "handed-in" / solution.name
    return {TREE: trees.solved(case.public, solution.script(case.level), into)}


def cause(truth: dict[str, Any]) -> str:
    """The planted causes by name, whatever the scenario says of each; "" where it names none."""
    found = truth.get("causes") or []
    given = [found] if isinstance(found, str | dict) else found
    return " + ".join(str(one.get("id", one) if isinstance(one, dict) else one) for one in given)


def _wrong(assignment: Assignment, solution: Solution, level: str, graded: Graded) -> Iterator[str]:
    body = graded.body
    if body["points"] is None:
        yield f"could not be graded: {body['why']}"
        return
    if body["run"]["ended"]["how"] != solution.ended:
        ended = body["run"]["ended"]
        yield f"ended {ended['how']} ({ended['detail']}), not {solution.ended}"
    low, high = solution.total.get(level, (0.0, math.inf))
    if not low - 1e-6 <= body["points"] <= high + 1e-6:
        below = [
            f"{name} {check['points']:g} of {check['possible']:g}"
            for name, check in body["checks"].items()
            if check["points"] < check["possible"] - 1e-6
        ]
        short = f" ({', '.join(below)})" if below else ""
        yield f"{body['points']:g} points, not {low:g} to {high:g}{short}"
    for name in solution.failing:
        check = body["checks"][name]
        if check["points"] >= check["possible"] - 1e-6:
            yield f"{name} should stay below full points"


def _single(results: Iterable[Result]) -> Iterator[str]:
    for result in results:
        for wrong in result.wrong:
            of = f" [{result.cause}]" if result.cause else ""
            yield f"{result.solution}, {result.level}, seed {result.seed}{of}: {wrong}"


def _together(assignment: Assignment, results: Sequence[Result]) -> Iterator[str]:
    """What holds of a solution over all cases: its mean, and a strong one's spread."""
    for (level, name), own in _grouped(results, "level", "solution"):
        totals = [result.total for result in own if result.total is not None]
        if not totals:
            continue
        low, high = assignment.solution(name).mean.get(level, (0.0, math.inf))
        mean, sd = statistics.fmean(totals), statistics.pstdev(totals)
        if not low <= mean <= high:
            yield f"{name}, {level}: mean {mean:.1f}, not {low:g} to {high:g}"
        if own[0].quality == STRONG and sd > MAX_STRONG_SD:
            yield f"{name}, {level}: standard deviation {sd:.1f}, above {MAX_STRONG_SD:g}"


def _gained(assignment: Assignment, results: Sequence[Result]) -> Iterator[str]:
    """Where an attack earned more than the same answers do without it."""
    by = {(result.solution, result.level, result.seed): result for result in results}
    for result in results:
        twin = by.get(
            (assignment.solution(result.solution).no_better_than, result.level, result.seed)
        )
        if twin is None or twin.total is None:
            continue
        for name, points in result.points.items():
            if points > twin.points.get(name, 0.0) + 1e-6:
                yield (
                    f"{result.solution}, {result.level}, seed {result.seed}: {name} earned "
                    f"{points:g}, and {twin.points.get(name, 0.0):g} without the attack "
                    f"({twin.solution})"
                )


def _pairs(results: Iterable[Result]) -> Iterator[tuple[Result, Result]]:
    """The same solution on the same case, without and with a skin."""
    bare = {(each.solution, each.level, each.seed): each for each in results if not each.skin}
    for each in results:
        if each.skin:
            yield bare[each.solution, each.level, each.seed], each


def _apart(bare: Result, worn: Result) -> dict[str, tuple[float, float]]:
    """Check -> points without and with the skin, where they differ; without a score they are 0."""
    both = {
        name: (bare.points.get(name, 0.0), worn.points.get(name, 0.0))
        for name in {**bare.points, **worn.points}
    }
    return {name: pair for name, pair in both.items() if abs(pair[0] - pair[1]) > 1e-6}


def _told_apart(results: Sequence[Result]) -> Iterator[str]:
    """Where a skin made a difference."""
    for bare, worn in _pairs(results):
        for name, (without, within) in _apart(bare, worn).items():
            yield (
                f"{worn.solution}, {worn.level}, seed {worn.seed}: {name} earned {without:g} "
                f"without the skin {worn.skin}, and {within:g} in it"
            )


def _compared(results: Sequence[Result]) -> list[str]:
    """Level and solution × mean without and with the skin, and the largest difference."""
    pairs = defaultdict(list)
    for bare, worn in _pairs(results):
        pairs[worn.level, worn.solution].append((bare, worn))
    if not pairs:
        return []
    lines = [f"  {'without and with the skin':36} {'n':>4} {'without':>8} {'with':>8} {'apart':>8}"]
    for (level, solution), own in pairs.items():
        totals = [[r.total or 0.0 for r in side] for side in zip(*own, strict=True)]
        apart = [abs(a - b) for two in own for a, b in _apart(*two).values()]
        lines.append(
            f"  {level + ', ' + solution:36} {len(own):4} {statistics.fmean(totals[0]):8.2f} "
            f"{statistics.fmean(totals[1]):8.2f} {max(apart, default=0.0):8.2g}"
        )
    return [*lines, ""]


def _grouped(results: Iterable[Result], *keys: str) -> list[tuple[Any, list[Result]]]:
    groups: dict[Any, list[Result]] = defaultdict(list)
    for result in results:
        values = tuple(getattr(result, key) for key in keys)
        groups[values if len(keys) > 1 else values[0]].append(result)
    return list(groups.items())


def _idle(results: Sequence[Result]) -> dict[str, float]:
    """Each check and the most that any idle solution earns in it, on average over the cases.

    As if somebody knew for each check which way of doing nothing pays best.
    """
    idle = [result for result in results if result.quality == IDLE]
    means = [
        {name: statistics.fmean(r.points.get(name, 0.0) for r in own) for name in own[0].points}
        for _, own in _grouped(idle, "solution")
    ]
    return {name: max(each[name] for each in means) for name in means[0]} if means else {}


def _for_nothing(results: Sequence[Result]) -> Iterator[str]:
    """Where answers without any work earn more than next to nothing."""
    for level, own in _grouped(results, "level"):
        idle = _idle(own)
        total = sum(idle.values())
        if total > MAX_IDLE:
            most = ", ".join(
                f"{name} {points:.1f}" for name, points in idle.items() if points > 0.1
            )
            yield f"idle answers, {level}: {total:.1f} points together, not {MAX_IDLE:g} ({most})"


def _summary(results: Sequence[Result]) -> str:
    totals = [result.total for result in results if result.total is not None]
    if not totals:
        return f"{0:4} {'not gradable':>27}"
    numbers = (statistics.fmean(totals), statistics.pstdev(totals), min(totals), max(totals))
    return f"{len(totals):4} " + " ".join(f"{number:6.1f}" for number in numbers)


def _by_cause(results: Sequence[Result]) -> list[str]:
    """Mean of each solution for each cause, so that one harder than its tier is seen."""
    if not any(result.cause for result in results):
        return []
    lines = [
        "",
        f"  {'by cause':36} {'solution':24} {'n':>4} {'mean':>6} {'sd':>6} {'min':>6} {'max':>6}",
    ]
    for name, own in sorted(_grouped(results, "cause")):
        for solution, group in _grouped(own, "solution"):
            lines.append(f"  {name:36} {solution:24} {_summary(group)}")
    return lines


def report(verified: Iterable[Verified]) -> str:
    """Everything as JSON."""
    return json.dumps([each.to_json() for each in verified], indent=1) + "\n"
