"""Trusted evaluation of a remedy: what share of the best possible gain it brings.

Never shipped: it reads the private part of a case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ..hidden.yardstick import Yardstick
from ..toolkit import model


class HasFolders(Protocol):
    """A drawn case: the folders of its two parts."""

    @property
    def public(self) -> Path: ...
    @property
    def private(self) -> Path: ...


@dataclass(frozen=True)
class Effect:
    """What a remedy did.

    Attributes:
        before, after, reference: the case's own metric with the incident, after the remedy, and
            without the incident. Area under the curve; for ``decisions`` the mean cost per row.
        gain: share of the loss that the remedy returned (1: all of it; below 0: it did harm).
        meddled: share of the rows that the incident did not touch whose score or decision changed.
        refitted: it fits the model again where that is no remedy: what the fault takes from the
            model, fitting it to the fault gives back for as long as the fault stays as it is.
        share: gain over the best attainable gain, between 0 and 1, less the part ``meddled``; 0 if
            ``refitted``. This is what is scored.
    """

    before: float
    after: float
    reference: float
    gain: float
    share: float
    meddled: float = 0.0
    refitted: bool = False


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
        kinds=tuple(truth["remedy_types"]),
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
    meddled = yardstick.meddled(returned)
    refitted = _refitted(returned) and "retrain" not in truth["remedy_types"]
    best = float(np.clip(gain / truth["values"]["best_gain"], 0.0, 1.0))
    share = 0.0 if refitted else best * (1 - meddled)
    return Effect(before, after, reference, gain, share, meddled, refitted)


def _refitted(returned: pd.DataFrame) -> bool:
    named = returned.get("model_version", pd.Series(dtype=object)).astype(str)
    return bool(named.str.startswith(model.RETRAIN).any())


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
