"""Interview kits as pages: two sheets of paper, readable on a screen, and nothing but text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.browser import NEEDS_BROWSER, launch
from worksample import kits
from worksample.assignments.scorecard import STAGES
from worksample.cli import main
from worksample.course import Course
from worksample.handouts import kit as pages


@pytest.fixture
def written(course: Course, tmp_path: Path) -> list[Path]:
    """Every page, as the command writes it."""
    done = CliRunner().invoke(main, ["kit", "--all", "--into", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    found = sorted((tmp_path / "out").glob("*.html"))
    assert len(found) == len(kits.NAMES) + 1
    return found


@pytest.mark.parametrize("name", kits.NAMES)
def test_a_page_holds_all_of_its_kit(course: Course, name: str) -> None:
    kit, text = kits.kit(course, name), pages.page(course, name)
    shown = re.sub(r"&#39;", "'", re.sub(r"&amp;", "&", text))
    for question in kit.questions:
        for words in (question.ask, *question.areas, *question.follow_ups, question.guidance):
            assert words in shown
    for anchors in (*kit.dimensions.values(), *kit.outcomes.values()):
        assert all(anchor in shown for anchor in anchors.values())
    assert all(dimension in shown for dimension in STAGES.get(kit.stage, ()))
    assert ("strong no hire" in shown) == (name != "reference-check")
    assert not re.search(r"<script|https?://|src=|url\(", text)


def test_markup_in_a_company_s_words_stays_text(course: Course) -> None:
    path, _ = kits.own(course, "screening")
    path.write_text(path.read_text().replace("Screening interview", "<script>x</script>"))
    assert "<script" not in pages.page(course, "screening")


def test_values_of_the_company_are_asked_about(course: Course) -> None:
    path, _ = kits.own(course, "profile")
    value = 'Candour = { text = "We say it.", ask = "When did you?" }'
    path.write_text(f"{path.read_text()}{value}\n")
    assert "When did you?" in pages.page(course, "team-and-culture")
    assert "When did you?" not in pages.page(course, "screening")


@pytest.mark.browser
@NEEDS_BROWSER[1]
def test_each_prints_on_two_sheets_and_is_read_by_everybody(written: list[Path]) -> None:
    """Interviewers print kits: a third sheet with two lines on it is what they would curse."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 375, "height": 800})
        for path in written:
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") == 375, path.name
            if path.stem in ("debrief", "profile", "reference-check"):  # between them, all parts
                found = Axe().run(page).response["violations"]
                assert not found, (path.name, [each["id"] for each in found])
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, path.name
        browser.close()
