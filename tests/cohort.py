"""A built course, and candidates who hand something in; graded for real where a test needs it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.founding import ROOT, TINY, found
from tests.once import once
from worksample import assignments
from worksample.assignments import build
from worksample.batch import cohort as batch
from worksample.batch import gradebook
from worksample.course import Course
from worksample.submissions import collecting as submission
from worksample.submissions import invitations

__all__ = ["ROOT", "TINY"]  # where other tests look for them


@pytest.fixture(scope="session")
def built_once() -> Path:
    """A course with TINY built; nobody invited."""
    return once("built", build_in) / "course"


def build_in(folder: Path) -> None:
    course = found(folder / "course")
    build.build(course, assignments.find(course, TINY))


@pytest.fixture
def built(built_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of it; the working directory is the course."""
    return a_copy(built_once, tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def scored_once(built_once: Path) -> Path:
    """Ada (strong), Bob (weak) and Dee (her kernel dies), collected and really graded."""

    def grade_in(folder: Path) -> None:
        shutil.copytree(built_once, folder / "course")
        grade_three(Course(folder / "course"))

    return once("scored", grade_in) / "course"


def grade_three(course: Course) -> None:
    for who, solution in (("ada", "strong"), ("bob", "weak"), ("dee", "crash")):
        hand_in(course, who, answers(course, solution))
    done = batch.grade(course, TINY)
    assert not done.not_gradable, done


@pytest.fixture
def scored(scored_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of it; the working directory is the course."""
    return a_copy(scored_once, tmp_path, monkeypatch)


def a_copy(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course of a test's own, as it is for a person who stands in it."""
    there = tmp_path / "course"
    shutil.copytree(root, there)
    monkeypatch.chdir(there)
    monkeypatch.delenv("WORKSAMPLE_COURSE", raising=False)
    return Course(there)


def answers(course: Course, solution: str) -> dict[str, str]:
    """Answer cell -> text of a reference solution."""
    return assignments.find(course, TINY).solution(solution).sources("standard")


def invited(course: Course, who: str, into: Path) -> Path:
    """Invite and unpack; the folder that the candidate works in."""
    package = invitations.invite(course, who, assignments.find(course, TINY)).package
    with zipfile.ZipFile(package) as archive:
        archive.extractall(into)
    return into / TINY


def notebook_of(folder: Path) -> Path:
    return folder / f"{TINY}.ipynb"


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a notebook as JSON."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def fill(path: Path, cells: dict[str, str]) -> None:
    """Write answers into a notebook."""

    def change(notebook: dict[str, Any]) -> None:
        for each in notebook["cells"]:
            each["source"] = cells.get(each["id"], each["source"])

    edit(path, change)


def hand_in(course: Course, who: str, cells: dict[str, str]) -> submission.Receipt:
    """Invite, fill in, collect."""
    into = course.root.parent / f"{who}-home"
    folder = invited(course, who, into)
    fill(notebook_of(folder), cells)
    done = submission.collect(course, [folder])
    shutil.rmtree(into)
    assert not done.refused, done.refused
    return done.receipts[0]


def auto_scores(course: Course, name: str, candidate: str) -> dict[str, float | None]:
    """Grade id -> the automatic score in nbgrader's gradebook; empty if it knows none."""
    return {id: auto for id, (auto, _) in gradebook.scores(course, name, candidate).items()}
