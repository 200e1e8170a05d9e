"""Changes that do no harm, but look like a cause: as telling as a fault, and of no consequence.

They belong to the world, so the reference of a case has them too, and nobody has to undo them.
Which ones a case has is drawn from a stream of its own; none looks like a cause that the case has.
"""

from __future__ import annotations

import numpy as np

from .planting import Log, Oddity
from .world import TIMEOUT_MS, World

COUNT = {"junior": 0, "standard": 2, "senior": 3}
READ_ALIKE = {"region": (3,), "carrier": (3, 9)}  # an unknown code is read as one of equal lateness


class EarlierRefit(Oddity):
    """Some hosts serve an earlier release, as good as the one that the log names."""

    id = "earlier_refit"
    kin = ("wrong_model", "old_version_on_part_of_fleet", "transform_skew")

    def draw(self, rng: np.random.Generator) -> None:
        count = int(rng.choice([2, 4]))
        self.hosts = sorted(int(h) for h in rng.permutation(4)[:count])
        self.version = self.world.names.models[self.world.releases["first"]]

    def spoil(self, log: Log) -> None:
        self.touched = self.since & log.world.rows["host"].isin(self.hosts).to_numpy()
        log.actual[self.touched] = self.version

    def story(self) -> str:
        hosts = ", ".join(self.world.names.host[h] for h in self.hosts)
        return (
            f"{hosts} score with the earlier release {self.version}; its scores differ from the "
            "named version's in the second decimal, and it ranks as well."
        )

    def blamed(self) -> str:
        hosts = ", ".join(self.world.names.host[h] for h in self.hosts)
        return (
            f"the scores of {hosts} are not those of the model that the configuration names. The "
            "wrong model, in other words. That explains the worse figures."
        )


class Retries(Oddity):
    """A part of all events is delivered twice, whatever came of the trip."""

    id = "retries"
    kin = ("duplicated_events",)

    def draw(self, rng: np.random.Generator) -> None:
        n = len(self.world.rows)
        self.share = float(rng.uniform(0.15, 0.3))
        self.again = rng.random(n) < self.share
        self.minutes = rng.integers(1, 4, n)

    def events(self, log: Log) -> None:
        where = np.flatnonzero(self.since & self.again)
        log.retries.append((where, self.minutes[where]))

    def story(self) -> str:
        return (
            f"{self.share:.0%} of all events are delivered twice, late trips and punctual ones "
            "alike: counts rise, no rate or area moves."
        )

    def blamed(self) -> str:
        return (
            "events come in twice, several in a hundred. Counted twice, they spoil the figures; I "
            "would look no further."
        )


class RenamedAlike(Oddity):
    """A feed renames a code; the level that unknown codes are read as is late just as often."""

    id = "renamed_alike"
    kin = ("recoded_category",)

    def draw(self, rng: np.random.Generator) -> None:
        from .causes_input import spare_names

        region = rng.random() < 0.6 and not self.planted & {"swapped_codes", "mix_shift"}
        self.column = "region" if region else "carrier"
        self.feed = int(rng.integers(2))
        old = list(getattr(self.world.names, self.column))
        fresh = [w for w in reversed(spare_names(self.column, self.world)) if w not in old]
        self.codes = {old[i]: fresh[k] for k, i in enumerate(READ_ALIKE[self.column])}

    def spoil(self, log: Log) -> None:
        values = log.seen[self.column]
        mine = (log.world.rows["feed"] == self.feed).to_numpy()
        self.touched = self.since & mine & values.isin(list(self.codes)).to_numpy()
        log.seen.loc[self.touched, self.column] = values[self.touched].map(self.codes)

    def story(self) -> str:
        pairs = ", ".join(f"{old} → {new}" for old, new in self.codes.items())
        return (
            f"Feed {self.world.names.feed[self.feed]} renamed {pairs} in `{self.column}`. Unknown "
            "codes are read as a level that is late as often, so no score moves to speak of."
        )

    def blamed(self) -> str:
        codes = ", ".join(self.codes.values())
        return (
            f"feed {self.world.names.feed[self.feed]} sends codes that the model has never seen "
            f"({codes} in `{self.column}`). Each of these trips is a guess now. There is our cause."
        )


class EmptyPressure(Oddity):
    """An older client release sends a column empty that hardly counts."""

    id = "empty_pressure"
    kin = ("segment_nulls",)

    def draw(self, rng: np.random.Generator) -> None:
        self.client = int(rng.choice([0, 2]))
        self.empty = rng.random(len(self.world.rows)) < rng.uniform(0.8, 0.98)

    def spoil(self, log: Log) -> None:
        mine = (log.world.rows["client"] == self.client).to_numpy()
        self.touched = self.since & mine & self.empty
        log.seen.loc[self.touched, "pressure_hpa"] = np.nan

    def story(self) -> str:
        return (
            f"Client {self.world.names.client[self.client]} sends `pressure_hpa` empty; the model "
            "hardly uses it, and what is filled in is near the truth."
        )

    def blamed(self) -> str:
        return (
            f"client {self.world.names.client[self.client]} stopped sending `pressure_hpa`. We "
            "predict without one of our inputs, no wonder that it got worse."
        )


class OtherLevel(Oddity):
    """A feed gives the pressure at another height."""

    id = "other_level"
    kin = ("unit_change",)

    def draw(self, rng: np.random.Generator) -> None:
        self.feed = int(rng.integers(2))
        self.step = float(round(rng.uniform(3.5, 5.5), 1))

    def spoil(self, log: Log) -> None:
        self.touched = self.since & (log.world.rows["feed"] == self.feed).to_numpy()
        column = log.seen["pressure_hpa"]
        log.seen["pressure_hpa"] = column.where(~self.touched, (column - self.step).round(1))

    def story(self) -> str:
        return (
            f"Feed {self.world.names.feed[self.feed]} gives `pressure_hpa` {self.step:g} lower "
            "(at the station's height); that moves all of its scores a little and alike."
        )

    def blamed(self) -> str:
        return (
            f"`pressure_hpa` of feed {self.world.names.feed[self.feed]} is off by a constant. "
            "Looks like another unit; the model sees nonsense there, so that must be it."
        )


class ShortPauses(Oddity):
    """One host pauses now and then; a few requests of it get the fallback score."""

    id = "short_pauses"
    kin = ("fallback_at_timeout",)

    def draw(self, rng: np.random.Generator) -> None:
        self.host = int(rng.integers(4))
        self.pause = rng.random(len(self.world.rows)) < rng.uniform(0.04, 0.06)

    def spoil(self, log: Log) -> None:
        mine = (log.world.rows["host"] == self.host).to_numpy()
        self.touched = self.since & mine & self.pause
        log.latency = np.where(self.touched, TIMEOUT_MS + log.latency % 9, log.latency)

    def story(self) -> str:
        return (
            f"{self.world.names.host[self.host]} pauses now and then: about one request in eighty "
            "of all gets the fallback score, too few to show in any figure."
        )

    def blamed(self) -> str:
        return (
            f"{self.world.names.host[self.host]} runs into the time limit and answers with the "
            "fallback score. I am sure that this is where the figures went."
        )


class LoudKeys(Oddity):
    """The stations of one origin write trip keys in capitals; the trips are the right ones."""

    id = "loud_keys"
    kin = ("label_join",)

    def draw(self, rng: np.random.Generator) -> None:
        self.origin = int(rng.integers(3))

    def events(self, log: Log) -> None:
        here = (log.world.rows["origin"] == self.origin).to_numpy()
        log.loud = log.loud | (self.since & here)

    def story(self) -> str:
        return (
            f"The stations of {self.world.names.origin[self.origin]} write `trip_key` in capitals; "
            "the outcomes are those of the right trips."
        )

    def blamed(self) -> str:
        return (
            f"records from {self.world.names.origin[self.origin]} no longer match our trip keys. "
            "The outcomes there are other trips', so the figures mean nothing."
        )


ALL: tuple[type[Oddity], ...] = (
    EarlierRefit,
    Retries,
    RenamedAlike,
    EmptyPressure,
    OtherLevel,
    ShortPauses,
    LoudKeys,
)


def draw_oddities(rng: np.random.Generator, world: World, planted: set[str]) -> tuple[Oddity, ...]:
    """So many as the level has, none of them like a planted cause."""
    order = [ALL[i] for i in rng.permutation(len(ALL))]
    fitting = [kind for kind in order if not planted & set(kind.kin)]
    return tuple(kind(world, rng, planted) for kind in fitting[: COUNT[world.level]])
