"""Full points for strong work of several kinds, none for nothing, to each check its mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.words import assert_fitting
from worksample import assignments

from .drawn import CHECKS, FOLDER, case, graded, recorded, strong

SAMPLE = assignments.load(FOLDER)
POINTS = dict(zip(CHECKS, (45, 10, 15, 20, 10), strict=True))


def points(answers: dict[str, Any], names: Any = CHECKS) -> dict[str, float]:
    return {name: result.points for name, result in graded(answers, case(), names).items()}


def changed(**answers: Any) -> dict[str, Any]:
    return strong() | answers


@pytest.fixture(scope="module")
def full() -> dict[str, float]:
    return points(strong())


@pytest.fixture(scope="module")
def full_shares() -> dict[str, float]:
    return dict(graded(strong(), case(), ["quarter"])["quarter"].private["shares"])


def test_a_strong_solution_has_everything(full):
    assert full == pytest.approx(POINTS, abs=0.6)


@pytest.mark.parametrize("other", ["strong_stream", "strong_managed"])
def test_so_have_designs_of_other_kinds(other):
    """A log and streams with keys that are thrown away; what can be bought."""
    found = graded(json.loads(recorded(other)), case())
    assert sum(result.points for result in found.values()) >= 97
    assert_fitting(SAMPLE, found)


MUTANTS = {
    # one requirement broken -> the check that loses by it, and no other
    "an interval of everything": ("numbers", {"numbers": lambda a: a | {"stored_tb": [0, 1e6]}}),
    "an interval that misses": ("numbers", {"numbers": lambda a: a | {"rows_day": [1, 2]}}),
    "a month for a quarter": (
        "numbers",
        {"numbers": lambda a: a | {"cost_month": [3 * x for x in a["cost_month"]]}},
    ),
    "another one catches it": (
        "failures", {"failures": lambda a: a | {"labels": ["better", *a["labels"][1:]]}},
    ),
    "nobody does": ("failures", {"failures": lambda a: a | {"code": ["nobody", *a["code"][1:]]}}),
    "it costs a fortune": (
        "failures",
        {"failures": lambda a: a | {"value": [*a["value"][:2], 5e4, 9e4]}},
    ),
    "another one stands behind it": (
        "failures",
        {"failures": lambda a: a | {"schema": ["agreed", "once", *a["schema"][2:]]}},
    ),
    "nothing is revised": ("change", {"revised": lambda a: strong()["design"]}),
    "today's design is the revision": ("change", {"revised": lambda a: case().truth()["current"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_what_breaks_one_requirement_loses_there_and_nowhere_else(full, name):
    check, changes = MUTANTS[name]
    answers = strong()
    answers |= {key: change(answers[key]) for key, change in changes.items()}
    found = points(answers)
    assert found.pop(check) < full[check] - 0.9
    assert found == {name: full[name] for name in found}


def without(data: dict[str, Any], name: str) -> None:
    """Takes a component out; what led to it leads to what it led to."""
    behind = data["components"].pop(name).get("to", [])
    for part in data["components"].values():
        if name in part.get("to", []):
            part["to"] = [n for n in part["to"] if n != name] + [
                n for n in behind if n not in part["to"]
            ]


ARROWS = {"tokens": "masked", "better": "gated", "models": "back", "copies": "traced"}


@pytest.mark.parametrize("name", ARROWS)
def test_a_way_past_a_guard_is_seen(name):
    answers = strong()
    without(answers["design"], name)
    structure = graded(answers, case(), ["structure"])["structure"]
    lost = {part.name for part in structure.parts if part.share < 1}
    titles = module_titles()
    assert titles[ARROWS[name]] in lost
    assert len(lost) == 1 or name == "models"  # what no registry keeps cannot be traced either


def module_titles() -> dict[str, str]:
    from .drawn import module

    return {name: row[0] for name, row in module("checks").QUESTIONS.items()}


DESIGNS = {
    # setting of the strong design -> the quarter that it is missed in
    "young rows": ("fit", {"wait_days": 0}, "calm"),
    "copies forgotten": ("forget", {"every_days": 90}, "calm"),
    "nothing kept of answers": ("said", {"keep_days": 1}, "calm"),
    "one old worker": ("load", {"every_h": 168}, "calm"),
    "everything twice as large": ("answers", {"replicas": 30}, "calm"),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_what_is_missing_or_too_much_is_money(full_shares, name):
    part, settings, quarter = DESIGNS[name]
    answers = strong()
    answers["design"]["components"][part] |= settings
    told = graded(answers, case(), ["quarter"])["quarter"].private
    before = graded(strong(), case(), ["quarter"])["quarter"].private
    assert sum(told["money"][quarter].values()) > 1.05 * sum(before["money"][quarter].values())
    assert told["shares"][quarter] <= full_shares[quarter]


FREE = {
    "workers for old rows without end": {"tables": {"burst": 100}},
    "never trained, so never wrong": {"fit": {"every_h": 2184}},
    "a canary that ends with the quarter": {"answers": {"first": 0.01, "watch_h": 96}},
    "alarms at everything": {"looks_right": {"threshold": 0.5}},
    "kept for ever": {"said": {"keep_days": 730}, "copies": {"keep_days": 730}},
    "versions without end": {"models": {"versions": 1000}},
    "a gate that lets nothing through": {"better": {"margin": 0.005}},
    "waits for the last late row": {"load": {"lateness_h": 240}},
    "rows are kept for a day": {"bucket": {"keep_days": 1}},
}


@pytest.mark.parametrize("name", FREE)
def test_corners_of_the_catalogue_are_no_free_lunch(name):
    """They lose more money than the strong design, whatever they were meant to save."""
    answers = strong()
    for part, settings in FREE[name].items():
        answers["design"]["components"][part] |= settings
    told = graded(answers, case(), ["quarter"])["quarter"].private["money"]
    before = graded(strong(), case(), ["quarter"])["quarter"].private["money"]
    for money in told.values():
        assert all(value >= 0 for value in money.values())
    lost = [sum(sum(m.values()) for m in each.values()) for each in (told, before)]
    assert lost[0] > lost[1]


FORGED = {
    "a circle": {"once": {"kind": "dedup", "window_h": 5, "to": ["agreed"]}},
    "less than none": {"answers": {"kind": "serving", "replicas": -3}},
    "half a machine": {"load": {"kind": "batch_load", "every_h": 1, "machines": 0.5}},
    "an island": {"island": {"kind": "online"}},
    "two of one kind": {"again": {"kind": "gate", "margin": 0.1, "to": ["models"]}},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_design_that_no_cell_would_record_is_none(name):
    answers = strong()
    answers["design"]["components"] |= FORGED[name]
    assert sum(points(answers, CHECKS[:4]).values()) == 0


def test_nothing_earns_nothing():
    """The design as it came, whatever is said of it; answers that were never recorded."""
    current = case().truth()["current"]
    assert sum(points(changed(design=current, revised=current)).values()) == pytest.approx(0)
    empty = graded({}, case())
    assert sum(result.points for result in empty.values()) == 0
    assert_fitting(SAMPLE, empty)


@pytest.mark.parametrize(
    "wild",
    [
        None, [], "x", 1e308, {"components": {}}, {"rows_day": [2, 1], "stored_tb": "0"},
        {"schema": ["agreed", "agreed", 0], "code": [{}, [], 1, 2]},
        {"labels": ["people", "", float("nan"), 1], "code": ["repo", "better", 2, 1]},
        {"cost_month": [float("-inf"), float("inf")]},
    ],
)  # fmt: skip
def test_whatever_is_recorded_is_answered_in_words(wild):
    found = graded(changed(numbers=wild, failures=wild, revised=wild), case())
    assert sum(found[name].points for name in ("numbers", "failures", "change")) == 0
    assert_fitting(SAMPLE, found)
    broken = graded({"design": wild}, case())
    assert sum(result.points for result in broken.values()) == 0


def test_of_weak_and_other_work_no_word_is_wrong():
    for name in ("weak", "assistant", "adequate"):
        assert_fitting(SAMPLE, graded(json.loads(recorded(name)), case()))
