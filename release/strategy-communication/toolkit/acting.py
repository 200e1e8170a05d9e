"""What an action would cost, if it is what you think it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .case import load
from .costs import cost_of


def what_it_costs(event: str, action: Mapping[str, Any], kind: str) -> float:
    """Thousand euro that an event costs in a week with an action, if it is of this kind.

    Args:
        event: ``e1`` to ``e6``.
        action: ``{"who": …, "by": hours, "what": …}``.
        kind: as in ``case.past["it_was"]``; ``nothing`` harms nobody.
    """
    case = load()
    row = case.events.set_index("event").loc[event]
    harms = case.harm.set_index("kind")["a_day_all_lifts"]
    harm = float(harms.get(kind, 0.0)) * float(row["lifts_pct"]) / 100
    measures = case.measures.set_index("measure")
    stops = measures[kind].to_dict() if kind in measures else {}
    people: dict[str, dict[str, Any]] = case.people.set_index("person").to_dict("index")
    for each in people.values():
        each["can"] = str(each["can"]).split()
    return cost_of(action, harm, stops, measures.to_dict("index"), people, bool(row["office"]))
