"""The freeze probe: who rates answers from pictures before they see the work, by every door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from tests.browser import NEEDS_BROWSER, launch
from tests.exchange.afar import PASSWORD, TINY, open_now
from tests.exchange.served import Client, member, served
from tests.exchange.test_pages import looked_at
from tests.graded import add_grading
from worksample.cli import main
from worksample.course import Course
from worksample.debrief import gathering, view
from worksample.errors import CourseError, RatingError
from worksample.exchange import people, rating_readers
from worksample.exchange.tables import ReadingBegun, opened
from worksample.records.models import now
from worksample.records.tables import Records
from worksample.review import explain, rating, reading
from worksample.scorecards import settings

PROBE = """
import io

from worksample.kit.readers import RATERS, Picture, Question
from worksample.workbook import plots

WHO = RATERS
MINUTES = 2


def pictures(case, answers):
    png = plots.as_png(lambda axes: axes.plot([1, 2, 7]))
    return [Picture("Picture 1", png, "A line that ends high")]


def questions(case, answers):
    return (
        Question("end", "Picture 1: where does the line end?", 7.0, within=0.1),
        Question("way", "Picture 1: where does it go next?", "up", ("up", "down")),
    )
"""
SAID = {"said-end": "answer", "number-end": "7", "said-way": "not said"}
ENTERED = {"criterion": "explanation", "value": "3", "cell": "explanation_answer"}
needs_browser = NEEDS_BROWSER[1]


@dataclass
class Team:
    """Ada is graded; Grace and Heidi rate, and answer the probe before."""

    course: Course
    base: str
    grace: Client

    def rates(self) -> str:
        """Where the grader is led to rate."""
        found = self.grace.get(f"team/rating/attempts/{TINY}/", allow_redirects=False)
        return found.headers["Location"].lstrip("/").split("?")[0]


@pytest.fixture
def course(graded: Course) -> Course:
    (graded.root / "course.toml").write_text("[scorecards]\ngraders = 2\n")
    (graded.root / "assignments" / TINY / "readers.py").write_text(PROBE)
    for who in ("ada", "bob"):
        add_grading(graded, who, {"slope": 40, "predict": 57})
    return graded


@pytest.fixture
def team(course: Course) -> Iterator[Team]:
    open_now(course)
    for name in ("grace", "heidi"):
        people.add(course, name, "grader", PASSWORD)
    with served(course) as base:
        yield Team(course, base, member(base, "grace"))


def of(course: Course) -> list[Any]:
    records = Records(course.records_url)
    return [row for who in ("ada", "bob") for row in records.readings(TINY, who)]


def test_the_pictures_come_alone_then_the_questions_then_the_work(team: Team) -> None:
    at = team.rates()
    led = team.grace.get(at, allow_redirects=False)
    place = led.headers["Location"].lstrip("/").split("?")[0]
    assert place.startswith(f"team/rating/readers/{TINY}/")
    assert team.grace.get(at + "/attempt").status_code == 409  # it shows what is asked for
    assert "where does the line end" not in team.grace.get(place).text
    assert team.grace.get(place + "/text").status_code == 409
    assert team.grace.post(place + "/seen").status_code == 409
    assert team.grace.post(place + "/begin").status_code == 303
    looking, shown = team.grace.get(place).text, team.grace.get(place + "/text")
    assert "where does the line end" not in looking
    assert 'alt="A line that ends high"' in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "still shown" in team.grace.post(place + "/answer", SAID).text
    assert team.grace.post(place + "/seen").status_code == 303
    assert team.grace.get(place + "/text").status_code == 409  # they do not come back
    asked = team.grace.get(place).text
    assert "where does the line end" in asked
    assert "<iframe" not in asked
    to_rate = team.grace.post(place + "/answer", {**SAID, "by": "candidate"})
    assert to_rate.headers["Location"].lstrip("/") == f"{at}?by=candidate"
    (row,) = of(team.course)
    assert (row.reader, row.right, row.not_said, row.misled) == ("grace", 1, 1, 0)
    assert row.seconds < 120
    screen = team.grace.get(at)
    assert screen.status_code == 200
    assert "1 right, 1 not shown, 0 misled" in screen.text
    assert team.grace.get(at + "/attempt").status_code == 200


def test_the_minutes_end_and_the_questions_come_by_themselves(team: Team) -> None:
    place = team.grace.get(team.rates(), allow_redirects=False).headers["Location"].lstrip("/")
    place = place.split("?")[0]
    team.grace.post(place + "/begin")
    with opened(team.course).session() as session:
        session.execute(update(ReadingBegun).values(time=now() - timedelta(minutes=3)))
    assert team.grace.get(place + "/text").status_code == 409
    assert "where does the line end" in team.grace.get(place).text
    assert team.grace.post(place + "/answer", SAID).status_code == 303
    assert of(team.course)[0].seconds == 120


def test_others_answers_and_ratings_do_not_answer_for_anybody(course: Course) -> None:
    with pytest.raises(RatingError, match="grace has not answered the freeze probe"):
        rating.rate(course, TINY, "ada", "explanation", 3, "grace")
    reading.read(course, TINY, "ada", "grace", {"end": "7", "way": "down"})
    rating.rate(course, TINY, "ada", "explanation", 3, "grace")
    rating.submit(course, TINY, "ada", "grace")
    with pytest.raises(RatingError, match="heidi has not answered"):
        rating.rate(course, TINY, "ada", "explanation", 2, "heidi")
    reading.read(course, TINY, "ada", "heidi", {})  # after another has submitted
    rating.rate(course, TINY, "ada", "explanation", 2, "heidi")
    rating.submit(course, TINY, "ada", "heidi")
    with pytest.raises(RatingError, match="you have answered before"):
        reading.read(course, TINY, "ada", "heidi", {})
    told = "2 raters, 4 answers: 1 right, 2 not shown, 1 misled"
    explained = explain.explain(course, TINY, "ada")
    assert (explained.asked, explained.understood) == ("Freeze probe", told)
    record = gathering.gather(course, "ada")
    assert f"<b>Freeze probe:</b> {told}" in view.checks(record)


def test_a_course_does_without_and_who_has_rated_is_not_asked_any_more(course: Course) -> None:
    (course.root / "course.toml").write_text("[scorecards]\nfreeze_probe = false\n")
    rating.rate(course, TINY, "ada", "explanation", 3, "grace")
    assert explain.explain(course, TINY, "ada").understood == reading.NOT_OBSERVED
    one = "[scorecards.assignments.tiny-regression]\nfreeze_probe = true\n"
    (course.root / "course.toml").write_text("[scorecards]\nfreeze_probe = false\n" + one)
    how = settings.of(course)
    assert (how.probes(TINY), how.probes("other"), how.probes(f"{TINY}-revision")) == (
        True,
        False,
        False,
    )
    rating.rate(course, TINY, "ada", "explanation", 2, "grace", reason="read again")
    with pytest.raises(RatingError, match="heidi has not answered"):
        rating.rate(course, TINY, "bob", "explanation", 2, "heidi")
    (course.root / "course.toml").write_text('[scorecards]\nfreeze_probe = "no"\n')
    with pytest.raises(CourseError, match="freeze_probe is true or false"):
        settings.of(course)


def test_at_a_terminal_and_on_paper(course: Course) -> None:
    runner = CliRunner()
    refused = runner.invoke(main, ["rate", "ada", TINY, "--by", "grace"], input="3\n\n")
    assert "worksample reader ada tiny-regression --by grace" in refused.output
    paper = runner.invoke(main, ["reader", "ada", TINY, "--paper"])
    assert paper.exit_code == 0, paper.output
    sheets = (course.state / "readers" / TINY / "ada.html").read_text().split('class="sheet"')
    assert "data:image/png" in sheets[1]
    assert "where does the line end" not in sheets[1]
    assert "before you rate" in sheets[2]
    assert "ada" not in re.sub(r"base64,[^\"]*", "", sheets[1]) + sheets[2]
    asked = runner.invoke(main, ["reader", "ada", TINY, "--by", "grace"], input="\n7.2\nb\n")
    assert "look at its first sheet for 2 minutes" in asked.output
    assert "kept: 1 right, 0 not shown, 1 misled" in asked.output
    assert runner.invoke(main, ["rate", "ada", TINY, "--by", "grace"], input="3\n\n").exit_code == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@needs_browser
@pytest.mark.parametrize("script", [True, False])
def test_it_needs_no_mouse_and_no_script(
    team: Team, browser: Any, monkeypatch: pytest.MonkeyPatch, script: bool
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 700}, bypass_csp=True, java_script_enabled=script
    )
    page = context.new_page()
    page.goto(team.base)
    page.get_by_label("Name").fill("grace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Ratings").click()
    page.get_by_role("link", name="One criterion after the other").press("Enter")
    if script:
        looked_at(page, page.url)
        left = iter([3, 3])
        monkeypatch.setattr(rating_readers, "_left", lambda begun, minutes: next(left, 0))
    page.get_by_role("button", name="Begin looking").press("Enter")
    page.frame_locator("#text").get_by_alt_text("A line that ends high").wait_for()
    if not script:  # else the minutes end by themselves
        page.get_by_role("button", name="I have seen it").press("Enter")
    page.locator("#number-end").wait_for()
    if script:
        looked_at(page, page.url)
        page.locator("#number-end").press_sequentially("7")
        assert page.locator("#end-1").is_checked()
    else:
        page.locator("#end-none").check()
    page.locator("#way-none").press("Space")
    page.get_by_role("button", name="Send the answers").press("Enter")
    page.locator("iframe#attempt").wait_for()  # and on to the rating
    assert of(team.course)[0].right == int(script)
