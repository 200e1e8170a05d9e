"""Is what ran what is saved: an older file is told, never packed."""

from __future__ import annotations

import json
import os
import time

import pytest
from IPython.core.interactiveshell import InteractiveShell

from worksample.workbook import celltext, saving, submit

SENT = "x = 1"


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A kernel in a folder with a notebook that was saved a minute ago."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKSAMPLE_ANSWERS", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    for name in ("_ran", "_watching", "_refused"):
        monkeypatch.setattr(saving, name, [])
    monkeypatch.setattr(celltext, "rewritten", [])
    made = InteractiveShell()
    monkeypatch.setattr(celltext, "shell_here", lambda: made)
    saving.watch()
    save(tmp_path, SENT, at=time.time() - 60)
    return made


def save(folder, *sources, at=None, name="book.ipynb"):
    cells = [{"cell_type": "code", "id": str(n), "source": s} for n, s in enumerate(sources)]
    (folder / name).write_text(json.dumps({"cells": cells, "nbformat": 4}))
    when = at or time.time() + 1
    os.utime(folder / name, (when, when))


def run(shell, source):
    shell.run_cell(source, store_history=True)


def test_what_ran_as_it_was_saved_is_fine(shell):
    run(shell, f"{SENT}  \n")
    assert saving.unsaved() == []


def test_what_ran_and_is_not_saved_is_named_and_nothing_is_packed(shell, tmp_path, capsys):
    """Run all packed the file of before the last edits, and said nothing."""
    run(shell, "x = 2")
    assert saving.unsaved() == ["x = 2"]
    submit()
    said = capsys.readouterr().out
    assert "✗ Nothing was packed" in said
    assert "x = 2" in said
    assert not list(tmp_path.glob("*.zip"))
    save(tmp_path, "x = 2")
    submit()
    assert "fingerprint" in capsys.readouterr().out
    assert list(tmp_path.glob("*.zip"))


def test_a_zip_of_before_is_said_to_be_older(shell, tmp_path, capsys):
    submit()
    run(shell, "x = 3")
    submit()
    assert "does not hold them" in capsys.readouterr().out


def test_what_was_changed_or_deleted_and_then_saved_is_fine(shell, tmp_path):
    run(shell, "thrown = 'away'")
    save(tmp_path, "x = 5")
    assert saving.unsaved() == []


def test_what_a_widget_wrote_into_its_cell_counts(shell, tmp_path, monkeypatch):
    run(shell, SENT)
    celltext.replace_running_cell("x = 7")
    assert saving.unsaved() == [], "where nothing runs but a script, nothing was written"
    monkeypatch.setattr(saving, "_has_front_end", lambda: True)
    assert saving.unsaved() == ["x = 7"]
    save(tmp_path, "x = 7")
    assert saving.unsaved() == []


def test_a_front_ends_own_questions_are_not_work(shell):
    shell.run_cell("1 + 1", store_history=False)
    shell.run_cell("2 + 2", silent=True)
    assert saving.unsaved() == []


def test_a_copy_beside_it_hides_nothing(shell, tmp_path, monkeypatch):
    """The server says which notebook the kernel is of."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "book.ipynb"))
    run(shell, "x = 2")
    save(tmp_path, "x = 2", name="copy.ipynb")
    assert saving.unsaved() == ["x = 2"]


def test_without_a_front_end_nobody_waits(shell):
    begun = time.monotonic()
    assert saving.ask() is False
    assert time.monotonic() - begun < 1


def test_where_a_front_end_does_not_save_it_is_asked_once_a_run(shell, monkeypatch):
    """VS Code may not: the wait of a few seconds is not to come twice in a cell."""
    monkeypatch.setattr(saving, "_has_front_end", lambda: True)
    monkeypatch.setattr(saving, "WAIT_SECONDS", 0.2)
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append(a))
    run(shell, SENT)
    assert (saving.ask(), saving.ask(), len(shown)) == (False, False, 1)
    run(shell, SENT)
    assert (saving.ask(), len(shown)) == (False, 2)
