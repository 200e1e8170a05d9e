"""The case folder: tables, texts, and the production's numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from worksample.workbook import case_folder
from worksample.workbook.twin import Plant


@dataclass(frozen=True)
class Incident:
    """Everything in the case folder; minutes are counted from now, so the past is below 0.

    Attributes:
        gateway: a row a minute: requests, attempts (with retries), answered, p95.
        replicas: a row a minute and replica: up, served, waiting, threads, memory.
        features: a row a minute: look-ups that the cache did not answer, time-outs, cache, job.
        audit: answers that were worked out again: by minute, replica and source of the features.
        traces: single attempts, step by step.
        changes: what went live, by whom.
        logs: the components' lines, in order.
        plant: the production's numbers: capacities, ticks, versions, prices.
        questions: what the notebook asks about this case.
        folder: the case folder.
    """

    gateway: pd.DataFrame
    replicas: pd.DataFrame
    features: pd.DataFrame
    audit: pd.DataFrame
    traces: pd.DataFrame
    changes: pd.DataFrame
    logs: tuple[str, ...]
    plant: Plant
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
        return f"Incident({', '.join(self.plant.replicas)}; {len(self.logs)} log lines)"


@lru_cache(maxsize=1)
def load() -> Incident:
    """The case, read once."""
    folder = case_folder()
    names = ("gateway", "replicas", "features", "audit", "traces", "changes")
    typed = {"version": str, "release": str, "trace": str}
    tables = {
        name: pd.read_csv(folder / f"{name}.csv", dtype=typed, keep_default_na=False)
        for name in names
    }
    return Incident(
        **tables,
        logs=tuple((folder / "logs.txt").read_text("utf-8").splitlines()),
        plant=Plant.from_dict(json.loads((folder / "plant.json").read_text("utf-8"))),
        questions=json.loads((folder / "questions.json").read_text("utf-8")),
        folder=folder,
    )
