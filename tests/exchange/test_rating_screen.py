"""The rating screen in a real browser: by keys alone, without its script, by mouse, on a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import NEEDS_BROWSER, launch
from tests.exchange.afar import PASSWORD, TINY, open_now
from tests.exchange.served import served
from tests.exchange.test_pages import looked_at
from tests.graded import add_grading
from worksample.course import Course
from worksample.exchange import people, rating_queue
from worksample.records import evidence
from worksample.records.tables import Records

pytestmark = [*NEEDS_BROWSER]
TEXT = "The line holds in the table. Beyond it I would measure first."
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


@pytest.fixture
def course(graded: Course) -> Iterator[tuple[Course, str]]:
    """Ada drew a figure and wrote two sentences; two people rate."""
    (graded.root / "course.toml").write_text("[scorecards]\ngraders = 2\n")
    open_now(graded)
    people.add(graded, "grace", "grader", PASSWORD)
    record = add_grading(
        graded, "ada", {"slope": 40, "predict": 57}, answers={"explanation_answer": TEXT}
    )
    book = evidence.notebook(graded, record)
    for cell in book["cells"]:
        if cell["id"] == "slope_answer":
            figure = {"image/png": DOT, "text/plain": "a line over points"}
            cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": figure}]
    body = {key: record[key] for key in record if key not in ("number", "time", "notebook")}
    evidence.append(graded, TINY, "ada", body, json.dumps(book).encode())
    with served(graded) as base:
        yield graded, base


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def _in(context: Any, base: str) -> Any:
    page = context.new_page()
    page.goto(base)
    page.get_by_label("Name").fill("grace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def _seen_in(page: Any, cell: str) -> None:
    """Wait until that cell is the evidence; not by a function, which the page's policy forbids."""
    page.locator(f"#cell option[value='{cell}']:checked").wait_for(state="attached")


def _at(course: Course, candidate: str) -> str:
    queue = rating_queue.work(course, TINY, "grace")
    return next(each.code for each in queue.subjects if each.name == candidate)


def test_a_grader_rates_by_keys_alone(course: tuple[Course, str], browser: Any) -> None:
    there, base = course
    context = browser.new_context(viewport={"width": 1300, "height": 800})
    page = _in(context, base)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{base}team/rating/attempts/{TINY}/{_at(there, 'ada')}")
    frame = page.frame_locator("#attempt")
    frame.locator("section.current h2", has_text="How far would you trust it").wait_for()
    state = page.locator("#state")
    page.keyboard.press("3")
    page.keyboard.press("s")
    page.keyboard.press("s")
    frame.locator("section.current").wait_for()
    page.keyboard.press("e")
    page.get_by_text("Saved as a draft.", exact=True).wait_for()
    assert page.locator("#evidence").input_value() == "“Beyond it I would measure first.”"
    page.keyboard.press("f")
    page.keyboard.press("e")
    _seen_in(page, "slope_answer")
    assert "Figure 1" in page.locator("#evidence").input_value()
    page.keyboard.press("g")
    page.keyboard.press("e")
    _seen_in(page, "explanation_answer")
    page.keyboard.press("w")
    page.keyboard.type(" 4 words")  # is written, and chooses no level
    page.keyboard.press("Escape")
    page.get_by_text("Saved as a draft.", exact=True).wait_for()
    assert page.locator("#level-3").is_checked()
    # keys go on working when the attempt has the focus
    frame.locator("#cell-explanation-answer p").click()
    page.keyboard.press("2")
    page.locator("#level-2:checked").wait_for()
    with page.expect_navigation():
        page.keyboard.press("n")
    assert _at(there, "bob") in page.url
    assert not Records(there.records_url).all_ratings(TINY, "ada")
    page.go_back()
    page.locator("#level-2:checked").wait_for()
    assert "4 words" in page.locator("#evidence").input_value()
    assert state.is_visible()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert "What others gave" in page.get_by_role("main").inner_text()
    (row,) = Records(there.records_url).all_ratings(TINY, "ada")
    assert (row.value, row.cell) == (2, "explanation_answer")
    assert not wrong, wrong
    # single keys can be switched off, and stay off
    page.goto(f"{base}team/rating/attempts/{TINY}/{_at(there, 'bob')}")
    page.locator("#keys summary").click()
    page.locator("#use-keys").uncheck()
    page.reload()
    page.locator("#main").focus()
    page.keyboard.press("3")
    page.wait_for_timeout(200)
    assert not page.locator("#level-3").is_checked()
    context.close()


def test_the_attempt_cannot_reach_the_screen_around_it(
    course: tuple[Course, str], browser: Any
) -> None:
    """A script that got into an attempt after all would have no origin, and no cookie."""
    there, base = course
    page = _in(browser.new_context(), base)
    page.goto(f"{base}team/rating/attempts/{TINY}/{_at(there, 'ada')}")
    page.frame_locator("#attempt").locator("section.current").wait_for()
    (frame,) = [each for each in page.frames if each.name == "attempt"]
    assert frame.evaluate("window.origin") == "null"
    reach = "() => { try { return parent.document.title } catch (e) { return e.name } }"
    assert frame.evaluate(reach) == "SecurityError"
    assert frame.evaluate("fetch('/team/').then(() => 'read', () => 'refused')") == "refused"
    page.evaluate("window.postMessage({from: 'attempt', event: 'key', key: '4'}, '*')")
    page.wait_for_timeout(200)
    assert not page.locator("#level-4").is_checked()  # said by somebody else


def test_it_needs_no_script_and_no_mouse(course: tuple[Course, str], browser: Any) -> None:
    there, base = course
    context = browser.new_context(java_script_enabled=False)
    page = _in(context, base)
    page.goto(f"{base}team/rating/attempts/{TINY}/{_at(there, 'ada')}")
    page.locator("#level-3").focus()
    page.keyboard.press("Space")
    page.locator("#cell").select_option("explanation_answer")
    page.locator("#evidence").fill("It says where the line holds.")
    with page.expect_navigation():
        page.locator("#go-on").press("Enter")
    assert _at(there, "bob") in page.url
    page.goto(f"{base}team/rating/attempts/{TINY}/{_at(there, 'ada')}")
    with page.expect_navigation():
        page.locator("#submit").press("Enter")
    assert "Submitted." in page.get_by_role("status").inner_text()
    (row,) = Records(there.records_url).all_ratings(TINY, "ada")
    assert (row.value, row.evidence) == (3, "It says where the line holds.")
    context.close()


def test_it_can_be_read_everywhere(course: tuple[Course, str], browser: Any) -> None:
    there, base = course
    at = f"{base}team/rating/attempts/{TINY}/{_at(there, 'ada')}"
    narrow = browser.new_context(
        viewport={"width": 360, "height": 760}, color_scheme="dark", bypass_csp=True
    )
    page = _in(narrow, base)
    kits = [f"team/rating/kits/{name}/ada/" for name in ("reference-check", "screening")]
    for path in ("team/rating/", "team/rating/graders", *kits):
        page.goto(base + path)
        looked_at(page, path)
    page.goto(f"{at}/attempt")
    looked_at(page, "the attempt")
    wide = browser.new_context(
        viewport={"width": 1300, "height": 760},
        bypass_csp=True,
        storage_state=narrow.storage_state(),
    )
    for each in (page, wide.new_page()):
        each.goto(at)
        for part in ("card", "examples", "keys"):
            each.locator(f"#{part} summary").click()
        looked_at(each, "the screen")
    wide.close()
    narrow.close()
