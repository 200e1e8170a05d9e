"""The causes that a case can have, and which two go together at the senior level."""

from __future__ import annotations

from .causes_input import UnitChange
from .causes_measurement import DuplicatedEvents
from .causes_release import WrongThreshold
from .causes_world import ConceptChange
from .planting import Cause
from .toolkit import hypotheses

ALL: tuple[type[Cause], ...] = (UnitChange, WrongThreshold, DuplicatedEvents, ConceptChange)
BY_ID = {cause.id: cause for cause in ALL}
J = tuple(c for c in ALL if c.id in hypotheses.JUNIOR)
S = tuple(c for c in ALL if c.id not in hypotheses.JUNIOR)


def chosen(seed: int, level: str) -> tuple[type[Cause], ...]:
    """The causes of a seed: consecutive seeds of an opening go through all of its tier.

    The upper 32 bits are the opening's: even, the simpler causes; odd, the others. At junior level
    there are only the simpler ones.
    """
    tier = S if (seed >> 32) % 2 and level != "junior" else J
    main = tier[(seed & 0xFFFFFFFF) % len(tier)]
    if level != "senior":
        return (main,)
    partners = [BY_ID[p] for p in PARTNERS[main.id] if p in BY_ID]
    turn = (seed & 0xFFFFFFFF) // len(tier)
    return (main, partners[turn % len(partners)])


PARTNERS = {
    "unit_change": ("duplicated_events", "label_join"),
    "wrong_threshold": ("unit_change",),
    "duplicated_events": ("unit_change",),
    "concept_change": ("duplicated_events",),
}
