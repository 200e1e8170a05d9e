"""The notebook as a script: there and back, and nothing but its own cells."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.exchange.afar import TINY, answered, handed_in, invited, notebook_of, open_now
from worksample.course import Course
from worksample.errors import UploadError
from worksample.exchange import saved, script, sittings
from worksample.exchange.tables import opened

BOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "id": "brief", "source": ["# Title\n", "\n", "text"]},
            {"cell_type": "code", "id": "answer", "source": "", "outputs": ["x"]},
        ]
    }
).encode()


@given(some.lists(some.text(alphabet="ab #%\"'\\", max_size=12), max_size=6))
def test_what_is_written_into_a_cell_comes_back(lines: list[str]) -> None:
    text = "\n".join(lines).strip("\n")
    for cell in ("brief", "answer"):
        book = json.loads(BOOK)
        next(each for each in book["cells"] if each["id"] == cell)["source"] = text
        there = script.of_notebook(json.dumps(book).encode())
        back = json.loads(script.into_notebook(there, BOOK))
        found = next(each for each in back["cells"] if each["id"] == cell)["source"]
        assert _bare(found) == _bare(text)


def _bare(text: str) -> str:
    """Without the blanks at the ends of lines and of the whole, which editors take off."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"print(1)", "none of its lines"),
        (b'# %% cell="other"\nx = 1', "line 1: the cell 'other' is not in"),
        (b'# %% cell="answer"\n# %% cell="answer"\n', "line 2: the cell 'answer' is there twice"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"x" * (script.MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_is_no_script_of_it_is_refused(text: bytes, words: str) -> None:
    with pytest.raises(UploadError, match=words):
        script.into_notebook(text, BOOK)


def test_a_script_is_handed_in_as_the_notebook(built: Course) -> None:
    """Who cannot use JupyterLab works in an editor; what is graded is the same."""
    open_now(built)
    (ada,) = invited(built, "ada")
    sitting = sittings.start(built, ada, TINY)
    own = answered(notebook_of(built, "ada"))
    text = script.of_notebook(own)
    assert b'# %% cell="slope_answer"\n' in text
    assert saved.save(built, sitting, {f"{TINY}.py": text, "mine.py": b"x"}) == [
        "mine.py",
        f"{TINY}.ipynb",
    ]
    handed_in(built, ada, saved.files(built, sitting))
    (row,) = opened(built).submissions(TINY, "ada")
    assert row.notes == []
    book = json.loads(saved.files(built, sitting)[f"{TINY}.ipynb"])
    sources = {each["id"]: each["source"] for each in json.loads(own)["cells"]}
    for cell in book["cells"]:
        if "answer" in cell["id"]:
            assert _bare(cell["source"]) == _bare("".join(sources[cell["id"]]))
    with pytest.raises(UploadError, match="the same work"):
        saved.save(built, sitting, {f"{TINY}.py": text, f"{TINY}.ipynb": own})
