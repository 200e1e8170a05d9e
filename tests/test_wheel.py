"""What a company installs: the wheel, alone, makes a course and grades a work sample it carries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest

from tests.cohort import edit, fill
from tests.founding import ROOT, same_cases
from worksample import assignments
from worksample.course import Course

SAMPLE = "root-cause-analysis"
# run as the candidate: what of the package can be seen from inside
LOOK = """
import importlib.util, pathlib, sys
own = pathlib.Path(importlib.util.find_spec("worksample").origin).parent
found = [str(p) for folder in (own, *map(pathlib.Path, sys.path))
         for p in [*folder.glob("samples/*"), *folder.glob("worksample/samples/*"),
                   *folder.glob("worksample/grading/*"), *folder.glob("grading/*")]]
print("seen:", found)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment with our dependencies and, of us, only the wheel."""
    folder = tmp_path_factory.mktemp("a wheel")
    source = folder / "source"
    ignored = shutil.ignore_patterns(
        *(".git", ".venv", "build", "demo", "state", "tests", "__pycache__", "*.egg-info")
    )
    shutil.copytree(ROOT, source, ignore=ignored)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheel = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
    _run([*pip, *wheel, str(source)])
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    there = _run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    shutil.copytree(
        sysconfig.get_path("purelib"),
        there,
        copy_function=_linked,
        dirs_exist_ok=True,
        ignore=lambda at, names: [n for n in names if n.startswith(("worksample", "__editable__"))],
    )
    (built,) = folder.glob("worksample-*.whl")
    _run([*pip, "--python", python, "install", "--no-deps", "--no-index", built])
    return python.parent


def test_a_wheel_carries_everything_but_caches(installed: Path):
    (wheel,) = installed.parent.parent.glob("worksample-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for each in assignments.ids(Course(ROOT)):
        assert f"worksample/samples/{each}/assignment.toml" in names
    for each in ("kits/data/screening.toml", "privacy/privacy.toml", "handouts/kit.html.j2"):
        assert f"worksample/{each}" in names
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_an_installed_package_makes_a_course_and_grades(installed: Path, tmp_path: Path):
    def worksample(*words: object, at: Path = tmp_path) -> str:
        return _run([installed / "worksample", *words], at)

    course = Course(tmp_path / "our cöurse")
    assert "next:" in worksample("course", "new", course.root)
    (course.root / "course.toml").write_text(f'samples = ["{SAMPLE}"]\n')
    same_cases(course)
    listed = worksample("list", at=course.root)
    assert SAMPLE in listed
    assert "drift" not in listed
    worksample("build", at=course.root)
    worksample("invite", "ada", "--assignment", SAMPLE, at=course.root)
    folder = tmp_path / "ada" / SAMPLE
    with zipfile.ZipFile(course.state / "packages" / SAMPLE / "ada.zip") as package:
        package.extractall(folder.parent)
    solution = assignments.load(ROOT / "assignments" / SAMPLE).solution("strong")
    fill(folder / f"{SAMPLE}.ipynb", solution.sources("standard"))
    look = nbformat.v4.new_code_cell(LOOK, id="look")
    edit(folder / f"{SAMPLE}.ipynb", lambda notebook: notebook["cells"].append(look))
    worksample("collect", folder, at=course.root)
    graded = worksample("grade", SAMPLE, at=course.root)
    assert "ada" in graded
    told = worksample("explain", "ada", SAMPLE, at=course.root)
    low, high = solution.total["standard"]
    assert low <= float(_points(told)) <= high, told
    executed = (course.autograded / "ada" / SAMPLE / f"{SAMPLE}.ipynb").read_text()
    assert "seen: []" in executed


def _points(explained: str) -> str:
    import re

    found = re.search(r"(\d+(?:\.\d+)?) of 100", explained)
    assert found, explained
    return found[1]


def _linked(source: str, target: str) -> str:
    """A hard link where the file system can; reading is all that is done with it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _run(command: list[object], at: Path | None = None) -> str:
    words = [str(word) for word in command]
    own = {name: value for name, value in os.environ.items() if not name.startswith("WORKSAMPLE_")}
    done = subprocess.run(words, cwd=at, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout
