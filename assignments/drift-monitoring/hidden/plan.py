"""The six alerts of the response plan: evidence from drawn windows, and what each action costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from worksample.kit.scoring import credit

from ..toolkit.model import Model
from .faults import Fault, happened, hides, mechanism, seen
from .streams import Plan, taken
from .world import USUAL, renamed

ACTIONS = ("ignore", "watch", "fall_back", "repair", "retrain")
HORIZON = 4.0  # weeks that the simulation runs on
BAD = 0.05  # excess log-loss of a full bad week


@dataclass(frozen=True)
class Situation:
    """What is really the matter behind an alert.

    Attributes:
        fault: None where nothing is.
        ours: whether the cause lies in code of ours that can be repaired at once.
        heals: weeks until it ends by itself; 4 or more: it does not.
        chance: probability that it is real, given the evidence shown.
        words: what the alert says, in plain words.
        best: the action that the author means; the simulation has the last word.
    """

    fault: Fault | None
    ours: bool
    heals: float
    chance: float
    words: str
    best: str


def _ours() -> list[Situation]:
    """Causes in code of our own: repaired at once."""
    found = (
        (
            Fault("unit", "clear", "unit", "inbound_delay_min", 60),
            "inbound_delay_min: its median is 60 times the usual one since this morning's release "
            "of our own parser; the outcomes agree with the corrected values.",
        ),
        (
            Fault("unit", "clear", "unit", "departure_min", 1 / 60),
            "departure_min: every value changed by the same factor and minutes they are not any "
            "more, since our own mapping table was edited; the other inputs are flat.",
        ),
        (
            Fault("missing", "clear", "gap", "inbound_delay_min"),
            "inbound_delay_min is missing in every row since our own join was rewritten; in the "
            "source the values are there.",
        ),
        (
            Fault("missing", "clear", "default", "inbound_delay_min", 120.0),
            "inbound_delay_min is 120 in every row since the upgrade of our own client library; "
            "the source sends what it always sent.",
        ),
    )
    return [Situation(fault, True, 9, 1, words, "repair") for fault, words in found]


def _theirs() -> list[Situation]:
    """Outages at a provider's: wait on the fallback."""
    found = (
        (
            Fault("missing", "clear", "default", "inbound_delay_min", 0.0),
            "inbound_delay_min is 0 in every row: the provider's service is down. We cannot mend "
            "it; the provider expects to be back in eight to nine days.",
        ),
        (
            Fault("missing", "clear", "default", "inbound_delay_min", 180.0),
            "inbound_delay_min stands still at 180 in every row: the provider moves to another "
            "data centre, which we cannot mend; it says that takes eight to nine days.",
        ),
        (
            Fault("unit", "clear", "unit", "inbound_delay_min", 60),
            "inbound_delay_min arrives in seconds or worse, rows at random, from a provider whose "
            "faulty release is rolled back in eight to nine days. We cannot mend the values, "
            "nobody knows which row is in what.",
        ),
    )
    return [Situation(fault, False, 1.2, 1, words, "fall_back") for fault, words in found]


def _world() -> list[Situation]:
    """The world has changed for good: only a retraining helps."""
    found = (
        (
            Fault("concept", "clear", "shift", "late", 0.6),
            "The inputs are flat against the reference. For four windows in a row far more "
            "flights were late than predicted, in all segments: a rule of the airports changed.",
        ),
        (
            Fault("concept", "clear", "shift", "late", -0.7),
            "The inputs are flat against the reference. For five windows in a row far fewer "
            "flights were late than predicted, everywhere: timetables now hold more reserve.",
        ),
    )
    return [Situation(fault, False, 9, 1, words, "retrain") for fault, words in found]


def _nothing() -> list[Situation]:
    """Natural movement: an alarm that costs what it costs."""
    found = (
        "temp_c and humidity_pct: PSI 0.9 and 0.4 against the pooled reference. Single reference "
        "windows of this season reach that too; outcomes are as predicted.",
        "Half the usual number of rows, as on every holiday weekend. PSI of carrier is 0.15; the "
        "reference's quiet windows reach that too; outcomes are as predicted.",
        "wind_kmh and visibility_km: a storm, PSI 1.1 and 0.6 against the pooled reference. Stormy "
        "reference windows reach that too, and in the storm outcomes are as predicted.",
    )
    return [Situation(None, False, 9, 1, words, "ignore") for words in found]


def _unclear() -> list[Situation]:
    """Most likely chance, but not surely."""
    found = (
        (
            0.9,
            "Outcomes of one window are 2.1 standard deviations above the prediction. No input "
            "moved; one reference window in twenty is that far out.",
        ),
        (
            -1.0,
            "In the last window fewer flights were late than predicted, by 2 standard deviations. "
            "Inputs and predictions are flat; that happens in one window of twenty.",
        ),
    )
    return [
        Situation(Fault("concept", "subtle", "shift", "late", by), False, 9, 0.12, words, "watch")
        for by, words in found
    ]


def situations(rng: np.random.Generator) -> list[Situation]:
    """Six alerts in random order: two of our own making, one of each other kind."""
    found = []
    for options, count in ((_ours, 2), (_theirs, 1), (_world, 1), (_nothing, 1), (_unclear, 1)):
        each = options()
        found += [each[i] for i in rng.permutation(len(each))[:count]]
    return [found[i] for i in rng.permutation(len(found))]


def excess(
    fault: Fault | None, model: Model, names: dict, year: int, rng: np.random.Generator
) -> float:
    """Excess expected log-loss of the model's scores under the fault, per row."""
    days = (20, 110, 200, 290)
    total = 0.0
    for day in days:
        rows = taken(day, 800, Plan(day, year=year), None, rng)
        real = happened(fault, rows)
        chance = mechanism(fault).late_probability(real)
        usual = _loss(USUAL.late_probability(rows), model.score(renamed(rows, names)))
        shown = seen(fault, real, rng.random(len(real))) if fault and hides(fault) else real
        total += _loss(chance, model.score(renamed(shown, names))) - usual
    return max(0.0, total / len(days)) if fault is not None else 0.0


def _loss(chance: np.ndarray, score: np.ndarray) -> float:
    """Expected log-loss beyond that of the true probabilities."""
    clipped = np.clip(score, 1e-6, 1 - 1e-6)
    return float(
        np.mean(
            chance * np.log(chance / clipped) + (1 - chance) * np.log((1 - chance) / (1 - clipped))
        )
    )


def simulated(s: Situation, damage: float, costs: dict[str, float]) -> dict[str, float]:
    """Action -> expected cost over the horizon; ``damage`` is the cost of a week unattended."""
    lasts = min(s.heals, HORIZON)
    concept = s.fault is not None and s.fault.kind == "concept"
    cure = min(
        costs["retraining"] + damage if concept else np.inf,
        costs["repair"] + 0.3 * damage if s.ours else np.inf,
        damage * lasts,
        costs["fallback_week"] * lasts,
    )
    broken = s.fault is not None
    return {
        "ignore": s.chance * damage * lasts,
        "watch": costs["watch"] + s.chance * (0.3 * damage + cure if broken else 0.0),
        "fall_back": costs["fallback_week"] * (lasts if broken and s.chance == 1 else 1.0),
        "repair": costs["repair"] + s.chance * (0.3 if s.ours else lasts) * damage,
        # a model retrained on wrong inputs is wrong again when the inputs are mended
        "retrain": costs["retraining"] + s.chance * damage * (1.0 if concept else 2.0),
    }


def drawn(
    model: Model, names: dict, costs: dict[str, float], year: int, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What the candidate sees of the six alerts, and the cost of each action for each."""
    shown, truth = [], {}
    for letter, s in zip("ABCDEF", situations(rng), strict=True):
        damage = costs["bad_week"] * min(2.0, excess(s.fault, model, names, year, rng) / BAD)
        table = {a: round(float(c), 1) for a, c in simulated(s, damage, costs).items()}
        shown.append({"alert": letter, "evidence": s.words})
        truth[letter] = {
            "costs": table,
            "best": min(table, key=table.__getitem__),
            "meant": s.best,
            "damage_a_week": round(damage, 1),
        }
    return shown, truth


def share(plan: dict[str, str], truth: dict[str, Any]) -> float:
    """Share of the way from the best single action for all six to the best for each, 0 to 1."""
    tables = [truth[letter]["costs"] for letter in sorted(truth)]
    oracle = sum(min(t.values()) for t in tables)
    constant = min(sum(t[action] for t in tables) for action in ACTIONS)
    spent = sum(
        truth[letter]["costs"].get(plan.get(letter, ""), max(truth[letter]["costs"].values()))
        for letter in truth
    )
    return float(credit(spent, constant, oracle))
