"""The revision: one's own work and the feedback, and what is said of before and after."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

from tests.conftest import TINY
from tests.graded import add_grading
from worksample import feedback
from worksample.assignments import case
from worksample.course import Course
from worksample.errors import FeedbackError
from worksample.feedback import approval, view
from worksample.feedback.changes import MOST_LINES, compare
from worksample.feedback.revision import feedback_cell, revise
from worksample.feedback.schema import Cell

REVISION = f"{TINY}-revision"


def approve(course: Course, candidate: str) -> None:
    feedback.render(course, TINY, [candidate])
    feedback.approve(course, TINY, [candidate], by="grace")


def package(course: Course, candidate: str) -> tuple[dict[str, Any], zipfile.ZipFile]:
    """The revision's notebook and its zip."""
    revise(course, TINY, candidate)
    archive = zipfile.ZipFile(case.package_path(course, REVISION, candidate))
    return json.loads(archive.read(f"{REVISION}/{REVISION}.ipynb")), archive


class TestPackage:
    def test_holds_the_candidates_own_work_behind_the_feedback(self, graded: Course):
        approve(graded, "ada")
        notebook, archive = package(graded, "ada")
        cells = {cell["id"]: cell for cell in notebook["cells"]}
        assert [cell["id"] for cell in notebook["cells"]][:2] == [
            "revision_feedback",
            "revision_note",
        ]
        assert "".join(cells["slope_answer"]["source"]) == "SLOPE = 1.5"
        assert "**15 minutes**" in "".join(cells["revision_feedback"]["source"])
        assert notebook["metadata"]["worksample"]["attempt"] == 2
        page = approval.page_path(graded, TINY, "ada").read_bytes()
        assert archive.read(f"{REVISION}/feedback.html") == page
        mark = json.loads(archive.read(f"{REVISION}/worksample.json"))
        assert mark["minutes"] == 15, "the clock's: ten minutes, and half as much again"
        assert (mark["attempt"], mark["assignment"], mark["candidate"]) == (2, REVISION, "ada")

    def test_is_of_the_same_case_and_holds_nothing_private(self, graded: Course):
        approve(graded, "ada")
        _, archive = package(graded, "ada")
        first = zipfile.ZipFile(case.package_path(graded, TINY, "ada"))
        for name in first.namelist():
            if "/case/" in name:
                assert archive.read(name.replace(TINY, REVISION, 1)) == first.read(name)
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert b"MARK SCHEME" not in everything
        assert b"truth" not in everything

    def test_again_changes_nothing(self, graded: Course):
        approve(graded, "ada")
        first = revise(graded, TINY, "ada")
        data = first.package.read_bytes()
        second = revise(graded, TINY, "ada")
        assert (first.new, second.new) == (True, False)
        assert second.package.read_bytes() == data

    def test_a_candidates_text_in_the_feedback_cell_is_no_markup(self, graded: Course):
        record = approval.build(graded, TINY, "ada")
        record["improvement"]["text"] = "# <img src=x onerror=alert(1)> ![a](http://evil.example)"
        shown = feedback_cell(record)
        assert "<img" not in shown
        assert "![a](" not in shown


class TestRefusal:
    def test_before_anybody_approved_the_feedback(self, graded: Course):
        feedback.render(graded, TINY, ["ada"])
        with pytest.raises(FeedbackError, match="nobody has approved it"):
            revise(graded, TINY, "ada")

    def test_of_a_revision(self, graded: Course):
        with pytest.raises(FeedbackError, match="one revision"):
            revise(graded, REVISION, "ada")

    def test_when_other_work_has_been_submitted_since(self, graded: Course):
        approve(graded, "ada")
        path = graded.submitted / "ada" / TINY / f"{TINY}.ipynb"
        path.write_text(path.read_text() + " ")
        with pytest.raises(FeedbackError, match="not the attempt that the feedback is about"):
            revise(graded, TINY, "ada")


class TestBeforeAndAfter:
    def revised(self, course: Course) -> Any:
        approve(course, "bob")
        revise(course, TINY, "bob")
        add_grading(
            course,
            "bob",
            {"slope": 40, "predict": 0},
            assignment_id=REVISION,
            answers={"slope_answer": "SLOPE = 2.5", "revision_note": "I counted again."},
            message="It fits now.",
        )
        return approval.build(course, REVISION, "bob")

    def test_check_by_check_and_cell_by_cell(self, graded: Course):
        changes = self.revised(graded)["changes"]
        slope, predict = changes["checks"]
        assert (slope["before"], slope["after"]) == (0, 40)
        assert slope["messages_before"] == ["See the table."]
        assert slope["messages_after"] == ["It fits now."]
        assert (predict["before"], predict["after"]) == (0, 0)
        by_name = {cell["id"]: cell for cell in changes["cells"]}
        assert by_name["slope_answer"]["lines"] == [("-", "SLOPE = 1.5"), ("+", "SLOPE = 2.5")]
        assert {sign for sign, _ in by_name["revision_note"]["lines"]} == {"+"}
        assert "2. The prediction" in changes["unchanged"]

    def test_the_page_says_it_in_words_and_signs(self, graded: Course):
        record = self.revised(graded)
        assert "up 40" in view.changes(record)
        assert "as before" in view.changes(record)
        shown = view.changed_cells(record)
        assert "<del>− SLOPE = 1.5</del>" in shown
        assert "<ins>+ SLOPE = 2.5</ins>" in shown
        assert "1 line taken out, 1 line put in" in shown
        assert view.revision(record) == ""

    def test_drawn_with_both_bars(self, graded: Course):
        self.revised(graded)
        page = feedback.render(graded, REVISION, ["bob"])[0].page.read_text()
        assert "before 0 of 40, after 40 of 40 points" in page
        assert page.count('<section class="improvement"') == 1

    def test_a_very_long_cell_is_not_compared_line_by_line(self, graded: Course):
        before = approval.build(graded, TINY, "bob")
        long = "\n".join(f"x = {i}" for i in range(MOST_LINES + 1))
        cells = [
            Cell(id="slope_answer", kind="answer", title="Slope", status="", error="", source=long)
        ]
        changed = compare(before, [], cells)["cells"][0]
        assert changed["lines"] == []
        assert "Too long to compare" in changed["note"]
