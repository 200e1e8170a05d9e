"""The checks: strong ways reach full points, single mistakes cost their part, nonsense nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.words import assert_fitting

from .drawn import case, module, namespace, results, run, sample, solved

CHECKS = ("blind_spots", "alerts", "questions", "metrics", "attention")


def points(of: Any, level: str = "standard") -> dict[str, float]:
    return {name: result.points for name, result in results(of, level).items()}


@pytest.mark.parametrize("name", ["strong", "strong_series", "strong_costs"])
def test_three_ways_to_full_points(name):
    assert sum(points(solved(name)).values()) >= 97


def test_full_points_where_a_collector_goes_and_two_pages_are_allowed():
    assert sum(points(solved("strong", "senior"), "senior").values()) >= 98


@pytest.mark.parametrize("name", ["idle_everything", "idle_nothing_wrong"])
def test_idleness_earns_nothing(name):
    assert sum(points(solved(name)).values()) <= 1
    assert_fitting(sample(), results(solved(name)))


def test_of_nothing_at_all():
    found = results(run({}))
    assert sum(r.points for r in found.values()) == 0
    assert sum(r.possible for r in found.values()) == 100
    assert_fitting(sample(), found)


def changed(**parts: Any) -> dict[str, float]:
    """What the strong answers earn with one part of them put in another's place."""
    strong = solved("strong")
    answers = {**strong.answers, **{k: v for k, v in parts.items() if k in strong.answers}}
    calls = {name: [r.value for r in of] for name, of in strong.calls.items()}
    return points(run(answers, calls | {k: v for k, v in parts.items() if k in calls}))


def panels() -> list[dict[str, Any]]:
    return copy.deepcopy(solved("strong").answers["panels"])


def alerts() -> list[dict[str, Any]]:
    return copy.deepcopy(solved("strong").answers["alerts"])


def lost(found: dict[str, float]) -> set[str]:
    """The checks in which fewer points were earned than by the strong answers."""
    strong = points(solved("strong"))
    return {name for name in CHECKS if found[name] < strong[name] - 0.5}


def by_kind(metric: str, kind: str) -> str:
    """The metric of the same quantity that is collected in another way."""
    collected = case().truth()["collected"]
    quantity = metric.split(".")[0]
    return next(m for m, k in collected.items() if m.split(".")[0] == quantity and k == kind)


@pytest.mark.parametrize("kind", ["slow", "fooled", "thin"])
def test_a_collector_of_another_kind_costs(kind):
    """The same dashboard from who is late, deceived, or sees too little."""
    spoiled = panels()
    for panel in spoiled:
        panel["metric"] = by_kind(panel["metric"], kind)
    found = changed(panels=spoiled)
    assert {"blind_spots", "questions"} <= lost(found)
    assert found["blind_spots"] < 20


def test_an_axis_on_which_nothing_is_seen_costs_blind_spots():
    spoiled = [panel | {"axis": [-1e6, 1e6]} for panel in panels()]
    found = changed(panels=spoiled)
    assert found["blind_spots"] == 0
    assert "questions" not in lost(found)


def test_bands_that_are_left_every_day_cost_blind_spots():
    spoiled = [p | {"band": [end / 12 for end in p["band"]]} for p in panels()]
    assert changed(panels=spoiled)["blind_spots"] == 0


def test_the_whole_hides_the_small_segment():
    shares = case().truth()["segments"]
    hit = min(shares, key=shares.get)
    spoiled = [p | {"segment": "all"} if p["segment"] == hit else p for p in panels()]
    missed = results(run(solved("strong").answers | {"panels": spoiled}))["blind_spots"]
    assert "changed_segment" in missed.private["missed"]


def test_more_panels_than_the_limits_do_not_count():
    crowded = [p | {"screen": 1} for p in panels()]
    found = changed(panels=crowded)
    assert lost(found) >= {"attention"}


def test_the_same_panel_twice_costs_order():
    twice = panels()
    twice[-2:] = [twice[0] | {"title": f"again {i}", "screen": 2} for i in range(2)]
    assert "attention" in lost(changed(panels=twice))


def test_alerts_without_an_action_cost_order_only():
    assert lost(changed(alerts=[a | {"action": "look"} for a in alerts()])) == {"attention"}


def test_alerts_that_always_call_earn_nothing():
    loud = [a | {"band": [end / 20 for end in a["band"]], "for": "6h"} for a in alerts()]
    found = changed(alerts=loud)
    assert found["alerts"] < 5
    assert lost(found) == {"alerts"}


def test_pages_beyond_the_budget_are_counted_by_the_week():
    """In some incidents two alerts call: within four pages a week, not within one."""
    hidden, prices = module("judging.hidden").of_case(case()), case().truth()["prices"]
    known = module("toolkit.dashboard").read({"alerts": alerts()}, hidden.known)[0].alerts
    duties = [module("judging.paging").duty(known, hidden, prices, budget) for budget in (4, 1)]
    assert duties[0].over == 0
    assert 0 < duties[1].over <= 0.5


def test_all_as_tickets_come_late():
    assert lost(changed(alerts=[a | {"severity": "ticket"} for a in alerts()])) == {"alerts"}


def test_another_reading_costs_questions_only():
    answers = {
        q: a | {"read": "today" if a["read"] == "week" else "week"}
        for q, a in solved("strong").answers["answers"].items()
    }
    assert lost(changed(answers=answers)) == {"questions"}


MISTAKES = {
    "outcomes that are not final": (
        "recall",
        lambda c, t: float(c[c["cancelled_day"].notna() & ~c["staff"]]["flagged"].mean()),
    ),
    "staff counted": ("gaps", lambda c, t: namespace("strong")["gaps"](c.assign(staff=False), t)),
    "against nobody": (
        "earned",
        lambda c, t, p: float((~c["held_out"] & c["flagged"]).sum() * (p["customer"] - p["offer"])),
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_wrong_figure_costs_its_own_points(mistake):
    name, function = MISTAKES[mistake]
    wrong = [function(*frame.arguments) for frame in module("judging.frames").of_case(case(), name)]
    found = changed(**{name: wrong})
    assert lost(found) == {"metrics"}
    assert 10 <= found["metrics"] <= 11


@pytest.mark.parametrize("value", [..., None, "x", True, [1], {"amber": {"birch": 0}}, 1e308])
def test_whatever_a_figure_gives_is_judged(value):
    tables = {name: [value] * 6 for name in ("recall", "gaps", "earned")}
    assert points(run({}, tables))["metrics"] == 0


HOSTILE = [
    None, 3, "panels", [], {}, [[]], [{}], [{"title": "a"}], {"panels": []}, [None] * 40,
    [{"title": "a", "metric": ["b"], "band": [0, 1]}],
    [{"title": "a", "metric": "auc.batch", "band": [1, 0]}],
    [{"title": "a", "metric": "auc.batch", "band": [-1e308, 1e308], "axis": [-1e308, 1e308]}],
    [{"title": "a", "metric": "auc.batch", "band": [5e-324, None], "axis": [0, 5e-324]}],
    [{"title": "a", "metric": "auc.batch", "segment": "nobody", "over": {"6h": 1}}],
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.filterwarnings("ignore:overflow")
def test_whatever_was_recorded_is_judged(value):
    """A check that raises would leave the attempt unmarked."""
    named = value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        named = [{("name" if k == "title" else k): v for k, v in value[0].items()}]
    found = points(run({"panels": value, "alerts": named, "answers": value}))
    assert sum(found.values()) <= 2


@pytest.mark.parametrize("name", ["adequate", "weak", "textbook"])
def test_what_is_said_fits_the_points(name):
    assert_fitting(sample(), results(solved(name)))
