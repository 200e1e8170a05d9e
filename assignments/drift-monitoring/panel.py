"""Simulated candidates: which faults their monitor can see, how calm it is, how they read alerts.

Four knobs make an ability. ``tests``: the kinds of fault that the monitor has a figure for;
``calibration``: how well its limits fit the weather; ``reading``: which column they name, and what
they do about an alert; ``time``: how much of the notebook they finish. The monitor is a table of
what it says on each hidden window, so that quality and cost are planted whatever the fault. Never
shipped: it reads the private part of a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from worksample.case import Case

from worksample.kit.panel import Person, people

from .hidden.plan import ACTIONS
from .toolkit.schema import CATEGORICAL, NUMERIC
from .toolkit.windows import runs

PEOPLE = people(["tests", "calibration", "reading", "time"], count=32)

COLUMNS = (*NUMERIC, *CATEGORICAL)
SUBTLER = 0.8  # of a subtle fault's chance to be found, against a clear one's
SLOW = 3.0  # windows that the least able need more, on average, until they call
FALSE = 0.12  # false alarms per window of limits that fit nothing


def answers(person: Person, case: Case, luck: np.random.Generator) -> dict[str, str]:
    """Answer cell -> source."""
    mind = Mind(person, case, case.truth(), luck)
    given = {
        "psi_answer": mind.psi(),
        "monitor_answer": _monitor(mind.alarms()),
        "plan_answer": f"PLAN = {mind.plan()!r}",
        "dashboard_answer": _dashboard(mind.panels()),
    }
    policy = mind.policy()
    if case.level == "senior":
        given["policy_answer"] = policy
    return given


@dataclass
class Mind:
    """One person before one case."""

    person: Person
    case: Case
    truth: Mapping[str, Any]
    luck: np.random.Generator

    def knob(self, *names: str) -> float:
        """Mean of some knobs, between 0 and 1."""
        return float(np.mean([self.person.knobs[name] for name in names]))

    def alarms(self) -> dict[str, list[str]]:
        """Key of a window -> the columns that the monitor names; windows without alarm are out."""
        said: dict[str, list[str]] = {}
        hidden = runs(pd.read_parquet(self.case.private / "hidden.parquet"))
        for stream, windows in zip(self.truth["streams"], hidden, strict=True):
            calls = self._calls(stream, len(windows))
            for window, named in zip(windows, calls, strict=True):
                if named:
                    said[f"{window.rows['score'].sum():.6f}"] = named
        return said

    def _calls(self, stream: Mapping[str, Any], length: int) -> list[list[str]]:
        """What the monitor says on one stream, window by window."""
        noise = FALSE * (1 - self.knob("calibration"))
        fault, onset = stream["fault"] or {}, stream["onset"]
        can = self.knob("tests", "calibration") ** 0.8
        if fault.get("size") == "subtle":
            can *= SUBTLER + (1 - SUBTLER) * can
        sees = self.luck.random() < can
        delay = int(self.luck.exponential(SLOW * (1 - self.knob("tests", "calibration"))))
        knows = self.luck.random() < self.knob("tests", "reading")
        right = list(fault.get("columns", ()))[:1] if knows else []
        said = []
        for number in range(length):
            some = list(self.luck.permutation(COLUMNS)[:2])
            false = self.luck.random() < noise
            if onset is not None and number >= onset + delay and sees:
                said.append([str(name) for name in (*right, *some)][:2])
            else:
                said.append([str(name) for name in some] if false else [])
        return said

    def plan(self) -> dict[str, str]:
        """The best action for each alert as often as they read well, else another one."""
        wisdom = self.knob("reading", "time")
        made = {}
        for letter, each in sorted(self.truth["alerts"].items()):
            best = min(each["costs"], key=lambda action: float(each["costs"][action]))
            other = ACTIONS[int(self.luck.integers(len(ACTIONS)))]
            made[str(letter)] = best if self.luck.random() < wisdom else other
        return made

    def psi(self) -> str:
        """The index, with fewer of its edges minded the less able they are."""
        skill = self.knob("tests", "calibration") + self.luck.normal(0, 0.05)
        return _psi(bins=skill > 0.2, empty=skill > 0.35, strange=skill > 0.55, counts=skill > 0.7)

    def panels(self) -> int:
        """How many panels of the dashboard they finish."""
        return round(4 * float(np.clip(self.knob("time") + self.luck.normal(0, 0.1), 0, 1)))

    def policy(self) -> str:
        """Retrain after so many bad weeks in a row: three is wise, one is not."""
        weeks = 1 + round(2 * self.knob("reading", "tests"))
        return f"""def retrain(history):
    last = history[-{weeks}:]
    return len(last) == {weeks} and min(last) > 0.1 and sum(last) / len(last) > 0.25"""


# ---- cells ----


def _monitor(alarms: Mapping[str, list[str]]) -> str:
    return f"""SAID = {dict(alarms)!r}


class Monitor:
    def fit(self, reference):
        pass

    def check(self, window):
        return SAID.get(f"{{window.rows['score'].sum():.6f}}", [])"""


def _psi(bins: bool, empty: bool, strange: bool, counts: bool) -> str:
    """Code of the index; each flag is an edge that is minded."""
    half = "np.where((p == 0).any() or (q == 0).any(), 0.5, 0.0)" if counts else "0.5"
    whole = half if empty else "0.0"
    if not bins:
        return """def psi_of_counts(reference, current):
    return 0.0


def psi(reference, current):
    return 0.0"""
    missing = "values.isna()" if strange else "np.zeros(len(values), bool)"
    return f"""def psi_of_counts(reference, current):
    p, q = np.asarray(reference, float), np.asarray(current, float)
    p, q = p + {whole}, q + {whole}
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def psi(reference, current):
    def count(values):
        missing = {missing}
        if values.dtype.kind not in "fiub":
            place = levels.get_indexer(values) % (len(levels) + 1)
            codes = np.where(missing, len(levels) + 1, place)
        else:
            codes = np.where(missing, len(edges) + 1, np.searchsorted(edges, values, side="right"))
        return np.bincount(codes, minlength=12 + len(levels))

    known = reference.dropna()
    levels, edges = pd.Index([]), np.array([])
    if reference.dtype.kind not in "fiub":
        levels = pd.Index(sorted(known.unique()))
    elif known.nunique() > 1:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, 11)[1:-1]))
    elif len(known):
        edges = np.array([known.iloc[0] - 0.5, known.iloc[0] + 0.5])
    first, second = count(reference), count(current)
    return psi_of_counts(first[(first + second) > 0], second[(first + second) > 0])"""


def _dashboard(panels: int) -> str:
    return f"""dashboard, axes = plt.subplots(1, 4, figsize=(12, 3))
for place in range({panels}):
    axes[place].plot([w.rows["score"].mean() + place for w in case.recent])
    axes[place].set(title=f"figure {{place}}", xlabel="window", ylabel=f"mean {{place}}")"""
