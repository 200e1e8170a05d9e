"""What is said of an assignment that separates, and of ones that do not any more."""

from __future__ import annotations

import pytest

from worksample.authoring import separation
from worksample.authoring.verify import Result

SOUND = {
    ("idle", "idle_constants"): 3.0,
    ("weak", "weak"): 20.0,
    ("assistant", "assistant"): 50.0,
    ("adequate", "adequate"): 65.0,
    ("strong", "strong"): 100.0,
    ("strong", "strong_other"): 98.0,
}


def results(totals: dict[tuple[str, str], float | None]) -> list[Result]:
    return [
        Result(name, quality, "standard", seed, "", total, {}, "completed", 1.0, ())
        for (quality, name), total in totals.items()
        for seed in (0, 1)
    ]


def said(**changes: float | None) -> list[str]:
    names = {name: key for key in SOUND for name in [key[1]]}
    totals = SOUND | {names[name]: total for name, total in changes.items()}
    return separation.verdict(separation.lines(results(totals)))


def test_one_that_separates_is_told_so_with_the_floor_first():
    lines = separation.lines(results(SOUND))
    assert not separation.verdict(lines)
    assert [each.quality for each in lines] == sorted(
        (quality for quality, _ in SOUND), key=list(separation.AIMS).index
    )
    assert "idle_constants" in separation.table(lines).splitlines()[1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"idle_constants": 30.0}, "earned for nothing"),
        ({"weak": 45.0}, "too easily had"),
        ({"assistant": 70.0}, "rules of thumb do"),
        ({"adequate": 95.0}, "at most 75"),
        ({"adequate": 20.0}, "at least 55"),
        ({"strong_other": 60.0}, "can be solved in its way at all"),
        ({"strong": None}, "could not be graded on every case"),
    ],
)
def test_what_does_not_separate_is_named_with_a_remedy(changes, words):
    name = next(iter(changes))
    found = said(**changes)
    assert any(line.startswith(f"{name} (") and words in line for line in found)


def test_an_assistant_near_the_best_is_said_even_within_its_own_bound():
    found = said(strong=80.0, strong_other=80.0, assistant=59.0)
    assert any("21 points lie between" in line for line in found)


def test_without_a_strong_solution_nothing_is_shown():
    totals = {key: value for key, value in SOUND.items() if key[0] != "strong"}
    found = separation.verdict(separation.lines(results(totals)))
    assert any("no strong solution" in line for line in found)
