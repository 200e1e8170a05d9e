"""A firm: its people, its initiatives with numbers, and what of it is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..toolkit.firm import EVENTS, SKILLS, Firm
from ..toolkit.scheduler import Assumed
from .catalogue import AUDIT, CARRIED, IDEAS, LOUD, MAIN, Idea

NAMES = (
    "Amara", "Bruno", "Chloe", "Daan", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya",
    "Levi", "Mina", "Noor", "Omar", "Petra", "Rosa", "Samir", "Tilda", "Vera",
)  # fmt: skip
PAIRS = (
    ("platform", "operations"), ("platform", "data"), ("data", "ml"), ("data", "compliance"),
    ("ml", "platform"), ("ml", "data"), ("compliance", "ml"), ("operations", "compliance"),
)  # fmt: skip
SPARE = {"junior": 2.6, "standard": 2.4, "senior": 2.2}  # days a sprint and person, on average
AUDIT_AT = {"junior": (20, 22), "standard": (19, 21), "senior": (18, 20)}
OFFICIAL = {
    "leaver": 0.1, "audit": 0.2, "price": 0.3, "owner": 0.1, "vendor": 0.2, "incident": 0.3,
    "freeze": 0.2, "resistance": 0.1,
}  # fmt: skip
"""Probabilities by the firm's register of risks; what became of its sister firms tells others."""
PROMISED = (2.0, 2.0)  # sprints to adopt something, by those who sell it


@dataclass(frozen=True)
class Hidden:
    """What nobody in the firm says.

    Attributes:
        bottleneck: stage of most days.
        loud: what everybody complains about.
        carried: what the main initiative is worth nothing without.
        overrun: skill -> real days over estimated.
        adoption: sprints, with coaching and without.
        chances: event -> probability in a year.
        useful: event -> whether its signal tells it beforehand.
    """

    bottleneck: str
    loud: str
    carried: str
    overrun: dict[str, float]
    adoption: tuple[float, float]
    chances: dict[str, float]
    useful: dict[str, bool]

    @property
    def main(self) -> str:
        """The initiative that would do most for the bottleneck."""
        return MAIN[self.bottleneck]

    def assumed(self, stakes: dict[str, float]) -> Assumed:
        """The truth, as the scheduler takes it."""
        pair = (self.main, self.carried)
        return Assumed(stakes, self.overrun, self.adoption, (pair,), self.chances)


def official(stakes: dict[str, float]) -> Assumed:
    """What the firm's papers say."""
    return Assumed(stakes, dict.fromkeys(SKILLS, 1.0), PROMISED, (), OFFICIAL)


def draw(rng: np.random.Generator, level: str, hidden: Hidden, sizes: dict[str, float]) -> Firm:
    """A firm of its own.

    Args:
        sizes: price -> how much there is of what it is paid for, as a factor on the usual firm: it
            is that much lower, so that firms are alike in money and not in their numbers.
    """
    people = _people(rng, level)
    leaver = next(n for n in rng.permutation(list(people)) if "platform" in people[n]["skills"])
    prices = {
        "day": round(float(rng.uniform(0.10, 0.14)) / sizes["day"], 3),
        "failure": round(float(rng.uniform(5.0, 7.0)) / sizes["failure"], 1),
        "hour": round(float(rng.uniform(0.45, 0.6)) / sizes["hour"], 2),
        "fine": int(rng.integers(50, 70)),
    }
    low, high = AUDIT_AT[level]
    data = {
        "people": people,
        "initiatives": _initiatives(rng, hidden),
        "budget": int(rng.integers(56, 68)),
        "audit": {"sprint": int(rng.integers(low, high + 1)), "wants": list(AUDIT)},
        "prices": prices,
        "leaver": str(leaver),
        "owner_holds": ["standing-access", "request-desk", "data-record", "feature-store"],
        "vendor_brings": [
            "container-platform",
            "more-graphics-cards",
            "live-monitoring",
            "self-service-extracts",
        ],
    }
    return Firm(data)


def draw_hidden(rng: np.random.Generator) -> Hidden:
    """What nobody in the firm will say."""
    over = rng.permutation([1.0, 1.1, 1.2, 1.55, 1.7]) * rng.uniform(0.95, 1.05, 5)
    chances = rng.permutation([0.1, 0.15, 0.2, 0.3, 0.35, 0.45, 0.5, 0.6])
    useful = rng.permutation([True] * 5 + [False] * 3)
    return Hidden(
        str(rng.choice(list(MAIN))),
        str(rng.choice(list(LOUD))),
        str(rng.choice(list(CARRIED))),
        {skill: round(float(x), 2) for skill, x in zip(SKILLS, over, strict=True)},
        (round(float(rng.uniform(2.0, 3.0)), 1), round(float(rng.uniform(8, 11)), 1)),
        {name: float(x) for name, x in zip(EVENTS, chances, strict=True)},
        {name: bool(x) for name, x in zip(EVENTS, useful, strict=True)},
    )


def _people(rng: np.random.Generator, level: str) -> dict[str, Any]:
    names = sorted(str(n) for n in rng.choice(NAMES, len(PAIRS), replace=False))
    shares = rng.permutation(np.linspace(0.6, 1.4, len(PAIRS))) * SPARE[level]
    pairs = [PAIRS[i] for i in rng.permutation(len(PAIRS))]
    return {
        name: {"days": round(float(days) * 2) / 2, "skills": list(pair)}
        for name, days, pair in zip(names, shares, pairs, strict=True)
    }


def _initiatives(rng: np.random.Generator, hidden: Hidden) -> dict[str, Any]:
    wished = LOUD[hidden.loud]
    rows = {}
    for idea in (IDEAS[i] for i in rng.permutation(len(IDEAS))):
        rows[idea.id] = _row(rng, idea) | {
            "votes": int(rng.integers(14, 30) if idea.id in wished else rng.integers(0, 13))
        }
    return rows


def _row(rng: np.random.Generator, idea: Idea) -> dict[str, Any]:
    likely = idea.days * float(rng.uniform(0.85, 1.15))
    cut = idea.cut * float(rng.uniform(0.92, 1.08))
    return {
        "text": idea.text,
        "acts_on": idea.acts_on,
        "cut": [round(cut * 0.85, 2), round(cut * 1.15, 2)],
        "effort": [round(likely * 0.8), round(likely), round(likely * 1.4)],
        "skill": idea.skill,
        "needs": list(idea.needs),
        "price": round(idea.price * float(rng.uniform(0.85, 1.2))),
    }
