"""The case as tables."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import pandas as pd

from worksample.workbook import case_folder

TABLES = (
    "incidents", "replay", "alerts", "responses", "options", "nights",
    "claims", "events", "past", "measures", "people", "harm",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Everything in the folder ``case``; amounts in thousand euro.

    Attributes:
        incidents: last year's register.
        replay: incident -> after how many days each alert would have rung.
        alerts: the quiet replay: how often each rang, and was right.
        responses: days until somebody acted, forty tickets of each alert; empty where nobody did.
        options: what may be built, and what it costs.
        nights: the model's year, by quarter.
        claims: what colleagues want to say.
        events: six events of tomorrow.
        past: earlier events, and what it was.
        measures, people, harm: what can be done, by whom, and what a day costs.
        hour: what an hour costs, in thousand euro.
        outcome_days: after how many days an outcome is known, beyond what the replay counted.
        monitoring, listeners: the texts.
    """

    incidents: pd.DataFrame
    replay: pd.DataFrame
    alerts: pd.DataFrame
    responses: pd.DataFrame
    options: pd.DataFrame
    nights: pd.DataFrame
    claims: pd.DataFrame
    events: pd.DataFrame
    past: pd.DataFrame
    measures: pd.DataFrame
    people: pd.DataFrame
    harm: pd.DataFrame
    hour: float
    outcome_days: int
    monitoring: str
    listeners: str

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>case.{field.name}</code></td><td>{len(table):,}</td>"
            f"<td style='text-align:left'>{', '.join(map(str, table.columns))}</td></tr>"
            for field in fields(self)
            if isinstance(table := getattr(self, field.name), pd.DataFrame)
        )
        return f"<table><tr><th>table</th><th>rows</th><th>columns</th></tr>{rows}</table>"

    def __repr__(self) -> str:
        return f"Case({len(self.incidents)} lines of the register, {len(self.options)} options)"


@lru_cache(maxsize=1)
def load() -> Case:
    """The case, read once."""
    folder = case_folder()
    facts: dict[str, Any] = json.loads((folder / "facts.json").read_text("utf-8"))
    words = {"options": ["alerts"], "people": ["can"]}
    tables = {
        name: pd.read_csv(folder / f"{name}.csv").fillna(dict.fromkeys(words.get(name, ()), ""))
        for name in TABLES
    }
    for day in ("began", "noticed", "ended"):
        tables["incidents"][day] = pd.to_datetime(tables["incidents"][day])
    return Case(
        **tables,
        hour=facts["hour"],
        outcome_days=facts["outcome_days"],
        monitoring=(folder / "monitoring.md").read_text("utf-8"),
        listeners=(folder / "listeners.md").read_text("utf-8"),
    )
