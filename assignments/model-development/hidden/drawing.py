"""Draw a case in memory, until there is enough to win."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from worksample.kit import draws
from worksample.kit.scoring import log_loss

from ..toolkit.baseline import Baseline
from . import mechanism, mess, sources, words, world

STREAMS = ("plan", "names", "world", "table", "labels")
LEAST_HEADROOM = 0.14  # nats between the naive pipeline and the oracle
# nats that the later rows may be harder or easier than the requests, which are a sample of the same
# weeks: nobody could know it
MOST_SHIFT = 0.006
# shares of the headroom that a model loses that is the oracle's but has learnt turned labels, or
# takes what stations send at its word; least and most: it is what is at stake in not noticing, so
# it has to be about the same for everybody
TURNED_AT_STAKE = {"junior": (0.0, 0.0), "standard": (0.76, 0.98), "senior": (0.76, 0.98)}
SENT_AT_STAKE = {"junior": (0.0, 0.0), "standard": (0.54, 0.72), "senior": (0.74, 0.94)}
REDRAWS = 60


@dataclass(frozen=True)
class Drawn:
    """A case in memory.

    Attributes:
        how: what the table suffers from.
        train: the training table as the candidate sees it.
        later: the hidden rows as the service will get them, in the order of time as it is.
        written: the leaking column of the hidden rows as it is written later.
        probability: what is true of the hidden rows.
        requests: other rows of the same weeks, as the service gets them.
    """

    level: str
    how: mess.Plan
    names: mess.Names
    world: world.World
    train: pd.DataFrame
    later: pd.DataFrame
    written: np.ndarray
    probability: np.ndarray
    requests: pd.DataFrame

    @cached_property
    def baseline(self) -> np.ndarray:
        """The stated naive pipeline's probabilities for the hidden rows."""
        return Baseline(baseline_columns(self.how)).fit(self.train).predict(self.later)

    @property
    def changed_on(self) -> pd.Timestamp:
        """First day of the new procedures."""
        return self.names.first_day + pd.Timedelta(days=self.world.changed_on)

    @property
    def naive_loss(self) -> float:
        """The baseline's log loss under the true probabilities."""
        return float(log_loss(self.probability, self.baseline).mean())

    @property
    def oracle_loss(self) -> float:
        """The log loss of the true probabilities: nothing can be better."""
        return float(log_loss(self.probability, self.probability).mean())

    @property
    def headroom(self) -> float:
        """Nats that can be won between the baseline and the oracle."""
        return self.naive_loss - self.oracle_loss

    @property
    def shift(self) -> float:
        """Nats by which the later rows are harder than the requests, for the oracle."""
        asked = self.world.probability[self.world.of("requests")]
        return self.oracle_loss - float(log_loss(asked, asked).mean())

    @property
    def turned_at_stake(self) -> float:
        """Share of the headroom that a model loses that is the oracle's, with turned labels."""
        p = self.probability
        turned = np.isin(self._hidden["carrier"], self.world.sources.turned)
        return self._lost(np.where(turned, 1 - p, p))

    @property
    def sent_at_stake(self) -> float:
        """Share of the headroom that the oracle loses if it takes stations at their word."""
        rows = sources.taken_at_word(self._hidden, self.world.sources)
        since = (rows["day"] >= self.world.changed_on).to_numpy()
        return self._lost(mechanism.probability(rows, since, self.world.shape))

    @property
    def _hidden(self) -> pd.DataFrame:
        return self.world.rows[self.world.of("later")]

    def _lost(self, given: np.ndarray) -> float:
        return (float(log_loss(self.probability, given).mean()) - self.oracle_loss) / self.headroom


def draw(seed: int, level: str) -> Drawn:
    """Draw until there is enough to win, each time from a sub-seed."""
    return draws.first_good(lambda attempt: one(seed, level, attempt), good, REDRAWS)


def good(drawn: Drawn) -> bool:
    """Is there enough to win, as much at stake as in others, and do requests stand for all rows?"""
    if abs(drawn.shift) > MOST_SHIFT or drawn.headroom < LEAST_HEADROOM:
        return False
    (least, most), (low, high) = (stake[drawn.level] for stake in (TURNED_AT_STAKE, SENT_AT_STAKE))
    return least <= drawn.turned_at_stake <= most and low <= drawn.sent_at_stake <= high


def one(seed: int, level: str, attempt: int = 0) -> Drawn:
    """One attempt at a case."""
    rng = draws.streams(STREAMS, seed, level, attempt)
    how, names = mess.plan(rng["plan"], level), mess.names(rng["names"])
    drawn = world.draw(rng["world"], level, how.sentinel_of, how.sentinel_share)
    table = mess.shown(rng["table"], drawn, how, names)
    keyed = mess.recorded(rng["labels"], drawn.late, how)
    carrier, origin = (drawn.rows[name].to_numpy() for name in ("carrier", "origin"))
    table[words.LABEL] = sources.as_reported(keyed, carrier, drawn.sources)
    train = mess.repeated(rng["labels"], table[drawn.of("train")])
    unknown = {how.sentinel_of: how.sentinel}
    table = sources.as_sent(table.drop(columns=words.LABEL), origin, drawn.sources, unknown)
    asked, later = (table[drawn.of(part)].reset_index(drop=True) for part in ("requests", "later"))
    return Drawn(
        level=level,
        how=how,
        names=names,
        world=drawn,
        train=train,
        later=mess.as_served(later, how),
        written=later[how.leak].to_numpy(),
        probability=drawn.probability[drawn.of("later")],
        requests=mess.as_served(asked, how),
    )


def baseline_columns(how: mess.Plan) -> list[str]:
    """The columns that the baseline uses, as this case calls them."""
    names = {words.COLUMNS[column]: [words.COLUMNS[column]] for column in words.BASELINE}
    name, tag, _ = how.unit_names
    names[words.COLUMNS[how.unit_of]] = [name, tag]
    return [each for group in names.values() for each in group]
