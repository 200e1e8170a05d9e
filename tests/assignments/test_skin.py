"""A skin by itself: what its words do to a text, and what its file may not say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TINY
from worksample.assignments import reading as assignment
from worksample.assignments import skin
from worksample.assignments.model import Assignment
from worksample.assignments.skin import Entry, Skin, WordTaken
from worksample.course import Course
from worksample.errors import AssignmentError


def of(names: dict[str, str], words: dict[str, str] | None = None, gone: tuple = ()) -> Skin:
    """A skin in memory."""
    entries = [Entry("names", old, new, 1) for old, new in names.items()]
    entries += [Entry("words", old, new, 1) for old, new in (words or {}).items()]
    return Skin("other", "Other", Path("skin.toml"), tuple(entries), gone)


def written(tiny: Assignment, text: str, name: str = "other") -> None:
    path = tiny.folder / "skins" / name / "skin.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def tiny(course: Course) -> Assignment:
    return assignment.find(course, TINY)


def test_what_was_put_in_is_not_replaced_again() -> None:
    assert of({"a": "b", "b": "c", "c": "a"}).dress("a b c") == "b c a"


def test_only_whole_words_are_replaced() -> None:
    text = 'trip trip_key trips "trip" trip.late strip tripod'
    assert (
        of({"trip": "visit"}).dress(text) == 'visit trip_key trips "visit" visit.late strip tripod'
    )


def test_the_longest_phrase_wins() -> None:
    worn = of({"trip": "visit"}, {"a late trip": "a missed call"})
    assert worn.dress("a late trip, a trip") == "a missed call, a visit"


@pytest.mark.parametrize(
    "broken",
    [
        "now a late\n  trip came",
        "now a  late trip came",
        "# now a late\n# trip came",
        's = "now a late "\n    "trip came"',
        's = "now a late"\n    " trip came"',
    ],
)
def test_a_phrase_may_be_broken_over_lines(broken: str) -> None:
    """In a text, a comment, or a string that goes on in the next line."""
    assert "now a missed call came" in of({}, {"a late trip": "a missed call"}).dress(broken)


def test_a_name_that_is_there_already_is_refused() -> None:
    with pytest.raises(WordTaken, match="visit"):
        of({"trip": "visit"}).dress("the visit of a trip")


@given(st.lists(st.sampled_from(["trip", "stop", "late", " ", "_", "\n", "9", ",", '"', "#"])))
def test_names_can_be_given_back(pieces: list[str]) -> None:
    """Whatever the text, so no two things can have become one."""
    worn = of({"trip": "visit", "stop": "trip", "late": "missed"})
    text = "".join(pieces)
    assert worn.undress(worn.dress(text)) == text


def test_what_should_be_gone_is_found_in_compounds_and_capitals() -> None:
    worn = of({}, gone=("trip",))
    found = list(worn.left("strip\na TRIP_KEY\ntrip-wise, 1trip2"))
    assert found == [(2, "TRIP"), (3, "trip")]


def test_a_skin_without_words_changes_nothing() -> None:
    assert of({}).dress("a late trip") == "a late trip"
    assert list(of({}).left("a late trip")) == []


MISTAKES = {
    '[names]\nx = "a"': ("`title` is missing", 1),
    'title = "T"\n[nmes]\nx = "a"': ("`nmes` means nothing here", 2),
    'title = "T"\n[names\n': ("this is not TOML", 2),
    'title = "T"\n\n[names]\nx = 1': ('[names] "x" becomes 1, which is no text', 4),
    'title = "T"\n[names]\nx = "x"': ('[names] "x" becomes itself', 3),
    'title = "T"\n[names]\nx = "a b"': ('[names] "x" or "a b" can\'t be a name in code', 3),
    'title = "T"\n[names]\nx = "for"': ('[names] "x" or "for" can\'t be a name in code', 3),
    'title = "T"\n[names]\nx = "a"\ny = "a"': ('[names] "x" becomes "a", and so does "y"', 3),
    'title = "T"\n[names]\nx = "a"\n[words]\nx = "b"': ('[names] "x" is given 2 times', 3),
    'title = "T"\n[values]\nx = "a"': ("`values` should hold tables", 2),
    'title = "T"\n[values.x]\na = "b c"': ('[values.x] "a" or "b c" is more than one word', 3),
    'title = "T"\n[values.x]\na = "n"\nb = "m"': (
        '[values.x] "b" becomes "m", which sorts before "n"',
        4,
    ),
    'title = "T"\n[words]\n"a line" = "a {line}"': ("holds one of", 3),
    'title = "T"\n[words]\n"a line." = "a curve."': ("does not begin and end with a letter", 3),
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.items())
def test_a_mistake_in_the_file_is_told_with_its_line(
    tiny: Assignment, text: str, said: tuple[str, int]
) -> None:
    written(tiny, text)
    with pytest.raises(AssignmentError) as error:
        skin.load(tiny, "other")
    assert said[0] in error.value.what
    assert error.value.where == f"assignments/{TINY}/skins/other/skin.toml:{said[1]}"
    assert error.value.do


def test_a_skin_that_is_not_there_is_told_with_those_that_are(tiny: Assignment) -> None:
    with pytest.raises(AssignmentError, match=r'no skin "othr"') as error:
        skin.load(tiny, "othr")
    assert error.value.do == "there are: none"
    written(tiny, 'title = "T"')
    with pytest.raises(AssignmentError) as error:
        skin.load(tiny, "othr")
    assert error.value.do == 'did you mean "other"?'


@pytest.mark.parametrize("name", ["Other", "a_b", "so-junior", "a-revision", "x" * 31])
def test_a_skin_cannot_be_called_so(tiny: Assignment, name: str) -> None:
    """Its name stands in the names of folders in release/, where levels have theirs."""
    written(tiny, 'title = "T"', name)
    with pytest.raises(AssignmentError, match="cannot be a skin's name"):
        skin.load(tiny, name)
