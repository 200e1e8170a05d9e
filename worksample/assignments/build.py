"""From an author's folder to ``source/`` and ``release/``, byte for byte the same every time.

``source/<id>/<id>.ipynb`` is the standard level with nbgrader's metadata and the mark schemes.
nbgrader's own ``generate_assignment`` makes ``release/<id>/`` of it and fills the gradebook; the
other levels go through the same preprocessors, without the gradebook, to
``release/<id>-<level>/<id>.ipynb``, and so does every level in each skin, to
``release/<id>-<skin>-<level>/<id>.ipynb``. ``<id>-revision`` is the second attempt's assignment:
the same graded cells behind two cells about the feedback.

Only the notebook and what ``files`` names is ever written here, so nothing private can be.
Everything is made in a temporary folder first: the tree changes only if all of it succeeded, and
only in files that differ.
"""

from __future__ import annotations

import copy
import logging
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from worksample import disk
from worksample.assignments import dressing
from worksample.assignments import reading as assignments
from worksample.assignments import skin as skins
from worksample.assignments.case import release_name
from worksample.assignments.model import STANDARD, Assignment, Cell
from worksample.course import Course
from worksample.errors import CourseError

REVISION = "-revision"
_IGNORED = ("__pycache__", ".ipynb_checkpoints", "*.pyc", ".*")


@dataclass(frozen=True)
class Built:
    """What a build changed: paths from the course's root, empty if all was up to date."""

    assignment: str
    changed: tuple[str, ...]

    def __str__(self) -> str:
        if not self.changed:
            return f"{self.assignment}: up to date"
        return f"{self.assignment}: wrote {len(self.changed)} files\n" + "\n".join(
            f"  {path}" for path in self.changed
        )


def build(course: Course, assignment: Assignment) -> Built:
    """Bring ``source/``, ``release/`` and the gradebook in line with the author's folder.

    Raises:
        CourseError: nbgrader refused, or the course's configuration spoils the release.
    """
    _begin_gradebook(course)
    with tempfile.TemporaryDirectory(prefix="worksample-build-") as folder:
        fresh = Path(folder)
        _render(course, assignment, fresh, course.gradebook_url)
        changed = [
            f"{target}/{path}"
            for target in _targets(assignment)
            for path in _sync(fresh / target, course.root / target)
        ]
    return Built(assignment.id, tuple(changed))


def stale(course: Course) -> list[str]:
    """What a build would change, one line each; touches nothing.

    Raises:
        AssignmentError, CourseError: as loading and building do.
    """
    lines, known = [], set()
    for assignment in assignments.all_of(course):
        targets = _targets(assignment)
        known |= set(targets)
        with tempfile.TemporaryDirectory(prefix="worksample-stale-") as folder:
            _render(course, assignment, Path(folder), None)
            for target in targets:
                for path, why in _differences(Path(folder) / target, course.root / target):
                    lines.append(f"{target}/{path} {why}")
    return lines + list(_orphans(course, known))


def source_notebook(assignment: Assignment, level: str = STANDARD) -> NotebookNode:
    """The workbook of a level as a notebook, mark schemes included, without any output."""
    cells = [_cell(assignment, cell) for cell in assignment.cells_of(level)]
    return _notebook(assignment, cells, level, attempt=1)


def revision_notebook(assignment: Assignment, level: str = STANDARD) -> NotebookNode:
    """The notebook of the second attempt, before a candidate's own work goes into it."""
    cells = [_cell(assignment, cell) for cell in assignment.cells_of(level)]
    added = [_cell(assignment, cell) for cell in _revision_cells(assignment)]
    return _notebook(assignment, added + cells, level, attempt=2)


def filled(notebook: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """A copy of ``notebook`` with ``answers`` (cell id -> text) written into its cells."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        name = cell.metadata.get("worksample", {}).get("cell")
        if name in answers:
            cell.source = answers[name]
    return notebook


def release_bytes(course: Course, assignment: Assignment, level: str = STANDARD) -> bytes:
    """The notebook as a candidate of that level gets it, made from the folder as it is now.

    Raises:
        CourseError: as :func:`build` does. Neither the tree nor the gradebook is touched.
    """
    with tempfile.TemporaryDirectory(prefix="worksample-release-") as folder:
        root = Path(folder)
        notebook = source_notebook(assignment, level)
        _write_source(root, assignment.id, notebook, {})
        _generate(course, root, assignment.id, None)
        _verify(root / "release", assignment.id, assignment, notebook)
        return (root / "release" / assignment.id / f"{assignment.id}.ipynb").read_bytes()


def release_path(course: Course, assignment: Assignment, level: str = STANDARD) -> Path:
    """Where the released notebook of a level lies."""
    return course.root / _release(assignment, level) / f"{assignment.id}.ipynb"


def _release(assignment: Assignment, level: str, skin: str = "") -> str:
    return f"release/{release_name(assignment.id, level, skin)}"


def _targets(assignment: Assignment) -> list[str]:
    """The folders that a build owns, from the course's root."""
    names = [assignment.id, *([assignment.id + REVISION] if assignment.graded else [])]
    return [
        *(f"source/{name}" for name in names),
        *(_release(assignment, level) for level in assignment.levels),
        *(
            _release(assignment, level, skin)
            for skin in skins.names_of(assignment)
            for level in assignment.levels
        ),
        *(f"release/{name}" for name in names[1:]),
    ]


def _notebook(
    assignment: Assignment, cells: list[NotebookNode], level: str, attempt: int
) -> NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.nbformat_minor = 5
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": assignment.kernel,
            },
            "language_info": {"name": "python"},
            "worksample": {"assignment": assignment.id, "attempt": attempt, "level": level},
        }
    )
    nbformat.validate(notebook)
    return notebook


def _cell(assignment: Assignment, cell: Cell) -> NotebookNode:
    make = nbformat.v4.new_code_cell if cell.type == "code" else nbformat.v4.new_markdown_cell
    metadata: dict[str, Any] = {"worksample": {"cell": cell.id, "kind": cell.kind}}
    if nbgrader := _nbgrader(assignment, cell):
        metadata["nbgrader"] = nbgrader
    source = cell.source
    if cell.kind == "criterion":
        source += "\n\n" + _mark_scheme(assignment, cell)
    return make(source, id=cell.id, metadata=metadata)


def _nbgrader(assignment: Assignment, cell: Cell) -> dict[str, Any] | None:
    """nbgrader's metadata, schema 3.

    A text cell to write in gets none: the schema knows it only with points of its own, and
    texts are rated by their criterion. Nor does an answer cell that only some levels have: the
    gradebook knows the standard level's cells, and nbgrader refuses a submission with others.
    """
    some_levels = set(cell.levels) != set(assignment.levels)
    if cell.kind == "given" or (cell.kind == "answer" and (cell.type == "markdown" or some_levels)):
        return None
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": cell.id,
        "grade": cell.kind == "check",
        "solution": cell.kind == "answer",
        "locked": cell.kind in ("check", "criterion"),
        "task": cell.kind == "criterion",
    }
    if cell.kind in ("check", "criterion"):
        metadata["points"] = cell.points
    return metadata


def _mark_scheme(assignment: Assignment, cell: Cell) -> str:
    """The anchors, between the markers that nbgrader cuts out of the release."""
    criterion = assignment.criteria[cell.id]
    return "\n".join(
        [
            "=== BEGIN MARK SCHEME ===",
            "",
            f"**{criterion.dimension}** · look at: {criterion.wanted}",
            "",
            *(f"- **{rating}** {text}" for rating, text in sorted(criterion.anchors.items())),
            "",
            "=== END MARK SCHEME ===",
        ]
    )


def _revision_cells(assignment: Assignment) -> list[Cell]:
    def text(name: str, kind: Any, source: str) -> Cell:
        return Cell(name, kind, "markdown", source, 0, None, 0, assignment.levels, 0)

    return [
        text(
            "revision_feedback",
            "given",
            f"# Revision: {assignment.title}\n\n"
            f"You have {assignment.minutes.revision:g} minutes. Read the feedback on your first "
            "attempt, change what it asks for in the cells below, and say here what you changed.",
        ),
        text("revision_note", "answer", "**What I changed, and why:**\n"),
    ]


def _render(course: Course, assignment: Assignment, root: Path, db_url: str | None) -> None:
    """Write all that a build makes below ``root``; cells go into the gradebook at ``db_url``."""
    _write_source(root, assignment.id, source_notebook(assignment), assignment.paths)
    _generate(course, root, assignment.id, db_url)
    _verify(root / "release", assignment.id, assignment, source_notebook(assignment))
    if assignment.graded:
        name = assignment.id + REVISION
        _write_source(root, name, revision_notebook(assignment), {})
        _generate(course, root, name, db_url)
        _verify(root / "release", name, assignment, revision_notebook(assignment))
    for level in assignment.levels:
        if level != STANDARD:
            _render_level(course, assignment, level, root)
    for name in skins.names_of(assignment):
        skin = skins.load(assignment, name)
        dressed = dressing.dress(assignment, skin, root / "skins" / name)
        for level in assignment.levels:
            _render_level(course, dressed, level, root, name)


def _render_level(
    course: Course, assignment: Assignment, level: str, root: Path, skin: str = ""
) -> None:
    target = root / _release(assignment, level, skin)
    target.mkdir(parents=True)
    (target / f"{assignment.id}.ipynb").write_bytes(release_bytes(course, assignment, level))


def _write_source(root: Path, name: str, notebook: NotebookNode, files: Mapping[str, Path]) -> None:
    folder = root / "source" / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    for file, path in files.items():
        if path.is_dir():
            shutil.copytree(path, folder / file, ignore=shutil.ignore_patterns(*_IGNORED))
        else:
            shutil.copyfile(path, folder / file)


def nbgrader_config(course: Course) -> Any:
    """The course's ``nbgrader_config.py``, as traitlets' ``Config``; no other file is read.

    Raises:
        CourseError: it cannot be executed.
    """
    from traitlets.config import PyFileConfigLoader

    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
    except Exception as error:  # the file is Python: it may raise anything
        raise CourseError(
            f"the configuration cannot be read: {type(error).__name__}: {error}",
            where=str(course.root / "nbgrader_config.py"),
            do="mend that file",
        ) from error


def _begin_gradebook(course: Course) -> None:
    """Stamp an empty gradebook with nbgrader's schema version, as nbgrader does itself.

    nbgrader starts ``alembic`` in a process of its own to ask for the version, which takes longer
    than the whole build.
    """
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR
    from sqlalchemy import create_engine, inspect, text

    import worksample.databases  # noqa: F401  (it is waited for)

    course.state.mkdir(parents=True, exist_ok=True)
    engine = create_engine(course.gradebook_url)
    with engine.begin() as connection:
        if not inspect(connection).get_table_names():
            head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
            connection.execute(
                text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            )
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    engine.dispose()


class Errors(logging.Handler):
    """Keeps what nbgrader reports as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def reason(self) -> str:
        """The exception that nbgrader logged last, in one line, else its first message."""
        raised = [text for text in self.lines if text.startswith("Traceback")]
        named = re.findall(r"^[\w.]+: .*", raised[-1], flags=re.M) if raised else []
        return named[-1] if named else "; ".join(self.lines[:1])


def _generate(course: Course, root: Path, name: str, db_url: str | None) -> None:
    """nbgrader's ``generate_assignment`` of ``root/source/name``, with the course's settings."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    from worksample import databases

    config = nbgrader_config(course)
    # resolved, as nbgrader takes paths apart by regular expressions that begin with the root
    config.CourseDirectory.root = str(root.resolve())
    config.CourseDirectory.db_url = db_url or ""
    config.CourseDirectory.assignment_id = name
    if db_url is None:
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
    log, errors = logging.Logger("worksample.assignments.build"), Errors()
    log.addHandler(errors)
    folder = CourseDirectory(config=config, log=log)
    try:
        with databases.watched() as database_errors:
            GenerateAssignment(coursedir=folder, config=config, log=log).start()
    except NbGraderException as error:
        for known in filter(None, map(databases.explained, database_errors)):
            raise known from error
        reason = errors.reason() or str(error)
        raise CourseError(
            f"nbgrader cannot generate it: {reason}", where=name, do=_remedy(reason, name)
        ) from error


def _remedy(reason: str, name: str) -> str:
    if "submissions associated" in reason:
        return (
            "candidates have submitted, so the graded cells are fixed; put the changed work into a "
            f"new folder: worksample new ID --like {name.removesuffix(REVISION)}"
        )
    return "look at nbgrader_config.py and at the cells' ids and kinds"


def _verify(release: Path, name: str, assignment: Assignment, source: NotebookNode) -> None:
    """The release holds what the source holds, and no mark scheme."""
    made = nbformat.read(release / name / f"{name}.ipynb", as_version=4)
    private = {cell.id: cell.source for cell in assignment.cells if cell.kind == "criterion"}
    wanted = [(cell.id, private.get(cell.id, cell.source).rstrip()) for cell in source.cells]
    if [(cell.id, cell.source.rstrip()) for cell in made.cells] != wanted:
        raise CourseError(
            "nbgrader's release differs from the author's notebook",
            where=name,
            do="c.GenerateAssignment.preprocessors in nbgrader_config.py should leave out "
            "ClearSolutions (it empties the answer cells) and keep ClearMarkScheme",
        )


def _differences(fresh: Path, present: Path) -> Iterator[tuple[str, str]]:
    """Relative name and what is wrong with it, for every file that is not as it should be."""
    wanted, there = disk.kept(fresh), disk.kept(present)
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            yield name, "is missing"
        elif name not in wanted:
            yield name, "should not be there"
        elif wanted[name].read_bytes() != there[name].read_bytes():
            yield name, "is out of date"


def _sync(fresh: Path, present: Path) -> list[str]:
    """Make ``present`` hold the files of ``fresh``; returns the names that had to change."""
    changed = [name for name, _ in _differences(fresh, present)]
    for name in changed:
        if (fresh / name).exists():
            disk.replace(present / name, (fresh / name).read_bytes())
        else:
            (present / name).unlink()
    return changed


def _orphans(course: Course, known: set[str]) -> Iterator[str]:
    """Folders in ``source/`` and ``release/`` that no assignment makes."""
    for step in (course.source, course.release):
        for path in sorted(step.glob("*/")):
            name = f"{step.name}/{path.name}"
            if name not in known and not path.name.startswith("."):
                yield f"{name} belongs to no assignment"
