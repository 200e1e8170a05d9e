"""The workbook as a candidate meets it: minutes, cells, and a run from top to bottom."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from worksample.assignments import reading as assignment

from .drawn import FOLDER, case

LEVELS = ("junior", "standard", "senior")
ANSWERS = {
    "trace_1", "trace_2", "trace_3", "onset_answer", "changelog_answer", "affected_answer",
    "remedy_answer", "transfer_answer", "investigation_answer", "incident_note_answer",
    "prevention_answer",
}  # fmt: skip


@pytest.fixture(scope="module")
def rca() -> assignment.Assignment:
    return assignment.load(FOLDER)


@pytest.mark.parametrize("level", LEVELS)
def test_minutes_add_up_and_stand_in_the_headings(rca, level):
    cells = rca.cells_of(level)
    assert sum(cell.minutes for cell in cells) == rca.minutes.work == 55
    for cell in cells:
        if cell.source.startswith("## "):
            unit = "minute" if cell.minutes == 1 else "minutes"
            assert f"· {cell.minutes:g} {unit}" in cell.source.splitlines()[0], cell.id


def test_points_stand_in_the_brief(rca):
    brief = rca.cell("brief").source
    points = {cell.id: int(cell.points) for cell in rca.checks}
    assert sum(points.values()) == 100
    for text in (
        f"first day {points['onset']}",
        f"spread over hypotheses {points['trace']}",
        f"affected rows {points['affected']}",
        f"remedy {points['remedy_type']} + {points['remedy_effect']}",
        f"change log {points['changelog']}",
        f"transfer {points['transfer']}",
    ):
        assert text in brief


@pytest.mark.parametrize("level", LEVELS)
def test_answer_cells_keep_their_names(rca, level):
    answers = {cell.id for cell in rca.cells_of(level) if cell.kind == "answer"}
    assert answers >= ANSWERS
    assert ("shares_answer" in answers) == (level == "senior")


def test_the_brief_assumes_no_special_domain(rca):
    """Words of one trade, or of ours, have no place in what every candidate reads first."""
    brief = rca.cell("brief").source.lower()
    for word in ("psi", "auc", "runway", "tarmac", "airline", "nbgrader", "papermill", "sandbox"):
        assert f" {word} " not in brief
    assert len(brief.split()) < 700  # five minutes of reading


def staged(folder: Path, rca: assignment.Assignment, level: str, sources: dict[str, str]) -> Path:
    """The workbook beside its case, as a candidate unpacks it."""
    shutil.copytree(case().public, folder / "case")
    shutil.copytree(FOLDER / "toolkit", folder / "toolkit")
    book = nbformat.v4.new_notebook()
    for cell in rca.cells_of(level):
        make = nbformat.v4.new_code_cell if cell.type == "code" else nbformat.v4.new_markdown_cell
        book.cells.append(make(sources.get(cell.id, cell.source), id=cell.id))
    nbformat.write(book, folder / "root-cause-analysis.ipynb")
    return folder / "root-cause-analysis.ipynb"


def executed(path: Path, level: str, monkeypatch: pytest.MonkeyPatch) -> tuple[dict, float, float]:
    """Cell id -> its error, its ✗ lines or "", CPU seconds to the first picture, in all.

    Not those of the clock, which on a busy machine are the others' too.
    """
    monkeypatch.setenv("WORKSAMPLE_LEVEL", level)
    book, first = nbformat.read(path, as_version=4), 0.0
    where = {"metadata": {"path": str(path.parent)}}
    patient = {"timeout": 300, "startup_timeout": 300}
    client = NotebookClient(book, allow_errors=True, resources=where, **patient)
    with client.setup_kernel():
        kernel = psutil.Process(client.km.provisioner.pid)
        for place, cell in enumerate(book.cells):
            client.execute_cell(cell, place)
            if cell.id == "performance":
                first = sum(kernel.cpu_times()[:2])
        used = sum(kernel.cpu_times()[:2])
    errors = {cell.id: complaint(cell) for cell in book.cells if cell.cell_type == "code"}
    return errors, first, used


def complaint(cell: nbformat.NotebookNode) -> str:
    """An error's name, or the lines of a visible check that say what is not well."""
    raised = "".join(o.ename for o in cell.outputs if o.output_type == "error")
    said = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    return raised or "\n".join(line for line in said.splitlines() if line.startswith("✗"))


@pytest.mark.slow
@pytest.mark.parametrize("level", ["junior", "senior"])  # the strong one below is standard
def test_untouched_only_the_visible_checks_complain(rca, tmp_path, monkeypatch, level):
    errors, first, _ = executed(staged(tmp_path, rca, level, {}), level, monkeypatch)
    complaining = {name for name, error in errors.items() if error}
    wanted = {"onset", "changelog", "remedy_type", "trace"}
    assert complaining == (wanted | {"transfer"} if level == "senior" else wanted)
    for name in complaining:
        assert errors[name].startswith("✗"), "a line to read, and no crash"
    assert "✗ shares" in errors.get("transfer", "✗ shares")
    assert 0 < first < 15


@pytest.mark.slow
def test_a_strong_candidate_sees_no_complaint(rca, tmp_path, monkeypatch):
    sources = rca.solution("strong").sources("standard")
    errors, _, used = executed(staged(tmp_path, rca, "standard", sources), "standard", monkeypatch)
    assert not {name: error for name, error in errors.items() if error}
    assert 0 < used < 60
