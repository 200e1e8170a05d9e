"""Who takes part, in which role, and the team's passwords.

A name is a pseudonymous id. It is also the user's name in JupyterHub and a part of their server's
host name, so it holds small letters, digits and dashes only.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal, get_args

import argon2
from sqlalchemy import select

from worksample.course import Course
from worksample.errors import AccountError
from worksample.exchange.tables import Account, IssuedLink, opened
from worksample.records.tables import Audit, actor

Role = Literal["candidate", "grader", "interviewer", "administrator", "partner"]
TEAM: tuple[Role, ...] = ("grader", "interviewer", "administrator")
MIN_PASSWORD = 12  # characters
MAX_PASSWORD = 1000  # more is work for us and safety for nobody

#: what the log calls those who are no persons, and what an address of the team's begins with
RESERVED = frozenset({"clock", "saved", "rating"})

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Person:
    """Somebody who may come in.

    Attributes:
        name: the pseudonymous id; JupyterHub's user name.
        role: ``partner`` is an applicant-tracking system, which has no account.
        opening: whose candidate this is; None for all others.
    """

    name: str
    role: Role
    opening: str | None = None

    @property
    def is_candidate(self) -> bool:
        return self.role == "candidate"


def is_name(name: str) -> bool:
    """Whether it can be a name here."""
    return _NAME.fullmatch(name) is not None and name not in RESERVED


def check_name(name: str) -> str:
    """The name, if it can be one.

    Raises:
        AccountError: it cannot.
    """
    if not is_name(name):
        raise AccountError(
            f"{name!r} cannot be a name here",
            do="use up to 63 small letters, digits and dashes, and no dash at either end",
        )
    return name


def add(course: Course, name: str, role: str, password: str | None) -> Person:
    """Give somebody of the team an account, or a new role or password.

    Args:
        password: None for who comes by single sign-on only.

    Raises:
        AccountError: the name is a candidate's or cannot be one, there is no such role, or the
            password is too short.
    """
    check_name(name)
    found = next((each for each in TEAM if each == role), None)
    if found is None:
        raise AccountError(
            f"there is no role {role!r} that an account can have",
            do=f"roles: {', '.join(TEAM)}; candidates get links: worksample invite",
        )
    if _is_candidate(course, name):
        raise AccountError(
            f"{name!r} is a candidate's id; a candidate can be nobody else",
            do="choose another name for the account",
        )
    if password is not None and not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise AccountError(
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters, this one has "
            f"{len(password)}",
            do="a sentence is easy to remember and hard to guess",
        )
    hashed = "" if password is None else _hasher().hash(password)
    _append(course, Account(name=name, role=found, password=hashed), f"account {found}")
    return Person(name, found)


def remove(course: Course, name: str) -> None:
    """End an account: nobody comes in by it any more, and who is in is out.

    Raises:
        AccountError: there is none.
    """
    if account(course, name) is None:
        raise AccountError(f"there is no account {name!r}")
    _append(course, Account(name=name, role="", password=""), "account ended")


def check(course: Course, name: str, password: str) -> Person | None:
    """Who comes in with this password; None for a wrong one and for a name that there is not.

    Both take the same time. How often it may be tried is the caller's to limit.
    """
    row = account(course, name)
    known = row.password if row and row.password else _nobodys_hash()
    try:
        _hasher().verify(known, password[: MAX_PASSWORD + 1])
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return None
    return _person(row) if row and row.password else None


def member(course: Course, name: str) -> Person | None:
    """Somebody of the team by name, however they proved who they are; None if there is none."""
    row = account(course, name)
    return _person(row) if row else None


def account(course: Course, name: str) -> Account | None:
    """The row that counts for a name; None where there is none, or it was ended."""
    query = select(Account).filter_by(name=name).order_by(Account.id.desc()).limit(1)
    with opened(course).session() as session:
        row = session.scalar(query)
    return row if row and row.role else None


def _person(row: Account) -> Person | None:
    role = next((each for each in get_args(Role) if each == row.role), None)
    return Person(row.name, role) if role else None


def _append(course: Course, row: Account, action: str) -> None:
    row.assignment = row.candidate = ""
    detail: dict[str, object] = {"name": row.name}
    audit = Audit(assignment="", candidate="", actor=actor(), action=action, detail=detail)
    opened(course).add(row, audit)


def _is_candidate(course: Course, name: str) -> bool:
    if any(course.cases.glob(f"*/{name}/case.json")):
        return True
    with opened(course).session() as session:
        return session.scalar(select(IssuedLink.id).filter_by(candidate=name).limit(1)) is not None


@functools.cache
def _hasher() -> argon2.PasswordHasher:
    return argon2.PasswordHasher()


@functools.cache
def _nobodys_hash() -> str:
    """Something to compare with where there is no account, so that the time tells nothing."""
    return _hasher().hash("nobody has this password")
