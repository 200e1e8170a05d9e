"""Whose doing it was that a check ran out of its time: held against a reference solution."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.grading.test_checks import TINY, a_run, case  # noqa: F401 (a fixture)
from worksample.assignments import reading as assignment
from worksample.assignments.case import Case
from worksample.assignments.model import Assignment
from worksample.errors import CheckExhausted, CheckFailed
from worksample.grading import beyond, checking
from worksample.grading.probe import CallResult
from worksample.grading.run import Run

GOOD = a_run(answers={"slope": 2.0}, calls={"predict": (CallResult("predict", True, [3.0, 5.0]),)})
BAD = a_run(answers={"slope": 666}, calls=dict(GOOD.calls))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are enough for these checks."""
    whole = checking.run_checks

    def run_checks(*args: object, **given: object) -> object:
        return whole(*args, **{"seconds": 2, "memory_mb": 256, **given})

    monkeypatch.setattr(checking, "run_checks", run_checks)


def with_slope(tmp_path: Path, body: str) -> Assignment:
    """The tiny assignment, whose first check begins with ``body``."""
    folder = shutil.copytree(TINY, tmp_path / "tiny-regression")
    path = folder / "checks.py"
    head, rest = path.read_text().split('    value = run.answers.get("slope")\n')
    path.write_text(f'{head}    value = run.answers.get("slope")\n    {body}\n{rest}')
    return assignment.load(folder)


EXHAUSTING = {
    "time": "while value == 666: pass",
    "memory": "bytearray(2**33 if value == 666 else 1)",
    "process": "import os; value == 666 and os._exit(3)",
}


@pytest.mark.parametrize("kind", EXHAUSTING)
def test_answers_that_exhaust_a_check_are_the_candidates_failure(
    tmp_path: Path,
    case: Case,  # noqa: F811
    quick: None,
    kind: str,
) -> None:
    """A candidate who makes a check hang must not get out of being graded by it."""
    made = beyond.results(with_slope(tmp_path, EXHAUSTING[kind]), BAD, case, lambda: GOOD)
    assert list(made) == ["slope", "predict"]
    assert made["slope"].points == 0
    assert "asks too much of this check" in made["slope"].parts[0].message
    assert made["slope"].possible == 40
    assert made["predict"].points == 6  # the others give what they find


@pytest.mark.parametrize("reference", [GOOD, None])
def test_a_check_that_the_reference_exhausts_too_is_our_fault(
    tmp_path: Path,
    case: Case,  # noqa: F811
    quick: None,
    reference: Run | None,
) -> None:
    """Our fault is never their score; unknown is ours too."""
    hangs = with_slope(tmp_path, "while True: pass")
    with pytest.raises(CheckExhausted, match="check_slope took more than 2 s"):
        beyond.results(hangs, BAD, case, lambda: reference)


def test_a_check_that_raises_is_our_fault_whatever_it_was_given(
    tmp_path: Path,
    case: Case,  # noqa: F811
    quick: None,
) -> None:
    """A check has to expect any value of the declared shape; no reference is asked."""
    raises = with_slope(tmp_path, "1 / (value - 666)")
    with pytest.raises(CheckFailed, match="ZeroDivisionError"):
        beyond.results(raises, BAD, case, lambda: pytest.fail("it was asked"))


def test_a_check_that_ran_out_once_only_counts(
    tmp_path: Path,
    case: Case,  # noqa: F811
    quick: None,
) -> None:
    """A machine may have been busy: what is not exhausted again gives what it finds."""
    mark = tmp_path / "mark"
    body = (
        f"import pathlib; mark = pathlib.Path({str(mark)!r})\n"
        "    while not mark.exists():\n        mark.touch()\n"
        "        import time; time.sleep(60)"
    )
    once = with_slope(tmp_path, body)
    assert beyond.results(once, GOOD, case, lambda: GOOD)["slope"].points == 40
