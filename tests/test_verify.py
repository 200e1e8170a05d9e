"""Verification: the real path, against what the solutions' headers state."""

from __future__ import annotations

import json

import pytest

from tests.cohort import TINY
from worksample import assignment as assignments
from worksample import verify
from worksample.course import Course
from worksample.errors import AssignmentError, CaseError
from worksample.verify import Result


def a_result(**changes: object) -> Result:
    given: dict = {
        "solution": "strong",
        "quality": "strong",
        "level": "senior",
        "seed": 1,
        "cause": "",
        "total": 100.0,
        "points": {},
        "ended": "completed",
        "seconds": 1.0,
        "wrong": (),
    }
    return Result(**(given | changes))


def test_seeds_vary_in_both_halves() -> None:
    found = verify.seeds(4)
    assert [seed >> 32 for seed in found] == [0, 1, 0, 1]
    assert [seed & 0xFFFFFFFF for seed in found] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("truth", "name"),
    [
        ({}, ""),
        ({"causes": ["late_labels"]}, "late_labels"),
        ({"causes": [{"id": "a", "share": 0.7}, {"id": "b"}]}, "a + b"),
        ({"causes": "one"}, "one"),
    ],
)
def test_causes_are_read_whatever_their_form(truth: dict, name: str) -> None:
    assert verify.cause(truth) == name


@pytest.mark.slow
def test_the_tiny_assignment_is_as_its_headers_state(built: Course) -> None:
    seen: list[tuple[str, int]] = []
    done = verify.verify(
        built,
        assignments.find(built, TINY),
        seed_list=[0, 1],
        levels=["senior"],
        progress=lambda result, total: seen.append((result.solution, total)),
    )
    assert done.deviations == ()
    assert len(seen) == 8
    assert {total for _, total in seen} == {8}
    totals = {(r.solution, r.seed): r.total for r in done.results}
    assert totals[("strong", 0)] == 100
    assert totals[("crash", 1)] == 40
    shown = verify.table(done)
    assert "tiny-regression, senior" in shown
    assert [line.split()[0] for line in shown.splitlines()[2:6]] == [
        "blank",
        "crash",
        "strong",
        "weak",
    ]
    assert json.loads(verify.report([done]))[0]["results"][0]["level"] == "senior"


@pytest.mark.slow
def test_a_header_that_is_wrong_is_named(built: Course) -> None:
    path = built.assignments / TINY / "solutions" / "weak.py"
    text = path.read_text().replace("total = [20, 20]", "total = [55, 75]")
    path.write_text(text.replace('ended = "completed"', 'ended = "timeout"'))
    done = verify.verify(built, assignments.find(built, TINY), quick=True, solutions=["weak"])
    assert len(done.results) == verify.QUICK_SEEDS
    assert len(done.deviations) == 2 * verify.QUICK_SEEDS
    assert "20 points, not 55 to 75 (slope 20 of 40, predict 0 of 60)" in " ".join(done.deviations)
    assert "not timeout" in done.deviations[0]


def test_a_strong_solution_may_not_spread(course: Course) -> None:
    tiny = assignments.find(course, TINY)
    results = [a_result(total=total, seed=i) for i, total in enumerate((100.0, 90.0, 100.0, 90.0))]
    (told,) = verify._together(tiny, results)
    assert "strong, senior: standard deviation 5.0, above 3" in told
    assert (
        list(verify._together(tiny, [a_result(quality="weak", total=t) for t in (0.0, 50.0)])) == []
    )


def test_an_attack_may_not_earn_more_than_its_answers(course: Course) -> None:
    path = course.assignments / TINY / "solutions" / "crash.py"
    path.write_text(path.read_text().replace("\n", '\n# no_better_than = "weak"\n', 1))
    tiny = assignments.find(course, TINY)
    plain = a_result(solution="weak", points={"slope": 20.0, "predict": 0.0})
    same = a_result(solution="crash", points={"slope": 20.0, "predict": 0.0})
    more = a_result(solution="crash", points={"slope": 10.0, "predict": 1.0})
    assert list(verify._gained(tiny, [plain, same])) == []
    (told,) = verify._gained(tiny, [plain, more])
    assert "crash, senior, seed 1: predict earned 1, and 0 without the attack (weak)" in told


def test_what_could_not_be_graded_is_in_the_table() -> None:
    found = verify.Verified("a", (a_result(total=None), a_result(solution="b", cause="c")), ())
    shown = verify.table(found)
    assert "not gradable" in shown
    assert "by cause" in shown


def test_nothing_to_run_is_an_error(course: Course) -> None:
    tiny = assignments.find(course, TINY)
    with pytest.raises(AssignmentError, match='no solution "perfect"'):
        verify.verify(course, tiny, solutions=["perfect"])
    with pytest.raises(CaseError, match="no level 'wizard'"):
        verify.verify(course, tiny, levels=["wizard"], quick=True)
