"""Every name that a case shows: the one place to change for other words.

The left sides are what the code calls things; only the right sides reach a candidate.
"""

from __future__ import annotations

from ..toolkit.names import LABEL, NEED_MIN, NEED_MIN_PER_SEAT, TIME

__all__ = ["BASELINE", "COLUMNS", "IDS", "LABEL", "LEAKS", "MEANING", "TIME", "UNITS"]

COLUMNS = {
    "carrier": "carrier",
    "origin": "station",
    "distance_km": "distance_km",
    "inbound_delay_min": "inbound_delay_min",
    "queue_len": "queue_len",
    "turnaround_min": "turnaround_min",
    "seats": "seats",
    "booked": "booked",
    "temp_c": "temp_c",
    "wind_kmh": "wind_kmh",
    "precip_mm": "precip_mm",
    "visibility_km": "visibility_km",
    "crew_rest_h": "crew_rest_h",
    "area": "gate_area",
}
# what the baseline uses; leaves out more than the columns that it had better leave out
BASELINE = (
    "carrier",
    "origin",
    "distance_km",
    "inbound_delay_min",
    "queue_len",
    "turnaround_min",
    "seats",
    "temp_c",
    "wind_kmh",
    "precip_mm",
    "visibility_km",
)
IDS = ("crew_code", "rotation_code", "slot_code")
LEAKS = {
    "rebooked_guests": "guests moved to another flight",
    "crew_overtime_min": "overtime of the crew, minutes",
    "compensation_claims": "claims for compensation on this flight",
}
# column -> its name when two units are mixed, the name of the tag, the other unit
UNITS = {
    "wind_kmh": ("wind", "wind_unit", ("km/h", "kt")),
    "temp_c": ("temp", "temp_unit", ("C", "F")),
}
MEANING = {
    "scheduled_at": "scheduled departure, local time",
    "carrier": "code of the airline",
    "station": "code of the airport of departure",
    "distance_km": "length of the flight, km",
    "inbound_delay_min": "how late the aircraft is on its way to the station, minutes; 0: on time",
    "queue_len": "aircraft waiting for departure at the station in that hour, as planned and seen",
    "turnaround_min": "planned minutes on the ground between the aircraft's arrival and departure",
    "seats": f"seats of the aircraft; preparing one takes {NEED_MIN} minutes and "
    f"{NEED_MIN_PER_SEAT} minutes a seat",
    "booked": "guests booked, two hours before departure; some flights are overbooked",
    "temp_c": "temperature at the station, °C",
    "temp": "temperature at the station",
    "wind_kmh": "wind at the station, km/h",
    "wind": "wind at the station",
    "precip_mm": "rain or snow in that hour, mm",
    "visibility_km": "visibility, km; 16.1 is the most that is reported",
    "crew_rest_h": "hours since the crew's last duty",
    "gate_area": "part of the terminal",
    "crew_code": "the crew",
    "rotation_code": "the rotation of the aircraft",
    "slot_code": "the departure slot",
    "late": "1 if the flight arrived more than 15 minutes late, else 0, as keyed in at the station",
}
