"""The talk: slides of a notebook as one page, with a clock and keys, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from tests.browser import NEEDS_BROWSER, launch
from tests.exchange.test_pages import looked_at
from worksample.workbook import talk

SLIDES = (
    "# What we ask\n- **one** decision\n- a *range*\n> Begin with the owner.",
    "# What it is worth\n![losses by month](losses)\n> Paul: four times out of five.",
    "# The end",
)
needs_browser = NEEDS_BROWSER[1]


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([1, 2, 3])
    made = talk.present(SLIDES, minutes=10, pictures={"losses": figure})
    assert len(made.slides) == 3
    return tmp_path / talk.FILE


def test_slides_are_a_page_without_a_network(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "<strong>one</strong>" in text
    assert 'alt="losses by month"' in text
    assert not re.search(r"https?://|src=\"(?!data:)", text)
    assert "unsafe-inline" not in text
    assert text.count("<script>") == 1
    shown = talk.present(SLIDES)._repr_html_()
    assert "Begin with the owner." in shown
    assert "<script" not in shown


@pytest.mark.parametrize(
    "hostile",
    [
        "# <script>alert(1)</script>",
        "# x\n- <img src=x onerror=alert(1)>",
        "> </div></main><script>alert(1)</script>",
        '# " onfocus="alert(1)',
        "![a](javascript:alert(1))",
    ],
)
def test_what_is_written_stays_text(hostile: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    talk.present([hostile])
    text = (tmp_path / talk.FILE).read_text("utf-8")
    assert text.count("<script>") == 1
    assert "<img" not in text
    assert ' onfocus="' not in text


def test_what_is_no_talk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for slides in ([], ["x"] * 41, ["x" * 4001]):
        with pytest.raises(ValueError, match="one to 40 slides"):
            talk.present(slides)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@needs_browser
def test_it_is_held_by_keys_alone(page: Path, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    shown, said = context.new_page(), []
    shown.on("console", lambda message: said.append(message.text))
    shown.goto(page.as_uri())
    assert shown.locator(".slide:visible h1").all_inner_texts() == ["What we ask"]
    assert "Begin with the owner." in shown.locator("#notes").inner_text()
    assert not shown.locator(".slide .notes").first.is_visible()
    shown.keyboard.press("ArrowRight")
    assert shown.locator(".slide:visible h1").inner_text() == "What it is worth"
    assert "The end" in shown.locator("#after").inner_text()
    assert "not started" in shown.locator("#clock").inner_text()
    shown.keyboard.press("t")
    assert shown.locator("#clock").inner_text() in ("10:00 left", "9:59 left")
    shown.keyboard.press("End")
    assert shown.locator("#place").inner_text() == "Slide 3 of 3"
    shown.keyboard.press("Home")
    with context.expect_page() as opened:
        shown.keyboard.press("w")
    audience = opened.value
    audience.locator(".slide:visible").wait_for()
    assert not audience.locator("#desk").is_visible()
    shown.keyboard.press("PageDown")
    audience.get_by_role("heading", name="What it is worth").wait_for()
    shown.keyboard.press("n")
    assert not shown.locator("#desk").is_visible()
    assert not said, said  # the page's policy forbade nothing


@needs_browser
def test_it_can_be_read_by_everybody_and_without_the_script(page: Path, browser: Any) -> None:
    seen = browser.new_context(viewport={"width": 1100, "height": 800}, bypass_csp=True).new_page()
    seen.goto(page.as_uri())
    looked_at(seen, "the talk")
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(page.as_uri())
    assert len(plain.locator(".slide:visible").all()) == 3
    assert plain.get_by_text("Begin with the owner.").is_visible()
    assert not plain.locator("#desk").is_visible()


@needs_browser
def test_on_paper_the_current_slide_is_one_of_all(page: Path, browser: Any) -> None:
    """It had the room of a screen below it, stood further in, and its blank was blank on paper."""
    seen = browser.new_context(viewport={"width": 1100, "height": 800}).new_page()
    seen.goto(page.as_uri())
    seen.emulate_media(media="print")

    def boxes() -> list[tuple[float, float]]:
        found = [slide.bounding_box() for slide in seen.locator(".slide:visible").all()]
        return [(box["x"], box["height"]) for box in found]

    first = boxes()
    seen.keyboard.press("End")
    seen.keyboard.press("b")
    assert len(first) == 3
    assert len({x for x, _ in first}) == 1
    assert boxes() == first
