"""The world behind the cases: real covariates, and a known mechanism for the outcome.

Trusted side only. Each case has a year of its own, made of real rows (``data/make_flights.py``) so
that none can be looked up (``worksample.kit.years``); whether a flight is late is drawn from
:func:`late_probability`, so the true probability of every row is known. A year goes by its number,
which is drawn for the case.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worksample.kit import years
from worksample.kit.draws import distinct_codes, logistic, shaken

from ..toolkit.model import Model
from ..toolkit.schema import NUMBERS

DATA = Path(__file__).parents[1] / "data"
GAP = -32768
DAYS = years.DAYS
DISRUPTED = (38, 39)  # a blizzard: half of all flights did not fly, so something was wrong
FIRST_DAY = "2030-01-01"  # has the weekdays of the year the covariates come from
SOURCE = {  # column of a window -> (column of the file, factor)
    "departure_min": ("minute", 1.0),
    "distance_km": ("distance", 1.0),
    "inbound_delay_min": ("inbound", 1.0),
    "queue_len": ("queue", 1.0),
    "plane_age_y": ("age", 1.0),
    "temp_c": ("temp", 0.1),
    "wind_kmh": ("wind", 0.1),
    "visibility_km": ("visibility", 0.1),
    "pressure_hpa": ("pressure", 0.1),
    "humidity_pct": ("humidity", 0.1),
}
SHARED = ("temp_c", "wind_kmh", "visibility_km", "pressure_hpa", "humidity_pct", "queue_len")
GAPS = 0.03  # share of the rows without a pressure
MEAN_OF = 16  # one row in so many says what the mean score should be
WEIGHT_SD = 0.03  # by which a case's weights differ from the fitted ones, log-odds
DECIMALS = {column.name: column.decimals for column in NUMBERS}
CARRIERS = ("UM", "BE", "EX", "DA", "AR", "MO", "US", "NI", "WA", "VO")
ORIGINS = ("east", "king", "lake")
REGIONS = ("near", "lakes", "carolinas", "florida", "south", "west")


class Unfit(ValueError):
    """A draw that gives no case, or one that is harder than its like; another is drawn."""


@functools.cache
def recorded() -> pd.DataFrame:
    """The committed rows: the inputs of a window and ``day`` (0 is the first of January).

    Categories are pandas categoricals, for speed. The sensor's long outages are filled with the
    value before.
    """
    raw = pd.read_parquet(DATA / "flights.parquet")
    table = pd.DataFrame({"day": raw["day"].astype(int)})
    for name, (column, factor) in SOURCE.items():
        values = raw[column].astype(float).where(raw[column] != GAP)
        table[name] = (values * factor).round(DECIMALS[name])
    table["pressure_hpa"] = table["pressure_hpa"].ffill().bfill()
    for name, levels in (("carrier", CARRIERS), ("origin", ORIGINS), ("region", REGIONS)):
        table[name] = pd.Categorical.from_codes(raw[name], categories=list(levels))
    return table


def real() -> pd.DataFrame:
    """The committed rows with the sensor's single gaps and ``log_odds``: what the model learned."""
    return _finished(recorded(), np.random.default_rng(3))


def _finished(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    gone = rng.random(len(rows)) < GAPS
    rows = rows.assign(pressure_hpa=rows["pressure_hpa"].mask(gone))
    return rows.assign(log_odds=USUAL.log_odds(rows))


@functools.cache
def parts() -> years.Base:
    """The committed rows, taken apart."""
    return years.Base(
        recorded(),
        SHARED,
        own=("plane_age_y",),
        minute="departure_min",
        without=DISRUPTED,
    )


@functools.lru_cache(maxsize=2)
def base(year: int) -> pd.DataFrame:
    """All rows of a case's year in the order of days: the inputs of a window, ``day`` and
    ``log_odds``, the true ones of being late as long as nothing is wrong.

    The index says which committed row's flight it is, and no window shows it.
    """
    rng = np.random.default_rng(year)
    drawn = years.Year(parts(), rng)
    return _finished(drawn.rows(np.argsort(drawn.day, kind="stable"), rng), rng)


@functools.lru_cache(maxsize=2)
def starts(year: int) -> np.ndarray:
    """First row of each day in :func:`base`, and one more for the end."""
    return np.searchsorted(base(year)["day"].to_numpy(), np.arange(DAYS + 1))


CURVES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "departure_min": ((300, 600, 900, 1140, 1439), (-0.45, -0.2, 0.15, 0.4, 0.2)),
    "distance_km": ((0, 1000, 3000, 8000), (0.15, 0.0, 0.05, 0.3)),
    "inbound_delay_min": ((0, 15, 45, 120), (0.0, 0.7, 1.9, 3.2)),
    "queue_len": ((0, 8, 14, 22), (-0.6, -0.25, 0.4, 1.3)),
    "plane_age_y": ((0, 10, 25), (-0.2, 0.0, 0.45)),
    "temp_c": ((-12, 0, 25, 37), (0.45, 0.15, 0.0, 0.35)),
    "wind_kmh": ((0, 20, 50), (0.0, 0.1, 0.9)),
    "visibility_km": ((0, 3, 10, 16), (1.2, 0.7, 0.15, 0.0)),
    "pressure_hpa": ((985, 1010, 1030), (0.35, 0.05, 0.0)),
    "humidity_pct": ((10, 60, 100), (-0.1, 0.0, 0.3)),
}
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "carrier": dict(
        zip(CARRIERS, (0, 0.3, 0.55, -0.35, -0.1, 0.4, -0.4, 0.25, -0.05, 0.1), strict=True)
    ),
    "origin": dict(zip(ORIGINS, (0.2, 0.0, -0.1), strict=True)),
    "region": dict(zip(REGIONS, (0.1, 0.2, 0.0, 0.45, -0.1, -0.35), strict=True)),
}
INTERCEPT = -2.25


@dataclass(frozen=True)
class Mechanism:
    """How likely a flight is late; a concept change is another mechanism.

    Attributes:
        shift: added to the log-odds of every row.
        strength: column -> factor on that column's curve.
        within: (column, level) -> added to the log-odds of the rows with that level.
    """

    shift: float = 0.0
    strength: Mapping[str, float] = field(default_factory=dict)
    within: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def log_odds(self, rows: pd.DataFrame) -> np.ndarray:
        """True log-odds of being late, one per row."""
        total = np.full(len(rows), INTERCEPT + self.shift)
        for name, (at, values) in CURVES.items():
            x = rows[name].to_numpy()
            bent = np.where(np.isnan(x), 0.03, np.interp(x, at, values))
            total += self.strength.get(name, 1.0) * bent
        for name, weights in WEIGHTS.items():
            codes = rows[name].cat.codes.to_numpy()
            total += np.array([weights[level] for level in rows[name].cat.categories])[codes]
        for (name, level), shift in self.within.items():
            total += shift * (rows[name] == level).to_numpy()
        return total + _together(rows)

    def late_probability(self, rows: pd.DataFrame) -> np.ndarray:
        """True probability of being late, one per row."""
        return logistic(self.log_odds(rows))


def _together(rows: pd.DataFrame) -> np.ndarray:
    """Effects that need two columns at once; the deployed model has none of them."""
    windy_east = (rows["wind_kmh"] > 35) & (rows["origin"] == "east")
    humid_evening = (rows["humidity_pct"] > 85) & (rows["departure_min"] > 1020)
    makes_up = (rows["inbound_delay_min"] > 30) & (rows["distance_km"] > 3000)
    return (0.25 * windy_east + 0.25 * humid_evening - 0.5 * makes_up).to_numpy(dtype=float)


USUAL = Mechanism()


def names_of(rng: np.random.Generator) -> dict[str, dict[str, str]]:
    """Column -> level -> its name in one case, so that levels of two cases cannot be matched."""
    letters = list("ABCDEFGHKLMNPRSTUVWXYZ")
    carriers = distinct_codes(rng, letters, len(CARRIERS), 2)
    return {"carrier": dict(zip(CARRIERS, carriers, strict=True))}


def renamed(rows: pd.DataFrame, names: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Categories as plain text, levels renamed as in one case; others keep their name."""
    found = {}
    for column in WEIGHTS:
        values, new = rows[column], names.get(column, {})
        levels = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else ()
        if len(levels):
            words = pd.Series([new.get(level, level) for level in levels])
            found[column] = words.array.take(values.array.codes)
        else:
            found[column] = values.map(lambda level, new=new: new.get(level, level)).to_numpy()
    return rows.assign(**found)


@functools.lru_cache(maxsize=2)
def fitted(year: int) -> Model:
    """The model of the case with this year, levels by their names here.

    It was fitted once (``data/model.json``). Each weight differs by as much as a fit on some other
    rows would, so that two candidates' files are not the same but for the names. As a fit would,
    the intercept makes the mean score that of the outcomes.
    """
    spec = json.loads((DATA / "model.json").read_text("utf-8"))
    rng = np.random.default_rng([year, 1])
    curves = {
        name: curve | shaken({k: curve[k] for k in ("log_odds", "missing")}, rng, WEIGHT_SD)
        for name, curve in spec["curves"].items()
    }
    model = Model(spec["intercept"], curves, shaken(spec["weights"], rng, WEIGHT_SD))
    rows = base(year).iloc[::MEAN_OF]
    late = logistic(rows["log_odds"].to_numpy()).mean()
    for _ in range(2):  # Newton's steps, of which the first is nearly enough
        score = model.score(rows)
        step = (late - score.mean()) / (score * (1 - score)).mean()
        model = replace(model, intercept=round(model.intercept + float(step), 4))
    return model


def model_spec(names: Mapping[str, Mapping[str, str]], year: int) -> dict[str, Any]:
    """The deployed model of a case, with its levels' names."""
    spec = asdict(fitted(year))
    for column, new in names.items():
        spec["weights"][column] = {
            new[level]: weight for level, weight in spec["weights"][column].items()
        }
    return spec
