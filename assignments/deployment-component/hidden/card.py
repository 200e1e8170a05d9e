"""The truth card: what graders read beside a submission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .changes import Change


def text(truth: Mapping[str, Any], changes: Sequence[Change], level: str) -> str:
    """As markdown."""
    figures = truth["figures"]
    better = "higher" if truth["sign"] > 0 else "lower"
    lines = [
        f"# Truth card: deployment component, {level}",
        "",
        f"**Measure** {truth['metric']} (the {better}, the better), "
        f"noise of a retrain {truth['noise']:.5f} (of twelve). The deployed "
        f"model: {figures['deployed']:.5f}, the equal one {figures['equal']:.5f}, the worse "
        f"one {figures['worse']:.5f}, the better one {figures['better']:.5f}.",
        "",
        f"**Branch with a floor** {truth['segment']}: {truth['floor']}.",
        "",
    ]
    if truth["stale_card"]:
        lines += [
            "**The deployed card** was measured on another holdout, as it says: the deployed model "
            "has to be measured anew.",
            "",
        ]
    for bad, words in ((False, "To be released"), (True, "To be stopped")):
        kinds = ", ".join(each.kind for each in changes if each.bad == bad)
        lines += [f"**{words}:** {kinds}.", ""]
    return "\n".join(lines)
