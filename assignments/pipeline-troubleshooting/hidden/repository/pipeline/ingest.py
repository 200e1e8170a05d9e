"""Read the nightly exports; docs/DATA.md says what is in them."""

import csv

import pandas as pd

from pipeline.errors import IngestError

NUMBERS = ("visits_before", "reminder_sent", "cancelled")


def read_window(raw, days):
    """The bookings with an appointment on one of `days`, each once, as it was last reported."""
    rows = as_table([row for day in days for row in read_export(raw / f"{day}.csv")])
    rows = rows[rows["appointment"].isin(days)]
    rows = rows.sort_values("updated_at", kind="stable")
    return rows.drop_duplicates("booking_id", keep="last").reset_index(drop=True)


def read_open(raw, day):
    """The bookings that are open in the morning after `day`; they have no outcome yet."""
    return as_table(read_export(raw / f"open-{day}.csv")).drop_duplicates("booking_id")


def read_export(path):
    """The rows of one export, as they were written."""
    if not path.is_file():
        raise IngestError(f"there is no export {path.name}")
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def as_table(rows):
    """Rows as a table: texts, numbers and times."""
    table = pd.DataFrame(rows)
    table["price_eur"] = table["price_eur"].map(to_number)
    for name in NUMBERS:
        if name in table:
            table[name] = pd.to_numeric(table[name])
    for name in ("booked_at", "updated_at"):
        table[name] = to_time(table[name])
    return table


def to_number(text):
    """A price; some shops write a decimal comma."""
    return float(text.replace(",", "."))


def to_time(texts):
    """Times; some shops write the day first. Empty where it is neither."""
    times = pd.Series(pd.NaT, index=texts.index)
    for form in ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"):
        times = times.fillna(pd.to_datetime(texts, format=form, errors="coerce"))
    return times
