"""The case as it lies in its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import case_folder
from worksample.workbook.design.serving import Facts

from .evening import DAY


@dataclass(frozen=True)
class Case:
    """Everything in the folder ``case``.

    Attributes:
        facts: load, machines and prices; ``case.facts.data`` is a plain dictionary.
        requirements: growth, budget, disaster, the move.
        current: today's design, as text.
        history: what went wrong in the last year, as Markdown.
        traffic: requests that were counted in each minute of 14 days, by class.
    """

    facts: Facts
    requirements: dict[str, Any]
    current: str
    history: str
    traffic: pd.DataFrame

    @cached_property
    def day(self) -> np.ndarray:
        """A usual day: requests a second by minute and class, (1440, 2); the smoothed mean."""
        counted = self.traffic[list(self.facts.classes)].to_numpy(float).reshape(-1, DAY, 2)
        mean = counted.mean(axis=0) / 60
        padded = np.concatenate([mean[-15:], mean, mean[:15]])
        kernel = np.ones(31) / 31
        return np.stack([np.convolve(padded[:, k], kernel, "valid") for k in range(2)], axis=1)

    def __repr__(self) -> str:
        return f"Case({len(self.traffic) // DAY} days of traffic, {', '.join(self.facts.classes)})"


@cache
def load() -> Case:
    """Read the case."""
    folder = case_folder()
    return Case(
        Facts(json.loads((folder / "facts.json").read_text("utf-8"))),
        json.loads((folder / "requirements.json").read_text("utf-8")),
        (folder / "current.yaml").read_text("utf-8"),
        (folder / "history.md").read_text("utf-8"),
        pd.read_csv(folder / "traffic.csv", parse_dates=["minute"]),
    )
