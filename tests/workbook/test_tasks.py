"""The list of tasks: every answer cell, what it is called, and what has become of it."""

from __future__ import annotations

import pytest

from worksample.workbook import tasks


def cell(name, source, kind="given", type="code"):
    return {"id": name, "cell_type": type, "source": source, "metadata": _marks(name, kind)}


def _marks(name, kind):
    return {"worksample": {"cell": name, "kind": kind}}


BOOK = [
    cell("brief", "# The title of it all", type="markdown"),
    cell("about", "## 6 · When did it begin? · 2 minutes ✎ · 10 points", type="markdown"),
    cell("onset_answer", 'ONSET = ""', "answer"),
    cell("onset", 'with visible_check("onset"):\n    pass', "check"),
    cell("about_next", "## 2. The next one (15 minutes, 60 points)", type="markdown"),
    cell("guard_answer", "def guard(): ...", "answer"),
    cell("shares_answer", "SHARES = {}", "answer"),
    cell("guard", "with visible_check('guard'): ...\nwith visible_check('shares'): ...", "check"),
    cell("note_answer", "…", "answer", "markdown"),
    cell("old", "assert True", "check"),
]


def test_titles_and_checks_come_from_the_notebook():
    listed = tasks.of_cells(BOOK)
    assert [(t["cell"], t["title"], t["checks"]) for t in listed] == [
        ("onset_answer", "6 · When did it begin?", ["onset"]),
        ("guard_answer", "2. The next one (guard)", ["guard"]),
        ("shares_answer", "2. The next one (shares)", ["shares"]),
        ("note_answer", "2. The next one (note)", []),
    ]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('ONSET = ""', "as it came"),
        (['ONSET = ""  \r\n', "\n"], "as it came"),
        ("", "empty"),
        (" \n", "empty"),
        ('ONSET = "2031-03-05"', "answered"),
    ],
)
@pytest.mark.parametrize("known_by", ["our mark", "nbgrader's", "the cell's id"])
def test_what_became_of_a_cell_whichever_mark_is_left(text, state, known_by):
    marks = {
        "our mark": {"worksample": {"cell": "onset_answer"}},
        "nbgrader's": {"nbgrader": {"grade_id": "onset_answer"}},
        "the cell's id": {},
    }[known_by]
    id = "onset_answer" if known_by == "the cell's id" else "0a1b"
    saved = {"id": id, "cell_type": "code", "source": text, "metadata": marks}
    (task, *_) = tasks.of_cells(BOOK)
    assert tasks.state(task, tasks.by_name([saved])) == state


def test_a_cell_that_is_gone_is_said_to_be():
    (task, *_) = tasks.of_cells(BOOK)
    assert tasks.state(task, {}) == "not there"
