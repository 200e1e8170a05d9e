"""Kits and the profile: complete, true to the scorecards, and a company's own in their place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worksample import kits
from worksample.assignments.scorecard import OUTCOMES, RATINGS, STAGES
from worksample.course import Course
from worksample.errors import CourseError, WorksampleError
from worksample.kits import reading


def test_every_scorecard_has_a_kit_with_its_dimensions_by_name(course: Course) -> None:
    read = {kit.stage: kit for kit in (kits.kit(course, name) for name in kits.NAMES)}
    assert set(read) == {*STAGES, "debrief"}
    for stage, dimensions in STAGES.items():
        assert tuple(read[stage].dimensions) == dimensions
        assert tuple(read[stage].outcomes) == OUTCOMES
        for anchors in (*read[stage].dimensions.values(), *read[stage].outcomes.values()):
            assert tuple(anchors) == RATINGS
            assert len(set(anchors.values())) == len(RATINGS)


def test_all_recommend_but_the_reference_check_which_has_anchors_of_its_own(course: Course) -> None:
    read = [kits.kit(course, name) for name in kits.NAMES]
    assert [kit.stage for kit in read if not kit.recommends] == ["reference check"]
    reference, screening = kits.kit(course, "reference-check"), kits.kit(course, "screening")
    assert all(reference.outcomes[name] != screening.outcomes[name] for name in OUTCOMES)
    assert [question.scale for question in reference.questions if question.scale] == ["1 to 10"] * 2


def test_a_stage_is_found_by_its_own_name_too(course: Course) -> None:
    assert kits.kit(course, "applied ML interview") == kits.kit(course, "applied-ml-interview")
    with pytest.raises(CourseError, match='did you mean "screening"'):
        kits.kit(course, "sceening")


def test_the_profile_names_its_blanks(course: Course) -> None:
    profile = kits.profile(course)
    assert (len(profile.competencies), len(profile.traits)) == (5, 9)
    assert tuple(profile.outcomes) == OUTCOMES
    assert {"[Company]", "[Pay range]"} <= set(profile.blanks)
    path, new = kits.own(course, "profile")
    assert new
    assert kits.own(course, "profile") == (path, False)
    path.write_text(path.read_text().replace("[Company]", "Ölmühle"))
    assert kits.profile(course).company == "Ölmühle"
    assert "[Company]" not in kits.profile(course).blanks


def test_a_file_of_the_course_is_used_in_place_of_the_package_s(course: Course) -> None:
    path, _ = kits.own(course, "outcomes")
    path.write_text(path.read_text().replace("Nothing shown would", "Nothing at all would"))
    anchors = kits.kit(course, "screening").outcomes[OUTCOMES[0]]
    assert anchors[1].startswith("Nothing at all would")


MISTAKES = [
    ('"Technical Knowledge"', '"Technical knowledge"', 'anchors of "Technical Knowledge"'),
    ("minutes = [30, 45]", "minutes = [45, 30]", "shortest, longest"),
    ("minutes = [30, 45]", "minutes = [20, 30]", "take 45 minutes; there are 30"),
    ("opening = 3", "opening = 3\nclosng = 4", "did you mean `closing`"),
    ('stage = "screening"', 'stage = "phone screen"', "names of stages are fixed"),
    ('4 = "Goes deep in theory', '5 = "Goes deep in theory', "`4` is missing"),
    ("opening = 3", "opening = true", "should be a number"),
    ("opening = 3", "opening = 2.5", "whole number"),
    ('title = "Screening interview"', "title = '  '", "`title` is empty"),
]


@pytest.mark.parametrize(("before", "after", "said"), MISTAKES)
def test_a_mistake_is_told_with_file_line_and_what_to_do(
    course: Course, before: str, after: str, said: str
) -> None:
    path, _ = kits.own(course, "screening")
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))
    with pytest.raises(CourseError) as caught:
        kits.kit(course, "screening")
    assert said in str(caught.value)
    assert str(caught.value).startswith("kits/screening.toml:")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_cut_from_a_file_it_is_read_or_refused(
    course: Course, data: st.DataObject
) -> None:
    """A traceback would tell a person who edits a text file nothing."""
    name = data.draw(st.sampled_from(reading.FILES))
    lines = (reading.DATA / f"{name}.toml").read_text().splitlines(keepends=True)
    begin = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(begin, len(lines)))
    path, _ = kits.own(course, name)
    path.write_text("".join(lines[:begin] + lines[end:]))
    with contextlib.suppress(WorksampleError):
        kits.profile(course)
        for each in ("screening", *([name] if name in kits.NAMES else [])):
            kits.kit(course, each)
    path.unlink()
