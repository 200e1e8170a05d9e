"""The workbook as a candidate meets it: minutes, points in the brief, a run of what is released."""

from __future__ import annotations

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from .drawn import FOLDER, LEVELS, case, module, sample

WORDS_A_MINUTE = 200


@pytest.mark.parametrize("level", LEVELS)
def test_minutes_add_up_and_stand_in_the_headings(level):
    cells = sample().cells_of(level)
    assert sum(cell.minutes for cell in cells) == sample().minutes.work == 45
    for cell in cells:
        heading = cell.source.splitlines()[0].split(" · ") if cell.source else []
        if cell.source.startswith("## ") and len(heading) > 2:
            assert f"{cell.minutes:g} minute" in heading[2], cell.id


def test_reading_fits_its_minutes():
    """All given text at reading speed takes less than the half of the time."""
    words = sum(len(c.source.split()) for c in sample().cells_of("senior") if c.type == "markdown")
    assert words / WORDS_A_MINUTE < 0.35 * sample().minutes.work
    brief = sample().cell("brief")
    assert len(brief.source.split()) / WORDS_A_MINUTE <= brief.minutes


def test_points_and_scales_stand_in_the_text():
    points = {c.id: int(c.points) for c in sample().checks}
    assert sum(points.values()) == 100
    brief = sample().cell("brief").source
    for words, check in (
        ("blind spots", "blind_spots"), ("alerts", "alerts"), ("questions", "questions"),
        ("figures", "metrics"), ("order", "attention"),
    ):  # fmt: skip
        assert f"{words} {points[check]}" in brief
    checks, queries = module("checks"), module("toolkit.queries")
    panels = sample().cell("about_panels").source
    assert (checks.QUIET, checks.LOUD, queries.SEEN) == (0.02, 0.1, 0.04)
    assert "2 % of the days cost nothing, 10 % cost all" in panels
    assert "by 4 % of the axis' height" in panels
    assert (checks.MOST_ALERTS, checks.ALIKE, checks.FULL_RIGHT) == (12, 0.98, 11)
    assert module("judging.paging").LOOKED["ticket"] == 2 * queries.DAY


def test_every_strong_solution_works_at_every_level():
    strong = [s for s in sample().solutions if s.quality == "strong"]
    assert len(strong) >= 3
    for level in LEVELS:
        code = {c.id for c in sample().cells_of(level) if c.kind == "answer" and c.type == "code"}
        for solution in strong:
            assert code <= set(solution.sources(level)), solution.name


def test_the_released_notebook_runs_and_each_open_answer_says_so(tmp_path):
    shutil.copytree(case("junior").public, tmp_path / "case")
    shutil.copytree(FOLDER / "toolkit", tmp_path / "toolkit")
    cells = [c for c in sample().cells_of("junior") if c.type == "code"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c.source) for c in cells])
    NotebookClient(
        notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert not [o for c in notebook.cells for o in c.outputs if o.output_type == "error"]
    complaining = [
        cell.id
        for cell, done in zip(cells, notebook.cells, strict=True)
        if any("✗" in out.get("text", "") for out in done.outputs)
    ]
    assert complaining == ["blind_spots", "alerts", "questions", "attention", "metrics"]
