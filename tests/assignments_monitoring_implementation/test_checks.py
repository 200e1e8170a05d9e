"""One right monitoring in real boxes, and what goes wrong with it: each costs its own check."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from tests.words import assert_fitting
from worksample.grading.repository import TrialResult
from worksample.grading.services import Exchange, Request, ServiceResult

from .drawn import MUTANTS, assignment, case, checked, driven, measured, module, mutant, run, tree

FULL = bool(os.environ.get("WORKSAMPLE_FULL"))
POINTS = {"truth": 20, "cost": 6, "alerts": 52, "panels": 15, "harmless": 7}
# of those that are about queries and rules the same recording serves
QUICK = [
    "deploy_pages",
    "total_shown",
]  # fmt: skip
RECORDED = [name for name, (_, place, _, _) in MUTANTS.items() if place.startswith("monitoring/")]

Strong = tuple[dict[str, bytes], dict[str, ServiceResult], dict[str, TrialResult]]


@pytest.fixture(scope="module")
def strong() -> Strong:
    files = tree("strong", case())
    services = driven(files, case())
    return files, services, measured(files, case(), services)


def points(strong: Strong) -> dict[str, float]:
    return {name: each.points for name, each in checked(run(*strong), case()).items()}


def test_a_right_monitoring_earns_everything(strong: Strong) -> None:
    assert points(strong) == pytest.approx(POINTS, abs=0.5)
    assert strong[1]["recorded"].workers == {"workers": 2}
    assert_fitting(assignment(), checked(run(*strong), case()))


def test_nothing_earns_nothing(strong: Strong) -> None:
    """No tree, a service that does not start, or no metrics: nothing, and no check raises."""
    files, services, measures = strong
    silent = {
        name: replace(
            each,
            ledger={n: ledger for n, ledger in each.ledger.items() if not n.startswith("scrape")},
        )
        for name, each in services.items()
    }
    dead = {name: ServiceResult(name, False, error="ended before it answered") for name in services}
    for case_of in ((files, silent, {}), (files, dead, {}), ({}, {}, {})):
        found = checked(run(*case_of), case())
        assert {name: each.points for name, each in found.items()} == dict.fromkeys(POINTS, 0)
        assert_fitting(assignment(), found)
    assert sum(points((files, services, {})).values()) <= 1  # promtool said nothing
    junk = {
        name: replace(each, files=dict.fromkeys(each.files, b"junk"))
        for name, each in measures.items()
    }
    assert sum(points((files, services, junk)).values()) <= 1


@pytest.mark.parametrize("name", RECORDED if FULL else QUICK)
def test_a_wrong_rule_or_query_costs_its_own_check(strong: Strong, name: str) -> None:
    files, services, _ = strong
    wrong = mutant(name, files)
    after = points((wrong, services, measured(wrong, case(), services)))
    _lost(name, after)


@pytest.mark.skipif(not FULL, reason="each is a service under the whole traffic")
@pytest.mark.parametrize("name", [name for name in MUTANTS if name not in RECORDED])
def test_a_wrong_service_costs_its_own_check(strong: Strong, name: str) -> None:
    wrong = mutant(name, strong[0])
    services = driven(wrong, case())
    _lost(name, points((wrong, services, measured(wrong, case(), services))))


def _lost(name: str, after: dict[str, float]) -> None:
    lost = {each for each in POINTS if after[each] < POINTS[each] - 0.5}
    assert lost == {MUTANTS[name][0]}, (name, after)


def test_predictions_that_differ_are_harm(strong: Strong) -> None:
    """One wrong answer in the usual traffic, or none while nothing can be written."""
    files, services, measures = strong
    refused = replace(
        services["sealed"],
        ledger={
            "sealed": tuple(replace(e, status=500) for e in services["sealed"].asked("sealed"))
        },
    )
    after = points((files, {**services, "sealed": refused}, measures))
    assert {name for name in POINTS if after[name] < POINTS[name] - 0.5} == {"harmless"}
    assert after["harmless"] == pytest.approx(3.5)


def test_series_that_come_with_traffic_cost(strong: Strong) -> None:
    files, services, measures = strong
    recorded = services["recorded"]
    many = "".join(f'x{{id="{n}"}} 1\n' for n in range(1000)).encode()
    ledger = {
        name: tuple(replace(each, body=each.body + many) for each in made)
        if name.startswith("scrape/") and int(name[7:]) > 20
        else made
        for name, made in recorded.ledger.items()
    }
    after = points((files, {**services, "recorded": replace(recorded, ledger=ledger)}, measures))
    assert {name for name in POINTS if after[name] < POINTS[name] - 0.5} == {"cost"}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1" * 400, b'{"score": %s}' % (b"1" * 400), b'{"score": "x"}', b"[" * 9999],
)
def test_no_answer_of_a_service_makes_its_judge_raise(body: bytes) -> None:
    asked = json.dumps(
        {"orders_before": 1, "amount": 10.0, "terms_days": 30, "channel": "a"}
    ).encode()
    model = {
        **{"intercept": 0, "log_amount": 0, "terms_days": 0, "orders_before": 0},
        "orders_if_missing": 0,
        "channels": {"a": 0},
    }
    one = Exchange(Request("/score", asked), 0.0, 0.0, 200, body=body)
    assert not module("judging.measuring").answered_right(one, model)
