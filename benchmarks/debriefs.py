"""What debriefs cost as a cohort grows: four graders, twelve criteria, everybody rated.

``python benchmarks/debriefs.py`` makes two courses, one with 50 candidates and one with 500, and
gathers the cohort's debrief and one candidate's in both, in turn. Told is processor time as ratios
of the large course to the small one: of the cohort by candidate (1 is flat), of one candidate's as
it is, which is to be 1 whatever the others are; and the same for drawing the cohort's page, whose
notebook runs in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import rating  # noqa: E402

from worksample import assignments  # noqa: E402
from worksample.course import Course  # noqa: E402
from worksample.debrief import cohort, drawing, gathering  # noqa: E402
from worksample.records.tables import Rating, RatingsSubmitted, Records  # noqa: E402

UNKNOWN = 0.05  # of the ratings: not enough information


def course_in(root: Path, many: int) -> Course:
    """A course whose candidates are all rated by all graders; the first has a case."""
    names = [f"c{number:04}" for number in range(many)]
    course = rating.course_in(root, names, len(names), invited=names[:1])
    luck, tiny = np.random.default_rng(15), assignments.find(course, rating.TINY)
    for name in names:
        level = luck.normal(2.6, 0.7)
        rows: list[Rating | RatingsSubmitted] = []
        for grader in rating.GRADERS:
            for criterion, each in tiny.criteria.items():
                value = int(np.clip(round(level + luck.normal(0, 0.6)), 1, 4))
                known = luck.random() >= UNKNOWN
                rows.append(
                    Rating(
                        assignment=rating.TINY,
                        candidate=name,
                        criterion=criterion,
                        dimension=each.dimension,
                        grader=grader,
                        value=value if known else None,
                        reason="" if known else "not observable",
                        evidence="seen",
                        cell=rating.CELL,
                    )
                )
            rows.append(RatingsSubmitted(assignment=rating.TINY, candidate=name, grader=grader))
        Records(course.records_url).add(*rows)
    return course


def used(what: Callable[[], object]) -> float:
    """Seconds of the processor, those of child processes included."""

    def sofar() -> float:
        who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, who))

    before = sofar()
    what()
    return sofar() - before


def ratio(small: Sequence[float], large: Sequence[float]) -> float:
    """Of the medians."""
    return median(large) / median(small)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--candidates", type=int, default=500)
    options.add_argument("--few", type=int, default=50)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="debriefs-") as folder:
        many = (given.few, given.candidates)
        courses = []
        for each in many:
            print(f"a course of {each} candidates …", file=sys.stderr)
            courses.append(course_in(Path(folder, str(each)), each))
        tasks: dict[str, Callable[[Course], object]] = {
            "cohort": lambda course: cohort.gather(course, rating.TINY),
            "candidate": lambda course: gathering.gather(course, "c0000"),
        }
        for name, task in tasks.items():
            spent = [[used(lambda t=task, c=c: t(c)) for c in courses] for _ in range(given.rounds)]
            found = ratio(*zip(*spent, strict=True))
            if name == "cohort":
                by = found * many[0] / many[1]
                print(f"gathering a cohort of {many[1]}: {by:.2f} × a candidate of {many[0]}")
            else:
                print(
                    f"gathering one candidate's: {found:.2f} × among {many[1]} as among {many[0]}"
                )
        drawn = [used(lambda c=c: drawing.debrief_cohort(c, rating.TINY)) for c in courses]
        by = drawn[1] / drawn[0] * many[0] / many[1]
        print(f"drawing the page of {many[1]}: {by:.2f} × a candidate of {many[0]}")
        size = len(list(Path(folder, str(many[1])).rglob("*.html")))
        print(f"{drawn[1]:.0f} s of the processor for {many[1]}, {size} page", file=sys.stderr)


if __name__ == "__main__":
    main()
