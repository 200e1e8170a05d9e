"""Causes that spoil the inputs on their way to the model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .planting import Cause, Log
from .world import WEATHER, WORDS, World


class FeedCause(Cause):
    """A cause in one of the two feeds: the one that the change log names, if it is the trigger."""

    kind = "feed"

    def draw(self, rng: np.random.Generator) -> None:
        self.feed = self.world.feed if self.triggered else 1 - self.world.feed
        self.name = self.world.names.feed[self.feed]

    def along(self) -> Mapping[str, tuple[int, ...]]:
        return {"origin": (0, 1, 2)}

    def hit(self, log: Log) -> np.ndarray:
        return self.reached & (log.world.rows["feed"] == self.feed).to_numpy()

    def here(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return self.open(rows) & (rows["feed"] == self.name).to_numpy()

    @property
    def idle_but(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("feed",) if self.triggered else ()


class UnitChange(FeedCause):
    """One feed reports a column in another unit."""

    id = "unit_change"
    told = (0.75, 0.95)

    UNITS = (
        ("temp_c", "degrees Fahrenheit", 1.8, 32.0),
        ("temp_c", "kelvin", 1.0, 273.15),
        ("inbound_delay_min", "seconds", 60.0, 0.0),
    )

    def draw(self, rng: np.random.Generator) -> None:
        super().draw(rng)
        self.column, self.unit, self.factor, self.offset = self.UNITS[
            int(rng.integers(len(self.UNITS)))
        ]

    def inputs(self, log: Log) -> None:
        hit = self.hit(log)
        before = log.seen[self.column].to_numpy(copy=True)
        values = log.seen.loc[hit, self.column] * self.factor + self.offset
        log.seen.loc[hit, self.column] = values.round(1)
        now = log.seen[self.column].to_numpy()
        self.affected = hit & np.isfinite(now)
        if self.world.level != "junior":  # nothing is nothing in either unit
            self.affected &= now != before

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        rows = rows.copy()
        here = self.find(rows, log)
        fixed = (rows.loc[here, self.column] - self.offset) / self.factor
        rows.loc[here, self.column] = fixed.round(1)
        return rows

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        here = self.here(rows, log) & rows[self.column].notna().to_numpy()
        if self.world.level == "junior":
            return here
        values = rows[self.column].to_numpy(float)
        here = here & ~((self.offset == 0) & (values == 0))
        return here & self.looks_converted(rows) if self.arrival.share < 1 else here

    def looks_converted(self, rows: pd.DataFrame) -> np.ndarray:
        """Rows whose value is nearer to the converted one of their place and hour (n,) bool."""
        values = rows[self.column].to_numpy(float)
        if self.column == "inbound_delay_min":  # whole minutes, so whole sixties of seconds
            return (values >= self.factor) & (np.mod(values, self.factor) == 0)
        usual = of_the_place(rows, self.column, (rows["feed"] != self.name).to_numpy())
        off = np.abs(values - usual), np.abs(values - usual * self.factor - self.offset)
        return off[1] < off[0]

    def facts(self) -> dict[str, object]:
        return {
            "column": self.column,
            "feed": self.name,
            "unit": self.unit,
            "factor": round(self.factor, 6),
            "offset": self.offset,
        }

    def story(self) -> dict[str, str]:
        return {
            "what": f"Feed {self.name} reports `{self.column}` in {self.unit} since the onset.",
            "evidence": (
                f"The quantiles of `{self.column}` in feed {self.name} before and after lie on a "
                f"straight line (factor {self.factor:.4g}, offset {self.offset:g}); the other feed "
                "shows no step in the same hours. Undoing it restores the scores' ranking."
            ),
            "separates": (
                "Weather or a new mix of trips would show in both feeds, and would not be a known "
                "conversion factor."
            ),
            "teammate": f"Feed {self.name}? Its provider didn't announce anything about units.",
        }


class DefaultOnFailedFetch(FeedCause):
    """Look-ups in one feed fail and are filled with a default, so that nothing seems missing."""

    id = "default_on_failed_fetch"

    DEFAULTS = (("queue_len", 0.0), ("visibility_km", 0.0), ("temp_c", 0.0))

    def draw(self, rng: np.random.Generator) -> None:
        super().draw(rng)
        self.column, self.value = self.DEFAULTS[int(rng.integers(len(self.DEFAULTS)))]
        span = {"junior": (0.85, 0.97), "standard": (0.75, 0.95), "senior": (0.65, 0.9)}
        self.failing = rng.random(len(self.world.rows)) < rng.uniform(*span[self.world.level])

    def inputs(self, log: Log) -> None:
        here = self.hit(log)
        missing = log.seen[self.column].isna().to_numpy()
        hit = here & (self.failing | missing)
        other = (log.seen[self.column] != self.value).to_numpy()
        log.seen.loc[hit, self.column] = self.value
        log.errors = log.errors + (here & self.failing)
        self.affected = hit & other

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        rows = rows.copy()
        here = self.find(rows, log)
        rows.loc[here, self.column] = np.nan
        return filled_from_elsewhere(rows, here, self.column)

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return self.here(rows, log) & (rows[self.column] == self.value).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": self.column, "feed": self.name, "value": self.value}

    def story(self) -> dict[str, str]:
        return {
            "what": f"In feed {self.name} look-ups of `{self.column}` fail since the onset and "
            f"are filled with {self.value:g}.",
            "evidence": (
                f"`{self.column}` of feed {self.name} has a spike at {self.value:g}, and the share "
                "of missing values there fell to nothing in the same hour; `errors` in "
                "`system_metrics.csv` rise. Without these rows the figures are as before."
            ),
            "separates": (
                f"True values of {self.value:g} would show in the other feed in the same hours, "
                "and would not make the missing ones vanish."
            ),
            "teammate": "If a look-up fails the adapter of the feed puts something in; what, "
            "differs by adapter.",
        }


def of_the_place(rows: pd.DataFrame, column: str, sound: np.ndarray) -> np.ndarray:
    """What sound rows say of a column at each row's origin and hour, else on its day (n,)."""
    good = rows[column].where(sound)
    keys = [rows["origin"], rows["served_at"].astype(str).str[:10]]
    hourly = good.groupby([*keys, rows["hour"]]).transform("median")
    near = good.groupby([*keys, rows["hour"] // 4]).transform("median")
    usual = hourly.fillna(near).fillna(good.groupby(keys).transform("median"))
    return usual.fillna(good.median()).to_numpy(float)


def filled_from_elsewhere(rows: pd.DataFrame, here: np.ndarray, column: str) -> pd.DataFrame:
    """Fill rows from others of the same origin, day and hour where the column is one of the place.

    Weather and queue are the same for all trips of an origin and hour; an aircraft's delay is its
    own, and stays missing.
    """
    if column == "inbound_delay_min":
        return rows
    keys = [rows["origin"], rows["served_at"].astype(str).str[:10], rows["hour"]]
    good = rows[column].mask(here)
    rows.loc[here, column] = good.groupby(keys).transform("median")[here]
    return rows


class SegmentNulls(Cause):
    """The new client release sends a column empty."""

    id = "segment_nulls"
    kind = "client"
    always = True
    idle_but = ("client",)

    def draw(self, rng: np.random.Generator) -> None:
        self.column = "queue_len"
        self.name = self.world.names.client[3]
        span = {"junior": (0.97, 1.0), "standard": (0.82, 0.97), "senior": (0.8, 0.95)}
        self.empty = rng.random(len(self.world.rows)) < rng.uniform(*span[self.world.level])

    def inputs(self, log: Log) -> None:
        newest = (log.world.rows["client"] == 3).to_numpy()
        hit = self.reached & newest & self.empty & log.seen[self.column].notna().to_numpy()
        log.seen.loc[hit, self.column] = np.nan
        self.affected = hit

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return filled_from_elsewhere(rows.copy(), self.find(rows, log), self.column)

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        here = (rows["client"].astype(str) == self.name) & rows[self.column].isna()
        return self.open(rows) & here.to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": self.column, "client": self.name}

    def story(self) -> dict[str, str]:
        return {
            "what": f"Client release {self.name} sends `{self.column}` empty; the preparation "
            "fills in its default.",
            "evidence": (
                f"The share of missing `{self.column}` is as ever in all releases but {self.name}, "
                "where nearly all are missing; it grows with that release's share of requests."
            ),
            "separates": (
                "A marketing push would bring other trips; the trips of this release are like the "
                "others in every column but this one."
            ),
            "teammate": "The client passes some inputs on to us since it shows them itself.",
        }


class RecodedCategory(FeedCause):
    """One feed uses new codes for some levels; the model doesn't know them."""

    id = "recoded_category"
    told = (0.8, 0.97)

    def draw(self, rng: np.random.Generator) -> None:
        super().draw(rng)
        # a carrier's code weighs less than a region's: faint enough for seniors only
        columns = ("region", "carrier") if self.world.level == "senior" else ("region",)
        self.column = columns[int(rng.integers(len(columns)))]
        old = list(getattr(self.world.names, self.column))
        far = {"region": (1, 4, 5), "carrier": (1, 2, 4, 5, 7, 8)}[
            self.column
        ]  # from the first level
        chosen = [far[i] for i in rng.permutation(len(far))]
        fresh = [w for w in spare_names(self.column, self.world) if w not in old]
        self.codes = {old[i]: fresh[k] for k, i in enumerate(chosen)}

    def inputs(self, log: Log) -> None:
        hit = self.hit(log) & log.seen[self.column].isin(list(self.codes)).to_numpy()
        log.seen.loc[hit, self.column] = log.seen.loc[hit, self.column].map(self.codes)
        self.affected = hit

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        back = {new: old for old, new in self.codes.items()}
        return rows.assign(**{self.column: rows[self.column].replace(back)})

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return rows[self.column].isin(list(self.codes.values())).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": self.column, "feed": self.name, "codes": self.codes}

    def story(self) -> dict[str, str]:
        pairs = ", ".join(f"{old} → {new}" for old, new in self.codes.items())
        return {
            "what": f"Feed {self.name} uses new codes in `{self.column}`: {pairs}. The "
            "preparation reads an unknown code as the first level of its list.",
            "evidence": (
                f"Levels of `{self.column}` appear at the onset that the training sample and the "
                f"reference weeks never had, all in feed {self.name}, where as many others are "
                "gone; old and new counts add up, and distance and carriers or regions match."
            ),
            "separates": (
                "A new product would add trips and would show in both feeds; here counts are "
                "conserved. Renaming the codes back restores the ranking."
            ),
            "teammate": "Codes are the provider's; we keep no table of our own.",
        }


def spare_names(column: str, world: World) -> list[str]:
    """Codes of the same kind as the column's, in an order that the case's names fix."""
    if column == "region":
        return WORDS["region"]
    letters = sorted({letter for code in world.names.carrier for letter in code})
    return [a + b for a in letters for b in reversed(letters)]


class SwappedCodes(FeedCause):
    """One feed interchanges two equally frequent regions, or two pairs of them."""

    id = "swapped_codes"

    PAIRS = ((1, 3), (4, 0))  # nearly equal in number, opposite in lateness

    def draw(self, rng: np.random.Generator) -> None:
        super().draw(rng)
        names = self.world.names.region
        pairs = self.PAIRS if rng.random() < 0.5 else self.PAIRS[:1]
        self.codes = {names[a]: names[b] for a, b in pairs}
        self.codes |= {new: old for old, new in self.codes.items()}

    def inputs(self, log: Log) -> None:
        hit = self.hit(log) & log.seen["region"].isin(list(self.codes)).to_numpy()
        log.seen.loc[hit, "region"] = log.seen.loc[hit, "region"].map(self.codes)
        self.affected = hit

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        return rows.assign(region=rows["region"].mask(self.find(rows, log), self.swapped(rows)))

    def swapped(self, rows: pd.DataFrame) -> pd.Series:
        return rows["region"].map(self.codes)

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        return self.here(rows, log) & rows["region"].isin(list(self.codes)).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"column": "region", "feed": self.name, "codes": self.codes}

    def story(self) -> dict[str, str]:
        pairs = ", ".join(f"{old} ↔ {new}" for old, new in self.codes.items() if old < new)
        return {
            "what": f"Feed {self.name} interchanges region codes: {pairs}.",
            "evidence": (
                f"The counts of regions hardly move, but in feed {self.name} the distances of the "
                "interchanged regions change places at the onset, and their residuals turn round. "
                "Interchanging them back restores the ranking."
            ),
            "separates": (
                "A change of the world would show in both feeds and would leave the distances "
                "where they were."
            ),
            "teammate": "Regions are a lookup in the feed; its table is maintained by hand.",
        }


class StaleFeature(FeedCause):
    """One feed's readings of the place, queue and weather, are hours old."""

    id = "stale_feature"
    told = (0.75, 0.95)

    HOURS = 19  # of a day that have departures, from 5 to 23
    COLUMNS = ("queue_len", *WEATHER)

    def draw(self, rng: np.random.Generator) -> None:
        super().draw(rng)
        self.lag = int(rng.integers(8, 12))

    def inputs(self, log: Log) -> None:
        rows = log.world.rows
        slot = rows["day"] * self.HOURS + rows["hour"] - 5
        wanted = (slot - self.lag - slot.min()).clip(lower=0).to_numpy()
        every = range(slot.min(), slot.max() + 1)
        for column in self.COLUMNS:
            last = rows.groupby([slot, rows["origin"]])[column].first().unstack()
            last = last.reindex(every).ffill().bfill()
            old = last.to_numpy()[wanted, rows["origin"].to_numpy()]
            before = log.seen[column].to_numpy()
            hit = self.hit(log) & np.isfinite(before)
            log.seen[column] = np.where(hit, old.round(1), before)
            self.affected = self.affected | (hit & (log.seen[column].to_numpy() != before))

    def remedy(self, rows: pd.DataFrame, log: Log) -> pd.DataFrame:
        here, rows = self.find(rows, log), rows.copy()
        for column in self.COLUMNS:
            rows = filled_from_elsewhere(rows, here, column)
        return rows

    def find(self, rows: pd.DataFrame, log: Log) -> np.ndarray:
        here = self.here(rows, log)
        if self.arrival.share == 1:
            return here
        keys = [rows["origin"], rows["served_at"].astype(str).str[:10], rows["hour"]]
        other = rows[list(self.COLUMNS)].astype(float)
        other.loc[(rows["feed"] == self.name).to_numpy()] = np.nan
        fresh = other.groupby(keys).transform("median")
        known = fresh.notna() & rows[list(self.COLUMNS)].notna()
        differs = (known & ((rows[list(self.COLUMNS)] - fresh).abs() > 1e-6)).any(axis=1)
        # without a reading to compare with, most rows are old
        return here & (differs | ~known.any(axis=1)).to_numpy()

    def facts(self) -> dict[str, object]:
        return {"columns": list(self.COLUMNS), "feed": self.name, "hours": self.lag}

    def story(self) -> dict[str, str]:
        return {
            "what": f"Feed {self.name} delivers queue and weather of the place as they were "
            f"{self.lag} hours of service before.",
            "evidence": (
                "Queue and weather are the same for all trips of an origin and hour; since the "
                f"onset the two feeds disagree. Laid against the other feed, `queue_len` of "
                f"{self.name} fits best when moved by {self.lag} hours of service; its "
                "distribution is unchanged."
            ),
            "separates": (
                "Noise would fit at no lag; daylight saving would move both feeds by one hour."
            ),
            "teammate": "The readings come from the airports; the feeds cache what they get.",
        }
