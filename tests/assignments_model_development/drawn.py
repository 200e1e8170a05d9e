"""A drawn case of each level, shared by the tests, and runs made by hand: no sandbox is needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from tests.once import once
from worksample import assignments
from worksample.assignments import case as cases
from worksample.assignments.case import Case
from worksample.grading.probe import Call, CallResult
from worksample.grading.run import Ended, Run

FOLDER = Path(__file__).parents[2] / "assignments" / "model-development"
SAMPLE = assignments.load(FOLDER)
LEVELS = ("junior", "standard", "senior")
Predict = Callable[[pd.DataFrame], Any]


def module(name: str) -> ModuleType:
    """A module of the assignment, loaded as grading loads it."""
    return assignments.load_module(SAMPLE, name)


@cache
def case(level: str = "standard", seed: int = 5) -> Case:
    """A case, drawn once a test run."""
    drawn = once(
        f"model-{level}-{seed}", lambda half: cases.draw(SAMPLE, seed, level, half / "case")
    )
    return cases.load(drawn / "case")


def train(drawn: Case) -> pd.DataFrame:
    return pd.read_csv(drawn.public / "train.csv", parse_dates=["scheduled_at"])


def requests(drawn: Case) -> pd.DataFrame:
    return pd.read_csv(drawn.public / "requests.csv", parse_dates=["scheduled_at"])


def recorded(answers: dict[str, Any]) -> Run:
    """A run that recorded these answers and answered no call."""
    return Run({}, {}, answers, {}, {}, Ended("completed", None, ""), 0, {}, {}, "none")


@cache
def calls(drawn: Case) -> tuple[Call, ...]:
    """What the probe asks: at senior level it fits and times the baseline, so once a case."""
    return tuple(module("probe").calls(drawn))


def ran(drawn: Case, predict: Predict, answers: dict[str, Any] | None = None) -> Run:
    """The run of a candidate whose ``predict`` is this one; every call takes a second."""
    results: dict[str, tuple[CallResult, ...]] = {}
    for call in calls(drawn):
        try:
            value = np.asarray(predict(call.args[0].copy()), dtype=float)
            result = CallResult(call.id, True, value, "", 1.0)
        except Exception as error:
            result = CallResult(call.id, False, None, f"predict: raised {type(error).__name__}")
        results[call.id] = (*results.get(call.id, ()), result)
    run = recorded(answers or {})
    return Run(**{**vars(run), "calls": results})


@cache
def oracle_run(level: str = "standard") -> Run:
    """What the true probabilities come to; no answers were recorded."""
    return ran(case(level), oracle(case(level)))


def answering(run: Run, answers: dict[str, Any]) -> Run:
    """The same run with these answers."""
    return Run(**{**vars(run), "answers": answers})


@cache
def oracle(drawn: Case) -> Predict:
    """The true probabilities, looked up by what no unusual shape of the rows changes.

    Of several rows with the same numbers it takes the one nearest in time, because the timed rows
    are moved by minutes.
    """
    probe = module("probe")
    columns = ["turnaround_min", "seats", "booked"]

    def keys(rows: pd.DataFrame) -> pd.DataFrame:
        numbers = rows[columns].apply(pd.to_numeric, errors="coerce").astype(float)
        at = pd.to_datetime(rows["scheduled_at"]).astype("datetime64[ns]")
        return numbers.assign(at=at.to_numpy(), place=range(len(rows))).sort_values("at")

    known = keys(probe.later(drawn))
    known["p"] = probe.later_truth(drawn)["probability"].to_numpy()[known["place"]]
    known = known.dropna().drop(columns="place")

    def predict(rows: pd.DataFrame) -> np.ndarray:
        asked = keys(rows).fillna(-1)
        found = pd.merge_asof(asked, known, on="at", by=columns, direction="nearest")
        return found.sort_values("place")["p"].fillna(0.3).to_numpy()

    return predict
