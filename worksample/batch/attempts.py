"""Attempts on the coordinator's side: bound to submission and case before, recorded after.

:func:`prepare` binds everything that grading reads; :func:`record` writes what it came to.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments import dressing
from worksample.course import Course
from worksample.errors import CourseError, NotGradableYet
from worksample.grading import digest
from worksample.grading.attempt import Attempt, Graded, grade
from worksample.records import bank, evidence
from worksample.submissions import collecting


def prepare(course: Course, name: str, candidate: str, unsafe: bool = False) -> Attempt:
    """Bind the newest submission to its case and to the release.

    Raises:
        WorksampleError: there is no case, or nothing that could be read.
    """
    row = collecting.adopt(course, name, candidate)
    case = cases.bound(course, name, candidate)
    assignment = dressing.wear(course, assignments.find(course, case.assignment), case.skin)
    release = cases.released(course, name, case.level, candidate, case.skin).read_bytes()
    files = collecting.files(course, row)
    notebook = f"{name}.ipynb"
    return Attempt(
        folder=assignment.folder,
        name=name,
        case=case,
        notebook=files[notebook].read_bytes(),
        extra=_top_level({each: path for each, path in files.items() if each != notebook}),
        release=release,
        inputs={
            "submission": row.digest,
            "case": cases.digest(case),
            "checks": digest.of(release, digest.author(assignment.folder).encode()),
            "engine": digest.engine() + (" without a sandbox" if unsafe else ""),
        },
        submitted={
            "submitted": row.submitted.isoformat(),
            "files": {each: digest.of(path.read_bytes()) for each, path in files.items()},
        },
        unsafe=unsafe,
        given=tuple(cases.given(course, name, candidate)),
    )


def record(course: Course, attempt: Attempt, graded: Graded) -> evidence.Record:
    """Write the evidence; only a coordinating process does."""
    body = graded.body | {"precision": precision(course, attempt, graded)}
    return evidence.append(course, attempt.name, attempt.case.candidate, body, graded.notebook)


def precision(course: Course, attempt: Attempt, graded: Graded) -> dict[str, Any] | None:
    """How sure the score is (:func:`worksample.records.bank.of_score`); None if nobody knows.

    A bank that cannot be read is no reason to lose a grading. Of a revision nothing is known: its
    feedback helps, and no panel has had it.
    """
    case = attempt.case
    if cases.attempt_of(attempt.name) != 1:
        return None
    try:
        # the author's folder, never the one in a skin's words: a bank is measured bare
        author = assignments.find(course, case.assignment).folder
        return bank.of_score(
            course, case.assignment, author, case.level, case.seed, graded.body["points"]
        )
    except CourseError:
        return None


def graded_record(course: Course, name: str, candidate: str) -> evidence.Record:
    """The evidence for what lies in ``submitted/`` now; graded here if there is none yet.

    Raises:
        NotGradableYet: it could not be graded; there is a record of that, and no score.
    """
    attempt = prepare(course, name, candidate, unsafe=True)
    found = evidence.latest(course, name, candidate, *attempt.keys)
    if found is not None:
        return found
    attempt = prepare(course, name, candidate)
    made = record(course, attempt, grade(attempt))
    if made["outcome"] not in evidence.SCORED:
        raise NotGradableYet(made["why"], where=candidate)
    return made


def _top_level(files: Mapping[str, Path]) -> dict[str, Path]:
    """The files and folders that hold ``files``, by their first name."""
    tops: dict[str, Path] = {}
    for name, path in files.items():
        parts = Path(name).parts
        tops[parts[0]] = path.parents[len(parts) - 2] if len(parts) > 1 else path
    return tops
