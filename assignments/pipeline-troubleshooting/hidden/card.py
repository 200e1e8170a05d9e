"""The truth card: what graders read beside a submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .world import day_of

SLOTS = {
    "data": "Data",
    "training": "Training configuration",
    "deployment": "Deployment",
    "silent": "Silent, in the exports: ruins the model and fails nothing",
}


def text(
    plot: Mapping[str, Any],
    withdrawn: Sequence[str],
    guard: Sequence[Mapping[str, Any]],
    level: str,
) -> str:
    """As markdown."""
    lines = [f"# Truth card: pipeline troubleshooting, {level}", ""]
    world, till = plot["world"], plot["till"]
    for slot, plant in plot["chosen"].items():
        first = day_of(world, plot["nights"][slot])
        lines += [
            f"**{SLOTS[slot]}** (`{plant.id}`, {', '.join(plant.files)}; first bad run {first}). "
            f"{plant.cause} {plant.impact} It came with the commit “{plant.subject}”.",
            "",
        ]
    but = (
        f", but for {' and '.join(day_of(world, n) for n in world.paused)}" if world.paused else ""
    )
    lines += [
        f"**{SLOTS['silent']}** (`{till.id}`; first bad run {day_of(world, world.since)}). "
        f"Appointments since that day{but}, in {' and '.join(world.shops)}. {till.cause} "
        f"{till.impact} No commit brought it. Changes of those evenings are harmless.",
        "",
    ]
    stale = plot["stale"]
    asks = f"stale: it asks for what was agreed before ({stale.id})" if stale else ""
    kinds = ", ".join(str(each["kind"]) for each in guard if each["bad"])
    lines += [
        f"**The test that fails** is {asks or 'right: it caught the deployment fault'}.",
        "",
        f"**To be withdrawn:** {', '.join(withdrawn)}.",
        "",
        f"**Bad exports among the hidden days:** {kinds}.",
        "",
        "**Harmless:** the comparison of an index with itself in `validate.py`, exports with every "
        "row twice, changes of limits in the configuration that docs/EXPECTED.md names.",
    ]
    return "\n".join(lines) + "\n"
