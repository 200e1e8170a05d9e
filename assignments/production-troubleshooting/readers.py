"""What readers of the incident report are asked; the right answers come from the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from worksample.kit.readers import Question

from .hidden.world import LOUD, SILENT
from .toolkit.mechanisms import BY_ID

if TYPE_CHECKING:
    from worksample.case import Case

CELLS = ("report_answer",)
MINUTES = 5
OFFERED = 4
YES, NO = "yes, by itself", "no"


def questions(case: Case, answers: Mapping[str, Any]) -> Sequence[Question]:
    """Eight: what happened, since when, how much, what comes back, what is next."""
    truth = case.truth()
    impact, faults = truth["impact"], truth["faults"]
    loud = next(each for each in faults if each["mechanism"] in LOUD)
    silent = next(each for each in faults if each["mechanism"] in SILENT)
    present = {each["mechanism"] for each in faults}
    managed = set(truth["plant"]["managed"])
    places = sorted({each["component"] for each in faults} | {"gateway", "cache", "workers"})
    return (
        Question(
            "start", "How many minutes before the report did the harm begin?",
            float(-impact["start"]), within=0.15, least=10, unit="minutes",
        ),
        Question(
            "failed", "How many requests got no answer, up to the report?",
            float(impact["failed"]), within=0.3, unit="requests",
        ),
        Question(
            "wrong", "How many answers were wrong, up to the report?",
            float(impact["wrong"]), within=0.4, unit="answers",
        ),
        Question(
            "next", "If nobody does anything: how many more of both in the next half hour?",
            float(impact["next"]), within=0.4, unit="requests",
        ),
        _mechanism("why_failed", "Why do requests fail?", loud, LOUD, present),
        _mechanism("why_wrong", "Why are answers wrong?", silent, SILENT, present),
        Question(
            "where", "Which component's change made answers wrong?", silent["component"],
            tuple(places),
        ),
        Question(
            "back", "Once the cause of wrong answers is repaired: does something put it back?",
            YES if silent["component"] in managed else NO, (YES, NO),
        ),
    )  # fmt: skip


def _mechanism(
    name: str, ask: str, fault: Mapping[str, Any], of: Sequence[str], present: set[str]
) -> Question:
    """One of these is so; what else is wrong in the case is not among the others."""
    others = [each for each in of if each not in present]
    offered = sorted([fault["mechanism"], *others][:OFFERED])
    right = BY_ID[fault["mechanism"]].title
    return Question(name, ask, right, tuple(BY_ID[each].title for each in offered))
