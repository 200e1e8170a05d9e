"""The workbook as a candidate meets it."""

from __future__ import annotations

import contextlib
import io

import pytest

from worksample import assignments

from .drawn import FOLDER, case, notebook, strong

SAMPLE = assignments.load(FOLDER)


@pytest.mark.parametrize("level", SAMPLE.levels)
def test_minutes_add_up_and_stand_in_the_headings(level):
    cells = SAMPLE.cells_of(level)
    assert sum(cell.minutes for cell in cells) == SAMPLE.minutes.work == 60
    for cell in cells:
        if cell.source.startswith("## "):
            unit = "minute" if cell.minutes == 1 else "minutes"
            assert f"· {cell.minutes:g} {unit}" in cell.source.splitlines()[0], cell.id


def test_points_stand_in_the_brief():
    brief = SAMPLE.cell("brief").source
    points = {cell.id: int(cell.points) for cell in SAMPLE.checks}
    for text in (
        f"today's limits {points['limits']}", f"six evenings {points['tomorrow']}",
        f"recovery {points['recovery']}", f"the way there {points['way']}",
        f"own forecast {points['forecast']}", f"disaster {points['disaster']}",
    ):  # fmt: skip
        assert text in brief
    assert len(brief.split()) < 600


def test_forms_are_told_and_nothing_of_what_is_right():
    with notebook(case()) as names:
        problems = {
            "limits": names["limits_problem"]([]),
            "design": names["design_problem"]("components: {}"),
            "way": names["way_problem"]({"steps": [], "stop_above": 1, "old_off": 0}),
            "forecast": names["forecast_problem"]({}, names["case"].current),
            "claim": names["claim_problem"]({"rto_min": (2, 1), "rpo_min": (0, 1)}),
        }
        assert all(problems.values()), problems
        answers = strong()
        assert not names["limits_problem"](answers["limits"])
        assert not names["way_problem"](answers["way"])
        assert not names["claim_problem"](answers["claim"])


def test_views_have_words_and_a_line_to_repeat_them():
    with notebook(case()) as names, contextlib.redirect_stdout(io.StringIO()):
        current, way = names["case"].current, strong()["way"]
        views = [
            names["show"](current),
            names["traffic"](),
            names["rehearse"](current, growth=2, event="store"),
            names["rehearse_way"](way, faulty=0.4, hidden_min=200),
        ]
        for view in views:
            assert view.png
            assert len(view.alt) > 40
            assert view.line.endswith(")")
        with pytest.raises(ValueError, match="event is one of none, crowd, store"):
            names["rehearse"](current, event="zone")
