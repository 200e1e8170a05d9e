"""The case's files as data frames."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from worksample.workbook import case_folder

from .names import TIME


@dataclass(frozen=True)
class Case:
    """What the candidate has.

    Attributes:
        train: the training table, in the order of time; the label is ``late``.
        requests: some requests as the service gets them: a sample of the weeks after the training
            table, no label.
        facts: what is known about the task: rates of keying mistakes, the baseline's columns, the
            budget, how many rows and weeks come later.
        folder: where the files lie.
    """

    train: pd.DataFrame = field(repr=False)
    requests: pd.DataFrame = field(repr=False)
    facts: dict
    folder: Path

    def __repr__(self) -> str:
        first, last = self.train[TIME].min(), self.train[TIME].max()
        return (
            f"Case: {len(self.train)} rows from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
            f"{len(self.requests)} requests; facts: {self.facts}"
        )


def table(path: Path) -> pd.DataFrame:
    """A table of the case, with the types that the service uses."""
    return pd.read_csv(path, parse_dates=[TIME])


def load() -> Case:
    """The case in ``case/``."""
    folder = case_folder()
    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    return Case(table(folder / "train.csv"), table(folder / "requests.csv"), facts, folder)
