"""The truth card: what graders read of a case."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .concepts import CONCEPTS, DAY
from .world import Stretch, World

MEANS = {
    "prompt": "says it first",
    "prompt too": "says it first too",
    "slow": "late",
    "thin": "too small a sample",
    "fooled": "deceives",
}


def truth_card(
    world: World, past: Stretch, asked: list[Any], truth: dict[str, Any], catalogue: pd.DataFrame
) -> str:
    """Collectors, hidden incidents, answers, and what is so in the history."""
    lines = ["# Truth card", "", *_collectors(world), "", *_incidents(truth), ""]
    lines += [*_answers(asked, truth), "", *_freeze(world, past)]
    return "\n".join(lines) + "\n"


def _collectors(world: World) -> list[str]:
    names = sorted({m.collector for m in world.collected})
    lines = ["## Who says what how", ""]
    if world.retired:
        lines += [f"`{world.retired}` is switched off before the hidden days.", ""]
    lines += [f"| quantity | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for concept in CONCEPTS:
        by = {m.collector: MEANS[m.kind] for m in world.by_concept[concept.name]}
        lines.append(f"| {concept.name} | {' | '.join(by[n] for n in names)} |")
    return lines


def _incidents(truth: dict[str, Any]) -> list[str]:
    lines = [
        "## Hidden incidents",
        "",
        "| episode | kind | days | notice within | cost |",
        "|---|---|---|---|---|",
    ]
    for number, each in enumerate(truth["episodes"]):
        if each["kind"]:
            days = (each["over"] - each["onset"]) / DAY
            lines.append(
                f"| {number} | {each['kind']} | {days:.1f} | {6 * each['in_time']} h "
                f"| {each['cost']:.0f} € |"
            )
    return [*lines, "", "Episodes not listed are calm; in every second one there is a campaign."]


def _answers(asked: list[Any], truth: dict[str, Any]) -> list[str]:
    lines = ["## Questions", "", "| | asks | quantity | segment | read |", "|---|---|---|---|---|"]
    for question, told in zip(asked, truth["answers"], strict=True):
        lines.append(
            f"| {told['question']} | {question.text} | {told['concept']} | {told['segment']} "
            f"| {told['read']} |"
        )
    return lines


def _freeze(world: World, past: Stretch) -> list[str]:
    """What the mock-up in the notebook shows, for who discusses it."""
    lines = ["## What is so in the history", ""]
    for name, each in zip(("first", "second"), past.incidents, strict=True):
        moved = ", ".join(
            f"{concept} {'up' if size > 0 else 'down'}" for concept, size in each.kind.moves.items()
        )
        lines += [
            f"- **The {name} incident** of the history, days {each.onset // DAY + 1} to "
            f"{each.over // DAY + 1}: {each.kind.id}. {each.kind.text} It moved {moved}. Outcomes "
            "show it seven days later."
        ]
    days = " and ".join(str(at // DAY + 1) for at in past.campaigns)
    lines += [
        f"- **Campaigns** began on days {days}. They did no harm.",
        "- **Now**, on the last day, nothing is wrong.",
        f"- The segment that is hit alone is **{world.hit}**, the smallest.",
    ]
    return lines
