"""A view behind fields, without a browser."""

from __future__ import annotations

import ipywidgets
import pandas as pd
import pytest

from worksample.workbook import Explored
from worksample.workbook.keys import CLASS, STAYS, with_own_keys
from worksample.workbook.plots import View


def drawn(column: str, day: int) -> View:
    if day == 3:
        raise ValueError("no <row> on day 3")
    return View(pd.DataFrame({column: [day]}), f'look("{column}", {day})', f"{column} on {day}")


@pytest.fixture
def shown() -> Explored:
    fields = {
        "column": ipywidgets.Dropdown(options=["wind", "rain"], description="Column"),
        "day": ipywidgets.IntSlider(value=1, min=1, max=3, description="Day"),
    }
    return Explored(drawn, fields)


def test_the_view_follows_the_fields(shown):
    assert 'look("wind", 1)' in shown._shown.value
    shown.fields["column"].value = "rain"
    shown.fields["day"].value = 2
    assert 'look("rain", 2)' in shown._shown.value
    assert shown.view.table.to_dict("list") == {"rain": [2]}


def test_what_cannot_be_drawn_is_told_and_the_fields_go_on(shown):
    shown.fields["day"].value = 3
    assert "no &lt;row&gt; on day 3" in shown._shown.value
    shown.fields["day"].value = 2
    assert 'look("wind", 2)' in shown._shown.value


def test_without_a_kernel_the_last_view_is_read(shown):
    shown.fields["day"].value = 2
    bundle = shown._repr_mimebundle_()
    assert 'look("wind", 2)' in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_what_stays_in_sight_comes_first():
    fields, state = ipywidgets.IntText(), ipywidgets.HTML("40 of 100 left")
    box = with_own_keys([fields], stays=state)
    assert list(box.children[:2]) == [state, fields]
    assert STAYS in state._dom_classes
    assert CLASS in box._dom_classes
