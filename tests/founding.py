"""A course as tests found it: our configuration, TINY, and the same secret each time."""

from __future__ import annotations

import shutil
from pathlib import Path

from worksample.course import Course

ROOT = Path(__file__).parent.parent
TINY = "tiny-regression"
SECRET = bytes(range(32))


def found(root: Path) -> Course:
    """A new course in ``root`` with the tiny, complete assignment; nothing is built."""
    (root / "assignments").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(
        ROOT / "tests" / "assignments" / TINY,
        root / "assignments" / TINY,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return same_cases(Course(root))


def same_cases(course: Course) -> Course:
    """Gives it a secret that is not drawn: a test that fails meets the same cases again."""
    course.state.mkdir(parents=True, exist_ok=True)
    secret = course.state / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    return course
