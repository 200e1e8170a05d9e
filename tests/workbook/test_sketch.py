"""The sketch pad: a picture made in the browser, without a network, to be pasted into a cell."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from tests.browser import NEEDS_BROWSER, launch
from worksample.grading import clean
from worksample.workbook import sketch

needs_browser = NEEDS_BROWSER[1]


def test_the_pad_fetches_nothing_and_lies_in_a_frame_of_its_own():
    page = sketch.PAGE.read_text("utf-8")
    assert not re.search(r"https?://|\bsrc=|\bimport\b|fetch\(", page)
    shown = sketch.sketchpad()._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "<script" not in shown  # escaped, within the frame's attribute
    assert "Sketchpad" in repr(sketch.sketchpad())


def test_who_rates_sees_the_attached_picture_and_never_the_pad():
    """As a hostile picture: by its bytes, not by what it is called; a vector drawing is not one."""
    buffer = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(buffer, format="png")
    png = base64.b64encode(buffer.getvalue()).decode()
    given = {
        "sketch.png": {"image/png": png},
        "drawing.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"},
        "lie.png": {"image/png": "PHN2Zz48L3N2Zz4="},
    }
    assert list(clean.attachments(given)) == ["sketch.png"]


@pytest.mark.browser
@needs_browser
def test_what_is_drawn_is_in_the_picture_and_undo_takes_it_back(tmp_path: Path):
    playwright = pytest.importorskip("playwright.sync_api")
    page_file = tmp_path / "pad.html"
    page_file.write_text(sketch.PAGE.read_text("utf-8"))
    dark = """() => {
        const pad = document.getElementById("pad"), pen = pad.getContext("2d");
        return pen.getImageData(0, 0, pad.width, pad.height).data.filter((x, n) => n % 4 == 0
            && x < 128).length;
    }"""
    with playwright.sync_playwright() as running:
        browser = launch(running)
        page = browser.new_page()
        page.goto(page_file.as_uri())
        assert page.evaluate(dark) == 0
        pad = page.locator("#pad").bounding_box()
        for tool, way in (("box", (40, 40, 200, 120)), ("arrow", (200, 80, 320, 80))):
            page.click(f"[data-tool={tool}]")
            assert page.get_attribute(f"[data-tool={tool}]", "aria-pressed") == "true"
            page.mouse.move(pad["x"] + way[0], pad["y"] + way[1])
            page.mouse.down()
            page.mouse.move(pad["x"] + way[2], pad["y"] + way[3])
            page.mouse.up()
        both = page.evaluate(dark)
        page.click("#undo")
        one = page.evaluate(dark)
        assert both > one > 300
        with page.expect_download() as saved:
            page.click("#save")
        assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
        page.click("#clear")
        assert page.evaluate(dark) == 0
        page.screenshot(path=str(tmp_path / "pad.png"))
        browser.close()
