"""The workbook as a candidate meets it."""

from __future__ import annotations

import contextlib
import io

import ipywidgets as widgets
import pytest

from worksample import assignments

from .drawn import FOLDER, case, notebook, strong

SAMPLE = assignments.load(FOLDER)


@pytest.mark.parametrize("level", SAMPLE.levels)
def test_minutes_add_up_and_stand_in_the_headings(level):
    cells = SAMPLE.cells_of(level)
    assert sum(cell.minutes for cell in cells) == SAMPLE.minutes.work == 35
    for cell in cells:
        if cell.source.startswith("## "):
            unit = "minute" if cell.minutes == 1 else "minutes"
            assert f"· {cell.minutes:g} {unit}" in cell.source.splitlines()[0], cell.id


def test_points_stand_in_the_brief():
    brief = SAMPLE.cell("brief").source
    points = {cell.id: int(cell.points) for cell in SAMPLE.checks}
    for text in (
        f"the quarter {points['quarter']}", f"own numbers {points['numbers']}",
        f"own failures {points['failures']}", f"structure {points['structure']}",
        f"a change {points['change']}",
    ):  # fmt: skip
        assert text in brief
    assert len(brief.split()) < 600


def test_forms_are_told_and_nothing_of_what_is_right():
    with notebook(case()) as names:
        current = names["case"].current
        assert names["design_problem"]("components: {}")
        assert not names["design_problem"](current)
        assert names["numbers_problem"]({"rows_day": (2, 1)})
        assert names["failures_problem"]({"schema": ("nobody", "nobody", 0, 1)}, current)
        answers = strong()
        assert not names["numbers_problem"](answers["numbers"])
        bad = dict.fromkeys(answers["failures"], ("nobody", "ghost", 0, 1))
        assert "ghost" in names["failures_problem"](bad, current)


def test_views_have_words_and_a_line_to_repeat_them():
    with notebook(case()) as names:
        current = names["case"].current
        views = [
            names["show"](current), names["rows"](), names["rehearse"](current, growth=1.2),
            names["rehearse"](current, event="late", needs={"freshness_h": 3}),
        ]  # fmt: skip
        for view in views:
            assert view.png
            assert len(view.alt) > 40
            assert view.line.endswith(")")
        assert len(names["parts"]()) >= 25
        assert "every_h" in names["parts"]("trainer").index
        with pytest.raises(ValueError, match="event is one of none, schema, late, trainer"):
            names["rehearse"](current, event="value")
        with pytest.raises(ValueError, match="'freshness' is no requirement"):
            names["rehearse"](current, needs={"freshness": 1})


def test_a_change_is_opened_when_asked_for():
    with notebook(case()) as names, contextlib.redirect_stdout(io.StringIO()) as said:
        assert not any(
            "All else is as it was" in p.read_text() for p in case().public.glob("*.[jm]*")
        )
        names["open_change"]()
    assert "All else is as it was" in said.getvalue()


def fields(box: widgets.Widget) -> list[widgets.SelectMultiple]:
    found = [box] if isinstance(box, widgets.SelectMultiple) else []
    return found + [each for child in getattr(box, "children", ()) for each in fields(child)]


def test_juniors_connect_parts_by_a_form():
    """Every arrow has a field; what is chosen there is the design."""
    with notebook(case("junior")) as names:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            names["offered"]()
        assert not names["design_problem"](said.getvalue())
        edited = names["form"](said.getvalue())
        arrows = next(f for f in fields(edited.widget()) if f.tooltip == "what forget leads to")
        assert set(arrows.value) == {"bucket"}
        arrows.value = ("bucket", "lookup", "copies", "said")
        assert edited.read().design.components["forget"].to == arrows.value
