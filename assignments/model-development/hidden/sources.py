"""Sources whose records mean something else, from standard level on. No text of a case says so.

Some airlines' labels mean the opposite, in the table; some stations tell one column otherwise, in
the requests. All of it is seen by whoever holds the rows of one airline or of one station against
the others', or the table against the requests; and all of it can be undone with hardly a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np
import pandas as pd

from worksample.kit.scoring import log_loss

from . import mechanism, words

STATIONS = 3
MILE_KM = 1.609344
# what a model loses that does not notice, as a share of what the true probabilities win over a
# constant: about the same for everybody, because airlines and amounts are chosen for it
TURNED = {"standard": 0.74, "senior": 0.74}
SENT = {"standard": 0.54, "senior": 0.74}
COUNTS = (1, 2, 3)  # airlines whose labels are turned
LEAST_SHARE = 0.03  # of the table's rows, for each of them: fewer could not be told from chance
NEAREST = 3  # of the choices that come nearest to what is wanted one is drawn
# canonical columns that a station may send otherwise, each another station. Of the first pair as
# many as stand here, by some amount that is drawn: minutes, hours; of the second pair one
AMOUNTS = {"turnaround_min": range(8, 23), "minute": range(2, 5)}
OTHERWISE = ("distance_km", "queue_len")
COUNT = {"standard": 1, "senior": 2}


@dataclass(frozen=True)
class Sent:
    """How a station sends one column.

    Kilometres in miles, queues counted twice, time on the ground some minutes shorter, the hour by
    another zone's clock.

    Attributes:
        column: canonical name.
        station: its number.
        amount: minutes of ``turnaround_min``, hours of ``minute``.
    """

    column: str
    station: int
    amount: int = 0

    def __call__(self, values: pd.Series) -> pd.Series:
        """The column as this station sends it; of ``minute`` the minutes or the times."""
        if self.column == "distance_km":
            return (values / MILE_KM).round()
        if self.column == "queue_len":
            return 2 * values
        if self.column == "turnaround_min":
            return values - self.amount
        if pd.api.types.is_datetime64_any_dtype(values):
            return values + pd.Timedelta(hours=self.amount)
        return (values + 60 * self.amount) % 1440


@dataclass(frozen=True)
class Sources:
    """What is turned and what is sent otherwise; nothing where there is nothing of the kind.

    Attributes:
        turned: numbers of airlines that report "on time": 1 and 0 are exchanged in their labels.
        sent: columns that a station's requests tell otherwise; its rows in the table do not.
    """

    turned: tuple[int, ...] = ()
    sent: tuple[Sent, ...] = field(default=())


@dataclass(frozen=True)
class Later:
    """The hidden rows, which say what not to notice something costs.

    Attributes:
        rows: canonical.
        probability: the true ones, (n,).
        believed: canonical rows -> what the best model says of them.
    """

    rows: pd.DataFrame
    probability: np.ndarray
    believed: Callable[[pd.DataFrame], np.ndarray]

    def cost(self, given: np.ndarray) -> np.ndarray:
        """Loss of each row beyond the best, as a share of what is known of all, (n,)."""
        p = self.probability
        best = log_loss(p, p)
        known = log_loss(p, np.full(len(p), p.mean())) - best
        return (log_loss(p, given) - best) / known.mean()


def drawn(rng: np.random.Generator, level: str, table: np.ndarray, later: Later) -> Sources:
    """A case's own; none at junior level.

    Args:
        table: numbers of the airlines in the table's rows.
    """
    if level not in TURNED:
        return Sources()
    return Sources(_turned(rng, TURNED[level], table, later), _sent(rng, level, later))


def _turned(
    rng: np.random.Generator, target: float, table: np.ndarray, later: Later
) -> tuple[int, ...]:
    """Airlines that together cost about this much."""
    shares = np.bincount(table, minlength=mechanism.CARRIERS) / len(table)
    common = [code for code in range(mechanism.CARRIERS) if shares[code] >= LEAST_SHARE]
    lost = later.cost(1 - later.probability)
    cost = np.bincount(later.rows["carrier"], lost, mechanism.CARRIERS) / len(lost)
    groups = [group for count in COUNTS for group in combinations(common, count)]
    groups.sort(key=lambda group: abs(cost[list(group)].sum() - target))
    return groups[int(rng.integers(NEAREST))]


def _sent(rng: np.random.Generator, level: str, later: Later) -> tuple[Sent, ...]:
    """Columns and stations by lot; amounts so that all together cost about as much as wanted."""
    columns = [str(name) for name in rng.permutation(list(AMOUNTS))[: COUNT[level]]]
    columns.append(str(rng.choice(OTHERWISE)))
    stations = rng.permutation(STATIONS).tolist()
    amounts = product(*(AMOUNTS.get(column, (0,)) for column in columns))
    options = [tuple(map(Sent, columns, stations, each)) for each in amounts]
    alone = {each: _cost([each], later) for each in {each for option in options for each in option}}
    # stations are different ones, so what they cost adds up
    options.sort(key=lambda option: abs(sum(alone[each] for each in option) - SENT[level]))
    return options[int(rng.integers(min(NEAREST, len(options))))]


def _cost(sent: Sequence[Sent], later: Later) -> float:
    rows = taken_at_word(later.rows, Sources(sent=tuple(sent)))
    return float(later.cost(later.believed(rows)).mean())


def taken_at_word(rows: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    """Canonical rows with what stations send in the place of what is meant."""
    for each in sources.sent:
        values = rows[each.column]
        told = values.mask(rows["origin"] == each.station, each(values))
        rows = rows.assign(**{each.column: told})
    return rows


def as_reported(keyed: np.ndarray, carrier: np.ndarray, sources: Sources) -> np.ndarray:
    """Labels as they stand in the table, of labels as they were keyed in; (n,)."""
    return np.where(np.isin(carrier, sources.turned), 1 - keyed, keyed)


def as_sent(
    rows: pd.DataFrame, origin: np.ndarray, sources: Sources, unknown: Mapping[str, float]
) -> pd.DataFrame:
    """Rows as the service is asked about them.

    Args:
        rows: as the table would show them.
        unknown: canonical column -> value that stands for unknown, and does so everywhere.
    """
    for each in sources.sent:
        name = shown_as(each.column)
        values = rows[name]
        told = (origin == each.station) & (values != unknown.get(each.column, np.inf))
        rows = rows.assign(**{name: values.mask(told, each(values))})
    return rows


def shown_as(column: str) -> str:
    """The column in which a case shows a canonical one that may be sent otherwise."""
    return words.TIME if column == "minute" else words.COLUMNS[column]
