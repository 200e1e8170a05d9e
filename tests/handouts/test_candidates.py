"""What candidates get to read: the guide, the statement, the copy of their data."""

from __future__ import annotations

import html
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.browser import NEEDS_BROWSER, launch
from tests.cohort import TINY
from tests.graded import rate
from worksample.cli import main
from worksample.course import Course
from worksample.errors import CandidateError
from worksample.handouts import copy, guide, statement
from worksample.privacy import policy
from worksample.records.tables import Records, Submission

HOSTILE = "<script>alert(1)</script>"


def words(page: str) -> str:
    """What a reader sees, a full stop after each piece."""
    body = re.sub(r"</(?:p|li|h\d|dt|dd|td|th)>", ". ", page[page.index("<main>") :])
    text = html.unescape(re.sub(r"<[^>]+>", " ", body))
    return re.sub(r"\s+", " ", re.sub(r"[.:;?!”]\s*\.", ".", text))


def reading_grade(text: str) -> float:
    """The automated readability index, about a school grade (Smith and Senter, 1967)."""
    found = re.findall(r"[\w’-]+", text)
    sentences = len(re.findall(r"[.?!](?:\s|$)", text))
    return 4.71 * sum(map(len, found)) / len(found) + 0.5 * len(found) / sentences - 21.43


def filled(course: Course) -> None:
    path, _ = policy.own(course)
    text = re.sub(r"\[[^\]\n]+\](?=\")", "somebody at Ölmühle", path.read_text())
    path.write_text(text)


def test_the_guide_holds_advice_dates_rights_and_adjustments(graded: Course) -> None:
    filled(graded)
    page = guide.page(graded)
    assert len(guide.ADVICE) == 12
    assert all(html.escape(each.text) in page or each.text in page for each in guide.ADVICE)
    said = words(page)
    for needed in ("14 days", "A copy", "Another look", "Another format", "Erasure", "180 days"):
        assert needed in said
    assert "Not judged" in said
    assert "square brackets" not in said


def test_guide_and_statement_are_plain_english(graded: Course) -> None:
    """A second language is nothing that this job is about."""
    filled(graded)
    assert reading_grade(words(guide.page(graded))) < 7
    assert reading_grade(words(statement.page(graded))) < 9


def test_blanks_are_told_to_whoever_writes_it(graded: Course) -> None:
    for command in ("guide", "statement"):
        done = CliRunner().invoke(main, [command])
        assert done.exit_code == 0, done.output
        assert "e-mail address that a person reads" in done.output
        page = (graded.root / "build" / "handouts" / f"{command}.html").read_text()
        assert "square brackets" in page
    filled(graded)
    assert "to fill in" not in CliRunner().invoke(main, ["statement"]).output


def handed_in(course: Course, candidate: str, ago: timedelta) -> datetime:
    time = datetime.now(UTC).replace(microsecond=0) - ago
    Records(course.records_url).add(
        Submission(
            assignment=TINY,
            candidate=candidate,
            number=1,
            digest="0" * 64,
            receipt="abc",
            submitted=time,
        )
    )
    return time


def test_a_candidate_sees_where_they_stand_and_by_when_they_hear(graded: Course) -> None:
    filled(graded)
    before = guide.standing(graded, "ada")[0]
    assert (before.answer, before.steps) == (None, ("invited",))
    time = handed_in(graded, "ada", timedelta(days=2))
    rate(graded, "ada", 2, evidence="not for her eyes here")
    page = guide.page(graded, "ada")
    assert f"You hear by {guide.day(time + timedelta(days=14))}" in words(page)
    assert "97" not in words(page).split("What happens")[1].split("What is judged")[0]
    assert not re.search(r"97 of|2 of 4|not for her", page)
    with pytest.raises(CandidateError):
        guide.page(graded, "nobody")


def test_a_date_that_has_passed_is_said_to_be_our_fault(graded: Course) -> None:
    filled(graded)
    handed_in(graded, "ada", timedelta(days=20))
    assert "we are late" in words(guide.page(graded, "ada"))
    done = CliRunner().invoke(main, ["status", "ada"])
    assert "that day has passed" in done.output


def test_the_statement_says_what_the_settings_say(graded: Course) -> None:
    filled(graded)
    path, _ = policy.own(graded)
    text = path.read_text().replace("keep_at_least_days = 0", "keep_at_least_days = 61")
    path.write_text(text.replace("further = []", f'further = ["{HOSTILE}"]'))
    page = statement.page(graded)
    said = words(page)
    for needed in ("61 days", "180 days", "nobody is turned down by a machine", "Ölmühle"):
        assert needed in said
    ((title, dimensions),) = statement.looked_for(graded).items()
    assert len(dimensions) > 1
    assert all(words in said for words in (title, *dimensions))
    assert HOSTILE not in page


def test_a_copy_holds_all_about_them_and_nothing_of_the_case_s_truth(graded: Course) -> None:
    handed_in(graded, "ada", timedelta())
    rate(graded, "ada", 2, evidence=f"what grace saw {HOSTILE}", reason="too short")
    rate(graded, "bob", 4, evidence="of bob")
    done = CliRunner().invoke(main, ["export", "--subject", "ada"])
    assert done.exit_code == 0, done.output
    assert [row["action"] for row in copy.copying.copy(graded, "ada").tables["audit"]][-1] == (
        "copy data"
    )
    with zipfile.ZipFile(graded.state / "copies" / "ada.zip") as archive:
        page = archive.read("index.html").decode()
        data = json.loads(archive.read("data.json"))
        names = archive.namelist()
    assert {"index.html", "data.json", f"files/executed/{TINY}/1.ipynb"} <= set(names)
    assert data["tables"]["ratings"][0]["evidence"].startswith("what grace saw")
    assert data["tables"]["ratings"][0]["grader"].startswith("person ")
    assert data["evidence"][0]["checks"]["slope"]["points"] == 40
    assert data["tables"]["invitations"][0]["extra_time"] == 1.5
    assert "what grace saw" in words(page)
    assert HOSTILE not in page
    for hidden in ("of bob", '"seed"', '"private"', '"grader": "grace"'):
        assert hidden not in json.dumps(data)
    links = re.findall(r'href="([^"]+)"', page)
    assert links
    assert all(
        html.unescape(each).replace("%20", " ").replace("%2C", ",") in names for each in links
    )


@pytest.mark.browser
@NEEDS_BROWSER[1]
def test_all_of_it_reads_well_on_a_phone(graded: Course, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    handed_in(graded, "ada", timedelta())
    rate(graded, "ada", 2, evidence="long " * 60 + "x" * 300)
    pages = {
        "guide": guide.page(graded, "ada"),
        "statement": statement.page(graded),
        "copy": copy.page(graded, copy.copying.copy(graded, "ada")),
    }
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 360, "height": 740})
        for name, text in pages.items():
            path = tmp_path / f"{name}.html"
            path.write_text(text)
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") == 360, name
            narrow = page.evaluate(
                "[...document.querySelectorAll('dd, li, p')].filter(e => e.innerText.length > 40"
                " && e.clientWidth < 120).length"
            )
            assert narrow == 0, name
            found = Axe().run(page).response["violations"]
            assert not found, (name, [each["id"] for each in found])
        browser.close()
