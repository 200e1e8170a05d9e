"""The case as tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from worksample.workbook import case_folder

from .dashboard import Known


@dataclass(frozen=True)
class Case:
    """Everything in the folder ``case``.

    Attributes:
        history: sixty days in steps of six hours; a column per metric, and ``metric|segment``.
        catalogue: the sixty metrics: name, unit, what it is, how it is collected.
        register: what has happened in the last two years: kind, days, price, time to notice.
        questions: q1 to q12, and who asks.
        incidents, campaigns: what happened in the history.
        limits: how many panels, how many on the first screen, pages a week.
        prices: of a page and of a ticket without an incident, of an offer, of a customer.
        documentation: of the model, as text.
        customers: a sample of scored customers, for the functions.
        known: what a dashboard may name.
    """

    history: pd.DataFrame
    catalogue: pd.DataFrame
    register: pd.DataFrame
    questions: pd.DataFrame
    incidents: pd.DataFrame
    campaigns: list[str]
    limits: dict[str, int]
    prices: dict[str, float]
    customers: pd.DataFrame
    documentation: str
    known: Known

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments' names."""
        return self.known.segments

    def __repr__(self) -> str:
        return f"Case({len(self.catalogue)} metrics, {len(self.history)} steps of six hours)"


def load() -> Case:
    """Read the case."""
    return read_case(case_folder())


def read_case(folder: Path) -> Case:
    """Read what lies in a folder."""
    facts = _json(folder / "facts.json")
    return Case(
        history=read_history(folder),
        catalogue=pd.read_csv(folder / "catalogue.csv"),
        register=pd.read_csv(folder / "register.csv"),
        questions=pd.read_csv(folder / "questions.csv"),
        incidents=pd.DataFrame(facts["incidents"]),
        campaigns=facts["campaigns"],
        limits=facts["limits"],
        prices=facts["prices"],
        customers=pd.read_parquet(folder / "customers.parquet"),
        documentation=(folder / "model.md").read_text("utf-8"),
        known=known_of(folder),
    )


def read_history(folder: Path) -> pd.DataFrame:
    """The sixty days."""
    return pd.read_parquet(folder / "history.parquet").set_index("time")


def known_of(folder: Path) -> Known:
    """What a dashboard of the case may name."""
    facts = _json(folder / "facts.json")
    catalogue = pd.read_csv(folder / "catalogue.csv")
    questions = pd.read_csv(folder / "questions.csv")
    return Known(
        metrics=frozenset(catalogue["metric"]),
        segmented=frozenset(catalogue.loc[catalogue["by_segment"], "metric"]),
        segments=tuple(facts["segments"]),
        questions=tuple(questions["question"]),
    )


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
