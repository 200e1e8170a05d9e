"""An interview kit and the profile of a role, as frozen data; nothing in here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: rating 1–4 -> what is seen or heard when it is given
Anchors = Mapping[int, str]


@dataclass(frozen=True)
class Question:
    """One question, which everybody is asked in the same words.

    Attributes:
        name: stable within its kit.
        ask: the question as it is asked.
        minutes: how long it should take.
        areas: what an answer may cover.
        follow_ups: to go on with, where the answer leaves something open.
        guidance: what the question is for, where areas do not say it.
        scale: the numbers that the question itself asks for, as "1 to 10"; mostly empty. They
            are written down beside the ratings and never turned into one.
    """

    name: str
    ask: str
    minutes: int
    areas: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()
    guidance: str = ""
    scale: str = ""


@dataclass(frozen=True)
class Kit:
    """All that one stage needs.

    Attributes:
        name: of its file, ``technical-interview``.
        stage: of the scorecard (:data:`worksample.assignments.scorecard.STAGES`), or ``debrief``.
        minutes: shortest and longest.
        opening: minutes before the first question.
        closing: minutes for the candidate's questions, where no question of the kit is theirs.
        purpose: what this stage is to find out.
        directions: for the interviewer.
        to_candidate: said to the candidate at the beginning; empty where they are not there.
        dimensions: dimension -> anchors; empty for the debrief, which rates nothing anew.
        outcomes: outcome -> anchors; as ``dimensions``.
        recommends: a recommendation is given: at every stage but the reference check.
    """

    name: str
    stage: str
    title: str
    minutes: tuple[int, int]
    opening: int
    closing: int
    purpose: str
    directions: tuple[str, ...]
    to_candidate: str
    questions: tuple[Question, ...]
    dimensions: Mapping[str, Anchors]
    outcomes: Mapping[str, Anchors]
    recommends: bool


@dataclass(frozen=True)
class Step:
    """One step of the hiring process, as a candidate is told of it."""

    name: str
    length: str
    about: str


@dataclass(frozen=True)
class Value:
    """Something that the company stands for, and the question that shows it."""

    name: str
    text: str
    ask: str


@dataclass(frozen=True)
class Profile:
    """The job description and the ideal profile.

    Attributes:
        competencies: name -> what it means; so are ``traits`` and ``outcomes``.
        blanks: what still stands in square brackets, for the company to fill in.
    """

    company: str
    industry: str
    location: str
    role: str
    about: str
    summary: str
    responsibilities: tuple[str, ...]
    requirements: tuple[str, ...]
    offer: tuple[str, ...]
    process: tuple[Step, ...]
    competencies: Mapping[str, str]
    traits: Mapping[str, str]
    outcomes: Mapping[str, str]
    values: tuple[Value, ...]
    blanks: tuple[str, ...] = ()
