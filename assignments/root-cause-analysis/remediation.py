"""Trusted evaluation of a remedy: what share of the best possible gain it brings.

Never shipped: it reads the private part of a case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from .toolkit import model


class HasFolders(Protocol):
    """A drawn case: the folders of its two parts."""

    @property
    def public(self) -> Path: ...
    @property
    def private(self) -> Path: ...


MEASURED_SHARE = 0.98  # of the affected rows' labels right: the join counts as mended


@dataclass(frozen=True)
class Effect:
    """What a remedy did.

    Attributes:
        before, after, reference: the case's own metric with the incident, after the remedy, and
            without the incident. Area under the curve; for ``decisions`` the mean cost per row.
        gain: share of the loss that the remedy returned (1: all of it; below 0: it did harm).
        share: gain over the best attainable gain, between 0 and 1. This is what is scored.
    """

    before: float
    after: float
    reference: float
    gain: float
    share: float


@dataclass(frozen=True)
class Yardstick:
    """Hidden rows with their truth, and the metric that they are measured by."""

    metric: str
    rows: pd.DataFrame
    truth: pd.DataFrame
    models: model.Models
    log: tuple[pd.DataFrame, pd.DataFrame]  # predictions and outcomes, as the candidate has them

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


def load(public: Path, private: Path) -> tuple[Yardstick, dict[str, Any]]:
    """The yardstick of a drawn case and its truth."""
    truth = json.loads((private / "truth.json").read_text())
    log = (pd.read_csv(public / "predictions.csv"), pd.read_csv(public / "outcomes.csv"))
    yardstick = Yardstick(
        metric=truth["metric"],
        rows=pd.read_parquet(private / "hidden_rows.parquet"),
        truth=pd.read_parquet(private / "hidden_truth.parquet"),
        models=model.load_models(public),
        log=log,
    )
    return yardstick, truth


def effect(public: Path, private: Path, returned: pd.DataFrame | None) -> Effect:
    """Score the rows that a candidate's ``remediate`` made of the hidden rows.

    Args:
        returned: None: the candidate defined nothing usable.

    Raises:
        ValueError: ``row`` is missing, or a version that isn't there is named: the candidate's
            mistake, in words that can be shown.
    """
    yardstick, truth = load(public, private)
    before, reference = yardstick.before, yardstick.reference
    if returned is None or len(returned) == 0:
        return Effect(before, before, reference, 0.0, 0.0)
    after, gain = yardstick.gain(returned)
    share = float(np.clip(gain / truth["values"]["best_gain"], 0.0, 1.0))
    return Effect(before, after, reference, gain, share)


def evaluate_remedy(case: HasFolders, returned: pd.DataFrame | None) -> tuple[float, str]:
    """(share of the best possible gain, 0 to 1; a note for the candidate) of a drawn case.

    The share is NaN where the rows could not be scored; the note then says why.
    """
    try:
        found = effect(case.public, case.private, returned)
    except (ValueError, TypeError, KeyError) as problem:
        return float("nan"), str(problem)
    note = ""
    if found.gain < 0:
        note = "After it the figures are further from what they should be than before."
    return found.share, note
