"""Windows: two days of predictions, and the outcomes that have become known by then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .schema import FEATURES, OUTCOME, SCORE


@dataclass(frozen=True)
class Window:
    """What the service knows at the end of two days.

    Attributes:
        rows: one row per prediction: ``date``, the inputs as the model saw them, ``score``.
        outcomes: the same columns and ``late`` (0 or 1), for the predictions of the window
            before, whose outcomes have come in since; empty at the start of a stream.
    """

    rows: pd.DataFrame
    outcomes: pd.DataFrame


ROWS = ("date", *FEATURES, SCORE)


def runs(table: pd.DataFrame) -> list[list[Window]]:
    """The windows of a table with the columns ``run``, ``window``, :data:`ROWS` and ``late``."""
    found = []
    for _, run in table.groupby("run", sort=True):
        parts = [
            part.drop(columns=["run", "window"]).reset_index(drop=True)
            for _, part in run.groupby("window", sort=True)
        ]
        found.append(as_stream(parts))
    return found


def as_stream(parts: list[pd.DataFrame]) -> list[Window]:
    """Windows of consecutive labelled tables: each brings the outcomes of the one before."""
    before = [parts[0].iloc[:0], *parts[:-1]]
    return [Window(part[list(ROWS)], known) for part, known in zip(parts, before, strict=True)]


def labelled(table: pd.DataFrame) -> list[Window]:
    """Reference windows: audited, so ``outcomes`` are those of the window's own rows."""
    found = []
    for _, part in table.groupby(["run", "window"], sort=True):
        part = part.drop(columns=["run", "window"]).reset_index(drop=True)
        found.append(Window(part[list(ROWS)], part))
    return found


def read(path: Path) -> pd.DataFrame:
    """A table of windows as the case holds it."""
    return pd.read_parquet(path)


__all__ = ["OUTCOME", "ROWS", "Window", "as_stream", "labelled", "read", "runs"]
