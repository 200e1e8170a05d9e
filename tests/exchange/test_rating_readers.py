"""The reader test through the service: blind, timed here, kept like ratings, before any rating."""

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
from worksample.errors import CourseError, RatingError
from worksample.exchange import people, rating_readers
from worksample.exchange.tables import ReadingBegun, opened
from worksample.privacy import copying, erasing
from worksample.records import chain
from worksample.records.models import now
from worksample.records.tables import Records
from worksample.review import explain, rating, reading
from worksample.scorecards import settings

TEXT = "# The line\n\nIt gains **2.5** a step. <script>alert(1)</script>"
READERS = """
from worksample.kit.readers import Question

CELLS = ("explanation_answer",)
MINUTES = 5


def questions(case, answers):
    return (
        Question("gain", "What does a step gain?", 2.5, unit="points"),
        Question("where", "Where does it hold?", "in the table", ("everywhere", "in the table")),
        Question("limit", "How far beyond may one go?", 10.0, least=2, unit="steps"),
    )
"""
needs_browser = NEEDS_BROWSER[1]
SAID = {
    "said-gain": "answer",
    "number-gain": "2,4",
    "said-where": "everywhere",
    "said-limit": "not said",
}


@dataclass
class Team:
    """Ada is graded; readers come first; Grace and Heidi rate, Kim reads."""

    course: Course
    base: str
    kim: Client

    def place(self, client: Client) -> str:
        found = client.get(f"team/rating/readers/{TINY}/", allow_redirects=False)
        return str(found.headers.get("Location", "")).lstrip("/")


@pytest.fixture
def course(graded: Course) -> Course:
    (graded.root / "course.toml").write_text("[scorecards]\ngraders = 2\nreaders = 1\n")
    (graded.root / "assignments" / TINY / "readers.py").write_text(READERS)
    add_grading(graded, "ada", {"slope": 40, "predict": 57}, answers={"explanation_answer": TEXT})
    return graded


@pytest.fixture
def team(course: Course) -> Iterator[Team]:
    open_now(course)
    for name in ("grace", "heidi", "kim"):
        people.add(course, name, "grader", PASSWORD)
    with served(course) as base:
        yield Team(course, base, member(base, "kim"))


def of(course: Course) -> list[Any]:
    return Records(course.records_url).readings(TINY, "ada")


def test_a_reader_sees_the_text_alone_and_answers_once(team: Team) -> None:
    place = team.place(team.kim)
    assert place.startswith(f"team/rating/readers/{TINY}/")
    assert "ada" not in place
    before = team.kim.get(place).text
    assert "What does a step gain" not in before  # the minutes have not begun
    assert team.kim.get(place + "/text").status_code == 409
    assert team.kim.post(place + "/answer", SAID).status_code == 409
    assert team.kim.post(place + "/begin").status_code == 303
    page, text = team.kim.get(place).text, team.kim.get(place + "/text")
    assert "What does a step gain" in page
    assert "2.5" not in page
    shown = re.sub(r"<[^>]*>", " ", page)  # tokens of forms may hold any digits
    for hidden in ("Truth", "Automatic", "97", "ada"):
        assert hidden not in shown
    assert "<strong>2.5</strong>" in text.text
    assert "<script>" not in text.text
    assert "sandbox" in text.headers["Content-Security-Policy"]
    assert "script-src" not in text.headers["Content-Security-Policy"]
    left_out = {k: v for k, v in SAID.items() if "limit" not in k}
    assert "not answered yet" in team.kim.post(place + "/answer", left_out).text.lower()
    assert team.kim.post(place + "/answer", {**SAID, "said-where": "in Rome"}).status_code == 409
    assert not of(team.course)
    assert team.kim.post(place + "/answer", SAID).status_code == 303
    (row,) = of(team.course)
    assert (row.right, row.not_said, row.misled) == (1, 1, 1)
    assert (row.reader, row.door, row.seconds < 300) == ("kim", "screen", True)
    assert team.kim.post(place + "/answer", SAID).status_code == 409
    assert "Kept." in team.kim.get(place).text
    assert not chain.verify(Records(team.course.records_url))


def test_the_minutes_are_counted_by_the_service(team: Team) -> None:
    place = team.place(team.kim)
    team.kim.post(place + "/begin")
    with opened(team.course).session() as session:
        session.execute(update(ReadingBegun).values(time=now() - timedelta(minutes=6)))
    assert team.kim.get(place + "/text").status_code == 409
    page = team.kim.get(place).text
    assert "<iframe" not in page
    assert "answer from what you remember" in page.lower()
    assert team.kim.post(place + "/begin").status_code == 303  # they do not begin again
    assert team.kim.get(place + "/text").status_code == 409
    assert team.kim.post(place + "/answer", SAID).status_code == 303
    assert of(team.course)[0].seconds == 300


def test_who_rates_is_no_reader_and_nobody_rates_before(team: Team) -> None:
    course = team.course
    grace = member(team.base, "grace")
    asked = f"team/rating/attempts/{TINY}/"
    screen = grace.get(asked, allow_redirects=False).headers["Location"].lstrip("/").split("?")[0]
    place = team.place(grace)
    entered = {"criterion": "explanation", "value": "3", "cell": "explanation_answer"}
    grace.post(screen + "/save", entered)
    refused = grace.post(screen + "/submit")
    assert refused.status_code == 409
    assert "read first" in refused.text
    # a draft of a rating is a rating begun: of one of the two attempts she is no reader now
    codes = {team.place(grace), place}
    tried = [grace.post(f"{each}/begin").status_code for each in codes]
    assert tried.count(303) <= 1
    with pytest.raises(RatingError, match="read first"):
        rating.rate(course, TINY, "ada", "explanation", 3, "heidi")
    reading.read(course, TINY, "ada", "kim", {"gain": "2.5"})
    rating.rate(course, TINY, "ada", "explanation", 3, "heidi")
    assert "you have rated it" in reading.refusal(course, TINY, "ada", "heidi")
    rating.submit(course, TINY, "ada", "heidi")
    with pytest.raises(RatingError, match="readers come before"):
        reading.read(course, TINY, "ada", "lou", {})


def test_it_is_kept_like_ratings_and_goes_with_the_candidate(course: Course) -> None:
    assert "What readers understood" in explain.text(explain.explain(course, TINY, "ada"))
    assert explain.explain(course, TINY, "ada").understood == reading.NOT_OBSERVED
    row = reading.read(course, TINY, "ada", "kim", {"gain": "9", "where": "in the table"})
    assert (row.right, row.not_said, row.misled) == (1, 1, 1)
    with Records(course.records_url).session() as session:
        session.merge(row).misled = 0
        with pytest.raises(CourseError, match="only ever added to"):
            session.flush()
        session.rollback()
    told = explain.explain(course, TINY, "ada").understood
    assert told == "1 reader, 3 answers: 1 right, 1 not said, 1 misled"
    kept = copying.copy(course, "ada").tables["readings"]
    assert kept[0]["misled"] == 1
    assert "reader_said" not in kept[0]  # it would tell what is right
    assert kept[0]["reader"].startswith("person")
    erasing.erase(course, "ada", "dora")
    assert not of(course)
    assert not chain.verify(Records(course.records_url))


@pytest.mark.parametrize(
    "said", [{"gain": "much"}, {"gain": "nan"}, {"where": "2"}, {"gain": "1e999"}]
)
def test_what_is_no_answer_is_refused(course: Course, said: dict[str, str]) -> None:
    with pytest.raises(RatingError):
        reading.read(course, TINY, "ada", "kim", said)
    assert not of(course)


def test_from_paper(course: Course) -> None:
    runner = CliRunner()
    written = runner.invoke(main, ["reader", "ada", TINY, "--paper"])
    assert written.exit_code == 0, written.output
    page = (course.state / "readers" / TINY / "ada.html").read_text()
    sheets = page.split('<div class="sheet">')
    assert "<strong>2.5</strong>" in sheets[1]
    assert "What does a step gain?" in sheets[2]
    assert "ada" not in sheets[1] + sheets[2]
    assert f"worksample reader ada {TINY}" in sheets[3]
    few = runner.invoke(main, ["reader", "ada", TINY, "--by", "kim", "--answers", "2.5 b"])
    assert few.exit_code == 2
    odd = runner.invoke(main, ["reader", "ada", TINY, "--by", "kim", "--answers", "2.5 z -"])
    assert "a letter from a to b" in odd.output
    done = runner.invoke(main, ["reader", "ada", TINY, "--by", "kim", "--answers", "2.5 b -"])
    assert "2 right, 1 not said, 0 misled" in done.output
    again = runner.invoke(main, ["reader", "ada", TINY, "--by", "kim", "--answers", "2.5 b -"])
    assert "you have answered before" in again.output


def test_settings_say_how_many_read(course: Course) -> None:
    how = settings.of(course)
    assert (how.readers_of(TINY), how.readers_of(f"{TINY}-revision")) == (1, 0)
    text = "[scorecards]\n[scorecards.assignments.tiny-regression]\nreaders = 3\n"
    (course.root / "course.toml").write_text(text)
    how = settings.of(course)
    assert (how.readers_of(TINY), how.readers_of("other"), how.graders_of(TINY)) == (3, 0, 1)
    (course.root / "course.toml").write_text("[scorecards]\nreaders = -1\n")
    with pytest.raises(CourseError, match="readers is a number from 0"):
        settings.of(course)


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
    page.get_by_label("Name").fill("kim")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


@needs_browser
def test_a_reader_needs_no_mouse_and_the_text_goes_by_itself(
    team: Team, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 800}, bypass_csp=True)
    page = _in(context, team.base)
    page.get_by_role("link", name="Ratings").click()
    page.get_by_role("link", name="Read one, blind").first.press("Enter")
    looked_at(page, page.url)
    monkeypatch.setattr(rating_readers, "_left", lambda begun, minutes: 4)
    page.get_by_role("button", name="Begin reading").press("Enter")
    page.frame_locator("#text").get_by_text("It gains").wait_for()
    looked_at(page, page.url)
    page.get_by_label("What does a step gain? In points").first.press_sequentially("2.5")
    assert page.locator("#gain-1").is_checked()
    page.locator("#text").wait_for(state="detached")
    assert page.locator("#over").is_visible()
    page.get_by_label("everywhere").press("Space")
    page.locator("#limit-none").press("Space")
    page.get_by_role("button", name="Send the answers").press("Enter")
    page.get_by_text("Kept. Thank you").wait_for()
    assert (of(team.course) or of_bob(team.course))[0].right == 1


def of_bob(course: Course) -> list[Any]:
    return Records(course.records_url).readings(TINY, "bob")


@needs_browser
def test_it_works_without_the_script(team: Team, browser: Any) -> None:
    page = _in(browser.new_context(java_script_enabled=False), team.base)
    page.goto(team.base + f"team/rating/readers/{TINY}/")
    page.get_by_role("button", name="Begin reading").click()
    assert "Read until" in page.locator("#clock").inner_text()
    page.locator("#gain-none").check()
    page.get_by_label("everywhere").check()
    page.locator("#limit-none").check()
    page.get_by_role("button", name="Send the answers").click()
    assert "Kept." in page.get_by_role("status").inner_text()
