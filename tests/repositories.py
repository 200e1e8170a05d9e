"""A built course with the small repository, for the tests of trees as answers."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from tests.cohort import ROOT
from worksample import assignments
from worksample.assignments import build
from worksample.course import Course
from worksample.submissions import invitations

SMALL = "tiny-repository"


def course_in(folder: Path) -> None:
    """A course with SMALL built; Ada is invited, and has unpacked what she was sent."""
    root = folder / "course"
    (root / "assignments").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    ignored = shutil.ignore_patterns("__pycache__")
    source = ROOT / "tests" / "assignments" / SMALL
    shutil.copytree(source, root / "assignments" / SMALL, ignore=ignored)
    course = Course(root)
    small = assignments.find(course, SMALL)
    build.build(course, small)
    with zipfile.ZipFile(invitations.invite(course, "ada", small).package) as package:
        package.extractall(folder / "ada")
