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
    """What the tills write is left as it comes: the other three are repaired all the same."""
    name = "pipeline/ingest.py"  # as the documents have it, and nothing made of the tills
    files = {**strong[0], name: module("hidden.story").RIGHT[name].encode()}
    done = {**strong[1], **results(case(), files, ("whole", "only"))}
    found = checked(case(), files, done, strong[2])
    earned = [part.earned for part in found["repairs"].parts]
    assert earned == [8, 8, 8, 0]
    assert found["whole"].points == 0
    assert found["guard"].points == 20
    assert found["diagnosis"].points == 15


def test_what_ends_a_run_is_repaired_or_not_whatever_is_made_of_the_tills(strong: Any) -> None:
    """A fault that ends a run is left where the tills are put right, and the other way round."""
    plants = module("hidden.plants")
    fault = plants.BY_ID[case().truth()["faults"]["deployment"]["id"]]
    wrong = fault.put(module("hidden.story").RIGHT)
    files = {**strong[0], **{name: wrong[name].encode() for name in fault.files}}
    done = {**strong[1], **results(case(), files, ("whole", "others"))}
    earned = [part.earned for part in checked(case(), files, done)["repairs"].parts]
    assert earned == [8, 8, 0, 16]


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
        ({f"guard/{n}": {"codes": ()} for n in range(18)}, {"guard"}),
        ({f"guard/{n}": {"codes": (2,)} for n in range(9)}, {"guard"}),
        ({"rubbish": {"files": {"models-a/m-1.json": b"{}"}}}, {"kept"}),
        ({"whole": {"codes": (0, 1, 0)}}, {"repairs", "whole"}),
    ],
)
def test_what_goes_wrong_costs_its_own_check(strong: Any, spoil: Any, lost: set[str]) -> None:
    done = {**strong[1], **{n: replace(strong[1][n], **what) for n, what in spoil.items()}}
    before, after = points(strong, strong[1]), points(strong, done)
    # where the whole fails and no fault was tried by itself, what was kept cannot count
    lost = lost | ({"kept"} if "repairs" in lost else set())
    assert {name for name in before if after[name] < before[name] - 1e-9} == lost


def predictions(strong: Any, run: str, change: Any) -> dict[str, Any]:
    """The whole trial with other predictions in one of its nights."""
    files, name = dict(strong[1]["whole"].files), f"out/{run}/predictions.csv"
    rows = [line.split(",") for line in files[name].decode().splitlines()]
    rows = [rows[0], *([booking, f"{change(float(chance))}"] for booking, chance in rows[1:])]
    files[name] = "\n".join(map(",".join, rows)).encode()
    return {"whole": {"files": files}}


def spoiled_file(strong: Any, name: str, old: bytes, new: bytes) -> dict[str, Any]:
    """The whole trial with one output changed."""
    files = dict(strong[1]["whole"].files)
    assert old in files[name]
    return {"whole": {"files": {**files, name: files[name].replace(old, new)}}}


WHOLE = {
    "the first night fails": lambda s: {"whole": {"codes": (1, 0, 0)}},
    "the night run again fails": lambda s: {"whole": {"codes": (0, 1, 0)}},
    "the night after a change fails": lambda s: {"whole": {"codes": (0, 0, 1)}},
    "another version": lambda s: spoiled_file(s, "out/a1/summary.json", b'"m-', b'"model-'),
    "a version too many": lambda s: spoiled_file(s, "out/a2/summary.json", b'"m-', b'"m-2-'),
    "outcomes turned round": lambda s: spoiled_file(s, "out/b1/learned.csv", b",1", b",0"),
    "everybody comes": lambda s: predictions(s, "a1", lambda chance: 0.02),
    "nobody knows": lambda s: predictions(s, "b1", lambda chance: 0.5),
    "no number": lambda s: predictions(s, "a2", lambda chance: "nan"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_repository_that_is_wrong_as_a_whole_loses_there_alone(strong: Any, name: str) -> None:
    """Each fault is repaired when it is tried by itself, so the repairs keep their points."""
    right, before = strong[1]["whole"], points(strong, strong[1])
    alone = {f"only/{slot}": right for slot in case().truth()["faults"]}
    spoilt = {n: replace(right, **what) for n, what in WHOLE[name](strong).items()}
    after = points(strong, {**strong[1], **alone, **spoilt})
    assert {each for each in before if after[each] < before[each] - 0.5} == {"whole"}


@pytest.mark.parametrize("slot", ["data", "training", "deployment", "silent"])
def test_a_fault_that_is_left_costs_its_own_part(strong: Any, slot: str) -> None:
    right = strong[1]["whole"]
    wrong = replace(right, codes=(1, 1, 1))
    alone = {f"only/{each}": right for each in case().truth()["faults"] if each != slot}
    done = {**strong[1], **alone, "whole": wrong, f"only/{slot}": wrong}
    found = checked(case(), strong[0], done, strong[2])
    places = list(module("checks").SLOTS)
    earned = {part.name: part.earned for part in found["repairs"].parts}
    worth, words = module("checks").WORTH, module("checks").SLOTS
    assert earned == {words[s]: 0 if s == slot else worth[s] for s in places}
    assert (found["kept"].points, found["guard"].points) == (10, 20)


DIAGNOSES = {
    "one cause is left out": lambda d: d["issues"].pop(),
    "two causes are left out": lambda d: (d["issues"].pop(), d["issues"].pop()),
    "another cause is named": lambda d: d["issues"][0].update(mechanism="disk_full"),
    "since another night": lambda d: d["issues"][0].update(first_bad_run="2031-01-01"),
    "one that is none beside them": lambda d: d["issues"].append(
        {"mechanism": "unlucky_seed", "first_bad_run": d["issues"][0]["first_bad_run"]}
    ),
    "a version stays": lambda d: d["withdraw"].pop(),
    "no version goes": lambda d: d["withdraw"].clear(),
    "the other of test and code": lambda d: d.update(
        test={"right": "stale", "stale": "right"}[d["test"]]
    ),
}


@pytest.mark.parametrize("name", DIAGNOSES)
def test_a_mistake_of_the_diagnosis_loses_there_alone(strong: Any, name: str) -> None:
    wrong = json.loads(json.dumps(strong[2]))
    DIAGNOSES[name](wrong)
    before, after = points(strong, strong[1]), points(strong, strong[1], wrong)
    assert {each for each in before if after[each] < before[each] - 1e-9} == {"diagnosis"}


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
    tills = module("hidden.tills").TILLS
    usual = [*(each[0].id for each in plants.SLOTS.values()), tills[0].id]
    answers = [every, every[:8], [every[0]], usual]
    for names in answers:
        said = [{"mechanism": name, "first_bad_run": runs[-1]} for name in names]
        shares = []
        for data in plants.DATA:
            for silent in tills:
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
