"""The transfer task: a disclosed fault in the readings of three weather stations."""

from __future__ import annotations

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
    reference = of_days(table, 0, REFERENCE_DAYS)
    first = REFERENCE_DAYS + 3 * rng.permutation((YEAR - REFERENCE_DAYS) // 3)
    faulty = [bool(x) for x in rng.permutation([False] * HEALTHY + [True] * FAULTY)]
    windows = []
    for number, bad in enumerate(faulty):
        window = of_days(table, int(first[number]), 3)
        if bad:
            spoil(rng, kind, window, names[int(rng.integers(3))])
        windows.append(window.assign(window=number))
    question = {"fault": kind, "text": FAULTS[kind], "window_hours": HOURS, "stations": names}
    return question, reference, pd.concat(windows, ignore_index=True), faulty


def of_days(table: pd.DataFrame, first: int, days: int) -> pd.DataFrame:
    """The lines of some days of a table that is in order, hours counted from the first day's."""
    begin, end = np.searchsorted(table["day"], [first, first + days])
    part = table.iloc[begin:end]
    part = part.assign(at_hour=(part["day"] - first) * 24 + part["hour"])
    return part[["station", "at_hour", *COLUMNS]].reset_index(drop=True)


def spoil(rng: np.random.Generator, kind: str, window: pd.DataFrame, station: str) -> None:
    here = (window["station"] == station).to_numpy()
    if kind == "stuck":
        begin = int(rng.integers(1, HOURS - 34))
        length = int(rng.integers(32, HOURS - begin))
        hit = here & window["at_hour"].between(begin, begin + length).to_numpy()
        for column in ("temp_c", "wind_kmh"):
            window.loc[hit, column] = window.loc[hit, column].iloc[0]
    elif kind == "fahrenheit":
        hit = here & (window["at_hour"] >= int(rng.integers(0, 24))).to_numpy()
        window.loc[hit, "temp_c"] = (window.loc[hit, "temp_c"] * 1.8 + 32).round(1)
    else:
        share = rng.uniform(0.38, 0.6)
        hit = here & (rng.random(len(window)) < share)
        window.loc[hit, ["visibility_km", "pressure_hpa"]] = 0.0
