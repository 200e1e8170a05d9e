"""The causes that a case can have, and which two go together at the senior level."""

from __future__ import annotations

from ..toolkit import hypotheses
from .causes_input import (
    DefaultOnFailedFetch,
    RecodedCategory,
    SegmentNulls,
    StaleFeature,
    SwappedCodes,
    UnitChange,
)
from .causes_measurement import CensoredLabels, DuplicatedEvents, LabelJoin, PartialBatch
from .causes_release import (
    FallbackAtTimeout,
    OldVersionOnPartOfFleet,
    RetrainedOnBadData,
    TransformSkew,
    WrongModel,
    WrongThreshold,
)
from .causes_world import ConceptChange, MixShift
from .planting import Cause

ALL: tuple[type[Cause], ...] = (
    UnitChange,
    WrongModel,
    DefaultOnFailedFetch,
    DuplicatedEvents,
    SegmentNulls,
    WrongThreshold,
    RecodedCategory,
    LabelJoin,
    ConceptChange,
    TransformSkew,
    StaleFeature,
    CensoredLabels,
    RetrainedOnBadData,
    SwappedCodes,
    MixShift,
    FallbackAtTimeout,
    PartialBatch,
    OldVersionOnPartOfFleet,
)
BY_ID = {cause.id: cause for cause in ALL}
J = tuple(c for c in ALL if c.id in hypotheses.JUNIOR)
S = tuple(c for c in ALL if c.id not in hypotheses.JUNIOR)


def chosen(seed: int, level: str, turn: int = 0) -> tuple[type[Cause], ...]:
    """The causes of a seed; neighbouring seeds of an opening go through all of its tier.

    Where they cannot be proved together, the next ``turn`` has the main cause with its other
    partner, and then the next main cause.

    The upper 32 bits are the opening's: even, the simpler causes; odd, the others. At junior level
    there are only the simpler ones.
    """
    opening, candidate = seed >> 32, seed & 0xFFFFFFFF
    tier = S if opening % 2 and level != "junior" else J
    # n + n // 2 also goes through all of a tier where every second seed is taken
    place = candidate + candidate // 2
    mains = [tier[(place + step) % len(tier)] for step in range(turn + 1)]
    if level != "senior":
        return (mains[turn],)
    pairs = []
    for main in mains:
        partners = PARTNERS[main.id]
        first = candidate // 16
        turned = [partners[(first + step) % len(partners)] for step in range(len(partners))]
        pairs += [(main, BY_ID[name]) for name in turned]
    return pairs[turn]


# A cause and a measurement artefact, or two faults in different parts; the first is the main one.
PARTNERS = {
    "unit_change": ("duplicated_events", "old_version_on_part_of_fleet"),
    "wrong_model": ("label_join", "duplicated_events"),
    "default_on_failed_fetch": ("label_join", "old_version_on_part_of_fleet"),
    "duplicated_events": ("unit_change", "recoded_category"),
    "segment_nulls": ("duplicated_events", "label_join"),
    "wrong_threshold": ("fallback_at_timeout", "default_on_failed_fetch"),
    "recoded_category": ("duplicated_events", "fallback_at_timeout"),
    "label_join": ("swapped_codes", "default_on_failed_fetch"),
    # not duplicated events: they spoil what a model that is fitted again learns from
    "concept_change": ("partial_batch",),
    "transform_skew": ("partial_batch", "unit_change"),
    "stale_feature": ("label_join", "duplicated_events"),
    "censored_labels": ("default_on_failed_fetch",),
    "retrained_on_bad_data": ("duplicated_events", "label_join"),
    "swapped_codes": ("old_version_on_part_of_fleet", "duplicated_events"),
    "mix_shift": ("recoded_category", "fallback_at_timeout"),
    "fallback_at_timeout": ("swapped_codes", "label_join"),
    "partial_batch": ("swapped_codes", "old_version_on_part_of_fleet"),
    "old_version_on_part_of_fleet": ("stale_feature", "label_join"),
}
