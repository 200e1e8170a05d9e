"""The plain door in a real browser, without scripts: a candidate's whole way, and the team's."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import NEEDS_BROWSER, launch
from tests.exchange.afar import OPENING, PASSWORD, TINY, answered, open_now
from tests.exchange.served import served
from worksample import feedback
from worksample.course import Course
from worksample.exchange import links, people
from worksample.exchange.tables import opened

pytestmark = [*NEEDS_BROWSER]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def afar(graded: Course) -> Iterator[tuple[Course, str]]:
    """Ada and Bob are graded; of the opening's two clocks none has begun."""
    open_now(graded)
    people.add(graded, "grace", "administrator", PASSWORD)
    with served(graded) as base:
        yield graded, base


@pytest.fixture
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def looked_at(page: Any, where: str) -> None:
    """No rule of axe is broken, nothing is wider than the window, and nothing was forbidden."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    wrong = [
        (each["id"], [node["html"][:100] for node in each["nodes"]][:2])
        for each in found.response["violations"]
    ]
    assert not wrong, (where, wrong)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], where


def test_a_candidates_way_and_the_teams(
    afar: tuple[Course, str], browser: Any, tmp_path: Path
) -> None:
    course, base = afar
    code = links.issue(course, OPENING, "ada").code
    # axe has to bring its script in; what the pages themselves may do is looked at elsewhere
    narrow = browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme="dark", bypass_csp=True
    )
    ada = narrow.new_page()
    ada.goto(f"{base}link/{code}")
    assert ada.url == f"{base}candidates/ada/"
    looked_at(ada, "the notice")
    ada.get_by_role("button", name="I have read this and agree").click()
    looked_at(ada, "home")
    ada.get_by_label("Your question").fill("May I bring a library?")
    ada.get_by_role("button", name="Ask").click()
    ada.get_by_role("link", name="Go to the start").click()
    looked_at(ada, "the start")
    ada.get_by_role("button", name=re.compile("Start my 68 minutes|Start my 67.5 minutes")).click()
    assert "Your time has begun" in ada.get_by_role("status").inner_text()
    _hand_in(ada, tmp_path)
    looked_at(ada, "the receipt")
    assert "yes, this one is graded" in ada.get_by_role("main").inner_text()
    ada.go_back()
    looked_at(ada, "the work")
    ada.goto(f"{base}candidates/bob/")
    assert ada.get_by_role("heading", level=1).inner_text() == "That did not work"

    grace = browser.new_context(viewport={"width": 1000, "height": 800}, bypass_csp=True).new_page()
    _sign_in(grace, base)
    looked_at(grace, "the team's page")
    grace.get_by_role("link", name="1 question to answer").click()
    looked_at(grace, "the queue")
    grace.get_by_role("button", name="We can't tell you that").click()
    _let_out(course, grace, base)
    looked_at(grace, "a candidate's page")
    grace.get_by_role("link", name="What lies behind the score").click()
    looked_at(grace, "behind the score")
    theirs = f"team/ada/{TINY}/"
    more = ("team/partners", "team/retention", f"{theirs}attempt", f"{theirs}truth")
    for size in ({"width": 1000, "height": 800}, {"width": 360, "height": 740}):
        grace.set_viewport_size(size)
        for path in ("team/", "team/?only=told", "team/ada/", "team/log", *more):
            grace.goto(base + path)
            looked_at(grace, path)

    ada.goto(base)
    assert "finding it out is part of the work" in ada.get_by_role("main").inner_text()
    ada.get_by_role("link", name="Your feedback").click()
    assert "strength" in ada.get_by_role("main").inner_text().lower()
    ada.goto(f"{base}candidates/ada/")
    looked_at(ada, "home, with a revision")
    ada.get_by_role("link", name="Go to the start").click()
    ada.get_by_role("button", name="Start my 15 minutes").click()
    _hand_in(ada, tmp_path, f"{TINY}-revision")
    assert len(opened(course).submissions(f"{TINY}-revision", "ada")) == 1
    narrow.close()


def test_the_door_needs_no_script_and_no_mouse(afar: tuple[Course, str], browser: Any) -> None:
    course, base = afar
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{base}link/{links.issue(course, OPENING, 'ada').code}")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    _press(page, "I have read this and agree")
    _press(page, "Go to the start")
    _press(page, "Start my")
    assert "Your time has begun" in page.get_by_role("status").inner_text()
    assert not errors
    context.close()


def _press(page: Any, name: str) -> None:
    """Go there by the Tab key, and press Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.locator(":focus")
        if found.count() and name in found.inner_text():
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name!r} cannot be reached by the keyboard")


def _hand_in(page: Any, tmp_path: Path, assignment: str = TINY) -> None:
    """Get the files, save the notebook, hand it in."""
    with page.expect_download() as got:
        page.get_by_role("link", name="All files as one zip").click()
    with zipfile.ZipFile(got.value.path()) as package:
        book = answered(package.read(f"{assignment}/{assignment}.ipynb"), note="by hand")
    path = tmp_path / f"{assignment}.ipynb"
    path.write_bytes(book)
    page.locator("#upload").set_input_files(str(path))
    page.get_by_role("button", name="Save here").click()
    page.get_by_role("button", name="Hand in what is saved").click()
    assert "/receipts/" in page.url


def _sign_in(page: Any, base: str) -> None:
    page.goto(base)
    looked_at(page, "the entrance")
    page.get_by_label("Name").fill("grace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def _let_out(course: Course, page: Any, base: str) -> None:
    """What was graded is the attempt of before; the feedback on it is drawn, approved, released."""
    (course.submitted / "ada" / TINY / f"{TINY}.ipynb").write_bytes(
        (course.autograded / "ada" / TINY / f"{TINY}.ipynb").read_bytes()
    )
    feedback.render(course, TINY, ["ada"])
    page.goto(f"{base}team/ada/")
    page.get_by_role("button", name="I have read the feedback and approve it").click()
    page.get_by_role("button", name="Release to the candidate").click()
    assert "the revision is open" in page.get_by_role("status").inner_text()
