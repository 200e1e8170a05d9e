"""Since when nobody could reach us, and what that cost candidates of their time.

Whoever serves says every few seconds that it answers. The next word after a silence gives back what
went by meanwhile, whatever was away (the machine, the proxy, the hub, the exchange), and however it
ended: those that are gone can note nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from worksample import disk
from worksample.course import Course
from worksample.exchange import sittings
from worksample.records.tables import now

# what is shorter is not noticed: a page tries again, as after an upgrade
AWAY = timedelta(seconds=20)


def answers(course: Course, at: datetime | None = None) -> list[str]:
    """Note that candidates are answered now; where they were not before, give the time back.

    Returns:
        In words, who was given time back.
    """
    at = at or now()
    place = course.state / "exchange" / "answered"  # it outlives everything that runs
    try:
        last = datetime.fromisoformat(place.read_text(encoding="ascii"))
    except FileNotFoundError:
        last = at
    said = []
    if at - last > AWAY:
        why = f"our side did not answer from {last:%d %B, %H:%M:%S} to {at:%H:%M:%S} UTC"
        for each in sittings.give_back(course, last, at, why):
            said.append(f"{each.candidate}, {each.assignment}: {why}; the time was given back")
    disk.replace(place, at.isoformat().encode())
    return said
