"""The deployed model: a sum of one curve per number and one weight per category, in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Model:
    """Log-odds of being late = intercept + sum of the columns' contributions.

    Attributes:
        intercept: log-odds.
        curves: column -> {"at": [...], "log_odds": [...], "missing": log-odds}; straight lines
            between the points, constant beyond them.
        weights: column -> level -> log-odds; a level that is not listed counts as 0.
    """

    intercept: float
    curves: Mapping[str, Mapping[str, Any]]
    weights: Mapping[str, Mapping[str, float]]

    @classmethod
    def load(cls, path: Path) -> Model:
        """The model in a JSON file."""
        spec = json.loads(Path(path).read_text("utf-8"))
        return cls(spec["intercept"], spec["curves"], spec["weights"])

    def contributions(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        """Column -> its log-odds for each row."""
        found = {}
        for name, curve in self.curves.items():
            values = rows[name].to_numpy(dtype=float, na_value=np.nan)
            bent = np.interp(values, curve["at"], curve["log_odds"])
            found[name] = np.where(np.isnan(values), curve["missing"], bent)
        for name, weights in self.weights.items():
            codes, levels = pd.factorize(rows[name])
            lookup = np.array([*(weights.get(level, 0.0) for level in levels), 0.0])
            found[name] = lookup[codes]  # code -1, a missing level, takes the last
        return found

    def score(self, rows: pd.DataFrame) -> np.ndarray:
        """Predicted probability of being late, one per row."""
        total = self.intercept + sum(self.contributions(rows).values())
        return 1 / (1 + np.exp(-total))
