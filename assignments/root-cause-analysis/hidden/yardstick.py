"""What a remedy is measured by: the hidden rows with their truth, and the case's own metric."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..toolkit import model

MOVED = 0.02  # of a score: less than that is a rounding
MEASURED_SHARE = 0.98  # of the affected rows' labels right: the join counts as mended


@dataclass(frozen=True)
class Yardstick:
    """Hidden rows with their truth, and the metric that they are measured by."""

    metric: str
    rows: pd.DataFrame
    truth: pd.DataFrame
    models: model.Models
    log: tuple[pd.DataFrame, pd.DataFrame]  # predictions and outcomes, as the candidate has them
    kinds: tuple[str, ...] = ()  # of remedy that are right

    def figure(self, outcome: pd.DataFrame) -> float:
        """The metric of what `toolkit.model.apply_remedy` returned."""
        truth = self.truth
        p = truth["p"].to_numpy()
        copy = truth["copy"].to_numpy(dtype=bool)
        if self.metric == "decisions":
            return model.cost(outcome["flagged"].to_numpy()[~copy], p[~copy])
        score = outcome["score"].to_numpy()
        if self.metric == "ranking":
            return model.auc(score[~copy], p[~copy])
        label, included = self.labels(outcome)
        return model.auc(score[included], label[included])

    def labels(self, outcome: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Labels that a measurement uses, and the rows it includes.

        Rows that nothing was wrong with count with their probability, not with their drawn label:
        so leaving out the rows that the model happened to get wrong gains nothing. A row that a
        cause other than one of measurement spoiled cannot be left out.

        Labels that a remedy writes count only if they are right: made-up ones, such as what the
        model itself would say, would mend every measurement.
        """
        truth = self.truth
        p = truth["p"].to_numpy()
        late = self.believed(outcome["late"].to_numpy(dtype=float))
        spoiled = truth["mislabelled"].to_numpy(dtype=bool) & np.isfinite(late)
        right = late == truth["late"].to_numpy(dtype=float)
        mended = bool(spoiled.any()) and right[spoiled].mean() >= MEASURED_SHARE
        label = np.where(spoiled & (not mended), np.nan_to_num(late), p)
        copy = truth["copy"].to_numpy(dtype=bool)
        label = np.where(copy & np.isfinite(late), np.nan_to_num(late), label)
        included = outcome["kept"].to_numpy(dtype=bool) & np.isfinite(late)
        free = copy | truth["mislabelled"].to_numpy(dtype=bool)
        stays = truth["input_spoiled"].to_numpy(dtype=bool) & ~free
        return label, included | stays

    def believed(self, given: np.ndarray) -> np.ndarray:
        """The labels of a remedy, or those of the log where it made some up; left out stays out."""
        logged = self.rows["late"].to_numpy(dtype=float)
        written = np.isfinite(given) & (given != logged)
        right = given[written] == self.truth["late"].to_numpy(dtype=float)[written]
        if not written.any() or right.mean() >= MEASURED_SHARE:
            return given
        return np.where(np.isfinite(given), logged, np.nan)

    @cached_property
    def history(self) -> pd.DataFrame:
        """The visible log with its outcomes: what a retrained model learns from."""
        return model.joined(*self.log)

    def applied(self, returned: pd.DataFrame) -> pd.DataFrame:
        retrains = "model_version" in returned and (
            returned["model_version"].astype(str).str.startswith(model.RETRAIN).any()
        )
        history = self.history if retrains else self.rows
        return model.apply_remedy(self.rows, returned, self.models, history)

    @cached_property
    def before(self) -> float:
        return self.figure(self.applied(self.rows))

    @cached_property
    def reference(self) -> float:
        truth = self.truth[~self.truth["copy"]]
        p, weight = truth["p"].to_numpy(), truth["weight"].to_numpy()
        if self.metric == "decisions":
            return model.cost(truth["clean_flagged"].to_numpy(), p)
        return model.auc(truth["clean_score"].to_numpy(), p, weight)

    def gain(self, returned: pd.DataFrame) -> tuple[float, float]:
        """(metric after the remedy, share of the loss it returned)."""
        after = self.figure(self.applied(returned))
        if not np.isfinite(after):
            return after, -1.0
        if self.metric == "measurement":
            return after, 1 - abs(after - self.reference) / abs(self.before - self.reference)
        return after, (after - self.before) / (self.reference - self.before)

    def meddled(self, returned: pd.DataFrame) -> float:
        """Share of the sound rows whose score or decision a remedy changed.

        Rows of a harmless change are no matter: undoing it is needless, and does no harm either.
        A model that is fitted again changes them all, and may where that is the remedy.
        """
        sound = ~self.truth["affected"].to_numpy(dtype=bool)
        if "odd" in self.truth:  # cases of before there were such changes have none
            sound &= ~self.truth["odd"].to_numpy(dtype=bool)
        if not sound.any() or "retrain" in self.kinds:
            return 0.0
        now, was = self.applied(returned), self.applied(self.rows)
        moved = (now["score"] - was["score"]).abs().to_numpy() > MOVED
        return float((moved | (now["flagged"] != was["flagged"]).to_numpy())[sound].mean())
