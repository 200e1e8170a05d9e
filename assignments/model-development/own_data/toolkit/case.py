"""The case's files as data frames."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from worksample.workbook import case_folder


@dataclass(frozen=True)
class Case:
    """What the candidate has.

    Attributes:
        train: the training table; the label is 0 or 1.
        requests: some rows as the service gets them, no label.
        facts: what is known about the task: the label, how hidden rows were split off.
        folder: where the files lie.
    """

    train: pd.DataFrame = field(repr=False)
    requests: pd.DataFrame = field(repr=False)
    facts: dict
    folder: Path

    def __repr__(self) -> str:
        return (
            f"Case: {len(self.train)} rows, {len(self.requests)} example requests; "
            f"facts: {self.facts}"
        )


def table(path: Path) -> pd.DataFrame:
    """A table of the case, with the types that the service uses."""
    return pd.read_parquet(path, use_threads=False)


def load() -> Case:
    """The case in ``case/``."""
    folder = case_folder()
    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    parts = (table(folder / f"{name}.parquet") for name in ("train", "requests"))
    return Case(*parts, facts, folder)
