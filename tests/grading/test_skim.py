"""A submitted file may hold sixty megabytes of anything: reading it takes little memory."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from worksample.errors import SubmissionError
from worksample.grading import repair, skim

JSON = dict[str, Any]
MB = 1 << 20
CELL = b'{"cell_type":"code","id":"mine","metadata":{},"outputs":[],"source":["a = 1\\n","b"]}'


def written(cells: bytes, metadata: bytes = b"{}") -> bytes:
    parts = (b'{"cells":[', cells, b'],"metadata":', metadata, b',"nbformat":4}')
    return b"".join(parts)


def repeated(piece: bytes, size: int) -> bytes:
    return b",".join([piece] * (size // (len(piece) + 1)))


FILES = {
    "metadata of lists": lambda n: written(CELL, b'{"x":[' + repeated(b"[]", n) + b"]}"),
    "metadata of numbers": lambda n: written(CELL, b'{"x":[' + repeated(b"0.1", n) + b"]}"),
    "metadata of texts": lambda n: written(CELL, b'{"x":[' + repeated(b'"ab"', n) + b"]}"),
    "metadata nested deep": lambda n: written(CELL, b'{"x":' + b"[" * n + b"]" * n + b"}"),
    "a cell's own metadata": lambda n: written(
        CELL.replace(b'"metadata":{}', b'"metadata":{"x":[' + repeated(b"{}", n) + b"]}")
    ),
    "stored outputs": lambda n: written(
        CELL.replace(b'"outputs":[]', b'"outputs":[' + repeated(b'{"a":[1]}', n) + b"]")
    ),
    "attachments in pieces": lambda n: written(
        CELL[:-1] + b',"attachments":{"a":[' + repeated(b'""', n) + b"]}}"
    ),
    "a source of lists": lambda n: written(
        CELL + b',{"cell_type":"code","source":[' + repeated(b"[]", n) + b"]}"
    ),
    "a mark of lists": lambda n: written(
        CELL.replace(b'"metadata":{}', b'"metadata":{"nbgrader":[' + repeated(b"[]", n) + b"]}")
    ),
    "cells that are none": lambda n: written(CELL + b"," + repeated(b"{}", n)),
    "cells": lambda n: written(CELL + b"," + repeated(CELL, n)),
    "an old format": lambda n: b'{"worksheets":[' + repeated(b"[]", n) + b"]}",
    "no notebook": lambda n: b"[" + repeated(b"[]", n) + b"]",
}


# those that are more than two megabytes, if they are to be unpacked, are refused unread
REFUSED = {"no notebook", "an old format"}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_anything_is_read_or_refused_in_bounded_memory(name: str) -> None:
    """Unpacked, sixty megabytes of lists were 1.7 GB in the process that collects everybody's."""
    data = FILES[name](MB // 5 if name not in REFUSED else 3 * MB)
    said = ""
    tracemalloc.start()
    try:
        raw, _ = repair.read(data)
        assert any(cell.get("id") == "mine" for cell in raw["cells"])
    except SubmissionError as error:
        said = error.what
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert bool(said) == (name in REFUSED), said
    assert peak < 7 * len(data)  # unpacked, lists are twenty times as much as they were


def test_only_what_is_asked_for_is_unpacked() -> None:
    raw, notes = repair.read(
        b' {"metadata":{"kernelspec":{"name":"x"},"widgets":[{}]} , "a":"\\"]", "cells" : [ {'
        b'"id":"b","cell_type":"markdown","attachments":{"a.png":{"image/png":"AA=="}},'
        b'"source":"{[\\"\\u00e4",'
        b'"metadata":{"nbgrader":{"grade_id":"g"},"tags":["x"]},"outputs":[{"text":"]}"}]}, 7, []],'
        b'"nbformat":4}\n'
    )
    assert raw["metadata"] == {"kernelspec": {"name": "x"}}
    assert raw["cells"] == [
        {
            "id": "b",
            "cell_type": "markdown",
            "attachments": {"a.png": {"image/png": "AA=="}},
            "source": '{["ä',
            "metadata": {"nbgrader": {"grade_id": "g"}},
        }
    ]
    assert [note.what for note in notes] == ["2 cells could not be read and were left out."]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"cells":[',
        b'{"cells":[]',
        b'{"cells":[]}x',
        b'{"cells":[}',
        b'{"cells" []}',
        b'{"cells":[{"a":"b}]}',
        b'{"cells":[{"source":"\xff","cell_type":"code"}]}',
        b'{"cells":[],}',
        b"{",
        b'{"a":{"b":[}',
    ],
)
def test_what_is_no_json_is_refused_in_words(broken: bytes) -> None:
    with pytest.raises(SubmissionError, match="it is not JSON"):
        repair.read(broken)


def test_answers_beyond_two_thousand_cells_are_taken_and_the_rest_is_told() -> None:
    """ "98 cells could not be read" was said of cells that could, and an answer may be the last."""
    cells = [{"cell_type": "code", "id": f"c{n}", "source": "1"} for n in range(2097)]
    cells.append({"cell_type": "code", "id": "slope_answer", "source": "SLOPE = 2"})
    data = json.dumps({"cells": cells, "nbformat": 4}).encode()
    raw, notes = repair.read(data, {"slope_answer": {}})
    assert [cell["id"] for cell in raw["cells"]][-2:] == ["c1999", "slope_answer"]
    assert len(notes) == 1
    assert notes[0].what.startswith("It has 2,098 cells. All answers were taken; 97 others ")


def test_more_text_than_a_person_types_is_left_out_and_told() -> None:
    cells = [{"cell_type": "code", "source": "x" * repair.MAX_SOURCE} for _ in range(9)]
    raw, notes = repair.read(json.dumps({"cells": cells, "nbformat": 4}).encode())
    assert len(raw["cells"]) == 7
    assert "2 others were left out" in notes[0].what


def test_steps_are_counted() -> None:
    with pytest.raises(skim.TooMuch):
        skim.notebook(b'{"x":[' + b"[]," * skim.MAX_STEPS + b"1]}", lambda cell: True)
