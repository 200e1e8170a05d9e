"""Full points for strong work of several kinds, none for nothing, to each check its mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.words import assert_fitting
from worksample import assignments

from .drawn import CHECKS, FOLDER, case, graded, recorded, strong

SAMPLE = assignments.load(FOLDER)
OTHERS = tuple(name for name in CHECKS if name != "tomorrow")


def points(answers: dict[str, Any], names: Any = CHECKS) -> dict[str, float]:
    return {name: result.points for name, result in graded(answers, case(), names).items()}


def changed(**answers: Any) -> dict[str, Any]:
    return strong() | answers


@pytest.fixture(scope="module")
def full() -> dict[str, float]:
    return points(strong())


@pytest.fixture(scope="module")
def full_shares() -> dict[str, float]:
    return dict(graded(strong(), case(), ["tomorrow"])["tomorrow"].private["shares"])


def test_a_strong_solution_has_everything(full):
    assert full == pytest.approx(dict(zip(CHECKS, (8, 37, 15, 15, 15, 10), strict=True)), abs=0.6)


@pytest.mark.parametrize("other", ["strong_accelerators", "strong_cached"])
def test_so_have_designs_of_other_kinds(other):
    """Accelerators in batches; a cache before daily machines without a simple answer."""
    found = graded(json.loads(recorded(other)), case())
    assert sum(result.points for result in found.values()) >= 97
    assert_fitting(SAMPLE, found)


MUTANTS = {
    # one requirement broken -> the check that loses by it, and no other that does not see a design
    "a limit at another rate": ("limits", {"limits": lambda a: [a[0], [a[1][0], a[1][1] * 1.4]]}),
    "limits the other way round": ("limits", {"limits": lambda a: a[::-1]}),
    "no small step": ("way", {"way": lambda a: a | {"steps": [[8, 1.0]]}}),
    "a first step that is too short": (
        "way", {"way": lambda a: a | {"steps": [[8, 0.05], [9, 0.5], [24, 1.0]]}},
    ),
    "a rule that chance breaks": ("way", {"way": lambda a: a | {"stop_above": 0.02}}),
    "no rule": ("way", {"way": lambda a: a | {"stop_above": 1.0}}),
    "nowhere to go back to": ("way", {"way": lambda a: a | {"old_off": 9}}),
    "never whole": ("way", {"way": lambda a: a | {"steps": [[8, 0.05], [15, 0.5]]}}),
    "an interval of everything": ("forecast", {"forecast": lambda a: a | {"p99_ms": [0, 1e6]}}),
    "an interval that misses": ("forecast", {"forecast": lambda a: a | {"ceiling": [1, 2]}}),
    "another bottleneck": ("forecast", {"forecast": lambda a: a | {"bottleneck": "popular"}}),
    "the data sheet's time": ("disaster", {"claim": lambda a: a | {"rto_min": [0, 1]}}),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_what_breaks_one_requirement_loses_there_and_nowhere_else(full, name):
    check, changes = MUTANTS[name]
    answers = strong()
    answers |= {key: change(answers[key]) for key, change in changes.items()}
    seen = [name for name in OTHERS if name == check or name != "way"]  # that one takes a while
    found = points(answers, seen)
    assert found.pop(check) < full[check] - 1.4
    assert found == {name: full[name] for name in found}


DESIGNS = {
    # setting of the strong design -> the evening that it is missed on
    "no release rule": (("versions",), None, "release"),
    "waiting for the store": (("features",), {"timeout_ms": 60_000, "on_timeout": "fail"}, "store"),
    "all in one zone": (("singles", "pages"), {"zones": ["a"]}, "zone"),
    "pages for no more than today": (("pages",), {"least": 1, "most": 2}, "pages"),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_part_that_is_missing_is_missed_on_its_evening(full_shares, name):
    names, settings, evening = DESIGNS[name]
    answers = strong()
    parts = answers["design"]["components"]
    before = full_shares[evening]
    for part in names:
        if settings is None:
            del parts[part]
        else:
            parts[part] |= settings
    after = graded(answers, case(), ["tomorrow"])["tomorrow"].private["shares"][evening]
    assert after < before - 0.25


FREE = {
    "endless queues": {"singles": {"queue": 1_000_000}, "pages": {"queue": 1_000_000}},
    "repeats without end": {"front": {"retries": 3, "retry_budget": 3.0}},
    "everything is large": {
        "singles": {"scale": "fixed", "least": 250}, "pages": {"scale": "fixed", "least": 250},
    },
    "an endless wait": {"front": {"timeout_ms": 60_000, "connections": 50_000}},
}  # fmt: skip


@pytest.mark.parametrize("name", FREE)
def test_corners_of_the_catalogue_are_no_free_lunch(full, name):
    answers = strong()
    for part, settings in FREE[name].items():
        answers["design"]["components"][part] |= settings
    assert points(answers, ["tomorrow"])["tomorrow"] <= full["tomorrow"] + 1e-9


def test_nothing_earns_nothing():
    """The design as it came, whatever is forecast of it; answers that were never recorded."""
    current = case().truth()["current"]
    answers = changed(design=current, limits=[], claim={})
    assert sum(points(answers).values()) == pytest.approx(0, abs=0.01)
    empty = graded({}, case())
    assert sum(result.points for result in empty.values()) == 0
    assert_fitting(SAMPLE, empty)


@pytest.mark.parametrize(
    "wild",
    [
        None, [], "x", 1e308, {"components": {}}, [["models", 0]], [[{}, 1], [None, "1"]],
        {"steps": [[0, 1]], "stop_above": True, "old_off": float("nan")},
        {"p99_ms": [float("inf"), 1], "bottleneck": {}}, {"rto_min": [2, 1], "rpo_min": "0"},
    ],
)  # fmt: skip
def test_whatever_is_recorded_is_answered_in_words(wild):
    names = {"limits": wild, "way": wild, "forecast": wild, "claim": wild}
    found = graded(changed(**names), case(), OTHERS)
    assert sum(found[name].points for name in ("limits", "way", "forecast")) == 0
    assert_fitting(SAMPLE, found)
    broken = graded({"design": wild}, case())
    assert sum(result.points for result in broken.values()) == 0


def test_of_weak_and_adequate_work_no_word_is_wrong():
    for name in ("weak", "assistant"):
        assert_fitting(SAMPLE, graded(json.loads(recorded(name)), case()))
