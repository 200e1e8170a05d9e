"""A tree as an answer, from the package to the feedback, with everything on its way."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cohort import a_copy
from tests.once import once
from tests.repositories import SMALL, course_in
from worksample import assignments, feedback
from worksample.assignments import case as cases
from worksample.authoring import demo, verify
from worksample.batch import cohort as batch
from worksample.course import Course
from worksample.errors import AssignmentError, CaseError
from worksample.exchange import saved
from worksample.feedback import approval, record, revision, view
from worksample.grading import trees
from worksample.hub import homes
from worksample.limits import TreeSpec
from worksample.records import evidence
from worksample.submissions import collecting
from worksample.workbook import packing, saving, submission


@pytest.fixture(scope="session")
def sent(shared_folder: Path) -> Path:
    return once("trees", course_in)


@pytest.fixture
def course(sent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    return a_copy(sent / "course", tmp_path, monkeypatch)


@pytest.fixture
def home(sent: Path, tmp_path: Path) -> Path:
    """The folder that Ada works in."""
    return shutil.copytree(sent / "ada" / SMALL, tmp_path / "Übung ada")


def solve(course: Course, home: Path, name: str) -> None:
    solution = assignments.find(course, SMALL).solution(name)
    trees.edit(home, solution.script("standard"))


def handed_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """The zip that ``submit()`` writes, and what it says."""
    said = io.StringIO()
    with monkeypatch.context() as patch, contextlib.redirect_stdout(said):
        patch.chdir(home)
        patch.setattr(saving, "ask", lambda: True)
        submission.submit()
    return next(home.glob("*-submission.zip")), said.getvalue()


def test_the_package_holds_a_repository_that_git_knows(home: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("there is no git on this machine to ask")

    def git(*words: str) -> str:
        safe = ("-c", "safe.directory=*")
        done = subprocess.run(
            ["git", *safe, *words], cwd=home / "work", capture_output=True, text=True, check=True
        )
        return done.stdout

    assert git("status", "--porcelain") == ""
    assert git("log", "--format=%an: %s").splitlines() == ["Jo Lund: Faster", "Mira Tal: Sums"]
    assert "set(numbers)" in git("show", "--unified=0", "HEAD")
    assert not list((home / "work" / ".git").rglob("hooks/*"))
    assert not (home / "case" / "work").exists()
    assert (home / "work" / ".github" / "workflows" / "ci.yml").is_file()


def test_a_tree_goes_all_the_way(
    course: Course, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve(course, home, "half")
    hook = home / "work" / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\ntouch /tmp/a-hook-was-run\n")
    (home / "work" / "link").symlink_to("/etc/passwd")
    packed, said = handed_in(home, monkeypatch)
    assert "work/, 6 files" in said
    assert "work/link (a link" in said
    (receipt,) = collecting.collect(course, [packed]).receipts
    row = collecting.adopt(course, SMALL, "ada")
    kept = set(collecting.files(course, row))
    assert "work/.github/workflows/ci.yml" in kept
    assert not [name for name in kept if ".git/" in name or "link" in name]
    assert receipt.code in said

    assert [each.points for each in batch.grade(course, SMALL).outcomes] == [50]
    found = evidence.latest(course, SMALL, "ada")
    assert found
    assert set(found["run"]["trials"]) == {"sums/read.py", "sums/total.py"}
    drawn = evidence.notebook(course, found)
    shown = next(cell for cell in drawn["cells"] if cell["id"] == "work_changes")
    (output,) = shown["outputs"]
    text = "".join(output["text"])
    assert "-    return sum(set(numbers))" in text
    assert "new     sums/notes.md" in text
    assert "\x1b" not in text

    feedback.render(course, SMALL)
    page = approval.page_path(course, SMALL, "ada").with_suffix(".html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page

    feedback.approve(course, SMALL, by="grace")
    made = revision.revise(course, SMALL, "ada")
    again = home.parent / "again"
    shutil.unpack_archive(made.package, again)
    name = SMALL + cases.REVISION
    assert "result += each" in (again / name / "work" / "sums" / "total.py").read_text()
    assert (again / name / "work" / ".git" / "HEAD").is_file()
    solve(course, again / name, "strong")
    (second,) = collecting.collect(course, [again / name]).receipts
    assert second.assignment == name
    assert [each.points for each in batch.grade(course, name).outcomes] == [100]
    before = approval.approved_record(course, SMALL, "ada")
    changes = record.build(course, name, "ada", before=before)["changes"]
    assert changes
    files = [each for each in changes["cells"] if each["id"].startswith("work/")]
    assert [(each["id"], each["removed"], each["added"]) for each in files] == [
        ("work/sums/read.py", 1, 1)
    ]
    assert "list(open(path))" in view.changed_cells(
        record.build(course, name, "ada", before=before)
    )


def test_every_solution_through_the_real_path(course: Course) -> None:
    found = verify.verify(course, assignments.find(course, SMALL), quick=True, workers=1)
    assert found.deviations == ()


def test_the_demo_hands_in_trees_too(course: Course) -> None:
    small = assignments.find(course, SMALL)
    ada = demo.Player("ada", "adequate", demo._answers(small.solution("half")))
    assert demo._submit(course, small, SMALL, [ada]) == []
    kept = collecting.files(course, collecting.adopt(course, SMALL, "ada"))
    assert "result += each" in kept["work/sums/total.py"].read_text()
    assert "work/.github/workflows/ci.yml" in kept


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("work/a.py", False),
        ("work/.github/workflows/ci.yml", False),
        ("work/.gitignore", False),
        ("work/.git/config", True),
        ("work/.GIT/config", True),
        ("work/.g\u200cit/config", True),
        ("work/.git::$INDEX_ALLOCATION/config", True),
        ("work/GIT~2/config", True),
        ("work/.git. /config", True),
        ("work/sub/.git/hooks/x", True),
        ("work/../a.py", True),
        ("work/__pycache__/a.pyc", True),
        (".github/a", True),
        (".work/a", True),
        ("case/a", True),
    ],
)
def test_what_of_a_tree_is_handed_in(name: str, left: bool) -> None:
    assert packing.is_left_behind(Path(name)) is left


def test_the_keeper_and_the_plain_door_take_the_same(home: Path) -> None:
    """At the end of the time nobody presses a button, and some have no JupyterLab."""
    (home / "work" / ".git" / "evil").write_text("x")
    taken = dict(homes.saved(home, 1 << 20))
    assert "work/.github/workflows/ci.yml" in taken
    assert not [name for name in taken if ".git/" in name]
    assert saved._checked("work/.github/ci.yml") == "work/.github/ci.yml"
    for name in ("work/.git/config", "work/../../x", ".hidden", "x/.hidden", ".."):
        with pytest.raises(saved.UploadError):
            saved._checked(name)


def test_a_tree_beyond_its_limits_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3000)
    (tmp_path / "b").write_bytes(b"x")
    (tmp_path / "c").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "d")
    assert set(trees.read(tmp_path, TreeSpec(files=2, kb=3)).files) == {"a", "b"}
    assert "more than 1 files" in trees.read(tmp_path, TreeSpec(files=1, kb=3)).refused
    assert "more than 2 kB" in trees.read(tmp_path, TreeSpec(files=9, kb=2)).refused
    assert "no folder" in trees.read(tmp_path / "none", TreeSpec()).refused


def test_what_costs_time_to_compare_is_named_only() -> None:
    before = {"a": b"\n" * 1000, "b": b"\xff\xfe", "c": b"1\n"}
    after = {"a": b"\n" * 999, "b": b"\0", "c": b"2\n" + b"x" * 900}
    shown = trees.comparison(before, after)
    assert shown.count("too long to compare") == 1
    assert shown.count("not text") == 1
    assert max(map(len, shown.splitlines())) <= trees.WIDTH


def test_mistakes_of_authors_are_named(course: Course, tmp_path: Path) -> None:
    folder = course.assignments / SMALL
    told = (folder / "assignment.toml").read_text()
    (folder / "assignment.toml").write_text(told.replace("work_changes", "nowhere"))
    with pytest.raises(AssignmentError, match="no cell with code"):
        assignments.load(folder)
    (folder / "assignment.toml").write_text(told)
    history = (folder / "scenario.py").read_text().replace('"files": changed', '"files": {}')
    (folder / "scenario.py").write_text(history)
    drawn = cases.draw(assignments.load(folder), 1, "standard", tmp_path / "drawn", candidate="x")
    notebook = cases.released(course, SMALL, "standard").read_bytes()
    with pytest.raises(CaseError, match="does not lead to"):
        cases.pack(course, assignments.load(folder), drawn, SMALL, notebook, 45)


def test_the_passport_says_how_much_is_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads((home / "worksample.json").read_text())["work"] == {"files": 30, "kb": 100}
    (home / "work" / "big.bin").write_bytes(os.urandom(200_000))
    assert "more than the 30 files or 100 kB" in handed_in(home, monkeypatch)[1]
