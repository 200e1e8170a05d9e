"""The picture of a design: where things stand, what it says without being seen."""

from __future__ import annotations

from xml.etree import ElementTree

from worksample.workbook.design.diagram import drawing, layout

from .firms import FACTS, design

KEPT = {"kind": "cache", "key": "item", "to": ["models"]}
HEAVY = {**design().plain()["components"]["models"], "serves": ["heavy"]}


def test_what_is_added_or_changed_leaves_the_rest_where_it_was():
    """Who writes looks for a part where it was a moment ago."""
    before = layout(design(), FACTS.catalogue)
    after = layout(
        design(
            front={"to": ["kept", "models", "second"]},
            models={"least": 9},
            second=HEAVY,
            kept=KEPT,
        ),
        FACTS.catalogue,
    )
    assert {name: after[name] for name in before} == before
    assert len(set(after.values())) == len(after)


def test_it_says_in_words_what_it_shows_and_is_the_same_each_time():
    made = drawing(design(), FACTS.catalogue)
    assert made.alt.startswith("Diagram of 3 components: front (gateway, asks models);")
    assert made.png[:8] == b"\x89PNG\r\n\x1a\n"
    again = drawing(design(), FACTS.catalogue)
    assert (made.svg, made.png) == (again.svg, again.png)
    assert list(made.table.index) == ["front", "models", "features"]


def test_words_of_a_design_are_words_in_its_picture():
    """A reason may hold anything: it is neither a formula nor markup."""
    wild = design(models={"because": "$\\frac{1}{0}$ <script>alert(1)</script> & 50 % of €5"})
    made = drawing(wild, FACTS.catalogue)
    root = ElementTree.fromstring(made.svg)
    assert not [each for each in root.iter() if each.tag.endswith("script")]
    shown = made.view("show(DESIGN)")._repr_html_()
    assert "<script>" not in shown
