"""Checks of the model-development sample, on runs made by hand: no sandbox is needed for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from worksample import assignment as assignments
from worksample import case as cases
from worksample.case import Case
from worksample.checks import run_checks
from worksample.probe import CallResult
from worksample.run import Ended, Run

FOLDER = Path(__file__).parents[2] / "assignments" / "model-development"
SAMPLE = assignments.load(FOLDER)
Predict = Callable[[pd.DataFrame], Any]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return cases.draw(SAMPLE, 5, "standard", tmp_path_factory.mktemp("case") / "case")


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return assignments.load_module(SAMPLE, "checks")


@pytest.fixture(scope="module")
def probe() -> ModuleType:
    return assignments.load_module(SAMPLE, "probe")


def ran(case: Case, probe: ModuleType, predict: Predict, answers: dict[str, Any]) -> Run:
    """The run of a candidate whose ``predict`` is this one."""
    results: dict[str, tuple[CallResult, ...]] = {}
    for call in probe.calls(case):
        try:
            value = np.asarray(predict(call.args[0].copy()), dtype=float)
            result = CallResult(call.id, True, value)
        except Exception as error:
            result = CallResult(call.id, False, None, f"predict: raised {type(error).__name__}")
        results[call.id] = (*results.get(call.id, ()), result)
    return Run({}, {}, answers, {}, results, Ended("completed", None, ""), 0, {}, {}, "none")


def oracle(case: Case, probe: ModuleType) -> Predict:
    """The true probabilities, looked up by what no unusual shape of the rows changes."""
    key = ["scheduled_at", "distance_km", "turnaround_min"]
    rows = probe.later(case)[key].astype(str)
    known = dict(
        zip(map(tuple, rows.to_numpy()), probe.later_truth(case)["probability"], strict=True)
    )

    def predict(rows: pd.DataFrame) -> list[float]:
        return [known.get(tuple(row), 0.3) for row in rows[key].astype(str).to_numpy()]

    return predict


def points(run: Run, case: Case) -> dict[str, float]:
    return {name: result.points for name, result in run_checks(SAMPLE, run, case).items()}


def perfect_answers(case: Case, low: float = 0.0, high: float = 0.0) -> dict[str, Any]:
    truth = case.truth()
    loss = truth["oracle_loss"]
    audit = {issue: names or True for issue, names in truth["audit"].items()}
    return {
        "audit": audit,
        "estimate": {"low": loss - low, "log_loss": loss, "high": loss + high},
    }


def test_the_oracle_earns_everything(case: Case, probe: ModuleType) -> None:
    got = points(ran(case, probe, oracle(case, probe), perfect_answers(case, 0.03, 0.03)), case)
    assert got == {cell.id: cell.points for cell in SAMPLE.checks}


def test_a_constant_earns_nothing_for_being_right_about_itself(
    case: Case, probe: ModuleType, checks: ModuleType
) -> None:
    """A half for every row is perfectly reproducible, and its loss is known exactly."""
    answers = {"estimate": {"low": math.log(2), "log_loss": math.log(2), "high": math.log(2)}}
    run = ran(case, probe, lambda rows: np.full(len(rows), 0.5), answers)
    got = points(run, case)
    assert got["performance"] == got["leak"] == got["calibration"] == got["estimate"] == 0
    assert sum(got.values()) <= 20


def test_the_baseline_earns_nothing_for_its_loss(
    case: Case, probe: ModuleType, checks: ModuleType
) -> None:
    run = ran(case, probe, oracle(case, probe), {})
    served = CallResult("later", True, probe.later_truth(case)["baseline"].to_numpy())
    run.calls["later"] = (served,)  # type: ignore[index]
    result = checks.check_performance(run, case)
    assert result.points == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {"audit": 1},
        {"sentinel_value": "booked", "repeated_rows": 1},
        {"sentinel_value": [[], {}, 5, None], "mixed_units": None},
        {1: 2},
    ],
)
def test_any_audit_gets_a_score(case: Case, checks: ModuleType, value: Any) -> None:
    run = Run({}, {}, {"audit": value}, {}, {}, Ended("completed", None, ""), 0, {}, {}, "none")
    assert checks.check_audit(run, case).points == 0


def test_naming_everything_is_no_audit(case: Case, checks: ModuleType) -> None:
    columns = list(pd.read_csv(case.public / "train.csv", nrows=1).columns)
    names = assignments.load_module(SAMPLE, "toolkit.names")
    everything = {i: True if i in names.WHOLE_TABLE else columns for i in names.ISSUES}
    run = Run(
        {}, {}, {"audit": everything}, {}, {}, Ended("completed", None, ""), 0, {}, {}, "none"
    )
    assert checks.check_audit(run, case).points < 2


def test_other_words_for_what_is_there_cost_nothing(case: Case, checks: ModuleType) -> None:
    truth = case.truth()
    audit = perfect_answers(case)["audit"]
    audit["outliers"] = [truth["sentinel"]["column"]]
    audit["mixed_units"] = [*audit["mixed_units"], truth["units"]["tag"]]
    run = Run({}, {}, {"audit": audit}, {}, {}, Ended("completed", None, ""), 0, {}, {}, "none")
    assert checks.check_audit(run, case).points == 10


def test_the_interval_score_is_proper(checks: ModuleType) -> None:
    """For a normal belief the honest 80 % interval scores best, wider and narrower worse."""
    draws = np.random.default_rng(0).normal(0.4, 0.015, 4000)

    def mean(half: float) -> float:
        scores = [checks.interval_score(0.4 - half, 0.4 + half, x) for x in draws]
        return float(np.mean(scores))

    honest = mean(1.2816 * 0.015)
    assert honest < mean(0.5 * 0.015) < mean(0.0)
    assert honest < mean(2.5 * 0.015) < mean(6 * 0.015)


@pytest.mark.parametrize("half", [0.0, 0.15, 0.5])
def test_too_wide_earns_no_more_than_too_narrow(
    case: Case, probe: ModuleType, checks: ModuleType, half: float
) -> None:
    """An interval of no width that misses by 0.03, and one as wide as all models differ."""
    loss = case.truth()["oracle_loss"] + (0.03 if not half else 0)
    estimate = {"low": max(loss - half, 0), "log_loss": loss, "high": loss + half}
    run = ran(case, probe, oracle(case, probe), {"estimate": estimate})
    assert checks.check_estimate(run, case).points == pytest.approx(0, abs=0.1)


def test_a_claim_above_the_oracle_is_a_leak(
    case: Case, probe: ModuleType, checks: ModuleType
) -> None:
    estimate = {"low": 0.02, "log_loss": 0.05, "high": 0.6}
    run = ran(case, probe, oracle(case, probe), {"estimate": estimate})
    result = checks.check_estimate(run, case)
    assert result.points == 0
    assert "better than any model can be" in result.parts[0].message


@pytest.mark.parametrize(
    "value",
    [{}, {"low": None, "log_loss": 0.3, "high": 1}, {"low": 2, "log_loss": 1, "high": 0}, 7],
)
def test_an_estimate_without_a_form_earns_nothing(
    case: Case, probe: ModuleType, checks: ModuleType, value: Any
) -> None:
    run = ran(case, probe, oracle(case, probe), {"estimate": value})
    assert checks.check_estimate(run, case).points == 0


def test_a_model_that_needs_the_leak_loses_the_points_for_it(
    case: Case, probe: ModuleType, checks: ModuleType
) -> None:
    """With the column filled in it knows the outcome; as served it knows nothing."""
    leak = case.truth()["leak"]["column"]

    def predict(rows: pd.DataFrame) -> np.ndarray:
        return np.where(rows[leak] > 0, 0.95, 0.15)

    assert checks.check_leak(ran(case, probe, predict, {}), case).points == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.1])
def test_what_is_no_probability_is_no_answer(case: Case, probe: ModuleType, value: float) -> None:
    got = points(ran(case, probe, lambda rows: np.full(len(rows), value), {}), case)
    assert sum(got.values()) == 0


def test_predict_that_always_raises_earns_nothing(case: Case, probe: ModuleType) -> None:
    """A clear error is an answer for nonsense only."""

    def predict(rows: pd.DataFrame) -> None:
        raise ValueError("no")

    assert sum(points(ran(case, probe, predict, {}), case).values()) == 0


def test_calibration_error_is_zero_for_the_truth_and_grows_with_the_shift(
    checks: ModuleType,
) -> None:
    p = np.random.default_rng(1).uniform(0.05, 0.9, 5000)
    errors = [checks.calibration_error(p + shift, p) for shift in (0.0, 0.02, 0.05)]
    assert errors == pytest.approx([0.0, 0.02, 0.05])


def test_rows_in_the_other_unit_are_the_same_rows(case: Case, probe: ModuleType) -> None:
    """Twice swapped is as it was, and every measurement has another number in the other unit."""
    rows, about = probe.later(case).head(200), case.truth()["units"]
    swapped = probe.units_swapped(case, rows)
    assert (swapped[about["tag"]] != rows[about["tag"]]).all()
    back = probe.units_swapped(case, swapped)
    assert np.allclose(back[about["column"]], rows[about["column"]])


def test_probing_holds_no_label(case: Case, probe: ModuleType) -> None:
    for call in probe.calls(case):
        assert not {"late", "probability"} & set(call.args[0].columns)
