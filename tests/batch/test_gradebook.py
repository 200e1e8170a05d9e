"""nbgrader's verb, formgrader's button and ours: one path, the same scores."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from tests import verbs
from tests.cohort import TINY, answers, edit, fill, hand_in, invited, notebook_of
from worksample.batch import cohort as batch
from worksample.batch import gradebook
from worksample.course import Course
from worksample.records import evidence
from worksample.submissions import collecting as submission

SCORES = {"ada": 100.0, "bob": 20.0, "dee": 40.0}

pytestmark = pytest.mark.slow


def nbgrader(course: Course, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return verbs.nbgrader(course.root, *words, env={**os.environ, **env})


def scores(course: Course) -> dict[str, float]:
    """What nbgrader's gradebook says."""
    with Gradebook(course.gradebook_url) as book:
        return {s.student.id: s.score for s in book.assignment_submissions(TINY)}


def shown(course: Course, who: str) -> dict[str, Any]:
    return nbformat.read(gradebook.autograded_notebook(course, TINY, who), as_version=4)


def records(course: Course) -> dict[str, int]:
    return {who: len(evidence.history(course, TINY, who)) for who in SCORES}


def test_ours_writes_what_nbgrader_reads(scored: Course) -> None:
    assert scores(scored) == SCORES
    cells = {cell["id"]: cell for cell in shown(scored, "ada")["cells"]}
    last = cells["slope"]["outputs"][-1]
    assert (last["output_type"], last["data"]) == ("execute_result", {"text/plain": "40.0"})
    assert "Passed: 40 of 40" in cells["slope"]["outputs"][0]["data"]["text/plain"]
    assert "BEGIN MARK SCHEME" in cells["explanation"]["source"], "the anchors, for graders"
    record = evidence.latest(scored, TINY, "ada")
    assert record is not None
    drawn = json.dumps(evidence.notebook(scored, record))
    assert "MARK SCHEME" not in drawn, "what feedback is made of has no anchors"
    assert len(list(scored.autograded.glob("*/*/*"))) == 3 * 3, "notebook, timestamp, toolkit"


def test_a_criterion_waits_for_a_person(scored: Course) -> None:
    """nbgrader gives an untouched manual cell 0 and takes it from the queue; ours waits."""
    with Gradebook(scored.gradebook_url) as book:
        grade = book.find_grade("explanation", TINY, TINY, "dee")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (
            None,
            None,
            True,
        )


def test_nbgraders_own_verb_gives_the_same(scored: Course) -> None:
    """By the evidence where there is some, by grading where there is none."""
    shutil.rmtree(scored.autograded)
    shutil.rmtree(evidence.folder(scored, TINY, "bob"))
    (scored.state / "gradebook.db").unlink()
    done = nbgrader(scored, "autograde", TINY)
    assert done.returncode == 0, done.stderr
    assert scores(scored) == SCORES
    assert records(scored) == {"ada": 1, "bob": 1, "dee": 1}
    assert not any(each.new for each in batch.grade(scored, TINY).outcomes), (
        "ours has nothing to do"
    )


def test_formgraders_button_gives_the_same_and_can_be_pressed_again(scored: Course) -> None:
    """It forces: ``autograded/`` is removed and written anew, the evidence stays as it is."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.apps.baseapp import NbGrader

    before = shown(scored, "ada")
    app = NbGrader()
    app.initialize([])
    result = NbGraderAPI(app.coursedir, parent=app).autograde(TINY, "ada")
    assert result["success"], result
    assert scores(scored) == SCORES
    assert shown(scored, "ada") == before
    assert records(scored) == {"ada": 1, "bob": 1, "dee": 1}


def test_a_person_s_score_is_not_overwritten(scored: Course) -> None:
    with Gradebook(scored.gradebook_url) as book:
        book.find_grade("explanation", TINY, TINY, "ada").manual_score = 3
        book.db.commit()
    batch.grade(scored, TINY, ["ada"], force=True)
    with Gradebook(scored.gradebook_url) as book:
        assert book.find_grade("explanation", TINY, TINY, "ada").manual_score == 3
    assert scores(scored)["ada"] == 103


def test_another_configuration_does_not_take_over(scored: Course, tmp_path: Path) -> None:
    """A user's own ``nbgrader_config.py`` with another course, database and path to a score."""
    own = tmp_path / "home" / ".jupyter"
    own.mkdir(parents=True)
    (own / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.root = '/nowhere'\n"
        "c.CourseDirectory.db_url = 'sqlite:////nowhere/gradebook.db'\n"
        "c.CourseDirectory.submitted_directory = 'elsewhere'\n"
        "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.SaveAutoGrades']\n"
        "c.Autograde.sanitize_preprocessors = ['nbgrader.preprocessors.OverwriteCells']\n"
    )
    shutil.rmtree(scored.autograded)
    done = nbgrader(scored, "autograde", TINY, JUPYTER_CONFIG_DIR=str(own))
    assert done.returncode == 0, done.stderr
    assert scores(scored) == SCORES


def test_a_submission_never_graded_by_us_and_nobodys_stops_no_one(built: Course) -> None:
    """``nbgrader autograde`` alone, from a fresh clone: no gradebook, no evidence, odd folders."""
    (built.state / "gradebook.db").unlink()
    home = invited(built, "ada", built.root.parent / "home")
    fill(notebook_of(home), answers(built, "strong"))
    notebook_of(home).rename(home / "my notebook.ipynb")
    (home / "passwd").symlink_to("/etc/passwd")
    (home / "endless").symlink_to("/dev/zero")
    shutil.copytree(home, built.submitted / "ada" / TINY, symlinks=True)
    invited(built, "bob", built.root.parent / "bobs")
    garbage = built.submitted / "bob" / TINY / f"{TINY}.ipynb"
    garbage.parent.mkdir(parents=True)
    garbage.write_text("not JSON")
    (garbage.parent / "endless").symlink_to("/dev/zero")
    shutil.copytree(home, built.submitted / "eve" / TINY, symlinks=True)
    done = nbgrader(built, "autograde", TINY)
    assert done.returncode != 0
    assert scores(built)["ada"] == 100
    for who, told in (("bob", "is not JSON"), ("eve", "no candidate 'eve'")):
        assert told in done.stderr
        assert not (built.autograded / who / TINY).exists()
    assert not [p for p in built.autograded.rglob("*") if p.name in ("passwd", "endless")]
    root = "root:x:0:0"
    assert not [p for p in built.root.rglob("*") if p.is_file() and root in p.read_text("latin1")]


def never_run(notebook: dict[str, Any]) -> None:
    """The trick that gives every later test cell full marks in nbgrader: they become empty."""
    trick = "get_ipython().input_transformers_post.append(lambda lines: [])"
    for cell in notebook["cells"]:
        if cell["id"] == "slope_answer":
            cell["source"] = trick


def forged_score(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        if cell["id"] in ("slope", "predict"):
            cell["source"] = "100"
            cell["metadata"]["nbgrader"]["points"] = 100
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {"text/plain": "100.0"},
                }
            ]


def warnings_on_stderr(notebook: dict[str, Any]) -> None:
    """nbgrader gives 0 to a test cell that wrote to stderr; a warning is not a failure."""
    for cell in notebook["cells"]:
        if cell["id"] == "predict_answer":
            cell["source"] = (
                "import sys\n\ndef predict(xs):\n    print('careful', file=sys.stderr)\n"
                "    return [0.0 for _ in xs]"
            )


@pytest.mark.parametrize(
    ("trick", "expected"), [(never_run, 0.0), (forged_score, 0.0), (warnings_on_stderr, 0.0)]
)
def test_tricks_that_fool_nbgrader(
    built: Course, trick: Callable[[dict[str, Any]], None], expected: float
) -> None:
    home = invited(built, "mal", built.root.parent / "home")
    edit(notebook_of(home), trick)
    submission.collect(built, [home])
    (outcome,) = batch.grade(built, TINY).outcomes
    assert (outcome.outcome, outcome.points) == ("graded", expected)
    assert scores(built) == {"mal": expected}


def test_what_the_candidate_wrote_is_harmless_in_formgraders_page(built: Course) -> None:
    """Rendered by nbgrader's own formgrader template, without our configuration."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    nasty = "<script>alert('mal')</script><img src=x onerror=alert('mal')>"
    hand_in(
        built,
        "mal",
        {
            "slope_answer": f"from IPython.display import HTML, SVG, Javascript, display\n"
            f"display(HTML({nasty!r}))\ndisplay(Javascript(\"alert('mal')\"))\n"
            f"display({{'text/markdown': {nasty!r}, 'image/svg+xml': {nasty!r}}}, raw=True)\n"
            f"print({nasty!r})\nraise ValueError({nasty!r})",
            "explanation_answer": nasty,
        },
    )
    batch.grade(built, TINY)
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    exporter = HTMLExporter(config=config)
    path = gradebook.autograded_notebook(built, TINY, "mal")
    page, _ = exporter.from_filename(str(path), resources={"index": 0, "total": 1, "base_url": ""})
    assert "alert(" in page, "it is shown"
    assert "<script>alert(" not in page
    assert "<img src=x" not in page
    assert "<svg" not in page.split("notebook-container")[1].lower()


def test_a_new_gradebook_is_filled_again(scored: Course) -> None:
    (scored.state / "gradebook.db").unlink()
    done = batch.grade(scored, TINY)
    assert not done.not_gradable
    assert scores(scored) == SCORES
    assert records(scored) == {"ada": 1, "bob": 1, "dee": 1}, "nothing was executed"
