"""What the notebook asks, and the teammate who can be asked."""

from __future__ import annotations

import base64
import json
import zlib

import pandas as pd

from worksample.workbook import DecisionTrace

from .case import load
from .mechanisms import FAMILIES, HYPOTHESES, Hypothesis

_asked: list[int] = []


def hypotheses_on_offer() -> tuple[Hypothesis, ...]:
    """Those that this case's question names (four at junior level), or else all of them."""
    offered = load().questions["hypotheses"]
    return tuple(each for each in HYPOTHESES if each.id in offered)


def hypothesis_ids() -> tuple[str, ...]:
    """The ids on offer."""
    return tuple(each.id for each in hypotheses_on_offer())


def list_hypotheses() -> pd.DataFrame:
    """The hypotheses on offer: id, what it says, its family."""
    return pd.DataFrame(
        [(each.id, each.title, FAMILIES[each.family]) for each in hypotheses_on_offer()],
        columns=["id", "hypothesis", "family"],
    )


def decision_trace(
    name: int, spread: dict[str, float], next_test: str, at: str = ""
) -> DecisionTrace:
    """Fields for 100 points over the hypotheses on offer; run the cell again to write them down."""
    return DecisionTrace(name, spread, next_test, hypotheses_on_offer(), at=at, families=FAMILIES)


def questions() -> pd.DataFrame:
    """What the teammate can be asked, by number."""
    return pd.DataFrame(enumerate(_cards()["questions"], 1), columns=["number", "question"])


def ask(number: int) -> str:
    """The teammate's answer to a question; nothing of your plan can be done in that minute."""
    cards = _cards()
    if not isinstance(number, int) or not 1 <= number <= len(cards["questions"]):
        return f"questions() lists them, from 1 to {len(cards['questions'])}"
    if number not in _asked:
        _asked.append(number)
    answers = json.loads(zlib.decompress(base64.b64decode(cards["answers"])))
    return str(answers[number - 1])


def asked() -> list[int]:
    """The numbers of the questions that were asked."""
    return sorted(_asked)


def _cards() -> dict[str, list[str]]:
    cards: dict[str, list[str]] = json.loads((load().folder / "cards.json").read_text("utf-8"))
    return cards
