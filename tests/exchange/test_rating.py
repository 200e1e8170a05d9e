"""Rating through the service: drafts, one submission, one store, and what a grader cannot see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.exchange.afar import OPENING, PASSWORD, TINY, open_now
from tests.exchange.served import Client, member, served
from tests.graded import add_grading, rate
from worksample import feedback
from worksample.course import Course
from worksample.exchange import (
    links,
    people,
    rating,
    rating_practice,
    rating_queue,
    sittings,
    table,
    versions,
)
from worksample.exchange.rating_queue import Queue, Said, Subject
from worksample.feedback import lookup
from worksample.feedback.revision import revise
from worksample.records import chain
from worksample.records.tables import Audit, Rating, RatingsSubmitted, Records
from worksample.review import rating as review

CELL = "explanation_answer"
HOSTILE = (
    "# A heading\n<script>fetch('/team/')</script><img src=x onerror=alert(1)>\n"
    "[link](javascript:alert(1)) ![p](http://elsewhere.example/p.png) </section></main>"
)


@dataclass
class Team:
    """Ada and Bob are graded; two people rate each, and Irene interviews."""

    course: Course
    base: str
    grace: Client
    heidi: Client

    def queue(self, grader: str) -> Queue:
        return rating_queue.work(self.course, TINY, grader)

    def at(self, grader: str, candidate: str) -> str:
        subject = next(each for each in self.queue(grader).subjects if each.name == candidate)
        return f"team/rating/attempts/{TINY}/{subject.code}"

    def enter(self, client: Client, grader: str, candidate: str, **given: str) -> requests.Response:
        fields = {"criterion": "explanation", "value": "3", "cell": CELL, "evidence": "", **given}
        reply: requests.Response = client.post(f"{self.at(grader, candidate)}/save", fields)
        return reply

    def submit(self, client: Client, grader: str, candidate: str) -> int:
        return int(client.post(f"{self.at(grader, candidate)}/submit").status_code)

    @property
    def rows(self) -> list[Rating]:
        return Records(self.course.records_url).all_ratings(TINY, "ada")


@pytest.fixture
def team(graded: Course) -> Iterator[Team]:
    (graded.root / "course.toml").write_text("[scorecards]\ngraders = 2\n")
    open_now(graded)
    for name in ("grace", "heidi"):
        people.add(graded, name, "grader", PASSWORD)
    people.add(graded, "irene", "interviewer", PASSWORD)
    with served(graded) as base:
        yield Team(graded, base, member(base, "grace"), member(base, "heidi"))


def test_drafts_count_nowhere_and_are_submitted_once(team: Team) -> None:
    records = Records(team.course.records_url)
    assert team.enter(team.grace, "grace", "ada", cell="").status_code == 303
    refused = team.grace.post(f"{team.at('grace', 'ada')}/submit")
    assert refused.status_code == 409
    assert "ot rated yet: Explanation" in refused.text
    team.enter(team.grace, "grace", "ada", evidence="says where it holds")
    assert not team.rows
    assert "says where it holds" in team.grace.get(team.at("grace", "ada")).text
    assert team.submit(team.grace, "grace", "ada") == 303
    (row,) = team.rows
    assert (row.value, row.cell, row.grader, row.door) == (3, CELL, "grace", "screen")
    assert records.submitters(TINY, "ada") == ["grace"]
    assert team.submit(team.grace, "grace", "ada") == 409
    assert team.enter(team.grace, "grace", "ada", value="1").status_code == 409
    assert not rating_queue.has_begun(team.course, TINY, "ada", "grace")
    # what counts is changed with a reason only, and what was before stays
    place = f"{team.at('grace', 'ada')}/change"
    changed = {"criterion": "explanation", "value": "2", "cell": CELL}
    assert team.grace.post(place, changed).status_code == 409
    assert team.grace.post(place, {**changed, "why": "read again"}).status_code == 303
    assert [(row.value, row.reason) for row in team.rows] == [(3, ""), (2, "read again")]
    assert not chain.verify(records)


def test_what_is_no_rating_is_refused(team: Team) -> None:
    for fields, words in (
        ({"value": "5"}, "1, 2, 3 or 4"),
        ({"value": "2.5"}, "1, 2, 3 or 4"),
        ({"cell": "no_such_cell"}, "no cell"),
        ({"value": "0", "reason": "weak"}, "one of these reasons"),
    ):
        reply = team.enter(team.grace, "grace", "ada", **fields)
        assert reply.status_code == 409
        assert words in reply.text
    assert not team.queue("grace").said


def test_0_needs_its_reason_and_is_kept_as_missing(team: Team) -> None:
    team.enter(team.grace, "grace", "ada", value="0", cell="")
    assert team.submit(team.grace, "grace", "ada") == 409
    team.enter(team.grace, "grace", "ada", value="0", cell="", reason="not observable")
    assert team.submit(team.grace, "grace", "ada") == 303
    (row,) = team.rows
    assert (row.value, row.reason) == (None, "not observable")


def test_a_grader_sees_nothing_of_others_before_submitting(team: Team) -> None:
    """Every page that a grader's token opens, asked before and after they submit their own."""
    course = team.course
    links.issue(course, OPENING, "ada")
    ada = links.holder(course, "ada")
    assert ada is not None
    sitting = sittings.start(course, ada, TINY)
    sittings.extend(
        course, sitting or sittings.find(course, ada, TINY), 17, "heidi", "reads ACCOMM"
    )
    team.enter(team.heidi, "heidi", "ada", value="1", evidence="HEIDI-SAW-THIS")
    assert team.submit(team.heidi, "heidi", "ada") == 303
    drawn = lookup.page_path(course, TINY, "ada")
    drawn.parent.mkdir(parents=True, exist_ok=True)
    drawn.write_text("97 of 100 points, rated HEIDI-SAW-THIS")
    hidden = ("HEIDI-SAW-THIS", "97 of 100", "97 points", "ACCOMM", "1.5 ×", "67.5", "clock: ")
    for address in _addresses(team):
        page = team.grace.get(address)
        assert page.status_code < 500, (address, page.text)
        found = [each for each in hidden if each in page.text]
        assert not found, (address, found)
    for address in (team.at("grace", "ada"), f"{team.at('grace', 'ada')}/attempt"):
        page = team.grace.get(address)
        assert not re.search(r"\bada\b|40 of 40|57 of 60|UTC", page.text), address
    # another grader's codes and drafts open nothing
    assert team.grace.get(team.at("heidi", "ada")).status_code == 404
    team.enter(team.grace, "grace", "ada", value="4")
    assert team.submit(team.grace, "grace", "ada") == 303
    after = team.grace.get(team.at("grace", "ada")).text
    assert "HEIDI-SAW-THIS" in after
    assert "57 of 60" in after
    assert "ada" in after
    assert "HEIDI-SAW-THIS" in team.grace.get(f"team/ada/{TINY}/drawn").text
    assert "ACCOMM" not in team.grace.get("team/ada/").text  # that stays nobody's who rates
    with Records(course.records_url).session() as session:
        looked = session.query(Audit).filter_by(actor="grace", action="look at attempt").count()
    assert looked == 1


def _addresses(team: Team) -> list[str]:
    values = {"candidate": "ada", "assignment": TINY, "number": "1", "code": "x", "file": "x"}
    values |= {
        "kit": "screening",
        "kind": "attempts",
        "order": "0" * 32,
        "code": team.at("grace", "ada").split("/")[-1],
    }
    gets = [each for each in table.TABLE if each.method == "GET"]
    return [each.path.format(**values) for each in gets if not each.path.endswith(("css", "js"))]


def test_an_attempt_is_shown_as_text_in_a_page_of_no_origin(team: Team) -> None:
    shown = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": HOSTILE}},
        {"output_type": "stream", "name": "stdout", "text": HOSTILE},
    ]
    book = add_grading(team.course, "ada", {"slope": 40, "predict": 60}, answers={CELL: HOSTILE})
    _put_out(team.course, book, "slope_answer", shown)
    reply = team.grace.get(f"{team.at('grace', 'ada')}/attempt")
    policy = reply.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "unsafe" not in policy
    scripts = re.findall(r"<script[^>]*>", reply.text)
    assert len(scripts) == 1
    nonce = re.search(r"'nonce-([\w-]+)'", policy)
    assert nonce
    assert f'nonce="{nonce[1]}"' in scripts[0]
    assert not re.search(r"<img src=\"?(?!data:)|<[^>]+\son\w+=|href=\"?javascript", reply.text)
    assert reply.text.count("</main>") == 1
    assert "fetch(&#39;/team/&#39;)" in reply.text


def _put_out(course: Course, record: dict[str, object], cell: str, outputs: list[object]) -> None:
    """Give a cell these outputs, as if grading had not cleaned them."""
    from worksample.records import evidence

    book = evidence.notebook(course, record)
    for each in book["cells"]:
        if each["id"] == cell:
            each["outputs"] = outputs
    body = {key: record[key] for key in record if key not in ("number", "time", "notebook")}
    evidence.append(course, TINY, "ada", body, json.dumps(book).encode())


def test_each_grader_has_codes_and_an_order_of_their_own(team: Team) -> None:
    for name in ("cleo", "dora", "emil", "fred"):
        add_grading(team.course, name, {"slope": 0, "predict": 0})
    orders = {grader: [s.name for s in team.queue(grader).subjects] for grader in "abcdefgh"}
    assert len({tuple(order) for order in orders.values()}) > 4
    codes = {s.code for grader in orders for s in team.queue(grader).subjects}
    assert len(codes) == 6 * len(orders)
    add_grading(team.course, "gina", {"slope": 0, "predict": 0})
    for grader, order in orders.items():
        assert [s.name for s in team.queue(grader).subjects if s.name != "gina"] == order


def test_with_one_grader_the_doors_show_the_same(graded: Course) -> None:
    open_now(graded)
    people.add(graded, "grace", "grader", PASSWORD)
    rate(graded, "ada", 2, evidence="by the command", cell=CELL)
    with served(graded) as base:
        team = Team(graded, base, member(base, "grace"), member(base, "grace"))
        page = team.grace.get(team.at("grace", "ada")).text
        assert "by the command" in page
        assert re.search(r'value="2" checked', page)
        team.enter(team.grace, "grace", "ada", value="3")
        assert team.submit(team.grace, "grace", "ada") == 303
        review.rate(graded, TINY, "ada", "explanation", 4, "grace", reason="seen again")
        assert re.search(r"<b>4</b>", team.grace.get(team.at("grace", "ada")).text)
    assert [row.value for row in team.rows] == [2, 3, 4]


SUBJECTS = tuple(Subject("attempts", TINY, name, f"code-{name}") for name in "abc")
CRITERIA = ("one", "two")
SAID = some.sampled_from(
    [
        Said(),
        Said(3),
        Said(3, cell="x"),
        Said(0),
        Said(0, "not observable"),
        Said(None, "", "words", "x"),
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    some.dictionaries(some.tuples(some.sampled_from("abc"), some.sampled_from(CRITERIA)), SAID),
    some.sets(some.sampled_from("abc")),
    some.sampled_from(["criterion", "candidate"]),
)
def test_going_on_reaches_everything_and_ends(
    said: dict[tuple[str, str], Said], submitted: set[str], way: rating_queue.Way
) -> None:
    """Whatever was said, going on visits each open place once and then leads nowhere."""
    done = frozenset(name for name in submitted if all(
        said.get((name, c), Said()).is_complete for c in CRITERIA))  # fmt: skip
    queue = Queue("attempts", TINY, CRITERIA, SUBJECTS, dict(said), done)
    wanted = {(s.name, c) for s in SUBJECTS for c in queue.left(s) if s.name not in done}
    met, at = [], None
    while (at := queue.after(way, at)) and len(met) < 20:
        met.append((at[0].name, at[1]))
        queue = Queue(
            "attempts", TINY, CRITERIA, SUBJECTS, {**queue.said, met[-1]: Said(2, cell="x")}, done
        )
    assert sorted(met) == sorted(wanted)


# ---- practice ----


@pytest.fixture
def practice(team: Team) -> Team:
    """As `worksample practice` leaves it, but nothing was run."""
    from worksample import assignments
    from worksample.assignments import build, consensus

    tiny = assignments.find(team.course, TINY)
    for name in consensus.of_solutions(tiny):
        book = json.loads(build.release_bytes(team.course, tiny, "standard"))
        sources = tiny.solution(name).sources("standard")
        for cell in book["cells"]:
            cell["source"] = sources.get(cell["id"], "".join(cell["source"]))
        path = rating_queue.practice_folder(team.course, TINY) / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"level": "standard", "notebook": book, "status": {}, "card": "The slope is 1.5."}
        path.write_text(json.dumps(kept))
    return team


def test_practice_tells_where_a_grader_differs_and_stays_apart(practice: Team) -> None:
    course, grace = practice.course, practice.grace
    queue = rating_queue.practice(course, TINY, "grace")
    assert {each.name for each in queue.subjects} == {"strong", "weak", "blank"}
    assert "Practise first" in grace.get("team/rating/").text
    for subject in queue.subjects:
        at = f"team/rating/practice/{TINY}/{subject.code}"
        page = grace.get(at).text
        assert subject.name not in page.replace("<strong>", "").replace("</strong>", "")
        fields = {"criterion": "explanation", "value": "4", "cell": CELL, "evidence": "fine"}
        assert grace.post(f"{at}/save", fields).status_code == 303
        assert grace.post(f"{at}/submit").status_code == 303
        assert "What is agreed on: " in grace.get(at).text
    result = grace.get(f"team/rating/practice/{TINY}/result").text
    assert "It names one limit" in result
    (own,) = rating_practice.results(course, TINY)
    assert (own.number, own.exact, own.adjacent, own.wide) == (3, 0, 1, 2)
    assert own.mean is None  # below its floor
    assert not practice.rows
    assert "grace" in practice.heidi.get("team/rating/graders").text


def test_what_a_solution_cannot_show_is_compared_and_counts_nowhere(practice: Team) -> None:
    path = practice.course.root / "assignments" / TINY / "solutions" / "ratings.toml"
    agreed = re.sub(r"(\[explanation\.blank\]\nvalue = )1", r"\g<1>0", path.read_text("utf-8"))
    path.write_text(agreed, encoding="utf-8")
    for subject in rating_queue.practice(practice.course, TINY, "grace").subjects:
        at = f"team/rating/practice/{TINY}/{subject.code}"
        fields = {"criterion": "explanation", "value": "3", "cell": CELL, "evidence": "fine"}
        practice.grace.post(f"{at}/save", fields)
        practice.grace.post(f"{at}/submit")
        if subject.name == "blank":
            assert (
                "What is agreed on: 0, not enough information</h3>" in practice.grace.get(at).text
            )
    (own,) = rating_practice.results(practice.course, TINY)
    assert own.number == 2  # of three
    told = practice.grace.get(f"team/rating/practice/{TINY}/result").text
    assert "you 3, agreed 0, not enough information</h2>" in told


@pytest.mark.parametrize(
    ("apart", "is_far"),
    [
        ([1, 1, 0, 1, 0, 1], True),
        ([0, 0, 1, -1, 0, 0], False),
        ([2, -2, 0, 0, 0, 0], True),
        ([2, 2, 2, 2, 2], False),  # too few to say
    ],
)
def test_who_is_far_off(apart: list[int], is_far: bool) -> None:
    found = rating_practice._practised("grace", TINY, apart)
    assert found.is_far == is_far
    assert (found.mean is None) == (len(apart) < rating_practice.LEAST)


def test_severity_has_its_floor_and_reads_submitted_ratings_alone(team: Team) -> None:
    records = Records(team.course.records_url)

    def done(number: int, grader: str) -> RatingsSubmitted:
        return RatingsSubmitted(assignment=TINY, candidate=f"c{number}", grader=grader)

    for number in range(31):
        rate(team.course, f"c{number}", 4 if number % 2 else 3, grader="grace")
        rate(team.course, f"c{number}", 2, grader="heidi")
    records.add(*(done(number, "heidi") for number in range(31)))
    records.add(*(done(number, "grace") for number in range(29)))
    assert rating_practice.severity(team.course, TINY)["grace"].missing == 1
    records.add(*(done(number, "grace") for number in (29, 30)))
    found = rating_practice.severity(team.course, TINY)
    assert found["grace"].value == pytest.approx(-(found["heidi"].value or 0))
    assert found["grace"].value == pytest.approx((3 * 16 + 4 * 15) / 31 / 2 - 1)


def test_the_screens_files_say_who_may_load_them(team: Team) -> None:
    for name in ("screen.css", "screen.js", "kit.js", "attempt.css", "attempt.js"):
        reply = Client(team.base).get(f"team/rating/{name}")
        assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert Client(team.base).get("style.css").headers["Cross-Origin-Resource-Policy"] == (
        "same-origin"
    )
    page = team.grace.get(team.at("grace", "ada"))
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script[^>]*>[^<]|\son\w+=\"|style=\"", page.text)
    assert (Path(rating.__file__).parent / "templates" / "rating.js").is_file()


def test_a_revision_shows_what_changed_and_not_what_others_gave(team: Team) -> None:
    """Its first cell is the feedback: points, ratings, and how long this candidate has for it."""
    revision = f"{TINY}-revision"
    rate(team.course, "ada", 3, evidence="HEIDI-SAW-THIS", grader="heidi")
    Records(team.course.records_url).add(
        RatingsSubmitted(assignment=TINY, candidate="ada", grader="heidi")
    )
    feedback.render(team.course, TINY, ["ada"])
    feedback.approve(team.course, TINY, ["ada"], by="lead")
    revise(team.course, TINY, "ada")
    changed = {"slope_answer": "SLOPE = 2.5", "revision_note": "I counted again."}
    add_grading(
        team.course, "ada", {"slope": 0, "predict": 57}, assignment_id=revision, answers=changed
    )
    (subject,) = rating_queue.work(team.course, revision, "grace").subjects
    at = f"team/rating/attempts/{revision}/{subject.code}"
    page = team.grace.get(f"{at}/attempt").text
    assert "What the revision was to do" in page
    assert "<ins>+ SLOPE = 2.5</ins>" in page
    assert "I counted again." in page
    for hidden in ("15 minutes", "HEIDI-SAW-THIS", "97", "of 40"):
        assert hidden not in page, hidden
    screen = team.grace.get(f"{at}?criterion=receptiveness").text
    assert "The two attempts side by side" in screen
    fields = {"value": "3", "cell": "revision_note", "evidence": ""}
    for criterion in ("explanation", "receptiveness"):
        team.grace.post(f"{at}/save", {**fields, "criterion": criterion})
    assert team.grace.post(f"{at}/submit").status_code == 303
    rows = Records(team.course.records_url).all_ratings(revision, "ada")
    assert {(row.criterion, row.attempt) for row in rows} == {
        ("explanation", 2),
        ("receptiveness", 2),
    }


def test_the_work_record_names_nobody_and_tells_no_time_before_the_rating(team: Team) -> None:
    course = team.course
    links.issue(course, OPENING, "ada")
    ada = links.holder(course, "ada")
    assert ada is not None
    sitting = sittings.start(course, ada, TINY)
    sittings.extend(course, sittings.find(course, ada, TINY), 17, "heidi", "a reason")
    folder = versions.Folder.of(course, TINY, "ada")
    for source in ("x = 1", "x = 2"):
        cell = {"id": "a", "cell_type": "code", "source": source, "metadata": {}, "outputs": []}
        folder.keep({f"{TINY}.ipynb": json.dumps({"cells": [cell]}).encode()})
    screen, record = team.at("grace", "ada"), f"team/ada/{TINY}/record"
    page = team.grace.get(screen).text
    assert "How the notebook grew" in page
    assert "cells: 1 changed" in page
    assert "UTC" not in page
    before = team.grace.get(record).text
    assert "version 2" in before
    assert not re.search(r"UTC|after the start|clock: ", before)
    team.enter(team.grace, "grace", "ada", value="3")
    assert team.submit(team.grace, "grace", "ada") == 303
    assert record in team.grace.get(screen).text
    after = team.grace.get(record).text
    assert "UTC" in after
    assert "clock: start" in after
    assert "clock: extend" not in after  # that stays nobody's who rates
    assert sitting is not None
