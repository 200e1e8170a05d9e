"""A company's own course: a folder with its settings, over the work samples of the package."""

from __future__ import annotations

import shutil
from pathlib import Path

import worksample
from worksample.course import Course
from worksample.errors import CourseError

TEMPLATE = Path(worksample.__file__).parent / "templates" / "course"


def found(folder: Path) -> Course:
    """Make a course in the new or empty ``folder``; it offers all of the package's work samples.

    Raises:
        CourseError: there is something in the folder, or it cannot be made.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CourseError(
            "there is something in this place already",
            where=str(folder),
            do="name a folder that is new or empty",
        )
    try:
        shutil.copytree(
            TEMPLATE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )
        (folder / "gitignore").rename(folder / ".gitignore")
    except OSError as error:
        raise CourseError(
            f"the course could not be made: {error}", where=str(folder), do="choose another place"
        ) from error
    return Course(folder.resolve())
