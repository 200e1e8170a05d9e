"""A course with two graded candidates, made as grading would record it but without a sandbox."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.founding import TINY, found
from tests.once import once
from worksample import assignments
from worksample.assignments import build, case
from worksample.course import Course
from worksample.records import evidence
from worksample.records.tables import Rating, Records
from worksample.submissions import invitations


@pytest.fixture(scope="session")
def graded_once() -> Path:
    """Built, invited and graded once; tests work on copies."""
    return once("graded", grade_in) / "course"


def grade_in(folder: Path) -> None:
    course = found(folder / "course")
    tiny = assignments.find(course, TINY)
    build.build(course, tiny)
    for name, predict in (("ada", 57), ("bob", 0)):
        invitations.invite(course, name, tiny, extra_time=1.5 if name == "ada" else 1.0)
        add_grading(course, name, {"slope": 40 if predict else 0, "predict": predict})


@pytest.fixture
def graded(graded_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Ada (97 points, half as much time again) and Bob (0 points), nobody rated."""
    root = tmp_path / "course"
    shutil.copytree(graded_once, root)
    monkeypatch.chdir(root)
    monkeypatch.delenv("WORKSAMPLE_COURSE", raising=False)
    return Course(root)


def add_grading(
    course: Course,
    candidate: str,
    earned: dict[str, float],
    *,
    assignment_id: str = TINY,
    answers: dict[str, str] | None = None,
    ended: dict[str, Any] | None = None,
    status: dict[str, str] | None = None,
    message: str = "See the table.",
) -> dict[str, Any]:
    """Write an evidence record, the notebook in ``submitted/`` and its executed copy."""
    tiny = assignments.find(course, TINY)
    possible = {"slope": 40, "predict": 60}
    given = json.loads(case.released(course, assignment_id, "standard", candidate).read_text())
    answers = {"slope_answer": "SLOPE = 1.5", **(answers or {})}
    for each in given["cells"]:
        each["source"] = answers.get(each["id"], "".join(each["source"]))
    data = json.dumps(given).encode()
    for step in (course.submitted, course.autograded):
        folder = step / candidate / assignment_id
        folder.mkdir(parents=True, exist_ok=True)
        written = {
            f"{assignment_id}.ipynb": data,
            "timestamp.txt": b"2026-11-21 04:30:00.000000 UTC",
        }
        for name, content in written.items():
            # what was graded before may be replaced, and written into by root alone
            (folder / name).unlink(missing_ok=True)
            (folder / name).write_bytes(content)
    checks = {
        name: {
            "points": points,
            "possible": possible[name],
            "parts": [
                {"name": name, "earned": points, "possible": possible[name], "message": message}
            ],
            "details": {"slope": 1.5, "hits": 19},
            "private": {"off": 0.123456},
        }
        for name, points in earned.items()
    }
    run = {
        "ended": ended or {"how": "completed", "cell": None, "detail": ""},
        "cells": {c.id: "completed" for c in tiny.cells if c.type == "code"} | (status or {}),
        "answers": {},
        "refused": {},
        "calls": {},
        "seconds": 1.0,
        "versions": {},
        "limits": {"cell_seconds": 10},
        "sandbox": "none",
    }
    body = {
        "attempt": case.attempt_of(assignment_id),
        "outcome": "graded",
        "why": "",
        "inputs": {
            "submission": candidate + str(earned),
            **dict.fromkeys(("case", "checks", "engine"), "0" * 64),
        },
        "case": {"level": "standard", "version": 1, "seed": "0" * 16},
        "submission": {
            "submitted": "2026-11-21T04:30:00+00:00",
            "files": {f"{assignment_id}.ipynb": hashlib.sha256(data).hexdigest()},
        },
        "repairs": [],
        "run": run,
        "checks": checks,
        "points": sum(earned.values()),
        "possible": 100,
    }
    return evidence.append(course, assignment_id, candidate, body, data)


def rate(course: Course, candidate: str, value: int | None, **kw: Any) -> None:
    row = Rating(
        assignment=TINY,
        candidate=candidate,
        criterion="explanation",
        dimension="Documentation & Communication",
        grader=kw.pop("grader", "grace"),
        value=value,
        **kw,
    )
    Records(course.records_url).add(row)
