"""The case as it lies in its folder."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from worksample.workbook import case_folder
from worksample.workbook.design.pipeline import Facts

from .quarters import week_of


@dataclass(frozen=True)
class Case:
    """Everything in the folder ``case``.

    Attributes:
        facts: parts, prices, outcomes, and what was required last quarter; ``case.facts.data`` is
            a plain dictionary.
        current: today's design, as text.
        history: what went wrong, what is known of next quarter, as Markdown.
        dossier: what is required from next quarter on, as Markdown.
        log: million rows that came in each hour of last quarter.
        late: share of rows that come late, and by how many hours on average.
    """

    facts: Facts
    current: str
    history: str
    dossier: str
    log: pd.DataFrame
    late: tuple[float, float]

    @cached_property
    def week(self) -> np.ndarray:
        """Million rows in each hour of a week as it is now, from Monday, (168,)."""
        return week_of(self.log["million_rows"].to_numpy(float))

    def __repr__(self) -> str:
        return f"Case({len(self.log)} hours of rows, {self.week.sum() / 7:.1f} million a day now)"


@cache
def load() -> Case:
    """Read the case."""
    folder = case_folder()
    data = json.loads((folder / "facts.json").read_text("utf-8"))
    return Case(
        Facts(data),
        *(
            (folder / name).read_text("utf-8")
            for name in ("current.yaml", "history.md", "dossier.md")
        ),
        pd.read_csv(folder / "rows.csv", parse_dates=["hour"]),
        (data["rows"]["late"], data["rows"]["late_h"]),
    )


def open_change() -> None:
    """Read what is asked for half-way. Open it when your first design stands."""
    packed: Any = json.loads((case_folder() / "change.json").read_text("utf-8"))
    print(zlib.decompress(base64.b64decode(packed["packed"])).decode())
