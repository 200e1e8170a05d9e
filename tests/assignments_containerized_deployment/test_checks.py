"""What earns points, what earns none, and which check each fault of a submission costs."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import images as base
from tests.once import once
from tests.words import assert_fitting
from worksample.grading.run import Run
from worksample.grading.services import End, ServiceResult
from worksample.grading.trees import Tree

from .drawn import assignment, case, checked, tree, tried
from .mutants import MUTANTS

FULL = os.environ.get("WORKSAMPLE_FULL") == "1"
POINTS = {
    **{"contract": 35, "crowd": 10, "records": 10, "image": 20, "lifecycle": 15},
    **{"guide": 5, "ci": 5},
}


@pytest.fixture(scope="module")
def strong() -> Run:
    """The strong solution, really built, run, and its commits tried: once a test run."""
    base.ready()

    def make(folder: Path) -> None:
        run = tried(case(), tree("strong", case()))
        (folder / "run").write_bytes(pickle.dumps(run))

    return pickle.loads((once("containerized-strong", make) / "run").read_bytes())  # ours


def points(run: Run) -> dict[str, float]:
    return {name: result.points for name, result in checked(case(), run).items()}


def test_a_right_submission_earns_everything(strong: Run) -> None:
    assert points(strong) == pytest.approx(POINTS, abs=0.2)


def test_nothing_earns_nothing(strong: Run) -> None:
    empty = dataclasses.replace(strong, services={}, images={}, trials={})
    assert sum(points(empty).values()) == 0
    gone = dataclasses.replace(empty, tree=Tree(refused="none"))
    assert sum(points(gone).values()) == 0


def service(run: Run, name: str, **changes: Any) -> Run:
    made = dataclasses.replace(run.services[name], **changes)
    return dataclasses.replace(run, services={**run.services, name: made})


def said(run: Run, use: str, name: str, change: Callable[[Any], Any]) -> Run:
    """The run with every exchange of an ask changed."""
    ledger = dict(run.services[use].ledger)
    ledger[name] = tuple(change(each) for each in ledger[name])
    return service(run, use, ledger=ledger)


def body(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda each: dataclasses.replace(
        each, body=json.dumps(change(json.loads(each.body))).encode()
    )


def status(code: int | None) -> Callable[[Any], Any]:
    return lambda each: dataclasses.replace(each, status=code)


def image(run: Run, **config: Any) -> Run:
    first = run.images["first"]
    assert first.image
    made = dataclasses.replace(
        first.image, config=dataclasses.replace(first.image.config, **config)
    )
    return dataclasses.replace(
        run, images={**run.images, "first": dataclasses.replace(first, image=made)}
    )


def built(run: Run, name: str, **changes: Any) -> Run:
    made = dataclasses.replace(run.images[name], **changes)
    return dataclasses.replace(run, images={**run.images, name: made})


def trial(run: Run, name: str, **changes: Any) -> Run:
    result = run.trials[name]
    happened = dataclasses.replace(result.happened, **changes)
    made = dataclasses.replace(result, happened=happened)
    return dataclasses.replace(run, trials={**run.trials, name: made})


SPOILT: dict[str, tuple[Callable[[Run], Run], str]] = {
    "flags": (
        lambda r: said(r, "served", "single", body(lambda a: {**a, "flag": None})),
        "contract",
    ),
    "order": (
        lambda r: said(
            r, "served", "batch", body(lambda a: {"predictions": a["predictions"][::-1]})
        ),
        "contract",
    ),
    "errors": (lambda r: said(r, "served", "bad", status(500)), "contract"),
    "mixed": (
        lambda r: said(r, "crowd", "load", body(lambda a: {**a, "unit": "x"})),
        "crowd",
    ),
    "too large": (lambda r: said(r, "crowd", "long", status(200)), "crowd"),
    "no line": (lambda r: service(r, "served", files={"log": {"log": b""}}), "records"),
    "phone": (
        lambda r: service(
            r,
            "served",
            files={"log": {"log": r.services["served"].files["log"]["log"] + _phone()}},
        ),
        "records",
    ),
    "cut off": (lambda r: said(r, "stopped", "slow", status(None)), "lifecycle"),
    "killed": (lambda r: service(r, "stopped", ends={"end": End(None, 12.0)}), "lifecycle"),
    "still ready": (lambda r: said(r, "stopped", "draining", status(200)), "lifecycle"),
    "not replaced": (
        lambda r: service(r, "stopped", workers={"before": 2, "after": 1}),
        "lifecycle",
    ),
    "root": (lambda r: image(r, user=""), "image"),
    "secret": (lambda r: built(r, "first", found=("x",)), "image"),
    "layers": (lambda r: built(r, "later", image=None), "image"),
    "moved": (lambda r: service(r, "moved", ledger={}), "image"),
    "port": (lambda r: trial(r, "guide/other", codes=(9,)), "guide"),
    "bad commit": (
        lambda r: trial(r, "ci/model", records=r.trials["ci/sound"].happened.records),
        "ci",
    ),
    "not pushed": (lambda r: trial(r, "ci/sound", records=()), "ci"),
}


def _phone() -> bytes:
    rows = [row for rows in case().truth()["given"].values() for row in rows]
    return next(row["owner_phone"] for row in rows if row.get("owner_phone")).encode()


@pytest.mark.parametrize("name", SPOILT)
def test_what_goes_wrong_costs_its_own_check(strong: Run, name: str) -> None:
    spoil, check = SPOILT[name]
    before, after = points(strong), points(spoil(strong))
    lost = {each for each in before if after[each] < before[each] - 1e-9}
    # an answer that is changed here, after the service had written it down, differs from its line
    assert lost - ({"records"} if name in ("flags", "order") else set()) == {check}


def test_what_is_said_fits_its_number(strong: Run) -> None:
    for run in (strong, *(spoil(strong) for spoil, _ in SPOILT.values())):
        assert_fitting(assignment(), checked(case(), run))


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"null",
        b"[" * 50_000,
        b'{"probability": NaN, "unit": 3}',
        b'{"predictions": {"a": 1}}',
        b'{"probability": 1%s}' % (b"0" * 400),
        b"\xff",
    ],
)
def test_hostile_answers_earn_nothing_and_break_nothing(strong: Run, junk: bytes) -> None:
    """Anything may come back from a stranger's server: no check raises, and none pays."""
    run = strong
    for use, result in strong.services.items():
        for name in result.ledger:
            run = said(
                run, use, name, lambda each: dataclasses.replace(each, body=junk, status=200)
            )
    lines = b"\n".join([junk, b"{" + junk, b'{"probability": 1, "features": [1], "unit": {}}'] * 50)
    run = service(run, "served", files={"log": {"log": lines}})
    found = points(run)
    assert {name: found[name] for name in found if name not in ("guide", "ci")} == dict.fromkeys(
        ("contract", "crowd", "records", "image", "lifecycle"), 0
    )


def test_a_constant_is_no_prediction(strong: Run) -> None:
    """A tidy image around one number: none of what counts for who predicts."""
    run = said(strong, "served", "single", body(lambda a: {**a, "probability": 0.5}))
    run = said(
        run, "crowd", "load", body(lambda a: {**a, "probability": 0.5} if "unit" in a else a)
    )
    found = points(run)
    assert found["image"] == found["lifecycle"] == 0


def test_a_service_that_did_not_start_is_told_so(strong: Run) -> None:
    run = dataclasses.replace(strong, services={"served": ServiceResult("served", False)})
    assert "answered" in checked(case(), run)["contract"].parts[0].message


@pytest.mark.parametrize("name", MUTANTS if FULL else ["versions"])
def test_a_mutant_loses_its_own_check(strong: Run, name: str) -> None:
    """One requirement broken in the strong solution, really built: that check and no other."""
    mutant = MUTANTS[name]
    files = mutant.of(tree("strong", case()))
    images = mutant.check not in ("guide", "ci")
    half = tried(case(), files, ["images" if images else "trials"])
    other = {"trials": strong.trials} if images else {"images": strong.images}
    other |= {} if images else {"services": strong.services}
    after = points(dataclasses.replace(half, **other))
    lost = {check for check, most in POINTS.items() if after[check] < most - 0.6}
    assert lost == {mutant.check}
