"""What an initiative would bring and take, what it stands on, and who could do it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from .firm import SPRINTS, TARGETS, Firm
from .scheduler import COACHING, Assumed

Work = list[dict[str, Any]]
SMALL = 8.0  # days, that one person does alone


def gains(firm: Firm, assumed: Assumed) -> dict[str, float]:
    """Thousand euro a month that an initiative alone would take away."""
    stakes = np.array([assumed.stakes[name] for name in TARGETS])
    brings = firm.cut.mean(axis=1) * (firm.target @ stakes)
    return {name: float(x) for name, x in zip(firm.ids, brings, strict=True)}


def effort(firm: Firm, assumed: Assumed, name: str) -> float:
    """Days that it takes, by what is assumed."""
    place = firm.ids.index(name)
    row = firm.data["initiatives"][name]
    return float(firm.effort[place].mean() * assumed.overrun[row["skill"]])


def with_needs(firm: Firm, assumed: Assumed, name: str) -> list[str]:
    """An initiative behind all that it needs."""
    needs = list(firm.data["initiatives"][name]["needs"])
    needs += [b for a, b in assumed.also_needs if a == name]
    found: list[str] = []
    for each in needs:
        found += [n for n in with_needs(firm, assumed, each) if n not in found]
    return [*found, name]


def staffed(
    firm: Firm, assumed: Assumed, order: Sequence[str], coached: Collection[str] = ()
) -> Work:
    """Each to the one or two who have its skill and would be through with it first."""
    busy = dict.fromkeys(firm.people, 0.0)  # sprints of work that they have
    work: Work = []
    for name in order:
        able = [p for i, p in enumerate(firm.people) if firm.able[i, firm.ids.index(name)]]
        days = dict(zip(firm.people, firm.days, strict=True))
        need = effort(firm, assumed, name) * (COACHING if name in coached else 1.0)
        able.sort(key=lambda p: busy[p] + need / days[p])
        owners = able[:2] if need > SMALL else able[:1]
        speed = sum(days[p] for p in owners)
        for person in owners:
            busy[person] += need / speed
        work.append({"id": name, "owners": owners, "coached": name in coached, "from": 0})
        if min(busy.values()) > SPRINTS:
            break
    return work
