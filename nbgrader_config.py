"""nbgrader's configuration of this course; its own verbs and ours read the same settings."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader defines it)

ROOT = Path(__file__).resolve().parent

c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "worksample"
c.CourseDirectory.db_url = os.environ.get(
    "WORKSAMPLE_GRADEBOOK_URL", f"sqlite:///{ROOT / 'state' / 'gradebook.db'}"
)

# nbgrader starts alembic by name; it lies beside the interpreter
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

# nbgrader's own list without ClearSolutions: source/ holds no solutions, and it would empty the
# answer cells, stubs and all
c.GenerateAssignment.preprocessors = [
    f"nbgrader.preprocessors.{name}"
    for name in (
        *("IncludeHeaderFooter", "InstantiateTests", "LockCells", "ClearOutput"),
        *("CheckCellMetadata", "ComputeChecksums", "SaveCells"),
        *("ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata"),
    )
]

# --- autograde: the path of `worksample grade`; see worksample/gradebook.py -----------------------
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
c.CourseDirectory.directory_structure = "{nbgrader_step}/{student_id}/{assignment_id}"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
# --- end of autograde ----------------------------------------------------------------------------

# --- feedback: what candidates wrote is shown, not obeyed; nothing goes out unapproved ----------
c.GenerateFeedback.exporter_class = "worksample.feedback.hooks.FeedbackExporter"
c.ExchangeFactory.release_feedback = "worksample.feedback.hooks.ReleaseApproved"
# formgrader's page: cells and outputs cleaned, nothing loaded from elsewhere, no foreign script
c.HTMLExporter.preprocessors = ["worksample.feedback.hooks.HostileText"]
c.HTMLExporter.filters = {
    "markdown2html": "worksample.feedback.hooks.safe_markdown",
    "ansi2html": "worksample.feedback.hooks.safe_colours",
    "highlight_code": "worksample.feedback.hooks.safe_code",
    "strip_files_prefix": "worksample.feedback.hooks.unchanged",
}
c.HTMLExporter.template_file = "submission.html.j2"
c.HTMLExporter.extra_template_paths = [
    str(Path(find_spec(package).origin).parent / folder)
    for package, folder in (
        ("worksample.feedback", "formgrader"),
        ("nbgrader.server_extensions.formgrader", "templates"),
    )
]
# --- end of feedback ----------------------------------------------------------------------------
