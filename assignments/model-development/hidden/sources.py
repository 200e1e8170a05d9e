"""Sources whose records mean something else, from standard level on. No text of a case says so.

All of it is seen by whoever holds the rows of one airline or of one station against the others',
or the table against the requests; and all of it can be undone without loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from . import mechanism, words

STATIONS = 3
MILE_KM = 1.609344
# the share of the table's rows whose labels are turned, and of how many airlines: it is what a
# model loses that does not notice, so it is nearly the same for everybody
TURNED = {"standard": (0.14, (2, 3)), "senior": (0.15, (2, 3))}
LEAST_SHARE = 0.03  # of the table's rows, for each of them: fewer could not be told from chance
NEAREST = 5  # of the groups that come nearest to the share one is drawn
IN_MILES = ("senior",)


@dataclass(frozen=True)
class Sources:
    """Numbers of airlines and of a station; nothing where there is nothing of the kind.

    Attributes:
        turned: these airlines report "on time": 1 and 0 are exchanged in their labels.
        miles: requests of this station give the distance in miles; its rows in the table do not.
    """

    turned: tuple[int, ...] = ()
    miles: int | None = None


def drawn(rng: np.random.Generator, level: str, carrier: np.ndarray) -> Sources:
    """A case's own; none at junior level.

    Args:
        carrier: numbers of the airlines of the weeks that the table is of.
    """
    turned = _turned(rng, *TURNED[level], carrier) if level in TURNED else ()
    miles = int(rng.integers(STATIONS)) if level in IN_MILES else None
    return Sources(turned, miles)


def _turned(
    rng: np.random.Generator, share: float, counts: Sequence[int], carrier: np.ndarray
) -> tuple[int, ...]:
    """Airlines that together have about this share of the rows."""
    shares = np.bincount(carrier, minlength=mechanism.CARRIERS) / len(carrier)
    common = [code for code in range(mechanism.CARRIERS) if shares[code] >= LEAST_SHARE]
    groups = [group for count in counts for group in combinations(common, count)]
    groups.sort(key=lambda group: abs(shares[list(group)].sum() - share))
    return groups[int(rng.integers(NEAREST))]


def as_reported(keyed: np.ndarray, carrier: np.ndarray, sources: Sources) -> np.ndarray:
    """Labels as they stand in the table, of labels as they were keyed in; (n,)."""
    return np.where(np.isin(carrier, sources.turned), 1 - keyed, keyed)


def as_sent(rows: pd.DataFrame, origin: np.ndarray, sources: Sources) -> pd.DataFrame:
    """Rows as the service is asked about them: the distances of one station in miles."""
    name = words.COLUMNS["distance_km"]
    in_miles = (rows[name] / MILE_KM).round()
    return rows.assign(**{name: rows[name].mask(origin == sources.miles, in_miles)})
