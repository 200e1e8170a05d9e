"""Running a monitor: on the live stream, and on the reference history with known faults."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd

from .model import Model
from .schema import FEATURES, OUTCOME, SCORE
from .windows import Window, as_stream


def names(answer: Any) -> list[str]:
    """What ``check`` returned as a list of column names; empty means: no alarm.

    Raises:
        TypeError: it is neither a list of names, a name, None nor a truth value.
    """
    if answer is None or answer is False:
        return []
    if answer is True:
        return ["something"]
    if isinstance(answer, str):
        return [answer]
    found = [str(name) for name in answer]
    return found[:20]


class _Pair:
    """A monitor made of two functions."""

    def __init__(self, fit: Callable, check: Callable) -> None:
        self._fit, self._check, self.state = fit, check, None

    def fit(self, reference: list[Window]) -> None:
        self.state = self._fit(reference)

    def check(self, window: Window) -> Any:
        return self._check(self.state, window)


def as_monitor(fit: Callable, check: Callable) -> Callable[[], _Pair]:
    """A monitor from ``fit(reference) -> state`` and ``check(state, window) -> names``."""
    return lambda: _Pair(fit, check)


class Service:
    """A monitor on duty: fitted once, started anew for each stream and after each alarm."""

    def __init__(self, make: Callable[[], Any], reference: list[Window]) -> None:
        self.make, self.reference = make, reference
        self.fitted: Any = None
        self.on_duty: Any = None

    def start(self) -> None:
        """Begin a stream: the monitor as it was after ``fit``."""
        if self.fitted is None:
            fitted = self.make()
            fitted.fit(self.reference)
            self.fitted = fitted
        self.on_duty = copy.deepcopy(self.fitted)

    def hear(self, window: Window) -> list[str]:
        """The columns named for this window; after an alarm the monitor starts anew."""
        found = names(self.on_duty.check(window))
        if found:
            self.start()
        return found


def first_day(window: Window) -> str:
    """The first of a window's two days, as it is written in ``date``."""
    return str(window.rows["date"].min())


def without(reference: list[Window], unsound: Collection[str]) -> list[Window]:
    """The windows whose first day is not among the unsound ones.

    Raises:
        ValueError: one of the days is not the first of a window.
    """
    if unknown := sorted(set(unsound) - {first_day(window) for window in reference}):
        raise ValueError(f"{unknown[0]!r} is not the first day of a reference window")
    return [window for window in reference if first_day(window) not in unsound]


def residual(outcomes: pd.DataFrame) -> float:
    """Late flights beyond the predicted number, in standard deviations; NaN without outcomes."""
    if not len(outcomes):
        return float("nan")
    score = outcomes[SCORE]
    return float((outcomes[OUTCOME] - score).sum() / np.sqrt((score * (1 - score)).sum()))


EXAMPLES = {
    "wind in m/s": lambda r, g: r.assign(wind_kmh=(r.wind_kmh / 3.6).round(1)),
    "distance in miles, 1 airport": lambda r, g: r.assign(
        distance_km=r.distance_km.where(
            r.origin != r.origin.iloc[0], (r.distance_km * 0.62).round()
        )
    ),
    "queue_len 0, 8 %": lambda r, g: r.assign(
        queue_len=r.queue_len.where(g.random(len(r)) > 0.08, 0)
    ),
    "age missing, 8 %": lambda r, g: r.assign(
        plane_age_y=r.plane_age_y.where(g.random(len(r)) > 0.08)
    ),
    "aircraft 1.5 years older": lambda r, g: r.assign(plane_age_y=r.plane_age_y + 1.5),
    "two regions exchanged": lambda r, g: r.assign(
        region=r.region.replace({"south": "\0", "lakes": "south"}).replace({"\0": "lakes"})
    ),
    "odds of late + 0.35": None,
}


def drifted(rows: pd.DataFrame, example: str, model: Model, seed: int = 0) -> pd.DataFrame:
    """Labelled rows with one of the :data:`EXAMPLES` in them, scored as the model would."""
    rng = np.random.default_rng(seed)
    change = EXAMPLES[example]
    if change is None:
        turned = rng.random(len(rows)) < 0.35 * rows[SCORE]
        return rows.assign(**{OUTCOME: np.where(turned, 1, rows[OUTCOME])})
    changed = change(rows, rng)
    return changed.assign(**{SCORE: model.score(changed[list(FEATURES)]).round(4)})


SHOWN = 24  # false alarms that simulate prints with their day


class Simulated(dict):
    """The figures of a simulation. Jupyter shows nothing for it: the table is printed already."""

    def _ipython_display_(self) -> None:
        return


def simulate(
    make: Callable[[], Any],
    case: Any,
    folds: int = 4,
    show: bool = True,
    unsound: Collection[str] = (),
) -> Simulated:
    """Try a monitor on the reference history: fitted on some runs, on duty in the others.

    Args:
        make: makes an unfitted monitor: its class, or ``lambda: Monitor(...)``.
        case: the case.
        folds: in how many parts the runs are held out; more is slower and a little more exact.
        show: print a table.
        unsound: first days of windows that are neither fitted on nor counted.

    Returns:
        ``false_alarms`` per sound window, ``plausible`` ends of the 95 % interval of their rate,
        ``found`` share of the examples within the windows that are left of the run, ``delay`` mean
        windows to the alarm, ``cost`` of a hundred sound windows and ten faults like the examples
        at the case's prices, ``by_example``, ``names``: the column named first in each false alarm,
        ``days``: first day of each window with a false alarm -> the columns named there.
    """
    table = case.history
    runs = sorted(table["run"].unique())
    alarms, stable, found = {}, 0, {}
    for fold in range(min(folds, len(runs))):
        out = runs[fold :: min(folds, len(runs))]
        kept = [w for w, run in zip(case.reference, _run_of(table), strict=True) if run not in out]
        service = Service(make, [w for w in kept if first_day(w) not in unsound])
        for run in out:
            parts = _parts(table, run)
            service.start()
            for window in _windows(parts):
                told = service.hear(window)
                if first_day(window) in unsound:
                    continue
                stable += 1
                if told:
                    alarms[first_day(window)] = told
        sound = [run for run in out if not _days(table, run) & set(unsound)] or out
        for number, example in enumerate(EXAMPLES):
            parts = _parts(table, sound[number % len(sound)])
            hurt = [p if i < 2 else drifted(p, example, case.model, i) for i, p in enumerate(parts)]
            found.setdefault(example, []).append(_delay(service, _windows(hurt), 2))
    delays = [d for each in found.values() for d in each if d is not None]
    blamed = [told[0] for told in alarms.values()]
    result = Simulated(
        false_alarms=len(alarms) / stable,
        plausible=_interval(len(alarms), stable),
        found=len(delays) / sum(map(len, found.values())),
        delay=float(np.mean(delays)) if delays else None,
        cost=_cost(len(alarms) / stable, [d for each in found.values() for d in each], case.costs),
        by_example={k: sum(d is not None for d in v) / len(v) for k, v in found.items()},
        names=pd.Series(blamed, dtype=object).value_counts().to_dict(),
        days=dict(sorted(alarms.items())),
    )
    if show:
        _show(result)
    return result


LONGEST = 5  # windows after which a fault comes to light by itself


def _cost(false_alarms: float, delays: list[int | None], prices: dict[str, float]) -> float:
    """Of a hundred sound windows and ten faults with such delays; None: not found in time."""
    waited = np.mean([LONGEST if delay is None else delay for delay in delays])
    false = 100 * false_alarms * prices["false_alarm"]
    return float(false + 10 * waited * prices["unnoticed_window"])


def _interval(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a share (JASA 22, 1927), as if windows did not depend on each other."""
    middle = (hits + z**2 / 2) / (trials + z**2)
    half = z * (hits * (trials - hits) / trials + z**2 / 4) ** 0.5 / (trials + z**2)
    return max(0.0, middle - half), min(1.0, middle + half)


def _show(result: dict) -> None:
    low, high = result["plausible"]
    late = "–" if result["delay"] is None else f"{result['delay']:.1f}"
    print(f"false alarms per sound window   {result['false_alarms']:.3f}")
    print(f"   with so few windows it may be {low:.3f} to {high:.3f}")
    print(f"example faults found            {result['found']:.2f}    mean delay {late} windows")
    print(f"cost of 100 sound windows and 10 faults  {result['cost']:,.0f}")
    for name, share in result["by_example"].items():
        print(f"   {name:30s} {share:.2f}")
    if result["names"]:
        print("false alarms name: " + ", ".join(f"{k} {v}" for k, v in result["names"].items()))
    for day, told in list(result["days"].items())[:SHOWN]:
        print(f"   {day}  {', '.join(told[:4])}")
    if len(result["days"]) > SHOWN:
        print(f"   … and {len(result['days']) - SHOWN} more; all are in simulate(...)['days']")


def _run_of(table: pd.DataFrame) -> list[int]:
    return [run for run, _ in sorted(set(zip(table["run"], table["window"], strict=True)))]


def _days(table: pd.DataFrame, run: int) -> set[str]:
    return set(table.loc[table["run"] == run, "date"])


def _parts(table: pd.DataFrame, run: int) -> list[pd.DataFrame]:
    rows = table[table["run"] == run]
    return [
        part.drop(columns=["run", "window"]).reset_index(drop=True)
        for _, part in rows.groupby("window")
    ]


def _windows(parts: list[pd.DataFrame]) -> list[Window]:
    return as_stream(parts)


def _delay(service: Service, windows: list[Window], onset: int) -> int | None:
    service.start()
    for number, window in enumerate(windows):
        if service.hear(window) and number >= onset:
            return number - onset if number < onset + 5 else None
    return None
