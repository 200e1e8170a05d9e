"""nbgrader's side of grading: its verbs, formgrader's button and ours take the same path.

``nbgrader_config.py`` names what is here. Before nbgrader touches a submission, `before_autograde`
receives it (links and other files gone, the notebook under its right name). `AttemptExporter`
reads it repaired. `GradeFromChecks` puts the executed notebook in its place, from the evidence or
after grading it, so that nbgrader's own `SaveAutoGrades` reads our numbers. `after_autograde`
notes that the scores are in the gradebook.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task

from worksample import assignments
from worksample.assignments import build
from worksample.assignments import case as cases
from worksample.batch import attempts
from worksample.course import Course
from worksample.errors import CourseError, WorksampleError
from worksample.grading import repair
from worksample.records import evidence
from worksample.records.tables import Grading, Records
from worksample.submissions import collecting as submission


class AttemptExporter(NotebookExporter):
    """Reads a submission whatever state it is in; everything else as nbgrader does."""

    def from_filename(
        self, filename: str, resources: Any = None, **kwargs: Any
    ) -> tuple[NotebookNode, Any]:
        """The notebook of ``filename``, repaired if it comes from a candidate.

        Raises:
            WorksampleError: it could not be read; nbgrader reports it and goes on.
        """
        path = Path(filename)
        course = Course.locate(path.parent)
        if not path.resolve().is_relative_to(course.submitted.resolve()):
            return super().from_filename(filename, resources, **kwargs)
        name, candidate = path.parent.name, path.parent.parent.name
        row = submission.adopt(course, name, candidate)
        data = submission.files(course, row)[f"{name}.ipynb"].read_bytes()
        case = cases.bound(course, name, candidate)
        release = cases.released(course, name, case.level, candidate, case.skin)
        given = cases.given(course, name, candidate)
        repaired = repair.repair(data, json.loads(release.read_bytes()), given)
        return self.from_file(io.StringIO(json.dumps(repaired.notebook)), resources, **kwargs)


class GradeFromChecks(NbGraderPreprocessor):
    """Replaces the notebook by the executed one, whose numbers come from the checks alone.

    It comes from ``record`` where a batch has set it, else from the record of what is submitted.
    """

    record: evidence.Record | None = None

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """The executed notebook, as it goes to ``autograded/`` and into the gradebook.

        Raises:
            NotGradableYet: there is no score; nbgrader reports it and writes none.
        """
        names = resources["nbgrader"]
        course = Course.locate(Path.cwd())  # nbgrader works from the course's root
        record = self.record or attempts.graded_record(
            course, names["assignment"], names["student"]
        )
        graded = nbformat.from_dict(evidence.notebook(course, record))
        with Gradebook(names["db_url"]) as gradebook:
            for cell in graded.cells:
                if is_task(cell):
                    _show_mark_scheme(gradebook, cell, names)
        for cell in graded.cells:
            if is_grade(cell) and is_solution(cell):
                # with it, nbgrader gives an untouched answer 0 and takes it from the queue; that
                # is for a person to say
                cell.metadata.nbgrader.pop("checksum", None)
        return graded, resources


def before_autograde(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's ``pre_convert_hook``: receive the submission that it is about to read.

    nbgrader follows links, opens devices and copies what it finds; this runs before it does. It
    swallows what a hook raises, so that what cannot be received is reported by the exporter.
    """
    path = Path(notebooks[0])
    folder = path.parent
    course = Course.locate(folder)
    try:
        ensure(course, folder.name)
        submission.adopt(course, folder.name, folder.parent.name)
    except WorksampleError:
        submission.disarm(folder)
        raise
    finally:
        notebooks[:] = [str(folder / f"{folder.name}.ipynb")]


def after_autograde(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's ``post_convert_hook``: the scores are in the gradebook."""
    folder = Path(notebooks[0]).parent
    note_graded(Course.locate(folder), folder.name, folder.parent.name)


def note_graded(course: Course, name: str, candidate: str) -> None:
    """Note which record of evidence the gradebook and ``autograded/`` show."""
    record = evidence.latest(course, name, candidate)
    if record is not None:
        note(course, Records(course.records_url), record)


def note(course: Course, records: Records, record: evidence.Record) -> None:
    """Note that the gradebook and ``autograded/`` show this record; once."""
    name, candidate = record["assignment"], record["candidate"]
    last = records.last_grading(name, candidate)
    if last and last.number == record["number"]:
        return
    records.add(
        Grading(
            assignment=name,
            candidate=candidate,
            number=record["number"],
            key=record["key"],
            evidence_digest=evidence.digest(course, record),
            outcome=record["outcome"],
            points=record["points"],
        )
    )


def opened(course: Course) -> Gradebook:
    """nbgrader's gradebook of this course, made if there is none; a context manager."""
    course.state.mkdir(parents=True, exist_ok=True)
    # a new one is stamped by alembic, which nbgrader starts by name; it lies by the interpreter
    beside, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if beside not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([beside, path])
    return Gradebook(course.gradebook_url)


def autograded_notebook(course: Course, name: str, candidate: str) -> Path:
    """Where nbgrader puts the executed notebook."""
    return course.autograded / candidate / name / f"{name}.ipynb"


def scores(
    course: Course, name: str, candidate: str
) -> dict[str, tuple[float | None, float | None]]:
    """Grade id -> the automatic score and the one a person set; empty if nbgrader knows none."""
    with opened(course) as gradebook:
        return scores_in(gradebook, name, candidate)


def scores_in(
    gradebook: Gradebook, name: str, candidate: str
) -> dict[str, tuple[float | None, float | None]]:
    """The same from a gradebook that is open."""
    try:
        notebook = gradebook.find_submission_notebook(name, name, candidate)
    except MissingEntry:
        return {}
    return {grade.name: (grade.auto_score, grade.manual_score) for grade in notebook.grades}


def ensure(course: Course, name: str) -> None:
    """Fill the gradebook from ``assignments/`` if it does not know this assignment's cells.

    Raises:
        CourseError: nbgrader refused.
    """
    assignment = assignments.find(course, cases.base_id(name))
    wanted = {cell.id: cell.points for cell in assignment.cells if cell.points}
    if _known_cells(course, name) != wanted:
        build.build(course, assignment)


def _show_mark_scheme(gradebook: Gradebook, cell: NotebookNode, names: Any) -> None:
    """The anchors are for graders: they stand in ``autograded/`` and nowhere before."""
    try:
        source = gradebook.find_source_cell(
            cell.metadata.nbgrader.grade_id, names["notebook"], names["assignment"]
        )
    except MissingEntry:
        raise CourseError(
            f"the gradebook does not know cell {cell.metadata.nbgrader.grade_id}",
            where=names["assignment"],
            do=f"worksample build {cases.base_id(names['assignment'])}",
        ) from None
    cell.source = source.source


def _known_cells(course: Course, name: str) -> dict[str, float]:
    """Grade id -> points, as the gradebook has them."""
    with opened(course) as gradebook:
        try:
            notebook = gradebook.find_notebook(name, name)
        except MissingEntry:
            return {}
        cells = [*notebook.grade_cells, *notebook.task_cells]
        return {cell.name: cell.max_score for cell in cells}
