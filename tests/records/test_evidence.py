"""Evidence is only ever added to, and shows when it was touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from worksample.course import Course
from worksample.errors import CourseError
from worksample.records import evidence


def a_body(points: float | None = 40.0, submission: str = "s") -> dict[str, Any]:
    return {
        "outcome": "graded" if points is not None else "not_gradable_yet",
        "inputs": {"submission": submission, "case": "c", "checks": "k", "engine": "e"},
        "points": points,
    }


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def test_records_are_numbered_and_chained(course: Course) -> None:
    one = evidence.append(course, "a", "ada", a_body(), b"{}")
    two = evidence.append(course, "a", "ada", a_body(50), b'{"cells": []}')
    assert (one["number"], one["previous"], two["number"]) == (1, None, 2)
    assert two["previous"] == evidence.digest(course, one)
    assert evidence.history(course, "a", "ada") == [one, two]
    assert evidence.notebook(course, two) == {"cells": []}


def test_what_has_no_score_is_never_the_latest_score(course: Course) -> None:
    scored = evidence.append(course, "a", "ada", a_body(), b"{}")
    evidence.append(course, "a", "ada", a_body(None), None)
    assert evidence.latest(course, "a", "ada") == scored
    assert evidence.latest(course, "a", "ada", scored["key"]) == scored
    assert evidence.latest(course, "a", "ada", "another") is None
    assert evidence.latest(course, "a", "bob") is None


def test_the_key_changes_with_every_input(course: Course) -> None:
    keys = {evidence.key_of({**a_body()["inputs"], name: "x"}) for name in a_body()["inputs"]}
    assert len(keys | {evidence.key_of(a_body()["inputs"])}) == 5


@pytest.mark.parametrize("number", [1, 2])
def test_a_changed_or_missing_record_breaks_the_chain(course: Course, number: int) -> None:
    for points in (10, 20, 30):
        evidence.append(course, "a", "ada", a_body(points), b"{}")
    path = evidence.folder(course, "a", "ada") / f"{number}.json"
    path.chmod(0o644)
    text = path.read_text()
    path.write_text(text.replace("0.0" if "0.0" in text else "0", "99", 1))
    with pytest.raises(CourseError, match="chain of evidence is broken"):
        evidence.history(course, "a", "ada")
    path.unlink()
    with pytest.raises(CourseError, match="chain of evidence is broken"):
        evidence.history(course, "a", "ada")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "\udcff"])
def test_a_record_that_cannot_be_read_is_told(course: Course, text: str) -> None:
    evidence.append(course, "a", "ada", a_body(), b"{}")
    path = evidence.folder(course, "a", "ada") / "1.json"
    path.chmod(0o644)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CourseError, match="cannot be read"):
        evidence.latest(course, "a", "ada")
    with pytest.raises(CourseError, match="cannot be read"):
        evidence.history(course, "a", "ada")


def test_a_changed_notebook_is_seen(course: Course) -> None:
    record = evidence.append(course, "a", "ada", a_body(), b"{}")
    path = evidence.folder(course, "a", "ada") / "1.ipynb"
    path.chmod(0o644)
    path.write_text('{"cells": []}')
    with pytest.raises(CourseError, match="not the one"):
        evidence.notebook(course, record)


def test_what_a_kill_between_the_two_files_left_is_replaced(course: Course) -> None:
    folder = evidence.folder(course, "a", "ada")
    folder.mkdir(parents=True)
    (folder / "1.ipynb").write_text("half a note")
    record = evidence.append(course, "a", "ada", a_body(), b"{}")
    assert evidence.notebook(course, record) == {}


def test_what_a_kill_left_beside_a_finished_record_is_put_away(tmp_path: Path) -> None:
    """Between giving a file its name and taking the other one away; nothing will be appended."""
    course = Course(tmp_path)
    body = {"outcome": "graded", "inputs": {}}
    evidence.append(course, "a", "ada", body, b"{}")
    left = evidence.folder(course, "a", "ada") / ".1.json.4711"
    left.write_text("{}")
    evidence.tidy(course, "a", "ada")
    assert not left.exists()
    assert len(evidence.history(course, "a", "ada")) == 1
