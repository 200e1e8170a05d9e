"""What is measured, what may happen, and what that moves. Sizes are in a quantity's noise units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DAY = 4  # steps
FINAL = 7 * DAY  # steps until an outcome is final


@dataclass(frozen=True)
class Concept:
    """A quantity that four collectors measure.

    Attributes:
        level, scale: usual value and noise unit, in ``unit``.
        season: half the distance between the week's least and largest usual value.
        segmented: whether it is collected by segment too.
        campaign: what a harmless campaign moves it by.
        late: steps until it can be known at all.
    """

    name: str
    unit: str
    text: str
    level: float
    scale: float
    season: float
    segmented: bool = True
    campaign: float = 0.0
    late: int = 0


CONCEPTS = (
    Concept(
        "latency_p95", "ms", "95th percentile of the time an answer takes", 180, 9, 4.0, False, 2.0
    ),
    Concept(
        "error_share", "%", "requests that ended in an error or a timeout", 0.9, 0.06, 2.0, False
    ),
    Concept("requests", "per hour", "requests for a score", 4200, 120, 12.0, False, 8.0),
    Concept("feature_age", "h", "hours since the features were made", 6, 0.4, 1.0, False),
    Concept("missing_share", "%", "inputs without a value", 2.6, 0.15, 1.0),
    Concept(
        "input_psi",
        "index",
        "stability index of the inputs against training",
        0.14,
        0.006,
        2.0,
        True,
        12.0,
    ),
    Concept("unseen_share", "%", "inputs with a code that training never had", 1.1, 0.05, 0.5),
    Concept("score_mean", "%", "mean score", 11.0, 0.25, 3.5, True, 1.0),
    Concept("score_spread", "%", "standard deviation of the scores", 9.0, 0.25, 1.0),
    Concept("offers_share", "%", "customers who are made an offer", 8.0, 0.25, 3.0, True, 1.0),
    Concept(
        "auc",
        "index",
        "ranking of customers who cancelled before those who did not",
        0.79,
        0.006,
        0.5,
        late=FINAL,
    ),
    Concept(
        "calibration_gap",
        "%",
        "share that cancelled less the mean score",
        0.0,
        0.3,
        0.5,
        late=FINAL,
    ),
    Concept(
        "offer_recall",
        "%",
        "of those who cancelled, the share who had been made an offer",
        46.0,
        1.1,
        0.5,
        late=FINAL,
    ),
    Concept(
        "saved_revenue",
        "k€ a day",
        "revenue of customers who took an offer and stayed",
        42.0,
        1.6,
        4.0,
        True,
        1.0,
    ),
    Concept(
        "complaints", "per 1000", "complaints about offers, per thousand of them", 3.1, 0.25, 2.0
    ),
)
BY_NAME = {concept.name: concept for concept in CONCEPTS}


@dataclass(frozen=True)
class Kind:
    """Something that may happen.

    Attributes:
        days: least and most that it lasts.
        in_time: steps within which it should be noticed.
        ramp: steps in which it grows.
        moves: concept -> size, once it has grown.
        one_segment: whether it happens to one segment only, which it moves by as much.
    """

    id: str
    text: str
    days: tuple[int, int]
    in_time: int
    moves: Mapping[str, float]
    ramp: int = 0
    one_segment: bool = False


KINDS = (
    Kind(
        "overload",
        "The service cannot keep up: answers are late, and some do not come at all.",
        (2, 3),
        3,
        {"latency_p95": 14, "error_share": 11, "requests": 5},
    ),
    Kind(
        "stale_features",
        "The job that makes the features stops. Scores are made of old ones; no request fails.",
        (3, 5),
        5,
        {"feature_age": 16, "score_spread": -5, "auc": -5, "offer_recall": -4},
    ),
    Kind(
        "lost_feed",
        "One feed of inputs stays empty, and defaults are put in: customers look loyal.",
        (3, 5),
        5,
        {
            "missing_share": 13,
            "score_mean": -9,
            "offers_share": -10,
            "calibration_gap": 6,
            "saved_revenue": -5,
        },
    ),
    Kind(
        "changed_codes",
        "Another team changes its codes. Training never had the new ones: customers look restless.",
        (3, 5),
        5,
        {
            "unseen_share": 13,
            "input_psi": 6,
            "score_mean": 8,
            "offers_share": 9,
            "calibration_gap": -6,
            "complaints": 5,
        },
    ),
    Kind(
        "wrong_model",
        "A release serves a model of an earlier year, whose scores lie wider apart.",
        (3, 5),
        5,
        {"score_spread": 12, "score_mean": 5, "auc": -9, "offer_recall": -7},
    ),
    Kind(
        "frozen_scores",
        "Answers come from a cache that nobody empties: fast, without an error, and much alike.",
        (3, 5),
        5,
        {"latency_p95": -10, "score_spread": -12, "auc": -8, "offer_recall": -6},
    ),
    Kind(
        "wrong_threshold",
        "A configuration lowers the threshold: the same scores, and far too many offers.",
        (3, 5),
        5,
        {"offers_share": 14, "complaints": 9, "saved_revenue": 3, "offer_recall": 6},
    ),
    Kind(
        "lost_offers",
        "Offers are decided on and not delivered. Model and scores are as they should be.",
        (3, 5),
        8,
        {"saved_revenue": -14, "complaints": -5},
    ),
    Kind(
        "changed_market",
        "A competitor's tariff makes customers leave who never did, in all segments.",
        (14, 16),
        48,
        {"calibration_gap": 14, "auc": -9, "offer_recall": -9, "saved_revenue": -4},
        ramp=4,
    ),
    Kind(
        "changed_segment",
        "The same among customers of {segment} only, as twice before; the others stay as they are.",
        (14, 16),
        48,
        {"calibration_gap": 17, "auc": -13, "offer_recall": -13},
        ramp=4,
        one_segment=True,
    ),
)
BY_ID = {kind.id: kind for kind in KINDS}
