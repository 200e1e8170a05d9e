"""The fields of a design: what is typed is checked at once, and goes into the cell."""

from __future__ import annotations

import ipywidgets as widgets
import pytest

from worksample.workbook.design import editor
from worksample.workbook.design.reading import as_yaml

from .firms import FACTS, design

TEXT = as_yaml(design().plain())


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(editor, "_kept", {})


def fields(box: widgets.Widget) -> list[widgets.Widget]:
    found = [box] if isinstance(box, widgets.ValueWidget) and hasattr(box, "description") else []
    return found + [each for child in getattr(box, "children", ()) for each in fields(child)]


def test_a_mistake_is_shown_as_it_is_typed_and_the_picture_comes_back():
    edited = editor.DesignEditor("DESIGN", TEXT, FACTS)
    area = next(f for f in fields(edited.widget()) if isinstance(f, widgets.Textarea))
    area.value = TEXT.replace("queue: 100", "queue: <b>")
    assert "1 mistake" in edited._state.value
    assert "line 21" in edited._shown.value
    assert "<b>" not in edited._shown.value.split("<ul>")[1]
    area.value = TEXT.replace("queue: 100", "queue: 90")
    assert "<img alt=" in edited._shown.value
    assert "press Shift+Enter" in edited._state.value


def test_what_was_typed_wins_when_the_cell_runs_again_and_its_own_text_when_that_changed():
    first = editor.DesignEditor("DESIGN", TEXT, FACTS)
    area = next(f for f in fields(first.widget()) if isinstance(f, widgets.Textarea))
    area.value = TEXT.replace("queue: 100", "queue: 90")
    assert "queue: 90" in editor.DesignEditor("DESIGN", TEXT, FACTS).text
    other = TEXT.replace("queue: 100", "queue: 80")
    assert editor.DesignEditor("DESIGN", other, FACTS).text == other


def test_a_form_has_a_field_for_every_setting_and_writes_the_same_text():
    made = editor.DesignEditor("DESIGN", TEXT, FACTS, form=True)
    named = {each.description: each for each in fields(made.widget()) if each.description}
    assert {"connections", "timeout_ms (ms)", "least", "zones", "on_timeout"} <= set(named)
    named["nodes"].value = 9
    read = made.read().design
    assert read is not None
    assert read.components["features"].settings["nodes"] == 9
