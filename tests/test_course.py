"""Where a course's assignments come from: its own folder, and what it asks of the package."""

from __future__ import annotations

import shutil

import pytest

from worksample import assignments
from worksample.course import Course, samples
from worksample.errors import CourseError


def test_nothing_of_the_package_is_offered_unasked(course: Course) -> None:
    """A course from before would build and list more than it did, by upgrading alone."""
    assert assignments.ids(course) == ["tiny-regression"]


def test_what_is_asked_for_is_offered_and_an_own_folder_comes_first(course: Course) -> None:
    (course.root / "course.toml").write_text('samples = "all"\n')
    there = {path.parent.name for path in samples().glob("*/assignment.toml")}
    assert set(assignments.ids(course)) == {"tiny-regression", *there}
    (course.root / "course.toml").write_text('samples = ["warm-up"]\n')
    assert assignments.ids(course) == ["tiny-regression", "warm-up"]
    assert assignments.folders(course)["warm-up"] == samples() / "warm-up"
    shutil.copytree(samples() / "warm-up", course.assignments / "warm-up")
    assert assignments.folders(course)["warm-up"] == course.assignments / "warm-up"


@pytest.mark.parametrize(
    "text",
    [
        *("samples = 3", "samples = [3]", "samples = [[]]", "samples = {}", 'samples = "some"'),
        *('samples = ["../drift-monitoring"]', 'sample = "all"', "samples = [", "\0", ""),
    ],
)
def test_settings_that_cannot_be_meant_say_what_to_write(course: Course, text: str) -> None:
    (course.root / "course.toml").write_text(text)
    with pytest.raises(CourseError) as caught:
        assignments.ids(course)
    assert "course.toml" in str(caught.value)
    assert "→" in str(caught.value)
