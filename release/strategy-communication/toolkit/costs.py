"""What an action costs: the rule by which section 3 is scored. Thousand euro and hours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WEEK = 168.0  # hours after which an event's harm ends by itself
HOURS = (1, 4, 24, 72)
HANDED_OVER = 12.0  # hours until somebody who can do it has it from somebody who cannot


def cost_of(
    action: Mapping[str, Any],
    harm: float,
    stops: Mapping[str, float],
    measures: Mapping[str, Mapping[str, Any]],
    people: Mapping[str, Mapping[str, Any]],
    office: bool,
) -> float:
    """What an event costs in a week with an action, in thousand euro.

    Args:
        action: ``who``, ``by`` (hours from now) and ``what``.
        harm: thousand euro a day while nothing stops it.
        stops: measure -> the share of the harm that it stops, for what is wrong in truth.
        measures: measure -> ``price`` and ``takes`` (hours of work).
        people: person -> ``can`` (measures), ``office_h`` and ``night_h`` (hours until they begin,
            within and outside office hours), ``called_h`` and ``call_price`` (when they are called
            out because ``by`` is sooner than that).
        office: whether the event comes within office hours.
    """
    who, measure = people[action["who"]], measures[action["what"]]
    if action["what"] == "watch":
        return harm / 24 * WEEK
    usual = who["office_h"] if office else who["night_h"]
    called = action["by"] < usual
    begins = max(action["by"], who["called_h"]) if called else float(action["by"])
    if action["what"] not in who["can"]:
        begins += HANDED_OVER
    stopped = min(WEEK, begins + measure["takes"])
    left = stopped + (WEEK - stopped) * (1 - stops.get(action["what"], 0.0))
    return harm / 24 * left + measure["price"] + (who["call_price"] if called else 0.0)
