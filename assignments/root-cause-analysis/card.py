"""The truth card of a case: for graders and for whoever plays the teammate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from .toolkit.hypotheses import REMEDIES, TITLE

if TYPE_CHECKING:
    from .scenario import Drawn


def truth_card(
    drawn: Drawn, truth: dict[str, Any], entries: dict[str, str], changes: pd.DataFrame
) -> str:
    """The card, in markdown. Private."""
    parts = [f"# Truth card ({drawn.level})", "", f"Onset: **{truth['onset_at']}**.", ""]
    for cause, facts in zip(drawn.causes, truth["causes"], strict=True):
        story = cause.story()
        parts += [
            f"## {TITLE[cause.id]} (`{cause.id}`, {facts['share']:.0%} of the loss)",
            "",
            story["what"],
            "",
            f"**Evidence.** {story['evidence']}",
            "",
            f"**What separates it.** {story['separates']}",
            "",
            f"**Remedy.** {REMEDIES[cause.remedy_type]} (`{cause.remedy_type}`).",
            "",
        ]
    return "\n".join(parts)
