"""The six alerts of the response plan: evidence from drawn windows, and what each action costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .faults import Fault, happened, mechanism, seen
from .streams import Plan, taken
from .toolkit.model import Model
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


def situations(rng: np.random.Generator) -> list[Situation]:
    """The six, in random order."""
    column, factor, usual = "departure_min", 1 / 60, "minutes"
    found = [
        Situation(
            Fault("unit", "clear", "unit", "inbound_delay_min", 60),
            True,
            9,
            1,
            "inbound_delay_min: its median is 60 times the usual since our parser's release "
            "this morning; outcomes as usual against the corrected values.",
            "repair",
        ),
        Situation(
            Fault("recoding", "clear", "unit", column, factor),
            True,
            9,
            1,
            f"{column}: every value changed by one factor and is not in {usual} any more, "
            "since our own mapping table was edited; other inputs flat.",
            "repair",
        ),
        Situation(
            Fault("missing", "clear", "default", "inbound_delay_min", 0.0),
            False,
            1.2,
            1,
            "inbound_delay_min is 0 in every row: the provider's service is down; "
            "the provider expects to be back in eight to nine days, we cannot mend it.",
            "fall_back",
        ),
        Situation(
            Fault("concept", "clear", "shift", "late", 0.55),
            False,
            9,
            1,
            "Inputs are flat against reference. For four windows in a row far more flights "
            "were late than predicted, in all segments; a rule of the airports changed.",
            "retrain",
        ),
        Situation(
            None,
            False,
            9,
            1,
            "temp_c and humidity_pct: PSI 0.9 and 0.4 against the pooled reference. Single "
            "reference windows of the season reach that too; outcomes as predicted.",
            "ignore",
        ),
        Situation(
            Fault("concept", "subtle", "shift", "late", 0.9),
            False,
            9,
            0.12,
            "Outcomes of one window are 2.1 standard deviations above the prediction; no "
            "input moved; one reference window in twenty is that far out.",
            "watch",
        ),
    ]
    return [found[i] for i in rng.permutation(len(found))]


def excess(fault: Fault | None, model: Model, names: dict, rng: np.random.Generator) -> float:
    """Excess expected log-loss of the model's scores under the fault, per row."""
    days = (20, 110, 200, 290)
    total = 0.0
    for day in days:
        rows = taken(day, 800, Plan(day), None, rng)
        real = happened(fault, rows)
        chance = mechanism(fault).late_probability(real)
        usual = _loss(USUAL.late_probability(rows), model.score(renamed(rows, names)))
        total += _loss(chance, model.score(renamed(seen(fault, real, rng), names))) - usual
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
    model: Model, names: dict, costs: dict[str, float], rng: np.random.Generator
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What the candidate sees of the six alerts, and the cost of each action for each."""
    shown, truth = [], {}
    for letter, s in zip("ABCDEF", situations(rng), strict=True):
        damage = costs["bad_week"] * min(2.0, excess(s.fault, model, names, rng) / BAD)
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
    return float(min(1.0, max(0.0, (constant - spent) / (constant - oracle))))
