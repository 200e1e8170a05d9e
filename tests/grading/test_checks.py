"""Checks run in a child with limits; what they give is what was given, or no score at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.words import assert_fitting
from worksample.assignments import reading as assignment
from worksample.assignments.case import Case
from worksample.errors import CheckFailed
from worksample.grading import checks
from worksample.grading.checkhost import from_json, to_json
from worksample.grading.checking import run_checks
from worksample.grading.checks import CheckResult, Part, spherical_score
from worksample.grading.probe import CallResult
from worksample.grading.run import Ended, Run

TINY = Path(__file__).parents[1] / "assignments" / "tiny-regression"


def a_run(**changes: object) -> Run:
    """A run in which nothing was recorded and nothing called."""
    given: dict = {
        "notebook": {"cells": []},
        "cells": {},
        "answers": {},
        "refused": {},
        "calls": {},
        "ended": Ended("completed", None, ""),
        "seconds": 1.0,
        "versions": {},
        "limits": {},
        "sandbox": "none",
    }
    return Run(**(given | changes))


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "truth.json").write_text('{"slope": 2, "intercept": 1, "hidden": [1.0, 2.0]}')
    return Case("tiny-regression", "ada", 1, "standard", 1, tmp_path, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(TINY, tmp_path / "tiny-regression")


def test_results_come_in_the_order_of_the_notebook(case: Case) -> None:
    run = a_run(
        answers={"slope": 2.0}, calls={"predict": (CallResult("predict", True, [3.0, 5.0]),)}
    )
    results = run_checks(assignment.load(TINY), run, case)
    assert {name: result.points for name, result in results.items()} == {"slope": 40, "predict": 6}
    assert list(results) == ["slope", "predict"]
    assert results["slope"].details == {"slope": 2.0}
    assert results["slope"].possible == 40


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise ValueError('no such day')", r"raised ValueError: no such day \(checks.py:"),
        ("while True: pass", "took more than"),
        ("bytearray(2**33)", "raised MemoryError"),
        ("import os; os._exit(3)", "ended the process"),
        ("return CheckResult((Part('x', 41, 40, ''),))", "gave 41 of 40"),
        ("return CheckResult((Part('x', 1, 30, ''),))", "the cell has 40"),
        ("return CheckResult(())", "in 0 parts"),
        ("return CheckResult((Part('x', float('nan'), 40, ''),))", "raised|gave"),
        ("return None", "raised AttributeError"),
        ("raise SystemExit", "raised SystemExit"),
    ],
)
def test_a_check_at_fault_is_our_fault(folder: Path, case: Case, body: str, told: str) -> None:
    """Our fault is never their score: a check that misbehaves gives neither full nor zero."""
    path = folder / "checks.py"
    original = path.read_text()
    head, rest = original.split("def check_slope(run, case):\n")
    path.write_text(
        f"{head}def check_slope(run, case):\n    {body}\n\n\ndef _old(run, case):\n{rest}"
    )
    with pytest.raises(CheckFailed, match=told):
        run_checks(assignment.load(folder), a_run(), case, seconds=3, memory_mb=512)
    # the host survives, and the mended check is imported afresh
    path.write_text(original)
    assert run_checks(assignment.load(folder), a_run(), case)["slope"].points == 0


def test_what_a_check_prints_does_not_reach_the_reply(folder: Path, case: Case) -> None:
    path = folder / "checks.py"
    text = path.read_text().replace(
        "value = run.answers", "print('x' * 99)\n    value = run.answers"
    )
    path.write_text(text)
    assert run_checks(assignment.load(folder), a_run(), case)["slope"].points == 0


def test_a_killed_host_is_replaced(case: Case) -> None:
    from worksample.grading import checkhost

    run_checks(assignment.load(TINY), a_run(), case)
    assert checkhost._current is not None
    checkhost._current.process.kill()
    checkhost._current.process.wait()
    assert run_checks(assignment.load(TINY), a_run(), case)["slope"].points == 0


def test_helpers_read_what_came_back() -> None:
    result = CallResult("f", True, 3)
    run = a_run(
        answers={"onset": "2024-01-01"}, refused={"trace": "too large"}, calls={"f": (result,)}
    )
    assert checks.answer(run, "onset") == "2024-01-01"
    assert checks.answer(run, "trace") is None
    assert "too large" in checks.why_no_answer(run, "trace")
    assert checks.call(run, "f") == result
    assert checks.call(run, "g") is None
    assert [checks.is_number(v) for v in (1, 0.5, True, float("nan"), "1")] == [1, 1, 0, 0, 0]


def test_numbers_that_json_can_write_and_floats_cannot() -> None:
    """A candidate records an integer of a thousand digits: no check may fall over it."""
    assert not checks.is_number(10**1000)
    assert spherical_score({"a": 10**1000, "b": 1}, "a") == 0


def test_evidence_can_hold_whatever_a_check_found() -> None:
    result = CheckResult(
        (Part("a", np.float64(1), 2, "said \ud800"),),
        {"n": np.int64(3), "nan": float("nan")},
        {"rows": np.arange(2), "set": {1}, "none": None, "other": Path("x")},
    )
    made = json.loads(json.dumps(to_json(result), allow_nan=False))
    assert made["parts"][0] == {
        "name": "a", "earned": 1, "possible": 2, "message": "said ?", "idle": 0.0,
    }  # fmt: skip
    assert made["details"] == {"n": 3, "nan": None}
    assert made["private"] == {"rows": [0, 1], "set": [1], "none": None, "other": "x"}
    assert from_json(made).points == 1


def test_the_spherical_score_is_proper() -> None:
    """In expectation under q, no report beats q; certainty in the truth gives 1."""
    truth = {"a": 0.6, "b": 0.3, "c": 0.1}
    honest = spherical_score(truth, truth)
    assert honest == pytest.approx(1.0)
    others = [{"a": 1}, {"a": 1, "b": 1, "c": 1}, {"a": 0.7, "b": 0.2, "c": 0.1}, {"b": 1}]
    assert all(spherical_score(other, truth) < honest for other in others)
    assert spherical_score({"a": 100}, "a") == pytest.approx(1.0)
    assert spherical_score({"b": 100}, "a") == 0
    assert spherical_score(dict.fromkeys("abcdefghij", 1), "a") == pytest.approx(0.1 ** (2 / 3))
    assert spherical_score({"a": float("nan"), "b": -1, "c": "x"}, "a") == 0  # type: ignore[dict-item]
    assert spherical_score({"a": 1e300, "b": 1e300}, "a") == pytest.approx(0.5 ** (2 / 3))


def test_points_of_parts_add_up() -> None:
    result = CheckResult((Part("a", 1.5, 2, ""), Part("b", 1, 3, "")))
    assert (result.points, result.possible) == (2.5, 5.0)


@given(st.floats(0, 1), st.floats(0.1, 100))
def test_a_part_says_what_was_right_or_what_is_missing_by_its_points(share, possible):
    """No check can praise what earned little, or find fault with what earned nearly all."""
    part = Part("x", share * possible, possible, "Found.", right="RIGHT", missing="MISSING")
    assert part.message == ("Found. RIGHT" if part.share >= 0.9 else "Found. MISSING")
    again = from_json(to_json(CheckResult((part,))))
    assert again.parts == (part,)


def test_the_words_that_judge_are_found_where_they_do_not_fit():
    """The assignments' tests ask for what this finds; without it they would pass on anything."""
    tiny = assignment.load(TINY)
    for message, earned in (("It fits the table.", 10), ("It should be larger.", 39)):
        result = CheckResult((Part("slope", earned, 40, message),), {"slope": 1.0})
        with pytest.raises(AssertionError):
            assert_fitting(tiny, {"slope": result})
        assert_fitting(tiny, {"slope": CheckResult((Part("slope", earned, 40, "It is 1."),))})
