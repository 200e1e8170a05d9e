"""What earns points, what earns none, and which check each fault of a solution costs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.words import assert_fitting
from worksample.grading.repository import TrialResult

from .drawn import assignment, case, checked, module, results, tree

ALL = ("whole", "rubbish", "missing", "suite", "guard")


@pytest.fixture(scope="module")
def strong() -> tuple[dict[str, bytes], dict[str, TrialResult], Any]:
    files = tree("strong", case())
    done = results(case(), files, ALL)
    return files, done, json.loads(files["diagnosis.json"])


def points(strong: Any, done: dict[str, TrialResult], diagnosis: Any = None) -> dict[str, float]:
    found = checked(case(), strong[0], done, diagnosis or strong[2])
    return {name: result.points for name, result in found.items()}


def test_a_right_repository_earns_everything(strong: Any) -> None:
    assert points(strong, strong[1]) == pytest.approx(
        {"repairs": 40, "whole": 15, "kept": 10, "guard": 20, "diagnosis": 15}
    )


def test_an_untouched_repository_earns_nothing() -> None:
    files = {
        path.relative_to(case().public / "work").as_posix(): path.read_bytes()
        for path in (case().public / "work").rglob("*")
        if path.is_file()
    }
    done = results(case(), files, ("whole", "only"))
    found = checked(case(), files, done)
    assert {name: result.points for name, result in found.items()} == dict.fromkeys(found, 0)
    told = " ".join(part.message for result in found.values() for part in result.parts)
    assert not [each["id"] for each in case().truth()["faults"].values() if each["id"] in told]


def test_each_fault_costs_its_own_repair_only(strong: Any) -> None:
    """One fault left in: the other three are repaired all the same, tried by themselves."""
    plants = module("hidden.plants")
    slot = "silent"
    plant = plants.BY_ID[case().truth()["faults"][slot]["id"]]
    text = {n: strong[0][n].decode() for n in plant.files}
    files = {**strong[0], **{n: t.encode() for n, t in plant.put(text).items()}}
    done = {**strong[1], **results(case(), files, ("whole", "only"))}
    found = checked(case(), files, done, strong[2])
    earned = [part.earned for part in found["repairs"].parts]
    assert earned == [10, 10, 10, 0]
    assert found["whole"].points == 0
    assert found["guard"].points == 20
    assert found["diagnosis"].points == 15


def test_what_is_said_fits_its_number(strong: Any) -> None:
    """At full points, with nothing, and half-way."""
    half = {n: r for n, r in strong[1].items() if not n.startswith("guard") or int(n[6:]) % 2}
    for done in (strong[1], {}, half):
        for diagnosis in (strong[2], None, {"issues": strong[2]["issues"][:2]}):
            assert_fitting(assignment(), checked(case(), strong[0], done, diagnosis))


@pytest.mark.parametrize(
    ("spoil", "lost"),
    [
        ({"rubbish": {"codes": (0,)}}, {"kept"}),
        ({"missing": {"codes": (0,)}}, {"kept"}),
        ({"suite/mutant0": {"codes": (0,)}}, {"kept"}),
        ({"suite/own": {"codes": (1,)}, "suite/right": {"codes": (1,)}}, {"kept"}),
        ({f"guard/{n}": {"codes": (0,)} for n in range(18)}, {"guard"}),
        ({f"guard/{n}": {"codes": (2,)} for n in range(18)}, {"guard"}),
        ({f"guard/{n}": {"codes": (1,)} for n in range(18)}, {"guard"}),
        ({"whole": {"codes": (0, 1, 0)}}, {"repairs", "whole"}),
    ],
)
def test_what_goes_wrong_costs_its_own_check(strong: Any, spoil: Any, lost: set[str]) -> None:
    done = {**strong[1], **{n: replace(strong[1][n], **what) for n, what in spoil.items()}}
    before, after = points(strong, strong[1]), points(strong, done)
    # where the whole fails and no fault was tried by itself, what was kept cannot count
    lost = lost | ({"kept"} if "repairs" in lost else set())
    assert {name for name in before if after[name] < before[name] - 1e-9} == lost


def test_hostile_outputs_earn_nothing(strong: Any) -> None:
    """Anything may come back from a box: no check raises, and none pays."""
    junk = (b"", b"\xff\xfe", b"{", b"[" * 50_000, b'{"version": [1]}', b"a,b\n" * 50_000, b"\0")
    day = case().truth()["days"]["a"].replace("-", "")
    for data in (*junk, b"booking_id,probability\nx,nan\n", b'{"version": "m-%s"}' % day.encode()):
        files = dict.fromkeys(module("hidden.days").FETCH, data)
        whole = TrialResult("whole", True, (0, 0, 0), files)
        found = points(strong, {**strong[1], "whole": whole})
        assert found["repairs"] == found["whole"] == 0
    assert points(strong, {})["guard"] == 0
    for odd in (None, [], {"issues": 3}, {"issues": [1, {}], "withdraw": {}, "test": []}):
        found = checked(case(), strong[0], strong[1], odd)
        assert found["diagnosis"].points == 0


def test_constant_diagnoses_earn_at_most_a_tenth() -> None:
    """Over all faults there are: naming everything, the usual, one; withdrawing all or the last."""
    plants, naming = module("hidden.plants"), module("judging.naming")
    runs = [f"2031-06-{day:02d}" for day in range(1, 11)]
    every = list(module("toolkit.forms").MECHANISMS)
    answers = [every, every[:8], [every[0]], [s[0].id for s in plants.SLOTS.values()]]
    for names in answers:
        said = [{"mechanism": name, "first_bad_run": runs[-1]} for name in names]
        shares = []
        for data in plants.DATA:
            for silent in plants.SILENT:
                for training in plants.TRAINING:
                    for deployment in plants.DEPLOYMENT:
                        chosen = (data, silent, training, deployment)
                        faults = {p.slot: {"id": p.id, "first": runs[-1]} for p in chosen}
                        shares.append(naming.naming(said, faults)[0])
        assert sum(shares) / len(shares) <= 0.1, names
    published = [f"m-{run}" for run in runs[:9]]
    for first in range(4, 8):
        truth = {"published": published, "withdrawn": published[first:]}
        for constant in (published, published[-1:], published[-3:], published[-5:], []):
            share = naming.withdrawn(constant, truth)
            assert share == 0 or constant == truth["withdrawn"]
