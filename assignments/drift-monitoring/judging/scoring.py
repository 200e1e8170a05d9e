"""What a monitor's alarms on the hidden streams are worth. Pure functions, trusted side only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worksample.kit.scoring import credit

DELAY = 5  # windows after which a fault comes to light by itself
#: what a monitor that earns full points spends: false alarms per sound window, and windows that a
#: fault goes unnoticed, on average (5: it was not found)
FULL_RATE = {"junior": 0.02, "standard": 0.02, "senior": 0.03}
FULL_WAIT = {"junior": 0.6, "standard": 1.0, "senior": 1.5}
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
        waited: windows that all faults together went unnoticed, at most five each.
        faults: number of faults.
        blind: (false alarms, windows unnoticed) of each monitor that looks at nothing but the
            number of the window in its stream.
    """

    false_alarms: float
    chance: float
    found: float
    named: float
    named_beyond: float
    delay: float | None
    by_kind: Mapping[str, float]
    stable: int
    waited: int
    faults: int
    blind: Sequence[tuple[int, int]]


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
        waited=sum(DELAY if h.delay is None else h.delay for h in faulty),
        faults=len(faulty),
        blind=_blind(heard),
    )


def _blind(heard: Sequence[Heard]) -> list[tuple[int, int]]:
    """What each monitor would come to that alarms in the same windows of every stream.

    The cheapest of them is the best that can be had without looking at a row: a random alarm is
    a mixture of them, so it costs no less on average. Never and always alarming are two of them.
    """
    length = max((len(h.named) for h in heard), default=0)
    sound = [sum(n < _end(h) for h in heard) for n in range(length)]
    onsets = Counter(h.onset for h in heard if h.onset is not None)
    found = []
    for alarms in range(2**length):
        own = [n for n in range(length) if alarms >> n & 1]
        waits = sum(
            count * min([n - onset for n in own if n >= onset] + [DELAY])
            for onset, count in onsets.items()
        )
        found.append((sum(sound[n] for n in own), waits))
    return found


def _end(heard: Heard) -> int:
    """How many windows of a stream are sound, counted from its start."""
    return len(heard.named) if heard.onset is None else heard.onset


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


def cost(false_alarms: float, unnoticed: float, prices: Mapping[str, float]) -> float:
    """What so many false alarms, and so many windows with a fault unnoticed, cost in a case."""
    return prices["false_alarm"] * false_alarms + prices["unnoticed_window"] * unnoticed


def good(level: str, stable: int, faults: int, prices: Mapping[str, float]) -> float:
    """What a monitor that earns full points may cost, with so many stable windows and faults."""
    return cost(FULL_RATE[level] * stable, FULL_WAIT[level] * faults, prices)


def detection(f: Figures, level: str, prices: Mapping[str, float]) -> float:
    """Share of the points for finding faults without false alarms, 0 to 1, by what it costs.

    0 is the cheapest monitor that looks at nothing but the clock; 1 is :data:`FULL_RATE` with
    :data:`FULL_WAIT`, at the case's own prices.
    """
    spent = cost(f.false_alarms * f.stable, f.waited, prices)
    blind = min(cost(*each, prices) for each in f.blind)
    full = good(level, f.stable, f.faults, prices)
    return credit(spent, blind, full) if blind > full else 0.0


def naming(f: Figures) -> float:
    """Share of the points for naming the drifted columns, 0 to 1."""
    return min(1.0, f.named_beyond / FULL_NAMED)
