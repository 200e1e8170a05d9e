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
