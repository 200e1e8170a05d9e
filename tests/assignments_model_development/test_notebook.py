"""The workbook as a candidate meets it: minutes, points, views, and a run from top to bottom."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import matplotlib
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from worksample.grading.slots import ONE_THREAD

from .drawn import FOLDER, LEVELS, SAMPLE, case, module, requests, train

matplotlib.use("Agg")


@pytest.mark.parametrize("level", LEVELS)
def test_minutes_add_up_and_stand_in_the_headings(level: str) -> None:
    cells = SAMPLE.cells_of(level)
    assert sum(cell.minutes for cell in cells) == SAMPLE.minutes.work == 210
    for cell in cells:
        if cell.source.startswith("## ") and cell.id != "brief":
            assert " minutes" in cell.source.splitlines()[0], cell.id


def test_points_stand_in_the_brief() -> None:
    brief = SAMPLE.cell("brief").source
    lines = [line for line in brief.splitlines() if line.startswith("|")]
    told = sorted(int(line.split("|")[2]) for line in lines if line.split("|")[2].strip().isdigit())
    assert told == sorted(int(cell.points) for cell in SAMPLE.checks)
    assert sum(told) == 100


def test_the_texts_say_what_full_points_take() -> None:
    checks = module("checks")
    for level, share in checks.FULL_SHARE.items():
        told = [cell.source for cell in SAMPLE.cells_of(level) if "Full points for" in cell.source]
        assert f"need {share * 100:g} % of what can be won" in " ".join(told)
        others = [f"need {each * 100:g} %" for each in checks.FULL_SHARE.values() if each != share]
        assert not [each for each in others if each in " ".join(told)]
    assert f"once a model wins {checks.SKILL_SHARE * 100:g} %" in SAMPLE.cell("brief").source
    most, least = checks.INTERVAL_FULL, checks.INTERVAL_NOTHING
    estimate = SAMPLE.cell("about_estimate").source
    assert f"all up to {most:.2f}, none from {least:.2f}" in estimate
    assert f"(half at {math.sqrt(most * least):.2f})" in estimate
    assert f"none for a width from {checks.WIDTH_NOTHING:.2f}" in estimate


def test_the_brief_assumes_no_special_domain() -> None:
    """Words of one trade, or of ours, have no place in what every candidate reads first."""
    brief = SAMPLE.cell("brief").source.lower()
    for word in ("runway", "tarmac", "nbgrader", "papermill", "sandbox", "nats", "brier"):
        assert f" {word} " not in brief


def test_the_senior_texts_say_what_counts() -> None:
    text = SAMPLE.cell("about_brief_senior").source
    assert "80 %" in text
    assert "one and a half times" in text
    assert module("checks").SLOWED == 1.5
    assert module("probe").TIMED_ROWS == 12000


@pytest.mark.parametrize("column", ["scheduled_at", "carrier", "queue_len", "crew_rest_h"])
def test_every_column_can_be_looked_at(column: str) -> None:
    views = module("toolkit.views")
    for rows in (train(case()), requests(case())):
        view = views.look(rows, column, "train")
        assert view.table.loc["by value", "rows"].sum() == len(rows)
        assert view.table.loc["by week", "rows"].sum() == len(rows)
        assert f'look(train, "{column}")' in view._repr_html_()
        assert 'alt="' in view._repr_html_()


def test_a_column_that_is_not_there_is_told() -> None:
    views = module("toolkit.views")
    with pytest.raises(ValueError, match="no column 'queue'; there are: scheduled_at"):
        views.look(train(case()), "queue")


def test_a_view_of_nothing_but_missing_values_works() -> None:
    rows = requests(case()).assign(queue_len=float("nan"))
    view = module("toolkit.views").look(rows, "queue_len")
    assert view.table.loc[("by value", "(missing)"), "rows"] == len(rows)


def test_the_browser_shows_the_same_view() -> None:
    views = module("toolkit.views")
    explored = views.browse(train=train(case()), requests=requests(case()))
    shown, fields = explored.widget().children[1], explored.fields
    fields["column"].value = "queue_len"
    assert 'look(train, "queue_len")' in shown.value
    fields["rows"].value, fields["column"].value = "requests", "late"
    assert "requests has no column late" in shown.value


def staged(folder: Path, level: str, sources: dict[str, str]) -> Path:
    """The workbook beside its case, as a candidate unpacks it."""
    shutil.copytree(case(level).public, folder / "case")
    shutil.copytree(FOLDER / "toolkit", folder / "toolkit")
    book = nbformat.v4.new_notebook()
    for cell in SAMPLE.cells_of(level):
        make = nbformat.v4.new_code_cell if cell.type == "code" else nbformat.v4.new_markdown_cell
        book.cells.append(make(sources.get(cell.id, cell.source), id=cell.id))
    nbformat.write(book, folder / "model-development.ipynb")
    return folder / "model-development.ipynb"


def executed(path: Path, level: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Cell id -> its error or its ✗ lines, "" where there is none."""
    monkeypatch.setenv("WORKSAMPLE_LEVEL", level)
    for name, threads in ONE_THREAD.items():  # as grading does; waiting threads would only burn
        monkeypatch.setenv(name, threads)
    book = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    patient = {"timeout": 300, "startup_timeout": 300}
    NotebookClient(book, allow_errors=True, resources=where, **patient).execute()
    return {cell.id: complaint(cell) for cell in book.cells if cell.cell_type == "code"}


def complaint(cell: nbformat.NotebookNode) -> str:
    """An error's name, or the lines of a visible check that say what is not well."""
    raised = "".join(out.ename for out in cell.outputs if out.output_type == "error")
    said = "".join(out.text for out in cell.outputs if out.output_type == "stream")
    return raised or "\n".join(line for line in said.splitlines() if line.startswith("✗"))


@pytest.mark.slow
def test_untouched_only_the_visible_checks_complain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = executed(staged(tmp_path, "junior", {}), "junior", monkeypatch)
    asked = {"performance", "leak", "calibration", "robustness", "reproducible", "estimate"}
    complaining = {name: error for name, error in errors.items() if error}
    assert set(complaining) == asked
    assert all(error.startswith("✗") for error in complaining.values()), "lines, and no crash"


@pytest.mark.slow
def test_a_strong_candidate_sees_no_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = SAMPLE.solution("strong").sources("senior")
    errors = executed(staged(tmp_path, "senior", sources), "senior", monkeypatch)
    assert not {name: error for name, error in errors.items() if error}


def test_loss_without_mistakes_of_the_junior_level_is_unbiased() -> None:
    """Its mean over mistaken labels is the loss over the true ones."""
    import numpy as np

    space = {
        "np": np,
        "pd": pd,
        "facts": {"keying_mistakes": {"late_keyed_as_on_time": 0.1, "on_time_keyed_as_late": 0.05}},
        "log_loss": module("toolkit.validation").log_loss,
    }
    exec(SAMPLE.cell("validation_junior").source, space)
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, 200_000)
    late = rng.random(len(p)) < p
    keyed = np.where(rng.random(len(p)) < np.where(late, 0.1, 0.05), ~late, late).astype(int)
    told = space["loss_without_mistakes"](keyed, p).mean()
    assert told == pytest.approx(space["log_loss"](late, p).mean(), abs=0.01)
