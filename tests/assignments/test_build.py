"""From an author's folder to source/ and release/: the same bytes, and nothing private."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.nbgraderformat import MetadataValidator

from tests import verbs
from tests.conftest import ROOT, TINY
from worksample import disk
from worksample.assignments import build, case, dressing, skin
from worksample.assignments import reading as assignment
from worksample.assignments.model import Assignment
from worksample.authoring import preview
from worksample.course import Course
from worksample.errors import CourseError

# the tests' own assignment and the one that `new` begins with; and every one of this course
OURS = [ROOT / "tests" / "assignments" / TINY, preview.STARTER]
FOLDERS = [*(ROOT / "assignments" / name for name in assignment.ids(Course(ROOT))), *OURS]


def snapshot(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def tree(course: Course) -> dict[str, bytes]:
    """What the two built steps of a course hold."""
    return {
        f"{step.name}/{name}": data
        for step in (course.source, course.release)
        for name, data in snapshot(step).items()
    }


def course_of(folder: Path, root: Path) -> tuple[Course, Assignment]:
    """A new course with one assignment."""
    root.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(folder, root / "assignments" / folder.name, ignore=ignored)
    course = Course(root)
    return course, assignment.find(course, folder.name)


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Course, Assignment]:
    course, a = course_of(request.param, tmp_path_factory.mktemp("built") / "course")
    build.build(course, a)
    return course, a


@pytest.fixture
def tiny(course: Course) -> Assignment:
    return assignment.find(course, TINY)


def notebooks(course: Course, step: str) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    for path in sorted((course.root / step).rglob("*.ipynb")):
        yield path.parent.name, nbformat.read(path, as_version=4)


# --- every assignment ------------------------------------------------------------------------


@pytest.mark.parametrize("built", OURS, indirect=True, ids=lambda folder: folder.name)
def test_built_twice_the_bytes_are_the_same(
    built: tuple[Course, Assignment], tmp_path: Path
) -> None:
    """Of this course's own the committed bytes are the first time: see below."""
    course, a = built
    again, same = course_of(a.folder, tmp_path / "elsewhere")
    build.build(again, same)
    assert tree(again) == tree(course)
    assert build.build(course, a).changed == ()


def test_only_the_notebook_and_the_shipped_files_are_there(
    built: tuple[Course, Assignment],
) -> None:
    course, a = built
    shipped = {
        f"{name}/{inner}" if path.is_dir() else name
        for name, path in a.paths.items()
        for inner in (disk.kept(path) if path.is_dir() else [""])
    }
    beside = {f"{step}/{a.id}/{name}" for step in ("source", "release") for name in shipped}
    made = {f"{step}/{a.id}/{a.id}.ipynb" for step in ("source", "release")}
    made |= {f"release/{a.id}-{level}/{a.id}.ipynb" for level in set(a.levels) - {"standard"}}
    made |= {
        f"release/{case.release_name(a.id, level, name)}/{a.id}.ipynb"
        for name in skin.names_of(a)
        for level in a.levels
    }
    if a.graded:
        again = f"{a.id}-revision"
        made |= {f"{step}/{again}/{again}.ipynb" for step in ("source", "release")}
    assert tree(course).keys() == beside | made


def private_texts(a: Assignment) -> set[str]:
    """Every line and every text of the private files that the public ones don't hold anyway."""
    public = (a.folder / "notebook.py").read_text(encoding="utf-8")
    for path in a.paths.values():
        inner = disk.kept(path).values() if path.is_dir() else [path]
        public += "".join(each.read_text(encoding="utf-8", errors="replace") for each in inner)
    texts: set[str] = set()
    for name in ("checks.py", "scenario.py", "probe.py", "guide.md", "rubric.toml"):
        if (a.folder / name).exists():
            texts |= set((a.folder / name).read_text(encoding="utf-8").splitlines())
    if (a.folder / "rubric.toml").exists():
        texts |= set(strings(tomllib.loads((a.folder / "rubric.toml").read_text("utf-8"))))
    private = (*a.folder.glob("*.py"), *a.folder.glob("[!.]*/*.py"))
    for path in (
        each for each in private if each.parent.name not in (*a.files, "own_data", "data")
    ):
        if path.name != "notebook.py" and path.name not in a.files:
            texts |= set(path.read_text(encoding="utf-8").splitlines())
    known = {dimension.strip() for dimension in (c.dimension or "" for c in a.cells)}
    stripped = {text.strip() for text in texts} - known
    return {text for text in stripped if len(text) >= 16 and text not in public}


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)


def without_mark_scheme(source: str) -> str:
    return re.sub(r"=== BEGIN MARK SCHEME ===.*=== END MARK SCHEME ===", "", source, flags=re.S)


def test_nothing_private_gets_into_source_or_release(built: tuple[Course, Assignment]) -> None:
    course, a = built
    private = private_texts(a)
    assert private or not a.graded
    for name, data in tree(course).items():
        text = data.decode("utf-8", errors="replace")
        if name.endswith(".ipynb"):
            notebook = nbformat.reads(text, as_version=4)
            sources = [
                without_mark_scheme(cell.source)
                if cell.metadata.worksample.kind == "criterion" and name.startswith("source/")
                else cell.source
                for cell in notebook.cells
            ]
            text = "\n".join([*sources, *strings(notebook.metadata)])
        assert [secret for secret in private if secret in text] == [], name


def worn_in(folder: str, course: Course, a: Assignment) -> Assignment:
    """The assignment in the words of the skin that a folder below ``release/`` is named after."""
    for dress in skin.names_of(a):
        if f"-{dress}" in folder.removeprefix(a.id):
            return dressing.wear(course, a, dress)
    return a


def test_mark_schemes_are_in_the_source_and_not_in_the_release(
    built: tuple[Course, Assignment],
) -> None:
    course, a = built
    for _, notebook in notebooks(course, "source"):
        for cell in notebook.cells:
            if cell.metadata.worksample.kind == "criterion":
                anchors = a.criteria[cell.id].anchors.values()
                assert all(anchor in cell.source for anchor in anchors)
    for folder, notebook in notebooks(course, "release"):
        meant = worn_in(folder, course, a)
        for cell in notebook.cells:
            assert "MARK SCHEME" not in cell.source
            if cell.metadata.worksample.kind == "criterion":
                assert cell.source.rstrip() == meant.cell(cell.id).source.rstrip()


def test_answer_cells_keep_their_stubs(built: tuple[Course, Assignment]) -> None:
    course, a = built
    for folder, notebook in notebooks(course, "release"):
        meant = worn_in(folder, course, a)
        for cell in notebook.cells:
            if cell.metadata.worksample.kind == "answer" and cell.id != "revision_note":
                assert cell.source == meant.cell(cell.id).source, folder


def test_the_notebooks_are_what_nbgrader_and_jupyter_expect(
    built: tuple[Course, Assignment],
) -> None:
    course, a = built
    for step in ("source", "release"):
        for folder, notebook in notebooks(course, step):
            nbformat.validate(notebook)
            MetadataValidator().validate_nb(notebook)
            ids = [cell.id for cell in notebook.cells]
            assert ids == [cell.metadata.worksample.cell for cell in notebook.cells]
            assert len(ids) == len(set(ids))
            assert all(not cell.get("outputs") for cell in notebook.cells)
            points = [
                cell.metadata.nbgrader.points
                for cell in notebook.cells
                if cell.metadata.get("nbgrader", {}).get("grade")
            ]
            assert sum(points) == a.points, folder


def test_every_level_has_the_same_graded_cells(built: tuple[Course, Assignment]) -> None:
    course, a = built
    wanted = [cell.id for cell in a.cells if cell.kind in ("check", "criterion")]
    for folder, notebook in notebooks(course, "release"):
        kinds = {cell.id: cell.metadata.worksample.kind for cell in notebook.cells}
        graded = [name for name, kind in kinds.items() if kind in ("check", "criterion")]
        assert graded == wanted, folder


def test_nbgraders_own_verb_makes_the_same_release(built: tuple[Course, Assignment]) -> None:
    course, a = built
    before = tree(course)
    for name in (a.id, *([f"{a.id}-revision"] if a.graded else [])):
        shutil.rmtree(course.release / name)
        nbgrader(course, "generate_assignment", name)
    assert tree(course) == before


def nbgrader(course: Course, *arguments: str, cwd: Path | None = None) -> str:
    """Run one of nbgrader's verbs as a person would, and return what it printed."""
    done = verbs.nbgrader(cwd or course.root, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_committed_is_up_to_date() -> None:
    """`worksample build` has been run since an author's folder changed."""
    assert build.stale(Course(ROOT)) == []


# --- the tiny assignment ---------------------------------------------------------------------


def test_a_build_says_what_it_wrote(course: Course, tiny: Assignment) -> None:
    first = build.build(course, tiny)
    assert set(first.changed) == tree(course).keys()
    (tiny.folder / "toolkit" / "line.py").write_text("# shorter\n")
    second = build.build(course, tiny)
    paths = ("source/tiny-regression/toolkit/line.py", "release/tiny-regression/toolkit/line.py")
    assert second.changed == paths
    assert str(second).startswith("tiny-regression: wrote 2 files")
    assert str(build.build(course, tiny)) == "tiny-regression: up to date"


def test_stale_names_what_is_wrong_and_touches_nothing(course: Course, tiny: Assignment) -> None:
    build.build(course, tiny)
    (course.source / TINY / "notes.txt").write_text("left behind")
    (course.release / f"{TINY}-senior" / f"{TINY}.ipynb").unlink()
    (course.release / TINY / "toolkit" / "line.py").write_text("edited by hand")
    (course.release / "gone").mkdir()
    shutil.rmtree(course.state)
    before = snapshot(course.root)
    assert build.stale(course) == [
        "source/tiny-regression/notes.txt should not be there",
        "release/tiny-regression/toolkit/line.py is out of date",
        "release/tiny-regression-senior/tiny-regression.ipynb is missing",
        "release/gone belongs to no assignment",
    ]
    assert snapshot(course.root) == before
    (course.release / "gone").rmdir()
    build.build(course, tiny)
    assert build.stale(course) == []


def test_what_working_in_a_folder_leaves_behind_is_not_stale(
    course: Course, tiny: Assignment
) -> None:
    build.build(course, tiny)
    (course.release / TINY / ".ipynb_checkpoints").mkdir()
    (course.release / TINY / ".ipynb_checkpoints" / "x.ipynb").write_text("{}")
    (tiny.folder / "toolkit" / "__pycache__").mkdir()
    (tiny.folder / "toolkit" / "__pycache__" / "line.cpython-311.pyc").write_bytes(b"")
    (tiny.folder / "toolkit" / ".secret").write_text("not to be shipped")
    assert build.stale(course) == []


def test_levels_differ_only_in_their_own_cells(course: Course, tiny: Assignment) -> None:
    build.build(course, tiny)
    ids = {
        folder: [c.id for c in notebook.cells] for folder, notebook in notebooks(course, "release")
    }
    assert "hint" in ids[f"{TINY}-junior"]
    assert [i for i in ids[f"{TINY}-junior"] if i != "hint"] == ids[TINY] == ids[f"{TINY}-senior"]
    path = build.release_path(course, tiny, "junior")
    assert path.read_bytes() == build.release_bytes(course, tiny, "junior")


def test_the_revision_begins_with_the_feedback(course: Course, tiny: Assignment) -> None:
    build.build(course, tiny)
    again = dict(notebooks(course, "release"))[f"{TINY}-revision"]
    work = dict(notebooks(course, "release"))[TINY]
    assert [cell.id for cell in again.cells[:2]] == ["revision_feedback", "revision_note"]
    assert [c.source for c in again.cells[2:]] == [c.source for c in work.cells]
    assert (work.metadata.worksample.attempt, again.metadata.worksample.attempt) == (1, 2)


def test_the_gradebook_knows_the_cells(course: Course, tiny: Assignment) -> None:
    build.build(course, tiny)
    with Gradebook(course.gradebook_url) as gradebook:
        for name in (TINY, f"{TINY}-revision"):
            notebook = gradebook.find_notebook(name, name)
            points = {cell.name: cell.max_score for cell in notebook.grade_cells}
            assert points == {"slope": 40, "predict": 60}
            assert {cell.name: cell.max_score for cell in notebook.task_cells} == {"explanation": 4}
        source = gradebook.find_source_cell("explanation", TINY, TINY).source
        assert "Names one limit" in source, "formgrader shows the anchors"
        with pytest.raises(MissingEntry):
            gradebook.find_assignment(f"{TINY}-junior")


def test_the_gradebook_has_the_schema_version_that_nbgrader_gives_it(
    course: Course, tiny: Assignment, tmp_path: Path
) -> None:
    build.build(course, tiny)
    Gradebook(f"sqlite:///{tmp_path / 'nbgraders.db'}").close()
    versions = [
        sqlite3.connect(path).execute("SELECT version_num FROM alembic_version").fetchall()
        for path in (course.state / "gradebook.db", tmp_path / "nbgraders.db")
    ]
    assert len(versions[0]) == 1
    assert versions[0] == versions[1]


def test_graded_cells_are_fixed_once_someone_submitted(course: Course, tiny: Assignment) -> None:
    build.build(course, tiny)
    with Gradebook(course.gradebook_url) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(TINY, "ada")
    before = tree(course)
    path = tiny.folder / "notebook.py"
    changed = path.read_text().replace("predict_answer", "answer_2")
    path.write_text(changed)
    for solution in tiny.folder.glob("solutions/*.py"):
        solution.write_text(solution.read_text().replace("predict_answer", "answer_2"))
    with pytest.raises(CourseError, match="there are submissions associated") as raised:
        build.build(course, assignment.find(course, TINY))
    assert "--like tiny-regression" in (raised.value.do or "")
    assert tree(course) == before


def test_words_may_change_after_someone_submitted(course: Course, tiny: Assignment) -> None:
    build.build(course, tiny)
    with Gradebook(course.gradebook_url) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(TINY, "ada")
    path = tiny.folder / "notebook.py"
    path.write_text(path.read_text().replace("# A straight line", "# A line"))
    assert len(build.build(course, assignment.find(course, TINY)).changed) == 6


def test_a_configuration_that_empties_answers_is_refused(course: Course, tiny: Assignment) -> None:
    config = course.root / "nbgrader_config.py"
    config.write_text(
        config.read_text() + "\nfrom nbgrader.converters import GenerateAssignment as G\n"
        "c.GenerateAssignment.preprocessors = G.preprocessors.default_args[0]\n"
    )
    with pytest.raises(CourseError, match="differs from the author's notebook") as raised:
        build.build(course, tiny)
    assert "ClearSolutions" in (raised.value.do or "")
    assert not course.source.exists()


def test_a_broken_configuration_is_told(course: Course, tiny: Assignment) -> None:
    (course.root / "nbgrader_config.py").write_text("c = get_config()\n1 / 0\n")
    with pytest.raises(CourseError, match="ZeroDivisionError"):
        build.build(course, tiny)


def test_filled_writes_answers_and_leaves_the_rest(tiny: Assignment) -> None:
    notebook = build.source_notebook(tiny)
    done = build.filled(notebook, {"slope_answer": "SLOPE = 1"})
    changed = [a.id for a, b in zip(notebook.cells, done.cells, strict=True) if a != b]
    assert changed == ["slope_answer"]


@pytest.mark.slow
def test_nbgraders_validate_runs_on_the_release(
    course: Course, tiny: Assignment, tmp_path: Path
) -> None:
    build.build(course, tiny)
    folder = shutil.copytree(course.release / TINY, tmp_path / "work")
    drawn = case.draw(tiny, 5, "standard", tmp_path / "drawn")
    shutil.copytree(drawn.public, folder / "case")
    path = folder / f"{TINY}.ipynb"
    printed = nbgrader(course, "validate", path.name, cwd=folder)
    assert "VALIDATION FAILED ON 2 CELL(S)" in printed
    strong = tiny.solution("strong").sources("standard")
    nbformat.write(build.filled(nbformat.read(path, as_version=4), strong), path)
    printed = nbgrader(course, "validate", path.name, cwd=folder)
    assert "Success! Your notebook passes all the tests." in printed


def test_every_level_has_only_cells_that_the_gradebook_knows(built: tuple) -> None:
    """nbgrader refuses a whole submission for one marked cell that its gradebook lacks."""
    course, a = built
    names = {
        name: {c.metadata.nbgrader.grade_id for c in notebook.cells if "nbgrader" in c.metadata}
        for name, notebook in notebooks(course, "release")
    }
    assert {name: cells - names[a.id] for name, cells in names.items()} == {
        name: {"revision_note"} & cells for name, cells in names.items()
    }
    assert all(names.values()) or not a.graded
