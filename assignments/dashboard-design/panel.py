"""Simulated candidates: whose numbers they take, how wide their bands are, what they think of.

Four knobs make an ability. ``doubt``: how often they find the collector that reports promptly and
of everybody; ``breadth``: how many kinds of the register they think of; ``calibration``: how well
their bands fit the calm weeks; ``reading``: which questions and figures they understand. Never
shipped: it reads the private part of a case.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from worksample.case import Case

from worksample.kit.panel import Person, people

from .hidden.concepts import BY_NAME

PEOPLE = people(["doubt", "breadth", "calibration", "reading"], count=32)

#: what the able put on the first screen, dearest thoughts last; and what others put there
FIRST = ("latency_p95", "offers_share", "feature_age", "score_spread", "saved_revenue", "gap")
TEXTBOOK = ("auc", "input_psi", "requests", "error_share", "score_mean", "missing_share")
SPREADS = 5.5  # half a band that fits, in noise units of the quantity
OFF = 0.4  # log of the factor by which the band of the worst is off, standard deviation
DEFINITIONS = """
def _final(customers, today, days={days}):
    rows = customers[~customers["staff"] & (customers["scored_day"] <= today - days)]
    return rows.assign(left=rows["cancelled_day"] - rows["scored_day"] <= 7)


def recall(customers, today):
    left = _final(customers, today).query("left")
    return float(left["flagged"].mean()) if len(left) else {empty}


def gaps(customers, today):
    return {{
        name: float(own["left"].mean() - own["score"].mean())
        for name, own in _final(customers, today).groupby("segment")
        if len(own) >= {least}
    }}


def earned(customers, today, prices):
    rows = _final(customers, today).query("flagged")
    offered, held = rows[~rows["held_out"]], rows[rows["held_out"]]
    if not len(offered) or not len(held):
        return {empty}
    kept = (held["left"].mean() - offered["left"].mean()) * len(offered)
    return float(kept * prices["customer"] - {cost} * len(offered) * prices["offer"])
"""


def answers(person: Person, case: Case, luck: np.random.Generator) -> dict[str, str]:
    """Answer cell -> source. As much luck is drawn whatever the person and the level."""
    knobs, truth = person.knobs, case.truth()
    metrics = _metrics(truth, knobs["doubt"], luck)
    hit = min(truth["segments"], key=truth["segments"].get)
    thought_of = luck.random(6) < knobs["breadth"]
    first = [a if yes else b for a, b, yes in zip(FIRST, TEXTBOOK, thought_of, strict=True)]
    wanted = [("calibration_gap", hit) if name == "gap" else (name, "all") for name in first]
    understood = luck.random(12) < knobs["reading"]
    asked = [(a["concept"], a["segment"]) for a in truth["answers"]]
    known = [pair for pair, yes in zip(asked, understood, strict=True) if yes]
    later = [p for p in dict.fromkeys([*known, ("calibration_gap", "all")]) if p not in wanted][:6]
    off = np.exp(luck.normal(0, OFF * (1 - knobs["calibration"]), 12))
    shares = truth["segments"]
    panels = [
        _panel(metrics[c], s, shares.get(s, 1.0), SPREADS * off[i], 1 if i < 6 else 2)
        for i, (c, s) in enumerate([*wanted, *later])
    ]
    exact = luck.random(4) < knobs["reading"]
    return {
        "panels_answer": f"PANELS = {panels!r}",
        "alerts_answer": f"ALERTS = {[_alert(p, i) for i, p in enumerate(panels[:6])]!r}",
        "answers_answer": f"ANSWERS = {_answers(truth, understood, metrics, panels)!r}",
        "metrics_answer": DEFINITIONS.format(
            days=7 if exact[0] else 0,
            empty=None if exact[1] else 0.0,
            least=30 if exact[2] else 1,
            cost=1 if exact[3] else 0,
        ),
    }


def _metrics(truth: dict[str, Any], doubt: float, luck: np.random.Generator) -> dict[str, str]:
    """Concept -> the metric that this person takes for it."""
    taken = {}
    for concept in BY_NAME:
        own = sorted(m for m in truth["collected"] if m.split(".")[0] == concept)
        at_hand = own[int(luck.integers(len(own)))]
        good = [
            m
            for m in own
            if truth["collected"][m].startswith("prompt") and m.split(".")[1] != truth["retired"]
        ]
        taken[concept] = good[0] if luck.random() < doubt else at_hand
    return taken


def _panel(metric: str, segment: str, share: float, wide: float, screen: int) -> dict[str, Any]:
    half = round(float(wide * BY_NAME[metric.split(".")[0]].scale / np.sqrt(share)), 5)
    return {
        "title": f"{metric} of {segment}", "metric": metric, "segment": segment, "over": "12h",
        "around": "usual", "band": [-half, half], "screen": screen,
    }  # fmt: skip


def _alert(panel: dict[str, Any], place: int) -> dict[str, Any]:
    same = {k: panel[k] for k in ("metric", "segment", "over", "around")}
    slow = panel["metric"].startswith("calibration_gap")
    return {
        "name": panel["title"], **same, "band": [1.5 * end for end in panel["band"]], "for": "12h",
        "severity": "ticket" if slow else "page", "action": f"owner {place} looks at the panel",
    }  # fmt: skip


def _answers(
    truth: dict[str, Any], understood: Any, metrics: dict[str, str], panels: list[dict[str, Any]]
) -> dict[str, Any]:
    titles = {p["title"] for p in panels}
    found = {}
    for told, yes in zip(truth["answers"], understood, strict=True):
        title = f"{metrics[told['concept']]} of {told['segment']}"
        if title in titles:
            found[told["question"]] = {"panel": title, "read": told["read"] if yes else "week"}
    return found
