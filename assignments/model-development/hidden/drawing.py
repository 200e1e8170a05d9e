"""Draw a case in memory, until there is enough to win."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from worksample.kit import draws
from worksample.kit.scoring import log_loss

from ..toolkit.baseline import Baseline
from . import mess, words, world

STREAMS = ("plan", "names", "world", "table", "labels", "requests")
REQUESTS = 60
LEAST_HEADROOM = 0.14  # nats between the naive pipeline and the oracle
MOST_SHIFT = 0.012  # nats that the later weeks may be harder or easier: nobody could know it
REDRAWS = 40


@dataclass(frozen=True)
class Drawn:
    """A case in memory.

    Attributes:
        how: what the table suffers from.
        train: the training table as the candidate sees it.
        later: the hidden rows as the service will get them, in the order of time.
        written: the leaking column of the hidden rows as it is written later.
        probability: what is true of the hidden rows.
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
        """Nats by which the later weeks are harder than those since the change, for the oracle."""
        days, p = self.world.rows["day"].to_numpy(), self.world.probability
        recent = p[(days >= self.world.changed_on) & ~self.world.later]
        return self.oracle_loss - float(log_loss(recent, recent).mean())


def draw(seed: int, level: str) -> Drawn:
    """Draw until there is enough to win, each time from a sub-seed."""
    return draws.first_good(lambda attempt: one(seed, level, attempt), good, REDRAWS)


def good(drawn: Drawn) -> bool:
    """Is there enough to win, and are the later weeks no surprise?"""
    return abs(drawn.shift) <= MOST_SHIFT and drawn.headroom >= LEAST_HEADROOM


def one(seed: int, level: str, attempt: int = 0) -> Drawn:
    """One attempt at a case."""
    rng = draws.streams(STREAMS, seed, level, attempt)
    how, names = mess.plan(rng["plan"], level), mess.names(rng["names"])
    drawn = world.draw(rng["world"], how.sentinel_of, how.sentinel_share)
    table = mess.shown(rng["table"], drawn, how, names)
    table[words.LABEL] = mess.recorded(rng["labels"], drawn.late, how)
    train = mess.repeated(rng["labels"], table[~drawn.later])
    later = table[drawn.later].drop(columns=words.LABEL).reset_index(drop=True)
    served = mess.as_served(later, how)
    return Drawn(
        level=level,
        how=how,
        names=names,
        world=drawn,
        train=train,
        later=served,
        written=later[how.leak].to_numpy(),
        probability=drawn.probability[drawn.later],
        requests=_requests(rng["requests"], served),
    )


def baseline_columns(how: mess.Plan) -> list[str]:
    """The columns that the baseline uses, as this case calls them."""
    names = {words.COLUMNS[column]: [words.COLUMNS[column]] for column in words.BASELINE}
    name, tag, _ = how.unit_names
    names[words.COLUMNS[how.unit_of]] = [name, tag]
    return [each for group in names.values() for each in group]


def _requests(rng: np.random.Generator, served: pd.DataFrame) -> pd.DataFrame:
    """Some of the first requests after the training table, changed enough to be no hidden row."""
    sample = served.head(6 * REQUESTS).sample(REQUESTS, random_state=int(rng.integers(2**31)))
    sample = sample.sort_index().reset_index(drop=True)
    shift = pd.to_timedelta(rng.integers(1, 4, REQUESTS), unit="min")
    return sample.assign(
        **{
            words.TIME: sample[words.TIME] + shift,
            "booked": sample["booked"] + rng.integers(-2, 3, REQUESTS),
            "crew_rest_h": rng.permutation(sample["crew_rest_h"]),
        }
    ).sort_values(words.TIME, kind="stable", ignore_index=True)
