"""What a monitor's alarms on the hidden streams are worth. Pure functions, trusted side only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worksample.kit.scoring import credit, skill_score

DELAY = 5  # windows within which a fault should be found
FULL_RATE, NO_RATE = 0.05, 0.15  # false alarms per stable window
FULL_SHARE = {  # of the way from chance to every fault: full points
    "junior": 0.90,  # of four clear faults in five, and with supplied monitors
    "standard": 0.80,
    "senior": 0.80,
}
FULL_NAMED = 0.75  # of the way from what comes up anyway to every fault named: full points


@dataclass(frozen=True)
class Heard:
    """A stream and what the monitor said: the columns it named, window by window.

    Attributes:
        onset: first faulty window, from 0; None for a stable stream.
        kind: the fault's kind; empty for a stable stream.
        columns: the columns that may be named for the fault.
        named: one list a window; an empty list is no alarm.
        size: ``clear`` or ``subtle``.
    """

    onset: int | None
    kind: str
    columns: tuple[str, ...]
    named: Sequence[Sequence[str]]
    size: str = ""

    @property
    def delay(self) -> int | None:
        """Windows from the onset to the first alarm (0: in the first one); None: too late."""
        if self.onset is None:
            return None
        alarms = [bool(names) for names in self.named[self.onset : self.onset + DELAY]]
        return alarms.index(True) if True in alarms else None

    @property
    def hit(self) -> bool:
        """Whether the first alarm in time has a right column among its first two."""
        if self.delay is None or self.onset is None:
            return False
        return bool(set(self.named[self.onset + self.delay][:2]) & set(self.columns))


@dataclass(frozen=True)
class Figures:
    """How a monitor did.

    Attributes:
        false_alarms: share of the stable windows with an alarm.
        chance: share of the runs of five stable windows with at least one alarm.
        found: share of the faults with an alarm within five windows.
        named: share of all faults that were found and whose column was named.
        named_beyond: the same beyond what the names given in stable windows would have hit.
        delay: mean windows to the alarm where found; None where none was.
        by_kind: kind -> share found.
        stable: number of stable windows.
    """

    false_alarms: float
    chance: float
    found: float
    named: float
    named_beyond: float
    delay: float | None
    by_kind: Mapping[str, float]
    stable: int


def figures(heard: Sequence[Heard]) -> Figures:
    """Counts over all streams; windows before an onset are stable ones too."""
    calm = [[bool(n) for n in h.named[: h.onset]] for h in heard]
    flat = [alarm for run in calm for alarm in run]
    fives = [any(run[i : i + DELAY]) for run in calm for i in range(len(run) - DELAY + 1)]
    faulty = [h for h in heard if h.onset is not None]
    delays = [h.delay for h in faulty if h.delay is not None]
    kinds = sorted({h.kind for h in faulty})
    return Figures(
        false_alarms=_share(flat),
        chance=_share(fives),
        found=len(delays) / len(faulty) if faulty else 0.0,
        named=_share([h.hit for h in faulty]),
        named_beyond=_beyond(heard),
        delay=sum(delays) / len(delays) if delays else None,
        by_kind={k: _share([h.delay is not None for h in faulty if h.kind == k]) for k in kinds},
        stable=len(flat),
    )


def _beyond(heard: Sequence[Heard]) -> float:
    """Share of the faults named, beyond the names that come up anyway.

    A monitor that names the same two columns in every window hits some faults by that.
    """
    calm = [set(names[:2]) for h in heard for names in h.named[: h.onset]]
    faulty = [h for h in heard if h.onset is not None]
    anyway = [_share([bool(names & set(h.columns)) for names in calm]) for h in faulty]
    room = sum(1 - share for share in anyway)
    return (
        max(0.0, sum(h.hit - a for h, a in zip(faulty, anyway, strict=True)) / room)
        if room
        else 0.0
    )


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def above_chance(found: float, chance: float) -> float:
    """Share of the way from what chance finds to finding everything, 0 to 1.

    A monitor that alarms at random finds as much as chance, whatever its rate: 0.
    """
    return max(0.0, skill_score(found, chance, 1)) if chance < 1 else 0.0


def calmness(false_alarms: float) -> float:
    """1 up to :data:`FULL_RATE` false alarms per window, falling evenly to 0."""
    return credit(false_alarms, NO_RATE, FULL_RATE)


def sensitivity(f: Figures, level: str) -> float:
    """Share of what has to be found beyond chance for full points at the level, 0 to 1."""
    return min(1.0, above_chance(f.found, f.chance) / FULL_SHARE[level])


def detection(f: Figures, level: str) -> float:
    """Share of the points for finding faults without false alarms, 0 to 1."""
    return sensitivity(f, level) * calmness(f.false_alarms)


def naming(f: Figures) -> float:
    """Share of the points for naming the drifted columns, 0 to 1."""
    return min(1.0, f.named_beyond / FULL_NAMED)
