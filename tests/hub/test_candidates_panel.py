"""The candidate's screen: the panel in a real JupyterLab, behind a real hub and a real exchange.

One candidate goes the whole way, in the order of the tests.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.exchange.afar import OPENING, PASSWORD, TINY
from tests.hub import site as hosted
from tests.hub.site import WAIT, Site, begun
from tests.processes import until
from worksample import assignments, disk
from worksample.assignments import case as cases
from worksample.assignments.case import REVISION
from worksample.exchange import people, questions, sittings
from worksample.exchange.people import Person
from worksample.exchange.tables import ClockEvent, opened
from worksample.exchange.versions import Folder
from worksample.feedback import lookup
from worksample.records.tables import Audit

pytestmark = hosted.NEEDED
WHO = "cleo"
CLEO = Person(WHO, "candidate", OPENING)
SPOKEN = ".worksample-spoken"


@pytest.fixture(scope="module")
def cleo(site: Site, chromium: Any) -> Iterator[Page]:
    """Her page in JupyterLab; she has come in by her link, and not begun."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(site.link(WHO))
    page.get_by_role("link", name="Go on in JupyterLab").click()
    page.wait_for_selector("#worksample-panel h3")
    yield page
    context.close()


def panel(page: Page) -> Locator:
    return page.locator("#worksample-panel")


def accessible(page: Page, part: str = "#worksample-panel") -> list[str]:
    """The rules of WCAG that the panel, or another part, does not keep to."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, context=part, options={"runOnly": rules})
    assert found.response["passes"], "it looked at nothing"
    return [each["id"] for each in found.response["violations"]]


def press(page: Page, name: str) -> None:
    """Go there by the Tab key, and press Enter."""
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.locator("#worksample-panel button:focus")
        if found.count() and name in found.inner_text():
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name!r} cannot be reached by the keyboard")


def sitting(site: Site, name: str = TINY) -> sittings.Sitting:
    return sittings.find(site.course, CLEO, name)


def move_back(site: Site, left: timedelta) -> None:
    """Let her clock have begun so long ago that this is left."""
    by = sitting(site).clock.left - left
    with opened(site.course).session() as session:
        for row in session.query(ClockEvent).filter_by(action="start", candidate=WHO):
            row.time -= by


def look_again(page: Page) -> None:
    """As when one comes back to the window."""
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def close_dialogs(page: Page) -> None:
    """JupyterLab's own, one for each time that it tried to save."""
    while page.locator("dialog.jp-Dialog").count():
        page.keyboard.press("Escape")
        page.wait_for_timeout(200)


def test_by_keyboard_alone_from_the_notice_to_a_notebook(site: Site, cleo: Page) -> None:
    """The panel is open at the start; the clock begins once a kernel has answered."""
    expect(panel(cleo)).to_be_visible()
    assert accessible(cleo) == []
    assert not panel(cleo).get_by_role("button", name="Start").count()
    cleo.keyboard.press("Alt+Shift+P")
    expect(cleo.locator("#worksample-panel h2").first).to_be_focused()
    press(cleo, "I have read this and agree")
    expect(cleo.locator(SPOKEN)).to_contain_text("You can start whenever you are ready")
    assert sitting(site).state == "ready"
    press(cleo, "Start my 45 minutes")
    assert accessible(cleo) == []
    press(cleo, "Not yet")
    cleo.keyboard.press("Alt+Shift+P")
    press(cleo, "Start my 45 minutes")
    press(cleo, "Start the clock")
    begun(site, cleo, WHO)
    assert sitting(site).state == "running"
    expect(panel(cleo).get_by_role("timer")).to_contain_text("44 minutes left")
    assert (site.places.homes / WHO / TINY / "case").is_dir()


def test_what_is_typed_is_saved_first_and_then_handed_in(site: Site, cleo: Page) -> None:
    tasks = panel(cleo).get_by_role("listitem")
    expect(tasks.filter(has_text="1. The slope")).to_contain_text("as it came")
    cell = cleo.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").nth(1)
    cell.click()
    cell.press("Control+A")
    cell.type("SLOPE = 2.5  # typed, not saved")
    panel(cleo).get_by_role("button", name="Hand in").click()
    assert accessible(cleo) == []
    panel(cleo).get_by_role("group").get_by_role("button", name="Hand in").click()
    head = panel(cleo).get_by_role("heading", name="Handed in: receipt")
    expect(head).to_be_focused()
    (row,) = sittings.receipts(site.course, sitting(site))
    expect(head).to_contain_text(row.receipt)
    kept = site.course.submitted / WHO / TINY / f"{TINY}.ipynb"
    assert "# typed, not saved" in kept.read_text()
    assert row.receipt in (site.places.homes / WHO / "receipts" / f"{TINY}-1.txt").read_text()
    expect(tasks.filter(has_text="1. The slope")).to_contain_text("answered")
    expect(panel(cleo)).to_contain_text("this one counts")


OFF_LIMITS = """
async base => {
  const post = async (path, headers) => (await fetch(base + 'worksample/' + path,
    {method: 'POST', headers})).status;  // without a body: it is refused before one is read
  const own = {'X-XSRFToken': document.cookie.match(/_xsrf=([^;]*)/)[1]};
  const standing = await (await fetch(base + 'worksample/standing')).text();
  return {
    forged: await post('attempts/%s/hand-in', {}),
    outside: await post('attempts/..%%2Fada/hand-in', own),
    others: await post('attempts/another/start', own),
    elsewhere: await post('api/candidates/ada/questions', own),
    empty: await post('questions', own),
    stranger: (await fetch(base + 'worksample/standing', {credentials: 'omit'})).status,
    secrets: /token|secret/i.test(standing),
  };
}
"""


def test_it_does_nothing_that_the_candidate_may_not(site: Site, cleo: Page) -> None:
    """Her own scripts can ask it too: for her own things, with the page's XSRF token, or not."""
    assert cleo.evaluate(OFF_LIMITS % TINY, f"/user/{WHO}/") == {
        "forged": 403,
        "outside": 404,
        "others": 409,
        "elsewhere": 404,
        "empty": 409,
        "stranger": 403,
        "secrets": False,
    }


def test_a_kernel_that_dies_and_a_full_home_are_said_and_what_to_do(site: Site, cleo: Page) -> None:
    """The files are real: allocated at once, so that the limit of the home is nearly met."""
    fill = "import os; os.posix_fallocate(os.open('big', os.O_CREAT | os.O_RDWR), 0, 950 << 20)"
    # where JupyterLab puts a copy while it saves: as on a full disk, it cannot
    lock = f"os.mkdir('.~{TINY}.ipynb')"
    assert site.run(cleo, WHO, f"{fill}; {lock}") == ""
    cell = cleo.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").first
    cell.click()
    cell.press("Control+A")
    cell.type("import os; os.kill(os.getpid(), 9)")
    cleo.keyboard.press("Control+s")
    expect(panel(cleo)).to_contain_text(f"Not saved: {TINY}/{TINY}.ipynb")
    expect(panel(cleo)).to_contain_text("of 1024 MB")
    assert site.run(cleo, WHO, f"os.remove('big'); os.rmdir('.~{TINY}.ipynb')") == ""
    close_dialogs(cleo)
    cell.click()
    cell.press("Shift+Enter")
    expect(panel(cleo)).to_contain_text("The kernel of tiny-regression.ipynb ended")
    close_dialogs(cleo)
    assert accessible(cleo) == []
    panel(cleo).get_by_role("button", name="I have read this").click()
    cleo.keyboard.press("Control+s")
    close_dialogs(cleo)
    expect(panel(cleo)).not_to_contain_text("Not saved")
    expect(panel(cleo)).not_to_contain_text("The kernel of")


def test_a_lost_connection_is_said_and_everything_goes_on(site: Site, cleo: Page) -> None:
    cleo.context.set_offline(True)
    look_again(cleo)
    expect(panel(cleo)).to_contain_text("The connection is lost")
    expect(cleo.locator(SPOKEN)).to_contain_text("The connection is lost")
    cleo.context.set_offline(False)
    expect(panel(cleo)).not_to_contain_text("The connection is lost")
    close_dialogs(cleo)  # of what JupyterLab tried to save in the second before
    expect(cleo.locator(SPOKEN)).to_contain_text("Connected again")
    assert site.run(cleo, WHO, "print(6 * 7)") == "42"


def test_where_only_the_exchange_is_silent_the_work_goes_on(site: Site, cleo: Page) -> None:
    exchange = site.part("worksample.exchange")
    exchange.suspend()
    try:
        look_again(cleo)
        expect(panel(cleo)).to_contain_text("The team’s service does not answer")
        assert site.run(cleo, WHO, "print(6 * 7)") == "42"
    finally:
        exchange.resume()
    expect(panel(cleo)).not_to_contain_text("does not answer")


def test_earlier_versions_are_kept_outside_and_can_be_had_back(site: Site, cleo: Page) -> None:
    cell = cleo.locator(".jp-NotebookPanel .jp-CodeCell .cm-content").nth(1)
    cell.click()
    cell.press("Control+A")
    cell.type("SLOPE = 'the later one'")
    cleo.keyboard.press("Control+s")
    kept = Folder.of(site.course, TINY, WHO)
    until(lambda: "the later one" in str(newest(kept)))
    panel(cleo).get_by_text("Earlier versions of your notebook").click()
    panel(cleo).get_by_role("button", name="Open version 1", exact=True).click()
    copy = site.places.homes / WHO / "restored" / f"{TINY}-version-1.ipynb"
    until(copy.is_file)
    assert "the later one" not in copy.read_text()
    assert [each["id"] for each in json.loads(copy.read_text())["cells"]]
    expect(cleo.get_by_role("tab", name=copy.name)).to_be_visible()
    panel(cleo).get_by_role("button", name="Open the notebook").click()


def newest(kept: Folder) -> list[dict[str, Any]]:
    listed = kept.listed()
    return kept.cells(listed[-1], f"{TINY}.ipynb") if listed else []


def test_the_time_is_told_can_be_hidden_and_stands_still_when_the_team_says_so(
    site: Site, cleo: Page
) -> None:
    move_back(site, timedelta(minutes=15, seconds=8))
    look_again(cleo)
    expect(panel(cleo).get_by_role("timer")).to_contain_text(re.compile("1[54] minutes left"))
    panel(cleo).get_by_role("button", name="Hide the time").click()
    expect(panel(cleo).get_by_role("timer")).to_have_count(0)
    expect(cleo.locator(SPOKEN)).to_have_text("15 minutes left.")  # though nothing shows it
    sittings.pause(site.course, sitting(site), "grace", "the network of the building")
    look_again(cleo)
    panel(cleo).get_by_role("button", name="Show the time").click()
    expect(panel(cleo).get_by_role("timer")).to_contain_text(
        re.compile("Paused, 1[54] minutes left")
    )
    sittings.resume(site.course, sitting(site), "grace", "it works again")


def test_who_looks_on_is_seen_and_sees_what_is_saved(site: Site, cleo: Page, chromium: Any) -> None:
    """In the live form: an interviewer's page beside hers, a few seconds behind."""
    people.add(site.course, "ines", "interviewer", PASSWORD)
    context = chromium.new_context()
    ines = context.new_page()
    ines.set_default_timeout(WAIT)
    ines.goto(f"{site.address}/hub/login")
    ines.fill("#username_input", "ines")
    ines.fill("#password_input", PASSWORD)
    ines.click("#login_submit")
    ines.wait_for_load_state()
    ines.goto(f"{site.exchange}team/{WHO}/{TINY}/live")
    expect(panel(cleo)).to_contain_text("Here with you: ines")
    notebook = site.places.homes / WHO / TINY / f"{TINY}.ipynb"
    book = json.loads(notebook.read_text(encoding="utf-8"))
    book["cells"].append({"cell_type": "raw", "id": "seen", "metadata": {}, "source": "seen soon"})
    disk.replace(notebook, json.dumps(book).encode())
    expect(ines.locator("#work")).to_contain_text("seen soon")
    assert accessible(ines, "main") == []
    ines.get_by_role("button", name="Stop the clock for both of you").click()
    expect(panel(cleo).get_by_role("timer")).to_contain_text("Paused")
    ines.get_by_role("button", name="Let the clock go on").click()
    expect(panel(cleo).get_by_role("timer")).not_to_contain_text("Paused")
    context.close()
    expect(panel(cleo)).not_to_contain_text("Here with you")


def test_questions_and_what_comes_after_the_end(site: Site, cleo: Page) -> None:
    """Status, the day of the decision, feedback on the candidate's page, and the revision."""
    panel(cleo).get_by_label("Your question").fill("Is <b>x</b> in metres?")
    panel(cleo).get_by_role("button", name="Ask").click()
    # in the field it stands as soon as it is typed
    expect(panel(cleo).get_by_label("Your question")).to_have_value("")
    expect(panel(cleo)).to_contain_text("Is <b>x</b> in metres?")
    (asked,) = questions.of(site.course, WHO)
    questions.answer(site.course, asked.number, "grace", "Yes, it is.")
    move_back(site, timedelta(0))
    look_again(cleo)
    expect(panel(cleo)).to_contain_text("Yes, it is.")
    expect(panel(cleo)).to_contain_text("Your time is over")
    expect(panel(cleo)).to_contain_text("You are told the decision by")
    give_back(site)
    look_again(cleo)
    expect(panel(cleo).get_by_role("button", name="Start my 10 minutes")).to_be_visible()
    with cleo.context.expect_page() as opened_page:
        panel(cleo).get_by_role("link", name="Your feedback").click()
    opened_page.value.wait_for_load_state()
    assert "what was good" in opened_page.value.content()
    opened_page.value.close()


def give_back(site: Site) -> None:
    """What the team's pages leave behind when feedback was released, and the revision with it."""
    course, name = site.course, TINY + REVISION
    page = lookup.page_path(course, TINY, WHO)
    disk.replace(page, b"<p>what was good</p>")
    disk.replace(page.with_suffix(".ipynb"), b"{}")
    digest = lookup.file_digest(course, TINY, WHO)
    case, assignment = cases.bound(course, TINY, WHO), assignments.find(course, TINY)
    notebook = (course.release / TINY / f"{TINY}.ipynb").read_bytes()
    cases.pack(course, assignment, case, name, notebook, assignment.minutes.revision)
    rows = ((TINY, lookup.RELEASED), (name, "revision released"))
    for about, action in rows:
        detail = {"digest": digest}
        row = Audit(assignment=about, candidate=WHO, actor="grace", action=action, detail=detail)
        opened(course).add(row)


def darken(cleo: Page) -> None:
    """By the menus; JupyterLab shuts one that was opened while it still lays itself out."""
    cleo.locator(".lm-MenuBar-itemLabel").get_by_text("Settings", exact=True).click()
    with contextlib.suppress(TimeoutError):
        for name in ("Theme", "JupyterLab Dark"):
            item = cleo.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True)
            item.click(timeout=5_000)
        dark = "body[data-jp-theme-light=false]"
        cleo.wait_for_selector(dark, state="attached", timeout=5_000)
        return
    cleo.keyboard.press("Escape")
    cleo.keyboard.press("Escape")


def test_in_the_dark_and_at_twice_the_size(site: Site, cleo: Page) -> None:
    """With as much in the panel as there can be."""
    for _ in range(5):
        darken(cleo)
        if cleo.locator("body[data-jp-theme-light=false]").count():
            break
    cleo.wait_for_selector("body[data-jp-theme-light=false]", state="attached", timeout=10_000)
    cleo.set_viewport_size({"width": 640, "height": 450})  # 1280 by 900, at 200 %
    panel(cleo).get_by_text("What is installed").click()
    expect(panel(cleo)).to_contain_text("pandas")
    assert accessible(cleo) == []
    wide = "node => node.scrollWidth > node.clientWidth"
    assert not panel(cleo).evaluate(wide), "it has to be scrolled sideways"
    # beside the list of files and the panel there was no room for the notebook
    expect(cleo.locator("#filebrowser")).to_be_hidden()
    panel(cleo).get_by_role("button", name="Open the notebook").first.click()
    expect(panel(cleo)).to_be_hidden()
    box = cleo.locator(".jp-NotebookPanel:visible").bounding_box()
    assert box is not None
    assert box["width"] > 500
    cleo.keyboard.press("Alt+Shift+P")
    expect(panel(cleo)).to_be_visible()
