"""What a case says in words: catalogue, register, questions, the model's documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .concepts import BY_NAME, CONCEPTS, DAY, KINDS, Kind
from .world import MIXED, Collected, World

HOW = {
    "prompt": (
        "counted at the source, every six hours",
        "from the full log, at each run",
        "all of it, as it happens",
    ),
    "slow": (
        "from the full log, as a mean of four days, {days} days later",
        "all of it, over four days, in the finance load {days} days later",
        "counted at the source; a four-day average, delivered after {days} days",
    ),
    "thin": (
        "from the log, every six hours, one in four hundred",
        "as it happens, of a panel of a few hundred",
        "counted at each run, in a small sample",
    ),
    "fooled": (
        "from the full log of the accounts of the campaign desk, every six hours",
        "all who came through an advertisement, as it happens",
        "counted at the source, of staff and trial accounts",
    ),
}
IMMATURE = (
    "every outcome known by then, from the full log",
    "all scored so far, who has not cancelled counting as staying",
    "counted at each run, with the cancellations there are",
)
PROBES = (
    "all probes sent from the campaign site, every six hours",
    "from the full log of the load tests of marketing",
    "counted at the source, of the trial endpoint",
)
MATURE = (
    "of every outcome known by then, as it happens",
    "of all scored so far, whoever has not cancelled counts as staying",
    "at each run, with the cancellations there are",
)
PROBES = (
    "of probes sent from the campaign site",
    "of a load test that marketing runs",
    "of the trial endpoint, every six hours",
)
MATURE = ", once seven days are over"


def catalogue(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """The sixty metrics as the teams describe them; a few descriptions belong to a neighbour."""
    said = {m.name: _how(m, rng) for m in world.collected}
    mixed = rng.permutation(len(CONCEPTS))[: MIXED[world.level]]
    for place in mixed:
        own = world.by_concept[CONCEPTS[place].name]
        wanted = str(rng.choice(["slow", "thin"]))
        prompt = next(m for m in own if m.kind == "prompt")
        other = next((m for m in own if m.kind == wanted), None)
        if other is not None and world.retired not in (prompt.collector, other.collector):
            said[prompt.name], said[other.name] = said[other.name], said[prompt.name]
    return pd.DataFrame(
        [
            {
                "metric": m.name,
                "unit": m.concept.unit,
                "what": m.concept.text,
                "collected": said[m.name],
                "by_segment": m.concept.segmented,
            }
            for m in world.collected
        ]
    )


def _how(metric: Collected, rng: np.random.Generator) -> str:
    kind = metric.kind.split()[0]
    options: Sequence[str] = HOW[kind]
    if kind == "fooled" and metric.concept.late:
        return str(rng.choice(IMMATURE))
    if kind == "fooled" and not metric.concept.segmented:
        return str(rng.choice(PROBES))
    words = str(rng.choice(options)).format(days=metric.way.late // DAY)
    return words + (MATURE if metric.concept.late else "")


def register(world: World, prices: dict[str, int]) -> pd.DataFrame:
    """What has happened in two years, with what it cost."""
    return pd.DataFrame(
        [
            {
                "kind": kind.id,
                "what_happened": kind.text.format(segment=world.hit),
                "lasts_days": f"{kind.days[0]} to {kind.days[1]}",
                "notice_within_hours": 6 * kind.in_time,
                "euro_a_day": prices[kind.id],
                **({"shows_in": _shows_in(kind)} if world.level == "junior" else {}),
            }
            for kind in KINDS
        ]
    )


def _shows_in(kind: Kind) -> str:
    """The quantities that a kind moves, for juniors."""
    return ", ".join(f"{name} {'up' if size > 0 else 'down'}" for name, size in kind.moves.items())


@dataclass(frozen=True)
class Question:
    """A question, and what answers it."""

    who: str
    text: str
    concept: str
    segment: str
    read: str


PRODUCT, FINANCE, OPERATIONS = "head of retention", "finance partner", "platform lead"
WORDS = {
    "latency_p95": (OPERATIONS, "How long do the slowest answers take"),
    "feature_age": (OPERATIONS, "How old is what the scores are made of"),
    "missing_share": (OPERATIONS, "How much of what the model should be told is not there"),
    "offers_share": (PRODUCT, "How many of our customers do we make an offer"),
    "score_mean": (PRODUCT, "How likely to leave does the model think our customers are"),
    "complaints": (PRODUCT, "How much do people complain about what we offer"),
    "saved_revenue": (FINANCE, "How much revenue stays because an offer was taken"),
    "offer_recall": (PRODUCT, "Of those who left, how many had we made an offer"),
    "calibration_gap": (FINANCE, "How many more left than the model had said"),
    "auc": (OPERATIONS, "How well are leavers ranked before stayers"),
}
CORE = ("latency_p95", "offers_share", "saved_revenue", "feature_age", "score_mean", "complaints",
        "missing_share")  # fmt: skip
BY_SEGMENT = ("offer_recall", "auc", "saved_revenue", "score_mean")
WHEN = {
    "today": "over the last day",
    "week": "over the last seven days",
    "change": "in the last seven days, against the seven before",
}


def questions(world: World, rng: np.random.Generator) -> list[Question]:
    """Twelve questions about eight numbers; four are asked of two times."""
    core = [(CORE[i], "all") for i in rng.permutation(len(CORE))[:5]]
    parts = [
        (BY_SEGMENT[i], str(rng.choice(list(world.segments))))
        for i in rng.permutation(len(BY_SEGMENT))[:2]
    ]
    asked = [*core, *parts, ("calibration_gap", world.hit)]
    twice = set(rng.permutation(len(asked))[:4].tolist())
    found = []
    for place, (concept, segment) in enumerate(asked):
        reads = [str(r) for r in rng.permutation(list(WHEN))[: 2 if place in twice else 1]]
        who, words = WORDS[concept]
        where = "" if segment == "all" else f" among customers of {segment}"
        found += [
            Question(who, f"{words}{where}, {WHEN[read]}?", concept, segment, read)
            for read in reads
        ]
    return [found[i] for i in rng.permutation(len(found))]


def documentation(world: World, limits: dict[str, int], prices: dict[str, float]) -> str:
    """The model's documentation."""
    hit = world.segments
    shares = ", ".join(f"{name} {100 * hit[name]:.0f} %" for name in sorted(hit))
    retired = (
        f"\n**From next month on the collector `{world.retired}` is switched off.** Its metrics "
        "end.\n"
        if world.retired
        else ""
    )
    return f"""# The churn model

**Purpose.** Every customer of a telephone company is scored four times a day, and on request: how
likely is it that they cancel within seven days? Who scores above the threshold is made an offer.

**Way of the data.** Feeds (usage, bills, contracts) → feature job → features → scoring service
(gateway, cache, model) → threshold → offers, delivered by the campaign system. Outcomes: a
cancellation is known at once; that somebody stayed is known after seven days.

**Segments.** {shares} of the customers.

**Metrics.** Four collectors report fifteen quantities each (`catalogue.csv`), every six hours. The
descriptions are the collecting teams' own; nobody has checked all of them. Day and week have their
rhythm. Twice a month there is a campaign of two days: more requests, other customers, no harm.
{retired}
**What happens** stands in `register.csv`: each kind came about as often as any other.

**Limits.** {limits["panels"]} panels, {limits["first_screen"]} of them on the first screen;
{limits["pages_a_week"]} pages a week. A page without an incident costs {prices["page"]:g} €, a
ticket {prices["ticket"]:g} €. A page is looked at once, a ticket after two days.
"""


def unit_of(concept: str) -> str:
    """The unit of a concept."""
    return BY_NAME[concept].unit
