"""The workbook as a candidate meets it: minutes, points in the brief, a run at each level."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from worksample.assignments import reading as assignment

from .drawn import FOLDER, case, module

LEVELS = ("junior", "standard", "senior")


@pytest.fixture(scope="module")
def drift() -> assignment.Assignment:
    return assignment.load(FOLDER)


@pytest.mark.parametrize("level", LEVELS)
def test_minutes_add_up_and_stand_in_the_headings(drift, level):
    cells = drift.cells_of(level)
    assert sum(cell.minutes for cell in cells) == drift.minutes.work == 75
    for cell in cells:
        heading = cell.source.splitlines()[0].split(" · ") if cell.source else []
        if cell.source.startswith("## ") and len(heading) == 3:
            assert f"{cell.minutes:g} minutes" in heading[2], cell.id


def test_points_stand_in_the_brief(drift):
    brief, points = drift.cell("brief").source, {c.id: int(c.points) for c in drift.checks}
    assert sum(points.values()) == 100
    for text in (
        f"a stability index {points['psi_check']}",
        f"the monitor {points['monitor']}",
        f"the columns it names {points['columns']}",
        f"a response plan {points['plan']}",
        f"a dashboard {points['dashboard_check']}",
    ):
        assert text in brief


def test_the_brief_says_what_full_points_take_and_what_may_be_taken(drift):
    brief, columns = drift.cell("brief").source, drift.cell("about_columns").source
    scoring = module("judging.scoring")
    assert scoring.FULL_RATE == {"junior": 0.02, "standard": 0.02, "senior": 0.03}
    assert scoring.FULL_WAIT == {"junior": 0.6, "standard": 1.0, "senior": 1.5}
    assert "allow 0.6 windows of waiting" in drift.cell("brief_junior").source
    assert "allow 3 % false alarms and 1.5 windows of waiting" in drift.cell("brief_senior").source
    assert (
        f"what {scoring.FULL_RATE['standard'] * 100:g} % false alarms and an alarm one window after"
        in brief
    )
    assert (scoring.FULL_NAMED, "three in four are enough" in columns) == (0.75, True)
    calls = module("probe").calls(case())
    assert {call.seconds for call in calls if call.function == "check_window"} == {10}
    assert f"a cell may run for {drift.limits.cell_seconds:g} seconds, a `check` for 10" in brief
    assert (drift.limits.notebook_seconds, "whole notebook for ten minutes" in brief) == (600, True)


def test_every_strong_solution_works_at_every_level(drift):
    strong = [s for s in drift.solutions if s.quality == "strong"]
    assert len(strong) >= 3
    for level in LEVELS:
        answers = {c.id for c in drift.cells_of(level) if c.kind == "answer" and c.type == "code"}
        for solution in strong:
            assert answers - {"look_more"} <= set(solution.sources(level)), solution.name


def test_the_released_notebook_of_a_junior_runs_up_to_the_first_open_answer(drift, tmp_path):
    """Given cells run as they are, and the checks of answers not yet written say so in a line."""
    shutil.copytree(case("junior").public, tmp_path / "case")
    shutil.copytree(FOLDER / "toolkit", tmp_path / "toolkit")
    cells = [c for c in drift.cells_of("junior") if c.type == "code"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c.source) for c in cells])
    NotebookClient(
        notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert not [
        out for done in notebook.cells for out in done.outputs if out.output_type == "error"
    ]
    complaining = [
        cell.id
        for cell, done in zip(cells, notebook.cells, strict=True)
        if any(out.get("text", "").startswith("✗") for out in done.outputs)
    ]
    assert complaining == ["psi_check", "plan", "dashboard_check"]
