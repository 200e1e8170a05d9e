"""The case as tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from worksample.workbook import case_folder

from .model import Model
from .windows import Window, labelled, read, runs


@dataclass(frozen=True)
class Case:
    """Everything in the folder ``case``.

    Attributes:
        history: all reference rows, with ``run``, ``window`` and outcomes.
        reference: the same as windows; each has the outcomes of its own rows, all of them.
        recent: the recent stream, window by window, with the outcomes known by then.
        model: the deployed model.
        alerts: the six alerts of the response plan.
        costs: name -> cost.
        practice: senior level: histories to practise a retraining policy on.
    """

    history: pd.DataFrame
    reference: list[Window]
    recent: list[Window]
    model: Model
    alerts: list[dict]
    costs: dict[str, float]
    practice: list[dict]

    def __repr__(self) -> str:
        return f"Case({len(self.reference)} reference windows, {len(self.recent)} recent ones)"


def load() -> Case:
    """Read the case."""
    folder = case_folder()
    history = read(folder / "reference.parquet")
    return Case(
        history=history,
        reference=labelled(history),
        recent=runs(read(folder / "recent.parquet"))[0],
        model=Model.load(folder / "model.json"),
        alerts=_json(folder / "alerts.json"),
        costs=_json(folder / "costs.json"),
        practice=_json(folder / "retraining_practice.json"),
    )


def _json(path: Path) -> list | dict:
    return json.loads(path.read_text("utf-8")) if path.is_file() else []
