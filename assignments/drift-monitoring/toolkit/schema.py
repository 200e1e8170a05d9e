"""The columns of a window: names, units and words, in one place so that they can be re-dressed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One input of the model.

    Attributes:
        name: as in the tables.
        unit: unit of a number; empty for a category.
        text: what it is, in plain words.
        decimals: decimals that the source sends; 0 for whole numbers.
    """

    name: str
    unit: str
    text: str
    decimals: int = 0


ENTITY = "flight"
OUTCOME = "late"
SCORE = "score"
KNOWN_AFTER = "known_after"

NUMBERS = (
    Column("departure_min", "minutes after midnight", "when the flight is due to leave"),
    Column("distance_km", "km", "length of the route"),
    Column("inbound_delay_min", "min", "how late the aircraft itself is expected to arrive", 1),
    Column("queue_len", "aircraft", "how many are waiting for the runway"),
    Column("plane_age_y", "years", "age of the aircraft; not known for every aircraft"),
    Column("temp_c", "°C", "temperature at the airport"),
    Column("wind_kmh", "km/h", "wind at the airport", 1),
    Column("visibility_km", "km", "visibility at the airport", 1),
    Column("pressure_hpa", "hPa", "air pressure at the airport; the sensor has gaps"),
    Column("humidity_pct", "%", "relative humidity at the airport"),
)
CATEGORIES = (
    Column("carrier", "", "the airline"),
    Column("origin", "", "the airport it leaves from"),
    Column("region", "", "where it goes"),
)
COLUMNS = (*NUMBERS, *CATEGORIES)
NUMERIC = tuple(column.name for column in NUMBERS)
CATEGORICAL = tuple(column.name for column in CATEGORIES)
FEATURES = NUMERIC + CATEGORICAL
