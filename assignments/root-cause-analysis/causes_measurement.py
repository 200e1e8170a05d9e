"""Causes that spoil the measurement and leave the model alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .planting import Cause, Log


class DuplicatedEvents(Cause):
    """Events of flagged trips that turned out on time are delivered again, some minutes later."""

    id = "duplicated_events"
    kind = "loader"
    metric = "measurement"
    remedy_type = "mend_measurement"
    idle_but = ("loader",)

    def draw(self, rng: np.random.Generator) -> None:
        self.share = float(rng.uniform(0.6, 0.8))
        self.times = int(rng.integers(2, 4))
        n = len(self.world.rows)
        self.again = rng.random(n) < self.share
        self.minutes = rng.integers(2, 50, (self.times, n)).cumsum(axis=0)

    def events(self, log: Log) -> None:
        hit = log.after & self.again & (log.flagged == 1) & (log.late == 0)
        where = np.flatnonzero(hit)
        log.copies += [(where, minutes[where]) for minutes in self.minutes]

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.sort_values("served_at", kind="stable").drop_duplicates("prediction_id")

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return rows.duplicated("prediction_id").to_numpy()

    def facts(self) -> dict[str, object]:
        return {"copies": self.times, "share": round(self.share, 2)}

    def story(self) -> dict[str, str]:
        return {
            "what": (
                "The event log holds some predictions several times: when a flagged trip turns out "
                "on time, its event is delivered again, so mistakes count more than once."
            ),
            "evidence": (
                "Rows per day rise at the onset while the number of distinct `prediction_id` does "
                "not; the repeats carry the same inputs and score a few minutes later. Without "
                "them the area under the curve is what it was."
            ),
            "separates": (
                "A busier season brings new ids; here the ids repeat, and only flagged trips that "
                "were on time repeat."
            ),
            "teammate": "Volume? Yes, the dashboard counts more predictions since then; "
            "bookings say nothing of the sort.",
        }
