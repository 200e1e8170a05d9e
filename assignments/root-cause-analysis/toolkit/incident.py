"""The case folder as data frames."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from worksample.workbook import case_folder


@dataclass(frozen=True)
class Incident:
    """Everything in the case folder; change a copy, never these frames.

    Attributes:
        log: predictions with the outcome known so far (``late``, missing where none came yet) and
            ``label_age_days``, days from the prediction to the end of the log.
        predictions, outcomes: the two tables that ``log`` is joined from.
        training: the rows that the first model was fitted on.
        dashboard: the daily figures of the team's dashboard.
        system: latency, errors and queue, hourly by host.
        changes: the change log.
        registry: every model version there ever was.
        questions: what the notebook asks about this case.
        folder: the case folder.
    """

    log: pd.DataFrame
    predictions: pd.DataFrame
    outcomes: pd.DataFrame
    training: pd.DataFrame
    dashboard: pd.DataFrame
    system: pd.DataFrame
    changes: pd.DataFrame
    registry: pd.DataFrame
    questions: dict[str, Any]
    folder: Path


@lru_cache(maxsize=1)
def load() -> Incident:
    """The case, read once."""
    folder = case_folder()
    predictions = _table(folder / "predictions.csv", "served_at")
    outcomes = _table(folder / "outcomes.csv", "reported_at")
    return Incident(
        log=join(predictions, outcomes),
        predictions=predictions,
        outcomes=outcomes,
        training=_table(folder / "training.csv"),
        dashboard=_table(folder / "metrics_daily.csv", "day"),
        system=_table(folder / "system_metrics.csv", "at"),
        changes=_table(folder / "change_log.csv", "at"),
        registry=_table(folder / "models" / "registry.csv"),
        questions=json.loads((folder / "questions.json").read_text("utf-8")),
        folder=folder,
    )


def _table(path: Path, time: str | None = None) -> pd.DataFrame:
    return pd.read_csv(path, parse_dates=[time] if time else [])


def join(predictions: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """``predictions`` with ``late`` as the dashboard joins it, and ``label_age_days``."""
    known = outcomes.drop_duplicates("prediction_id").set_index("prediction_id")["late"]
    end = predictions["served_at"].max()
    return predictions.assign(
        late=predictions["prediction_id"].map(known).astype(float),
        label_age_days=((end - predictions["served_at"]).dt.total_seconds() / 86400).round(3),
    )
