"""The papers of a case: requirements, the failure history, today's design as text."""

from __future__ import annotations

from typing import Any

import numpy as np

from .firm import Firm
from .tomorrow import RANGES, Tomorrow


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


def history(firm: Firm, ahead: Tomorrow, rng: np.random.Generator, level: str) -> str:
    """What went wrong in the last year, and what is known of it."""
    data, spans = firm.facts.data, {n: dict(r) for n, r in RANGES.items()}
    standby, (restored, minutes) = data["standby"], firm.drill
    late = data["release"]["late_min"]
    return f"""# What went wrong in the last year

| what | how often | how it came |
|---|---|---|
| **A crowd** (a link on a large site) | monthly | within three minutes {_span(spans["crowd"]["factor"], "times")} the requests, for {_span(spans["crowd"]["minutes"], "minutes")}; once a **burst** of {_span(spans["burst"]["factor"], "times")} for {_span(spans["burst"]["minutes"], "minutes")}, and nothing worked for hours after it |
| **A slow feature store** (its backup, its provider) | monthly | look-ups took {_span(spans["store"]["factor"], "times")} as long for {_span(spans["store"]["minutes"], "minutes")}; workers waited, processors idled |
| **A zone gone** | twice | for {_span(spans["zone"]["minutes"], "minutes")}; machines in it are lost, new ones can be had in the others |
| **A bad release** | four times | {_percent(spans["release"]["faulty"])} of its answers were errors, sometimes only after a while (up to {spans["release"]["creeping"][1]:g} minutes); it was taken back by hand after {data["release"]["by_hand_min"]} minutes |
| **A new system that was not ready** (last move) | once | {_percent(spans["move"]["faulty"])} of its answers were wrong; of one fault nothing was to be seen in the first {_span([m / 60 for m in spans["move"]["minutes"]], "hours")} of work. Whether an answer was wrong is known {late} minutes later |

# What is known of tomorrow

- Requests: {ahead.forecast[0]:g} to {ahead.forecast[1]:g} times today's, in every minute of the day.
- Whole pages may come in addition: up to {spans["pages"]["factor"][1]:g} times what that growth gives.
- The course of the day stays as it is.

# Other region

- The data are {standby["data_gb"]} GB, of which {standby["changed_gb_hour"]:g} GB change in an hour; only what changed is copied.
- The provider's data sheet says {standby["sheet_gb_hour"]:g} GB an hour for copying and restoring. The last drill restored {restored:g} GB in {minutes:g} minutes.
- Somebody has to decide that the region is given up: {standby["decide_min"]} minutes. Then names have to lead elsewhere: {standby["dns_min"]} minutes.
- *backup*: everything is restored there, then machines start. *pilot*: the data are there, machines start. *warm*: a few machines run, others join in two minutes. *hot*: all runs.
"""


def _span(ends: Any, unit: str) -> str:
    return f"{ends[0]:g} to {ends[1]:g} {unit}"


def _percent(ends: Any) -> str:
    return f"{ends[0]:.0%} to {ends[1]:.0%}"
