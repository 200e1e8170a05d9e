"""The second task: a disclosed fault in weather stations' readings, and a guard against it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from worksample.workbook import level

from .incident import load

Guard = Callable[[pd.DataFrame, pd.DataFrame], bool]


@dataclass(frozen=True)
class Task:
    """What the second task is, as the notebook shows it."""

    text: str
    hours: int
    sample: pd.DataFrame

    def _repr_html_(self) -> str:
        return (
            f"<p><b>The fault:</b> {html.escape(self.text)}</p><p>A window is {self.hours} "
            "consecutive hours of three stations, <code>at_hour</code> counted from its start. "
            f"Windows come from the whole year.</p>{self.sample.to_html(index=False, border=0)}"
        )

    def __repr__(self) -> str:
        return f"The fault: {self.text}\nA window is {self.hours} consecutive hours.\n{self.sample}"


def transfer_task() -> Task:
    """The disclosed fault, and the first rows of the healthy readings."""
    asked = load().questions["transfer"]
    return Task(asked["text"], int(asked["window_hours"]), transfer_reference().head(3))


@lru_cache(maxsize=1)
def transfer_reference() -> pd.DataFrame:
    """Healthy readings: one row per station and hour."""
    return pd.read_csv(load().folder / "transfer_reference.csv")


def healthy_windows() -> Iterator[pd.DataFrame]:
    """The healthy readings cut into windows as ``guard`` gets them."""
    reference, hours = transfer_reference(), int(load().questions["transfer"]["window_hours"])
    for first in range(0, int(reference["at_hour"].max()) + 2 - hours, hours):
        window = reference[reference["at_hour"].between(first, first + hours - 1)]
        yield window.assign(at_hour=window["at_hour"] - first).reset_index(drop=True)


def with_fault(window: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """A copy of the window with the disclosed fault put into one station, roughly as described."""
    fault = load().questions["transfer"]["fault"]
    station = draw.choice(window["station"].unique())
    window, here = window.copy(), (window["station"] == station).to_numpy()
    if fault == "stuck":
        begin = int(draw.integers(1, 38))
        rows = here & window["at_hour"].between(begin, begin + 32).to_numpy()
        for column in ("temp_c", "wind_kmh"):
            window.loc[rows, column] = window.loc[rows, column].iloc[0]
    elif fault == "fahrenheit":
        rows = here & (window["at_hour"] >= int(draw.integers(0, 24))).to_numpy()
        window.loc[rows, "temp_c"] = (window.loc[rows, "temp_c"] * 1.8 + 32).round(1)
    else:
        rows = here & (draw.random(len(window)) < 0.4)
        window.loc[rows, ["visibility_km", "pressure_hpa"]] = 0.0
    return window


def try_guard(guard: Guard) -> None:
    """Print how often ``guard`` raises the alarm on the healthy windows, and on imitated faults.

    At senior level the imitation is left to you: write what the fault would do to a window.
    """
    reference, windows = transfer_reference(), list(healthy_windows())
    false = np.mean([bool(guard(reference.copy(), window.copy())) for window in windows])
    print(f"alarm on {false:.0%} of {len(windows)} healthy windows (from two months of the year)")
    if level() == "senior":
        return
    draw = np.random.default_rng(1)
    hits = np.mean([bool(guard(reference.copy(), with_fault(w, draw))) for w in windows])
    print(f"alarm on {hits:.0%} of the same windows with the fault imitated in one station")
