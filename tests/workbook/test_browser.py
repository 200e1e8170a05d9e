"""The widgets in a real JupyterLab, with the keyboard only."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from tests.browser import NEEDS_BROWSER, jupyter_server, launch

playwright = pytest.importorskip(
    "playwright.sync_api", reason="needs the Python package playwright (extra: test)"
)
pytestmark = [*NEEDS_BROWSER, pytest.mark.slow]

TRACE = """\
from types import SimpleNamespace
from worksample.workbook import DecisionTrace

HYPOTHESES = [SimpleNamespace(id=i, title=f"It was {i.upper()}", family="All") for i in "ab"]
spread_1 = {}
next_test_1 = ""
DecisionTrace(1, spread_1, next_test_1, HYPOTHESES)"""
CHECK = """\
from worksample.workbook import noted
print("noted", noted(1, spread_1, next_test_1)["spread"])"""
CHOICE = """\
import ipywidgets
from worksample.workbook import with_own_keys

choice = ipywidgets.Dropdown(options=["first", "second", "third"], description="Which")
said = ipywidgets.Label("chosen: first")
ipywidgets.dlink((choice, "value"), (said, "value"), lambda value: f"chosen: {value}")
with_own_keys([choice, said])"""


LATE = "import worksample.workbook\nprint('x is', 1"
SUBMIT = """\
from worksample.workbook import saving, submit
saving.WAIT_SECONDS = 120  # a busy machine
submit()"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two notebooks, each in its folder."""
    made = tmp_path_factory.mktemp("lab")
    write(made / "book.ipynb", TRACE, CHECK, CHOICE)
    (made / "late").mkdir()
    write(made / "late" / "late.ipynb", LATE, SUBMIT)
    return made


def write(path: Path, *sources: str) -> None:
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(book, path)


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """A JupyterLab of its own, with one notebook."""
    with jupyter_server(folder, folder, "--LabApp.news_url=", app="lab") as address:
        yield f"{address}/lab/tree/book.ipynb?reset"


@pytest.fixture(scope="module")
def context() -> Iterator[playwright.BrowserContext]:
    """A browser, which keeps JupyterLab's code from page to page."""
    with playwright.sync_playwright() as started:
        browser = launch(started)
        yield browser.new_context(viewport={"width": 1300, "height": 1100})
        browser.close()


@pytest.fixture
def page(context: playwright.BrowserContext, address: str) -> Iterator[playwright.Page]:
    """The notebook open, its first cell selected, the kernel there."""
    yield from opened(context, address)


def opened(context: playwright.BrowserContext, address: str) -> Iterator[playwright.Page]:
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")
    page.locator(".jp-CodeCell .cm-content").first.click()
    yield page
    page.close()


def run_until(page: playwright.Page, text: str) -> None:
    """Run the selected cell until it shows ``text``.

    JupyterLab loads the widgets' code late: a cell that is run in its first moments shows its
    static form and has to be run again.
    """
    for _ in range(5):
        page.keyboard.press("Control+Enter")
        try:
            page.locator(".jp-OutputArea-output").filter(has_text=text).first.wait_for(
                timeout=15_000
            )
            return
        except playwright.TimeoutError:
            continue
    raise AssertionError(f"the cell does not show {text!r}")


def shown(page: playwright.Page, text: str) -> None:
    page.locator(".jp-OutputArea-output").filter(has_text=text).first.wait_for()


def settled(page: playwright.Page) -> None:
    """Widgets send what was typed one message at a time, the next when the kernel is idle."""
    page.wait_for_timeout(2_000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']")


def test_points_reach_the_cells_text_by_keyboard(page):
    run_until(page, "100 of 100 points left to give")
    page.locator("input[type=number]").first.focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.type("70")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type("by host")
    page.keyboard.press("Tab")
    shown(page, "all 100 points given · not yet in the cell")
    settled(page)
    page.locator(".jp-CodeCell .cm-content").first.focus()
    page.keyboard.press("Shift+Enter")
    shown(page, "as written in the cell")
    cell = page.locator(".jp-CodeCell .cm-content").first
    page.wait_for_function(
        "() => document.querySelector('.cm-content').innerText.includes('at=')", polling=50
    )
    assert 'spread_1 = {"a": 30, "b": 70}' in cell.inner_text()
    assert 'next_test_1 = "by host"' in cell.inner_text()
    page.keyboard.press("Shift+Enter")
    shown(page, "noted {'a': 30.0, 'b': 70.0}")


@pytest.fixture
def late(context: playwright.BrowserContext, address: str) -> Iterator[playwright.Page]:
    """The other notebook."""
    yield from opened(context, address.replace("book.ipynb", "late/late.ipynb"))


def test_what_was_typed_is_saved_before_it_is_packed(late, folder):
    """Nobody saves: the zip held what the notebook was before the last edits, and did not say."""
    late.keyboard.press("Control+End")
    late.keyboard.type("23)")
    run_until(late, "x is 123")
    late.keyboard.press("ArrowDown")
    run_until(late, "fingerprint")
    with zipfile.ZipFile(folder / "late" / "late-submission.zip") as packed:
        assert "'x is', 123)" in packed.read("late/late.ipynb").decode()


def test_arrows_in_a_drop_down_stay_in_it(page):
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    run_until(page, "chosen: first")
    page.locator(".worksample-fields select").focus()
    page.keyboard.press("ArrowDown")
    shown(page, "chosen: second")
    page.keyboard.press("t")
    shown(page, "chosen: third")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"


def test_every_field_has_a_label(page):
    run_until(page, "points")
    unlabelled = page.evaluate(
        """() => [...document.querySelectorAll(
            '.jp-OutputArea input, .jp-OutputArea select, .jp-OutputArea textarea')]
            .filter(field => !field.labels || !field.labels.length || !field.labels[0].innerText)
            .map(field => field.outerHTML)"""
    )
    assert unlabelled == []
