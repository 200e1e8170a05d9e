"""What the debrief's templates are given: JSON files, format 2.

Unlike a feedback record this is for the hiring team: it names graders. Everything that a candidate
or a grader wrote has been through :mod:`worksample.feedback.text`. No figure in it combines ratings
of several dimensions.
"""

from __future__ import annotations

from typing import TypedDict

from worksample.feedback import schema as feedback

FORMAT = 2


class Place(TypedDict):
    """A cell of an attempt, with its title; ``anchor`` is the fragment that leads to it."""

    anchor: str
    title: str


class Rated(TypedDict):
    """One rating that counts. ``value`` is None where there was not enough information.

    ``letter`` stands for the grader in pictures; ``earlier`` are the values that it replaced.
    """

    assignment: str
    criterion: str
    title: str
    grader: str
    letter: str
    value: int | None
    reason: str
    evidence: str
    anchor: str
    place: Place
    earlier: list[int | None]


class DimensionRow(TypedDict):
    """A dimension of the profile; ``later`` are the medians after the revision, None if unrated.

    ``stage`` is the interview's where only an interview rates it, else empty.
    """

    name: str
    stage: str
    planned: bool
    critical: bool
    ratings: list[Rated]
    median: float | None
    low: int | None
    high: int | None
    discuss: list[str]
    later: float | None


class Checked(TypedDict):
    """One autograded cell of the first attempt, and of the second where there is one."""

    id: str
    title: str
    dimension: str
    place: Place
    points: float
    possible: float
    after: float | None
    messages: list[str]


class Attempt(TypedDict):
    """An attempt: when it came, how the run ended, its points with their standard error."""

    id: str
    number: int
    submitted: str
    ran: str
    points: str
    possible: float
    record: int
    cells: list[feedback.Cell]


class Work(TypedDict):
    """One work sample of the candidate.

    ``understood`` is what readers understood, in words; empty where the work sample asks none;
    ``asked`` is what these questions are called.
    ``rated_again`` are criteria with what their graders gave to either attempt, in words.
    """

    id: str
    title: str
    level: str
    minutes: str
    attempts: list[Attempt]
    checks: list[Checked]
    precise: str
    changes: feedback.Changes | None
    note: str
    rated_again: list[tuple[str, str, str]]
    receptiveness: list[Rated]
    understood: str
    asked: str
    outcomes: list[str]


class Talk(TypedDict):
    """An interview that was held.

    ``notes`` are question, interviewer, words and number; dimensions that are ``out_of_scope``
    count nowhere.
    """

    title: str
    anchor: str
    people: str
    stage: str
    out_of_scope: list[str]
    outcomes: list[Rated]
    notes: list[tuple[str, str, str, str]]


class Point(TypedDict):
    """One piece of evidence: what, how much, the words that go with it, and where."""

    what: str
    how_much: str
    words: str
    place: Place


class Question(TypedDict):
    """A follow-up question: where it comes from, and what a good answer covers."""

    ask: str
    because: str
    place: Place
    covers: list[str]


class Signed(TypedDict):
    """A recommendation that a person signed."""

    person: str
    value: int | None
    words: str
    reason: str
    time: str
    outcome: str


class Record(TypedDict):
    """Everything that one debrief says."""

    format: int
    candidate: str
    as_of: str
    rule: str
    rule_noted: str
    outcome: str
    reasons: list[str]
    flips: list[str]
    covered: int
    planned: int
    graders: dict[str, str]
    waiting: list[str]
    dimensions: list[DimensionRow]
    strongest: list[Point]
    weakest: list[Point]
    works: list[Work]
    interviews: list[Talk]
    questions: list[Question]
    signed: list[Signed]
    chain: str
    tampered: list[str]
