"""Links: one candidate's, on any device, until they end; nothing that is tried tells anything."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from worksample.course import Course
from worksample.errors import LinkError
from worksample.exchange import links, people

PASSWORD = "a long sentence for a test"


def test_a_link_works_again_and_again_and_for_its_candidate_alone(course: Course) -> None:
    ada, bob = (links.issue(course, "platform", name) for name in ("ada", "bob"))
    for _ in range(2):
        found = links.redeem(course, ada.code)
        assert (found.name, found.role, found.opening) == ("ada", "candidate", "platform")
    assert links.redeem(course, bob.code).name == "bob"
    assert links.issue(course, "platform", "ada") == ada  # asked again: the same
    assert ada.expires > datetime.now(UTC) + timedelta(days=links.DAYS - 1)


def test_what_is_wrong_with_a_code_is_not_told(course: Course) -> None:
    good, ended, over = (
        links.issue(course, "platform", name, days=days).code
        for name, days in (("ada", 1), ("bob", 1), ("eve", -1))
    )
    assert links.revoke(course, "bob", by="grace") == 1
    flipped = good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1]
    said = set()
    for code in (ended, over, flipped, good[:-1], good + "A", "", "ada", "é", good.swapcase()):
        with pytest.raises(LinkError) as refused:
            links.redeem(course, code)
        said.add(str(refused.value))
    assert len(said) == 1
    assert not said.pop().count("bob")
    assert links.redeem(course, good).name == "ada"


@settings(max_examples=25)
@given(code=some.text(max_size=60) | some.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True))
def test_no_guess_comes_in(code: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    course = Course(tmp_path_factory.getbasetemp() / "guessed")
    links.issue(course, "platform", "ada")
    with pytest.raises(LinkError):
        links.redeem(course, code)


def test_one_link_can_be_ended_and_another_given(course: Course) -> None:
    first = links.issue(course, "platform", "ada")
    second = links.issue(course, "platform", "ada", days=3)
    assert links.revoke(course, first.code) == 1
    assert links.revoke(course, first.code) == 0
    assert links.by_number(course, links.number_of(course, first.code)) is None
    assert links.redeem(course, second.code) == links.holder(course, "ada")
    links.revoke(course, "ada")
    assert links.holder(course, "ada") is None
    assert links.issue(course, "platform", "ada").code not in (first.code, second.code)


def test_a_stolen_database_opens_nothing(course: Course) -> None:
    """Who reads a backup of the database must not be able to come in as a candidate."""
    code = links.issue(course, "platform", "ada").code
    with sqlite3.connect(course.state / "worksample.db") as database:
        dump = "\n".join(database.iterdump())
    assert code not in dump
    assert links.number_of(course, code) in dump
    assert (course.state / "secret").stat().st_mode & 0o777 == 0o600


def test_a_candidate_is_nobody_else(course: Course) -> None:
    """A candidate called like a grader would be taken for one by JupyterHub, which knows names."""
    people.add(course, "grace", "grader", PASSWORD)
    with pytest.raises(LinkError, match="team"):
        links.issue(course, "platform", "grace")
    links.issue(course, "platform", "ada")
    with pytest.raises(LinkError, match="platform"):
        links.issue(course, "another", "ada")
    for name in ("clock", "saved", "Ada", "a_b", "../x", "-", "a" * 64, ""):
        with pytest.raises(LinkError, match="cannot be used"):
            links.issue(course, "platform", name)
