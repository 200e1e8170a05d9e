"""The truth card: what graders and the teammate know of a case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from worksample.workbook.design.reading import as_yaml

from .firm import Firm
from .reference import Reference
from .tomorrow import Tomorrow


def truth_card(firm: Firm, ahead: Tomorrow, best: Reference, truth: dict[str, Any]) -> str:
    """A page in Markdown."""
    template = (Path(__file__).parent / "card.md").read_text("utf-8")
    lost = best.losses.items()
    return template.format(
        limits=_lines(f"{name}: {rate:.1f} a second" for name, rate in firm.limits.items()),
        growth=f"{ahead.growth:g}",
        low=f"{ahead.forecast[0]:g}",
        high=f"{ahead.forecast[1]:g}",
        happens=_lines(f"{name}: {told}" for name, told in ahead.happens.items()),
        looked_at=best.looked_at,
        rows="\n".join(f"| {name} | {loss:.1f} |" for name, loss in lost),
        design=as_yaml(best.design),
        restore=f"{truth['restore_gb_hour']:.0f}",
    )


def _lines(told: Iterable[str]) -> str:
    return "\n".join(f"- {each}" for each in told)
