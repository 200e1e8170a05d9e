"""Causes in the world itself: nothing is broken, but the world is no longer the training's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from worksample.kit.draws import logistic

from . import mechanism
from .planting import Cause, Log


class ConceptChange(Cause):
    """In two regions trips are late for other reasons than before; no input changes."""

    id = "concept_change"
    metric = "ranking"
    remedy_type = "retrain"
    span = (0.8, 1.5)  # a model that is fitted again needs days on which all of it holds

    CURVES: dict[str, mechanism.Curve] = {  # noqa: RUF012
        "inbound_delay_min": ([0, 3, 8, 20, 45, 90], [0.9, 0.7, 0.5, 0.2, 0.0, -0.2]),
        "queue_len": ([2, 8, 14, 20, 30, 45], [0.6, 0.4, 0.2, 0.0, -0.2, -0.3]),
    }

    def draw(self, rng: np.random.Generator) -> None:
        soft = [r for r in range(6) if r != mechanism.HARD_REGION]
        self.regions = sorted(int(r) for r in rng.permutation(soft)[:2])
        self.names = [self.world.names.region[r] for r in self.regions]
        self.lift = float(rng.uniform(-0.2, 0.6))

    def along(self) -> Mapping[str, tuple[int, ...]]:
        return {"region": tuple(self.regions)}

    def outcomes(self, log: Log) -> None:
        rows = log.world.rows
        hit = self.reached & rows["region"].isin(self.regions).to_numpy()
        new = mechanism.log_odds(rows.loc[hit], self.CURVES) + self.lift
        old = mechanism.log_odds(rows.loc[hit])
        log.p[hit] = logistic(new)
        # what the model would say if it knew: its own log-odds plus the change of the true ones
        for scores in (log.clean_score, log.pristine_score):
            if len(scores):
                score = np.clip(scores[hit], 1e-4, 1 - 1e-4)
                scores[hit] = logistic(np.log(score / (1 - score)) + new - old)
        self.affected = hit

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        # rows of a region that it has not reached yet would teach the old relation
        all_in = self.onset + max(self.arrival.delays.values(), default=0.0)
        first_day = log.world.date(all_in).normalize() + pd.Timedelta(days=1)
        return rows.assign(model_version=f"retrain:{first_day:%Y-%m-%d}")

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return self.open(rows) & rows["region"].isin(self.names).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": "region", "segments": self.names}

    def story(self) -> dict[str, str]:
        where = " and ".join(self.names)
        return {
            "what": f"In {where} a delayed inbound aircraft and a long queue no longer make trips "
            "late as they did: the relation changed, the inputs did not.",
            "evidence": (
                f"Residuals (outcome minus score) grow in {where} alone, along "
                "`inbound_delay_min` and `queue_len`, in all feeds, hosts and client releases; no "
                "input, score or label-delay distribution moves, and every row's score is exactly "
                "what its logged version gives."
            ),
            "separates": (
                "No repair or older version helps; a model retrained on the rows after the onset "
                "does. The releases of that week left the other regions as they were."
            ),
            "teammate": f"Operations in {where}? They changed how turnarounds are handled; "
            "I don't know when exactly.",
        }


class MixShift(Cause):
    """The region that is hardest to predict takes a larger share of the trips."""

    id = "mix_shift"
    metric = "measurement"
    remedy_type = "mend_measurement"

    @classmethod
    def surge(cls, rng: np.random.Generator) -> tuple[int, float] | None:
        return mechanism.HARD_REGION, float(rng.uniform(0.54, 0.6))

    def draw(self, rng: np.random.Generator) -> None:
        self.name = self.world.names.region[mechanism.HARD_REGION]

    def outcomes(self, log: Log) -> None:
        rows = log.world.rows
        here = (rows["region"] == mechanism.HARD_REGION).to_numpy()
        logged = (rows["when"] >= 0).to_numpy()
        self.usual = float(here[logged & ~log.after].mean())
        self.now = float(here[log.after].mean())
        fitting = np.where(here, self.usual / self.now, (1 - self.usual) / (1 - self.now))
        log.weight = np.where(log.after, fitting, 1.0)
        self.affected = here & log.after

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        here = self.find(rows, log)
        keep = self.usual / (1 - self.usual) * (~here).sum() / here.sum()
        lucky = np.random.default_rng(0).random(len(rows)) < keep
        return rows[~here | lucky]

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return self.open(rows) & (rows["region"] == self.name).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": "region", "segments": [self.name], "share": round(self.now, 3)}

    def story(self) -> dict[str, str]:
        return {
            "what": f"Trips to {self.name} went from {self.usual:.0%} to {self.now:.0%} of all. "
            "They have always been hard to predict; no segment got worse.",
            "evidence": (
                "The area under the curve is flat within every region, and falls over all regions "
                "together. Weighted to the mix of before, the total is what it was."
            ),
            "separates": (
                "A worse model would be worse somewhere: no slice is. Every row's score is what "
                "its logged version gives."
            ),
            "teammate": f"Sales to {self.name} are going well, I hear.",
        }
