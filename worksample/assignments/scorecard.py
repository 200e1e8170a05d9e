"""The scorecards: which dimensions each stage rates, and the outcomes on all of them.

The names are those of the interview guide's scorecards and stay exact. A dimension is keyed by
its stage, because "Communication Skills" stands on three scorecards.
"""

from __future__ import annotations

from dataclasses import dataclass

STAGES: dict[str, tuple[str, ...]] = {
    "work sample": (
        "Data Understanding & Preprocessing",
        "ML Approach & Implementation",
        "Evaluation & Validation",
        "Code Quality & Organization",
        "Documentation & Communication",
    ),
    "screening": (
        "Technical Knowledge",
        "Practical ML Experience",
        "Problem-Solving Ability",
        "Communication Skills",
        "Deployment & Production Experience",
    ),
    "technical interview": (
        "Machine Learning Fundamentals",
        "Algorithm Knowledge & Selection",
        "Model Evaluation & Optimization",
        "Deep Learning Knowledge",
        "ML Systems & Production",
    ),
    "applied ML interview": (
        "ML System Design",
        "Practical Problem-Solving",
        "Model Deployment & Operations",
        "Performance Optimization",
        "Data Engineering for ML",
    ),
    "team and culture": (
        "Teamwork & Collaboration",
        "Communication Skills",
        "Adaptability & Learning",
        "Conflict Resolution",
        "Cultural Alignment",
    ),
    "reference check": (
        "Technical Expertise",
        "Collaboration & Teamwork",
        "Problem-Solving & Adaptability",
        "Communication Skills",
    ),
}

OUTCOMES: tuple[str, ...] = (
    "Successfully deploy ML models to production",
    "Reduce model training time and/or inference latency",
    "Implement robust monitoring systems",
    "Contribute to technical documentation",
    "Collaborate with cross-functional teams",
)

#: how feedback was taken up: rated on every revision, from the difference between the two
#: attempts and not from the gain in points, for the weakest gain most by chance
RECEPTIVENESS = "receptiveness"
RECEPTIVENESS_DIMENSION = "Receptiveness to feedback"
RECEPTIVENESS_ANCHORS: dict[int, str] = {
    1: "The feedback was passed over, or the work was broken without a word about it.",
    2: "What changed is cosmetic: other words, other names, the same result for the same reason.",
    3: "The cause of what the feedback named is mended, and nothing else was broken by it.",
    4: "Mended, and shown to be mended by a test or carried over to where else it holds; or the "
    "feedback is contradicted, with evidence.",
}

RATINGS: tuple[int, ...] = (1, 2, 3, 4)
"""The scale of a rating; "not enough information" is no rating but its absence (None)."""


@dataclass(frozen=True)
class Dimension:
    """One line of one stage's scorecard."""

    stage: str
    name: str


def key(stage: str, name: str) -> str:
    """A line's name, as a profile has it; with its stage where not one scorecard alone has it."""
    of = sum(name in names for names in STAGES.values())
    return name if of == 1 else f"{stage}: {name}"


def dimension(text: str) -> Dimension:
    """The dimension that ``text`` names: ``"name"``, or ``"stage: name"`` where it is ambiguous.

    Raises:
        LookupError: no scorecard has it, or several do; the message lists what there is.
    """
    stage, _, name = text.rpartition(": ")
    found = [
        Dimension(each, name)
        for each, names in STAGES.items()
        if name in names and stage in ("", each)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        choices = ", ".join(f'"{one.stage}: {one.name}"' for one in found)
        raise LookupError(f'"{text}" stands on several scorecards; name the stage: {choices}')
    known = sorted({name for names in STAGES.values() for name in names})
    raise LookupError(f'no scorecard has a dimension "{text}"; there are: {", ".join(known)}')
