"""The demo: the whole job, from nothing, for whatever assignments there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import TINY
from worksample import assignments
from worksample.authoring import demo as demos
from worksample.batch.outcomes import Batch, Outcome
from worksample.course import Course
from worksample.debrief import drawing
from worksample.errors import CourseError, NotGradableYet
from worksample.feedback import approval
from worksample.records import chain, evidence
from worksample.records.tables import Records


def test_the_cohort_has_every_quality_and_those_that_come_to_grief(course: Course):
    players = demos.cohort(assignments.find(course, TINY))
    qualities = [player.quality for player in players]
    assert len(players) == len({player.name for player in players}) >= 8
    assert {"strong", "weak", "blank", "crash"} <= set(qualities)
    assert {"endless loop", "hostile", "damaged", "unreadable"} <= set(qualities)


def test_a_folder_that_no_demo_made_is_left_alone(course: Course, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(CourseError, match="not made by the demo"):
        demos.demo(course, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_machine_that_cannot_grade_is_told_why(course: Course, monkeypatch: pytest.MonkeyPatch):
    """Not minutes later, by a step that misses the scores."""
    why = "the kernel did not start"
    none = Outcome("ines", "not_gradable_yet", None, None, why, None, False, 0)
    monkeypatch.setattr(demos.batch, "grade", lambda *_: Batch(TINY, (none,)))
    with pytest.raises(NotGradableYet, match=r"(?s)the kernel did not start.*worksample doctor"):
        demos._grade(course, TINY)


@pytest.mark.slow
def test_everything_happens_and_is_said_in_ten_lines(course: Course, tmp_path: Path):
    said: list[str] = []
    before = {path for path in course.root.rglob("*") if "__pycache__" not in path.parts}
    (made,) = demos.demo(course, tmp_path / "demo", said.append)
    own = Course(tmp_path / "demo")
    by_quality = {player.quality: player.name for player in made.players}

    assert made.points[by_quality["strong"]] == 100
    assert made.points[by_quality["damaged"]] == 100  # repaired: the raised points count nothing
    assert made.points[by_quality["hostile"]] == 0
    assert made.points[by_quality["endless loop"]] == 40
    assert by_quality["unreadable"] not in made.points
    assert "not JSON" in made.refused[0]
    assert list(made.held_back) == [by_quality["hostile"]]
    assert all(after > before for before, after in made.revised.values())

    stopped = evidence.latest(own, TINY, by_quality["endless loop"])
    assert stopped is not None
    assert stopped["outcome"] == "candidate_failure"
    for name in made.points:
        page = approval.page_path(own, TINY, name).read_text()
        assert page.count('<section class="strength"') == 1
        assert page.count('<section class="improvement"') == 1
        approved = Records(own.records_url).last_approval(TINY, name)
        assert (approved is None) == (name == by_quality["hostile"])
    assert "<script" not in approval.page_path(own, TINY, by_quality["hostile"]).read_text()
    revised = approval.page_path(own, f"{TINY}-revision", next(iter(made.revised))).read_text()
    assert "Check by check" in revised
    assert "Cell by cell" in revised

    for who in (next(iter(made.revised)), f"cohort-{TINY}"):
        assert "In one minute" in drawing.path_of(own, who).read_text()
    assert chain.verify(Records(own.records_url)) == []

    start = next(i for i, line in enumerate(said) if "sent work back" in line)
    assert len(said) - start <= 10
    assert said[-1].startswith("Done in ")
    after = {path for path in course.root.rglob("*") if "__pycache__" not in path.parts}
    assert after == before
