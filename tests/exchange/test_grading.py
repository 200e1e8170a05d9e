"""From a hand-in to a second feedback, as a grader has it: real service, real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import update

from tests import verbs
from tests.browser import NEEDS_BROWSER, launch
from tests.cohort import a_copy, auto_scores
from tests.exchange.afar import (
    OPENING,
    PASSWORD,
    TINY,
    answered,
    handed_in,
    invited,
    notebook_of,
    open_now,
)
from tests.exchange.served import candidate, served
from tests.processes import until
from tests.service.test_service import serving
from worksample.assignments import case as cases
from worksample.course import Course
from worksample.exchange import links, people, sittings
from worksample.exchange.people import Person
from worksample.exchange.queueing import Overlooked
from worksample.exchange.tables import ClockEvent, opened
from worksample.records import evidence
from worksample.review import rating
from worksample.service import client, progress
from worksample.service.queue import Queue

pytestmark = [*NEEDS_BROWSER, pytest.mark.slow]
WAIT = 120_000  # milliseconds, on a machine that is busy with something else
REVISION = f"{TINY}-revision"
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def course(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    with pytest.MonkeyPatch.context() as patch:
        course = a_copy(built_once, tmp_path_factory.mktemp("a grader’s way"), patch)
        open_now(course)
        people.add(course, "grace", "grader", PASSWORD)
        people.add(course, "alan", "administrator", PASSWORD)
        yield course


@pytest.fixture(scope="module")
def base(course: Course) -> Iterator[str]:
    with served(course) as base:
        yield base


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def begun(course: Course, name: str) -> Person:
    (person,) = invited(course, name)
    sittings.start(course, person, TINY)
    return person


def over(course: Course, name: str) -> None:
    """The time of everything that a candidate has begun is over."""
    with opened(course).session() as session:
        for row in session.query(ClockEvent).filter_by(candidate=name, action="start"):
            earlier = row.time - timedelta(hours=3)
            session.execute(update(ClockEvent).where(ClockEvent.id == row.id).values(time=earlier))


def signed_in(chromium: Any, base: str, name: str) -> tuple[Any, list[str]]:
    """The team's page of somebody, and what its browser forbade or could not run."""
    page = chromium.new_context(viewport={"width": 1100, "height": 900}).new_page()
    page.set_default_timeout(WAIT)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(base)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page, wrong


def row(page: Any, who: str, assignment: str = TINY) -> Any:
    return page.locator(f"#{who}--{assignment}")


def test_what_was_handed_in_is_queued_and_never_forgotten(course: Course) -> None:
    """Without a service it waits; a kill between receipt and queue is made good."""
    ada = begun(course, "ada")
    work = {f"{TINY}.ipynb": answered(notebook_of(course, "ada"))}
    queue = Queue(course)
    first = handed_in(course, ada, work)
    assert handed_in(course, ada, work).number == first.number
    assert [(each.assignment, each.candidate) for each in queue.everything()] == [(TINY, "ada")]
    last = opened(course).last_submission(TINY, "ada")
    assert last is not None
    assert progress.of(course, last, queue.everything()).state == "queued"
    queue.done(queue.everything()[0].id)  # as if it had never been queued
    assert progress.of(course, last, []).state == "nobody asked"
    overlooked = Overlooked(course)
    assert overlooked.queue() == [f"ada, {TINY}"]
    assert overlooked.queue() == []
    assert Overlooked(course).queue() == []
    (waiting,) = queue.everything()
    queue.begin(waiting)  # it may be under way, and not have seen what comes now
    assert not client.leave(course, TINY, ["ada"])
    assert len(queue.everything()) == 2
    for each in queue.everything():
        queue.done(each.id)
    Overlooked(course).queue()


def test_the_way_of_a_grader(course: Course, base: str, chromium: Any) -> None:
    """Queue, provisional result, rating, approval, release, feedback; and all that once more."""
    bob = begun(course, "bob")
    alan, alans_errors = signed_in(chromium, base, "alan")
    grace, graces_errors = signed_in(chromium, base, "grace")
    expect(row(alan, "ada")).to_contain_text("waits to be graded")
    expect(alan.locator("#unserved")).to_contain_text("No grading service runs here")
    handed_in(course, bob, {f"{TINY}.ipynb": answered(notebook_of(course, "bob"), "weak")})
    truth = cases.bound(course, TINY, "bob").private / "truth.json"
    known = truth.read_bytes()
    truth.write_bytes(b"{")
    with serving(course, "--workers", "1"):
        expect(row(alan, "ada")).to_contain_text("100.0 of 100 points")
        expect(row(grace, "ada")).to_contain_text("ran to its end")
        assert "100.0" not in grace.content(), "points would sway who rates"
        expect(alan.locator("#unserved")).to_be_hidden()
        expect(row(alan, "bob")).to_contain_text("not gradable yet")
        truth.write_bytes(known)
        for name in ("ada", "bob"):
            over(course, name)
        grace.reload()
        _again(grace, "bob")
        expect(row(alan, "bob")).to_contain_text("of 100 points")
        _agrees_with_nbgrader(course)
        _rated_and_released(course, grace, base)
    assert alans_errors == graces_errors == []


def _again(page: Any, who: str) -> None:
    """What could not be graded says why, and is graded once it can be."""
    row(page, who).get_by_role("link").click()
    expect(page.locator(f"#far-{TINY}")).to_contain_text("were changed after it was drawn")
    page.get_by_role("button", name="Try to grade it again").click()
    expect(page.locator(f"#far-{TINY}")).to_contain_text("ran to its end")
    page.get_by_role("link", name="Openings").click()


def _agrees_with_nbgrader(course: Course) -> None:
    """nbgrader's own command comes to the same, and makes no second record."""
    before = {who: auto_scores(course, TINY, who) for who in ("ada", "bob")}
    assert all(before.values())
    done = verbs.nbgrader(course.root, "autograde", TINY, "--force")
    assert done.returncode == 0, done.stderr
    assert {who: auto_scores(course, TINY, who) for who in before} == before
    assert {len(evidence.history(course, TINY, who)) for who in before} == {1}


def _rated_and_released(course: Course, page: Any, base: str) -> None:
    """Both attempts of Ada, from the rating to the feedback that she reads."""
    ada = candidate(base, course, Person("ada", "candidate", OPENING))
    row(page, "ada").get_by_role("link").click()
    for name, label in ((TINY, ", and open the revision"), (REVISION, "")):
        page.goto(f"{base}team/ada/{name}/explain")
        assert "once you have rated" in page.get_by_role("main").inner_text()
        page.goto(f"{base}team/ada/{name}/attempt")
        assert "SLOPE" in page.get_by_role("main").inner_text()
        assert "of 40" not in page.get_by_role("main").inner_text()
        page.goto(f"{base}team/ada/")
        expect(page.locator(f"#far-{name}")).to_contain_text("ran to its end")
        for criterion in rating.criteria(course, name, "ada").criteria:
            rating.rate(course, name, "ada", criterion, 3, "grace", seen="says why")
        expect(page.locator(f"#far-{name}")).to_contain_text("of 100 points")
        assert not released(ada, name)
        page.locator(f"#draw-{name}").click()
        page.locator(f"#approve-{name}").click()
        page.get_by_role("button", name=f"Release to the candidate{label}", exact=True).click()
        assert "Released" in page.get_by_role("status").inner_text()
        assert "strength" in released(ada, name).lower()
        if name == TINY:
            _revised(course)
            page.reload()
    expect(page.locator(f"#far-{REVISION}")).to_contain_text("to be decided by")


def released(client: Any, name: str) -> str:
    """The feedback that the candidate is shown; empty where there is none."""
    reply = client.get(f"candidates/ada/{name}/feedback")
    return reply.text if reply.status_code == 200 else ""


def _revised(course: Course) -> None:
    person = links.holder(course, "ada")
    assert person is not None
    sittings.start(course, person, REVISION)
    book = answered(notebook_of(course, "ada", REVISION), note="revised")
    sittings.hand_in(course, person, {f"{REVISION}.ipynb": book}, by="ada", assignment_id=REVISION)
    over(course, "ada")
    begin = time.monotonic()
    until(lambda: evidence.latest(course, REVISION, "ada") is not None)
    print(f"from the hand-in to the record: {time.monotonic() - begin:.2f} s")
