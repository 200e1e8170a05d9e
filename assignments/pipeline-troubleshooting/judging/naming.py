"""The candidate's diagnosis: what is wrong, since when, and what must be withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worksample.kit.scoring import beyond

SINCE = 0.4  # of an issue's worth: the first bad run
IDLE_NAMING = 0.25  # what naming one usual cause for each slot earns on average, rounded up
MOST = 8  # issues that are looked at


def naming(given: Any, faults: Mapping[str, Mapping[str, Any]]) -> tuple[float, float, int]:
    """Share of the points, recall and how many were named: recall-gated precision.

    A cause that is right counts with or without its first bad run; naming more than there are
    costs in the same measure.
    """
    issues = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    named: dict[str, str] = {}
    for each in issues[:MOST]:
        named.setdefault(str(each.get("mechanism")), str(each.get("first_bad_run")))
    worth = hits = 0.0
    for fault in faults.values():
        if fault["id"] in named:
            hits += 1
            worth += 1 - SINCE + SINCE * (named[fault["id"]] == fault["first"])
    precision = min(1.0, len(faults) / len(issues)) if issues else 0.0
    share = worth / len(faults) * precision
    return beyond(share, IDLE_NAMING), hits / len(faults), len(issues)


def withdrawn(given: Any, truth: Mapping[str, Any]) -> float:
    """Overlap with the versions to withdraw, from what the best constant answer reaches."""
    right, every = set(truth["withdrawn"]), sorted(set(truth["published"]))
    said = {each for each in given if isinstance(each, str)} if isinstance(given, list) else set()
    constants = [set(every), set(every[-1:]), set(every[-3:]), set(every[-5:]), set(every[-6:])]
    idle = max(_overlap(each, right) for each in constants if each != right)
    return beyond(_overlap(said, right), idle)


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def issues_of(given: Any) -> Sequence[Mapping[str, Any]]:
    """What can be an issue of an answer."""
    return [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
