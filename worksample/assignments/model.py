"""What an author's folder says, as frozen data; nothing in here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from worksample.assignments.toml import place
from worksample.errors import AssignmentError
from worksample.limits import AnswerSpec, Budget, Limits, TreeSpec

LEVELS: tuple[str, ...] = ("junior", "standard", "senior")
STANDARD = "standard"
ASSISTANT = "assistant"  # the quality of a solution that is one pass from the brief
MAX_IDLE = 5.0  # points of 100 that answers without any work may earn, all of them together
TREE = "work"
"""The folder beside the notebook that is part of the answer, and in a solution what changes it."""

Kind = Literal["given", "answer", "check", "criterion"]


@dataclass(frozen=True)
class Minutes:
    """How long the candidate has for the work, talks it over, and revises it."""

    work: float
    discussion: float
    revision: float


@dataclass(frozen=True)
class Cell:
    """A cell of the workbook.

    Attributes:
        id: stable name; the notebook's cell id and, for graded cells, nbgrader's ``grade_id``.
        kind: ``given`` (shown), ``answer`` (the candidate works here), ``check`` (scored by the
            function ``check_<id>``) or ``criterion`` (rated by people).
        type: ``code`` or ``markdown``.
        source: the cell's text.
        points: of a check or a criterion, else 0.
        dimension: of a check or a criterion: a scorecard's dimension, else None.
        minutes: what the candidate needs for it.
        levels: the levels that have this cell.
        line: line of its header in ``notebook.py``.
    """

    id: str
    kind: Kind
    type: Literal["code", "markdown"]
    source: str
    points: float
    dimension: str | None
    minutes: float
    levels: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Texts:
    """Words that the feedback proposes for a check or a criterion, by the level that was reached.

    Levels are 1–4: a criterion's rating, and of a check what :func:`worksample.feedback.proposal.
    level` makes of its points. A level without a text of its own has that of the level below it.

    Attributes:
        aspect: the aspect of the feedback that they belong to.
        strength: 3 and 4 -> what was good.
        improvement: 1–3 -> what there is, and what the next level asks for.
        revision: 1–3 -> the revision task that goes with it.
        next_step: the improvement and the task of level 4; empty where the author gave none.
        idle: the share of a check's points, 0 to 1, that an answer earns which says nothing. A
            check that knows it better for the case at hand says so in its parts.
    """

    aspect: str = ""
    strength: Mapping[int, str] = field(default_factory=dict)
    improvement: Mapping[int, str] = field(default_factory=dict)
    revision: Mapping[int, str] = field(default_factory=dict)
    next_step: str = ""
    idle: float = 0.0

    def at(self, kind: Literal["strength", "improvement", "revision"], level: int) -> str:
        """The text of that kind at a level; empty where there is none."""
        texts: Mapping[int, str] = getattr(self, kind)
        below = [each for each in texts if each <= level]
        return texts[max(below)] if below else ""


@dataclass(frozen=True)
class Criterion:
    """What people rate in a criterion cell, and how: one anchor for each rating 1–4.

    ``cell`` is the answer cell that it is about, where that is not the one beside it; ``rater`` is
    whose eyes it wants ("business", "technical"), where that matters.
    """

    dimension: str
    minutes: float
    evidence: str
    anchors: Mapping[int, str]
    texts: Texts
    cell: str = ""
    rater: str = ""

    @property
    def wanted(self) -> str:
        """What to look at, and whose eyes it wants."""
        return f"For a {self.rater} rater. {self.evidence}" if self.rater else self.evidence


@dataclass(frozen=True)
class Answer:
    """What a reference solution writes into an answer cell, at some levels."""

    cell: str
    type: str
    source: str
    levels: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Solution:
    """A reference solution and what it is expected to come to.

    Attributes:
        name: the file's name without ``.py``.
        quality: ``strong``, ``weak``, …; several solutions may share one.
        total: level -> lowest and highest total for any one case.
        mean: level -> lowest and highest mean over cases; empty where nothing is said.
        failing: checks that stay below full points.
        ended: how the run ends (``worksample.grading.run.Ended.how``).
        no_better_than: the solution that gives the same answers without the attack, which no check
            may pay less than this one; empty where there is none.
        answers: what goes into the answer cells.
    """

    name: str
    path: Path
    title: str
    quality: str
    total: Mapping[str, tuple[float, float]]
    mean: Mapping[str, tuple[float, float]]
    failing: tuple[str, ...]
    ended: str
    no_better_than: str
    answers: tuple[Answer, ...]

    def sources(self, level: str) -> dict[str, str]:
        """Answer cell -> text, at a level."""
        return {a.cell: a.source for a in self.answers if level in a.levels and a.cell != TREE}

    def script(self, level: str) -> str:
        """Python that does to ``work/`` what this candidate does; empty where it does nothing."""
        found = [a.source for a in self.answers if level in a.levels and a.cell == TREE]
        return found[0] if found else ""


@dataclass(frozen=True)
class Assignment:
    """Everything that an author's folder says."""

    id: str
    folder: Path
    title: str
    graded: bool
    seed_activity: str
    time: str
    kernel: str
    terminal: bool
    needs: tuple[str, ...]
    files: tuple[str, ...]
    levels: tuple[str, ...]
    outcomes: tuple[str, ...]
    feedback_aspects: tuple[str, ...]
    minutes: Minutes
    limits: Limits
    budget: Budget
    work: TreeSpec | None
    answers: Mapping[str, AnswerSpec]
    cells: tuple[Cell, ...]
    criteria: Mapping[str, Criterion]
    check_texts: Mapping[str, Texts]
    solutions: tuple[Solution, ...]

    @property
    def checks(self) -> tuple[Cell, ...]:
        """The autograded cells, in the notebook's order."""
        return tuple(cell for cell in self.cells if cell.kind == "check")

    @property
    def points(self) -> float:
        """Points of all autograded cells; 100, or 0 where nothing is graded."""
        return sum(cell.points for cell in self.checks)

    @property
    def paths(self) -> dict[str, Path]:
        """What lies beside the notebook: name -> the trusted file or folder."""
        return {name: self.folder / name for name in self.files}

    def cells_of(self, level: str) -> tuple[Cell, ...]:
        """The cells that a level has."""
        return tuple(cell for cell in self.cells if level in cell.levels)

    def cell(self, cell_id: str) -> Cell:
        """The cell of that id; KeyError if there is none."""
        return {cell.id: cell for cell in self.cells}[cell_id]

    def floor(self, level: str) -> tuple[float, float] | None:
        """What one pass of an assistant earns, as its reference solution states and `verify` holds.

        The lowest and highest mean over cases, or total where no mean is stated; None without one.
        """
        for each in self.solutions:
            if each.quality == ASSISTANT and level in each.total:
                return each.mean.get(level) or each.total[level]
        return None

    def solution(self, name: str) -> Solution:
        """The reference solution of that name.

        Raises:
            AssignmentError: there is none.
        """
        for solution in self.solutions:
            if solution.name == name:
                return solution
        raise AssignmentError(
            f'"{self.id}" has no solution "{name}"',
            where=place(self.folder / "solutions"),
            do=f"there are: {', '.join(s.name for s in self.solutions) or 'none'}",
        )
