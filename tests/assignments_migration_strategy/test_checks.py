"""Full points for strong work of several kinds, none for nothing, to each check its mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.words import assert_fitting
from worksample import assignments

from .drawn import CHECKS, FOLDER, case, graded, notebook, recorded, values

SAMPLE = assignments.load(FOLDER)
POSSIBLE = dict(zip(CHECKS, (20, 30, 20, 15, 15), strict=True))


def strong() -> dict[str, Any]:
    """What the strong solution records, to be changed at will."""
    return json.loads(json.dumps(recorded("strong")[0]))


def points(answers: dict[str, Any], names: Any = CHECKS) -> dict[str, float]:
    found = graded(answers, recorded("strong")[1], names=names)
    return {name: result.points for name, result in found.items()}


@pytest.fixture(scope="module")
def full() -> dict[str, float]:
    return points(strong())


def test_a_strong_solution_has_nearly_everything(full):
    assert sum(full.values()) >= 97
    assert full == pytest.approx(POSSIBLE, abs=2)


@pytest.mark.parametrize("other", ["strong_audit", "strong_quick"])
def test_so_have_plans_of_other_kinds(other):
    """The audit's work first; quick wins first and what stands on a platform last."""
    found = graded(*recorded(other))
    assert sum(result.points for result in found.values()) >= 95
    assert_fitting(SAMPLE, found)


def _promised(promises: Any, chance: float) -> Any:
    return {name: row | {"chance": chance} for name, row in promises.items()}


MUTANTS = {
    # one requirement broken -> the check that loses by it, and no other
    "from the ticket on": ("current", {"state": lambda a: a | {"lead_days": a["lead_days"] * 0.9}}),
    "every entry a failure": ("current", {"state": lambda a: a | {"failed": a["failed"] * 1.12}}),
    "until the ticket is tidied up": (
        "current", {"state": lambda a: a | {"restore_hours": a["restore_hours"] * 9}},
    ),
    "the loud stage": ("current", {"state": lambda a: a | {"bottleneck": "training"}}),
    "the whole year by month 3, surely": (
        "feasible", {"promises": lambda a: a | {"3": {"done": a["12"]["done"], "chance": 1.0}}},
    ),
    "sure of nothing": ("feasible", {"promises": lambda a: _promised(a, 0.2)}),
    "milestones of nothing": (
        "feasible",
        {"promises": lambda a: a | {n: a[n] | {"done": []} for n in ("3", "6", "12")}},
    ),
    "a baseline of another year": (
        "kpis", {"kpis": lambda a: a | {"kpi_2": a["kpi_2"] | {"baseline": 0.9}}},
    ),
    "the wrong direction": ("kpis", {"kpis": lambda a: a | {"kpi_1": a["kpi_1"] | {"good": "up"}}}),
    "a target out of reach": (
        "kpis", {"kpis": lambda a: a | {"kpi_1": a["kpi_1"] | {"target": 0.0}}},
    ),
    "no decision": ("risks", {"risks": lambda a: {n: {"do": "accept"} for n in a}}),
    "alarms at nothing": (
        "risks", {"risks": lambda a: {n: {"do": "signal", "above": 0.0} for n in a}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_what_breaks_one_requirement_loses_there_and_nowhere_else(full, name):
    check, changes = MUTANTS[name]
    answers = strong()
    answers |= {key: change(answers[key]) for key, change in changes.items()}
    found = points(answers)
    assert found.pop(check) < full[check] - 0.7
    assert found == pytest.approx({name: full[name] for name in found})


def test_a_number_that_fits_alone_counts_nothing(full):
    """Four guessed numbers hit one now and then; three that fit are read."""
    names, earned = ("lead_days", "failed", "restore_hours", "per_month"), []
    for wrong in (4, 3, 2, 1):
        state = strong()["state"]
        state |= {name: 1.5 * state[name] for name in names[:wrong]} | {"shares": {}}
        earned.append(points(strong() | {"state": state}, ["current"])["current"])
    assert earned == pytest.approx([0, 0, 3, 9])


def _without(*names: str) -> Any:
    return lambda work: [row for row in work if row["id"] not in names]


def _carried() -> str:
    return str(case().truth()["hidden"]["carried"])


def _everything(work: Any) -> Any:
    firm = case().truth()["firm"]
    ids = [name for name in firm["initiatives"] if name not in {row["id"] for row in work}]
    row = {"owners": list(firm["people"])[:2], "coached": True, "from": 0}
    return [{"id": name} | row for name in ids] + work


PLANS = {
    "nothing for the audit": _without("model-inventory", "access-control", "decision-trail"),
    "everything that there is, first": _everything,
    "nobody is coached": lambda work: [row | {"coached": False} for row in work],
    "all by one person": lambda work: [row | {"owners": work[0]["owners"][:1]} for row in work],
    "begun in the last quarter": lambda work: [row | {"from": 20} for row in work],
    "without what the largest stands on": lambda work: _without(_carried())(work),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANS)
def test_what_is_wrong_with_a_plan_costs_value(name):
    checks = module_value()
    before, after = checks(strong()["work"]), checks(PLANS[name](strong()["work"]))
    assert after < before - 0.08, (before, after)


def module_value() -> Any:
    from .drawn import module

    outcome, truth = module("judging.outcome"), case().truth()
    return lambda work: outcome.load(truth, work).value


REFUSED = {
    "the same twice": lambda work: [*work, work[0]],
    "a negative buffer": lambda work: [work[0] | {"from": -5}],
    "effort of one's own": lambda work: [work[0] | {"effort": 0}],
    "three owners": lambda work: [work[0] | {"owners": ["a", "b", "c"]}],
    "the same owner twice": lambda work: [work[0] | {"owners": [work[0]["owners"][0]] * 2}],
    "an initiative of one's own": lambda work: [work[0] | {"id": "miracle"}],
    "half a truth value": lambda work: [work[0] | {"coached": 2}],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_plan_is_not_run(name):
    answers = strong() | {"work": REFUSED[name](strong()["work"])}
    found = points(answers, ["value", "feasible", "risks"])
    assert sum(found.values()) == 0


PROXIES = {
    "each change by itself": (
        "kpi_1",
        """def kpi_1(changes, incidents):
    own = changes[changes["deployed"].notna()]
    return float(((own["deployed"] - own["asked"]) / pd.Timedelta(days=1)).median())""",
    ),
    "from the ticket": (
        "kpi_1",
        """def kpi_1(changes, incidents):
    own = changes.groupby("request")
    days = (own["deployed"].max() - own["opened"].min()) / pd.Timedelta(days=1)
    return float(days.dropna().median())""",
    ),
    "by their cause": (
        "kpi_2",
        """def kpi_2(changes, incidents):
    own = incidents[(incidents["cause"] == "change") & (incidents["follows"] == "")]
    return len(own) / changes["request"].nunique()""",
    ),
    "a count": ("kpi_2", "def kpi_2(changes, incidents):\n    return float(len(incidents))"),
    "until closed": (
        "kpi_3",
        """def kpi_3(changes, incidents):
    return float(((incidents["closed"] - incidents["began"]) / pd.Timedelta(hours=1)).mean())""",
    ),
    "each entry": (
        "kpi_3",
        """def kpi_3(changes, incidents):
    return float(((incidents["restored"] - incidents["began"]) / pd.Timedelta(hours=1)).mean())""",
    ),
}


@pytest.mark.parametrize("name", PROXIES)
def test_a_number_that_can_be_dressed_up_earns_little(full, name):
    place, source = PROXIES[name]
    with notebook(case()) as names:
        exec("def kpi_1(a, b): return None\nkpi_2 = kpi_3 = kpi_1", names)
        exec(source, names)
        given = recorded("strong")[1] | {place: values(names)[place]}
    answers = strong()
    answers["kpis"][place]["baseline"] = given[place][0]
    found = graded(answers, given, names=["kpis"])["kpis"]
    assert found.points < full["kpis"] - 2


def test_nothing_earns_nothing():
    empty = graded({})
    assert sum(result.points for result in empty.values()) == 0
    assert_fitting(SAMPLE, empty)
    draft = graded(*recorded("blank"))
    assert sum(result.points for result in draft.values()) == 0


def test_of_weak_and_adequate_work_no_word_is_wrong():
    for name in ("weak", "adequate", "idle_everything"):
        assert_fitting(SAMPLE, graded(*recorded(name)))


@pytest.mark.parametrize(
    "wild",
    [
        None, [], "x", 1e308, {"lead_days": "1", "shares": []}, [{"id": [], "owners": {}}],
        {"3": {"done": [1], "chance": float("nan")}}, {"kpi_1": {"good": "down"}},
        {"leaver": {"do": "signal", "above": None}},
    ],
)  # fmt: skip
def test_whatever_is_recorded_is_answered_in_words(wild):
    answers = {"state": wild, "work": wild, "promises": wild, "kpis": wild, "risks": wild}
    found = graded(answers, {name: [1.0] * 3 for name in ("kpi_1", "kpi_2", "kpi_3")})
    assert sum(result.points for result in found.values()) == 0
    assert_fitting(SAMPLE, found)
