"""The truth card: what graders and the teammate know of a case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from worksample.workbook.design.reading import as_yaml

from .ahead import Ahead


def truth_card(ahead: Ahead, truth: dict[str, Any]) -> str:
    """A page in Markdown."""
    template = (Path(__file__).parent / "card.md").read_text("utf-8")
    best, naive = truth["reference"], truth["naive"]
    return template.format(
        binds=" and ".join(ahead.binds),
        changed=ahead.changed,
        change=_listed(ahead.change),
        needs=_listed({**ahead.needs, "budget": truth["facts"]["needs"]["budget"]}),
        growth=f"{ahead.growth:g}",
        low=f"{ahead.forecast[0]:g}",
        high=f"{ahead.forecast[1]:g}",
        happens=_lines(
            f"{e.kind}: hour {e.at}, hours {e.hours:g}, size {e.size:g} {e.what}".rstrip()
            for e in ahead.happens
        ),
        looked_at=truth["looked_at"],
        rows="\n".join(f"| {name} | {best[name]:,.0f} | {naive[name]:,.0f} |" for name in best),
        design=as_yaml(truth["reference_design"]),
    )


def _listed(numbers: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in numbers.items())


def _lines(told: Iterable[str]) -> str:
    return "\n".join(f"- {each}" for each in told)
