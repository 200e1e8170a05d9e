"""The transfer task: a disclosed fault in the readings of three weather stations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from worksample.kit import nycflights, years

from .world import DATA, YEAR

HOURS = 72  # a window is three consecutive days
HEALTHY, FAULTY = 30, 20
REFERENCE_DAYS = 60
COLUMNS = ("temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa", "humidity")
FAULTS = {
    "stuck": (
        "The readings of one station freeze: from some moment on, `temp_c` and `wind_kmh` of that "
        "station repeat their last value for at least 30 hours, while it goes on reporting."
    ),
    "fahrenheit": (
        "One station sends `temp_c` in degrees Fahrenheit instead of Celsius, from some moment in "
        "the first day of the window to its end."
    ),
    "default": (
        "When one station's instrument fails it sends 0 instead of nothing: in a third of the "
        "hours or more, `visibility_km` and `pressure_hpa` of that station are 0 together."
    ),
}


@cache
def stations() -> years.Conditions:
    """The committed readings of all days and hours, in natural units."""
    table = nycflights.from_tenths(pd.read_parquet(DATA / "stations.parquet"), COLUMNS)
    keys = dict.fromkeys(("origin", "day", "hour"), "int64")
    table = table.astype(keys)
    return years.Conditions(table[table["day"] < YEAR], COLUMNS)


def drawn_year(rng: np.random.Generator) -> pd.DataFrame:
    """A year of the case's own: a line for each day, hour and origin, and the columns."""
    shape = (YEAR, stations().origins, stations().hours)
    day, origin, hour = (each.ravel() for each in np.indices(shape))
    table = pd.DataFrame(stations().mixed(rng)[0], columns=list(COLUMNS))
    return table.assign(day=day, origin=origin, hour=hour + stations().first_hour)


def draw(rng: np.random.Generator) -> tuple[dict, pd.DataFrame, pd.DataFrame, list[bool]]:
    """The task: (question, healthy reference, hidden windows, which windows are faulty)."""
    kind = list(FAULTS)[int(rng.integers(len(FAULTS)))]
    start = int(rng.integers(YEAR))
    names = [f"station-{c}" for c in rng.permutation(list("ABCDEF"))[:3]]
    table = drawn_year(rng)
    for column, spread in (("temp_c", 0.4), ("wind_kmh", 1.0), ("pressure_hpa", 0.4)):
        table[column] = table[column] + rng.normal(0, spread, len(table))
    table["wind_kmh"] = table["wind_kmh"].clip(lower=0)
    table[list(COLUMNS)] = table[list(COLUMNS)].round(1)
    table["day"] = (table["day"] - start) % YEAR
    table["station"] = np.array(names, dtype=object)[table["origin"].astype(int)]
    table = table.sort_values(["day", "hour", "station"]).reset_index(drop=True)
    reference = of_days(table, [0], REFERENCE_DAYS)
    first = REFERENCE_DAYS + 3 * rng.permutation((YEAR - REFERENCE_DAYS) // 3)
    faulty = [bool(x) for x in rng.permutation([False] * HEALTHY + [True] * FAULTY)]
    windows = of_days(table, first[: len(faulty)], HOURS // 24)
    number = np.repeat(np.arange(len(faulty)), len(windows) // len(faulty))
    values = {name: windows[name].to_numpy(copy=True) for name in windows}
    for place in np.flatnonzero(faulty):
        here = number == place
        window = {name: column[here] for name, column in values.items()}
        spoil(rng, kind, window, names[int(rng.integers(3))])
        for name, column in window.items():
            values[name][here] = column
    windows = pd.DataFrame(values).assign(window=number)
    question = {"fault": kind, "text": FAULTS[kind], "window_hours": HOURS, "stations": names}
    return question, reference, windows, faulty


def of_days(table: pd.DataFrame, first: Sequence[int], days: int) -> pd.DataFrame:
    """The lines of stretches of days, one after the other, hours counted from each one's first.

    Args:
        table: a line for each day, hour and station, in this order.
    """
    lines = len(table) // YEAR  # of a day
    places = np.concatenate([np.arange(day * lines, (day + days) * lines) for day in first])
    begun = np.repeat(first, days * lines)
    part = table.iloc[places].reset_index(drop=True)
    part = part.assign(at_hour=(part["day"] - begun) * 24 + part["hour"])
    return part[["station", "at_hour", *COLUMNS]]


def spoil(
    rng: np.random.Generator, kind: str, window: Mapping[str, np.ndarray], station: str
) -> None:
    """Put the fault into the columns of a window, in place."""
    here, hour = window["station"] == station, window["at_hour"]
    if kind == "stuck":
        begin = int(rng.integers(1, HOURS - 34))
        length = int(rng.integers(32, HOURS - begin))
        hit = here & (hour >= begin) & (hour <= begin + length)
        for column in ("temp_c", "wind_kmh"):
            window[column][hit] = window[column][hit][0]
    elif kind == "fahrenheit":
        hit = here & (hour >= int(rng.integers(0, 24)))
        window["temp_c"][hit] = (window["temp_c"][hit] * 1.8 + 32).round(1)
    else:
        share = rng.uniform(0.38, 0.6)
        hit = here & (rng.random(len(hour)) < share)
        for column in ("visibility_km", "pressure_hpa"):
            window[column][hit] = 0.0
