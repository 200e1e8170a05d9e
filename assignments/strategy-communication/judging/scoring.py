"""Measures of ranges, claims, actions and the page; plain data in, shares out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from worksample.kit.scoring import (
    beyond,
    credit,
    interval_score,
    is_number,
    precision_recall_f1,
    spherical_score,
)

from ..hidden import events
from ..toolkit.costs import HOURS
from ..toolkit.forms import CLASSES, QUANTITIES

COVERAGE = 0.8
NUMBERS_IDLE = 0.15  # of a range's share
MOSTLY = (1 / 3, 0.6)  # the mean share of the six from which they count, and count in full
CLAIMS_FULL = 0.93
ACTIONS_FULL = 0.93  # of the way from the best single action for everything to the best of all
TYPED = re.compile(r"\d[\d.,]*")
PLACE = re.compile(r"\{\s*(\w+)\s*\}")
OTHERS = 10  # figures beside them that a page may say: of the options, of the model, dates
USED_LEAST, USED_FULL = 1, 5  # of the six quantities on the page


def range_share(given: Any, actual: float, width: float) -> float | None:
    """Share of the points for one range; None where it is none.

    On the logarithm. All points up to a third more than who reckons with all that is open has,
    nothing from twice that width and a third of the value on.
    """
    if not isinstance(given, list) or len(given) != 2 or not all(is_number(x) for x in given):
        return None
    low, high = (float(x) for x in given)
    if not 0 < low <= high:
        return None
    score = interval_score(math.log(low), math.log(high), math.log(actual), COVERAGE)
    return credit(score, 2.0 * width + 0.3, 1.35 * width + 0.06)


def number_shares(given: Any, truth: Mapping[str, Any]) -> dict[str, float | None]:
    """Quantity -> share."""
    table = given if isinstance(given, Mapping) else {}
    return {
        name: range_share(table.get(name), truth["actual"][name], truth["widths"][name])
        for name in QUANTITIES
    }


def claim_scores(given: Any, truth: Mapping[str, str]) -> list[float]:
    """Of each claim: the spherical score of its spread, beyond an even one's; below 0 is worse."""
    table = given if isinstance(given, Mapping) else {}
    even = spherical_score(dict.fromkeys(CLASSES, 1.0), CLASSES[0])
    scores = []
    for name, is_ in truth.items():
        spread = table.get(name)
        known = (
            {k: v for k, v in spread.items() if k in CLASSES} if isinstance(spread, Mapping) else {}
        )
        known = {k: float(v) for k, v in known.items() if is_number(v) and 0 <= v <= 1}
        scores.append((spherical_score(known, is_) if any(known.values()) else even) - even)
    return [each / (1 - even) for each in scores]


def claims_idle(truth: Mapping[str, str]) -> float:
    """What the best single class for all of them reaches here."""
    every = [{claim: {name: 1.0} for claim in truth} for name in CLASSES]
    return max(0.0, *(sum(claim_scores(each, truth)) / len(truth) for each in every))


def acted(given: Any, made: Mapping[str, Any]) -> float | None:
    """What all events cost with these actions; None where an action cannot be read."""
    if not isinstance(given, Mapping):
        return None
    total = 0.0
    for number, event in enumerate(made["events"], 1):
        action = given.get(f"e{number}")
        if not isinstance(action, Mapping) or not _is_action(action):
            return None
        total += events.cost(made, event, action)
    return total


def _is_action(action: Mapping[str, Any]) -> bool:
    try:
        return (
            action.get("who") in events.PEOPLE
            and action.get("what") in events.MEASURES
            and action.get("by") in HOURS
            and not isinstance(action.get("by"), bool)
        )
    except TypeError:  # what is no number and no text is in nothing
        return False


def page_numbers(text: str, shares: Mapping[str, float | None]) -> tuple[int, int, float]:
    """Of a page: the quantities that it says, other figures, and its share of the points."""
    used = {name for name in PLACE.findall(text) if name in QUANTITIES}
    typed = [each for each in TYPED.findall(PLACE.sub("", text)) if len(each.strip(".,")) > 1]
    right = sum(shares[name] or 0.0 for name in used) / len(used) if used else 0.0
    own = len(used) / max(1, len(used) + max(0, len(typed) - OTHERS))
    return len(used), len(typed), credit(len(used), USED_LEAST, USED_FULL) * own * right


def unseen_share(given: Any, truth: Sequence[str], kinds: Sequence[str]) -> float:
    """Precision times recall of the kinds that are not seen, beyond naming all or one at random."""
    named = {each for each in given if each in kinds} if _texts(given) else set()
    precision, recall, _ = precision_recall_f1(len(named & set(truth)), len(named), len(truth))
    return beyond(precision * recall, len(truth) / len(kinds))


def _texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(each, str) for each in given)


def option_shares(given: Any, truth: Mapping[str, Any]) -> list[float]:
    """Of what each option saves and costs: the share for its range."""
    table = given if isinstance(given, Mapping) else {}
    found = []
    for name, width in truth["option_widths"].items():
        option, what = name.split()
        own = table.get(option)
        range_ = own.get(what) if isinstance(own, Mapping) else None
        found.append(range_share(range_, truth["options"][option][what], width) or 0.0)
    return found


def asked_share(ask: Any, truth: Mapping[str, Any]) -> float:
    """1 for the option with the largest net gain, less by what another one loses."""
    nets = {name: each["net"] for name, each in truth["options"].items()}
    if not isinstance(ask, str) or ask not in nets:
        return 0.0
    order = sorted(nets.values())
    return credit(nets[ask], order[-2] - (order[-1] - order[-2]), order[-1])
