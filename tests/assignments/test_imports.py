"""What an assignment's notebooks will import, read from what its author wrote."""

from __future__ import annotations

import subprocess
import sys

from tests.cohort import ROOT, TINY
from worksample import assignments
from worksample.assignments import imports
from worksample.course import Course


def test_code_is_read_and_not_run() -> None:
    code = "import os.path, json as j\nfrom a.b import c\nfrom . import d\ndef f():\n    import e"
    none = ["%matplotlib inline", "import ?", "import a\0", "(" * 5000, "-" * 99999 + "1", "\ud800"]
    assert imports.imported([code, *none]) == {"os", "json", "a", "e"}


def test_cells_solutions_and_toolkit_count() -> None:
    sample = assignments.find(Course(ROOT), "root-cause-analysis")
    found = imports.libraries(sample)
    assert {"pandas", "worksample", "toolkit"} <= set(found)  # its cells
    assert "ipywidgets" in found  # its toolkit
    assert "scipy" in found or "sklearn" in found  # who solved it
    assert list(found) == sorted(found)
    assert "pandas" in imports.of_checks(sample)


def test_what_the_probe_imports_counts(course: Course) -> None:
    """It sends tables: every call would import pandas anew to read its own."""
    probe = course.assignments / TINY / "probe.py"
    assert "pandas" not in imports.libraries(assignments.find(course, TINY))
    probe.write_text("import pandas\n" + probe.read_text())
    assert "pandas" in imports.libraries(assignments.find(course, TINY))


def test_an_assignment_is_read_without_a_notebook_server() -> None:
    """jupytext would import one; who wants it later gets it."""
    code = (
        "import sys; from pathlib import Path; from worksample.assignments import percent\n"
        "percent.parse('# %%\\n1\\n', Path('x')); assert 'jupytext' in sys.modules\n"
        "assert 'jupyter_server' not in sys.modules; import jupyter_server"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
