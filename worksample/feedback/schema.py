"""What the feedback template is given: one JSON file a candidate's attempt, format 1.

Everything that a candidate wrote has been through :mod:`worksample.feedback.text`; nothing in it
is hidden truth, another candidate's, or a hint of a decision. Points are floats, times ISO 8601.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

FORMAT = 1


class Part(TypedDict):
    """One thing a check looked at, as in :class:`worksample.grading.checks.Part`."""

    name: str
    earned: float
    possible: float
    message: str


class Check(TypedDict):
    """An autograded cell. ``cell`` is the candidate's cell that it looks at."""

    id: str
    title: str
    cell: str
    dimension: str
    aspect: str
    points: float
    possible: float
    parts: list[Part]


class Criterion(TypedDict):
    """A cell that people rate. ``value`` is 1–4, and None unless ``state`` is ``rated``."""

    id: str
    title: str
    cell: str
    dimension: str
    aspect: str
    state: Literal["rated", "not_enough_information", "not_rated"]
    value: int | None
    anchor: str
    reason: str
    seen: list[str]


Kind = Literal["answer", "check", "other", "file"]


class Cell(TypedDict):
    """A cell, how it ran, and what stands in it.

    ``kind`` is ``answer`` where the candidate was asked to work, else one that did not run to its
    end: ``check``, a visible check, or ``other``; or ``file``, one of ``work/`` that was changed,
    whose text as it was given out is ``came``. ``status`` is empty for text.
    """

    id: str
    kind: Kind
    title: str
    status: str
    error: str
    source: str
    came: NotRequired[str]


class Remark(TypedDict):
    """The strength or the improvement: a cell, what was seen there, a number, what it means.

    ``place`` is the cell's title. ``about`` is the grade id of the check or criterion it comes
    from, empty where it is about how the notebook ran. ``chosen`` is ``rule`` or ``grader``.
    ``stands_out`` is False where the strength is none, but the best there is to begin from.
    """

    cell: str
    about: str
    place: str
    title: str
    number: str
    text: str
    meaning: str
    excerpt: str
    chosen: Literal["rule", "grader"]
    stands_out: NotRequired[bool]


class Ended(TypedDict):
    """How the run ended; ``cell`` is None where no single cell is to blame."""

    how: str
    cell: str | None
    detail: str


class Aspect(TypedDict):
    """An aspect that the assignment's feedback speaks to, with the grade ids that tell of it."""

    name: str
    about: list[str]


class CellChange(TypedDict):
    """One of the candidate's cells, before and after.

    ``lines`` are pairs of a sign and a line: ``-`` removed, `` `` kept, ``+`` added, ``…`` for
    lines left out. ``note`` replaces them where a cell is too long to compare.
    """

    id: str
    title: str
    removed: int
    added: int
    lines: list[tuple[str, str]]
    note: str


class CheckChange(TypedDict):
    """One check, before and after. ``None`` where it was not there."""

    id: str
    title: str
    possible: float
    before: float | None
    after: float | None
    messages_before: list[str]
    messages_after: list[str]


class Changes(TypedDict):
    """What the revision changed. ``task`` is what had been asked for."""

    task: str
    improvement: str
    checks: list[CheckChange]
    cells: list[CellChange]
    unchanged: list[str]
    dimensions_before: dict[str, tuple[float, float]]


class Record(TypedDict):
    """Everything that one feedback notebook says."""

    format: int
    assignment: str
    title: str
    candidate: str
    attempt: int
    level: str
    submitted: str
    evidence: int
    outcome: str
    why: str
    ended: Ended
    limits: dict[str, float]
    repairs: list[str]
    checks: list[Check]
    criteria: list[Criterion]
    aspects: list[Aspect]
    cells: list[Cell]
    strength: Remark
    improvement: Remark
    task: str
    minutes: int
    changes: Changes | None
