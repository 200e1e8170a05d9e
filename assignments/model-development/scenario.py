"""Draw a case: real flights, a known mechanism, and what real tables suffer from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import card, mess, words, world
from .toolkit.baseline import Baseline
from .toolkit.validation import log_loss

VERSION = 2
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


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case. The same seed and level give the same bytes.

    Args:
        seed: 64 bits; upper 32 the opening's, lower 32 the candidate's.
        level: junior, standard or senior.
        public, private: existing folders.

    Raises:
        RuntimeError: no draw of this seed was good enough (REDRAWS were tried).
    """
    drawn = draw(seed, level)
    _write_public(drawn, public)
    _write_private(drawn, private)


def draw(seed: int, level: str) -> Drawn:
    """Draw until there is enough to win, each time from a sub-seed."""
    for attempt in range(REDRAWS):
        drawn = one(seed, level, attempt)
        if abs(drawn.shift) <= MOST_SHIFT and drawn.headroom >= LEAST_HEADROOM:
            return drawn
    raise RuntimeError(f"seed {seed} at level {level}: no draw is good enough")


def one(seed: int, level: str, attempt: int = 0) -> Drawn:
    """One attempt at a case."""
    number = ("junior", "standard", "senior").index(level)
    rng = {
        name: np.random.default_rng([seed % 2**64 // 2**32, seed % 2**32, number, attempt, i])
        for i, name in enumerate(STREAMS)
    }
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


# -- writing ------------------------------------------------------------------------------------


def _write_public(drawn: Drawn, public: Path) -> None:
    _csv(drawn.train, public / "train.csv")
    _csv(drawn.requests, public / "requests.csv")
    (public / "facts.json").write_text(_json(facts(drawn)), encoding="utf-8")
    (public / "data_dictionary.md").write_text(card.dictionary(drawn), encoding="utf-8")
    (public / "README_template.md").write_text(card.README_TEMPLATE, encoding="utf-8")


def facts(drawn: Drawn) -> dict[str, Any]:
    """What the candidate is told in numbers."""
    return {
        "keying_mistakes": dict(mess.noise_facts(drawn.how)),
        "baseline_columns": baseline_columns(drawn.how),
        "later_weeks": world.LATER_DAYS // 7,
        "later_rows": world.LATER_ROWS,
        "budget": {"seconds_for_4000_rows": 10, "memory_mb": 2048, "model_mb": 20},
    }


def _write_private(drawn: Drawn, private: Path) -> None:
    _csv(drawn.later, private / "later.csv")
    truth = pd.DataFrame(
        {
            "probability": drawn.probability.round(9),
            "written": drawn.written,
            "baseline": drawn.baseline.round(6),
        }
    )
    _csv(truth, private / "later_truth.csv")
    (private / "truth.json").write_text(_json(truth_of(drawn)), encoding="utf-8")
    (private / "truth_card.md").write_text(card.truth_card(drawn), encoding="utf-8")


def truth_of(drawn: Drawn) -> dict[str, Any]:
    """Everything that is true of a case, in numbers."""
    how, p = drawn.how, drawn.probability
    spread = np.sqrt((p * (1 - p) * np.log(p / (1 - p)) ** 2).sum()) / len(p)
    name, tag, units = how.unit_names
    return {
        "version": VERSION,
        "level": drawn.level,
        "naive_loss": round(drawn.naive_loss, 6),
        "oracle_loss": round(drawn.oracle_loss, 6),
        "oracle_se": round(float(spread), 6),
        "audit": how.audit,
        "leak": {"column": how.leak, "served": how.leak_when_served},
        "id": how.id,
        "sentinel": {"column": words.COLUMNS[how.sentinel_of], "value": how.sentinel},
        "units": {"column": name, "tag": tag, "units": units, "of": how.unit_of},
        "keying_mistakes": dict(mess.noise_facts(how)),
        "changed_on": f"{drawn.changed_on:%Y-%m-%d}",
        "repeated_rows": int(drawn.train.duplicated().sum()),
        "late_rate": {
            "as_keyed": round(float(drawn.train[words.LABEL].mean()), 4),
            "true_later": round(float(p.mean()), 4),
        },
    }


def _csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", date_format="%Y-%m-%d %H:%M")


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
