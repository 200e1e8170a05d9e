"""The papers of a case: the history, the dossier of requirements, what is asked for half-way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..toolkit.quarters import WEEKS
from .ahead import RANGES, Ahead
from .firm import Firm

CHANGES = {
    "freshness": "The shop wants answers to follow what people do. From now on features are "
    "at most {freshness_h:.1f} hours old.",
    "erasure": "The second partner's contract was signed after all: {erase_days:.0f} days after "
    "somebody has asked for it nothing of them can be read any more, anywhere.",
    "audit": "The supervisor has changed its mind: questions may now reach "
    "{audit_days:.0f} days back.",
    "backfill": "The feature that comes after forty days is wanted for the last "
    "{backfill_days:.0f} days of rows, and {backfill_h:.0f} hours later.",
}
REST = (
    "All else is as it was: rows, faults, prices, budget. Revise the design as far as it needs it; "
    "what you had before and still need should go on."
)


def history(firm: Firm, ahead: Ahead) -> str:
    """What went wrong, and what is known of next quarter."""
    data, known = firm.facts.data, firm.facts.data["labels"]
    price = next(each for each in ahead.happens if each.kind == "price")
    rows = {
        f"{kind}_{name}": _span(
            kind, name, 100 if kind in ("labels", "code") and name == "size" else 1
        )
        for kind, ranges in RANGES.items()
        for name in ranges
    }
    told = zip(known["days"], known["known"], strict=True)
    shares = ", ".join(f"{share:.0%} after {day:g} days" for day, share in list(told)[1:])
    return _template("history.md").format(
        **rows,
        **{name: f"{value:g}" for name, value in data["people"].items()},
        resource={"compute": "machines of all sorts", "storage": "storage"}[price.what],
        low=f"{ahead.forecast[0]:g}", high=f"{ahead.forecast[1]:g}",
        late=f"{firm.late * 100:.1f}", late_h=f"{firm.late_h:g}",
        answers_known=f"Outcomes are known late: {shares}.",
        worth_hour=f"{data['model']['worth_hour']:g}",
        drift=f"{100 * data['model']['drift_day']:.3f}",
    )  # fmt: skip


def dossier(rng: np.random.Generator, needs: dict[str, Any]) -> str:
    """What is required, in the units of those who require it, with figures that no longer hold."""
    fresh, erase = 60 * needs["freshness_h"], 24 * needs["erase_days"]
    return _template("dossier.md").format(
        fresh_minutes=f"{fresh:.0f}", fresh_draft=f"{_other(rng, fresh, 6):.0f}",
        erase_hours=f"{erase:.0f}", erase_draft=f"{_other(rng, erase, 24):.0f}",
        audit_weeks=f"{needs['audit_days'] / 7:.0f}",
        backfill_weeks=f"{needs['backfill_days'] / 7:.0f}",
        weekly=f"{needs['budget'] / WEEKS:.0f}",
        **{
            name: f"{needs[name]:g}"
            for name in ("stale_hour", "erase_a_day", "erase_fine", "audit_fine", "backfill_h",
                         "backfill_fine")
        },
    )  # fmt: skip


def change(ahead: Ahead) -> str:
    """What is asked for half-way, in two sentences."""
    return f"{CHANGES[ahead.changed].format(**ahead.change)}\n{REST}"


def _other(rng: np.random.Generator, figure: float, step: float) -> float:
    """A figure of the same size that is another one."""
    factor = float(rng.choice([0.5, 0.7, 1.5, 2.0]))
    return max(step, round(figure * factor / step) * step)


def _span(event: str, name: str, factor: float = 1.0) -> str:
    low, high = RANGES[event][name]
    return f"{low * factor:g} to {high * factor:g}"


def _template(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")
