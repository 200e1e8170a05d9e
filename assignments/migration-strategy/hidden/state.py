"""Where the firm stands, from its logs: the definitions of the brief, worked out once."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..toolkit.firm import PARTS, STAGES
from .records import Logs

DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)
YEAR_MONTHS = 12


def state(logs: Logs) -> dict[str, Any]:
    """Lead time, failures, restoring, frequency; days by stage and part.

    The logs without copies of visits.
    """
    changes = logs.changes
    live = changes[(changes["kind"] == "model") & changes["deployed"].notna()]
    lead = (live["deployed"] - live["asked"]) / DAY
    days = stage_days(logs.visits, live["change"])
    caused = logs.incidents[
        (logs.incidents["cause"] == "change") & logs.incidents["change"].isin(live["change"])
    ]
    whole = whole_incidents(caused)
    return {
        "lead_days": float(lead.median()),
        "per_month": len(live) / YEAR_MONTHS,
        "failed": float(caused["change"].nunique() / len(live)),
        "restore_hours": float(whole["hours"].mean()),
        "days": days,
        "shares": {s: sum(days[f"{s} {p}"] for p in PARTS) / sum(days.values()) for s in STAGES},
    }


def stage_days(visits: pd.DataFrame, among: pd.Series) -> dict[str, float]:
    """ "stage part" -> mean days of a change, all its visits together."""
    own = visits[visits["change"].isin(among)]
    count = among.nunique()
    found = {}
    for stage in STAGES:
        rows = own[own["stage"] == stage]
        found[f"{stage} wait"] = float(((rows["begun"] - rows["entered"]) / DAY).sum() / count)
        found[f"{stage} work"] = float(((rows["left"] - rows["begun"]) / DAY).sum() / count)
    return found


def whole_incidents(incidents: pd.DataFrame) -> pd.DataFrame:
    """Entries that follow another one belong to it: began, restored and hours of each failure."""
    first = incidents["follows"].where(incidents["follows"] != "", incidents["incident"])
    whole = incidents.assign(first=first).groupby("first")
    table = pd.DataFrame({"began": whole["began"].min(), "restored": whole["restored"].max()})
    return table.assign(hours=(table["restored"] - table["began"]) / HOUR)
