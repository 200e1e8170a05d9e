"""What is drawn of the calls of ``predict``: all of it from the case's own seed.

Nothing here knows a case's columns, so the checks of a company's own table use it too
(``bring.py`` takes this file along).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
from worksample.case import Case

from worksample.kit.draws import asking, distinct_codes

CONSONANTS = list("BCDFGHJKLMPQRSTVWXZ")  # so that no code is "NAN" or "INF", which are numbers
Asked = TypeVar("Asked")


def order(case: Case, count: int) -> np.ndarray:
    """Places of ``count`` rows in another order, (count,)."""
    return asking(case.seed, "order").permutation(count)


def alone(case: Case, count: int) -> int:
    """Place of the row, of ``count``, that is asked for alone."""
    return int(asking(case.seed, "alone").integers(count))


def words(case: Case, what: str, count: int) -> list[str]:
    """So many different words that are in no table and no numbers."""
    made = distinct_codes(asking(case.seed, what), CONSONANTS, count, 5)
    return [f"{word}?" for word in made]


def holes(case: Case, rows: pd.DataFrame, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """Column -> where a third of its values go missing, (n,); in one row all of them do."""
    rng = asking(case.seed, "missing")
    bare = int(rng.integers(len(rows)))
    found = {name: rng.random(len(rows)) < 1 / 3 for name in columns}
    for gone in found.values():
        gone[bare] = True
    return found


def shuffled(case: Case, asked: Sequence[Asked]) -> list[Asked]:
    """What is asked, in an order of the case's own."""
    return [asked[place] for place in asking(case.seed, "calls").permutation(len(asked))]
