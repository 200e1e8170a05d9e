"""What reference solutions are rated with, and why: examples for graders, and their practice.

``solutions/ratings.toml`` of an assignment's folder, optional::

    [incident_note.strong]        # criterion, and a solution
    value = 4
    why = "The first sentence can be acted on, and the note says what would change its mind."

    [incident_note.half_a_note]   # or a text of its own, where no solution shows that level
    value = 2
    text = "..."
    why = "..."
"""

from __future__ import annotations

from dataclasses import dataclass

from worksample.assignments.model import Assignment
from worksample.assignments.scorecard import RATINGS
from worksample.assignments.toml import Table, place
from worksample.errors import AssignmentError

FILE = "ratings.toml"


@dataclass(frozen=True)
class Agreed:
    """One rating that is agreed on.

    Attributes:
        criterion: its grade id.
        name: the solution's, or the example's own.
        text: what is rated, where it is no solution; else empty.
        why: what in the work it rests on.
    """

    criterion: str
    name: str
    value: int
    why: str
    text: str = ""


def read(assignment: Assignment) -> tuple[Agreed, ...]:
    """All of them, in the order of the file; none where there is no file.

    Raises:
        AssignmentError: the file has a mistake.
    """
    path = assignment.folder / "solutions" / FILE
    if not path.is_file():
        return ()
    table = Table.read(path, "says what reference solutions are rated with")
    return tuple(
        _agreed(assignment, criterion, name, each)
        for criterion, of_one in table.tables().items()
        for name, each in _of_criterion(assignment, criterion, of_one).items()
    )


def practised(assignment: Assignment) -> tuple[str, ...]:
    """The criteria in which solutions are rated; what is heard in a talk has texts only."""
    rated = {each.criterion for each in read(assignment) if not each.text}
    return tuple(name for name in assignment.criteria if name in rated)


def of_solutions(assignment: Assignment) -> dict[str, dict[str, Agreed]]:
    """Solution -> criterion -> its rating, of the solutions that are rated wherever one is."""
    found: dict[str, dict[str, Agreed]] = {}
    for each in read(assignment):
        if not each.text:
            found.setdefault(each.name, {})[each.criterion] = each
    wanted = set(practised(assignment))
    return {name: given for name, given in found.items() if given.keys() == wanted}


def _of_criterion(assignment: Assignment, name: str, table: Table) -> dict[str, Table]:
    if name not in assignment.criteria:
        raise table.mistake(
            f"there is no criterion {name!r}", do=f"there are: {', '.join(assignment.criteria)}"
        )
    return table.tables()


def _agreed(assignment: Assignment, criterion: str, name: str, table: Table) -> Agreed:
    read = Agreed(
        criterion,
        name,
        value=table.take("value", int),
        why=" ".join(table.take("why", str).split()),
        text=table.take("text", str, ""),
    )
    if read.value not in RATINGS or not read.why:
        raise table.mistake("a rating is 1, 2, 3 or 4, and says why", "value")
    is_solution = name in {each.name for each in assignment.solutions}
    if is_solution == bool(read.text):
        raise AssignmentError(
            f"[{criterion}.{name}] is "
            + ("a solution and has a text too" if is_solution else "no solution and has no text"),
            where=place(table.path, table.line("value")),
            do="name a file of solutions/, or give `text`",
        )
    table.finish()
    return read
