"""The truth card: what graders read beside a submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .world import day_of

SLOTS = {
    "data": "Data",
    "training": "Training configuration",
    "deployment": "Deployment",
    "silent": "Silent: ruins the model and fails nothing",
}


def text(
    plot: Mapping[str, Any],
    withdrawn: Sequence[str],
    guard: Sequence[Mapping[str, Any]],
    level: str,
) -> str:
    """As markdown."""
    lines = [f"# Truth card: pipeline troubleshooting, {level}", ""]
    for slot, plant in plot["chosen"].items():
        first = day_of(plot["world"], plot["nights"][slot])
        lines += [
            f"**{SLOTS[slot]}** (`{plant.id}`, {', '.join(plant.files)}; first bad run {first}). "
            f"{plant.cause} {plant.impact} It came with the commit “{plant.subject}”.",
            "",
        ]
    stale = plot["stale"]
    lines += [
        f"**The test that fails** is {'stale: it asks for what was agreed before (' + stale.id + ')' if stale else 'right: it caught the deployment fault'}.",
        "",
        f"**To be withdrawn:** {', '.join(withdrawn)}.",
        "",
        f"**Bad exports among the hidden days:** {', '.join(str(g['kind']) for g in guard if g['bad'])}.",
        "",
        "**Harmless:** the comparison of an index with itself in `validate.py`, files written twice, "
        "changes of limits in the configuration that docs/EXPECTED.md names.",
    ]
    return "\n".join(lines) + "\n"
