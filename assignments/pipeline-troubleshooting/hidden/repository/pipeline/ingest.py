"""Read the nightly exports; docs/DATA.md says what is in them."""

import csv
from datetime import datetime

import pandas as pd

from pipeline.errors import IngestError

NUMBERS = ("visits_before", "reminder_sent", "cancelled")


def read_window(raw, days):
    """The bookings with an appointment on one of `days`, each once, as it was last reported."""
    rows = pd.concat([read_export(raw / f"{day}.csv") for day in days], ignore_index=True)
    rows = rows[rows["appointment"].isin(days)]
    rows = rows.sort_values("updated_at", kind="stable")
    return rows.drop_duplicates("booking_id", keep="last").reset_index(drop=True)


def read_open(raw, day):
    """The bookings that are open in the morning after `day`; they have no outcome yet."""
    return read_export(raw / f"open-{day}.csv").drop_duplicates("booking_id")


def read_export(path):
    """One export as a table: texts, numbers and times as docs/DATA.md has them."""
    if not path.is_file():
        raise IngestError(f"there is no export {path.name}")
    with open(path, encoding="utf-8-sig", newline="") as file:
        table = pd.DataFrame(list(csv.DictReader(file)))
    table["price_eur"] = table["price_eur"].map(to_number)
    for name in NUMBERS:
        if name in table:
            table[name] = pd.to_numeric(table[name])
    for name in ("booked_at", "updated_at"):
        table[name] = pd.to_datetime(table[name].map(to_time))
    return table


def to_number(text):
    """A price; some shops write a decimal comma."""
    return float(text.replace(",", "."))


def to_time(text):
    """A time; some shops write the day first. None where it is neither."""
    for form in ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None
