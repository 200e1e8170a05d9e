"""Causes that spoil the measurement and leave the model alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .planting import Cause, Log

ORIGINS = {"origin": (0, 1, 2)}


class DuplicatedEvents(Cause):
    """Events of flagged trips that turned out on time are delivered again, some minutes later."""

    id = "duplicated_events"
    told = (0.85, 0.98)
    kind = "loader"
    always = True
    metric = "measurement"
    remedy_type = "mend_measurement"
    idle_but = ("loader",)

    def draw(self, rng: np.random.Generator) -> None:
        self.share = float(rng.uniform(0.6, 0.8))
        self.times = {"junior": 3, "standard": 2}.get(self.world.level, 1)
        n = len(self.world.rows)
        self.again = rng.random(n) < self.share
        self.minutes = rng.integers(2, 50, (self.times, n)).cumsum(axis=0)

    def events(self, log: Log) -> None:
        hit = self.reached & self.again & (log.flagged == 1) & (log.late == 0)
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


class LabelJoin(Cause):
    """At one origin each outcome is attached to the prediction of another trip."""

    id = "label_join"
    told = (0.6, 0.95)
    kind = "loader"
    always = True
    metric = "measurement"
    remedy_type = "mend_measurement"
    idle_but = ("loader",)

    def draw(self, rng: np.random.Generator) -> None:
        self.origins = [int(rng.integers(3))]
        self.names = [self.world.names.origin[o] for o in self.origins]
        self.order = rng.permutation(len(self.world.rows))

    def outcomes(self, log: Log) -> None:
        rows = log.world.rows
        hit = self.reached & rows["origin"].isin(self.origins).to_numpy()
        for _, places in rows[hit].groupby(["origin", "day"]).indices.items():
            there = np.flatnonzero(hit)[places]
            there = there[np.argsort(self.order[there])]
            log.record_of[there] = np.roll(there, 1)
        self.affected = hit & (log.record_of != np.arange(len(rows))) & log.recorded

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        known = rows.assign(key=rows["reported_trip_key"].str.lower()).dropna(subset=["key"])
        own = rows["trip_key"].map(known.drop_duplicates("key").set_index("key")["late"])
        return rows.assign(late=own)

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        other = rows["reported_trip_key"].str.lower() != rows["trip_key"]
        return (other & rows["reported_trip_key"].notna()).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": "origin", "segments": self.names}

    def story(self) -> dict[str, str]:
        where = " and ".join(self.names)
        return {
            "what": f"Since the onset the loader attaches the outcomes of origin {where} to the "
            "predictions of other trips of the same day. The model is as good as it was.",
            "evidence": (
                f"In `outcomes.csv` the record's `trip_key` is not the prediction's for origin "
                f"{where}; joined by `trip_key` the area under the curve is what it was. The share "
                "of late trips per day is the same either way."
            ),
            "separates": (
                "A change of the world would survive joining again; inputs, scores and flags are "
                "flat, and the other origins are as good as ever."
            ),
            "teammate": "The stations report by trip key; the loader looks up the prediction id.",
        }


class PartialBatch(Cause):
    """The reports of one origin's later trips come days too late; until then 0 is assumed."""

    id = "partial_batch"
    told = (0.7, 0.95)
    kind = "loader"
    always = True
    metric = "measurement"
    remedy_type = "wait"
    accepted = ("mend_measurement",)
    idle_but = ("loader",)

    def draw(self, rng: np.random.Generator) -> None:
        self.origin = int(rng.integers(3))
        self.name = self.world.names.origin[self.origin]
        self.from_hour = int(rng.integers(11, 15))
        self.days = rng.uniform(4.0, 6.0, len(self.world.rows))

    def outcomes(self, log: Log) -> None:
        rows = log.world.rows
        hit = self.reached & (rows["origin"] == self.origin).to_numpy()
        hit &= (rows["hour"] >= self.from_hour).to_numpy() & log.recorded
        log.report = np.where(hit, self.days, log.report)
        log.provisional |= hit
        self.affected = hit

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(late=rows["late"].mask(rows["label_age_days"].isna()))

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        waiting = rows["label_age_days"].isna() & rows["late"].notna()
        part = (rows["origin"] == self.name) & (rows["hour"] >= self.from_hour)
        return (waiting & part).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": "origin", "segments": [self.name], "from_hour": self.from_hour}

    def story(self) -> dict[str, str]:
        return {
            "what": f"The reports of origin {self.name} for trips from {self.from_hour} o'clock on "
            "come four to six days late. The loader assumes 0 until then, so the dashboard's "
            "frozen figures are wrong; the outcomes heal by themselves.",
            "evidence": (
                f"`reported_at` minus `served_at` jumps from under a day to over four for origin "
                f"{self.name} from {self.from_hour} o'clock on; the newest of these rows have no "
                "`reported_at` at all and `late` 0. Rows old enough are as good as ever."
            ),
            "separates": (
                "A dip in traffic would lower predictions too. Here predictions are all there and "
                "reports by hour are missing against the agreed time; figures computed again today "
                "are better than the dashboard's for the same days."
            ),
            "teammate": "By agreement all reports of a day are in on the next day.",
        }


class CensoredLabels(Cause):
    """Outcomes are followed up only where the model flagged, and in the explored trips."""

    id = "censored_labels"
    told = (0.8, 0.97)
    kind = "loader"
    always = True
    metric = "measurement"
    remedy_type = "mend_measurement"
    idle_but = ("loader",)

    def along(self) -> Mapping[str, tuple[int, ...]]:
        return ORIGINS

    def outcomes(self, log: Log) -> None:
        hit = self.reached & (log.flagged == 0) & ~log.world.rows["explored"].to_numpy()
        self.affected = hit & log.recorded
        log.recorded &= ~hit

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(late=rows["late"].where(rows["arm"] == "explore"))

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        unflagged = (rows["flagged"] == 0) & (rows["arm"] == "main")
        return (unflagged & rows["late"].isna()).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": "arm"}

    def story(self) -> dict[str, str]:
        return {
            "what": "Since the onset outcomes are collected only where the model flagged a trip; "
            "trips that were not flagged have outcomes only in the `explore` arm.",
            "evidence": (
                "The share of rows with an outcome falls at the onset, and only among unflagged "
                "trips of the `main` arm. Measured on the `explore` arm alone nothing changed."
            ),
            "separates": (
                "A drift of the population would move inputs and scores of all trips; here the "
                "scores are flat and only the labelled ones look different."
            ),
            "teammate": "Follow-up costs money; the explored trips are followed up in any case.",
        }
