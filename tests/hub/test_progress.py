"""How far a candidate is, read from what they saved; which they may have made into anything."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worksample.hub.inside import DISK_MB, NOTE, progress
from worksample.workbook import tasks
from worksample.workbook.verdicts import Verdict, saved, visible_check

SLOPE = "SLOPE = None"
LATER = itertools.count(step=1_000_000)


def cell(name: str, kind: str, source: str, **rest: Any) -> dict[str, Any]:
    marks = {"nbgrader": {"grade_id": name}, "worksample": {"kind": kind}}
    return {"cell_type": "code", "metadata": marks, "source": source, "outputs": [], **rest}


def printed(text: str) -> list[dict[str, Any]]:
    return [{"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}]


def notebook(answer: str = SLOPE, said: str = "", ran: tuple[int, int] = (1, 2)) -> dict[str, Any]:
    check = 'with visible_check("slope"):\n    assert SLOPE'
    return {
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": "## 1. The slope"},
            cell("slope_answer", "answer", answer, execution_count=ran[0]),
            cell("slope", "check", check, execution_count=ran[1], outputs=printed(said)),
        ]
    }


def put(home: Path, book: object, **facts: object) -> None:
    folder = home / "line"
    folder.mkdir(exist_ok=True)
    listed = tasks.of_cells(notebook()["cells"])
    (folder / "worksample.json").write_text(json.dumps({"tasks": listed, **facts}))
    (folder / "line.ipynb").write_text(json.dumps(book))
    os.utime(folder / "line.ipynb", ns=(0, next(LATER)))  # saved again, whatever a clock says


def the_task(home: Path) -> dict[str, Any]:
    ((task,),) = [each["tasks"] for each in progress.attempts(home)]
    return dict(task)


def test_a_task_is_empty_as_it_came_or_answered_and_its_check_says_what_it_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, notebook())
    assert the_task(tmp_path)["state"] == "as it came"
    assert the_task(tmp_path)["checks"] == [
        {"name": "slope", "passed": None, "says": "", "before": False}
    ]
    put(tmp_path, notebook(""))
    assert the_task(tmp_path)["state"] == "empty"
    for answer, passed, says in ((0.0, False, "not zero: please"), (2.0, True, "")):
        with visible_check("slope"):  # what stands in a notebook is what it prints
            if not answer:  # an assert of this file would be told in pytest's words
                raise AssertionError("not zero: please")
        put(tmp_path, notebook(f"SLOPE = {answer}", capsys.readouterr().out))
        task = the_task(tmp_path)
        assert (task["title"], task["state"]) == ("1. The slope", "answered")
        check = {"name": "slope", "passed": passed, "says": says, "before": False}
        assert task["checks"] == [check]
    put(tmp_path, notebook("SLOPE = 3", "✓ slope: it can be used\n", ran=(3, 2)))
    assert the_task(tmp_path)["checks"][0]["before"]


def test_only_what_stands_below_a_check_is_taken_for_what_it_said() -> None:
    book = notebook("print('✓ slope: it can be used')")
    book["cells"][1]["outputs"] = printed("✓ slope: it can be used\n")
    assert saved(book["cells"]) == {}
    book["cells"][2]["outputs"] = printed("noise\n✗ slope: first\n✗ slope: no\n    in f, line 3\n")
    assert saved(book["cells"])["slope"].verdict == Verdict("slope", False, "no")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "metadata", "outputs", "text", "name", "tasks"])
            | st.sampled_from(["cell_type", "cell", "checks", "nbgrader", "worksample", "title"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(cells=JSON, listed=JSON)
def test_whatever_a_candidate_wrote_into_their_files_is_survived(
    tmp_path_factory: pytest.TempPathFactory, cells: Any, listed: Any
) -> None:
    home = tmp_path_factory.getbasetemp() / "hostile-home"
    home.mkdir(exist_ok=True)
    given_cells = [cells, *notebook()["cells"]] if isinstance(cells, dict) else cells
    put(home, {"cells": given_cells}, tasks=[listed] if isinstance(listed, dict) else listed)
    json.dumps(progress.attempts(home))


def test_links_and_what_is_no_notebook_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, notebook())
    (tmp_path / "link").symlink_to(tmp_path / "line")
    assert [each["assignment"] for each in progress.attempts(tmp_path)] == ["line"]
    (tmp_path / "line" / "line.ipynb").write_bytes(b"\xff{")
    assert the_task(tmp_path)["state"] == "not there"
    (tmp_path / "line" / "line.ipynb").unlink()
    (found,) = progress.attempts(tmp_path)
    assert (found["notebook"], found["tasks"]) == ("", [])


def test_room_and_the_note_of_whoever_ended_the_kernels(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 100_000)
    said = progress.Room(tmp_path).said({DISK_MB: "7"})
    assert said["allowed"] == 7 * 2**20
    assert 100_000 <= said["used"] < 200_000
    assert progress.Room(tmp_path).said({})["allowed"] is None
    assert progress.why_kernels_ended(tmp_path) == ""
    (tmp_path / NOTE).write_text("More than 1 MB of memory.\n")
    assert progress.why_kernels_ended(tmp_path) == "More than 1 MB of memory."
