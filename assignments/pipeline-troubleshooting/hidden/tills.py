"""The silent fault: since a day the tills of some shops write one thing otherwise.

No line of the repository is wrong and no commit brings it: it stands in the exports alone. What is
right is what a right repository makes of the same bookings written as docs/DATA.md says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

Row = dict[str, str]


@dataclass(frozen=True)
class Till:
    """How a booking is written otherwise.

    Attributes:
        id: what the candidate's form calls it.
        shops: how many write so.
        change: changes a row as it is meant; told whether the booking is reported again.
        cause, impact: for the truth card.
    """

    id: str
    shops: int
    change: Callable[[Row, bool], None]
    cause: str
    impact: str
    slot: str = "silent"
    component: str = "exports"


def _outcome(row: Row, again: bool) -> None:
    if "cancelled" in row:
        row["cancelled"] = str(1 - int(row["cancelled"]))


def _visits(row: Row, again: bool) -> None:
    row["visits_before"] = str(int(row["visits_before"]) + 1)


def _number(row: Row, again: bool) -> None:
    if again:
        row["booking_id"] = row["booking_id"].upper()


def _clock(row: Row, again: bool) -> None:
    if again:
        row["updated_at"] = "2031-01-01 00:00"


def _day(row: Row, again: bool) -> None:
    row["appointment"] = str(date.fromisoformat(row["appointment"]) - timedelta(days=1))


TILLS = (
    Till(
        "outcome_turned_round",
        1,
        _outcome,
        "The till writes 1 for customers who came and 0 for those who cancelled; corrections, "
        "which can only be cancellations, go the other way since then.",
        "A third of the outcomes is the wrong way round.",
    ),
    Till(
        "visit_counted_in",
        2,
        _visits,
        "The tills count the booking itself among the visits before: nobody has none since then.",
        "New customers of two shops are taken for regular ones.",
    ),
    Till(
        "number_changed",
        2,
        _number,
        "A booking that is reported again has its number in capitals, so it counts twice.",
        "Half of the cancellations of two shops also count as visits.",
    ),
    Till(
        "clock_reset",
        2,
        _clock,
        "A booking that is reported again has a time of change before its first report.",
        "The first report counts, in which half of the cancellations are visits.",
    ),
    Till(
        "day_early",
        2,
        _day,
        "Appointments are written a day early.",
        "In two shops Saturdays are taken for Fridays, and Mondays for weekends.",
    ),
)
BY_ID = {till.id: till for till in TILLS}
