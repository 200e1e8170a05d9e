"""Tables of scored customers, on which the candidate's three functions are run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from worksample.kit.draws import logistic

TODAY = 40
FINAL_DAYS = 7


def drawn(
    rng: np.random.Generator, segments: Mapping[str, float], rows: int, today: int = TODAY
) -> pd.DataFrame:
    """One line per score. ``cancelled_day`` is missing where nobody has cancelled by ``today``.

    A tenth of the flagged customers, drawn by lot, is held out: they get no offer. Who gets one
    cancels more rarely. Staff is scored too, and cancels as it likes.
    """
    names = sorted(segments)
    segment = rng.choice(names, rows, p=[segments[n] for n in names])
    off = {name: float(rng.normal(0, 0.5)) for name in names}
    ability = rng.normal(-2.0, 1.0, rows)
    score = logistic(ability)
    staff = rng.random(rows) < 0.06
    threshold = float(np.quantile(score, 0.8))
    flagged = score > threshold
    held_out = flagged & (rng.random(rows) < 0.1)
    odds = ability + np.array([off[s] for s in segment]) - 0.9 * (flagged & ~held_out) + 1.5 * staff
    cancels = rng.random(rows) < logistic(odds)
    scored = rng.integers(today - 30, today + 1, rows)
    after = np.floor(rng.exponential(3.0, rows)).astype(int) + (rng.random(rows) < 0.1) * 6
    cancelled = np.where(cancels & (scored + after <= today), scored + after, np.nan)
    return pd.DataFrame(
        {
            "customer": rng.choice(900000, rows, replace=False) + 100000,
            "segment": segment,
            "scored_day": scored,
            "score": np.round(score, 4),
            "flagged": flagged,
            "held_out": held_out,
            "cancelled_day": cancelled,
            "staff": staff,
        }
    )
