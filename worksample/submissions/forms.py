"""Which form a candidate gets: one of the bank's that they never had, and the least used of those.

Between forms that were used as often, the order is the candidate's own and follows from the
course's secret, so that nobody can tell who gets which, and inviting in another order is no use.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from worksample.assignments import case as cases
from worksample.assignments.model import Assignment
from worksample.course import Course
from worksample.records import bank as banks
from worksample.records.tables import Records


@dataclass(frozen=True)
class Drawn:
    """A seed, and where it comes from.

    Attributes:
        bank: the bank's digest; empty where it was drawn without one.
        said: that in words.
    """

    seed: int
    bank: str
    said: str


def choose(
    course: Course,
    records: Records,
    assignment: Assignment,
    level: str,
    candidate: str,
    formerly: Sequence[str] = (),
) -> Drawn:
    """The form for a candidate who has no case yet; to be called, and noted, by :func:`alone`.

    Args:
        formerly: other ids of the same person; who these were before is followed too.

    Raises:
        CourseError: the bank cannot be read.
    """
    secret = course.secret()
    bank = banks.load(course, assignment.id, level)
    if bank is None or not bank.kept:
        seed = cases.seed_for(secret, assignment.id, level, candidate)
        why = "it holds no form" if bank else "there is none"
        return Drawn(
            seed,
            "",
            f"drawn without a bank ({why} for this level): cases are not equally hard; "
            f"worksample bank {assignment.id} --level {level}",
        )
    users = _users(course, records, assignment.id)
    same = _same_person(records, assignment.id, candidate, formerly)
    free = [seed for seed in bank.kept if not users.get(seed, set()) & same]
    if not free:
        seed = cases.seed_for(secret, assignment.id, level, candidate)
        return Drawn(seed, "", "drawn without the bank: they have had every form of it")
    seed = min(
        free,
        key=lambda each: (
            len(users.get(each, ())),
            cases.form_order(secret, assignment.id, candidate, each),
        ),
    )
    return Drawn(seed, bank.digest, _said(bank, assignment, len(users.get(seed, ()))))


def _said(bank: banks.Bank, assignment: Assignment, used: int) -> str:
    words = f"one of the bank's {len(bank.kept)} forms, "
    words += f"used {used} times before: every one has been" if used else "not used before"
    if changed := banks.stale(bank, assignment.folder):
        words += (
            f"; {', '.join(changed)} changed since the bank was measured: "
            f"worksample bank {assignment.id}"
        )
    return words


def _users(course: Course, records: Records, assignment: str) -> dict[int, set[str]]:
    """Seed -> who had it. Cases are looked at too: a kill may come before the row is written."""
    users: dict[int, set[str]] = {}
    for row in records.form_uses(assignment):
        users.setdefault(int(row.seed, 16), set()).add(row.candidate)
    for path in (course.cases / assignment).glob("*/case.json"):
        facts = json.loads(path.read_bytes())
        users.setdefault(int(facts["seed"], 16), set()).add(path.parent.name)
    return users


def _same_person(
    records: Records, assignment: str, candidate: str, formerly: Sequence[str]
) -> set[str]:
    """Every id of a person, as far as anybody said."""
    links = {row.candidate: row.formerly for row in records.form_uses(assignment)}
    found, new = set[str](), {candidate, *formerly}
    while new:
        found |= new
        new = {former for each in new for former in links.get(each, ())} - found
    return found


@contextmanager
def alone(course: Course) -> Iterator[None]:
    """Two invitations at once could choose the same form."""
    course.state.mkdir(parents=True, exist_ok=True)
    with open(course.state / ".inviting", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
