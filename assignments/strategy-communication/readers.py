"""What readers of the page are asked; the right answers come from the case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from worksample.kit.readers import Question

from .hidden.texts import KINDS

if TYPE_CHECKING:
    from worksample.case import Case

CELLS = ("page_shown",)
MINUTES = 5
ASKS = {
    "small": "to build the small option: two alerts, in office hours",
    "full": "to build the plan: four alerts, in office hours",
    "watch": "to build the plan with duty at night and on weekends",
    "wait": "to build nothing for now",
}
OFFERED = 4  # kinds of incident among which the unseen one is


def questions(case: Case, answers: Mapping[str, Any]) -> Sequence[Question]:
    """Eight: what it is worth and costs, what it will not do, what is wanted."""
    truth = case.truth()
    six, model = truth["actual"], truth["model"]
    page = answers.get("page")
    asked = page.get("ask") if isinstance(page, Mapping) else None
    seen = [kind for kind in truth["kinds"] if kind not in truth["unseen"]]
    offered = sorted([truth["unseen"][case.seed % len(truth["unseen"])], *_some(seen, case.seed)])
    unseen = next(kind for kind in offered if kind in truth["unseen"])
    return (
        Question(
            "ask",
            "What do they want from you?",
            ASKS.get(asked if isinstance(asked, str) else "", ""),
            tuple(ASKS.values()),
        ),
        Question(
            "loss_avoided",
            "How much would the plan have spared the firm last year?",
            six["loss_avoided"],
            within=0.3,
            unit="thousand euro",
        ),
        Question(
            "share",
            "How much of what the incidents cost stays, even with the plan?",
            100 - six["share_caught"],
            within=0.0,
            least=10,
            unit="%",
        ),
        Question(
            "unseen",
            "Which of these will it not catch?",
            KINDS[unseen],
            tuple(KINDS[kind] for kind in offered),
        ),
        Question(
            "detection",
            "When an alarm rings: after how many days since the trouble began does somebody act?",
            six["detection"],
            within=0.3,
            unit="days",
        ),
        Question(
            "break_even",
            "After how many months has the plan paid for itself?",
            six["break_even"],
            within=0.35,
            unit="months",
        ),
        Question(
            "false_alarms",
            "What do alarms about nothing cost a year?",
            six["false_alarms"],
            within=0.35,
            unit="thousand euro",
        ),
        Question(
            "accuracy",
            "Of 100 lifts that stall, how many does the model see coming?",
            100 * model["both"] / model["stalled"],
            within=0.0,
            least=10,
            unit="lifts",
        ),
    )


def _some(kinds: Sequence[str], seed: int) -> list[str]:
    """Others to choose from, in a way that is the case's own."""
    start = seed % len(kinds)
    return [*kinds[start:], *kinds[:start]][: OFFERED - 1]
