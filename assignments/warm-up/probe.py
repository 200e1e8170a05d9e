"""The candidate's function on later readings."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from worksample.case import Case
from worksample.probe import Call


def calls(case: Case) -> Iterator[Call]:
    """``unreliable`` on the later readings."""
    yield Call("unreliable", "unreliable", (later(case).drop(columns="stuck"),), returns="bools")


def later(case: Case) -> pd.DataFrame:
    """The hidden readings, with the column ``stuck``."""
    return pd.read_csv(case.private / "later.csv", parse_dates=["at"])
