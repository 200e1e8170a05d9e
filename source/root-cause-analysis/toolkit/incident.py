"""The case folder as data frames."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from worksample.workbook import case_folder

from .model import Models, joined, load_models


@dataclass(frozen=True)
class Incident:
    """Everything in the case folder; change a copy, never these frames.

    Attributes:
        log: predictions joined with the outcomes reported so far, as ``model.joined`` explains:
            ``late``, ``label_age_days``, ``reported_trip_key``, ``row``.
        frozen: the same as the dashboard froze each row, two days after it was served: an outcome
            that was not reported by then counts as punctual.
        predictions, outcomes: the two tables that ``log`` is joined from.
        training: a sample of the rows that the newest released model was trained on.
        dashboard: the daily figures of the team's dashboard.
        system: latency, errors and queue, hourly by host.
        changes: the change log.
        registry: every model version there ever was.
        models: the model and preprocessing versions, ready to score.
        questions: what the notebook asks about this case.
        folder: the case folder.
    """

    log: pd.DataFrame
    frozen: pd.DataFrame
    predictions: pd.DataFrame
    outcomes: pd.DataFrame
    training: pd.DataFrame
    dashboard: pd.DataFrame
    system: pd.DataFrame
    changes: pd.DataFrame
    registry: pd.DataFrame
    models: Models
    questions: dict[str, Any]
    folder: Path

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>case.{field.name}</code></td><td>{len(frame):,}</td>"
            f"<td style='text-align:left'>{', '.join(map(str, frame.columns))}</td></tr>"
            for field in fields(self)
            if isinstance(frame := getattr(self, field.name), pd.DataFrame)
        )
        return f"<table><tr><th>table</th><th>rows</th><th>columns</th></tr>{rows}</table>"

    def __repr__(self) -> str:
        served = self.log["served_at"]
        return f"Incident({len(self.log)} predictions, {served.min()} to {served.max()})"


@lru_cache(maxsize=1)
def load() -> Incident:
    """The case, read once."""
    folder = case_folder()
    predictions = _table(folder / "predictions.csv", "served_at")
    outcomes = _table(folder / "outcomes.csv", "reported_at")
    return Incident(
        log=joined(predictions, outcomes),
        frozen=joined(predictions, outcomes, dashboard=True),
        predictions=predictions,
        outcomes=outcomes,
        training=_table(folder / "training.csv"),
        dashboard=_table(folder / "metrics_daily.csv", "day"),
        system=_table(folder / "system_metrics.csv", "at"),
        changes=_table(folder / "change_log.csv", "at"),
        registry=_table(folder / "models" / "registry.csv"),
        models=load_models(folder),
        questions=json.loads((folder / "questions.json").read_text("utf-8")),
        folder=folder,
    )


def _table(path: Path, time: str | None = None) -> pd.DataFrame:
    # a client release such as 68.10 is a word
    return pd.read_csv(path, parse_dates=[time] if time else [], dtype={"client": str})
