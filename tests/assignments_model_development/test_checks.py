"""Checks of the model-development sample, on runs made by hand: no sandbox is needed for them."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from worksample.assignments.case import Case
from worksample.grading.checking import run_checks
from worksample.grading.probe import CallResult
from worksample.grading.run import Run

from .drawn import LEVELS, SAMPLE, answering, calls, module, oracle, oracle_run, ran, recorded
from .drawn import case as drawn_case

checks, probe = module("checks"), module("probe")


@pytest.fixture(scope="module")
def case() -> Case:
    return drawn_case()


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


@pytest.mark.parametrize("level", LEVELS)
def test_the_oracle_earns_everything(level: str) -> None:
    """But for speed, which no look-up is made for: it takes as long as the baseline here."""
    case = drawn_case(level)
    got = points(answering(oracle_run(level), perfect_answers(case, 0.03, 0.03)), case)
    want = {cell.id: cell.points for cell in SAMPLE.checks}
    assert got == pytest.approx(want | ({"performance": 20} if level == "senior" else {}), abs=0.01)


def test_a_constant_earns_nothing_for_being_right_about_itself(case: Case) -> None:
    """A half for every row is perfectly reproducible, and its loss is known exactly."""
    answers = {"estimate": {"low": math.log(2), "log_loss": math.log(2), "high": math.log(2)}}
    run = ran(case, lambda rows: np.full(len(rows), 0.5), answers)
    got = points(run, case)
    assert got["performance"] == got["leak"] == got["calibration"] == got["estimate"] == 0
    assert sum(got.values()) <= 20


def test_the_baseline_earns_nothing_for_its_loss(case: Case) -> None:
    run = oracle_run()
    served = CallResult("later", True, probe.later_truth(case)["baseline"].to_numpy())
    run = dataclasses.replace(run, calls={**run.calls, "later": (served,)})
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
def test_any_audit_gets_a_score(case: Case, value: Any) -> None:
    run = recorded({"audit": value})
    assert checks.check_audit(run, case).points == 0


def test_naming_everything_is_no_audit(case: Case) -> None:
    columns = list(pd.read_csv(case.public / "train.csv", nrows=1).columns)
    names = module("toolkit.names")
    everything = {i: True if i in names.WHOLE_TABLE else columns for i in names.ISSUES}
    run = recorded({"audit": everything})
    assert checks.check_audit(run, case).points < 2


def test_other_words_for_what_is_there_cost_nothing(case: Case) -> None:
    """An id with rare levels, a value that cannot be, a unit's tag: neither right nor wrong."""
    truth = case.truth()
    audit = perfect_answers(case)["audit"]
    audit["rare_categories"] = [*audit["rare_categories"], truth["id"]]
    audit["outliers"] = [truth["sentinel"]["column"]]
    audit["mixed_units"] = [*audit["mixed_units"], truth["units"]["tag"]]
    run = recorded({"audit": audit})
    assert checks.check_audit(run, case).points == 10


def test_the_interval_score_is_proper() -> None:
    """For a normal belief the honest 80 % interval scores best, wider and narrower worse."""
    draws = np.random.default_rng(0).normal(0.4, 0.015, 4000)

    def mean(half: float) -> float:
        scores = [checks.interval_score(0.4 - half, 0.4 + half, x, 0.8) for x in draws]
        return float(np.mean(scores))

    honest = mean(1.2816 * 0.015)
    assert honest < mean(0.5 * 0.015) < mean(0.0)
    assert honest < mean(2.5 * 0.015) < mean(6 * 0.015)


@pytest.mark.parametrize("half", [0.0, 0.15, 0.5])
def test_too_wide_earns_no_more_than_too_narrow(case: Case, half: float) -> None:
    """An interval of no width that misses by 0.15, and one as wide as all models differ."""
    loss = case.truth()["oracle_loss"] + (0.15 if not half else 0)
    estimate = {"low": max(loss - half, 0), "log_loss": loss, "high": loss + half}
    run = answering(oracle_run(), {"estimate": estimate})
    assert checks.check_estimate(run, case).points == pytest.approx(0, abs=0.1)


def test_a_near_miss_costs_part_of_the_points(case: Case) -> None:
    """The luck of the weeks must not decide between all and nothing."""
    loss = case.truth()["oracle_loss"]
    earned = []
    for off in (0.0, 0.01, 0.02, 0.05, 0.15):
        estimate = {"low": loss + off, "log_loss": loss + off, "high": loss + off + 0.05}
        earned.append(checks.check_estimate(answering(oracle_run(), {"estimate": estimate}), case))
    points = [result.points for result in earned]
    assert points[0] == 20
    assert points == sorted(points, reverse=True)
    assert 8 < points[2] < 16
    assert 4 < points[3] < 8
    assert points[-1] == 0


def test_a_claim_above_the_oracle_is_a_leak(case: Case) -> None:
    estimate = {"low": 0.02, "log_loss": 0.05, "high": 0.6}
    run = answering(oracle_run(), {"estimate": estimate})
    result = checks.check_estimate(run, case)
    assert result.points == 0
    assert "better than any model can be" in result.parts[0].message


@pytest.mark.parametrize(
    "value",
    [{}, {"low": None, "log_loss": 0.3, "high": 1}, {"low": 2, "log_loss": 1, "high": 0}, 7],
)
def test_an_estimate_without_a_form_earns_nothing(case: Case, value: Any) -> None:
    run = answering(oracle_run(), {"estimate": value})
    assert checks.check_estimate(run, case).points == 0


def test_a_model_that_needs_the_leak_loses_the_points_for_it(case: Case) -> None:
    """With the column filled in it knows the outcome; as served it knows nothing."""
    leak = case.truth()["leak"]["column"]

    def predict(rows: pd.DataFrame) -> np.ndarray:
        return np.where(rows[leak] > 0, 0.95, 0.15)

    assert checks.check_leak(ran(case, predict, {}), case).points == 0


def test_a_model_as_good_with_the_leak_as_without_still_hangs_on_it(case: Case) -> None:
    """Rows are compared, not losses: with the column filled in, this one is wrong elsewhere."""
    leak = case.truth()["leak"]["column"]
    truth = module("probe").later_truth(case)["probability"].to_numpy(float)
    honest = ran(case, lambda rows: truth, {})
    assert checks.check_leak(honest, case).points == 10

    def predict(rows: pd.DataFrame) -> np.ndarray:
        return truth if (rows[leak].fillna(0) == 0).all() else np.roll(truth, 1)

    leaning = checks.check_leak(ran(case, predict, {}), case)
    assert leaning.points == 0
    assert "probabilities change between" in leaning.parts[0].message


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.1])
def test_what_is_no_probability_is_no_answer(case: Case, value: float) -> None:
    got = points(ran(case, lambda rows: np.full(len(rows), value), {}), case)
    assert sum(got.values()) == 0


def test_predict_that_always_raises_earns_nothing(case: Case) -> None:
    """A clear error is an answer for nonsense only."""

    def predict(rows: pd.DataFrame) -> None:
        raise ValueError("no")

    assert sum(points(ran(case, predict, {}), case).values()) == 0


def test_calibration_error_is_zero_for_the_truth_and_grows_with_the_shift() -> None:
    p = np.random.default_rng(1).uniform(0.05, 0.9, 5000)
    errors = [checks.calibration_error(p + shift, p) for shift in (0.0, 0.02, 0.05)]
    assert errors == pytest.approx([0.0, 0.02, 0.05])


# -- speed, at senior level ---------------------------------------------------------------------


def timed(
    theirs: float, baseline: float, *, outside: float = 1.0, predict: Any = None
) -> tuple[Run, Case]:
    """A run whose timed calls took so many seconds each, with the baseline outside taking one."""
    case = drawn_case("senior")
    run, calls = ran(case, predict) if predict else oracle_run("senior"), {}
    for name, results in run.calls.items():
        if name.startswith(probe.TIME_BASELINE):
            name, took = f"{probe.TIME_BASELINE}{outside + len(calls) / 1e6:.6f}", baseline
        else:
            took = theirs
        calls[name] = tuple(dataclasses.replace(result, seconds=took) for result in results)
    return dataclasses.replace(run, calls=calls), case


def speed(run: Run, case: Case) -> Any:
    return checks.check_performance(run, case).parts[1]


@pytest.mark.parametrize(("theirs", "points"), [(0.5, 10), (0.8, 10), (0.9, 5), (1.0, 0), (3.0, 0)])
def test_speed_counts_from_a_fifth_less_than_the_baseline(theirs: float, points: float) -> None:
    assert speed(*timed(theirs, 1.0)).earned == pytest.approx(points, abs=0.01)


def test_a_baseline_that_was_slowed_down_counts_by_its_time_outside() -> None:
    """`baseline_predict` lies in the candidate's process: a pause in it must not buy points."""
    part = speed(*timed(2.0, 20.0))
    assert part.earned == 0
    assert "took longer in your notebook's process" in part.message


def test_a_process_that_is_slower_by_itself_costs_nothing() -> None:
    """A sandbox may be slower than the grader's own process; the ratio is what counts."""
    assert speed(*timed(1.0, 1.4)).earned == 10


def test_the_candidate_is_timed_before_and_after_the_baseline() -> None:
    """On a busy machine the later of two calls waits longer: it must not always be the same."""
    asked = [call for call in calls(drawn_case("senior")) if call.id.startswith("time_")]
    names = [call.function for call in asked]
    assert names == ["predict", "baseline_predict", "predict"] * probe.PAIRS


def test_no_rows_are_timed_twice_and_none_that_the_baseline_saw_before() -> None:
    """Answers could be got ready while the baseline, in the candidate's process, is timed."""
    seen: list[pd.DataFrame] = []
    for call in calls(drawn_case("senior")):
        if call.id == "time_predict":
            assert not any(call.args[0].equals(rows) for rows in seen)
        if call.id.startswith("time_"):
            seen.append(call.args[0])


def test_a_short_cut_for_the_timed_rows_earns_no_points_for_speed() -> None:
    """What is fast has to be as good as what is judged."""
    case = drawn_case("senior")
    known = oracle(case)

    def predict(rows: pd.DataFrame) -> Any:
        return np.full(len(rows), 0.3) if len(rows) == probe.TIMED_ROWS else known(rows)

    part = speed(*timed(0.1, 1.0, predict=predict))
    assert part.earned == 0


def test_answers_remembered_by_row_do_not_fit_the_timed_rows() -> None:
    case = drawn_case("senior")
    rows = probe.later(case)
    columns = ["scheduled_at", "distance_km", "crew_rest_h"]
    for turn in range(2):
        timed_rows = probe.timed_rows(case, rows, turn)
        assert len(timed_rows.merge(rows[columns])) < 0.01 * len(timed_rows)


DRAWN = ("reordered", "single", "unseen", "missing", "columns", "id", "nonsense")


def test_what_is_asked_is_drawn_from_the_cases_own_seed() -> None:
    """What is the same for everybody can be told to the next candidate."""
    case = drawn_case()
    asked = [list(probe.calls(dataclasses.replace(case, seed=seed))) for seed in (5, 6, 5)]
    ids = [[call.id for call in each] for each in asked]
    assert sorted(ids[0]) == sorted(ids[1])
    assert ids[0] != ids[1]
    rows = [{call.id: call.args[0] for call in each} for each in asked]
    for name in DRAWN:
        assert not rows[0][name].equals(rows[1][name]), name
        assert rows[0][name].equals(rows[2][name]), name
    hidden = len(probe.later(case))
    places = [
        probe.timed_places(dataclasses.replace(case, seed=seed), hidden, 0) for seed in (5, 6)
    ]
    assert (places[0] != places[1]).any()


# -- what hostile results may be -----------------------------------------------------------------


@pytest.mark.parametrize(
    "value", [np.array([]), np.array([[0.5]]), np.array(0.5), None, np.array([np.nan, 0.5])]
)
def test_any_result_gets_a_score(value: Any) -> None:
    case = drawn_case("senior")
    run = oracle_run("senior")
    calls = {
        name: tuple(CallResult(name, True, value, "", 0.1) for _ in results)
        for name, results in run.calls.items()
    }
    got = points(dataclasses.replace(run, calls=calls), case)
    assert sum(got.values()) <= 1  # an empty answer to the empty table


@pytest.mark.parametrize("level", LEVELS)
def test_no_message_tells_a_hidden_name_or_number(level: str) -> None:
    """The leak, the id, the sentinel and the day of the change are the candidate's to find."""
    case = drawn_case(level)
    truth = case.truth()
    answers = {"audit": {}, "estimate": {"low": 0, "log_loss": 0.4, "high": 1}}
    poor = [ran(case, predict) for predict in (lambda rows: np.full(len(rows), 0.5), list)]
    for run in (oracle_run(level), *poor):
        for result in run_checks(SAMPLE, answering(run, answers), case).values():
            text = " ".join(part.message for part in result.parts)
            hidden = (truth["leak"]["column"], truth["id"], truth["changed_on"])
            assert not [word for word in hidden if word in text]
            assert truth["units"]["tag"] not in text
            losses = (truth["naive_loss"], truth["oracle_loss"])
            assert not [loss for loss in losses if f"{loss:.3f}" in text]
