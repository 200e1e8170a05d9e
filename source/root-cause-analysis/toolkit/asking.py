"""What the notebook asks about this case: hypotheses on offer, named entries, decision trace."""

from __future__ import annotations

import pandas as pd
from pandas.io.formats.style import Styler

from worksample.workbook import DecisionTrace

from .hypotheses import FAMILIES, HYPOTHESES, REMEDIES, Hypothesis
from .incident import load

REMEDY_TYPES = tuple(REMEDIES)


def hypotheses_on_offer() -> tuple[Hypothesis, ...]:
    """Those that this case's question names (six at junior level), or else all of them."""
    offered = load().questions.get("hypotheses") or [h.id for h in HYPOTHESES]
    return tuple(h for h in HYPOTHESES if h.id in offered)


def hypothesis_ids() -> tuple[str, ...]:
    """The ids on offer."""
    return tuple(h.id for h in hypotheses_on_offer())


def list_hypotheses() -> pd.DataFrame:
    """The hypotheses on offer: id, what it says, its family."""
    return pd.DataFrame(
        [(h.id, h.title, FAMILIES[h.family]) for h in hypotheses_on_offer()],
        columns=["id", "hypothesis", "family"],
    )


def list_remedy_types() -> pd.DataFrame:
    """The kinds of remedy."""
    return pd.DataFrame(REMEDIES.items(), columns=["REMEDY_TYPE", "meaning"])


def change_log() -> Styler:
    """The change log, its words in full; ``case.changes`` is the table."""
    return _readable(load().changes)


def named_entries() -> Styler:
    """The five entries of the change log that you give probabilities for."""
    changes = load().changes
    return _readable(changes[changes["entry"].isin(load().questions["named_entries"])])


def _readable(table: pd.DataFrame) -> Styler:
    left = {"text-align": "left"}
    heads = [{"selector": "th", "props": list(left.items())}]
    return table.style.hide(axis="index").set_properties(**left).set_table_styles(heads)


def decision_trace(
    name: int, spread: dict[str, float], next_test: str, at: str = ""
) -> DecisionTrace:
    """Fields for 100 points over the hypotheses on offer; run the cell again to write them down."""
    return DecisionTrace(name, spread, next_test, hypotheses_on_offer(), at=at, families=FAMILIES)
