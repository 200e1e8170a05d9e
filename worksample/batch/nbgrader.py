"""nbgrader's settings of every course: its own verbs and ours read the same."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def configure(c: Any, root: Path) -> None:
    """Set what a course needs; a course's ``nbgrader_config.py`` calls this first.

    Args:
        c: what nbgrader's ``get_config()`` gives.
        root: the course's folder.
    """
    _course(c, root)
    _release(c)
    _autograde(c)
    _feedback(c)
    _formgrader()


def _formgrader() -> None:
    """In a server that shows formgrader: its boxes and buttons lead to what is ours.

    It reads this configuration after it was imported and before it reads its list of routes.
    """
    if "nbgrader.server_extensions.formgrader.formgrader" in sys.modules:
        import_module("worksample.feedback.doors").open_doors()


def _course(c: Any, root: Path) -> None:
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = "worksample"
    c.CourseDirectory.db_url = os.environ.get(
        "WORKSAMPLE_GRADEBOOK_URL", f"sqlite:///{root / 'state' / 'gradebook.db'}"
    )
    c.CourseDirectory.directory_structure = "{nbgrader_step}/{student_id}/{assignment_id}"
    for step in ("source", "release", "submitted", "autograded", "feedback"):
        c.CourseDirectory[f"{step}_directory"] = step
    # nbgrader starts alembic by name; it lies beside the interpreter
    beside = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if beside not in path.split(os.pathsep):
        os.environ["PATH"] = f"{beside}{os.pathsep}{path}"


def _release(c: Any) -> None:
    """nbgrader's own list without ClearSolutions.

    ``source/`` holds no solutions, and it would empty the answer cells, stubs and all.
    """
    c.GenerateAssignment.preprocessors = [
        f"nbgrader.preprocessors.{name}"
        for name in (
            *("IncludeHeaderFooter", "InstantiateTests", "LockCells", "ClearOutput"),
            *("CheckCellMetadata", "ComputeChecksums", "SaveCells"),
            *("ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata"),
        )
    ]


def _autograde(c: Any) -> None:
    """The path of ``worksample grade``: :mod:`worksample.batch.gradebook`."""
    c.Autograde.pre_convert_hook = "worksample.batch.gradebook.before_autograde"
    c.Autograde.exporter_class = "worksample.batch.gradebook.AttemptExporter"
    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = [
        "worksample.batch.gradebook.GradeFromChecks",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
    ]
    c.Autograde.post_convert_hook = "worksample.batch.gradebook.after_autograde"
    c.Autograde.create_student = True
    c.Autograde.exclude_overwriting = {}


def _feedback(c: Any) -> None:
    """What candidates wrote is shown, not obeyed; nothing goes out unapproved.

    On formgrader's page cells and outputs are cleaned, nothing is loaded from elsewhere, and no
    foreign script runs.
    """
    c.GenerateFeedback.exporter_class = "worksample.feedback.hooks.FeedbackExporter"
    c.ExchangeFactory.release_feedback = "worksample.feedback.hooks.ReleaseApproved"
    c.HTMLExporter.preprocessors = ["worksample.feedback.hooks.HostileText"]
    c.HTMLExporter.filters = {
        "markdown2html": "worksample.feedback.hooks.safe_markdown",
        "ansi2html": "worksample.feedback.hooks.safe_colours",
        "highlight_code": "worksample.feedback.hooks.safe_code",
        "strip_files_prefix": "worksample.feedback.hooks.unchanged",
    }
    c.HTMLExporter.template_file = "submission.html.j2"
    c.HTMLExporter.extra_template_paths = [
        _beside("worksample.feedback", "formgrader"),
        _beside("nbgrader.server_extensions.formgrader", "templates"),
    ]


def _beside(package: str, folder: str) -> str:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / folder)
