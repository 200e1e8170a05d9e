"""The hypotheses of the decision trace: the same list for every case."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """One possible cause, in the words that the candidate sees."""

    id: str
    title: str
    family: str
    junior: bool = False


FAMILIES = {
    "input-data": "The inputs changed",
    "model-and-release": "The model, its preparation or its threshold changed",
    "infrastructure": "The machines changed",
    "measurement": "Only the measurement changed",
    "world": "The world changed",
    "other": "Something else",
}

HYPOTHESES = (
    Hypothesis("unit_change", "A source reports a column in another unit", "input-data", True),
    Hypothesis(
        "default_on_failed_fetch",
        "Failed look-ups are filled with a default value",
        "input-data",
        True,
    ),
    Hypothesis("segment_nulls", "A client release sends a column empty", "input-data", True),
    Hypothesis(
        "recoded_category",
        "A category has a new code that the model doesn't know",
        "input-data",
        True,
    ),
    Hypothesis("swapped_codes", "Two category codes are interchanged", "input-data"),
    Hypothesis("stale_feature", "A column is out of date or shifted by some hours", "input-data"),
    Hypothesis("partial_batch", "An upstream batch arrives late or in part", "input-data"),
    Hypothesis(
        "wrong_model",
        "Another model file was deployed than the log says",
        "model-and-release",
        True,
    ),
    Hypothesis("wrong_threshold", "The decision threshold is wrong", "model-and-release", True),
    Hypothesis(
        "transform_skew",
        "The service prepares the inputs differently from the files",
        "model-and-release",
    ),
    Hypothesis("retrained_on_bad_data", "The new model learned from bad data", "model-and-release"),
    Hypothesis(
        "old_version_on_part_of_fleet", "Some hosts run an old model version", "infrastructure"
    ),
    Hypothesis("fallback_at_timeout", "Slow requests get the fallback score", "infrastructure"),
    Hypothesis("duplicated_events", "Events are counted more than once", "measurement", True),
    Hypothesis("label_join", "Outcomes are joined to the wrong predictions", "measurement", True),
    Hypothesis(
        "censored_labels", "Outcomes are only collected where the model acted", "measurement"
    ),
    Hypothesis("concept_change", "In one segment, trips are late for other reasons", "world"),
    Hypothesis("mix_shift", "The mix of trips changed, no segment got worse", "world"),
    Hypothesis("something_else", "Something else", "other"),
)

IDS = tuple(h.id for h in HYPOTHESES)
FAMILY = {h.id: h.family for h in HYPOTHESES}
TITLE = {h.id: h.title for h in HYPOTHESES}
JUNIOR = tuple(h.id for h in HYPOTHESES if h.junior)

REMEDIES = {
    "repair_input": "Repair the input at its source or before the model",
    "roll_back": "Roll back to the version before",
    "replay_with_right_version": "Bring every request to the right version and score again",
    "retrain": "Retrain on data from after the change",
    "correct_threshold": "Correct the decision threshold",
    "mend_measurement": "Mend the measurement and leave the model alone",
    "wait": "Wait: it heals by itself; mark the figures as provisional",
}
