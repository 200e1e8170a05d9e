"""Measures of a diagnosis, of intervals and of guard rails; plain data in, numbers out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from worksample.kit.scoring import credit, interval_score, is_number, skill_score

from ..toolkit import trial

COVERAGE = 0.8
NAMED_MOST = 4
FOR_MECHANISM, FOR_PLACE, FOR_TIME = 0.6, 0.25, 0.15
NEAR, FAR = 3, 10  # minutes from the true one: all, nothing
RECALL_NOTHING = 0.5
#: what an interval score has to be for all points and for none: natural logarithms of counts,
#: minutes for the start
SCALES = {"failed": (0.30, 1.2), "wrong": (0.45, 1.2), "next": (0.55, 1.3), "start": (10.0, 40.0)}
SAME_PLACE = {"nightly-job": {"nightly-job", "feature-file"}}


def named_problem(given: Any) -> str:
    """Why a diagnosis cannot be scored; empty if it can."""
    if not isinstance(given, list) or not 1 <= len(given) <= NAMED_MOST:
        return f"A diagnosis is a list of one to {NAMED_MOST} issues."
    for each in given:
        if not isinstance(each, Mapping) or not isinstance(each.get("mechanism"), str):
            return "Each issue is a dictionary with a mechanism."
    return ""


def diagnosis(
    given: Sequence[Mapping[str, Any]], faults: Sequence[Mapping[str, Any]]
) -> dict[str, float]:
    """Recall-gated precision: nothing for half of what is wrong, and shared out over what is named.

    After ITBench-AA, whose named entities earn their precision only where every cause is among
    them; here recall counts from a half, as an issue is known by degrees.
    """
    named = {each["mechanism"]: each for each in reversed(given)}
    found = [_known(named[f["mechanism"]], f) if f["mechanism"] in named else 0.0 for f in faults]
    recall = sum(found) / len(faults)
    hits = sum(f["mechanism"] in named for f in faults)
    precision = hits / len(given)
    value = credit(recall, RECALL_NOTHING, 1.0) * precision
    return {"recall": recall, "precision": precision, "hits": hits, "value": value}


def _known(named: Mapping[str, Any], fault: Mapping[str, Any]) -> float:
    place = named.get("component")
    right = place == fault["component"] or place in SAME_PLACE.get(fault["component"], set())
    since = named.get("since")
    near = credit(abs(since - fault["since"]), FAR, NEAR) if is_number(since) else 0.0
    return FOR_MECHANISM + FOR_PLACE * right + FOR_TIME * near


def interval(given: Any, name: str, actual: float) -> float | None:
    """Share of the points for one interval; None where it is none."""
    if not isinstance(given, list) or len(given) != 2 or not all(is_number(x) for x in given):
        return None
    low, high = (float(x) for x in given)
    if low > high:
        return None
    if name != "start":
        low, high, actual = (math.log(max(x, 1.0)) for x in (low, high, actual))
    full, nothing = SCALES[name]
    return credit(interval_score(low, high, actual, COVERAGE), nothing, full)


# --- guard rails -----------------------------------------------------------------------------


def reference_rails(service: Mapping[str, Any]) -> dict[str, float]:
    """What holds by arithmetic: the narrower of two limits, and no longer queue than patience."""
    replicas = service["replicas"] * service["capacity"]
    features = service["look_ups"] / (1 - service["hits"])
    return {
        "queue": 0.4 * service["capacity"] * service["patience"],
        "limit": 0.98 * min(replicas, features),
        "retries": 0.05,
    }


def without_rails(service: Mapping[str, Any]) -> dict[str, float]:
    """As the service is before: all slots are used, everything gets in, callers try thrice."""
    return {"queue": float(service["slots"]), "limit": 1e9, "retries": 2.5}


def careless_rails(service: Mapping[str, Any]) -> list[dict[str, float]]:
    """Rails that need no look at a service's numbers."""
    return [
        {"queue": 0.0, "limit": 0.0, "retries": 0.0},
        {"queue": 0.0, "limit": 1e9, "retries": 0.0},
        {"queue": 0.0, "limit": 1e9, "retries": 0.1},
        {"queue": min(100.0, service["slots"]), "limit": 1000.0, "retries": 0.1},
        {"queue": min(500.0, service["slots"]), "limit": 2000.0, "retries": 0.2},
    ]


def rails_costs(service: Mapping[str, Any], rails: Any) -> tuple[float, float, float]:
    """Harm per request without rails, with the reference and with these.

    Rails that break the service's bounds are as good as none.
    """
    kinds = [without_rails(service), reference_rails(service)]
    if not trial.rails_problem(rails, service):
        kinds.append(rails)
    costs = [trial.cost(service, each, service["burst"], service["seed"]) for each in kinds]
    return costs[0], costs[1], costs[-1] if len(costs) > 2 else costs[0]


def rails_worth(services: Sequence[Mapping[str, Any]], answers: Sequence[Any]) -> float:
    """Skill of rails over all services: 0 without any, 1 by arithmetic."""
    costs = [rails_costs(*pair) for pair in zip(services, answers, strict=True)]
    nothing, reference, given = (sum(each) for each in zip(*costs, strict=True))
    return max(0.0, skill_score(given, nothing, reference))


def idle_worth(services: Sequence[Mapping[str, Any]]) -> float:
    """The best mean worth that careless rails reach on these services."""
    kinds = list(zip(*(careless_rails(service) for service in services), strict=True))
    return max(rails_worth(services, kind) for kind in kinds)
