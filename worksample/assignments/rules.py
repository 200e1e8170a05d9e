"""What has to hold between the parts of an assignment's folder, one rule a function.

A rule yields a mistake for everything that breaks it; loading raises all of the first such rule.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from worksample.assignments import own_machine, percent, scorecard
from worksample.assignments.model import TREE, Assignment, Cell, Solution, Texts
from worksample.assignments.toml import Table, place, read_text
from worksample.errors import AssignmentError, together

KINDS = ("given", "answer", "check", "criterion")
ENDINGS = ("completed", "crashed", "timeout", "memory", "processes", "disk", "output")
PRIVATE = (
    *("assignment.toml", "notebook.py", "scenario.py", "probe.py", "checks.py", "rubric.toml"),
    *("guide.md", "solutions", "hidden", "judging"),
)
UNSHIPPED = ("hidden", "judging")
"""Folders of these names are never shipped, wherever they lie."""
REVISION_CELLS = ("revision_feedback", "revision_note")
"""Cells that the revision's notebook adds in front of the assignment's own."""

Rule = Callable[[Assignment, Table], Iterator[AssignmentError]]


def check(assignment: Assignment, table: Table) -> None:
    """Raises AssignmentError for everything that breaks the first rule that is broken.

    Later rules rely on what the earlier ones made sure of.

    ``table`` is ``assignment.toml``, for line numbers.
    """
    for rule in RULES:
        mistakes = list(rule(assignment, table))
        if mistakes:
            raise together(mistakes)


def _at_cell(a: Assignment, cell: Cell, what: str, do: str | None = None) -> AssignmentError:
    where = place(a.folder / "notebook.py", cell.line)
    return AssignmentError(f'cell "{cell.id}": {what}', where=where, do=do)


def _in_rubric(a: Assignment, name: tuple[str, ...], what: str, do: str) -> AssignmentError:
    path = a.folder / "rubric.toml"
    text = read_text(path, "holds the criteria") if path.exists() else ""
    return Table({}, path, text, name).mistake(what, do=do)


def folder_name(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    if not possible_name(a.id):
        yield unusable_name(a.folder)


def possible_name(name: str) -> bool:
    """Whether a folder of that name can be an assignment."""
    taken = re.search(r"-(revision|junior|standard|senior)$", name)
    return (
        not taken and len(name) <= 50 and bool(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name))
    )


def unusable_name(folder: Path) -> AssignmentError:
    """The error about a folder whose name no assignment can have."""
    return AssignmentError(
        f'"{folder.name}" cannot be an assignment\'s name',
        where=place(folder),
        do="use at most 50 small letters, digits and single hyphens; the endings -revision, "
        "-junior, -standard and -senior are taken",
    )


def cell_ids(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    counts = Counter(cell.id for cell in a.cells)
    for cell in a.cells:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", cell.id):
            yield _at_cell(
                a,
                cell,
                "this cannot be a cell's id",
                "begin with a letter; letters, digits, _ and -",
            )
        if counts[cell.id] > 1:
            lines = [str(other.line) for other in a.cells if other.id == cell.id]
            yield _at_cell(a, cell, f"the id stands on lines {', '.join(lines)}", "rename one")
        if cell.id in REVISION_CELLS:
            yield _at_cell(a, cell, "this id is kept for the revision's notebook", "rename it")


def cell_kinds(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    for cell in a.cells:
        graded = cell.kind in ("check", "criterion")
        if cell.kind not in KINDS:
            yield _at_cell(a, cell, f'unknown kind "{cell.kind}"', f"kinds: {', '.join(KINDS)}")
        if not cell.levels or not set(cell.levels) <= set(a.levels):
            yield _at_cell(
                a, cell, f"unknown level in {list(cell.levels)}", f"levels: {', '.join(a.levels)}"
            )
        if graded and set(cell.levels) != set(a.levels):
            yield _at_cell(
                a,
                cell,
                f"a {cell.kind} belongs to every level, so that one gradebook serves all",
                "remove `levels`; let the check judge by `case.level`",
            )
        if not graded and (cell.points or cell.dimension):
            yield _at_cell(
                a, cell, f"a {cell.kind} cell has no points and no dimension", "remove them"
            )
        if cell.minutes < 0:
            yield _at_cell(a, cell, "minutes can't be negative")


def graded_cells(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    for cell in a.cells:
        if cell.kind == "check":
            if cell.type != "code":
                yield _at_cell(a, cell, "a check is a code cell", "remove [markdown]")
            if not cell.id.isidentifier() or keyword.iskeyword(cell.id):
                yield _at_cell(
                    a, cell, "a check's id names a function", "use letters, digits and _"
                )
            if cell.points <= 0:
                yield _at_cell(a, cell, "a check needs points", "add `points=10`")
        if cell.kind == "criterion":
            if cell.type != "markdown":
                yield _at_cell(a, cell, "a criterion is a text cell", "make it `# %% [markdown]`")
            if cell.points != len(scorecard.RATINGS):
                yield _at_cell(
                    a,
                    cell,
                    f"a criterion has 4 points, the ratings 1–4, not {cell.points:g}",
                    "write `points=4`",
                )


def dimensions(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    for cell in a.cells:
        if cell.kind not in ("check", "criterion"):
            continue
        if cell.dimension is None:
            yield _at_cell(a, cell, "it names no dimension", 'add `dimension="…"`')
            continue
        try:
            scorecard.dimension(cell.dimension)
        except LookupError as error:
            yield _at_cell(a, cell, error.args[0], "write a scorecard's dimension exactly")


def markers(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    """Nothing private stands in the notebook, so nbgrader has nothing to cut from it."""
    for cell in a.cells:
        for number, line in enumerate(cell.source.splitlines()):
            if match := re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", line):
                yield AssignmentError(
                    f'cell "{cell.id}": "{match[0]}" has no place in a notebook.py',
                    where=place(a.folder / "notebook.py", cell.line + 1 + number),
                    do="solutions belong in solutions/, hidden tests in checks.py, anchors in "
                    "rubric.toml",
                )


def syntax(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    for cell in a.cells:
        if cell.type == "code":
            percent.python(cell.source, a.folder / "notebook.py", cell.line)
    yield from ()


def points(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    if a.points != 100 and (a.graded or a.checks):
        listed = " + ".join(f"{cell.points:g}" for cell in a.checks) or "no check"
        first = a.checks[0].line if a.checks else None
        yield AssignmentError(
            f"the checks' points should add up to 100; {listed} = {a.points:g}",
            where=place(a.folder / "notebook.py", first),
            do="change `points` of the check cells (criteria are counted apart)",
        )


def _functions(path: Path, purpose: str) -> dict[str, int]:
    """Name -> line of what a module defines at its top level; nothing is run."""
    text = read_text(path, purpose)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise AssignmentError(
            f"this is not Python: {error.msg}", where=place(path, error.lineno), do="mend the line"
        ) from None
    found: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node.lineno
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found |= {(a.asname or a.name): node.lineno for a in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {t.id: node.lineno for t in targets if isinstance(t, ast.Name)}
    return found


def check_functions(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    if not a.checks and not a.graded and not (a.folder / "checks.py").exists():
        return
    path = a.folder / "checks.py"
    functions = _functions(path, "scores the check cells")
    cells = {f"check_{cell.id}": cell for cell in a.checks}
    for name, cell in cells.items():
        if name not in functions:
            yield _at_cell(
                a, cell, f"checks.py has no function {name}", f"write `def {name}(run, case)`"
            )
    for name, line in functions.items():
        if name.startswith("check_") and name not in cells:
            yield AssignmentError(
                f'{name} scores a check cell "{name[6:]}" that the notebook does not have',
                where=place(path, line),
                do="add the cell, or rename the function (helpers don't begin with check_)",
            )


def modules(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    wanted = {
        "scenario.py": ("draws a candidate's case", ("VERSION", "prepare")),
        "probe.py": ("calls the candidate's functions on hidden inputs", ("calls",)),
    }
    for file, (purpose, names) in wanted.items():
        path = a.folder / file
        if file == "probe.py" and not a.graded and not path.exists():
            continue
        functions = _functions(path, purpose)
        for name in names:
            if name not in functions:
                yield AssignmentError(
                    f"{file} defines no {name}", where=place(path), do=f"add it: {file} {purpose}"
                )
    if a.graded:
        read_text(a.folder / "guide.md", "tells the company how to prepare and what to ask")


def criteria(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    cells = {cell.id: cell for cell in a.cells if cell.kind == "criterion"}
    for cell in cells.values():
        if cell.id not in a.criteria:
            yield _at_cell(
                a, cell, "rubric.toml has no table for it", f"add [{cell.id}] with anchors 1 to 4"
            )
        elif a.criteria[cell.id].dimension != cell.dimension:
            yield _in_rubric(
                a,
                (cell.id,),
                f'the dimension is "{a.criteria[cell.id].dimension}" here and "{cell.dimension}" '
                f"in notebook.py, line {cell.line}",
                "make them the same",
            )
    answers = {cell.id for cell in a.cells if cell.kind == "answer"}
    for name, criterion in a.criteria.items():
        if criterion.cell and criterion.cell not in answers:
            yield _in_rubric(
                a, (name,), f"there is no answer cell {criterion.cell!r}", "name one, or none"
            )
        if name not in cells:
            yield _in_rubric(
                a, (name,), "the notebook has no criterion of that id", "add the cell or remove it"
            )
        for rating, anchor in criterion.anchors.items():
            if not anchor.strip():
                yield _in_rubric(
                    a, (name,), f"anchor {rating} is empty", "say what a grader would see"
                )


def check_texts(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    names = {cell.id for cell in a.checks}
    for cell in a.checks:
        if cell.id not in a.check_texts:
            yield _at_cell(
                a,
                cell,
                "rubric.toml has no words for its feedback",
                f"add [checks.{cell.id}] with aspect, strength, improvement and revision",
            )
    for name in a.check_texts:
        if name not in names:
            yield _in_rubric(
                a, ("checks", name), "the notebook has no such check", "add the cell or remove it"
            )


def aspects(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    texts: dict[tuple[str, ...], Texts] = {
        (name,): criterion.texts for name, criterion in a.criteria.items()
    }
    texts |= {("checks", name): each for name, each in a.check_texts.items()}
    for name, each in texts.items():
        if each.aspect not in a.feedback_aspects:
            yield _in_rubric(
                a,
                name,
                f'unknown aspect "{each.aspect}"',
                f"assignment.toml's feedback_aspects: {', '.join(a.feedback_aspects) or 'none'}",
            )


def outcomes(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    for outcome in a.outcomes:
        if outcome not in scorecard.OUTCOMES:
            yield table.mistake(
                f'unknown outcome "{outcome}"',
                "outcomes",
                f"known: {'; '.join(scorecard.OUTCOMES)}",
            )


def minutes(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    for level in a.levels:
        total = sum(cell.minutes for cell in a.cells_of(level))
        if abs(total - a.minutes.work) > 1e-9:
            yield AssignmentError(
                f"the cells' minutes add up to {total:g} at level {level}, but `work` is "
                f"{a.minutes.work:g}",
                where=place(table.path, table.line("minutes")),
                do="change the cells' minutes (reading and submitting count too) or `work`",
            )


_SPAN = r"(\d+(?:\.\d+)?)(?:\s*[–-]\s*(\d+(?:\.\d+)?))?"


def _span(match: re.Match[str] | None, first: int = 1, factor: float = 1) -> tuple[float, float]:
    assert match is not None
    low = float(match[first])
    return low * factor, float(match[first + 1] or low) * factor


def allowed_minutes(time: str) -> dict[str, tuple[float, float]]:
    """The seed's time as spans of minutes: ``work``, ``discussion``, or ``all`` of it.

    Understood: ``45–60 min`` · ``3–4 h within 3–5 days`` · ``60–90 min in all`` · ``30 min +
    15–20`` and ``60–75 min (45–60 + 15)``, which are work and discussion.

    Raises:
        ValueError: it is none of these.
    """
    lead = re.match(rf"{_SPAN}\s*(min|h)\b", time)
    if lead is None:
        raise ValueError(time)
    factor = 60 if lead[3] == "h" else 1
    if "in all" in time:
        return {"all": _span(lead, factor=factor)}
    if parts := re.search(rf"\({_SPAN}\s*\+\s*{_SPAN}\)", time):
        return {"work": _span(parts), "discussion": _span(parts, 3)}
    if parts := re.match(rf"{_SPAN}\s*(?:min|h)\s*\+\s*{_SPAN}", time):
        return {"work": _span(parts, factor=factor), "discussion": _span(parts, 3)}
    return {"work": _span(lead, factor=factor)}


def seed_time(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    if not a.time and not a.graded:
        return
    try:
        allowed = allowed_minutes(a.time)
    except ValueError:
        yield table.mistake(f'"{a.time}" is no time', "time", 'write it like "45–60 min"')
        return
    given = {
        "work": a.minutes.work,
        "discussion": a.minutes.discussion,
        "all": a.minutes.work + a.minutes.discussion + a.minutes.revision,
    }
    for part, (low, high) in allowed.items():
        if not low <= given[part] <= high:
            name = "work, discussion and revision together" if part == "all" else part
            yield AssignmentError(
                f'[minutes] give {given[part]:g} for {name}, but the seed\'s time is "{a.time}"',
                where=place(table.path, table.line("minutes")),
                do=f"keep it between {low:g} and {high:g}",
            )


def recorded_answers(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    path, recorded = a.folder / "notebook.py", set()
    for cell in (cell for cell in a.cells if cell.type == "code"):
        for name in percent.recorded(percent.python(cell.source, path, cell.line)):
            recorded.add(name)
            if name not in a.answers:
                yield _at_cell(
                    a,
                    cell,
                    f'it records "{name}", which assignment.toml does not declare',
                    f"add [answers.{name}] with max_kb",
                )
    for name in a.answers:
        if name not in recorded:
            yield table.at("answers", name).mistake(
                "no cell records it", do=f'write `record("{name}", …)` in its check cell'
            )


def tree(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    if a.work is None:
        return
    if a.work.shown_in not in {cell.id for cell in a.cells if cell.type == "code"}:
        yield table.at("work").mistake(
            f'`shown_in` names "{a.work.shown_in}", which is no cell with code',
            "shown_in",
            do="name the cell below which graders see what was changed in work/",
        )
    if TREE in {*a.files, *(cell.id for cell in a.cells)}:
        yield table.at("work").mistake(
            f'"{TREE}" is the name of the tree', do="rename the cell or the file of that name"
        )


def shipped_files(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    ours = (own_machine.README, own_machine.REQUIREMENTS, own_machine.ENVIRONMENT)
    taken = ("case", "answers", "worksample.json", f"{a.id}.ipynb", *ours)
    for name, path in a.paths.items():
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name) or name in taken:
            yield table.mistake(f'"{name}" cannot lie beside the notebook', "files", "rename it")
        elif name.lower() in PRIVATE:  # some file systems know no capitals
            yield table.mistake(f'"{name}" is private and never shipped', "files", "remove it")
        elif not path.exists():
            yield table.mistake(f'there is no "{name}" in the folder', "files", "add or remove it")
        for each in (path, *path.rglob("*")):
            if each.is_symlink():
                yield AssignmentError(
                    "a link can't be shipped", where=place(each), do="put the file itself there"
                )
            elif each != path and each.is_dir() and each.name.lower() in UNSHIPPED:
                yield AssignmentError(
                    f'a folder "{each.name}" is never shipped',
                    where=place(each),
                    do=f"move it out of {name}/, or give it another name",
                )


def shipped_imports(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    """What is shipped works without what is not: no import reaches out of it."""
    for path in a.paths.values():
        for each in [path, *path.rglob("*.py")] if path.is_dir() else [path]:
            if each.suffix != ".py" or not each.is_file():
                continue
            depth = len(each.relative_to(a.folder).parts) - 1
            for node in ast.walk(percent.python(read_text(each, "is shipped"), each, 0)):
                if isinstance(node, ast.ImportFrom) and node.level > depth:
                    yield AssignmentError(
                        "a shipped file can't import what stays behind",
                        where=place(each, node.lineno),
                        do="move what both need into the shipped folder",
                    )


def solutions(a: Assignment, table: Table) -> Iterator[AssignmentError]:
    cells = {cell.id: cell for cell in a.cells if cell.kind == "answer"}
    for solution in a.solutions:
        for answer in solution.answers:
            cell, where = cells.get(answer.cell), place(solution.path, answer.line)
            if answer.cell == TREE and a.work and answer.type == "code":
                percent.python(answer.source, solution.path, answer.line)
                continue
            if cell is None:
                yield AssignmentError(
                    f'the notebook has no answer cell "{answer.cell}"',
                    where=where,
                    do=f"answer cells: {', '.join(cells) or 'none'}",
                )
            elif cell.type != answer.type:
                yield AssignmentError(
                    f'"{answer.cell}" is a {cell.type} cell in the notebook, {answer.type} here',
                    where=where,
                    do="make them the same",
                )
            elif not answer.levels or not set(answer.levels) <= set(a.levels):
                yield AssignmentError(
                    f'"{answer.cell}" is for unknown levels {list(answer.levels)}',
                    where=where,
                    do=f"levels: {', '.join(a.levels)}",
                )
            if answer.type == "code":
                percent.python(answer.source, solution.path, answer.line)
        yield from _expectation(a, solution)
    if a.graded and not any(s.quality == "strong" for s in a.solutions):
        yield AssignmentError(
            'no solution has quality = "strong"',
            where=place(a.folder / "solutions"),
            do="write the solution that earns every point",
        )


def _expectation(a: Assignment, solution: Solution) -> Iterator[AssignmentError]:
    where, checks = place(solution.path, 1), {cell.id for cell in a.checks}
    twice = Counter((answer.cell, level) for answer in solution.answers for level in answer.levels)
    if not solution.total:
        yield AssignmentError(
            "it does not say what total is expected", where=where, do="add `# total = [98, 100]`"
        )
    if solution.ended not in ENDINGS:
        yield AssignmentError(
            f'a run can\'t end "{solution.ended}"', where=where, do=f"one of {', '.join(ENDINGS)}"
        )
    twins = {each.name for each in a.solutions} - {solution.name}
    if solution.no_better_than and solution.no_better_than not in twins:
        yield AssignmentError(
            f'`no_better_than` names "{solution.no_better_than}", which is no other solution',
            where=where,
            do=f"solutions: {', '.join(sorted(twins))}",
        )
    for name in solution.failing:
        if name not in checks:
            yield AssignmentError(
                f'`failing` names "{name}", which is no check',
                where=where,
                do=f"checks: {', '.join(sorted(checks))}",
            )
    for (cell, level), count in twice.items():
        if count > 1:
            yield AssignmentError(
                f'"{cell}" is answered {count} times at level {level}', where=where, do="keep one"
            )


RULES: Iterable[Rule] = (
    *(folder_name, cell_ids, cell_kinds, graded_cells, dimensions, markers, syntax, points),
    *(check_functions, modules, criteria, check_texts, aspects, outcomes, minutes, seed_time),
    *(recorded_answers, tree, shipped_files, shipped_imports, solutions),
)
