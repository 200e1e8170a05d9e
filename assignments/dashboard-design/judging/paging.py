"""What the alerts are worth on the hidden days. Pure functions, trusted side only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worksample.kit.alerting import Attributes, Noticed, attributes, held, lost_share, noticed
from worksample.kit.scoring import credit

from ..toolkit.dashboard import Alert
from ..toolkit.queries import DAY, WEEK, fitted, side
from .hidden import Hidden

LOOKED = {"page": 0, "ticket": 2 * DAY}  # steps until somebody looks


@dataclass(frozen=True)
class Duty:
    """How the alerts did.

    Attributes:
        found: the four attributes.
        spent: cost of what went unnoticed, of firings without an incident and of the pages' toll.
        blind: cost of everything if nobody is ever called.
        over: share of the episodes in whose busiest week there were more pages than the budget.
        pages: pages in all.
    """

    found: Attributes
    spent: float
    blind: float
    over: float
    pages: int


def duty(alerts: Sequence[Alert], hidden: Hidden, prices: Mapping[str, float], budget: int) -> Duty:
    """Run the alerts through every hidden episode.

    Args:
        prices: of a page and of a ticket without an incident.
        budget: pages a week.
    """
    bands = [fitted(hidden.history, alert.query) for alert in alerts]
    all_of_it: list[Noticed] = []
    spent = blind = 0.0
    over = pages = 0
    for table, episode in zip(hidden.tables, hidden.episodes, strict=True):
        active = [
            (held(side(table, band) != 0, a.wait), a) for a, band in zip(alerts, bands, strict=True)
        ]
        by = {
            severity: noticed(
                episode,
                [(on, LOOKED[severity]) for on, a in active if a.severity == severity],
                WEEK,
            )
            for severity in LOOKED
        }
        both = noticed(episode, [(on, LOOKED[a.severity]) for on, a in active], WEEK)
        all_of_it.append(both)
        over += by["page"].busiest > budget
        pages += by["page"].true + by["page"].false
        spent += sum(prices[severity] * by[severity].false for severity in LOOKED)
        spent += episode.cost * lost_share(episode, both) if episode.onset is not None else 0.0
        blind += episode.cost
    resets = [DAY + episode.echo for episode in hidden.episodes]
    return Duty(
        found=attributes(hidden.episodes, all_of_it, resets),
        spent=spent,
        blind=blind,
        over=over / len(hidden.episodes),
        pages=pages,
    )


def saved(found: Duty, full: float) -> float:
    """Share of the points for what the alerts save, 0 to 1; all where ``full`` of it is left."""
    return credit(found.spent / found.blind, 1.0, full)
