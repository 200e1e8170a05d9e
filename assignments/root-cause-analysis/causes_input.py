"""Causes that spoil the inputs on their way to the model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .causes_release import since
from .planting import Cause, Log


class FeedCause(Cause):
    """A cause in one of the two feeds: the one that the change log names, if it is the trigger."""

    kind = "feed"

    def draw(self, rng: np.random.Generator) -> None:
        self.feed = self.world.feed if self.triggered else 1 - self.world.feed
        self.name = self.world.names.feed[self.feed]

    def hit(self, log: Log) -> np.ndarray:
        return log.after & (log.world.rows["feed"] == self.feed).to_numpy()

    def here(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return since(rows, log) & (rows["feed"] == self.name).to_numpy()

    @property
    def idle_but(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("feed",) if self.triggered else ()


class UnitChange(FeedCause):
    """One feed reports a column in another unit."""

    id = "unit_change"

    UNITS = (
        ("temp_c", "degrees Fahrenheit", 1.8, 32.0),
        ("inbound_delay_min", "hours", 1 / 60, 0.0),
        ("inbound_delay_min", "seconds", 60.0, 0.0),
        ("wind_kmh", "metres per second", 1 / 3.6, 0.0),
        ("visibility_km", "hundreds of metres", 10.0, 0.0),
    )

    def draw(self, rng: np.random.Generator) -> None:
        super().draw(rng)
        self.column, self.unit, self.factor, self.offset = self.UNITS[
            int(rng.integers(len(self.UNITS)))
        ]

    def inputs(self, log: Log) -> None:
        hit = self.hit(log)
        values = log.seen.loc[hit, self.column] * self.factor + self.offset
        log.seen.loc[hit, self.column] = values.round(1)
        self.affected = hit & log.seen[self.column].notna().to_numpy()

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        rows = rows.copy()
        here = self.here(rows, log)
        fixed = (rows.loc[here, self.column] - self.offset) / self.factor
        rows.loc[here, self.column] = fixed.round(1)
        return rows

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return self.here(rows, log) & rows[self.column].notna().to_numpy()

    def facts(self) -> dict[str, object]:
        return {
            "column": self.column,
            "feed": self.name,
            "unit": self.unit,
            "factor": round(self.factor, 6),
            "offset": self.offset,
        }

    def story(self) -> dict[str, str]:
        return {
            "what": f"Feed {self.name} reports `{self.column}` in {self.unit} since the onset.",
            "evidence": (
                f"The quantiles of `{self.column}` in feed {self.name} before and after lie on a "
                f"straight line (factor {self.factor:.4g}, offset {self.offset:g}); the other feed "
                "shows no step in the same hours. Undoing it restores the scores' ranking."
            ),
            "separates": (
                "Weather or a new mix of trips would show in both feeds, and would not be a known "
                "conversion factor."
            ),
            "teammate": f"Feed {self.name}? Its provider didn't announce anything about units.",
        }
