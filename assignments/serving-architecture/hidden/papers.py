"""The papers of a case: requirements, the failure history, today's design as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .firm import Firm
from .tomorrow import RANGES, Tomorrow

STANDBY = ("data_gb", "changed_gb_hour", "sheet_gb_hour", "decide_min", "dns_min")


def requirements(rng: np.random.Generator, firm: Firm, ahead: Tomorrow) -> dict[str, Any]:
    """What is asked for: growth, budget, disaster, the move."""
    data = firm.facts.data["standby"]
    restore = 60 * data["data_gb"] / (firm.drill[0] / firm.drill[1] * 60)
    slow = rng.random() < 0.5  # whether a restored copy is soon enough
    hours = int(rng.choice([15, 30, 60]))
    rto = round((restore + 40) * 1.15 / 10) * 10 if slow else int(rng.choice([30, 40, 45]))
    return {
        "growth": list(ahead.forecast),
        "budget_hour": firm.facts.data["budget"]["hour"],
        "rto_min": rto,
        "rpo_min": hours,
        "move_hours": 72,
    }


def history(firm: Firm, ahead: Tomorrow) -> str:
    """What went wrong in the last year, and what is known of tomorrow and of the other region."""
    data, standby = firm.facts.data, firm.facts.data["standby"]
    template = (Path(__file__).parent / "history.md").read_text("utf-8")
    return template.format(
        crowd_times=_span("crowd", "factor"),
        crowd_minutes=_span("crowd", "minutes"),
        burst_times=_span("burst", "factor"),
        burst_minutes=_span("burst", "minutes"),
        store_times=_span("store", "factor"),
        store_minutes=_span("store", "minutes"),
        zone_minutes=_span("zone", "minutes"),
        release_share=_span("release", "faulty", 100),
        release_creeps=f"{RANGES['release']['creeping'][1]:g}",
        by_hand=data["release"]["by_hand_min"],
        move_share=_span("move", "faulty", 100),
        move_hours=_span("move", "minutes", 1 / 60),
        late=data["release"]["late_min"],
        low=f"{ahead.forecast[0]:g}",
        high=f"{ahead.forecast[1]:g}",
        pages=f"{RANGES['pages']['factor'][1]:g}",
        restored=f"{firm.drill[0]:g}",
        restored_minutes=f"{firm.drill[1]:g}",
        **{name: f"{standby[name]:g}" for name in STANDBY},
    )


def _span(event: str, number: str, factor: float = 1.0) -> str:
    low, high = RANGES[event][number]
    return f"{low * factor:g} to {high * factor:g}"
