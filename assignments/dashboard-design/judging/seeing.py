"""What somebody at the dashboard would have seen. Pure functions, trusted side only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from worksample.kit.alerting import Episode

from ..toolkit.dashboard import Panel
from ..toolkit.queries import DAY, Fitted, fitted, visible
from .hidden import Hidden

LOOK = 3 * DAY  # steps after the time to notice in which a picture may become clear


@dataclass(frozen=True)
class Sight:
    """How much a dashboard shows.

    Attributes:
        seen: share of the incidents, by cost, of which the first screen shows something in time.
        odd: share of the calm days on which the first screen shows something.
        understood: share of the incidents, by cost, whose picture is most like that of their kind.
        chance: what that is for a dashboard that always looks the same.
        missed: the kinds that nobody would have seen.
    """

    seen: float
    odd: float
    understood: float
    chance: float
    missed: tuple[str, ...]


def sight(panels: Sequence[Panel], hidden: Hidden) -> Sight:
    """Look at every hidden episode through the panels."""
    first = np.array([panel.screen == 1 for panel in panels], dtype=bool)
    bands = [fitted(hidden.history, panel.query, panel.axis) for panel in panels]
    prototypes = {
        kind: np.mean(
            [
                _picture(_shown(bands, table), episode)
                for table, episode in zip(tables, hidden.twin_episodes[kind], strict=True)
            ],
            axis=0,
        )
        for kind, tables in hidden.twins.items()
    }
    cost = seen = understood = 0.0
    odd, calm, missed = 0, 0, []
    for table, episode, kind in zip(hidden.tables, hidden.episodes, hidden.kinds, strict=True):
        shown = _shown(bands, table)
        found_odd, found_calm = _odd_days(shown[first], episode)
        odd, calm = odd + found_odd, calm + found_calm
        if episode.onset is None:
            continue
        cost += episode.cost
        in_time = _in_time(shown[first], episode)
        seen += episode.cost * in_time
        missed += [] if in_time else [kind]
        understood += episode.cost * _right(_picture(shown, episode), prototypes, kind)
    return Sight(seen / cost, odd / calm, understood / cost, 1 / len(prototypes), tuple(missed))


def _shown(bands: Sequence[Fitted], table: pd.DataFrame) -> np.ndarray:
    """What each panel shows at each step, (panels, steps) of -1, 0 and 1."""
    return np.array([visible(table, band) for band in bands]).reshape(len(bands), len(table))


def _in_time(shown: np.ndarray, episode: Episode) -> bool:
    """Whether a panel that was quiet on the day before shows something soon enough."""
    assert episode.onset is not None
    before = shown[:, episode.onset - DAY : episode.onset]
    quiet = ~before.any(axis=1)
    after = shown[:, episode.onset + 1 : episode.onset + episode.in_time]
    return bool(after[quiet].any())


def _odd_days(shown: np.ndarray, episode: Episode) -> tuple[int, int]:
    """Calm days on which something shows, and calm days."""
    calm = episode.calm()
    days = np.arange(episode.steps) // DAY
    odd = total = 0
    for day in np.unique(days[calm]):
        own = calm & (days == day)
        if own.sum() == DAY:
            total += 1
            odd += bool(shown[:, own].any())
    return odd, total


def _picture(shown: np.ndarray, episode: Episode) -> np.ndarray:
    """The side on which each panel shows itself first, (panels,) of -1, 0 and 1."""
    assert episode.onset is not None
    part = shown[:, episode.onset + 1 : episode.onset + episode.in_time + LOOK]
    at = np.argmax(part != 0, axis=1)
    return part[np.arange(len(part)), at].astype(float) if part.size else np.zeros(len(shown))


def _right(picture: np.ndarray, prototypes: dict[str, np.ndarray], kind: str) -> float:
    """1 where the nearest picture is that of the kind; where several are, its part of them."""
    if not picture.any():
        return 0.0
    off = {name: float(np.abs(picture - each).sum()) for name, each in prototypes.items()}
    least = min(off.values())
    nearest = [name for name, distance in off.items() if distance <= least + 1e-9]
    return (kind in nearest) / len(nearest)
