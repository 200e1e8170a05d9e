"""Courses full of submissions, made from an assignment's reference solutions."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from worksample import assignments
from worksample.assignments import build, case
from worksample.assignments.model import Assignment, Solution
from worksample.course import Course
from worksample.submissions import collecting as submission
from worksample.submissions import invitations, submitted_candidates

ROOT = Path(__file__).resolve().parent.parent
STOCK = """\
from pathlib import Path

c = get_config()
c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.db_url = f"sqlite:///{Path(__file__).parent}/gradebook.db"
"""


class NotComparable(Exception):
    """A side did not do the work that is to be timed."""


def course(folder: Path, assignment_folder: Path) -> tuple[Course, Assignment]:
    """A course with one assignment, built; nobody is invited."""
    (folder / "assignments").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    name = assignment_folder.name
    shutil.copytree(assignment_folder, folder / "assignments" / name, ignore=hidden)
    made = Course(folder.resolve())
    assignment = assignments.find(made, name)
    build.build(made, assignment)
    return made, assignment


def add(made: Course, assignment: Assignment, count: int) -> None:
    """Bring the course to ``count`` submissions, each on a case of its own.

    They are the reference solutions that end by themselves, in turn, so that a run holds good
    and bad ones alike.
    """
    solutions = completed(assignment)
    inbox = made.root / "inbox"
    inbox.mkdir(exist_ok=True)
    there = len(submitted_candidates(made, assignment.id))
    for number in range(there, count):
        who = f"candidate-{number:04}"
        invitations.invite(made, who, assignment)
        answers = solutions[number % len(solutions)].sources("standard")
        package = case.package_path(made, assignment.id, who).read_bytes()
        (inbox / f"{who}.zip").write_bytes(_worked(package, assignment.id, answers))
    refused = submission.collect(made, [inbox]).refused
    shutil.rmtree(inbox)
    if refused:
        raise NotComparable(f"not taken: {refused[0]}")


def completed(assignment: Assignment) -> Sequence[Solution]:
    """Solutions whose notebook runs to its end, in a fixed order."""
    return [s for s in assignment.solutions if s.ended == "completed" and s.quality != "hostile"]


def _worked(package: bytes, name: str, answers: dict[str, str]) -> bytes:
    """The zip that was sent, with answers in its notebook."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    notebook = json.loads(files[f"{name}/{name}.ipynb"])
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    files[f"{name}/{name}.ipynb"] = json.dumps(notebook).encode()
    return case.zipped(files)


def copied(made: Course, into: Path) -> Course:
    """A copy to grade, so that every run begins with the same."""
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(made.root, into)
    return Course(into)


def stock(made: Course, assignment: Assignment, folder: Path) -> Path:
    """The same notebooks and cases in a course with nbgrader's own settings."""
    name = assignment.id
    (folder / "source").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(STOCK)
    shutil.copytree(made.source / name, folder / "source" / name)
    subprocess.run(
        [program("nbgrader"), "generate_assignment", name],
        cwd=folder,
        env={**os.environ, **unconfigured(folder)},
        check=True,
        capture_output=True,
    )
    for who in submitted_candidates(made, name):
        sent = folder / "submitted" / who / name
        shutil.copytree(submission.submitted_folder(made, name, who), sent)
        shutil.copytree(made.cases / name / who / "public", sent / "case", dirs_exist_ok=True)
        for file, path in assignment.paths.items():
            if path.is_dir():
                shutil.copytree(path, sent / file, dirs_exist_ok=True)
            else:
                shutil.copy(path, sent / file)
    return folder


def unconfigured(folder: Path) -> dict[str, str]:
    """Settings under which Jupyter reads nobody's own configuration."""
    return {"JUPYTER_CONFIG_DIR": str(folder / "no-configuration"), "JUPYTER_NO_CONFIG": ""}


def program(name: str) -> str:
    """The command beside this interpreter."""
    return str(Path(sys.executable).parent / name)


def stock_scores(folder: Path) -> list[float]:
    """Automatic scores in a stock course's gradebook.

    Raises:
        NotComparable: a grade cell has none.
    """
    with sqlite3.connect(folder / "gradebook.db") as database:
        rows = database.execute(
            "select auto_score from grade join grade_cells on grade.cell_id = grade_cells.id"
        ).fetchall()
    if not rows or any(score is None for (score,) in rows):
        raise NotComparable(f"nbgrader gave no score to some of {len(rows)} cells")
    return [score for (score,) in rows]
