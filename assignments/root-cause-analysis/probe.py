"""What is asked of the candidate's functions: hidden later rows, then one window at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from worksample.case import Case
from worksample.probe import Call

from worksample.limits import Shape

# A remedy may name versions that it has served, and each "retrain:" among them is a model that the
# check fits anew: so few, however many rows there are.
REMEDY = Shape(text=200, columns=64, levels={"model_version": 12, "prep_version": 12})
YES_OR_NO = Shape(length=1, distinct=1, text=1, depth=1)


def calls(case: Case) -> Iterator[Call]:
    """``affected``, ``remediate`` on the later rows, ``guard`` on each window by itself."""
    yield Call("affected", "affected", (asked_rows(case),), returns="bools", seconds=20)
    yield Call(
        "remediate", "remediate", (hidden_rows(case),), returns="frame", seconds=30, most=REMEDY
    )
    reference = transfer_reference(case)
    for place, (_, window) in enumerate(transfer_windows(case).groupby("window", sort=True)):
        shown = window.drop(columns="window").reset_index(drop=True)
        yield Call(
            f"guard-{place}",
            "guard",
            (reference, shown),
            returns="json",
            seconds=5,
            most=YES_OR_NO,
        )


def earlier_rows(case: Case) -> pd.DataFrame:
    """Rows of the days before the incident in the same form; none in a case of before there were.

    Where every later row is affected, only these tell a rule from one that marks everything.
    """
    path = case.private / "earlier_rows.parquet"
    rows = pd.read_parquet(path) if path.is_file() else hidden_rows(case).head(0)
    return rows.assign(served_at=pd.to_datetime(rows["served_at"]))


def asked_rows(case: Case) -> pd.DataFrame:
    """The rows that ``affected`` is asked about: earlier ones, then the later ones."""
    return pd.concat([earlier_rows(case), hidden_rows(case)], ignore_index=True)


def touched(case: Case) -> np.ndarray:
    """Of the rows that ``affected`` is asked about, those that the incident touched (n,) bool."""
    later = hidden_truth(case)["affected"].to_numpy(bool)
    return np.concatenate([np.zeros(len(earlier_rows(case)), dtype=bool), later])


def hidden_rows(case: Case) -> pd.DataFrame:
    """Later rows exactly as ``case.log`` in the notebook would show them."""
    rows = pd.read_parquet(case.private / "hidden_rows.parquet")
    return rows.assign(served_at=pd.to_datetime(rows["served_at"]))


def hidden_truth(case: Case) -> pd.DataFrame:
    """What is known about the same rows, in the same order."""
    return pd.read_parquet(case.private / "hidden_truth.parquet")


def transfer_reference(case: Case) -> pd.DataFrame:
    """The healthy weeks that the candidate has too."""
    return pd.read_csv(case.public / "transfer_reference.csv")


def transfer_windows(case: Case) -> pd.DataFrame:
    """Hidden windows, told apart by the column ``window``, healthy and faulty mixed."""
    return pd.read_parquet(case.private / "transfer.parquet")


def windows_faulty(case: Case) -> np.ndarray:
    """For each hidden window in order: does it hold the fault?"""
    return np.array(case.truth()["transfer"]["windows"], dtype=bool)
