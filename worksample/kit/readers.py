"""Questions for the reader test, for an assignment's ``readers.py``.

A reader has a few minutes with what a candidate wrote, knows nothing else of the case, and answers.
The folder's ``readers.py`` (its presence is the registration) has::

    CELLS = ("page_shown",)       # the cells that a reader sees: text, or what code put out
    MINUTES = 5
    def questions(case: Case, answers: Mapping[str, Any]) -> Sequence[Question]

``questions`` works out the right answers from the case; ``answers`` are what the candidate's kernel
recorded (somebody asked for what the candidate asks for, not for the best). They are hostile data.

A **freeze probe** asks the raters themselves, from pictures drawn of the candidate's work: they
look for a while, the pictures go, and they answer; then they rate. Instead of ``CELLS`` it has::

    WHO = RATERS
    def pictures(case: Case, answers: Mapping[str, Any]) -> Sequence[Picture]

After Endsley, "Measurement of Situation Awareness in Dynamic Systems", Human Factors 37 (1995):
what is there (perceive), what it means (comprehend), what comes next (project).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["right", "not said", "misled"]
NOT_SAID = ""
"""The answer of who found nothing on it in the text."""
LETTERS = "abcdefghijkl"
RATERS = "raters"
"""Who answers a freeze probe: whoever rates, each before they do."""


@dataclass(frozen=True)
class Picture:
    """What a freeze probe shows.

    Attributes:
        title: names it in the questions.
        alt: what it shows, in words, for who does not see it.
    """

    title: str
    png: bytes
    alt: str


@dataclass(frozen=True)
class Question:
    """One question; a choice where it has options, else a number.

    Attributes:
        id: names it, in the records.
        ask: the question.
        options: what can be chosen, in this order.
        right: the right option, or the true number; NaN where there is none that could be said.
        within: how far a number may be off and still be right: a share of it.
        least: the same as an amount, where that is more.
        unit: of a number.
    """

    id: str
    ask: str
    right: str | float
    options: tuple[str, ...] = ()
    within: float = 0.25
    least: float = 0.0
    unit: str = ""

    def outcome(self, said: str) -> Outcome:
        """What an answer comes to.

        Raises:
            ValueError: it is no answer to this question.
        """
        said = said.strip()
        if said == NOT_SAID:
            return "not said"
        if self.options:
            if said not in self.options:
                raise ValueError(f"{self.id}: not one of its options")
            return "right" if said == self.right else "misled"
        value, right = number(said), float(self.right)
        near = max(self.within * abs(right), self.least)
        return "right" if abs(value - right) <= near else "misled"


def number(said: str) -> float:
    """A number as people write it.

    Raises:
        ValueError: it is none.
    """
    value = float(said.replace(" ", "").replace(",", ".").removesuffix("%"))
    if not math.isfinite(value):
        raise ValueError(f"{said} is no number")
    return value


def by_letter(question: Question, said: str) -> str:
    """What a line of a paper sheet says: a letter for an option, a number, ``-`` for not said.

    Raises:
        ValueError: it is none of these.
    """
    said = said.strip().lower()
    if said in ("-", NOT_SAID):
        return NOT_SAID
    if not question.options:
        return said
    place = LETTERS.find(said) if len(said) == 1 else -1
    if not 0 <= place < len(question.options):
        last = LETTERS[len(question.options) - 1]
        raise ValueError(
            f"{question.id}: a letter from a to {last}, or - for not said; not {said!r}"
        )
    return question.options[place]


def counts(questions: Sequence[Question], said: Mapping[str, str]) -> dict[Outcome, int]:
    """How many were right, not said and misled; they are never added up.

    Raises:
        ValueError: an answer is none to its question.
    """
    found: dict[Outcome, int] = {"right": 0, "not said": 0, "misled": 0}
    for each in questions:
        found[each.outcome(said.get(each.id, NOT_SAID))] += 1
    return found
