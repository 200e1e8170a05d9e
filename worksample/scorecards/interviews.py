"""The interviews of one candidate: what was rated after each, for the profile and the rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from worksample import kits
from worksample.assignments.scorecard import key
from worksample.course import Course
from worksample.kits import Kit
from worksample.records import ratings
from worksample.records.tables import InterviewNote, Rating, Records
from worksample.scorecards.rule import Given

OUT_OF_SCOPE = "out of scope"  # it does not matter for this role


def assignment_of(kit: str) -> str:
    """What a kit's ratings are kept under."""
    return f"kit:{kit}"


@dataclass(frozen=True)
class Interview:
    """One stage that was held: its kit, the ratings that were submitted, and the notes."""

    kit: Kit
    rows: Sequence[Rating]
    notes: Sequence[InterviewNote]

    @property
    def out_of_scope(self) -> list[str]:
        """Dimensions that do not matter for this role, as everybody said who held it."""
        return [
            name
            for name in self.kit.dimensions
            if {row.reason for row in self.rows if row.criterion == name} == {OUT_OF_SCOPE}
        ]

    @property
    def lines(self) -> list[str]:
        """The dimensions of its scorecard that were in scope."""
        return [name for name in self.kit.dimensions if name not in self.out_of_scope]

    @property
    def planned(self) -> list[str]:
        """The same, by the names that tell them from other stages'."""
        return [key(self.kit.stage, name) for name in self.lines]

    def rated(self, name: str) -> list[Rating]:
        """The ratings of a dimension of the profile."""
        in_scope = [row for row in self.rows if row.criterion in self.lines]
        return [row for row in in_scope if key(self.kit.stage, row.criterion) == name]

    def given(self) -> list[Given]:
        """What the rule reads. Outcomes are predictions: they stand by themselves."""
        return [
            Given(key(self.kit.stage, row.criterion), self.label(row), row.grader, row.value)
            for row in self.rows
            if row.criterion in self.lines
        ]

    def label(self, row: Rating) -> str:
        """What a rating is called among those of all stages."""
        return f"{self.kit.title}: {row.criterion}"


def held(course: Course, records: Records, candidate: str) -> list[Interview]:
    """The interviews that were rated and submitted, in the order of the stages."""
    found = []
    for each in kits.NAMES:
        kit = kits.kit(course, each)
        name = assignment_of(kit.name)
        done = records.submitters(name, candidate)
        if not kit.dimensions or not done:
            continue
        # several may hold one interview: each one's newest rating counts
        rows = ratings.counted(records, name, candidate, graders=max(2, len(done)))
        found.append(Interview(kit, rows, _notes(records, name, candidate)))
    return found


def planned(found: Iterable[Interview]) -> list[str]:
    """The dimensions of all of them."""
    return [name for each in found for name in each.planned]


def _notes(records: Records, name: str, candidate: str) -> list[InterviewNote]:
    query = select(InterviewNote).filter_by(assignment=name, candidate=candidate)
    with records.session() as session:
        return list(session.scalars(query.order_by(InterviewNote.id)))
