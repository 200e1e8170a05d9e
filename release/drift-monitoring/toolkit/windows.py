"""Windows: two days of predictions, and the outcomes that have become known by then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .schema import FEATURES, KNOWN_AFTER, OUTCOME, SCORE


@dataclass(frozen=True)
class Window:
    """What the service knows at the end of two days.

    Attributes:
        rows: one row per prediction: ``date``, the inputs as the model saw them, ``score``.
        outcomes: the same columns, ``late`` (0 or 1) and ``known_after``, for the predictions of
            earlier windows of the stream whose outcomes have come in since the last one; empty at
            its start. ``known_after`` says how many windows that took.
    """

    rows: pd.DataFrame
    outcomes: pd.DataFrame


ROWS = ("date", *FEATURES, SCORE)


def runs(table: pd.DataFrame) -> list[list[Window]]:
    """The windows of a table with the columns ``run``, ``window``, :data:`ROWS`, ``late`` and
    ``known_after``."""
    found = []
    for _, run in table.groupby("run", sort=True):
        parts = [
            part.drop(columns=["run", "window"]).reset_index(drop=True)
            for _, part in run.groupby("window", sort=True)
        ]
        found.append(as_stream(parts))
    return found


def as_stream(parts: list[pd.DataFrame]) -> list[Window]:
    """Windows of consecutive labelled tables: each brings the outcomes that came in by then."""
    return [Window(part[list(ROWS)], _known(parts, now)) for now, part in enumerate(parts)]


def _known(parts: list[pd.DataFrame], now: int) -> pd.DataFrame:
    """Rows of earlier tables whose outcome became known in the window ``now``."""
    found = [part[part[KNOWN_AFTER] == now - then] for then, part in enumerate(parts[:now])]
    if not any(len(part) for part in found):
        return parts[0].iloc[:0]
    return pd.concat([part for part in found if len(part)], ignore_index=True)


def labelled(table: pd.DataFrame) -> list[Window]:
    """Reference windows: ``outcomes`` are those of the window's own rows, all of them."""
    found = []
    for _, part in table.groupby(["run", "window"], sort=True):
        part = part.drop(columns=["run", "window"]).reset_index(drop=True)
        found.append(Window(part[list(ROWS)], part))
    return found


def read(path: Path) -> pd.DataFrame:
    """A table of windows as the case holds it."""
    return pd.read_parquet(path)


__all__ = ["OUTCOME", "ROWS", "Window", "as_stream", "labelled", "read", "runs"]
