"""What a model sees of a booking."""

import numpy as np
import pandas as pd


def build(rows, names):
    """One line a booking: id, appointment, the features in the order of `names`, the outcome."""
    made = all_of(rows)
    columns = {"booking_id": rows["booking_id"], "appointment": rows["appointment"]}
    columns |= {name: made[name] for name in names["use"]}
    if "cancelled" in rows:
        columns["cancelled"] = rows["cancelled"].astype(int)
    return pd.DataFrame(columns)


def all_of(rows):
    """Every feature there is, by name."""
    appointment = pd.to_datetime(rows["appointment"])
    booked = pd.to_datetime(rows["booked_at"]).dt.normalize()
    lead = (appointment - booked).dt.days.clip(lower=0)
    visits = rows["visits_before"].fillna(0)
    return {
        "lead_log": np.log1p(lead),
        "price_log": np.log(rows["price_eur"]),
        "first_visit": (visits == 0).astype(int),
        "visits_log": np.log1p(visits),
        "reminder": rows["reminder_sent"].fillna(0),
        "weekend": (appointment.dt.dayofweek >= 5).astype(int),
        "web": (rows["channel"] == "web").astype(int),
        "app": (rows["channel"] == "app").astype(int),
        "harbour": (rows["shop"] == "harbour").astype(int),
    }
