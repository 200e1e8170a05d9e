"""Proof that a case can be solved: two plain monitors tell its faults from its sound windows.

Trusted side only. What one fault moves is proved where it is planted (``proof.py``), and the days
are chosen so that the history explains them (``seasons.py``). Whether that is enough for a monitor
shows when one is run: false alarms come in groups, for the hidden streams share their days. So two
monitors of different kinds look at every window. They know which of the history's are unsound, and
leave out as well what only looks so: a heat wave that no other run has, which a careful candidate
may take for a fault.
Each gets the limit that is cheapest for it; if even so one of them costs too much, the case is
harder than its like, whatever a candidate does, and another is drawn.

All figures of all windows are worked out at once, from counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..toolkit.schema import CATEGORICAL, KNOWN_AFTER, NUMERIC, OUTCOME, SCORE
from .late_outcomes import LONGEST
from .streams import WINDOWS
from .world import Unfit

DELAY = 5  # windows after which a fault comes to light by itself
WEATHER = ("temp_c", "wind_kmh", "visibility_km", "pressure_hpa", "humidity_pct")
STILL = WEATHER[1:]  # stand still for days now and then
PAIRS = (("carrier", "origin"), ("region", "carrier"))
BINS = 10
NEAREST = 3  # windows of the history that are most alike
SMALLEST = {"missing": 0.004, "new": 0.004, "outside": 0.004, "late": 0.6}  # spreads
HIGHEST = 15.0  # spreads that one window may count
STRANGE = 0.06  # share of a window's rows with a value that no other run has: it sticks out
MOST = 0.85  # of what full points cost, that a case may cost either monitor
SLACK, WEIGHT = 1.0, 0.45  # of the cumulative sum, of the newest window in a running mean


@dataclass(frozen=True)
class Windows:
    """Counts of windows, one a row.

    Attributes:
        table: rows with ``run``, ``window``, the inputs, ``score`` and outcomes.
        cell: the row's window, (rows,).
        size: rows of each window, (windows,).
        known: which windows are known to be sound, (windows,).
        run: which windows are of one run, (windows,).
    """

    table: pd.DataFrame
    cell: np.ndarray
    size: np.ndarray
    known: np.ndarray
    run: np.ndarray

    def counts(self, codes: np.ndarray, levels: int) -> np.ndarray:
        """How many rows of each window have each code, (windows, levels); -1 is left out."""
        there = codes >= 0
        cells = self.cell[there] * levels + codes[there]
        return np.bincount(cells, minlength=len(self.size) * levels).reshape(-1, levels)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum of a value over the rows of each window, (windows,)."""
        return np.bincount(self.cell, values, len(self.size))


def figures(w: Windows) -> dict[str, np.ndarray]:
    """Name -> a number for each window that grows with the change."""
    found: dict[str, np.ndarray] = {}
    codes = {}
    for c in (*NUMERIC, SCORE):
        x = w.table[c].to_numpy(float)
        known = x[w.known[w.cell] & ~np.isnan(x)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
        codes[c] = np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x, side="right"))
        if c != SCORE:
            found |= {f"{c}:{name}": each for name, each in _of_number(w, c, x, known)}
    for c in CATEGORICAL:
        levels = pd.Index(w.table[c][w.known[w.cell]].unique())
        codes[c] = levels.get_indexer(w.table[c]) + 1
        found[f"{c}:new"] = w.sums(codes[c] == 0) / w.size
    for one, other in PAIRS:
        codes[f"{one}:pairs"] = codes[one] * (codes[other].max() + 1) + codes[other]
    for name, each in codes.items():
        if name not in WEATHER:  # no two storms are alike
            counts = w.counts(each, int(each.max()) + 1)
            found[f"{name}:shape"], found[f"{name}:nearest"] = _apart(w, counts)
    return found | _of_outcomes(w, codes)


def _of_number(
    w: Windows, c: str, x: np.ndarray, known: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """Shares of gaps, of values out of range or never seen, of the commonest one."""
    there = ~np.isnan(x)
    yield "missing", 1 - w.sums(there) / w.size
    room = 0.1 * (known.max() - known.min()) if c in WEATHER else 0
    yield "outside", w.sums((x < known.min() - room) | (x > known.max() + room)) / w.size
    codes, values = pd.factorize(x)
    new = ~np.isin(values, known)
    low, high = np.quantile(known, (0.005, 0.995))
    inside = (values >= low) & (values <= high)
    yield "new", w.sums(there & (new & inside)[codes]) / w.size
    if c not in STILL:
        yield "commonest", w.counts(codes, len(values)).max(axis=1) / w.size


def _apart(w: Windows, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far a window's shares are from all known ones, and from the most similar windows."""
    shares = counts / w.size[:, None]
    usual = counts[w.known].sum(axis=0) / w.size[w.known].sum()
    chance = (np.count_nonzero(usual) - 1) / w.size
    far = ((shares - usual) ** 2 / (usual + 1 / w.size.mean())).sum(axis=1) - chance
    root = np.sqrt(shares)  # Hellinger's distance
    likeness = np.minimum(root @ root[w.known].T, 1)
    likeness[w.run[:, None] == w.run[w.known]] = 0
    near = np.sort(np.sqrt(1 - likeness), axis=1)[:, :NEAREST].mean(axis=1)
    return far, near - 1 / np.sqrt(w.size)


def _of_outcomes(w: Windows, codes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outcomes beyond what was expected, in standard deviations, when they have come in."""
    table, known = w.table, w.known[w.cell]
    late, after = table[OUTCOME].to_numpy(), table[KNOWN_AFTER].to_numpy()
    ratio = np.ones(LONGEST + 1)
    for number in range(1, LONGEST + 1):
        shares = [(after[known & (late == sort)] == number).mean() for sort in (0, 1)]
        ratio[number] = (shares[1] + 1e-3) / (shares[0] + 1e-3)
    score = table[SCORE].to_numpy()
    odds = score / (1 - score) * ratio[after]
    expected = odds / (1 + odds)
    # an outcome counts in the window in which it becomes known, if the stream goes on so long
    now = table["window"].to_numpy() + after
    moved = np.where(now < WINDOWS, w.cell + after, -1)
    off, spread = late - expected, expected * (1 - expected)
    found = {}
    segments = {c: codes[c] for c in CATEGORICAL} | {"all": np.zeros(len(table), int)}
    segments["inbound_delay_min"] = (table["inbound_delay_min"].to_numpy() > 15).astype(int)
    for name, each in segments.items():
        size = int(each.max()) + 1
        cells, there = moved * size + each, moved >= 0
        total, room = (
            np.bincount(cells[there], values[there], len(w.size) * size).reshape(-1, size)
            for values in (off, spread)
        )
        found[f"late:{name}"] = np.abs(total / np.sqrt(room + 4)).max(axis=1)
    return found


def windows(
    history: pd.DataFrame, gone: Sequence[tuple[int, int]], hidden: pd.DataFrame
) -> Windows:
    """The windows of the history and of the hidden streams, in this order."""
    runs = int(history["run"].max()) + 1
    table = pd.concat([history, hidden.assign(run=hidden["run"] + runs)], ignore_index=True)
    run, number = (table[name].to_numpy().astype(int) for name in ("run", "window"))
    cell = run * WINDOWS + number
    size = np.bincount(cell)
    known = np.arange(len(size)) < runs * WINDOWS
    known[[run * WINDOWS + number for run, number in gone]] = False
    known &= ~_sticking_out(table, cell, np.where(known[cell], run, -1), size)
    return Windows(table, cell, size, known, np.repeat(np.arange(len(size) // WINDOWS), WINDOWS))


def _sticking_out(
    table: pd.DataFrame, cell: np.ndarray, run: np.ndarray, size: np.ndarray
) -> np.ndarray:
    """Windows with many values that no other run of the history has, (windows,).

    Args:
        run: of each row; -1 where it is no sound row of the history, (rows,).
    """
    out = np.zeros(len(size), dtype=bool)
    for c in NUMERIC:
        codes, values = pd.factorize(table[c].to_numpy(float))
        sound = (run >= 0) & (codes >= 0)
        in_runs = np.zeros((len(values), run.max() + 1), dtype=bool)
        in_runs[codes[sound], run[sound]] = True
        alone = in_runs.sum(axis=1) == 1
        out |= np.bincount(cell[sound], alone[codes[sound]], len(size)) / size > STRANGE
    return out


def heights(w: Windows) -> dict[str, np.ndarray]:
    """What two monitors would hold against a limit, (streams, windows) each."""
    found = figures(w)
    runs = int(w.run[w.known].max()) + 1
    spreads = []
    for name, each in found.items():
        usual = each[w.known]
        scale = max(usual.std(), (usual.max() - usual.mean()) / 3)
        least = next((v for k, v in SMALLEST.items() if k in name.split(":")), 1e-6)
        spreads.append((each - usual.mean()) / max(scale, least))
    z = np.clip(np.column_stack(spreads), -3, HIGHEST).reshape(-1, WINDOWS, len(spreads))[runs:]
    near = np.array([not name.endswith(":shape") for name in found])
    total, mean, weight = np.zeros(z[:, 0].shape), np.zeros(z[:, 0].shape), 0.0
    sums, means = [], []
    for number in range(WINDOWS):
        total = np.maximum(0, total + z[:, number] - SLACK)
        weight = weight * (1 - WEIGHT) + 1
        mean = mean + (z[:, number] - mean) / weight
        sums.append(total[:, ~np.char.endswith(list(found), ":nearest")].max(axis=1))
        means.append(mean[:, near].max(axis=1))
    return {"sums": np.column_stack(sums), "means": np.column_stack(means)}


def cheapest(
    height: np.ndarray, onsets: Sequence[int | None], prices: tuple[float, float]
) -> tuple[float, float, float]:
    """(cost, false alarms, windows waited) of the limit that costs least.

    Args:
        height: what is held against the limit, (streams, windows).
        onsets: first faulty window of each stream; None for a stable one.
        prices: of a false alarm, and of a window with a fault unnoticed.
    """
    end = np.array([WINDOWS if onset is None else onset for onset in onsets])
    sound = np.arange(WINDOWS) < end[:, None]
    best = (np.inf, 0.0, 0.0)
    for limit in np.unique(height[sound])[-40:]:
        over = height > limit
        false, waited = int((over & sound).sum()), 0
        for alarms, onset in zip(over, onsets, strict=True):
            if onset is not None:
                later = alarms[onset : onset + DELAY]
                waited += int(later.argmax()) if later.any() else DELAY
        best = min(best, (prices[0] * false + prices[1] * waited, false, waited))
    return best


def proved(
    w: Windows, onsets: Sequence[int | None], prices: tuple[float, float], good: float
) -> None:
    """Whether both monitors could earn full points with room to spare.

    Args:
        w: the windows of history and hidden streams.
        onsets: first faulty window of each hidden stream; None for a stable one.
        prices: of a false alarm, and of a window with a fault unnoticed.
        good: what a monitor that earns full points costs.

    Raises:
        Unfit: one of them could not.
    """
    for name, height in heights(w).items():
        spent, false, waited = cheapest(height, onsets, prices)
        if spent > MOST * good:
            raise Unfit(f"{name}: {false} false alarms and {waited} windows cost too much")
