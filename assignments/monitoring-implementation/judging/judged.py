"""Numbers against the ledger, alerts against what happened, panels against their questions."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from worksample.workbook.metrics import promtool
from worksample.workbook.metrics.promtool import Found

from ..toolkit.clock import LASTS, PAGES, TICKETS, Episode, asked_of
from . import reading
from .measuring import Laid, Moment, single

if TYPE_CHECKING:
    from worksample.run import Run

BEFORE = 20  # minutes before a fault in which nothing new may have begun
RESET = 60
CALM_FROM = 10  # minutes of a calm stretch that are not judged
MARGIN, NEAR = 0.1, 0.04  # of the range of what is usual, and of its size: as usual on either side
PART = 0.4  # of the way to a panel's own trouble, that is still as usual in another's
MOST_LINES = 20  # of a panel
LEAVES, STAYS = 0.6, 0.3  # share of looks outside what is usual
MAX_ROUTED = 200_000


def found_of(run: Run, name: str, many: int) -> list[Found]:
    """What promtool found for each question of a trial."""
    trial = run.trials.get(name)
    packed = trial.files.get(promtool.FOUND) if trial is not None and trial.ok else None
    return promtool.answers(packed, many)


# ---- numbers ----


def numbers(run: Run, laid: Laid, true: Mapping[int, Moment]) -> dict[str, float]:
    """Query -> share of the looks at which it was right."""
    many = len(reading.QUERIES)
    found = found_of(run, "truth", many)
    shares = {}
    for name, answers in zip(reading.QUERIES, found, strict=True):
        if name == "drift":  # on the days
            continue
        right = [
            _right(name, single(answers.get(place, ())), true[laid.after[place]])
            for place in laid.looked()
        ]
        shares[name] = sum(right) / max(len(right), 1)
    return shares


def _right(name: str, value: float | None, true: Moment) -> bool:
    if value is None:
        return False
    if name == "slow":
        low, high = true.slow
        return low - 0.004 <= value <= max(low, high) + 0.004
    wanted = getattr(true, name)
    if wanted is None:
        return False
    near = {"score": 0.003, "accuracy": 0.045}.get(name, 0.01)
    return abs(value - wanted) <= near


def drift(run: Run, laid: Laid) -> float:
    """How surely the indicator is higher while inputs have moved than when all is as usual.

    The chance that a look in a drift is above one at a usual time, 0 to 1; 0.5 is none.
    """
    answers = days_of(run)[1]
    looks = asked_of(laid.episodes)
    moved = [v for m in looks.get("drift", ()) if (v := single(answers.get(m, ()))) is not None]
    calm = [v for m in looks["calm"] if (v := single(answers.get(m, ()))) is not None]
    if len(moved) < 0.9 * len(looks.get("drift", ())) or len(calm) < 0.9 * len(looks["calm"]):
        return 0.0
    above = np.subtract.outer(moved, calm)
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def days_of(run: Run) -> list[Found]:
    """What fires, the drift, and each panel, on the days."""
    return found_of(run, "days", 2 + len(reading.PANELS))


# ---- alerts ----


@dataclass(frozen=True)
class Alerts:
    """What alerts made of the days; shares, those of faults over kinds of equal weight.

    Attributes:
        found: faults in which something new fired in time.
        quiet: harmless stretches in which nothing did.
        reset: found faults after which it ended in time.
        routed: found faults that went to the right people, and to no others.
        kinds: fault -> share found.
    """

    found: float
    quiet: float
    reset: float
    routed: float
    kinds: Mapping[str, float]

    @property
    def worth(self) -> float:
        """Both together: whoever always alarms, or never, has none."""
        return self.found * self.quiet


def alerts(run: Run, laid: Laid) -> Alerts:
    """Alerts against the episodes."""
    firing = days_of(run)[0]
    active: dict[str, set[int]] = defaultdict(set)
    for minute, samples in firing.items():
        for labels, _ in samples:
            active[_key(labels)].add(minute)
    receivers = routed(run)
    made = {each: _of_fault(each, active, receivers) for each in laid.episodes if each.fault}
    calm = [each for each in laid.episodes if not each.fault]
    quiet = [
        not any(_within(minutes, each.first + CALM_FROM, each.last) for minutes in active.values())
        for each in calm
    ]
    kinds = {
        kind: float(np.mean([got is not None for e, got in made.items() if e.kind == kind]))
        for kind in LASTS
    }
    right = [got for got in made.values() if got is not None]
    return Alerts(
        float(np.mean(list(kinds.values()))),
        sum(quiet) / max(len(quiet), 1),
        sum(each[0] for each in right) / max(len(right), 1),
        sum(each[1] for each in right) / max(len(right), 1),
        kinds,
    )


def _of_fault(
    episode: Episode, active: Mapping[str, set[int]], receivers: Mapping[str, set[str]]
) -> tuple[bool, bool] | None:
    """Whether what was new in time ended in time, and went where it should; None: nothing was."""
    in_time = (PAGES | TICKETS)[episode.kind]
    new = {
        key: minutes
        for key, minutes in active.items()
        if not _within(minutes, episode.onset - BEFORE, episode.onset)
    }
    if not any(_within(m, episode.onset, episode.onset + in_time + 1) for m in new.values()):
        return None
    during = {key for key, m in new.items() if _within(m, episode.onset, episode.over)}
    ended = not any(_within(new[key], episode.over + RESET, episode.last) for key in during)
    to = set().union(*(receivers.get(key, set()) for key in during))
    wanted = "oncall" if episode.kind in PAGES else "tickets"
    return ended, wanted in to and (wanted == "oncall" or "oncall" not in to)


def _within(minutes: set[int], first: int, last: int) -> bool:
    return any(first <= each < last for each in minutes)


def _key(labels: Mapping[str, str]) -> str:
    own = {k: v for k, v in labels.items() if k not in ("__name__", "alertstate")}
    return json.dumps(own, sort_keys=True)


def routed(run: Run) -> dict[str, set[str]]:
    """An alert's labels -> the receivers that amtool named."""
    trial = run.trials.get("days")
    data = trial.files.get(promtool.ROUTED, b"") if trial is not None else b""
    try:
        rows = json.loads(data[:MAX_ROUTED])
        return {_key(dict(labels)): {str(n) for n in names} for labels, names in rows}
    except (ValueError, TypeError, RecursionError):
        return {}


# ---- panels ----


def panels(run: Run, laid: Laid) -> dict[str, float]:
    """Question -> 0 to 1: leaves what is usual in its own trouble, and stays in that of others."""
    looks = asked_of(laid.episodes)
    shares = {}
    for name, answers in zip(reading.PANELS, days_of(run)[2:], strict=True):
        band = _band(answers, looks["calm"])
        if band is None:
            shares[name] = 0.0
            continue
        own = reading.PANELS[name]
        empty = name == "traffic"  # elsewhere, nothing to show is no news
        seen = min(
            _credit(_left(answers, looks.get(kind, ()), band, empty), STAYS, LEAVES) for kind in own
        )
        wide = _widened(answers, looks.get(own[0], ()), band)
        left = {kind: _left(answers, looks.get(kind, ()), wide, empty) for kind in LASTS}
        others = [
            kind
            for kind in LASTS
            if kind not in own and kind != "down" and (name, kind) not in reading.MAY_MOVE
        ]
        calm = np.mean([left[kind] <= STAYS for kind in others])
        shares[name] = float(seen * calm)
    return shares


Band = Mapping[str, tuple[float, float]]


def _band(answers: Found, minutes: Sequence[int]) -> Band | None:
    """Line -> what is usual, a little more than it ever was; None where a panel is mostly empty."""
    lines: dict[str, list[float]] = defaultdict(list)
    shown = 0
    for minute in minutes:
        samples = answers.get(minute, [])
        shown += bool(samples)
        for labels, value in samples[:MOST_LINES]:
            if math.isfinite(value):
                lines[_key(labels)].append(value)
    if not lines or shown < 0.8 * len(minutes) or len(lines) > MOST_LINES:
        return None
    band = {}
    for key, values in lines.items():
        low, high = min(values), max(values)
        room = max(MARGIN * (high - low), NEAR * max(abs(low), abs(high)), 1e-9)
        # what never was 0 has left what is usual when it is
        band[key] = (low - min(room, low / 2) if low > 0 else low - room, high + room)
    return band


def _widened(answers: Found, minutes: Sequence[int], band: Band) -> Band:
    """What does not yet look like a panel's own trouble: a part of the way to it, on both sides."""
    wide = {}
    for key, (low, high) in band.items():
        values = [
            value
            for minute in minutes
            for labels, value in answers.get(minute, [])[:MOST_LINES]
            if _key(labels) == key and math.isfinite(value)
        ]
        middle = float(np.median(values)) if values else low
        room = PART * max(low - middle, middle - high, 0.0)
        wide[key] = (low - room, high + room)
    return wide


def _left(answers: Found, minutes: Sequence[int], band: Band, empty: bool) -> float:
    """Share of the looks at which a line is not as usual; with ``empty`` also if none is there."""
    out = 0
    for minute in minutes:
        samples = answers.get(minute, [])
        beyond = [
            not band[key][0] <= value <= band[key][1]
            for labels, value in samples[:MOST_LINES]
            if (key := _key(labels)) in band and math.isfinite(value)
        ]
        out += any(beyond) or (empty and not samples)
    return out / max(len(minutes), 1)


def _credit(value: float, nothing: float, full: float) -> float:
    return min(1.0, max(0.0, (value - nothing) / (full - nothing)))
