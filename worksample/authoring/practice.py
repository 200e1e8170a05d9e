"""Practice for graders: the reference solutions whose ratings are agreed on, executed once.

Each goes through repair, sandbox and cleaning as a candidate's attempt would, on one case that no
candidate gets. What is left is what the rating screen shows, a file for each solution.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from worksample import assignments, disk
from worksample.assignments import build, consensus
from worksample.assignments import case as cases
from worksample.assignments.model import STANDARD
from worksample.assignments.toml import place
from worksample.authoring.verify import attempt_of
from worksample.batch import cohort as batch
from worksample.batch.workers import Pool
from worksample.course import Course
from worksample.errors import AssignmentError, NotGradableYet
from worksample.exchange.rating_queue import practice_folder
from worksample.grading.attempt import Attempt

SEED = 0x9AC71CE  # of no candidate: theirs come from the course's secret


def prepare(
    course: Course,
    name: str,
    *,
    unsafe: bool = False,
    workers: int | None = None,
    progress: Callable[[int, str], None] | None = None,
) -> list[Path]:
    """Run the solutions that are rated in every criterion; the files that were written.

    Args:
        progress: called with the number of all and the name of each that is done.

    Raises:
        AssignmentError: no solution of the assignment is rated in every criterion.
        SandboxUnavailable: nothing can be executed here.
        NotGradableYet: one could not be executed.
    """
    from worksample.sandbox.choice import choose

    choose(unsafe)
    assignment = assignments.find(course, name)
    wanted = list(consensus.of_solutions(assignment))
    if not wanted:
        raise AssignmentError(
            "no reference solution is rated in every criterion, so there is nothing to practise on",
            where=place(assignment.folder / "solutions" / consensus.FILE),
            do="rate some of them there, with reasons; docs/scorecards.md shows how",
        )
    release = build.release_bytes(course, assignment, STANDARD)
    written = []
    with tempfile.TemporaryDirectory(prefix="worksample-practice-") as folder:
        case = cases.draw(assignment, SEED, STANDARD, Path(folder) / "case", candidate="practice")
        card = (case.private / "truth_card.md").read_text(encoding="utf-8")

        def attempts() -> Iterator[Attempt]:
            for each in wanted:
                yield attempt_of(assignment, assignment.solution(each), case, release, unsafe)

        count = workers or batch.cores()
        for attempt, graded in batch.run_all(attempts(), Pool(count), count):
            solution = attempt.submitted["solution"]
            if graded.notebook is None or graded.body["run"] is None:
                raise NotGradableYet(f"{solution}: {graded.body['why']}")
            path = practice_folder(course, name) / f"{solution}.json"
            kept = {
                "level": STANDARD,
                "notebook": json.loads(graded.notebook),
                "status": graded.body["run"]["cells"],
                "card": card,
            }
            disk.replace(path, json.dumps(kept).encode())
            written.append(path)
            if progress:
                progress(len(wanted), solution)
    return written
