"""The whole way of each work sample with keys only, in a real JupyterLab; axe on what it shows."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.assignments_drift_monitoring import drawn as drift
from tests.assignments_model_development import drawn as model
from tests.assignments_root_cause_analysis import drawn as rca
from tests.browser import NEEDS_BROWSER, jupyter_server, launch
from worksample.workbook.tasks import cell_name

playwright = pytest.importorskip(
    "playwright.sync_api", reason="needs the Python package playwright (extra: test)"
)
axe = pytest.importorskip(
    "axe_playwright_python.base", reason="needs the Python package axe-playwright-python"
)
pytestmark = [*NEEDS_BROWSER, pytest.mark.slow]

RELEASE = Path(__file__).parents[2] / "release"
SAMPLES: dict[str, Callable[[], Any]] = {
    "root-cause-analysis": rca.case,
    "drift-monitoring": drift.case,
    "model-development": model.case,
}
WIDE, USUAL = {"width": 1920, "height": 1080}, {"width": 1280, "height": 720}
TWICE = {"width": 640, "height": 360}  # what is left of the usual page at 200 %
POLLING = 50  # milliseconds
OPTIONS = ("--LabApp.news_url=", "--LabApp.expose_app_in_browser=True")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

SELECTED = "() => document.querySelector('.jp-Notebook .jp-mod-active').dataset.windowedListIndex"
# a cell that waits or runs has a star for its number
RAN = """() => ![...document.querySelectorAll('.jp-Notebook .jp-InputPrompt')].some(
  prompt => prompt.textContent.includes('*'))"""
SAVED = "() => !document.querySelector('#jp-main-dock-panel .jp-mod-current.jp-mod-dirty')"
WRITING = "() => document.activeElement.matches('.jp-Cell.jp-mod-active .cm-content')"
IN_FIELDS = "() => document.activeElement.closest('.worksample-fields') !== null"
# before that, what is run shows a still picture of its fields
WIDGETS = """() => jupyterapp.isPluginActivated('@jupyter-widgets/jupyterlab-manager:plugin')"""
# a bar is there where something scrolls: a pixel is enough
SCROLLING = """cell => [
  ...cell.querySelectorAll('.jp-OutputArea, .jp-OutputArea *')
].filter(part => {
  const style = getComputedStyle(part), bars = /auto|scroll/;
  return part.tagName !== 'TEXTAREA' && part.tagName !== 'SELECT' && (
    (part.scrollWidth > part.clientWidth && bars.test(style.overflowX)) ||
    (part.scrollHeight > part.clientHeight && bars.test(style.overflowY)));
}).map(part => part.className)"""
VIOLATIONS = """given => axe.run({include: given.places}, {
  runOnly: {type: 'tag', values: given.rules}, resultTypes: ['violations']
}).then(found => found.violations.map(each =>
  [each.id, each.nodes.map(node => node.html.slice(0, 200))]))"""
OUTLINE = "() => getComputedStyle(document.activeElement).outlineStyle"
SEEN = """part => { const box = part.getBoundingClientRect();
  const page = part.closest('.jp-WindowedPanel-outer').getBoundingClientRect();
  return box.top >= page.top - 1 && box.bottom <= page.bottom + 1; }"""


class Lab:
    """A work sample's notebook in a page; nothing but keys is used on it."""

    def __init__(self, page: Any, folder: Path, name: str) -> None:
        self.page, self.folder, self.name = page, folder / name, name
        book = json.loads((self.folder / f"{name}.ipynb").read_text("utf-8"))
        self.cells = [cell_name(cell) for cell in book["cells"]]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def selected(self) -> str:
        return self.cells[int(self.page.evaluate(SELECTED))]

    @property
    def focus(self) -> str:
        return self.page.evaluate("document.activeElement.tagName + document.activeElement.type")

    def cell(self, name: str) -> Any:
        place = self.cells.index(name)
        return self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{place}']")

    def run(self) -> None:
        """Run the selected cell; the next is selected then."""
        before = self.page.evaluate(SELECTED)
        self.press("Shift+Enter")
        self.until(f"before => ({SELECTED})() !== before", before)

    def until(self, true: str, given: Any = None) -> None:
        """Wait until a function of JavaScript says so.

        Asked at every frame, as is usual, it would have frames drawn all the time.
        """
        self.page.wait_for_function(true, arg=given, polling=POLLING)

    def go_to(self, name: str) -> None:
        """Run all cells before that one."""
        while self.selected != name:
            self.run()

    def write(self, name: str, text: str) -> None:
        """Put ``text`` in the place of what a cell holds, and run it."""
        self.go_to(name)
        self.press("Enter")
        self.until(WRITING)
        self.press("Control+a")
        self.page.keyboard.type(text)
        self.run()

    def enter(self, name: str) -> None:
        """Run a cell with fields and go into the first of them."""
        self.go_to(name)
        self.run()
        self.press("ArrowUp")
        self.cell(name).locator(".worksample-fields").wait_for()
        self.until(RAN)
        self.press("Tab")
        self.until(IN_FIELDS)

    def shows(self, name: str, text: str) -> None:
        self.cell(name).locator(".jp-OutputArea-output").filter(has_text=text).first.wait_for()

    def handed_in(self) -> str:
        """The notebook in the zip that the last cell wrote."""
        last = self.cells[-1]
        self.go_to(last)
        self.until(RAN)  # else an output that comes late changes what was just saved
        self.press("Control+s")
        self.until(SAVED)
        self.press("Control+Enter")
        self.shows(last, "fingerprint")
        with zipfile.ZipFile(self.folder / f"{self.name}-submission.zip") as packed:
            return packed.read(f"{self.name}/{self.name}.ipynb").decode()

    def violations(self, *but: str) -> list[Any]:
        """What axe finds in the output of all cells, without those of the candidate's own."""
        self.press("Tab")  # what is wider than the page is then a stop of its own
        cells = [place for place, cell in enumerate(self.cells) if cell not in but]
        places = [
            [f".jp-Cell[data-windowed-list-index='{place}'] .jp-OutputArea-output"]
            for place in cells
            if self.cell(self.cells[place]).locator(".jp-OutputArea-output").count()
        ]
        self.page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
        return self.page.evaluate(VIOLATIONS, {"places": places, "rules": RULES})

    def pictures(self, *but: str) -> list[str]:
        """The texts of the pictures that can be seen."""
        own = ", ".join(f"[data-windowed-list-index='{self.cells.index(name)}']" for name in but)
        return self.page.evaluate(
            """own => [...document.querySelectorAll('.jp-OutputArea-output img')]
                .filter(img => img.style.display !== 'none' && !(own && img.closest(own)))
                .map(img => img.alt)""",
            own,
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The released notebook of each work sample beside a case, in a folder of its own."""
    made = tmp_path_factory.mktemp("keyboard")
    for name, case in SAMPLES.items():
        shutil.copytree(RELEASE / name, made / name)
        shutil.copytree(case().public, made / name / "case")
    return made


@pytest.fixture(scope="module")
def context(folder: Path) -> Iterator[tuple[Any, str]]:
    """A browser, which keeps JupyterLab's code, and the address of the server."""
    with (
        jupyter_server(folder, folder, *OPTIONS, app="lab") as address,
        playwright.sync_playwright() as started,
    ):
        browser = launch(started)
        yield browser.new_context(viewport=WIDE), address
        browser.close()


@pytest.fixture
def opened(context: tuple[Any, str], folder: Path) -> Iterator[Callable[[str], Lab]]:
    browser, address = context
    pages = []

    def open_(name: str) -> Lab:
        page = browser.new_page()
        pages.append(page)
        page.set_default_timeout(240_000)  # a busy machine
        page.goto(f"{address}/lab/tree/{name}/{name}.ipynb?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell.jp-mod-active")
        # before there is a kernel, a cell that is run is passed over
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.wait_for_function(WIDGETS, polling=POLLING)
        return Lab(page, folder, name)

    yield open_
    for page in pages:
        page.close()


def test_root_cause_analysis(opened):
    lab = opened("root-cause-analysis")
    lab.enter("trace_1")
    assert lab.focus == "INPUTnumber"
    assert lab.page.evaluate(OUTLINE) == "solid"
    lab.press(*["ArrowUp"] * 6, "Tab")
    lab.page.keyboard.type("70")
    stays = lab.cell("trace_1").locator(".worksample-stays")
    lab.press("Shift+Enter")  # from within a field, what was typed still on its way
    lab.until(f"place => ({SELECTED})() !== place", str(lab.cells.index("trace_1")))
    lab.shows("trace_1", "all 100 points given · as written in the cell")
    text = lab.cell("trace_1").locator(".cm-content").inner_text()
    assert '"unit_change": 30, "default_on_failed_fetch": 70' in text

    lab.enter("explorer")
    assert lab.focus == "SELECTselect-one"
    for line in ("slice_by(", "compare(", "system("):
        lab.press("ArrowDown")
        lab.shows("explorer", line)
        assert lab.cell("explorer").evaluate(SCROLLING) == []
    assert lab.selected == "explorer"
    for less in range(0, 40, 8):  # what is a pixel too wide depends on how the page divides
        lab.page.set_viewport_size({**WIDE, "width": WIDE["width"] - less})
        assert lab.cell("trace_1").evaluate(SCROLLING) == []
        assert lab.cell("explorer").evaluate(SCROLLING) == []
    lab.page.set_viewport_size(WIDE)
    lab.press("Escape")
    assert lab.focus.startswith("DIV")
    lab.press("ArrowDown")  # JupyterLab's again
    assert lab.selected == "changes"

    lab.write("onset_answer", 'ONSET = "1999-01-01"')
    book = lab.handed_in()
    assert 'default_on_failed_fetch\\": 70' in book
    assert "1999-01-01" in book
    lab.shows("onset", "lies before the first day")

    assert lab.violations() == []
    assert all(len(text) > 20 for text in lab.pictures())
    assert len(lab.pictures()) >= 3
    for size in (USUAL, TWICE):
        lab.page.set_viewport_size(size)
        lab.cell("trace_1").locator("input[type=number]").last.focus()
        lab.until(SEEN, stays.element_handle())
        assert lab.cell("trace_1").evaluate(SCROLLING) == []
        assert lab.violations() == []


def test_drift_monitoring(opened):
    lab = opened("drift-monitoring")
    lab.enter("look_more")
    assert lab.focus == "SELECTselect-multiple"
    lab.press("ArrowDown")
    lab.shows("look_more", 'watch(case, ["departure_min"], upto=7)')
    lab.press("Tab")
    assert lab.page.evaluate("document.activeElement.getAttribute('role')") == "slider"
    assert lab.page.evaluate(OUTLINE) == "solid"
    lab.press("ArrowLeft", "ArrowLeft")
    lab.shows("look_more", 'watch(case, ["departure_min"], upto=5)')
    assert lab.selected == "look_more"
    assert lab.cell("look_more").evaluate(SCROLLING) == []
    lab.run()
    assert lab.selected == "about_psi"

    lab.write("explorer", "threshold_explorer(lambda window: len(window.rows), case)")
    lab.press("ArrowUp")
    lab.enter("explorer")
    lab.press("ArrowRight")
    lab.shows("explorer", "threshold_explorer(figure, case, limit=")
    assert lab.selected == "explorer"
    lab.press("Escape")

    lab.write("plan_answer", 'PLAN = dict.fromkeys("ABCDEF", "watch")')
    assert 'dict.fromkeys(\\"ABCDEF\\"' in lab.handed_in()
    lab.shows("plan", "✓ plan")
    assert lab.violations("dashboard_answer") == []
    assert all(len(text) > 20 for text in lab.pictures("dashboard_answer"))
    assert len(lab.pictures("dashboard_answer")) >= 3


def test_model_development(opened):
    lab = opened("model-development")
    lab.enter("browse")
    lab.press("ArrowDown")
    lab.shows("browse", "look(requests,")
    lab.press("Tab", "ArrowDown")
    second = lab.cell("browse").locator("select").last.evaluate("field => field.value")
    lab.shows("browse", f'look(requests, "{second}")')
    assert lab.cell("browse").evaluate(SCROLLING) == []
    lab.run()
    assert lab.selected == "audit_work"

    lab.write("estimate_answer", 'ESTIMATE = {"low": 0.4, "log_loss": 0.5, "high": 0.6}')
    assert '\\"log_loss\\": 0.5' in lab.handed_in()
    lab.shows("estimate", "✓ estimate")
    assert lab.violations() == []
    assert all(len(text) > 20 for text in lab.pictures())
