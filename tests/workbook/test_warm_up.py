"""The warm-up: complete, deterministic, and robust to whatever is answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from worksample.assignments import reading as assignment
from worksample.assignments.case import Case
from worksample.grading.run import CallResult, Ended, Run

FOLDER = Path(__file__).parents[2] / "assignments" / "warm-up"


@pytest.fixture
def warm_up() -> assignment.Assignment:
    return assignment.load(FOLDER)


def drawn(warm_up: assignment.Assignment, folder: Path, seed: int) -> Case:
    for part in ("public", "private"):
        (folder / part).mkdir(parents=True)
    prepare = assignment.load_module(warm_up, "scenario").prepare
    prepare(seed, "standard", folder / "public", folder / "private")
    return Case("warm-up", "ada", seed, "standard", 1, folder / "public", folder / "private")


def run(answers: dict, marks: object = None) -> Run:
    calls = {} if marks is None else {"unreliable": (CallResult("unreliable", True, marks),)}
    ended = Ended("completed", None, "")
    return Run({}, {}, answers, {}, calls, ended, 1.0, {}, {}, "none")


def test_is_complete_and_counts_for_nothing(warm_up):
    assert not warm_up.graded
    assert warm_up.points == 100
    assert not warm_up.criteria
    assert sum(cell.minutes for cell in warm_up.cells) == warm_up.minutes.work == 10


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_same_seed_same_bytes_and_the_truth_is_in_the_readings(warm_up, tmp_path, seed):
    one, two = (drawn(warm_up, tmp_path / name, seed) for name in "ab")
    for name in ("public/readings.csv", "private/later.csv", "private/truth.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    readings = pd.read_csv(one.public / "readings.csv", parse_dates=["at"])
    after = readings[readings["at"] >= pd.Timestamp(two.truth()["first_day"]) + pd.Timedelta("1D")]
    constant = after.groupby("thermometer")["celsius"].nunique() == 1
    assert constant.index[constant].tolist() == [two.truth()["thermometer"]]


def test_right_answers_earn_all(warm_up, tmp_path):
    case = drawn(warm_up, tmp_path, 5)
    checks = assignment.load_module(warm_up, "checks")
    probe = assignment.load_module(warm_up, "probe")
    marks = probe.later(case)["stuck"].to_numpy(bool)
    answers = {"first_day": case.truth()["first_day"], "guess": {"stuck_thermometer": 100}}
    ran = run(answers, marks)
    points = [getattr(checks, f"check_{cell.id}")(ran, case).points for cell in warm_up.checks]
    assert points == [40, 30, 30]


@pytest.mark.parametrize(
    "odd", [None, 7, "x", [], {}, {"a": None}, {"a": -1}, {"a": float("nan")}, {"a": 0}]
)
def test_odd_answers_earn_nothing_and_say_why(warm_up, tmp_path, odd):
    case = drawn(warm_up, tmp_path, 5)
    checks = assignment.load_module(warm_up, "checks")
    ran = run({"first_day": odd, "guess": odd})
    for cell in warm_up.checks:
        result = getattr(checks, f"check_{cell.id}")(ran, case)
        assert result.points == 0
        assert result.possible == cell.points
        assert all(part.message for part in result.parts)
    wrong = run({}, np.zeros(len(assignment.load_module(warm_up, "probe").later(case)), bool))
    assert 0 < checks.check_unreliable(wrong, case).points < 30
