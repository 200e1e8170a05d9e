"""A case's own year, drawn from a base table of real days: none of its rows can be looked up.

Whoever has the base table must not find the row of it that a row of a case comes from, and must
not learn from it what the case hides. So what a row is made of comes from several places:

- *schedule* (minute, carrier, origin, route): that of a real flight, which moves by a number of
  weeks drawn for this flight alone; its minute is jittered, lengths of routes are drawn per case;
- *aircraft*: that of another flight of the carrier on this route;
- *delay*: that of a flight at the same origin and hour, on another day, jittered;
- *what all flights of an origin and hour share* (weather, queue): two other days and noise, mixed
  so that each column keeps its distribution, its season and what it has to do with the others.

All days are whole weeks apart, at most :data:`WEEKS`: weekday and season stay. The year is a ring
of 52 weeks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

DAYS = 364
WEEKS = 8  # a day's parts come from so many weeks before or after it, or fewer
RUN = (3, 9)  # days in a row that come from days in a row, least and most: weather has to last
SEASON = 5  # weeks on either side whose same weekdays are the season of a day
NOISE = 0.15  # share of the variance of what an hour shares that is of no real day
SHARE = (0.35, 0.65)  # of the rest, the first of two days' part
LASTS = 0.9  # correlation of the noise from an hour to the next
MINUTES = 8  # jitter of a minute of departure, either way
FIRST_MINUTE = 300
LENGTH = 0.03  # jitter of a route's length, a share of it, either way
DELAY_SHARE, DELAY_SD = 0.15, 1.5  # jitter of a delay: a share of it either way, and minutes
TRIES = 3  # flights of an hour that are looked at for one of the same carrier


class Conditions:
    """What all flights of an origin and hour share, on every day of the base year.

    Args:
        table: at least one line for an origin and hour that is known: ``day`` (from 0), ``origin``
            (a position), ``hour`` and the columns. Hours without a line, or with gaps, take the
            values of the hour before.
        columns: which of them to mix.
        without: days that no day is made of.
    """

    def __init__(
        self, table: pd.DataFrame, columns: Sequence[str], without: Collection[int] = ()
    ) -> None:
        self.columns = tuple(columns)
        self.without = np.array(sorted(without), dtype=int)
        self.first_hour = int(table["hour"].min())
        self.hours = int(table["hour"].max()) + 1 - self.first_hour
        self.origins = int(table["origin"].max()) + 1
        cells = self.cell(*(table[c].to_numpy() for c in ("day", "origin", "hour")))
        cells, first = np.unique(cells, return_index=True)
        known = table[list(columns)].iloc[first].set_axis(cells)
        values = known.reindex(range(DAYS * self.origins * self.hours)).to_numpy(float)
        values = values.reshape(DAYS, self.origins, self.hours, len(columns))
        for origin in range(self.origins):
            own = pd.DataFrame(values[:, origin].reshape(-1, len(columns)))
            values[:, origin] = own.ffill().bfill().to_numpy().reshape(values[:, origin].shape)
        self._rank_to_value = np.sort(values.reshape(-1, len(columns)), axis=0)
        count = len(self._rank_to_value)
        self._quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)])
        scores = self._scores(values)
        weeks = range(-SEASON, SEASON + 1)
        self._season = sum(np.roll(scores, 7 * week, axis=0) for week in weeks) / len(weeks)
        self._rest = scores - self._season

    def cell(self, day: np.ndarray, origin: np.ndarray, hour: np.ndarray) -> np.ndarray:
        """Number of each (day, origin, hour), (n,) of int."""
        return (day * self.origins + origin) * self.hours + hour - self.first_hour

    def mixed(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Values of every cell, (cells, columns), and the first of each day's two days, (DAYS,)."""
        one = source_days(rng, self.without)
        other = source_days(rng, self.without, one)
        share = rng.uniform(*SHARE, DAYS)[:, None, None, None]
        spread = self._rest.std(axis=(0, 1, 2))
        # the same for all origins: they lie in one city
        noise = spread * self._noise(rng).reshape(DAYS, 1, self.hours, len(self.columns))
        mixed = np.sqrt((1 - NOISE) * share) * self._rest[one] + np.sqrt(NOISE) * noise
        mixed += self._season + np.sqrt((1 - NOISE) * (1 - share)) * self._rest[other]
        scores = mixed.reshape(-1, len(self.columns))
        values = np.empty_like(scores)
        for place in range(len(self.columns)):
            ranks = np.searchsorted(self._quantiles, scores[:, place])
            values[:, place] = self._rank_to_value[np.minimum(ranks, len(scores) - 1), place]
        return values, one

    def _noise(self, rng: np.random.Generator) -> np.ndarray:
        """Standard normal noise that lasts from an hour to the next, (days · hours, columns)."""
        fresh = rng.normal(0, np.sqrt(1 - LASTS**2), (DAYS * self.hours, len(self.columns)))
        fresh[0] /= np.sqrt(1 - LASTS**2)
        for place in range(1, len(fresh)):
            fresh[place] += LASTS * fresh[place - 1]
        return fresh

    def _scores(self, values: np.ndarray) -> np.ndarray:
        """Normal scores of each column, the shape of ``values``.

        Ties are many (no rain, the farthest sight). Noise breaks them that lasts and that they
        share, so that fog and rain last and come together once they are mixed. It is of the base,
        not of a case, so always the same.
        """
        rng = np.random.default_rng(0)
        table = pd.DataFrame(values.reshape(-1, values.shape[-1]))
        tied = max(table, key=lambda name: table[name].value_counts().iloc[0])
        with_it = np.where(table.rank().corr()[tied] < 0, -1, 1)
        ties = with_it * self._noise(rng)[:, [tied]] + self._noise(rng)
        ties = np.broadcast_to(ties.reshape(DAYS, 1, self.hours, -1), values.shape)
        scores = np.empty_like(values)
        for place in range(values.shape[-1]):
            flat = values[..., place].ravel()
            ranked = np.empty(flat.size)
            ranked[np.lexsort((ties[..., place].ravel(), flat))] = self._quantiles
            scores[..., place] = ranked.reshape(values.shape[:-1])
        return scores


def source_days(
    rng: np.random.Generator, without: np.ndarray, other: np.ndarray | None = None
) -> np.ndarray:
    """For each day of a year the day that it takes something from, (DAYS,).

    Runs of days come from runs of days, irregularly, 1 to :data:`WEEKS` weeks away. Never the day
    itself, one of ``without`` or the same day's in ``other``.
    """
    run = np.repeat(np.arange(DAYS), rng.integers(RUN[0], RUN[1] + 1, DAYS))[:DAYS]
    weeks = rng.integers(1, WEEKS + 1, DAYS) * rng.choice([-1, 1], DAYS)
    target = np.arange(DAYS)
    days = (target + 7 * weeks[run]) % DAYS
    while True:
        wrong = np.isin(days, without) | (days == target)
        if other is not None:
            wrong |= days == other
        if not wrong.any():
            return days
        days = np.where(wrong, (days + 7) % DAYS, days)


class Base:
    """A base table, taken apart once so that any number of years can be drawn from it.

    Args:
        table: a line per real flight: ``day`` (0 to 363), ``carrier``, ``origin`` (positions, or
            pandas categoricals) and the columns below.
        minute, delay, length: columns with the minute of departure, the delay of the aircraft in
            minutes and the length of the route in km, whole numbers.
        own: columns that belong to the aircraft.
        shared: columns that all flights of an origin and hour share.
        without: days whose conditions and delays are not used.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        shared: Sequence[str],
        own: Sequence[str],
        minute: str = "minute",
        delay: str = "inbound_delay_min",
        length: str = "distance_km",
        without: Collection[int] = (),
    ) -> None:
        self.table = table.reset_index(drop=True)
        self.own, self.names = tuple(own), (minute, delay, length)
        self.day, self.minute = table["day"].to_numpy(), table[minute].to_numpy().astype(int)
        self.origin, self.carrier = _codes(table["origin"]), _codes(table["carrier"])
        routes = self.origin * 100_000 + table[length].to_numpy().astype(int)
        self.route = pd.factorize(routes)[0]
        self.kind = self.carrier * (self.route.max() + 1) + self.route
        hours = table.assign(origin=self.origin, hour=self.minute // 60)
        self.conditions = Conditions(hours, shared, without)
        cells = self.conditions.cell(self.day, self.origin, self.minute // 60)
        # the flights of each cell: places begin[cell] to begin[cell + 1] of by_cell
        self.by_cell = np.argsort(cells, kind="stable")
        total = DAYS * self.conditions.origins * self.conditions.hours
        self.begin = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=total))])


class Year:
    """One case's year.

    Attributes:
        base: what it is drawn from.
        day: for each row of the base the day (0 to 363) that its flight has moved to, (n,).
        minute: and its minute of departure, (n,).
    """

    def __init__(self, base: Base, rng: np.random.Generator) -> None:
        self.base, count = base, len(base.day)
        self.day = (base.day + 7 * rng.integers(-WEEKS, WEEKS + 1, count)) % DAYS
        jitter = rng.integers(-MINUTES, MINUTES + 1, count)
        last = 60 * (base.conditions.first_hour + base.conditions.hours) - 1
        self.minute = np.clip(base.minute + jitter, FIRST_MINUTE, last)
        self.stretch = rng.uniform(1 - LENGTH, 1 + LENGTH, base.route.max() + 1)
        self.shared, self.source = base.conditions.mixed(rng)

    def rows(self, chosen: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
        """Rows of this year, the columns of the base table.

        Args:
            chosen: places in the base table, (n,); they are the index of the result.
        """
        base, conditions = self.base, self.base.conditions
        minute, delay, length = base.names
        day, origin, hour = self.day[chosen], base.origin[chosen], self.minute[chosen] // 60
        table = base.table.iloc[chosen]
        stretched = table[length].to_numpy(float) * self.stretch[base.route[chosen]]
        found = {"day": day, minute: self.minute[chosen], length: stretched.round()}
        from_, to = _exchanged(base.kind[chosen], rng)
        for name in base.own:
            values = table[name].to_numpy()
            found[name] = np.empty_like(values)
            found[name][to] = values[from_]
        cells = conditions.cell(self.source[day], origin, hour)
        found[delay] = self._delays(chosen, cells, rng)
        shared = self.shared[conditions.cell(day, origin, hour)]
        found |= {name: shared[:, place] for place, name in enumerate(conditions.columns)}
        return table.assign(**found)

    def _delays(
        self, chosen: np.ndarray, cells: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Delays of flights of the cells, if possible of the same carrier, in whole minutes (n,).

        Where no flight left in a cell, the row's own delay stands.
        """
        base = self.base
        begin, count = base.begin[cells], base.begin[cells + 1] - base.begin[cells]
        found, same = chosen.copy(), np.zeros(len(chosen), dtype=bool)
        for luck in rng.random((TRIES, len(chosen))):
            place = np.minimum(begin + (luck * count).astype(int), len(base.by_cell) - 1)
            other = base.by_cell[place]
            found = np.where(same | (count == 0), found, other)
            same = base.carrier[found] == base.carrier[chosen]
        delays = base.table[base.names[1]].to_numpy(float)[found]
        factor = rng.uniform(1 - DELAY_SHARE, 1 + DELAY_SHARE, len(chosen))
        moved = (delays * factor + rng.normal(0, DELAY_SD, len(chosen))).round()
        return np.where(delays > 0, np.maximum(moved, 1), 0.0)


def _codes(values: pd.Series) -> np.ndarray:
    categorical = isinstance(values.dtype, pd.CategoricalDtype)
    return (values.cat.codes if categorical else values).to_numpy().astype(int)


def _exchanged(groups: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(from, to): places dealt out anew within each group, (n,) each."""
    dealt = np.argsort(groups + rng.random(len(groups)), kind="stable")
    return dealt, np.argsort(groups, kind="stable")
