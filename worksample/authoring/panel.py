"""Who measures a form: the reference solutions, and the simulated candidates of ``panel.py``."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from worksample.assignments import reading
from worksample.assignments.case import Case
from worksample.assignments.model import TREE, Assignment
from worksample.assignments.toml import place
from worksample.errors import AssignmentError
from worksample.kit.panel import Person
from worksample.records.bank import Member


@dataclass(frozen=True)
class Panel:
    """The members, and what each would answer."""

    assignment: Assignment
    people: Mapping[str, Person]

    def members(self) -> tuple[Member, ...]:
        """Everybody who works on a form, reference solutions first."""
        measuring = [
            Member(each.name, each.quality)
            for each in self.assignment.solutions
            # what waits for a limit, crashes or attacks says nothing about how hard a form is
            if each.ended == "completed" and not each.no_better_than
        ]
        simulated = [Member(each.name, "", each.ability) for each in self.people.values()]
        return (*measuring, *simulated)

    def answers(self, member: Member, case: Case) -> Mapping[str, str]:
        """Answer cell -> source; and what is done to ``work/``, where there is one.

        Raises:
            AssignmentError: ``panel.py`` raised, or answers cells that there are not.
        """
        if not member.simulated:
            solution = self.assignment.solution(member.name)
            script = solution.script(case.level)
            return {**solution.sources(case.level), **({TREE: script} if script else {})}
        module = reading.load_module(self.assignment, "panel")
        luck = np.random.default_rng(
            [case.seed >> 32, case.seed & 0xFFFFFFFF, zlib.crc32(member.name.encode())]
        )
        try:
            given = dict(module.answers(self.people[member.name], case, luck))
        except Exception as error:  # an author's module may raise anything
            raise AssignmentError(
                f"no answers of {member.name} for seed {case.seed}: "
                f"{type(error).__name__}: {error}",
                where=reading.blame(self.assignment, "panel", error),
                do="mend answers(); every person has to answer every case somehow",
            ) from error
        known = {cell.id for cell in self.assignment.cells if cell.kind == "answer"}
        known |= {TREE} if self.assignment.work else set()
        if strange := sorted(given.keys() - known):
            raise _mistake(self.assignment, f"{', '.join(strange)}: no such answer cell")
        return given


def read(assignment: Assignment) -> Panel:
    """The panel of an assignment; without a ``panel.py`` it is the reference solutions alone.

    Raises:
        AssignmentError: ``panel.py`` has a mistake.
    """
    if not (assignment.folder / "panel.py").is_file():
        return Panel(assignment, {})
    people = list(reading.load_module(assignment, "panel").PEOPLE)
    for what in _mistakes(assignment, people):
        raise _mistake(assignment, what)
    return Panel(assignment, {each.name: each for each in people})


def _mistakes(assignment: Assignment, people: list[Person]) -> Iterator[str]:
    names = [each.name for each in people]
    taken = {each.name for each in assignment.solutions}
    if len(set(names)) < len(names) or taken & set(names):
        yield "two members have the same name"
    if any(not 0 <= each.ability <= 1 for each in people):
        yield "an ability lies outside 0 to 1"


def _mistake(assignment: Assignment, what: str) -> AssignmentError:
    return AssignmentError(what, where=place(assignment.folder / "panel.py"), do="mend PEOPLE")
