"""Whether an assignment tells good work from other work, in minutes: of use after an edit.

Solutions of every quality run as candidates' would (:mod:`.verify`), on a few cases, and are held
against what every work sample here aims at, whatever their headers state.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from worksample.assignments.model import Assignment
from worksample.authoring.verify import Result

AIMS: dict[str, tuple[float, float]] = {
    "idle": (0.0, 10.0),
    "weak": (0.0, 40.0),
    "assistant": (0.0, 60.0),
    "adequate": (55.0, 75.0),
    "strong": (97.0, 100.0),
}
"""Quality -> least and most of a solution's mean over cases, of 100 points; the floor first."""
APART = 25.0  # points from the assistant's mean to the best strong one's, at least
REMEDIES = {
    "idle": "points are earned for nothing: see which check gives them",
    "weak": "what is asked for is too easily had: see which check gives the points",
    "assistant": "rules of thumb do: let what one has to work out weigh more",
    "adequate": "sound work earns as much as the best, or as little as poor work",
    "strong": "good work does not earn everything: see which check withholds it, and whether the "
    "edited case can be solved in its way at all",
}


@dataclass(frozen=True)
class Line:
    """A solution's mean over cases, and whether that is what its quality aims at.

    Attributes:
        mean: of 100 points; None where no case of it could be graded.
        wrong: what is not as it should be; empty where all is well.
    """

    quality: str
    solution: str
    mean: float | None
    wrong: str


def chosen(assignment: Assignment) -> list[str]:
    """The solutions that are run: those of the qualities that are aimed at something."""
    return [each.name for each in assignment.solutions if each.quality in AIMS]


def lines(results: Iterable[Result]) -> list[Line]:
    """A line for each solution, the floor first."""
    by_name: dict[tuple[str, str], list[float | None]] = {}
    for each in results:
        by_name.setdefault((each.quality, each.solution), []).append(each.total)
    order = list(AIMS)
    found = []
    for (quality, name), totals in sorted(
        by_name.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
    ):
        graded = [total for total in totals if total is not None]
        mean = statistics.mean(graded) if graded else None
        found.append(Line(quality, name, mean, _wrong(quality, mean, len(totals) - len(graded))))
    return found


def _wrong(quality: str, mean: float | None, missing: int) -> str:
    if mean is None or missing:
        return "could not be graded on every case: run `worksample verify` to see why"
    low, high = AIMS[quality]
    if low <= round(mean, 1) <= high:
        return ""
    aim = f"at most {high:g}" if mean > high else f"at least {low:g}"
    return f"{mean:.1f}, and should be {aim}: {REMEDIES[quality]}"


def verdict(told: Iterable[Line]) -> list[str]:
    """What has to change for the assignment to separate, a sentence each; empty if it does."""
    rows = list(told)
    found = [f"{each.solution} ({each.quality}): {each.wrong}" for each in rows if each.wrong]
    means = {
        quality: [each.mean for each in rows if each.quality == quality and each.mean is not None]
        for quality in AIMS
    }
    for quality in ("strong", "assistant", "idle"):
        if not means[quality]:
            found.append(f"there is no {quality} solution that could be graded: nothing is shown")
    if means["strong"] and means["assistant"]:
        apart = max(means["strong"]) - max(means["assistant"])
        if apart < APART:
            told_apart = f"{apart:.0f} points lie between the best strong one and the assistant"
            found.append(f"{told_apart}, and should be {APART:g}: {REMEDIES['assistant']}")
    return found


def table(told: Iterable[Line]) -> str:
    """The lines as text."""
    rows = [f"  {'quality':10} {'solution':24} {'mean':>6}  {'aim':>8}"]
    for each in told:
        low, high = AIMS[each.quality]
        mean = "–" if each.mean is None else f"{each.mean:.1f}"
        aim = f"{low:g}–{high:g}"
        rows.append(f"  {each.quality:10} {each.solution:24} {mean:>6}  {aim:>8}")
    return "\n".join(rows)
