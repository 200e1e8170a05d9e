"""The team's accounts: a role each, passwords that are hashed, names that are no candidate's."""

from __future__ import annotations

import pytest

from worksample.course import Course
from worksample.errors import AccountError
from worksample.exchange import links, people
from worksample.exchange.people import Person

PASSWORD = "a long sentence for a test"


def test_a_password_opens_its_own_account_only(course: Course) -> None:
    assert people.add(course, "grace", "grader", PASSWORD) == Person("grace", "grader")
    people.add(course, "alan", "administrator", None)  # by single sign-on only
    assert people.check(course, "grace", PASSWORD) == Person("grace", "grader")
    tries = [("grace", "wrong"), ("alan", ""), ("alan", PASSWORD), ("nobody", PASSWORD)]
    tries += [("nobody", "nobody has this password"), ("alan", "nobody has this password")]
    for name, password in tries:
        assert people.check(course, name, password) is None
    assert people.member(course, "alan") == Person("alan", "administrator")
    assert PASSWORD.encode() not in (course.state / "worksample.db").read_bytes()


def test_the_newest_role_and_password_count(course: Course) -> None:
    people.add(course, "grace", "grader", PASSWORD)
    people.add(course, "grace", "interviewer", PASSWORD + "!")
    assert people.check(course, "grace", PASSWORD) is None
    assert people.check(course, "grace", PASSWORD + "!") == Person("grace", "interviewer")
    people.remove(course, "grace")
    assert people.check(course, "grace", PASSWORD + "!") is None
    assert people.member(course, "grace") is None
    with pytest.raises(AccountError, match="no account"):
        people.remove(course, "grace")


def test_an_account_is_no_candidates(course: Course) -> None:
    links.issue(course, "platform", "ada")
    bob = course.cases / "root-cause" / "bob"
    bob.mkdir(parents=True)
    (bob / "case.json").touch()
    refused = [("ada", "grader", "candidate's"), ("bob", "grader", "candidate's")]
    refused += [("Grace", "grader", "cannot be a name"), ("grace", "candidate", "no role")]
    for name, role, why in refused:
        with pytest.raises(AccountError, match=why):
            people.add(course, name, role, PASSWORD)
    with pytest.raises(AccountError, match="characters"):
        people.add(course, "grace", "grader", "short")
