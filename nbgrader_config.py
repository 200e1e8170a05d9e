"""nbgrader's configuration of this course; its own verbs and ours read the same settings."""

import os
import sys
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
c.Autograde.pre_convert_hook = "worksample.gradebook.before_autograde"
c.Autograde.exporter_class = "worksample.gradebook.AttemptExporter"
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = [
    "worksample.gradebook.GradeFromChecks",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.Autograde.post_convert_hook = "worksample.gradebook.after_autograde"
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
# formgrader's page: cells and outputs cleaned, and nothing loaded from anywhere else
c.HTMLExporter.preprocessors = ["worksample.feedback.hooks.HostileText"]
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.mathjax_url = ""
c.HTMLExporter.require_js_url = ""
c.HTMLExporter.jquery_url = ""
c.HTMLExporter.jupyter_widgets_base_url = ""
# --- end of feedback ----------------------------------------------------------------------------
