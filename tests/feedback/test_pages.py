"""The page as a browser shows it: on a phone, in one family, its links lead somewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser import NEEDS_BROWSER, launch
from tests.conftest import TINY
from tests.graded import add_grading, rate
from worksample.course import Course
from worksample.feedback import approval, drawing

pytestmark = [pytest.mark.slow, *NEEDS_BROWSER]

LONG = "a_name_that_is_much_longer_than_a_phone_is_wide_and_has_no_place_to_break_at" * 3
TEXT = f"# Note\n\n- {LONG}\n\n| a | b |\n|---|---|\n| {LONG} | {LONG} |\n\n```\n{LONG}\n```\n"
FAMILIES = """[...new Set([...document.querySelectorAll("main, main *")]
    .filter(each => !each.closest("code, pre"))
    .map(each => getComputedStyle(each).fontFamily))]"""
SMALLEST = """Math.min(...[...document.querySelectorAll("main *")]
    .filter(each => [...each.childNodes].some(
        part => part.nodeType === Node.TEXT_NODE && part.textContent.trim()))
    .map(each => parseFloat(getComputedStyle(each).fontSize)))"""
CUT_OFF = """[...document.querySelectorAll("pre")]
    .filter(each => each.scrollWidth > each.clientWidth || each.clientWidth > 340).length"""


@pytest.fixture
def page_file(graded: Course, tmp_path: Path) -> Path:
    add_grading(
        graded, "bob", {"slope": 20, "predict": 3}, message=f"See {LONG}.",
        answers={"slope_answer": f"SLOPE = {LONG!r}", "explanation_answer": TEXT},
        status={"predict_answer": "error"},
    )  # fmt: skip
    rate(graded, "bob", 2, evidence=LONG)
    path = tmp_path / "page.html"
    path.write_bytes(drawing.draw(approval.build(graded, TINY, "bob")).page)
    return path


def test_a_phone_shows_it_without_moving_sideways(page_file: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page: Any = browser.new_page(viewport={"width": 360, "height": 740})
        page.goto(page_file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.evaluate("document.querySelector('img').clientWidth") <= 340
        assert page.evaluate(SMALLEST) >= 12
        assert page.evaluate(CUT_OFF) == 0  # code breaks its lines; nothing tells that it moves
        families = page.evaluate(FAMILIES)
        assert len(families) == 1
        # the style sheet was escaped once, and every family with a quote in it was dropped
        assert families[0].startswith('"DejaVu Sans"')
        lost = page.evaluate(
            """[...document.querySelectorAll("a[href^='#']")]
            .map(each => each.getAttribute("href").slice(1))
            .filter(each => each !== "what-happened" && !document.getElementById(each))"""
        )
        assert lost == []
        browser.close()
