"""Verification: the real path, against what the solutions' headers state."""

from __future__ import annotations

import json

import pytest

from tests.assignments.test_dressing import put
from tests.cohort import TINY
from worksample import assignments
from worksample.authoring import verify
from worksample.authoring.verify import Result
from worksample.course import Course
from worksample.errors import AssignmentError, CaseError


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


def test_a_skin_that_makes_a_difference_is_told() -> None:
    """A check's points are compared, not totals: two differences could cancel out."""
    bare = a_result(points={"slope": 40.0, "predict": 30.0}, total=70.0)
    worn = a_result(points={"slope": 30.0, "predict": 40.0}, total=70.0, skin="payroll")
    assert list(verify._told_apart([bare, worn])) == [
        "strong, senior, seed 1: slope earned 40 without the skin payroll, and 30 in it",
        "strong, senior, seed 1: predict earned 30 without the skin payroll, and 40 in it",
    ]
    same = a_result(points=bare.points, total=70.0, skin="payroll")
    assert list(verify._told_apart([bare, same])) == []


def test_a_case_that_could_be_graded_without_its_skin_only_is_told() -> None:
    bare = a_result(points={"slope": 40.0}, total=40.0)
    lost = a_result(points={}, total=None, skin="payroll")
    assert [line.partition(":")[2] for line in verify._told_apart([bare, lost])] == [
        " slope earned 40 without the skin payroll, and 0 in it"
    ]


def test_the_table_sets_a_skin_beside_none() -> None:
    results = (
        a_result(points={"slope": 40.0}, total=40.0),
        a_result(points={"slope": 38.0}, total=38.0, skin="payroll"),
    )
    lines = verify.table(verify.Verified("tiny", results, ())).splitlines()
    assert [line for line in lines if line.startswith("tiny")] == [
        "tiny, senior",
        "tiny, senior, in the skin payroll",
    ]
    assert lines[-1].split() == ["senior,", "strong", "1", "40.00", "38.00", "2"]


@pytest.mark.slow
def test_the_solutions_earn_the_same_in_a_skin(built: Course) -> None:
    put(built)
    done = verify.verify(
        built,
        assignments.find(built, TINY),
        seed_list=[0],
        levels=["standard"],
        solutions=["strong", "weak"],
        skin="payroll",
    )
    assert done.deviations == ()
    assert [(r.skin, r.solution, r.total) for r in done.results] == [
        ("", "strong", 100),
        ("", "weak", 20),
        ("payroll", "strong", 100),
        ("payroll", "weak", 20),
    ]
