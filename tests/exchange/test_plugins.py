"""nbgrader's Assignment List and command line, unchanged, against the service."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList

from tests.exchange.afar import OPENING, TINY, answered, handed_in, open_now
from tests.exchange.served import served
from worksample import feedback
from worksample.course import Course
from worksample.exchange import client, links, releases, sittings
from worksample.exchange.tables import opened
from worksample.submissions import collecting

CONFIG = """
from worksample.exchange import plugins
c = get_config()
plugins.configure(c)
"""


@pytest.fixture
def home(
    graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Course, Path]]:
    """Ada's home, from which the service is asked with her link; her clock runs."""
    open_now(graded)
    folder = tmp_path / "ada's home"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(CONFIG)
    with served(graded) as base:
        code = links.issue(graded, OPENING, "ada").code
        monkeypatch.setenv("WORKSAMPLE_LINK", f"{base}link/{code}")
        monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "none"))
        monkeypatch.chdir(folder)
        yield graded, folder


def assignment_list(folder: Path) -> Any:
    """What answers nbgrader's panel in JupyterLab."""
    manager = AssignmentList()
    manager.root_dir = str(folder)
    return manager


def test_the_assignment_list_works_unchanged(home: tuple[Course, Path]) -> None:
    course, folder = home
    panel = assignment_list(folder)
    assert panel.list_courses()["value"] == [OPENING]
    (released,) = panel.list_assignments(OPENING)["value"]
    assert (released["assignment_id"], released["status"]) == (TINY, "released")
    assert not panel.fetch_assignment(OPENING, TINY)["success"]
    message = folder / "message-from-the-exchange.txt"
    assert "once the clock is started" in message.read_text()

    ada = links.holder(course, "ada")
    assert ada
    sittings.start(course, ada, TINY)
    assert panel.fetch_assignment(OPENING, TINY)["success"]
    assert not message.exists()
    notebook = folder / TINY / f"{TINY}.ipynb"
    assert {f"{TINY}/{p.relative_to(folder / TINY)}" for p in (folder / TINY).rglob("*.*")} == set(
        sittings.folder_files(course, ada)
    )
    notebook.write_bytes(answered(notebook.read_bytes()))
    (folder / TINY / "notes.md").write_text("mine")
    assert panel.submit_assignment(OPENING, TINY)["success"]
    assert panel.submit_assignment(OPENING, TINY)["success"]  # pressed twice: one attempt
    (row,) = opened(course).submissions(TINY, "ada")
    kept = {name: path.read_bytes() for name, path in collecting.files(course, row).items()}
    assert kept == {f"{TINY}.ipynb": notebook.read_bytes(), "notes.md": b"mine"}
    assert row.receipt in (folder / "receipts" / f"{TINY}-1.txt").read_text()
    fetched, submitted = panel.list_assignments(OPENING)["value"]
    assert fetched["status"] == "fetched"
    (sent,) = submitted["submissions"]
    assert (sent["has_exchange_feedback"], sent["has_local_feedback"]) == (False, False)
    assert panel.list_assignments("another")["value"] == []


def test_feedback_comes_after_approval_and_to_its_owner(home: tuple[Course, Path]) -> None:
    course, folder = home
    ada = links.holder(course, "ada")
    assert ada
    sittings.start(course, ada, TINY)
    book = (course.submitted / "ada" / TINY / f"{TINY}.ipynb").read_bytes()
    handed_in(course, ada, {f"{TINY}.ipynb": book})
    feedback.render(course, TINY, ["ada"])
    panel = assignment_list(folder)
    assert not panel.fetch_feedback(OPENING, TINY)["success"]
    assert not list(folder.rglob("*.html"))
    releases.approve(course, TINY, "ada", "grace")
    assert not panel.fetch_feedback(OPENING, TINY)["success"]  # approved is not released
    releases.give_out(course, TINY, "ada", "grace")
    (_, _, submitted) = panel.list_assignments(OPENING)["value"]
    (sent,) = submitted["submissions"]
    assert sent["has_exchange_feedback"]
    assert panel.fetch_feedback(OPENING, TINY)["success"]
    (page,) = folder.rglob("*.html")
    assert page.read_bytes() == (course.feedback / "ada" / TINY / f"{TINY}.html").read_bytes()
    (*_, submitted) = panel.list_assignments(OPENING)["value"]
    assert submitted["submissions"][0]["has_local_feedback"]
    revision = f"{TINY}-revision"
    assert not panel.fetch_assignment(OPENING, revision)["success"]
    sittings.start(course, ada, revision)
    assert panel.fetch_assignment(OPENING, revision)["success"]
    # drawn anew and not approved: the owner goes on seeing what was released
    (course.feedback / "ada" / TINY / f"{TINY}.html").write_text("<p>a draft</p>")
    assert releases.released(course, TINY, "ada") is not None
    assert "a draft" not in page.read_text()


def test_the_command_line_works_unchanged(home: tuple[Course, Path]) -> None:
    course, folder = home
    ada = links.holder(course, "ada")
    assert ada
    sittings.start(course, ada, TINY)

    def nbgrader(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "nbgrader", *words, "--course", OPENING]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)

    assert assignment_list(folder).fetch_assignment(OPENING, TINY)["success"]
    submitted = nbgrader("submit", TINY)
    assert submitted.returncode == 0, submitted.stderr
    assert "Submitted: receipt" in submitted.stderr
    assert len(opened(course).submissions(TINY, "ada")) == 1


def test_a_service_that_is_gone_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plug-ins run where a candidate's notebooks are served: they must not hang."""
    monkeypatch.setattr(client, "PAUSE", 0.01)
    gone = client.Client("http+unix://%2Fnowhere%2Fsocket/services/exchange/", "token")
    with pytest.raises(client.Unreachable, match="does not answer"):
        gone.name()
    with pytest.raises(client.Unreachable, match="nobody said where"):
        client.Client.of_environment({})
    found = client.Client.of_environment({"WORKSAMPLE_LINK": "https://x.org/a/link/CODE"})
    assert found == client.Client("https://x.org/a/", "CODE")
    assert os.environ.get("WORKSAMPLE_EXCHANGE") is None
