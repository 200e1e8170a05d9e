"""The debrief: what stands on it, that it is whole, harmless, and looks right where it is read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.browser import NEEDS_BROWSER, launch
from tests.conftest import TINY
from tests.graded import add_grading
from tests.once import once
from worksample import kits
from worksample.assignments import case
from worksample.cli import main
from worksample.course import Course
from worksample.debrief import choices, cohort, cohort_view, drawing, gathering, questions, view
from worksample.errors import CandidateError, WorksampleError
from worksample.records.tables import Audit, Records
from worksample.review import interviews, rating
from worksample.review.interviews import Entry, Sheet

GRADERS = ("grace", "alan", "ida")
LONG = "It says for which range of x the line was fitted, and that beyond it nobody has looked. "
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> =cmd|' /C calc'!A0"


def rate_all(course: Course, candidate: str, *values: int, name: str = TINY) -> None:
    for grader, value in zip(GRADERS, values, strict=False):
        seen = f"{HOSTILE} by {grader}. {LONG * 3}"
        rating.rate(course, name, candidate, "explanation", value, grader, seen=seen)
        if name != TINY:
            rating.rate(course, name, candidate, "receptiveness", value, grader, seen="a test")
        rating.submit(course, name, candidate, grader)


@pytest.fixture(scope="session")
def debriefed_once(graded_once: Path) -> Path:
    """Ada, revised, is rated by three who differ; Bob by three who agree."""

    def make(folder: Path) -> None:
        shutil.copytree(graded_once, folder / "course")
        course = Course(folder / "course")
        (course.root / "course.toml").write_text("[scorecards]\ngraders = 3\n")
        add_grading(
            course, "bob", {"slope": 20, "predict": 0}, message=HOSTILE,
            answers={"slope_answer": f"if x > 0.25:\n    SLOPE = 1.0  # {HOSTILE}"},
        )  # fmt: skip
        revision = f"{TINY}-revision"
        given = course.state / "revisions" / TINY / "ada"
        shutil.copytree(case.released(course, TINY, "standard").parent, given, dirs_exist_ok=True)
        rate_all(course, "ada", 4, 3, 2)
        rate_all(course, "bob", 1, 2, 2)
        second = {"slope": 40.0, "predict": 60.0}
        answers = {"slope_answer": "SLOPE = 1.25\nINTERCEPT = 2.0"}
        _second_attempt(course, revision, second, answers)
        rate_all(course, "ada", 3, 3, 3, name=revision)

    return once("debriefed", make) / "course"


def _second_attempt(
    course: Course, name: str, earned: dict[str, float], answers: dict[str, str]
) -> None:
    release = case.released
    with pytest.MonkeyPatch.context() as patch:
        # its own release would need approved feedback; the cells are those of the first attempt
        patch.setattr(case, "released", lambda c, _, level, who: release(c, TINY, level, who))
        add_grading(course, "ada", earned, assignment_id=name, answers=answers)


@pytest.fixture
def debriefed(debriefed_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    shutil.copytree(debriefed_once, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return Course(tmp_path / "course")


def test_the_page_says_everything_and_says_it_safely(debriefed: Course) -> None:
    for candidate in ("ada", "bob"):
        page = drawing.debrief(debriefed, candidate, "lead").page.read_text()
        assert "<script" not in page
        assert "onerror=alert" not in re.sub(r"&lt;.*?&gt;", "", page)
        assert "http" not in re.sub(r'(src|href)="(data:|#)[^"]*"', "", page).replace(
            "http-equiv", ""
        )
        anchors = set(re.findall(r'id="([^"]+)"', page))
        links = set(re.findall(r'href="#([^"]+)"', page))
        assert links <= anchors, links - anchors
        assert 'alt="Profile, each dimension from 1 to 4.' in page
        for heading in ("Every rating", "Automatic checks", "The meeting", "Recommendation"):
            assert f">{heading}</h2>" in page


def test_the_first_page_has_the_outcome_what_would_flip_it_and_what_to_discuss(
    debriefed: Course,
) -> None:
    record = gathering.gather(debriefed, "ada")
    assert (record["outcome"], record["covered"], record["planned"]) == ("meets", 1, 1)
    assert "without B’s ratings: does not meet" in record["flips"]
    assert record["graders"] == {"A": "alan", "B": "grace", "C": "ida"}
    said = view.in_one_minute(record) + view.first_page_lists(record)
    assert "Meets the rule" in said
    assert "(B\u00a04, A\u00a03, C\u00a02): two levels or more apart" in said
    (row,) = record["dimensions"]
    assert (row["median"], row["low"], row["high"], row["later"]) == (3, 2, 4, 3)
    assert [r["letter"] for r in row["ratings"]] == ["B", "A", "C"]
    bob = gathering.gather(debriefed, "bob")
    assert (bob["outcome"], bob["flips"]) == ("does not meet", [])


def test_the_same_state_gives_the_same_bytes_and_looking_is_noted(debriefed: Course) -> None:
    first = drawing.debrief(debriefed, "ada", "lead")
    # the chain's head is on the page and grows with each look; all else is as before
    pages = [first.page.read_text(), drawing.debrief(debriefed, "ada", "lead").page.read_text()]
    before, after = (re.sub(r"\d+:[0-9a-f]{64}", "HEAD", page) for page in pages)
    assert before == after
    with Records(debriefed.records_url).session() as session:
        looks = session.query(Audit).filter_by(action="debrief", actor="lead").count()
    assert looks == 2


def test_nobody_sees_it_before_everybody_has_submitted_unless_it_is_said(debriefed: Course):
    rating.rate(debriefed, TINY, "ada", "explanation", 1, "late")
    with pytest.raises(WorksampleError, match="not all graders have submitted: late"):
        drawing.debrief(debriefed, "ada")
    drawn = drawing.debrief(debriefed, "ada", early=True)
    page = drawn.page.read_text()
    assert "Shown early" in page
    assert drawn.record["outcome"] == "meets"  # a draft counts nowhere
    with pytest.raises(CandidateError, match="nothing of nobody has been graded"):
        drawing.debrief(debriefed, "nobody")
    assert cohort.gather(debriefed, TINY)["waiting"] == ["ada"]
    assert [m["candidate"] for m in cohort.gather(debriefed, TINY)["members"]] == ["bob"]
    (debriefed.root / "course.toml").write_text("[scorecards]\ngraders = 5\n")
    with pytest.raises(WorksampleError, match="2 more of 5 graders"):
        drawing.debrief(debriefed, "bob")
    page = drawing.debrief_cohort(debriefed, TINY).page.read_text()
    assert "their graders have not all submitted (2): ada, bob" in page


def test_no_information_is_no_rating(debriefed: Course) -> None:
    before = gathering.gather(debriefed, "ada")
    rating.rate(debriefed, TINY, "ada", "explanation", 0, "ned", reason="not observable")
    rating.submit(debriefed, TINY, "ada", "ned")
    after = gathering.gather(debriefed, "ada")
    for name in ("outcome", "covered", "planned", "reasons"):
        assert before[name] == after[name]  # type: ignore[literal-required]
    assert (after["dimensions"][0]["median"], len(after["dimensions"][0]["ratings"])) == (3, 4)


def test_interviews_stand_in_the_profile_and_count_in_the_rule(debriefed: Course) -> None:
    before = gathering.gather(debriefed, "ada")
    assert view.interviews(before) == ""
    kit = kits.kit(debriefed, "technical-interview")
    unknown = {"Deep Learning Knowledge": "out of scope", "ML Systems & Production": "not asked"}
    levels = dict.fromkeys(kit.dimensions, 3) | dict.fromkeys(unknown, 0)
    lines = {
        name: Entry(value, unknown.get(name, ""), f"{HOSTILE} {name}")
        for name, value in {**levels, **dict.fromkeys(kit.outcomes, 2)}.items()
    }
    asked = kit.questions[0]
    notes = {asked.name: f"{HOSTILE} a good example"}
    sheet = Sheet(lines, notes, {}, recommendation=3, why="sound")
    interviews.submit(debriefed, kit, "ada", "ines", sheet)
    after = gathering.gather(debriefed, "ada")
    assert (after["planned"], after["covered"]) == (before["planned"] + 4, before["covered"] + 3)
    assert after["outcome"] == "insufficient evidence", "one of five dimensions is not known"
    assert after["graders"]["D"] == "ines"
    assert [row["median"] for row in after["dimensions"] if row["stage"]] == [3, 3, 3, None]
    assert view.work_dimensions(after) == before["dimensions"]
    short = view.first_page_lists(after)
    assert "Technical interview</a> (ines): medians 3 to 3" in short
    page = drawing.debrief(debriefed, "ada").page.read_text()
    section = page[page.index(">Interviews</h2>") : page.index(">Automatic checks</h2>")]
    for said in (
        kit.title,
        asked.ask.split("?")[0],
        "a good example",
        "Outcomes, as predicted",
        "Out of scope",
    ):
        assert said in section, said
    assert "<script>alert" not in page
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(re.findall(r"""id=["']([^"']+)["']""", page))


def test_both_attempts_stand_side_by_side_with_how_feedback_was_taken_up(debriefed: Course):
    page = drawing.debrief(debriefed, "ada").page.read_text()
    after = page[page.index("Before and after the feedback") :]
    assert "57 of 60" in after
    assert "up 3" in after
    assert "+ INTERCEPT = 2.0" in after
    assert "The cause of what the feedback named is mended" in after


def test_five_questions_come_from_this_candidates_own_work(debriefed: Course) -> None:
    for candidate, because in (
        ("ada", "its graders read it differently: grace 4, alan 3, ida 2"),
        ("bob", "line 1 compares with 0.25"),
    ):
        asked = gathering.gather(debriefed, candidate)["questions"]
        assert len(asked) == questions.MANY
        assert len({q["ask"] for q in asked}) == questions.MANY
        assert all(q["covers"] and q["place"]["anchor"] for q in asked)
        assert because in [q["because"] for q in asked]


@pytest.mark.parametrize("source", ["(" * 5000, "x = [" * 3000, "\0", "def f(", "!rm -rf /", ""])
def test_code_that_is_hard_to_read_is_passed_over(source: str) -> None:
    assert not list(choices.found(source))


def test_choices_in_code_are_found_by_their_syntax() -> None:
    source = """
def split(rows):
    try:
        rows = rows.dropna()
    except Exception:
        pass
    return train_test_split(rows) if rows.share > 0.2 else None
"""
    assert {choice.what for choice in choices.found(source)} == {
        "line 5 catches an error and goes on",
        "line 7 compares with 0.2",
        "line 7 draws at random (train_test_split)",
        "line 4 calls dropna()",
    }
    assert not list(choices.found("train_test_split(rows, random_state=1)"))


def test_a_cohort_is_grouped_and_never_ranked(debriefed: Course) -> None:
    drawn = drawing.debrief_cohort(debriefed, TINY)
    record = cohort.gather(debriefed, TINY)
    assert [(m["candidate"], m["outcome"]) for m in record["members"]] == [
        ("ada", "meets"),
        ("bob", "does not meet"),
    ]
    page = drawn.page.read_text()
    assert "not shown: 8 more needed (2 so far)" in page  # agreement
    assert "not shown: 18 more needed (2 so far)" in page  # difficulty
    assert not re.search(r"\brank(?!ed)|average|\bmean\b", view_words(page), re.IGNORECASE)
    assert cohort_view.agreement({**record, "graders": 1}).count("nobody knows") == 1


def view_words(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page[page.index("<main>") :])


def test_a_person_signs_and_who_changes_their_mind_signs_again(debriefed: Course) -> None:
    run = CliRunner().invoke
    early = run(main, ["recommend", "ada", "--value", "3", "--reason", "x", "--by", "lead"])
    assert "no debrief of ada" in early.output
    assert "the rule says: meets" in run(main, ["debrief", "ada", "--by", "lead"]).output
    for value, why in (("2", "unsure of the range"), ("4", "the interview settled it")):
        signed = ["recommend", "ada", "--value", value, "--reason", why, "--by", "lead"]
        assert "signed" in run(main, signed).output
    page = drawing.debrief(debriefed, "ada").page.read_text()
    assert page.index("unsure of the range") < page.index("the interview settled it")
    rows = Records(debriefed.records_url).recommendations("ada")
    assert [(row.value, row.outcome, len(row.debrief_digest)) for row in rows] == [
        (2, "meets", 64),
        (4, "meets", 64),
    ]
    audited = run(main, ["audit"])
    assert "whole:" in audited.output
    head = re.search(r"\d+:[0-9a-f]{64}", audited.output)
    assert head is not None
    assert run(main, ["audit", "--head", head[0]]).exit_code == 0
    assert run(main, ["audit", "--head", f"3:{'0' * 64}"]).exit_code == 1


def test_groups_that_are_too_small_are_not_told(debriefed: Course, tmp_path: Path) -> None:
    path = tmp_path / "apart.csv"
    path.write_text("candidate,sex\nada,f\nbob,m\nnobody,m\n")
    shown = CliRunner().invoke(main, ["impact", TINY, "--groups", str(path)])
    assert "f: 1 people; not shown: 29 more people needed" in shown.output
    assert "ada" not in shown.output


class TestInABrowser:
    pytestmark = [pytest.mark.slow, *NEEDS_BROWSER]  # noqa: RUF012

    def test_it_reads_on_a_phone_a_desk_and_paper(self, debriefed: Course) -> None:
        from axe_playwright_python.sync_playwright import Axe
        from playwright.sync_api import sync_playwright

        pages = [
            drawing.debrief(debriefed, "ada").page,
            drawing.debrief_cohort(debriefed, TINY).page,
        ]
        with sync_playwright() as playwright:
            browser = launch(playwright)
            tab = browser.new_page()
            for path in pages:
                tab.goto(path.as_uri())
                for width in (1280, 390, 320):
                    tab.set_viewport_size({"width": width, "height": 800})
                    assert tab.evaluate("document.documentElement.scrollWidth") <= width, width
                found = Axe().run(tab)
                assert found.violations_count == 0, found.generate_report()
            # paper: the first page holds all of the summary (A4 less its margins, at 96 dots)
            tab.goto(pages[0].as_uri())
            tab.set_viewport_size({"width": 642, "height": 986})
            tab.emulate_media(media="print")
            end = "document.querySelector('.beside').getBoundingClientRect().bottom"
            assert tab.evaluate(end) <= 986
            browser.close()

    def test_it_is_printed(self, debriefed: Course) -> None:
        done = CliRunner().invoke(main, ["debrief", "bob", "--pdf"])
        assert done.exit_code == 0, done.output
        assert drawing.path_of(debriefed, "bob").with_suffix(".pdf").read_bytes()[:5] == b"%PDF-"
