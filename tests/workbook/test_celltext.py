"""Rewriting a cell's own text."""

import pytest

from worksample.workbook.celltext import with_assignments, with_keyword

CELL = """# my first view – ✎
spread_1 = {
    "a": 10,  # why
    "b": 90,
}
next_test_1 = "x"; other = 1
decision_trace(1, spread_1, next_test_1)
"""


def test_rewrites_only_the_assigned_expressions():
    new = with_assignments(CELL, {"spread_1": '{"a": 100}', "next_test_1": '"ümlaut"'})
    assert new == (
        '# my first view – ✎\nspread_1 = {"a": 100}\nnext_test_1 = "ümlaut"; other = 1\n'
        "decision_trace(1, spread_1, next_test_1)\n"
    )


def test_columns_are_counted_in_bytes():
    assert (
        with_assignments('é = "ü"; a = 1; b = 2', {"b": "3", "a": "4"}) == 'é = "ü"; a = 4; b = 3'
    )


def test_a_missing_assignment_comes_first():
    assert with_assignments("show()\n", {"a": "1"}) == "a = 1\nshow()\n"


@pytest.mark.parametrize(
    "computed",
    [
        "a = {}\nfor name in 'xy':\n    a[name] = 50\n",
        "a = dict(x=50, y=50)\n",
        "a = {'x': 40, 'y': 50}; a['x'] += 10\n",
        "a = b = {'x': 50, 'y': 50}\n",
    ],
)
def test_what_code_works_out_stays_and_the_last_use_sees_the_new_value(computed):
    once = with_assignments(f"{computed}show(a)\n", {"a": "{'x': 100}"})
    assert once == f"{computed}a = {{'x': 100}}\nshow(a)\n"
    twice = with_assignments(once, {"a": "{'y': 100}"})
    assert twice == f"{computed}a = {{'y': 100}}\nshow(a)\n"


@pytest.mark.parametrize(
    "source",
    [
        "a = f()\n@cache\ndef g():\n    return a\nshow(g())\n",
        "é = f(); a = f(); show(a)\n",
        "def show_it():\n    show(a)\na = {}\nshow_it()\n",
        "a: dict = {}\nshow(a)\n",
        "a = {}\r\nshow(a)\r\n",
        "if True:\n    a = f()\nif True:\n    show(a)\n",
    ],
)
def test_wherever_it_stands_the_last_use_sees_the_new_value(source):
    shown = []
    for value in ({"x": 1}, {"y": 2}):
        source = with_assignments(source, {"a": repr(value)})
        exec(source, {"f": dict, "cache": lambda g: g, "show": shown.append})
        assert shown.pop() == value
    assert source.count("{'y': 2}") == 1
    assert "{'x': 1}" not in source


@pytest.mark.parametrize("source", ["%%time\nspread_1 = {}", "spread_1 = {", "!ls\nspread_1 = {}"])
def test_what_is_not_plain_python_stays(source):
    assert with_assignments(source, {"spread_1": "{}"}) == source
    assert with_keyword(source, "f", "at", "1") == source


def test_a_keyword_is_added_and_then_replaced():
    once = with_keyword(CELL, "decision_trace", "at", '"10:42"')
    assert 'decision_trace(1, spread_1, next_test_1, at="10:42")' in once
    twice = with_keyword(once, "decision_trace", "at", '"10:50"')
    assert 'decision_trace(1, spread_1, next_test_1, at="10:50")' in twice
    assert with_keyword("workbook.DecisionTrace(1, x)", "DecisionTrace", "at", "2") == (
        "workbook.DecisionTrace(1, x, at=2)"
    )
