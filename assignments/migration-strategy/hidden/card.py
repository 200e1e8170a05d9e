"""The truth card: what graders and the contact person know of a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def truth_card(truth: dict[str, Any]) -> str:
    """A page in Markdown."""
    template = (Path(__file__).parent / "card.md").read_text("utf-8")
    hidden, state = truth["hidden"], truth["state"]
    work = truth["reference"]["work"]
    measures = truth["firm"]["measures"]
    return template.format(
        **hidden,
        main=truth["main"],
        lead=f"{state['lead_days']:.1f}",
        failed=f"{state['failed']:.1%}",
        hours=f"{state['restore_hours']:.1f}",
        monthly=f"{state['per_month']:.1f}",
        shares=", ".join(f"{name} {share:.0%}" for name, share in state["shares"].items()),
        stakes=", ".join(f"{name} {cost:.1f}" for name, cost in truth["stakes"].items()),
        over=", ".join(f"{name} {factor:g}" for name, factor in hidden["overrun"].items()),
        coached=hidden["adoption"][0],
        alone=hidden["adoption"][1],
        risks="\n".join(
            f"| {name} | {chance:.0%} | {'yes' if hidden['useful'][name] else 'no'} "
            f"| {measures[name]['cost']:g} |"
            for name, chance in hidden["chances"].items()
        ),
        value=f"{truth['reference']['value']:.0f}",
        draft=f"{truth['draft_value']:.0f}",
        looked_at=truth["reference"]["looked_at"],
        passed=f"{truth['passed']:.0%}",
        order="\n".join(
            f"{place}. {row['id']} ({' and '.join(row['owners'])}{', coached' * row['coached']})"
            for place, row in enumerate(work, 1)
        ),
    )
