"""What an author sees, and how an assignment begins."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import ROOT, TINY
from worksample import cli
from worksample.assignments import build
from worksample.assignments import reading as assignment
from worksample.assignments.model import Assignment
from worksample.authoring import preview, verify
from worksample.course import Course
from worksample.errors import AssignmentError, CaseError
from worksample.submissions import invitations


@pytest.fixture
def tiny(course: Course) -> Assignment:
    return assignment.find(course, TINY)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_preview_is_the_package_a_candidate_gets(course: Course, tiny: Assignment) -> None:
    """The same files as in an invited candidate's zip, and the same notebook."""
    build.build(course, tiny)
    invited = invitations.invite(course, "ada", tiny, "junior")
    seen = preview.preview(course, tiny, "junior", invited.case.seed)
    with zipfile.ZipFile(invited.package) as archive:
        package = {name: archive.read(name) for name in archive.namelist()}
    assert {f"{TINY}/{name}" for name in files(seen.folder)} == package.keys()
    differ = {
        name
        for name in files(seen.folder)
        if (seen.folder / name).read_bytes() != package[f"{TINY}/{name}"]
    }
    assert differ == {"worksample.json", f"{TINY}.ipynb"}, "which say whose it is"
    notebooks = [
        json.loads(seen.notebook.read_bytes()),
        json.loads(package[f"{TINY}/{TINY}.ipynb"]),
    ]
    told = [each["metadata"]["worksample"].pop("identity") for each in notebooks]
    assert notebooks[0] == notebooks[1]
    assert [each["candidate"] for each in told] == ["preview", "ada"]


def test_a_preview_needs_no_build_and_changes_nothing(course: Course, tiny: Assignment) -> None:
    before = files(course.root)
    preview.preview(course, tiny)
    assert {name for name in files(course.root) - before if not name.startswith("build/")} == set()


def test_a_preview_shows_the_folder_as_it_is_now(course: Course, tiny: Assignment) -> None:
    preview.preview(course, tiny)
    path = tiny.folder / "notebook.py"
    path.write_text(path.read_text().replace("# A straight line", "# A crooked line"))
    seen = preview.preview(course, assignment.find(course, TINY))
    assert "A crooked line" in seen.notebook.read_text()
    assert "A crooked line" in seen.page.read_text()


def test_the_truth_lies_beside_the_package_not_in_it(course: Course, tiny: Assignment) -> None:
    seen = preview.preview(course, tiny, seed=3)
    card = seen.truth_card.read_text()
    assert card.startswith("# Truth")
    assert not any("truth" in name for name in files(seen.folder))
    given = [path.read_bytes() for path in seen.folder.rglob("*") if path.is_file()]
    assert not any(card.encode() in data for data in given)


def test_two_seeds_are_two_cases(course: Course, tiny: Assignment) -> None:
    one, two = (preview.preview(course, tiny, seed=seed) for seed in (1, 2))
    points = [(seen.folder / "case" / "points.csv").read_text() for seen in (one, two)]
    assert points[0] != points[1]


def test_the_page_loads_nothing_and_runs_nothing(course: Course, tiny: Assignment) -> None:
    page = preview.preview(course, tiny, "junior").page.read_text()
    assert "<script" not in page
    assert re.findall(r"""(?:src|href)=["'](?!#)[^"']*""", page) == []
    assert "The slope" in page
    assert "Hint:" in page, "the junior level's own cell"


def test_pictures_are_part_of_the_page(course: Course, tiny: Assignment) -> None:
    (tiny.folder / "toolkit" / "plan.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    path = tiny.folder / "notebook.py"
    path.write_text(path.read_text().replace("# ## 1. The slope", "# ![Plan](toolkit/plan.svg)"))
    page = preview.preview(course, assignment.find(course, TINY)).page.read_text()
    assert 'src="data:image/svg+xml;base64,' in page


def test_a_preview_says_what_to_open(course: Course, tiny: Assignment) -> None:
    said = str(preview.preview(course, tiny))
    assert f"jupyter lab build/preview/{TINY}/standard-0/{TINY}/{TINY}.ipynb" in said


def test_no_such_level(course: Course, tiny: Assignment) -> None:
    with pytest.raises(CaseError, match="has no level 'expert'"):
        preview.preview(course, tiny, "expert")


def test_a_scenario_that_raises_is_told_with_its_line(course: Course, tiny: Assignment) -> None:
    path = tiny.folder / "scenario.py"
    path.write_text(path.read_text().replace("rng = random.Random(seed)", "rng = 1 / 0"))
    with pytest.raises(CaseError, match="seed 0 at level standard: ZeroDivisionError") as raised:
        preview.preview(course, tiny)
    assert (raised.value.where or "").endswith("scenario.py:16")


def test_a_new_assignment_loads_builds_and_previews(course: Course) -> None:
    started = preview.new(course, "my-sample")
    mine = assignment.find(course, "my-sample")
    assert build.build(course, mine).changed
    assert preview.preview(course, mine).page.exists()
    assert "worksample preview my-sample" in str(started)
    assert "TODO" in (started.folder / "guide.md").read_text()


@pytest.mark.slow
def test_a_new_assignment_verifies(course: Course) -> None:
    """Every solution of the starter, through the real sandbox, comes to what its header states."""
    preview.new(course, "my-sample")
    mine = assignment.find(course, "my-sample")
    build.build(course, mine)
    verified = verify.verify(course, mine, seed_list=[0], quick=True)
    assert len(verified.results) == len(mine.solutions)
    assert verified.deviations == ()


def test_a_new_assignment_may_be_like_another(course: Course, tiny: Assignment) -> None:
    shutil.copytree(tiny.folder / "toolkit", tiny.folder / "__pycache__")
    preview.new(course, "other-line", like=TINY)
    theirs = files(course.assignments / "other-line")
    assert theirs == {name for name in files(tiny.folder) if "__pycache__" not in name}


@pytest.mark.parametrize(
    ("name", "like", "what"),
    [
        (TINY, None, "there is an assignment"),
        ("My Sample", None, "cannot be an assignment's name"),
        ("../elsewhere", None, "cannot be an assignment's name"),
        ("mine", "tiny", "there is no assignment"),
    ],
)
def test_new_refuses(course: Course, name: str, like: str | None, what: str) -> None:
    before = files(course.root)
    with pytest.raises(AssignmentError, match=what):
        preview.new(course, name, like=like)
    assert files(course.root) == before


HOOK = '''"""Makes a copy of the folder with a table of the author's own in it."""

import shutil
from pathlib import Path

from worksample.errors import AssignmentError


def bring(data, into, options):
    """The hook of `worksample new --from`."""
    if data.suffix != ".csv":
        raise AssignmentError(f"{data.name}: not a .csv file", do="save it as .csv")
    shutil.copytree(Path(__file__).parent, into)
    (into / "data.csv").write_text(data.read_text() + str(options))
    return "read data.csv first"
'''


@pytest.fixture
def hooked(tiny: Assignment, tmp_path: Path) -> Path:
    """A table, beside a course whose assignment has a hook."""
    (tiny.folder / "bring.py").write_text(HOOK)
    (tmp_path / "own.csv").write_text("x\n1\n")
    return tmp_path / "own.csv"


def test_an_assignments_hook_makes_one_of_own_data(course: Course, hooked: Path) -> None:
    options = {"target": ["y"], "known": []}
    started = preview.bring(course, "own", TINY, hooked, options)
    assert (started.folder / "data.csv").read_text() == f"x\n1\n{options}"
    assert str(started).startswith("read data.csv first\n")
    assert assignment.find(course, "own").id == "own"


def test_a_hook_that_refuses_leaves_nothing_behind(course: Course, hooked: Path) -> None:
    before = files(course.root)
    with pytest.raises(AssignmentError, match=r"not a \.csv file"):
        preview.bring(course, "own", TINY, hooked.with_suffix(".xls"), {})
    assert files(course.root) == before


def test_only_an_assignment_with_a_hook_takes_own_data(course: Course, tmp_path: Path) -> None:
    with pytest.raises(AssignmentError, match=f'"{TINY}" makes no assignment of data of your own'):
        preview.bring(course, "own", TINY, tmp_path / "own.csv", {})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", TINY), "--from and --data belong together"),
        (("--target", "y"), "go with --from and --data"),
        (("--from", TINY, "--data", "own.csv", "--like", TINY), "--like or --from"),
    ],
)
def test_options_that_do_not_fit_are_told(words: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(cli.main, ["new", "own", *words])
    assert result.exit_code == 2
    assert told in result.stderr


def test_the_command_hands_its_options_to_the_hook(
    course: Course, hooked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.root)
    words = ["new", "own", "--from", TINY, "--data", str(hooked), "--target", "y", "--known", "a"]
    result = CliRunner().invoke(cli.main, words)
    assert result.exit_code == 0, result.output
    told = (course.assignments / "own" / "data.csv").read_text()
    assert told.endswith("{'target': ['y'], 'known': ['a']}")


@pytest.mark.slow
def test_the_starter_is_part_of_the_installed_package(tmp_path: Path) -> None:
    """A wheel holds every file of it, those that are no Python included."""
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "worksample", source / "worksample", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    script = (
        "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]), file=sys.stderr)"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=source, check=True, capture_output=True
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    wanted = {f"worksample/templates/assignments/starter/{n}" for n in files(preview.STARTER)}
    assert {name for name in wanted if "__pycache__" not in name} <= packed
