"""How much time is left: computed from what happened, by the server's time alone.

Nothing here reads or writes; see :mod:`worksample.exchange.sittings` for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from worksample.exchange.tables import ClockEvent

State = Literal["not open", "ready", "missed", "running", "paused", "over"]

#: who gives time back, and stops a clock, where the fault is on our side
SERVICE = "the service"

#: a hand-in that was sent at the last moment may arrive after it
GRACE = timedelta(seconds=60)


@dataclass(frozen=True)
class Clock:
    """A candidate's clock for one assignment, as it stands at a moment.

    Attributes:
        minutes: the whole time: the assignment's times the accommodation, and extensions.
        started: when the candidate pressed start; None if they have not.
        left: what is left of it; all of it before the start.
        ends: when it will be over if nothing is done; None before the start and while it is paused.
        over_since: when it was over; None if it is not.
        collected: when what was saved at the end was handed in; None if it was not.
        given_back: of ``minutes``, what our side had lost by not answering.
        ours: whether it stands because something failed on our side.
    """

    minutes: float
    started: datetime | None = None
    left: timedelta = timedelta(0)
    ends: datetime | None = None
    over_since: datetime | None = None
    paused: bool = False
    collected: datetime | None = None
    given_back: timedelta = timedelta(0)
    ours: bool = False

    def is_late(self, at: datetime) -> bool:
        """Whether what arrives then is late."""
        return self.over_since is not None and at > self.over_since + GRACE


def read(minutes: float, events: Iterable[ClockEvent], at: datetime) -> Clock:
    """The clock at a moment, from everything that happened to it, oldest first.

    A pause stops it. An extension gives time from then on: where the clock had run out, from the
    moment of the extension, so that nobody loses the minutes in between.
    """
    total, used = timedelta(minutes=minutes), timedelta(0)
    started: datetime | None = None
    since: datetime | None = None  # it has been running from then; None while it stands
    ran_out: datetime | None = None  # what happens to it later does not move that moment
    paused = ours = False
    given_back = timedelta(0)
    collected: datetime | None = None
    for event in events:
        if since is not None:
            if ran_out is None and used + (event.time - since) >= total:
                ran_out = since + (total - used)
            used = min(used + (event.time - since), total)
            since = event.time
        match event.action:
            case "start":
                started, since = started or event.time, event.time
            case "pause":
                paused, since, ours = True, None, event.actor == SERVICE
            case "resume":
                paused, since = False, event.time
            case "extend":
                total += timedelta(seconds=event.seconds)
                given_back += timedelta(seconds=event.seconds * (event.actor == SERVICE))
                collected = ran_out = None
            case "end":
                collected = event.time
    left = total - used - (max(at - since, timedelta(0)) if since else timedelta(0))
    over = started is not None and left <= timedelta(0)
    return Clock(
        minutes=total / timedelta(minutes=1),
        started=started,
        left=max(left, timedelta(0)),
        ends=at + left if since and not over else None,
        over_since=(ran_out or at + left) if over else None,
        paused=paused,
        collected=collected,
        given_back=given_back,
        ours=paused and ours,
    )


def lost(minutes: float, events: Sequence[ClockEvent], begin: datetime, end: datetime) -> timedelta:
    """How much of a clock went by between two moments: what our side owes where it was away."""
    before = read(minutes, [each for each in events if each.time <= begin], begin)
    after = read(minutes, [each for each in events if each.time <= end], end)
    given = timedelta(minutes=after.minutes - before.minutes)
    return max(before.left + given - after.left, timedelta(0))
