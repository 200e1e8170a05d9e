"""The case as it lies in its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from worksample.workbook import case_folder

from .firm import Firm

TIMES = {
    "changes": ("asked", "opened", "deployed"),
    "visits": ("entered", "begun", "left"),
    "incidents": ("began", "restored", "closed"),
}
TABLES = (*TIMES, "projects", "rollouts", "signals", "events")


@dataclass(frozen=True)
class Case:
    """Everything in the folder ``case``.

    Attributes:
        firm: people, initiatives, prices; ``case.firm.data`` is a plain dictionary.
        dossier, interviews: as Markdown.
        draft: the plan that lies on the table, as a list of work.
        changes, visits, incidents: logs of a year.
        projects, rollouts: what past projects took, how new tools were adopted.
        signals, events: years of sister firms, by sprint.
    """

    firm: Firm
    dossier: str
    interviews: str
    draft: list[dict[str, Any]]
    changes: pd.DataFrame
    visits: pd.DataFrame
    incidents: pd.DataFrame
    projects: pd.DataFrame
    rollouts: pd.DataFrame
    signals: pd.DataFrame
    events: pd.DataFrame

    @property
    def team(self) -> pd.DataFrame:
        """Days a sprint and skills by name."""
        rows = self.firm.data["people"]
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")
        return table.assign(skills=table["skills"].map(" and ".join))

    @property
    def initiatives(self) -> pd.DataFrame:
        """What was proposed, by id."""
        rows = self.firm.data["initiatives"]
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("id")
        return table.assign(needs=table["needs"].map(", ".join))

    @property
    def measures(self) -> pd.DataFrame:
        """What can be done about each event, what announces it, and what it costs."""
        return pd.DataFrame.from_dict(self.firm.data["measures"], orient="index")

    def __repr__(self) -> str:
        return f"Case({len(self.changes)} changes, {len(self.firm.ids)} initiatives)"


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a case's folder; texts that are not there are empty."""
    found = {}
    for name in TABLES:
        table = pd.read_csv(folder / f"{name}.csv", parse_dates=list(TIMES.get(name, ())))
        texts = [c for c in ("note", "change", "follows") if c in table]
        found[name] = table.assign(**{c: table[c].fillna("").astype(str) for c in texts})
    return found


@cache
def load() -> Case:
    """Read the case."""
    folder = case_folder()
    return Case(
        Firm(json.loads((folder / "facts.json").read_text("utf-8"))),
        (folder / "dossier.md").read_text("utf-8"),
        (folder / "interviews.md").read_text("utf-8"),
        json.loads((folder / "draft.json").read_text("utf-8")),
        **read_tables(folder),
    )
