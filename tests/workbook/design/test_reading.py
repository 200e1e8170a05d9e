"""Designs from text: what is right is read, what is wrong is told with its line, nothing raises."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worksample.workbook.design.reading import as_yaml

from .firms import FACTS, design

TEXT = as_yaml(design().plain())
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\ncomponents: [*b, *b]\n"
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


def test_what_is_written_is_read_again():
    read = FACTS.read(TEXT)
    assert read.design == design()
    jsonschema.validate(design().plain(), FACTS.catalogue.schema())


@pytest.mark.parametrize(
    ("old", "new", "below", "said"),
    [
        ("queue: 100", "qeue: 100", 0, "no setting 'qeue'"),
        ("queue: 100", "queue: -1", 0, "a number from 0"),
        ("queue: 100", "queue: .nan", 0, "a number from 0"),
        ("least: 4", "least: 0.5", 0, "a number from 1"),
        ("least: 4", "least: 4.5", 0, "a whole number"),
        ("zones: [a, b]\n    scale", "zones: [a, a]\n    scale", 0, "names nothing twice"),
        ("kind: pool", "kind: pond", 0, "`kind:` is one of"),
        ("to: [features]", "to: [feature]", 0, "no component 'feature'"),
        ("to: [models]", "to: [features]", 0, "joined to cache or pool or simple"),
        ("kind: gateway", "kind: gateway\n    kind: gateway", 1, "stands twice"),
        ("  models:\n", "  Models!:\n", 0, "names have small letters"),
        ("least: 4", "least: [", 0, "no YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, below, said):
    assert old in TEXT
    read = FACTS.read(TEXT.replace(old, new, 1))
    assert read.design is None
    assert said in read.complaint
    line = TEXT[: TEXT.index(old)].count("\n") + 1 + below
    assert "YAML" in said or line in {each.line for each in read.problems}, read.complaint


@pytest.mark.parametrize("text", [BOMB, "x" * 20_001, None, "", "- 1", "components: {}", "\0"])
def test_what_is_no_design_is_refused_in_words(text):
    read = FACTS.read(text)
    assert read.design is None
    assert read.complaint


@pytest.mark.parametrize(
    "value",
    [
        *("2001-99-99", "!!int 0x", "!!int ''", "!!float x", "!!bool maybe", "!!timestamp x"),
        *("!!timestamp 2001-01-01T99:00:00Z", "1" * 5000, "[" * 900 + "]" * 900, "!!binary aGk="),
        *("!!set {a, b}", "!!omap [a: 1]", "2001-01-01", "!!python/object:os.system x", ".nan"),
        *("? {a: b}\n  : c", "!!str [1]", "!!null x", "1:2:3", "<<: x"),
    ],
)
@pytest.mark.parametrize("place", ["{}", "a: {}", "components:\n  a: {}", "zones: {}", "{}: 1"])
def test_no_text_makes_it_raise(place, value):
    """It is read by a check, and one that raises is a fault of ours: not gradable, at will."""
    read = FACTS.read(place.format(value))
    assert read.design is None
    assert read.complaint


def test_a_design_that_cannot_work_is_told_why():
    data = design().plain()
    data["components"]["models"]["serves"] = ["quick"]
    assert "nothing serves heavy" in FACTS.checked(data).complaint
    data = design().plain()
    data["components"]["models"]["least"] = 300
    assert "100 of plain are to be had in a zone" in FACTS.checked(data).complaint
    data = design().plain()
    data["components"]["front"]["overload"] = "simple"
    assert "needs a component of that kind" in FACTS.checked(data).complaint


@settings(max_examples=25, deadline=None)
@given(SHAPES, st.sampled_from(["components", "models", "zones", "least", "to", "kind"]))
def test_no_data_make_it_raise(value, where):
    """On the trusted side designs come as a stranger's data."""
    data = json.loads(json.dumps(design().plain()))
    if where == "components":
        data[where] = value
    elif where == "models":
        data["components"][where] = value
    else:
        data["components"]["models"][where] = value
    read = FACTS.checked(data)
    assert (read.design is None) == bool(read.complaint)
