"""Visible checks run with the names that the notebook was given, whatever a candidate took."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.cohort import TINY, answers
from tests.sandboxes import label, sealed
from worksample import assignments
from worksample.assignments import case
from worksample.assignments.model import Assignment, Cell
from worksample.course import Course
from worksample.grading import attempt, checking, visible
from worksample.grading.run import execute
from worksample.sandbox.box import Sandbox
from worksample.workbook import names

JSON = dict[str, Any]


@pytest.fixture(scope="module")
def tiny(built_once: Path) -> Assignment:
    return assignments.find(Course(built_once), TINY)


@pytest.fixture(scope="module")
def drawn(tiny: Assignment, tmp_path_factory: pytest.TempPathFactory) -> case.Case:
    return case.draw(tiny, 7, "standard", tmp_path_factory.mktemp("drawn") / "case")


def strong(course: Course, **more: str) -> JSON:
    """The released notebook with a strong solution; ``more`` is put before a cell's text."""
    notebook = json.loads((course.release / TINY / f"{TINY}.ipynb").read_text("utf-8"))
    filled = answers(course, "strong")
    for cell in notebook["cells"]:
        text = filled.get(cell["id"], "".join(cell["source"]))
        cell["source"] = "\n".join([more.get(cell["id"], ""), text]).strip("\n")
    return notebook


SHADOWS = {
    "the recorder": "record = points[0]",
    "a built-in function": "isinstance = print = None\nlist = dict = [1, 2]",
    "everything at once": (
        "record = isinstance = len = int = float = print = list = load_points = 5\n"
    ),
    "a function": "def record(name, value):\n    return 'noted'",
    "an import": "from math import floor as record, ceil as isinstance",
}


@pytest.mark.slow
@pytest.mark.parametrize("taken", SHADOWS)
def test_names_that_a_candidate_takes_cost_no_points(
    built_once: Path, tiny: Assignment, drawn: case.Case, taken: str
) -> None:
    """Somebody who calls a variable ``record`` got 0 of 40 for a right slope, and no reason."""
    notebook = strong(Course(built_once), slope=SHADOWS[taken])
    # in a cell of their own, before the check
    index = next(i for i, c in enumerate(notebook["cells"]) if c["id"] == "slope")
    own = {"cell_type": "code", "id": "own", "metadata": {}, "source": SHADOWS[taken]}
    notebook["cells"][index]["source"] = tiny.cell("slope").source
    notebook["cells"].insert(index, own)
    done = attempt.run(tiny, drawn, notebook, {}, unsafe=False)
    assert done.cells["slope"] == "completed"
    assert done.answers["slope"] == pytest.approx(drawn.truth()["slope"], abs=0.05)
    assert checking.run_checks(tiny, done, drawn)["slope"].points == 40


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", [s for s in sealed() if label(s) != "userns"], ids=label)
def test_a_file_named_like_a_library_is_not_taken_for_it(
    built_once: Path, tiny: Assignment, drawn: case.Case, tmp_path: Path, sandbox: Sandbox
) -> None:
    """pandas imports ``random``: a candidate's own file of that name stopped the first cell."""
    files = {}
    for name in ("random.py", "json.py", "numpy.py", "statistics.py"):
        (tmp_path / name).write_text("raise RuntimeError('not the library')\n")
        files[name] = tmp_path / name
    notebook = strong(Course(built_once), setup="import pandas\nimport numpy.random")
    done = execute(
        visible.executable(notebook, tiny.cells),
        drawn.public,
        {**files, **tiny.paths},
        tiny.limits,
        tiny.answers,
        (),
        "standard",
        sandbox=sandbox,
    )
    assert done.cells["setup"] == "completed", done.notebook["cells"]
    assert "slope" in done.answers


@pytest.mark.slow
def test_what_stopped_a_visible_check_is_told(
    built_once: Path, tiny: Assignment, drawn: case.Case
) -> None:
    """Nothing recorded, and why: the words of the error, as text, and only where points went."""
    notebook = strong(Course(built_once))
    for cell in notebook["cells"]:
        if cell["id"] == "slope_answer":
            cell["source"] += "\nmean = SLOPE\ndel SLOPE"
    done = attempt.run(tiny, drawn, notebook, {}, unsafe=False)
    results = checking.run_checks(tiny, done, drawn)
    shown = {c["id"]: c for c in attempt.draw(notebook, done, results)["cells"]}
    told = shown["slope"]["outputs"][0]
    assert "stopped with NameError: name 'SLOPE' is not defined" in told["data"]["text/plain"]
    assert told["metadata"]["worksample"]["raised"].startswith("NameError")
    assert shown["slope"]["source"] == tiny.cell("slope").source, "as the author wrote it"


def test_the_check_defines_what_the_notebook_goes_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of a check are called later, and see what the candidate defines after it."""
    shell = InteractiveShell(user_ns={"len": 3, "X": 1})
    monkeypatch.setattr(names, "shell_here", lambda: shell)
    source = (
        "def later(n):\n    return len(range(n)) + scale(X)\n"
        "before = len('ab')\nassert 'scale' not in globals() and 'X' in globals()\n"
    )
    names.check(source, "", [])
    exec("def scale(x):\n    return 100 * x\nX = 2\n", shell.user_ns)
    assert shell.user_ns["before"] == 2
    assert shell.user_ns["later"](4) == 204
    assert shell.user_ns["len"] == 3, "the candidate's own code goes on meaning theirs"


def test_names_that_the_author_gives_stay_the_authors() -> None:
    """A check may define a name that is also imported, and an answer may be called `filter`."""
    author = [*_cells(given="import json\nopen = json.loads", answer="filter = None")]
    notebook = {"cells": [{"id": "c", "cell_type": "code", "source": "x = 1\nrecord('a', x)"}]}
    author += _cells(check="x = 1\nrecord('a', x)")
    made = visible.executable(notebook, author)["cells"][0]["source"]
    assert "'import json'" in made
    for name in ("filter", "open", "x"):
        assert repr(name) in made.rpartition("[")[2]


def _cells(**sources: str) -> Iterator[Cell]:
    for kind, source in sources.items():
        name = "c" if kind == "check" else kind
        yield Cell(name, kind, "code", source, 0, None, 0, ("standard",), 0)  # type: ignore[arg-type]
