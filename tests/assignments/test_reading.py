"""Loading an author's folder, and what a mistake in one says."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, TINY
from worksample.assignments import reading as assignment
from worksample.assignments import scorecard
from worksample.assignments.rules import allowed_minutes
from worksample.course import Course
from worksample.errors import AssignmentError
from worksample.limits import AnswerSpec


@pytest.fixture
def folder(course: Course) -> Path:
    return course.assignments / TINY


def test_the_tiny_assignment_loads(folder: Path) -> None:
    a = assignment.load(folder)
    assert (a.id, a.graded, a.points) == (TINY, True, 100)
    assert [cell.id for cell in a.checks] == ["slope", "predict"]
    assert a.answers == {"slope": AnswerSpec(max_kb=1)}
    assert a.limits.cell_seconds == 10
    assert a.limits.memory_mb == 2048, "what the folder leaves out keeps its default"
    assert a.criteria["explanation"].anchors[4].startswith("Names the limits")
    assert a.paths == {"toolkit": folder.resolve() / "toolkit"}


def test_magics_and_shell_lines_are_understood_and_their_mistakes_found(folder: Path) -> None:
    notebook = folder / "notebook.py"
    text = notebook.read_text()
    magics = "# !ls case\n# %time SLOPE = await_it = None"  # as jupytext writes them
    notebook.write_text(text.replace("SLOPE = None", magics))
    (cell,) = [c for c in assignment.load(folder).cells if c.id == "slope_answer"]
    assert cell.source == "!ls case\n%time SLOPE = await_it = None"
    notebook.write_text(text.replace("SLOPE = None", f"{magics}\nSLOPE = (None"))
    with pytest.raises(AssignmentError, match="not Python"):
        assignment.load(folder)


def test_a_cell_of_one_level_is_in_that_level_only(folder: Path) -> None:
    a = assignment.load(folder)
    having = [level for level in a.levels if "hint" in [cell.id for cell in a.cells_of(level)]]
    assert having == ["junior"]


def test_a_cell_knows_the_line_its_header_stands_on(folder: Path) -> None:
    lines = (folder / "notebook.py").read_text().splitlines()
    for cell in assignment.load(folder).cells:
        assert f'cell="{cell.id}"' in lines[cell.line - 1]


def test_a_solution_states_what_it_is_expected_to_come_to(folder: Path) -> None:
    crash = assignment.load(folder).solution("crash")
    assert crash.total["senior"] == (40, 40)
    assert (crash.failing, crash.ended, crash.quality) == (("predict",), "crashed", "crash")
    assert list(crash.sources("standard")) == ["slope_answer", "predict_answer"]


def test_a_solution_may_answer_levels_differently(folder: Path) -> None:
    write(
        folder / "solutions" / "weak.py",
        '# quality = "weak"\n# [total]\n# junior = [0, 10]\n# standard = [0, 20]\n'
        '# senior = [0, 30]\n\n# %% cell="slope_answer" levels=["junior"]\nSLOPE = 1\n\n'
        '# %% cell="slope_answer" levels=["standard", "senior"]\nSLOPE = 2\n',
    )
    weak = assignment.load(folder).solution("weak")
    assert weak.sources("junior") == {"slope_answer": "SLOPE = 1"}
    assert weak.sources("senior") == {"slope_answer": "SLOPE = 2"}
    assert weak.total["senior"] == (0, 30)


def test_an_expectation_may_stand_in_a_table(folder: Path) -> None:
    write(
        folder / "solutions" / "weak.py",
        '# title = "Weak"\n# expect = {quality = "weak", total = [0, 20], mean = [5, 15]}\n',
    )
    weak = assignment.load(folder).solution("weak")
    assert (weak.title, weak.mean["junior"]) == ("Weak", (5, 15))


def test_find_says_which_assignment_was_meant(course: Course) -> None:
    with pytest.raises(AssignmentError) as raised:
        assignment.find(course, "tiny-regresion")
    assert raised.value.do == f'did you mean "{TINY}"?'


def test_find_is_no_way_out_of_the_folder(course: Course) -> None:
    with pytest.raises(AssignmentError, match="there is no assignment"):
        assignment.find(course, "../assignments/" + TINY)


def test_all_of_finds_every_folder(course: Course) -> None:
    shutil.copytree(course.assignments / TINY, course.assignments / "another")
    (course.assignments / "__pycache__").mkdir()
    assert [a.id for a in assignment.all_of(course)] == ["another", TINY]


def test_all_of_names_everybodys_mistake(course: Course) -> None:
    for name in ("another", "third"):
        shutil.copytree(course.assignments / TINY, course.assignments / name)
        replace(course.assignments / name / "assignment.toml", 'title = "', 'titel = "')
    with pytest.raises(AssignmentError) as raised:
        assignment.all_of(course)
    told = str(raised.value)
    assert "another/assignment.toml" in told
    assert "third/assignment.toml" in told
    assert TINY not in told
    usable, mistakes = assignment.sorted_out(course)
    assert ([each.id for each in usable], sorted(mistakes)) == ([TINY], ["another", "third"])


def test_a_solution_may_differ_from_another_in_some_cells(folder: Path) -> None:
    weak = folder / "solutions" / "weak.py"
    head, _, body = weak.read_text().partition("\n\n")
    first, *_ = body.split("\n\n# %%")
    weak.write_text(f'{head}\n# like = "strong"\n\n{first}\n')
    loaded = assignment.load(folder)
    like, strong = (loaded.solution(name).sources("standard") for name in ("weak", "strong"))
    differing = [cell for cell in strong if like[cell] != strong[cell]]
    assert like.keys() == strong.keys()
    assert len(differing) == 1


@pytest.mark.parametrize("name", ["nobody", "weak"])
def test_a_solution_is_like_another_one_that_is_there(folder: Path, name: str) -> None:
    weak = folder / "solutions" / "weak.py"
    weak.write_text(f'# like = "{name}"\n{weak.read_text()}')
    with pytest.raises(AssignmentError, match=f"`like` names '{name}'"):
        assignment.load(folder)


def test_every_broken_solution_is_named(folder: Path) -> None:
    replace(folder / "solutions" / "weak.py", "# total = [20, 20]", "# Expect twenty.")
    replace(folder / "solutions" / "strong.py", "# quality", "# qualitty")
    with pytest.raises(AssignmentError) as raised:
        assignment.load(folder)
    assert "weak.py" in str(raised.value)
    assert "strong.py" in str(raised.value)


def test_everything_that_breaks_one_rule_is_named(folder: Path) -> None:
    replace(folder / "checks.py", "def check_slope", "def slope")
    replace(folder / "checks.py", "def check_predict", "def predict")
    with pytest.raises(AssignmentError) as raised:
        assignment.load(folder)
    assert "no function check_slope" in str(raised.value)
    assert "no function check_predict" in str(raised.value)


def test_a_next_step_may_be_left_out(folder: Path) -> None:
    assert assignment.load(folder).check_texts["slope"].next_step == ""
    step = 'next_step = "Leave out five points: what is left of {slope:.2f}?"\n'
    replace(folder / "rubric.toml", "[checks.slope]\n", f"[checks.slope]\n{step}")
    replace(folder / "rubric.toml", "[explanation]\n", '[explanation]\nnext_step = "Say more."\n')
    read = assignment.load(folder)
    assert read.check_texts["slope"].next_step.startswith("Leave out five points")
    assert read.criteria["explanation"].texts.next_step == "Say more."


def test_texts_stand_at_levels_and_a_level_without_one_has_that_below(folder: Path) -> None:
    texts = assignment.load(folder).check_texts["predict"]
    assert texts.at("improvement", 1).startswith("Next to none")
    assert texts.at("improvement", 3) == texts.at("improvement", 2) != texts.at("improvement", 1)
    assert texts.at("strength", 2) == ""
    assert texts.at("strength", 4) == texts.at("strength", 3) != ""


def test_one_strength_for_all_levels_is_that_of_a_criterions_third_and_a_checks_last(
    folder: Path,
) -> None:
    """Praise without a level has to be true wherever it stands."""
    read = assignment.load(folder)
    slope, explanation = read.check_texts["slope"], read.criteria["explanation"].texts
    assert (slope.at("strength", 3), slope.at("strength", 4)) == ("", slope.strength[4])
    assert explanation.at("strength", 3) == explanation.strength[3]


def test_what_idleness_earns_is_a_share(folder: Path) -> None:
    assert assignment.load(folder).check_texts["slope"].idle == 0
    replace(folder / "rubric.toml", "[checks.slope]\n", "[checks.slope]\nidle = 0.25\n")
    assert assignment.load(folder).check_texts["slope"].idle == 0.25
    replace(folder / "rubric.toml", "idle = 0.25", "idle = 25")
    with pytest.raises(AssignmentError, match="`idle` is a share of the points"):
        assignment.load(folder)


def test_an_ungraded_assignment_needs_no_graders_files(folder: Path) -> None:
    for name in ("checks.py", "probe.py", "rubric.toml", "guide.md"):
        (folder / name).unlink()
    shutil.rmtree(folder / "solutions")
    write(folder / "assignment.toml", 'title = "T"\ngraded = false\n[minutes]\nwork = 5\n')
    write(folder / "notebook.py", '# %% [markdown] cell="brief" minutes=5\n# Try things out.\n')
    a = assignment.load(folder)
    assert (a.graded, a.points, a.solutions) == (False, 0, ())


@pytest.mark.parametrize("name", assignment.ids(Course(ROOT)))
def test_every_assignment_of_this_course_loads(name: str) -> None:
    assignment.find(Course(ROOT), name)


# --- modules of the folder -------------------------------------------------------------------


def test_modules_import_each_other_relatively(folder: Path) -> None:
    checks = assignment.load_module(assignment.load(folder), "checks")
    assert checks.height(2, 1, 3) == 7


def test_importing_leaves_nothing_in_the_folder(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    for name in ("checks", "scenario", "probe", "toolkit"):
        assignment.load_module(assignment.load(folder), name)
    assert sorted(folder.rglob("*")) == before


def test_a_changed_module_is_imported_afresh(folder: Path) -> None:
    """Also where size and time say that nothing changed, and in a file imported by another."""
    a, line = assignment.load(folder), folder / "toolkit" / "line.py"
    assert assignment.load_module(a, "checks").height(1, 0, 5) == 5
    stat = line.stat()
    replace(line, "intercept + slope", "intercept - slope")
    os.utime(line, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert assignment.load_module(a, "checks").height(1, 0, 5) == -5


def test_an_unchanged_module_is_the_same_module(folder: Path) -> None:
    a = assignment.load(folder)
    assert assignment.load_module(a, "checks") is assignment.load_module(a, "checks")


def test_two_courses_do_not_share_modules(course: Course, tmp_path: Path) -> None:
    other = shutil.copytree(course.assignments / TINY, tmp_path / "other" / TINY)
    ours = assignment.load_module(assignment.load(course.assignments / TINY), "checks")
    theirs = assignment.load_module(assignment.load(other), "checks")
    assert ours.__file__ != theirs.__file__


def test_a_module_that_raises_is_told_with_its_line(folder: Path) -> None:
    a = assignment.load(folder)
    replace(folder / "scenario.py", "VERSION = 1\n", "VERSION = 1 / 0\n")
    line = text_line(folder / "scenario.py", "1 / 0")
    with pytest.raises(AssignmentError, match="ZeroDivisionError") as raised:
        assignment.load_module(a, "scenario")
    assert raised.value.where is not None
    assert raised.value.where.endswith(f"scenario.py:{line}")


# --- mistakes --------------------------------------------------------------------------------

Change = Callable[[Path], object]


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    write(path, text.replace(old, new, 1))


def text_line(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def edit(file: str, old: str, new: str) -> Change:
    return lambda folder: replace(folder / file, old, new)


def append(file: str, text: str) -> Change:
    return lambda folder: write(folder / file, (folder / file).read_text() + text)


def remove(file: str) -> Change:
    return lambda folder: (folder / file).unlink()


def link(folder: Path) -> None:
    (folder / "toolkit" / "passwords").symlink_to("/etc/passwd")


def remove_strong(folder: Path) -> None:
    (folder / "solutions" / "strong.py").unlink()


def without_criterion(folder: Path) -> None:
    text = (folder / "rubric.toml").read_text(encoding="utf-8")
    write(folder / "rubric.toml", text[text.index("[checks.slope]") :])


NOTEBOOK, SETTINGS = "notebook.py", "assignment.toml"
SLOPE_HEADER = 'cell="slope" kind="check" points=40 dimension="ML Approach & Implementation"'
CRITERION_HEADER = 'cell="explanation" kind="criterion" points=4'

# what is changed · what the error says · file and the text on the line it names
MISTAKES: dict[str, tuple[Change, str, str, str | None]] = {
    "no settings": (remove(SETTINGS), "there is no assignment.toml", TINY, None),
    "no notebook": (remove(NOTEBOOK), "there is no notebook.py", TINY, None),
    "no checks": (remove("checks.py"), "there is no checks.py", TINY, None),
    "no scenario": (remove("scenario.py"), "there is no scenario.py", TINY, None),
    "no probe": (remove("probe.py"), "there is no probe.py", TINY, None),
    "no rubric": (remove("rubric.toml"), "there is no rubric.toml", TINY, None),
    "no guide": (remove("guide.md"), "there is no guide.md", TINY, None),
    "no strong solution": (remove_strong, 'no solution has quality = "strong"', "solutions", None),
    "broken settings": (edit(SETTINGS, "[limits]", "[limits"), "not TOML", SETTINGS, "[limits"),
    "broken rubric": (
        edit("rubric.toml", 'aspect = "clarity"', "aspect = clarity"),
        "not TOML",
        "rubric.toml",
        "aspect = clarity",
    ),
    "not UTF-8": (
        lambda folder: (folder / NOTEBOOK).write_bytes(b"\xff\xfe"),
        "not a text file in UTF-8",
        NOTEBOOK,
        None,
    ),
    "no title": (
        edit(SETTINGS, 'title = "A straight line"\n', ""),
        "`title` is missing",
        SETTINGS,
        "seed_activity",
    ),
    "misspelt key": (
        edit(SETTINGS, "feedback_aspects", "feedback_aspect"),
        "`feedback_aspects` is missing",
        SETTINGS,
        None,
    ),
    "unknown key": (
        edit(SETTINGS, "[minutes]\n", "[minutes]\nwalk = 1\n"),
        "`walk` means nothing here",
        SETTINGS,
        "walk",
    ),
    "wrong kind of value": (
        edit(SETTINGS, "work = 45", 'work = "45"'),
        "`work` should be a number",
        SETTINGS,
        'work = "45"',
    ),
    "no such limit": (
        edit(SETTINGS, "cell_seconds", "cel_seconds"),
        "`cel_seconds` means nothing here",
        SETTINGS,
        "cel_seconds",
    ),
    "limit of nothing": (
        edit(SETTINGS, "cell_seconds = 10", "cell_seconds = 0"),
        "more than 0",
        SETTINGS,
        "cell_seconds",
    ),
    "unknown level": (
        edit(SETTINGS, '"senior"]', '"expert"]'),
        "levels can't be",
        SETTINGS,
        "levels",
    ),
    "unknown outcome": (
        edit(SETTINGS, "Contribute to technical", "Contribute to"),
        "unknown outcome",
        SETTINGS,
        "outcomes",
    ),
    "unreadable time": (
        edit(SETTINGS, '"45–60 min"', '"an hour"'),
        '"an hour" is no time',
        SETTINGS,
        "time",
    ),
    "longer than the seed": (
        edit(SETTINGS, '"45–60 min"', '"30 min"'),
        "[minutes] give 45 for work",
        SETTINGS,
        "[minutes]",
    ),
    "minutes don't add up": (
        edit(NOTEBOOK, 'cell="brief" minutes=5', 'cell="brief" minutes=6'),
        "the cells' minutes add up to 46 at level junior",
        SETTINGS,
        "[minutes]",
    ),
    "file that is not there": (
        edit(SETTINGS, '["toolkit"]', '["toolkits"]'),
        'no "toolkits" in the folder',
        SETTINGS,
        "files",
    ),
    "private file shipped": (
        edit(SETTINGS, '["toolkit"]', '["toolkit", "checks.py"]'),
        '"checks.py" is private',
        SETTINGS,
        "files",
    ),
    "truth shipped": (
        edit(SETTINGS, '["toolkit"]', '["toolkit", "hidden"]'),
        '"hidden" is private',
        SETTINGS,
        "files",
    ),
    "truth shipped in capitals": (
        edit(SETTINGS, '["toolkit"]', '["toolkit", "Judging"]'),
        '"Judging" is private',
        SETTINGS,
        "files",
    ),
    "truth within what is shipped": (
        lambda folder: (folder / "toolkit" / "deep" / "hidden").mkdir(parents=True),
        'a folder "hidden" is never shipped',
        "hidden",
        None,
    ),
    "file from elsewhere": (
        edit(SETTINGS, '["toolkit"]', '["../../nbgrader_config.py"]'),
        "cannot lie beside the notebook",
        SETTINGS,
        "files",
    ),
    "link shipped": (link, "a link can't be shipped", "passwords", None),
    "name taken in the package": (
        edit(SETTINGS, '["toolkit"]', '["README.md"]'),
        "cannot lie beside the notebook",
        SETTINGS,
        "files",
    ),
    "shipped file needs a private one": (
        append("toolkit/line.py", "\nfrom ..scenario import NOISE\n"),
        "can't import what stays behind",
        "line.py",
        "from ..scenario",
    ),
    "answer never recorded": (
        append(SETTINGS, "\n[answers.intercept]\nmax_kb = 1\n"),
        "[answers.intercept] no cell records it",
        SETTINGS,
        "[answers.intercept]",
    ),
    "answer not declared": (
        edit(NOTEBOOK, 'record("slope", SLOPE)', 'record("slop", SLOPE)'),
        'it records "slop"',
        NOTEBOOK,
        SLOPE_HEADER,
    ),
    "no cells": (
        lambda folder: write(folder / NOTEBOOK, "pass\n"),
        "the notebook has no cells",
        NOTEBOOK,
        None,
    ),
    "cell without an id": (
        edit(NOTEBOOK, '# %% cell="setup"', "# %%"),
        "`cell` is missing",
        NOTEBOOK,
        "# %%",
    ),
    "invalid id": (
        edit(NOTEBOOK, 'cell="setup"', 'cell="set up"'),
        "this cannot be a cell's id",
        NOTEBOOK,
        'cell="set up"',
    ),
    "check that names no function": (
        edit(NOTEBOOK, 'cell="slope" kind', 'cell="the-slope" kind'),
        "a check's id names a function",
        NOTEBOOK,
        "the-slope",
    ),
    "id used twice": (
        edit(NOTEBOOK, 'cell="submit"', 'cell="brief"'),
        "the id stands on lines 1, 47",
        NOTEBOOK,
        'cell="brief"',
    ),
    "id kept for the revision": (
        edit(NOTEBOOK, 'cell="submit"', 'cell="revision_note"'),
        "kept for the revision",
        NOTEBOOK,
        "revision_note",
    ),
    "unknown option": (
        edit(NOTEBOOK, 'cell="setup"', 'cell="setup" minute=3'),
        "`minute` means nothing here",
        NOTEBOOK,
        'cell="setup"',
    ),
    "unknown kind": (
        edit(NOTEBOOK, 'kind="answer"', 'kind="solution"'),
        'unknown kind "solution"',
        NOTEBOOK,
        'kind="solution"',
    ),
    "unknown level of a cell": (
        edit(NOTEBOOK, 'levels=["junior"]', 'levels=["beginner"]'),
        "unknown level in ['beginner']",
        NOTEBOOK,
        "beginner",
    ),
    "check of one level": (
        edit(NOTEBOOK, SLOPE_HEADER, SLOPE_HEADER + ' levels=["senior"]'),
        "a check belongs to every level",
        NOTEBOOK,
        SLOPE_HEADER,
    ),
    "points of a given cell": (
        edit(NOTEBOOK, 'cell="setup"', 'cell="setup" points=3'),
        "a given cell has no points",
        NOTEBOOK,
        'cell="setup"',
    ),
    "points don't add up": (
        edit(NOTEBOOK, "points=40", "points=30"),
        "30 + 60 = 90",
        NOTEBOOK,
        'cell="slope" kind',
    ),
    "check without points": (
        edit(NOTEBOOK, "points=40 ", ""),
        "a check needs points",
        NOTEBOOK,
        'cell="slope" kind',
    ),
    "criterion of five points": (
        edit(NOTEBOOK, CRITERION_HEADER, CRITERION_HEADER.replace("4", "5")),
        "a criterion has 4 points",
        NOTEBOOK,
        'kind="criterion"',
    ),
    "criterion in code": (
        edit(NOTEBOOK, f"[markdown] {CRITERION_HEADER}", CRITERION_HEADER),
        "a criterion is a text cell",
        NOTEBOOK,
        'kind="criterion"',
    ),
    "check in text": (
        edit(NOTEBOOK, f"# %% {SLOPE_HEADER}", f"# %% [markdown] {SLOPE_HEADER}"),
        "a check is a code cell",
        NOTEBOOK,
        SLOPE_HEADER,
    ),
    "no dimension": (
        edit(NOTEBOOK, ' dimension="Evaluation & Validation"', ""),
        "it names no dimension",
        NOTEBOOK,
        'cell="predict"',
    ),
    "unknown dimension": (
        edit(NOTEBOOK, "Evaluation & Validation", "Evaluation and Validation"),
        'no scorecard has a dimension "Evaluation and Validation"',
        NOTEBOOK,
        'cell="predict"',
    ),
    "dimension of several stages": (
        edit(NOTEBOOK, "Evaluation & Validation", "Communication Skills"),
        "stands on several scorecards",
        NOTEBOOK,
        'cell="predict"',
    ),
    "syntax of a cell": (
        edit(NOTEBOOK, "SLOPE = None", "SLOPE = (None"),
        "this is not Python",
        NOTEBOOK,
        "SLOPE = (None",
    ),
    "solution in the notebook": (
        edit(NOTEBOOK, "SLOPE = None", "### BEGIN SOLUTION\nSLOPE = 3\n### END SOLUTION"),
        '"BEGIN SOLUTION" has no place',
        NOTEBOOK,
        "BEGIN SOLUTION",
    ),
    "cell without a check function": (
        edit("checks.py", "def check_slope", "def slope"),
        "checks.py has no function check_slope",
        NOTEBOOK,
        SLOPE_HEADER,
    ),
    "check function without a cell": (
        append("checks.py", "\n\ndef check_intercept(run, case): ...\n"),
        'a check cell "intercept" that the notebook does not have',
        "checks.py",
        "def check_intercept",
    ),
    "syntax of the checks": (
        append("checks.py", "\ndef broken(:\n"),
        "this is not Python",
        "checks.py",
        "def broken(:",
    ),
    "scenario without a version": (
        edit("scenario.py", "VERSION = 1\n", ""),
        "scenario.py defines no VERSION",
        "scenario.py",
        None,
    ),
    "probe without calls": (
        edit("probe.py", "def calls", "def call"),
        "probe.py defines no calls",
        "probe.py",
        None,
    ),
    "criterion without a table": (
        without_criterion,
        "rubric.toml has no table for it",
        NOTEBOOK,
        CRITERION_HEADER,
    ),
    "empty next step": (
        edit("rubric.toml", "[checks.slope]\n", '[checks.slope]\nnext_step = " "\n'),
        "`next_step` is empty",
        "rubric.toml",
        "next_step",
    ),
    "next step that is no text": (
        edit("rubric.toml", "[checks.slope]\n", "[checks.slope]\nnext_step = 3\n"),
        "`next_step` should be",
        "rubric.toml",
        "next_step",
    ),
    "criterion about no answer": (
        edit("rubric.toml", "[explanation]\n", '[explanation]\ncell = "slope"\n'),
        "there is no answer cell 'slope'",
        "rubric.toml",
        "[explanation]",
    ),
    "missing anchor": (
        edit("rubric.toml", '3 = "Names one', '5 = "Names one'),
        "[explanation.anchors] `3` is missing",
        "rubric.toml",
        "[explanation.anchors]",
    ),
    "empty anchor": (
        edit("rubric.toml", '"Names one limit and the evidence for it."', '" "'),
        "anchor 3 is empty",
        "rubric.toml",
        "[explanation]",
    ),
    "dimension differs": (
        edit("rubric.toml", "Documentation & Communication", "Code Quality & Organization"),
        "[explanation] the dimension is",
        "rubric.toml",
        "[explanation]",
    ),
    "table without a criterion": (
        edit(NOTEBOOK, f'{CRITERION_HEADER} dimension="Documentation & Communication"', 'cell="x"'),
        "the notebook has no criterion of that id",
        "rubric.toml",
        "[explanation]",
    ),
    "check without words": (
        lambda folder: write(
            folder / "rubric.toml",
            (folder / "rubric.toml").read_text().replace("[checks.slope", "[checks.slop"),
        ),
        "rubric.toml has no words",
        NOTEBOOK,
        SLOPE_HEADER,
    ),
    "texts without the lowest level": (
        edit("rubric.toml", '1 = "No slope', '4 = "No slope'),
        "[checks.slope.improvement] `1` is missing",
        "rubric.toml",
        "[checks.slope.improvement]",
    ),
    "unknown aspect": (
        edit("rubric.toml", 'aspect = "reasoning"', 'aspect = "reason"'),
        'unknown aspect "reason"',
        "rubric.toml",
        "[checks.predict]",
    ),
    "solution of an unknown cell": (
        edit("solutions/weak.py", 'cell="slope_answer"', 'cell="slop_answer"'),
        'no answer cell "slop_answer"',
        "weak.py",
        "slop_answer",
    ),
    "solution of a given cell": (
        edit("solutions/weak.py", 'cell="slope_answer"', 'cell="setup"'),
        'no answer cell "setup"',
        "weak.py",
        'cell="setup"',
    ),
    "solution without a total": (
        edit("solutions/weak.py", "# total = [20, 20]\n", ""),
        "what total is expected",
        "weak.py",
        "title",
    ),
    "band upside down": (
        edit("solutions/weak.py", "[20, 20]", "[20, 10]"),
        "`total` should be [lowest, highest]",
        "weak.py",
        "total",
    ),
    "band of one level": (
        edit("solutions/weak.py", "[20, 20]", "{junior = [20, 20]}"),
        "the levels are junior, standard, senior",
        "weak.py",
        "total",
    ),
    "failing what is no check": (
        edit("solutions/weak.py", '["slope", "predict"]', '["slop"]'),
        '`failing` names "slop"',
        "weak.py",
        "title",
    ),
    "no better than nobody": (
        edit("solutions/weak.py", '"completed"', '"completed"\n# no_better_than = "weak"'),
        '`no_better_than` names "weak"',
        "weak.py",
        "title",
    ),
    "unknown ending": (
        edit("solutions/weak.py", '"completed"', '"finished"'),
        'a run can\'t end "finished"',
        "weak.py",
        "title",
    ),
    "header that is not TOML": (
        edit("solutions/weak.py", "# total = [20, 20]", "# Expect twenty."),
        "not TOML",
        "weak.py",
        "Expect twenty",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_error_with_its_place(folder: Path, name: str) -> None:
    change, what, file, on_line = MISTAKES[name]
    change(folder)
    with pytest.raises(AssignmentError) as raised:
        assignment.load(folder)
    error = raised.value
    assert what in error.what
    assert error.where is not None
    path, _, line = error.where.partition(":")
    assert path.endswith(file)
    if on_line is not None:
        text = Path(path).read_text(encoding="utf-8")
        assert on_line in text.splitlines()[int(line) - 1]
    assert error.do or "should" in error.what, "it should say what to do"


@pytest.mark.parametrize(
    "name", ["Tiny", "tiny_regression", "-tiny", "tiny-revision", "tiny-senior", "x" * 51, "tiny "]
)
def test_some_names_cannot_be_an_assignments(folder: Path, name: str) -> None:
    with pytest.raises(AssignmentError, match="cannot be an assignment's name"):
        assignment.load(folder.rename(folder.with_name(name)))


@pytest.mark.parametrize(
    ("time", "allowed"),
    [
        ("45–60 min", {"work": (45, 60)}),
        ("60–90 min in all, 15 min walkthrough", {"all": (60, 90)}),
        ("3–4 h within 3–5 days", {"work": (180, 240)}),
        ("45–60 min (30–40 + 15–20)", {"work": (30, 40), "discussion": (15, 20)}),
        ("60 min (45 + 15)", {"work": (45, 45), "discussion": (15, 15)}),
        ("30 min + 15–20", {"work": (30, 30), "discussion": (15, 20)}),
    ],
)
def test_the_seeds_times_are_understood(time: str, allowed: dict[str, object]) -> None:
    assert allowed_minutes(time) == allowed


def test_a_dimension_of_several_stages_is_named_with_its_stage() -> None:
    found = scorecard.dimension("screening: Communication Skills")
    assert found == scorecard.Dimension("screening", "Communication Skills")
    with pytest.raises(LookupError, match="several scorecards"):
        scorecard.dimension("Communication Skills")
