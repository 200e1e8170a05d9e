"""An assignment: one folder under ``assignments/``, loaded into frozen data.

Loading reads everything and runs nothing: check functions are found with :mod:`ast`. Every
mistake in a folder is one :class:`AssignmentError` with file, line and what to do. What makes
sense only of the parts together is in :mod:`worksample.assignments.rules`.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib.util
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from worksample import cache
from worksample.assignments import modules, percent, rules
from worksample.assignments.model import (
    LEVELS,
    STANDARD,
    TREE,
    Answer,
    Assignment,
    Cell,
    Criterion,
    Minutes,
    Solution,
    Texts,
)
from worksample.assignments.toml import Table, place, read_text
from worksample.course import Course
from worksample.errors import AssignmentError, together
from worksample.limits import AnswerSpec, Budget, Limits, Shape, TreeSpec


def ids(course: Course) -> list[str]:
    """The names of the course's assignments, sorted."""
    return sorted(folders(course))


def folders(course: Course) -> dict[str, Path]:
    """Name -> folder: those under ``assignments/``, and the package's that the course offers.

    A folder of the course's own is used in place of the package's of that name.

    Raises:
        CourseError: ``course.toml`` cannot be used.
    """
    own = {
        path.name: path
        for path in course.assignments.iterdir()
        if path.is_dir() and not path.name.startswith((".", "_"))
    }
    return {**course.offered(), **own}


def find(course: Course, assignment_id: str) -> Assignment:
    """The assignment of that id.

    Raises:
        AssignmentError: there is none, or its folder has a mistake.
    """
    known = folders(course)
    if assignment_id not in known:
        close = difflib.get_close_matches(assignment_id, known, n=1)
        raise AssignmentError(
            f'there is no assignment "{assignment_id}"',
            where=place(course.assignments),
            do=f'did you mean "{close[0]}"?'
            if close
            else f"there are: {', '.join(sorted(known)) or 'none'}",
        )
    return load(known[assignment_id])


def all_of(course: Course) -> list[Assignment]:
    """Every assignment of the course, by id; raises AssignmentError with everybody's mistake."""
    found, mistakes = sorted_out(course)
    if mistakes:
        raise together(list(mistakes.values()))
    return found


def sorted_out(course: Course) -> tuple[list[Assignment], dict[str, AssignmentError]]:
    """The assignments that can be used, and id -> mistake of those that cannot."""
    found: list[Assignment] = []
    mistakes: dict[str, AssignmentError] = {}
    for each in ids(course):
        try:
            found.append(find(course, each))
        except AssignmentError as error:
            mistakes[each] = error
    return found, mistakes


def load_module(assignment: Assignment, name: str) -> ModuleType:
    """The folder's module ``name``: ``"checks"``, ``"scenario"``, ``"toolkit.model"``.

    It runs in this process: only for the trusted zone. Nothing is written into the folder.

    Raises:
        AssignmentError: there is no such module, or it raised while it was imported.
    """
    return modules.load(assignment.folder, name)


def blame(assignment: Assignment, name: str, error: Exception) -> str:
    """File and line of the folder that an error in its module ``name`` came from."""
    return modules.blame(assignment.folder, name, error)


def load(folder: Path) -> Assignment:
    """Read an assignment's folder; only once while nothing in it changes.

    Raises:
        AssignmentError: the first mistake found in it, with file and line.
    """
    folder = folder.resolve()
    return _load(folder, _digest(folder))


def _digest(folder: Path) -> str:
    """sha256 of the texts in the folder, of the names and kinds of everything else."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        text = path.suffix in (".py", ".toml", ".md") and path.is_file()
        kind = stat.S_IFMT(path.lstat().st_mode)
        total.update(f"{path.relative_to(folder)}\0{kind:o}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest() if text else b"")
    return total.hexdigest()


@functools.lru_cache(maxsize=16)
def _load(folder: Path, digest: str) -> Assignment:
    """Most commands begin with this, and what it takes seconds to read changes rarely."""
    parser = importlib.util.find_spec("jupytext")
    assert parser is not None
    assert parser.origin is not None
    key = f"{folder.name} {digest} {parser.origin} {Path(parser.origin).stat().st_mtime_ns}"
    read = cache.kept("assignment", key, lambda: _read(folder))
    # the same files may have been read in another place
    solutions = tuple(
        replace(each, path=folder / "solutions" / each.path.name) for each in read.solutions
    )
    return replace(read, folder=folder, solutions=solutions)


def _read(folder: Path) -> Assignment:
    table = Table.read(folder / "assignment.toml", "says what the assignment is")
    levels = table.texts("levels", list(LEVELS))
    if STANDARD not in levels or not set(levels) <= set(LEVELS):
        raise table.mistake(
            f"levels can't be {', '.join(levels) or 'none'}",
            "levels",
            do=f'name some of {", ".join(LEVELS)}; "{STANDARD}" has to be among them',
        )
    graded = table.take("graded", bool, True)
    cells = _cells(folder / "notebook.py", levels)
    criteria, check_texts = _rubric(folder / "rubric.toml", graded)
    assignment = Assignment(
        id=folder.name,
        folder=folder,
        title=table.take("title", str),
        graded=graded,
        seed_activity=table.take("seed_activity", str, None if graded else ""),
        time=table.take("time", str, None if graded else ""),
        kernel=table.take("kernel", str, "python3"),
        terminal=table.take("terminal", bool, False),
        needs=table.texts("needs", []),
        files=table.texts("files", []),
        levels=levels,
        outcomes=table.texts("outcomes", None if graded else []),
        feedback_aspects=table.texts("feedback_aspects", None if graded else []),
        minutes=_minutes(table.table("minutes"), graded),
        limits=Limits(**_amounts(table.table("limits", needed=False), Limits)),
        budget=Budget(**_amounts(table.table("probe", needed=False), Budget)),
        work=_tree_spec(table.table("work")) if "work" in table else None,
        answers=_answer_specs(table.table("answers", needed=False)),
        cells=cells,
        criteria=criteria,
        check_texts=check_texts,
        solutions=_solutions(folder / "solutions", levels),
    )
    table.finish()
    rules.check(assignment, table)
    return assignment


def _minutes(table: Table, graded: bool) -> Minutes:
    rest = None if graded else 0
    minutes = Minutes(
        table.take("work", int),
        table.take("discussion", int, rest),
        table.take("revision", int, rest),
    )
    table.finish()
    return minutes


def _amounts(table: Table, kind: type[Limits] | type[Budget]) -> dict[str, Any]:
    """Numbers above 0 by the names of the fields of ``kind``; 0 only where it is the default."""
    values = {}
    for field in fields(kind):
        value = table.take(field.name, int, field.default)
        if value < 0 or (value == 0 and field.default):
            raise table.mistake(f"`{field.name}` should be more than 0, it is {value}", field.name)
        values[field.name] = value
    table.finish()
    return values


def _tree_spec(table: Table) -> TreeSpec:
    usual = TreeSpec()
    sizes = {name: table.take(name, int, getattr(usual, name)) for name in ("files", "kb")}
    for name, size in sizes.items():
        if size < 1:
            raise table.mistake(f"`{name}` should be more than 0, it is {size}", name)
    spec = TreeSpec(**sizes, shown_in=table.take("shown_in", str, ""))
    table.finish()
    return spec


def _answer_specs(table: Table) -> dict[str, AnswerSpec]:
    specs = {}
    for name, each in table.tables().items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise each.mistake(
                f'"{name}" cannot name an answer', do="small letters, digits and _ make a name"
            )
        max_kb = each.take("max_kb", int, AnswerSpec().max_kb)
        specs[name] = AnswerSpec(max_kb, _shape(each))
        each.finish()
    return specs


def _shape(table: Table) -> Shape:
    """What an answer may hold: ``max_length``, ``max_distinct``, … where a table has them."""
    values = {}
    for name in ("length", "distinct", "text", "digits", "depth"):
        key = f"max_{name}"
        values[name] = table.take(key, int, getattr(Shape(), name))
        if type(values[name]) is not int or values[name] < 1:
            raise table.mistake(f"`{key}` should be a whole number above 0", key)
    if values["digits"] > Shape.digits:
        raise table.mistake(f"`max_digits` can't be more than {Shape.digits}", "max_digits")
    return Shape(**values)


def _cells(path: Path, levels: tuple[str, ...]) -> tuple[Cell, ...]:
    _, cells = percent.parse(read_text(path, "is the candidate's workbook"), path)
    if not cells:
        raise AssignmentError(
            "the notebook has no cells", where=place(path), do='begin cells with `# %% cell="name"`'
        )
    return tuple(_cell(cell, path, levels) for cell in cells)


def _cell(cell: percent.TextCell, path: Path, levels: tuple[str, ...]) -> Cell:
    header = Table(dict(cell.options), path, "", first_line=cell.line)
    read = Cell(
        id=header.take("cell", str),
        kind=header.take("kind", str, "given"),  # type: ignore[arg-type]
        type=cell.type,  # type: ignore[arg-type]
        source=cell.source,
        points=header.take("points", int, 0),
        dimension=header.take("dimension", str, "") or None,
        minutes=header.take("minutes", int, 0),
        levels=header.texts("levels", list(levels)),
        line=cell.line,
    )
    header.finish()
    return read


def _rubric(path: Path, graded: bool) -> tuple[dict[str, Criterion], dict[str, Texts]]:
    """The criteria and the checks' texts; both empty where nothing is graded."""
    if not graded and not path.exists():
        return {}, {}
    rubric = Table.read(path, "holds the criteria, their anchors and the feedback's words")
    checks = {
        name: _texts(table, check=True)
        for name, table in rubric.table("checks", needed=False).tables().items()
    }
    return {name: _criterion(table) for name, table in rubric.tables().items()}, checks


def _criterion(table: Table) -> Criterion:
    anchors = table.table("anchors")
    criterion = Criterion(
        dimension=table.take("dimension", str),
        minutes=table.take("minutes", int, 0),
        evidence=table.take("evidence", str),
        anchors={rating: anchors.take(str(rating), str) for rating in (1, 2, 3, 4)},
        cell=table.take("cell", str, ""),
        rater=table.take("rater", str, ""),
        texts=_texts(table, check=False),
    )
    anchors.finish()
    return criterion


def _texts(table: Table, *, check: bool) -> Texts:
    step = "next_step" in table
    texts = Texts(
        aspect=table.take("aspect", str),
        # one sentence for all levels has to be true of the lowest of them; what a check calls good
        # without naming a level is said of (nearly) all of its points only
        strength=_by_level(table, "strength", (3, 4), 4 if check else 3),
        improvement=_by_level(table, "improvement", (1, 2, 3), 1),
        revision=_by_level(table, "revision", (1, 2, 3), 1),
        next_step=table.take("next_step", str, ""),
        idle=_share(table) if check else 0.0,
    )
    if step and not texts.next_step.strip():
        raise table.mistake(
            "`next_step` is empty", "next_step", do="write the step, or take the line out"
        )
    table.finish()
    return texts


def _by_level(table: Table, key: str, levels: tuple[int, ...], single: int) -> dict[int, str]:
    """Level -> text; one text without levels stands at ``single``."""
    if not table.holds(key, dict):
        return {single: table.take(key, str)}
    given = table.table(key)
    texts = {
        level: given.take(str(level), str)
        for level in levels
        if str(level) in given or level == levels[0]
    }
    given.finish()
    return texts


def _share(table: Table) -> float:
    share = float(table.take("idle", int, 0))
    if not 0 <= share <= 1:
        raise table.mistake(
            f"`idle` is a share of the points, from 0 to 1, not {share:g}",
            "idle",
            do="write what an answer that says nothing earns: 0.25 is a quarter of the points",
        )
    return share


def _solutions(folder: Path, levels: tuple[str, ...]) -> tuple[Solution, ...]:
    found: list[Solution] = []
    mistakes: list[AssignmentError] = []
    like: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        try:
            solution, like[path.stem] = _solution(path, levels)
            found.append(solution)
        except AssignmentError as error:
            mistakes.append(error)
    if mistakes:
        raise together(mistakes)
    return tuple(_completed(solution, like, found) for solution in found)


THEN = "then"


def _completed(solution: Solution, like: Mapping[str, str], others: Sequence[Solution]) -> Solution:
    """With the answers of the one that it is ``like``, where it gives none of its own.

    What it answers under ``then`` is done to ``work/`` after what that one does.
    """
    other = next((o for o in others if o.name == like[solution.name]), None)
    if not like[solution.name]:
        return solution
    if other is None or other is solution or like[other.name]:
        raise AssignmentError(
            f"`like` names {like[solution.name]!r}, which is no other solution of this folder "
            "with answers all of its own",
            where=str(solution.path),
            do="name another file of solutions/, without `.py`",
        )
    answers = [each for each in solution.answers if each.cell != THEN]
    for then in (each for each in solution.answers if each.cell == THEN):
        for level in then.levels:
            source = f"{other.script(level)}\n{then.source}"
            answers.append(replace(then, cell=TREE, source=source, levels=(level,)))
    solution = replace(solution, answers=tuple(answers))
    own = {(answer.cell, level) for answer in solution.answers for level in answer.levels}
    rest = [
        replace(answer, levels=left)
        for answer in other.answers
        if (left := tuple(each for each in answer.levels if (answer.cell, each) not in own))
    ]
    return replace(solution, answers=(*solution.answers, *rest))


def _answer(cell: percent.TextCell, path: Path, levels: tuple[str, ...]) -> Answer:
    header = Table(dict(cell.options), path, "", first_line=cell.line)
    answer = Answer(
        cell=header.take("cell", str),
        type=cell.type,
        source=cell.source,
        levels=header.texts("levels", list(levels)),
        line=cell.line,
    )
    header.finish()
    return answer


def _solution(path: Path, levels: tuple[str, ...]) -> tuple[Solution, str]:
    """The solution, and the name of the one that it is like; empty if like none.

    A solution's header is TOML in comments; keys may stand in a table ``expect``.
    """
    head, cells = percent.parse(read_text(path, "is a reference solution"), path)
    text = "\n".join(line.removeprefix("#").strip() for line in head.splitlines())
    table = Table.parse(text, path)
    expect = table.table("expect") if "expect" in table else table
    solution = Solution(
        name=path.stem,
        path=path,
        title=table.take("title", str, path.stem.replace("_", " ")),
        quality=expect.take("quality", str),
        total=expect.bands("total", levels),
        mean=expect.bands("mean", levels),
        failing=expect.texts("failing", []),
        ended=expect.take("ended", str, "completed"),
        no_better_than=expect.take("no_better_than", str, ""),
        answers=tuple(_answer(cell, path, levels) for cell in cells),
    )
    like = table.take("like", str, "")
    expect.finish()
    table.finish()
    return solution, like
