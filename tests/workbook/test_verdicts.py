"""``visible_check``: ✓ and ✗ lines, and the error itself where the notebook is graded."""

from __future__ import annotations

import pytest

from worksample.errors import SubmissionError
from worksample.workbook import record, visible_check
from worksample.workbook.verdicts import MAX_TEXT, last_verdict


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKSAMPLE_ANSWERS", raising=False)
    return tmp_path


def test_what_is_well_says_so_and_is_recorded(here, capsys):
    with visible_check("onset"):
        record("onset", "2031-03-05")
    assert "✓ onset" in capsys.readouterr().out
    assert last_verdict("onset").passed
    assert (here / "answers" / "onset.json").is_file()


def test_what_is_not_is_a_line_and_is_not_recorded(here, capsys):
    with visible_check("onset"):
        if here:
            raise AssertionError("write the date as text")
        record("onset", 7)
    assert capsys.readouterr().out.splitlines() == ["✗ onset: write the date as text"]
    assert not last_verdict("onset").passed
    assert not (here / "answers").exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotImplementedError("write psi here"), "✗ psi: write psi here"),
        (AssertionError(), "✗ psi: AssertionError"),
        (ValueError("two\n  lines"), "✗ psi: ValueError: two lines"),
        (SubmissionError("it cannot be written", do="use numbers"), "it cannot be written"),
        (KeyError("x" * 5000), f"{'x' * 500}"),
    ],
)
def test_every_error_is_told_in_a_line(capsys, error, said):
    with visible_check("psi"):
        raise error
    (line,) = capsys.readouterr().out.splitlines()
    assert said in line
    assert len(line) < MAX_TEXT + 20


def test_the_place_in_the_candidates_own_cell_is_named(capsys):
    space = {"visible_check": visible_check}
    exec(compile("def f(rows):\n    return rows / 0", "<ipython-input-1>", "exec"), space)
    exec(compile("with visible_check('f'):\n    f(1)", "<ipython-input-2>", "exec"), space)
    said = capsys.readouterr().out
    assert "✗ f: ZeroDivisionError: division by zero\n" in said
    assert "in f, line 2 of its cell" in said


def test_whoever_grades_sees_what_stopped_it(here, monkeypatch):
    monkeypatch.setenv("WORKSAMPLE_ANSWERS", str(here / "answers"))
    with pytest.raises(AssertionError, match="no date"), visible_check("onset"):
        raise AssertionError("no date")


def test_an_interrupt_is_no_answer():
    with pytest.raises(KeyboardInterrupt), visible_check("slow"):
        raise KeyboardInterrupt
