"""How far one candidate is, after each step of the work."""

from __future__ import annotations

import pytest

from tests.cohort import answers, hand_in
from tests.graded import rate
from worksample import assignments, feedback
from worksample.course import Course
from worksample.errors import CandidateError
from worksample.feedback import revision
from worksample.feedback.status import Status, status
from worksample.submissions import invitations

TINY = "tiny-regression"


def of(course: Course, who: str = "ada") -> Status:
    found = status(course, who)
    assert [each.assignment for each in found[:1]] == [TINY]
    return found[0]


def test_every_step_is_told_with_the_command_that_comes_next(built: Course) -> None:
    tiny = assignments.find(built, TINY)
    invitations.invite(built, "ada", tiny, extra_time=1.5)
    invited = of(built)
    assert "level standard, 1.5 × the time" in invited.steps["invited"]
    assert invited.then.startswith("worksample collect")
    hand_in(built, "bob", answers(built, "strong"))
    handed_in = of(built, "bob")
    assert "attempt file 1 of 1, receipt" in handed_in.steps["handed in"]
    assert handed_in.then == f"worksample grade {TINY} --candidate bob"


def test_from_a_score_to_the_revision(scored: Course) -> None:
    assert of(scored).steps["graded"].startswith("100.0 of 100 points, record 1")
    assert of(scored).then == f"worksample rate ada {TINY} --by YOU"
    assert of(scored).steps["rated"].startswith("0 of ")
    rate(scored, "ada", 3)
    assert of(scored).then == f"worksample feedback {TINY} --candidate ada"
    feedback.render(scored, TINY, ["ada"])
    assert "nobody has approved it" in of(scored).steps["feedback"]
    feedback.approve(scored, TINY, ["ada"], by="grace")
    assert of(scored).then == f"worksample release-feedback {TINY} --candidate ada"
    revision.revise(scored, TINY, "ada", "grace")
    _, second = status(scored, "ada")
    assert second.assignment == f"{TINY}-revision"
    assert "minutes" in second.steps["revision"]
    assert second.then.startswith("worksample collect")


def test_a_name_that_nobody_has_is_met_with_the_nearest(built: Course) -> None:
    invitations.invite(built, "ada", assignments.find(built, TINY))
    with pytest.raises(CandidateError, match="did you mean 'ada'"):
        status(built, "adda")
