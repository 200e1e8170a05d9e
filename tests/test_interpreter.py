"""Nothing of ours is imported from where a grader happens to stand: a candidate's folder, say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cohort import TINY, answers, fill, invited, notebook_of
from tests.decoys import DECOY, plant
from worksample import cli
from worksample.course import Course

WORKSAMPLE = str(Path(sys.executable).parent / "worksample")
# what makes a command do its work; one that is not here is run without arguments
ARGUMENTS = {
    "new": ("another", "--like", TINY),
    "preview": (TINY,),
    "practice": ("none",),  # else as `verify`
    "partner": ("recruiting", "--kind", "plain"),
    "backup": ("{backup}",),
    "restore": ("{backup}/none.tar.gz", "{backup}/there"),
    "verify": (TINY, "--seeds", "1", "--level", "standard", "--solution", "weak"),
    "bank": (TINY, "--show"),
    "invite": ("zoe", "--assignment", TINY),
    "collect": ("{home}",),
    "separates": ("none",),  # what it does, `verify` does
    "grade": (TINY, "--force", "--workers", "1"),
    "explain": ("ada", TINY),
    "status": ("ada",),
    "rate": ("ada", TINY, "--by", "grace"),
    "feedback": (TINY,),
    "approve": (TINY, "--by", "grace"),
    "release-feedback": (TINY,),
    "revise": (TINY, "ada"),
    "account": ("grace", "--role", "grader", "--single-sign-on"),
    "end-links": ("ada",),
    "ratings": ("ada", TINY, "--by", "grace"),
    "debrief": ("ada", "--by", "lead"),
    "recommend": ("ada", "--value", "3", "--reason", "sound", "--by", "lead"),
    "export": ("--by", "lead"),
    "impact": (TINY, "--groups", "{groups}"),
    "kit": ("screening",),
    "erase": ("ada", "--yes", "--by", "grace"),
    "reader": ("ada", TINY),
    "talk": ("ada", TINY),
    "demo": ("none", "--into", "{demo}"),  # what it does, the commands above do
}


@pytest.fixture(scope="module")
def decoys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with a module for every name that could be asked for, and the mark they leave."""
    folder, mark = (tmp_path_factory.mktemp("decoys") / name for name in ("ä folder", "mark"))
    plant(folder, mark)
    return folder, mark


def unmarked(mark: Path, command: list[str], cwd: Path, course: Course, told: str = "") -> str:
    """Run a command there, ``told`` what it reads; what it said."""
    environment = {**os.environ, "WORKSAMPLE_COURSE": str(course.root)}
    environment.pop("PYTHONSAFEPATH", None)  # what this process may have set
    given = {"input": told, "capture_output": True, "text": True}
    done = subprocess.run(command, cwd=cwd, env=environment, **given)
    said = done.stdout + done.stderr
    assert not mark.exists(), (command, mark.read_text(), said)
    return said


def test_a_decoy_leaves_its_mark(decoys: tuple[Path, Path], tmp_path: Path) -> None:
    """Without this the tests below would show nothing."""
    mark = tmp_path / "mark"
    plant(tmp_path / "here", mark)
    subprocess.run([sys.executable, "-c", "import pickle"], cwd=tmp_path / "here", env={})
    assert "pickle" in mark.read_text()


# those that start further processes; each of the others is the same here as one of them
STARTING = ("verify", "grade", "feedback")
# these stay: tests/hub and tests/service start them in such a folder
STAYING = ("serve", "serve-grading")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*STARTING, "status"])
def test_no_command_imports_from_the_folder_it_is_started_in(
    name: str, decoys: tuple[Path, Path], scored: Course, tmp_path: Path
) -> None:
    """Neither the command nor any process below it: one import, and a candidate is the grader."""
    folder, mark = decoys
    said = unmarked(mark, [WORKSAMPLE, name, *ARGUMENTS[name]], folder, scored)
    assert "No such option" not in said
    assert "Missing argument" not in said


EVERY = """
import sys
from worksample import cli
for line in sys.stdin.read().splitlines():
    try:
        cli.main(line.split("\\t"), prog_name="worksample")
    except SystemExit as end:
        print("\\nended", line.split("\\t")[0], end.code)
"""


@pytest.mark.slow
def test_every_command_leaves_the_folder_alone(
    decoys: tuple[Path, Path], scored: Course, tmp_path: Path
) -> None:
    """All of them in one process, which imports what it has not got yet from somewhere else."""
    folder, mark = decoys
    script = tmp_path / "script.py"
    script.write_text(EVERY)
    groups = tmp_path / "groups.csv"
    groups.write_text("candidate,group\nada,a\nbob,b\n")
    places = {"home": invited(scored, "zed", tmp_path / "home"), "demo": tmp_path / "d"}
    places |= {"groups": groups, "backup": tmp_path / "backup"}
    names = [name for name in cli.main.commands if name not in (*STARTING, *STAYING)]
    lines = [
        "\t".join([name, *(word.format(**places) for word in ARGUMENTS.get(name, ()))])
        for name in names
    ]
    said = unmarked(mark, [sys.executable, str(script)], folder, scored, "\n".join(lines))
    assert [line.split()[1] for line in said.splitlines() if line.startswith("ended ")] == names
    assert "No such option" not in said
    assert "Missing argument" not in said


# workers that are not forked, a host of checks and feedback that are not either, and an agent
# of an unsealed attempt: what a notebook server or a script gets
FRESH = f"""
import sys
from pathlib import Path
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.feedback import drawing
from worksample.sandbox.fonts import _made
if __name__ == "__main__":
    course = Course(Path(sys.argv[1]))
    for unsafe in (False, True):
        done = batch.grade(course, {TINY!r}, ["ada"], force=True, workers=1, unsafe=unsafe)
        print([outcome.points for outcome in done.outcomes])
    with drawing._processes(1) as processes:
        print(processes.submit(len, "four").result())
    _made(Path(sys.argv[1]) / "fonts")
"""


@pytest.mark.slow
def test_no_process_that_starts_afresh_imports_from_the_folder(
    decoys: tuple[Path, Path], scored: Course, tmp_path: Path
) -> None:
    """`spawn` and `forkserver` run `python -c`, which looks where it stands first."""
    folder, mark = decoys
    script = tmp_path / "script.py"
    script.write_text(FRESH)
    said = unmarked(mark, [sys.executable, str(script), str(scored.root)], folder, scored)
    assert said.splitlines() == ["[100.0]"] * 2 + ["4"], said


@pytest.mark.slow
def test_decoys_beside_a_submitted_notebook_are_files_and_nothing_else(
    built: Course, tmp_path: Path
) -> None:
    """They lie in the sandbox and, for the command, where it is started."""
    mark = tmp_path / "mark"
    home = invited(built, "ada", tmp_path / "home")
    fill(notebook_of(home), answers(built, "strong"))
    for name in ("worksample", "pickle", "sitecustomize", "checks", "probe", "tarfile"):
        (home / f"{name}.py").write_text(DECOY.format(mark=str(mark)))
    unmarked(mark, [WORKSAMPLE, "collect", str(home)], home, built)
    (kept,) = built.state.rglob("pickle.py")
    there = kept.parent
    said = unmarked(mark, [WORKSAMPLE, "grade", TINY, "--workers", "1"], there, built)
    assert "ada" in said
    module = [sys.executable, "-P", "-m", "worksample"]
    assert "unchanged" in unmarked(mark, [*module, "grade", TINY], there, built), said
