"""A package on the candidate's own machine: opened, worked in, handed in, collected, graded.

The libraries are those that are installed here, as fetching them again would take minutes; of this
package only the wheel in the zip can be imported there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cohort import ROOT, a_copy, edit, fill
from tests.once import once
from worksample import assignments
from worksample.assignments import build, case
from worksample.course import Course
from worksample.grading import attempt, checking, repair
from worksample.submissions import collecting, invitations

JSON = dict[str, Any]
SAMPLE = "warm-up"
RUN = """
import sys, nbclient, nbformat
book = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(book, timeout=600, startup_timeout=600).execute()
nbformat.write(book, sys.argv[1])
"""
LOOK = """
import importlib.util, sys, worksample
print("from:", worksample.__file__)
hidden = ("worksample.grading", "worksample.assignments", "worksample.kit", "worksample.samples")
print("seen:", [name for name in hidden if importlib.util.find_spec(name)])
"""


@pytest.fixture(scope="session")
def away_once(shared_folder: Path) -> Path:
    """A course with Ada invited; her machine, on which she has worked and handed in."""

    def make(folder: Path) -> None:
        root = folder / "course"
        (root / "assignments").mkdir(parents=True)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(
            ROOT / "assignments" / SAMPLE, root / "assignments" / SAMPLE, ignore=ignored
        )
        course = Course(root)
        sample = assignments.find(course, SAMPLE)
        build.build(course, sample)
        package = invitations.invite(course, "ada", sample).package
        home = folder / "Adas Rechner ä ö" / "Übung 1"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(home)
        _work(home / SAMPLE, sample.solution("strong").sources("standard"))

    return once("away", make)


def _work(here: Path, answers: dict[str, str]) -> None:
    """All that she does: an environment, the answers, Run all."""
    python = _environment(here)
    fill(here / f"{SAMPLE}.ipynb", answers)
    (here / "helper.py").write_text("LIMIT = 100\n")
    look = {"cell_type": "code", "id": "look", "metadata": {}, "source": LOOK}
    look |= {"outputs": [], "execution_count": None}
    edit(here / f"{SAMPLE}.ipynb", lambda book: book["cells"].insert(1, look))
    _run([python, "-c", RUN, f"{SAMPLE}.ipynb"], here)


def _environment(here: Path) -> Path:
    """An empty one, with the wheel of the package; its Python."""
    venv.create(here / ".venv", with_pip=False)
    python = here / ".venv" / "bin" / "python"
    site = _run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], here)
    # a folder named in such a file is not looked through for more of them: an editable install of
    # this package, which is one, does not count there
    Path(site.strip(), "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = here.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    _run([*pip, "install", "--no-deps", "--no-index", f"./{wheel.name}"], here)
    return python


def _run(command: list[object], at: Path) -> str:
    words = [str(word) for word in command]
    own = {name: value for name, value in os.environ.items() if not name.startswith("WORKSAMPLE_")}
    own.pop("PYTHONPATH", None)
    done = subprocess.run(words, cwd=at, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def course(away_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    return a_copy(away_once / "course", tmp_path, monkeypatch)


@pytest.fixture
def home(away_once: Path, tmp_path: Path) -> Path:
    """A copy of the folder that she worked in, without the environment."""
    (there,) = away_once.glob(f"Adas*/*/{SAMPLE}")
    return shutil.copytree(there, tmp_path / SAMPLE, ignore=shutil.ignore_patterns(".venv"))


def said_by(home: Path) -> str:
    """All that her cells printed."""
    cells = json.loads((home / f"{SAMPLE}.ipynb").read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output["output_type"] == "error"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def printed_fingerprint(home: Path) -> str:
    return said_by(home).split("fingerprint ")[1].split()[0]


pytestmark = pytest.mark.slow


def test_the_notebook_runs_from_the_zip_alone(home: Path) -> None:
    said = said_by(home)
    assert "seen: []" in said
    assert "/.venv/" in said.split("from: ")[1].splitlines()[0]
    for check in ("first_day", "guess", "unreliable"):
        assert f"✓ {check}: it can be used" in said
    listed = said.split("Your tasks, as saved")[1]
    assert listed.count("answered") == 3
    assert "✓ 1 file of your own: helper.py" in said
    assert f"→ {SAMPLE}-submission.zip, " in said


def test_the_receipt_repeats_the_fingerprint_and_it_is_graded(course: Course, home: Path) -> None:
    done = collecting.collect(course, [home / f"{SAMPLE}-submission.zip"])
    assert not done.refused, done.refused
    (receipt,) = done.receipts
    assert receipt.code == printed_fingerprint(home)
    row = collecting.Records(course.records_url).last_submission(SAMPLE, "ada")
    assert row is not None
    assert set(collecting.files(course, row)) == {f"{SAMPLE}.ipynb", "helper.py"}
    assert points(course) == 100


def points(course: Course) -> float:
    """Repaired, run in a sandbox and checked, as grading does; the warm-up has no gradebook."""
    sample, drawn = assignments.find(course, SAMPLE), case.bound(course, SAMPLE, "ada")
    row = collecting.Records(course.records_url).last_submission(SAMPLE, "ada")
    assert row is not None
    kept = collecting.files(course, row)
    release = json.loads(case.released(course, SAMPLE, drawn.level).read_bytes())
    sent = kept.pop(f"{SAMPLE}.ipynb").read_bytes()
    notebook = repair.repair(sent, release, case.given(course, SAMPLE, "ada")).notebook
    done = attempt.run(sample, drawn, notebook, kept, unsafe=False)
    return sum(result.points for result in checking.run_checks(sample, done, drawn).values())


def by_hand(home: Path) -> None:
    """Nothing is changed; the folder is zipped with all that is in it."""


def as_vs_code(book: JSON, ids: bool = True) -> JSON:
    """As VS Code's extension writes a notebook: its own marks, its Python, other outputs."""
    cells = []
    for cell in book["cells"]:
        text = "".join(cell["source"])
        made = {**cell, "source": text.splitlines(keepends=True)}
        made["metadata"] = {**cell["metadata"], "vscode": {"languageId": "python"}}
        if "outputs" in cell:
            made["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["other\n"]}]
            made["execution_count"] = 7
        if not ids:
            del made["id"]
        cells.append(made)
    about = {"codemirror_mode": {"name": "ipython", "version": 3}, "file_extension": ".py"}
    about |= {"name": "python", "nbconvert_exporter": "python", "version": "3.12.1"}
    kernel = {"display_name": ".venv (3.12.1)", "language": "python", "name": "python3"}
    metadata = {**book["metadata"], "kernelspec": kernel, "language_info": about}
    metadata["vscode"] = {"interpreter": {"hash": "0" * 64}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5 if ids else 2}


def in_vs_code(home: Path) -> None:
    _saved_by(home, as_vs_code)


def in_an_old_vs_code(home: Path) -> None:
    _saved_by(home, lambda book: as_vs_code(book, ids=False))


def _saved_by(home: Path, save: Callable[[JSON], JSON]) -> None:
    path = home / f"{SAMPLE}.ipynb"
    book = save(json.loads(path.read_text("utf-8")))
    # its own indentation, and no line end at the end
    path.write_text(json.dumps(book, indent=1, ensure_ascii=False), "utf-8")


@pytest.mark.parametrize("saved", [by_hand, in_vs_code, in_an_old_vs_code])
def test_the_same_work_has_one_fingerprint_however_it_is_saved_and_zipped(
    course: Course, home: Path, saved: Callable[[Path], None], tmp_path: Path
) -> None:
    expected = printed_fingerprint(home)
    saved(home)
    (home / "env" / "lib").mkdir(parents=True)
    (home / "env" / "pyvenv.cfg").write_text("home = /usr\n")
    (home / "env" / "lib" / "somebody.py").write_text("")
    packed = shutil.make_archive(str(tmp_path / "by hand"), "zip", home.parent, home.name)
    done = collecting.collect(course, [Path(packed)])
    assert not done.refused, done.refused
    # the zip that submit() wrote lies in the folder too, and is taken as an attempt of its own
    assert {(receipt.candidate, receipt.code) for receipt in done.receipts} == {("ada", expected)}
    row = collecting.Records(course.records_url).last_submission(SAMPLE, "ada")
    assert row is not None
    assert set(collecting.files(course, row)) == {f"{SAMPLE}.ipynb", "helper.py"}
    if saved is in_an_old_vs_code:
        assert points(course) == 100


def test_other_work_has_another_fingerprint(course: Course, home: Path) -> None:
    before = printed_fingerprint(home)
    (home / f"{SAMPLE}-submission.zip").unlink()
    edit(home / f"{SAMPLE}.ipynb", lambda book: book["cells"][-1].update(source="1"))
    (receipt,) = collecting.collect(course, [home]).receipts
    assert receipt.code != before
