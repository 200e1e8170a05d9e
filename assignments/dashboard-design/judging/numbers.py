"""The three figures that candidates define, as they are asked for. Trusted side only."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

DAYS = 7
LEAST = 30  # rows of a segment, below which nothing is said of it


def final(customers: pd.DataFrame, today: int) -> pd.DataFrame:
    """Customers, staff left out, whose seven days are over, with whether they ``left``."""
    kept = customers[~customers["staff"] & (customers["scored_day"] <= today - DAYS)]
    return kept.assign(left=kept["cancelled_day"] - kept["scored_day"] <= DAYS)


def recall(customers: pd.DataFrame, today: int) -> float | None:
    """Of those who left within seven days, the share that was flagged; None if nobody did."""
    left = final(customers, today)
    left = left[left["left"]]
    return float(left["flagged"].mean()) if len(left) else None


def gaps(customers: pd.DataFrame, today: int) -> dict[str, float]:
    """Segment -> share that left less mean score, of segments with at least thirty rows."""
    rows = final(customers, today)
    return {
        str(name): float(own["left"].mean() - own["score"].mean())
        for name, own in rows.groupby("segment")
        if len(own) >= LEAST
    }


def earned(customers: pd.DataFrame, today: int, prices: Mapping[str, float]) -> float | None:
    """What the offers brought in, in euro: customers kept, less what the offers cost.

    Kept is the difference in the share that left between flagged customers held out and flagged
    customers with an offer, times the number of offers; None without a customer held out or an
    offer.
    """
    rows = final(customers, today)
    rows = rows[rows["flagged"]]
    offered, held = rows[~rows["held_out"]], rows[rows["held_out"]]
    if not len(offered) or not len(held):
        return None
    kept = (held["left"].mean() - offered["left"].mean()) * len(offered)
    return float(kept * prices["customer"] - len(offered) * prices["offer"])
