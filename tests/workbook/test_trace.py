"""The decision trace, without a browser: what the fields hold and what the cell says."""

from types import SimpleNamespace

import pytest

from worksample.workbook import DecisionTrace, noted, trace

HYPOTHESES = [
    SimpleNamespace(id="a", title="It was A", family="one"),
    SimpleNamespace(id="b", title="It was <B>", family="two"),
]
CELL = 'spread_1 = {}\nnext_test_1 = ""\nDecisionTrace(1, spread_1, next_test_1, HYPOTHESES)'


class Shell:
    """What the widget needs of IPython's shell: the running cell's text, and replacing it."""

    def __init__(self):
        self.user_ns, self.cell, self.asked = {}, CELL, []

    def get_parent(self):
        return {"content": {"code": self.cell}}

    def set_next_input(self, text, replace):
        assert replace
        self.asked.append(text)
        self.cell = text

    def run(self):
        """Run the cell as the kernel would."""
        names = {"DecisionTrace": DecisionTrace, "HYPOTHESES": HYPOTHESES}
        *statements, last = self.cell.splitlines()
        exec("\n".join(statements), names)
        shown = eval(last, names)
        self.user_ns.update(names)
        return shown


@pytest.fixture
def shell(monkeypatch):
    monkeypatch.setattr(trace, "_kept", {})
    made = Shell()
    monkeypatch.setattr(trace.celltext, "shell_here", lambda: made)
    return made


def test_fields_are_written_into_the_cell_at_its_next_run(shell):
    shown = shell.run()
    assert shell.asked == []  # nothing given, nothing to write
    shown.widget()
    shown._fields["a"].value = 30
    shown._fields["b"].value = 70
    shown._next.value = 'by "host"'
    assert trace.unwritten() == ["1"]
    with pytest.raises(AssertionError, match="run that cell once more"):
        noted(1, {}, "")
    shell.run()
    assert 'spread_1 = {"a": 30, "b": 70}' in shell.cell
    assert 'next_test_1 = "by \\"host\\""' in shell.cell
    assert 'HYPOTHESES, at="2' in shell.cell
    names = shell.run().spread
    assert names == {"a": 30, "b": 70}
    assert len(shell.asked) == 1  # running it again changes nothing
    assert noted(1, names, "x")["at"].startswith("2")


def test_typed_text_wins_over_older_fields(shell):
    shown = shell.run()
    shown.widget()
    shown._fields["a"].value = 100
    shell.cell = shell.cell.replace("{}", '{"b": 100}')
    assert shell.run().spread == {"b": 100}
    assert 'spread_1 = {"b": 100}' in shell.cell
    assert trace.unwritten() == []


def test_points_that_code_works_out_are_the_same_at_every_run(shell):
    shell.cell = (
        'spread_1 = {"a": 10}\nspread_1["a"] += 20; spread_1["b"] = 70\n'
        'next_test_1 = "replay"\nDecisionTrace(1, spread_1, next_test_1, HYPOTHESES)'
    )
    before = shell.cell
    for _ in range(3):
        shown = shell.run()
        assert shown.spread == {"a": 30, "b": 70}
    assert shell.cell.replace(f', at="{trace._kept["1"].at}"', "") == before
    shown.widget()
    shown._fields["a"].value = 25
    shown._fields["b"].value = 75
    for _ in range(2):
        assert shell.run().spread == {"a": 25, "b": 75}
    assert trace.unwritten() == []
    assert shell.cell.startswith(before[: before.index("next_test")])


def test_says_how_many_points_are_left(shell):
    shown = shell.run()
    shown.widget()
    assert "100 of 100 points left" in shown._status.value
    shown._fields["a"].value = 60
    assert "40 of 100 points left" in shown._status.value
    shown._fields["b"].value = 60
    assert "20 points too many" in shown._status.value
    shown._fields["b"].value = 40
    assert "all 100 points given" in shown._status.value


def test_reads_without_widgets_and_escapes(shell):
    shown = DecisionTrace(2, {"b": 100}, "<script>", HYPOTHESES)
    bundle = shown._repr_mimebundle_()
    assert "It was &lt;B&gt;" in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]
    assert '{"b": 100}' in bundle["text/plain"]


def test_works_outside_a_notebook():
    assert DecisionTrace("x", {"a": 100}, "", HYPOTHESES).total == 100
