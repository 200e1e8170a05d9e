"""Causes in models, releases, thresholds and machines."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .planting import Cause, Log


def since(rows: pd.DataFrame, log: Log) -> np.ndarray:
    """Rows served since the onset, as a candidate finds them (n,)."""
    onset = log.world.date(log.world.onset)
    return (pd.to_datetime(rows["served_at"]) >= onset).to_numpy()


class WrongThreshold(Cause):
    """Decisions are taken at a threshold far from the agreed one."""

    id = "wrong_threshold"
    kind = "scoring"
    metric = "decisions"
    remedy_type = "correct_threshold"

    def draw(self, rng: np.random.Generator) -> None:
        high = {"junior": (0.62, 0.75), "standard": (0.55, 0.68), "senior": (0.52, 0.62)}
        low = {"junior": (0.03, 0.05), "standard": (0.04, 0.06), "senior": (0.05, 0.07)}
        spans = (high, low)[int(rng.random() < 0.3)]
        self.value = round(float(rng.uniform(*spans[self.world.level])), 2)

    def decisions(self, log: Log) -> None:
        log.threshold[log.after] = self.value
        changed = (log.score >= self.value) != (log.score >= log.models.threshold)
        self.affected = log.after & changed

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(threshold=log.models.threshold)

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return rows["flagged"].to_numpy() != log.models.decide(rows["score"].to_numpy())

    def facts(self) -> dict[str, object]:
        return {"threshold": self.value}

    def story(self) -> dict[str, str]:
        more = "more" if self.value < 0.25 else "fewer"
        return {
            "what": f"Since the onset trips are flagged from a score of {self.value}, not the "
            f"agreed 0.25, so {more} trips are flagged than the costs justify.",
            "evidence": (
                "Inputs, scores and the area under the curve stay as they were; the share of "
                "flagged trips jumps, precision and recall move in opposite directions, and the "
                f"least score that is flagged is now {self.value}."
            ),
            "separates": (
                "A change of the base rate would move the outcomes, a new model the scores; a "
                "sweep over thresholds on the logged scores gives back the old costs at 0.25."
            ),
            "teammate": "Nobody decided on another threshold; 0.25 is still what the costs give.",
        }
