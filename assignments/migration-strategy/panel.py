"""Simulated candidates: what they look up, how they order work, how sure they say they are.

Four knobs make an ability. ``reading``: how well they read the logs and whether they see the wall;
``planning``: how near their order is to one by worth, and whether they coach; ``calibration``: how
near their chances and decisions on risks are to what is true; ``doubt``: how often they think of
what can be done to a KPI. Never shipped: it reads the private part of a case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from worksample.case import Case

from worksample.kit.panel import Person, people

from .hidden import reference
from .hidden.firm import official
from .judging import outcome
from .judging.outcome import Judged
from .toolkit.firm import EVENTS, HORIZONS, STAGES
from .toolkit.scheduler import Assumed
from .toolkit.staffing import Work, staffed

PEOPLE = people(["reading", "planning", "calibration", "doubt"], count=32)

OFF = 0.3  # log of the factor by which a number of the worst reader is off, standard deviation
SWAPS = 16  # initiatives that the worst planner puts elsewhere
DAY = 0.1  # what a day's form does to a knob, standard deviation
# how much of a knob it takes: to name the bottleneck by its days, to work out what stages cost,
# to see the wall; to coach; to state a target that is meant; to doubt each of three KPIs
BOTTLENECK, STAKES, WALL = 0.25, 0.35, 0.6
COACHING, TARGET = 0.3, 0.5
DOUBTS = (0.35, 0.55, 0.75)
KPIS = """
def _whole(incidents):
    root = incidents["follows"].where(incidents["follows"] != "", incidents["incident"])
    return incidents.groupby(root).agg({{"began": "min", "restored": "max"}})


def kpi_1(changes, incidents):
    own = changes[changes["kind"] == "model"].groupby({request!r})
    days = (own["deployed"].max() - own["asked"].min()) / pd.Timedelta(days=1)
    return float(days.dropna().median())


def kpi_2(changes, incidents):
    own = _whole(incidents[incidents["cause"].isin({causes!r})])
    return len(own) / changes[changes["deployed"].notna()]["request"].nunique()


def kpi_3(changes, incidents):
    own = {table}
    return float(((own["restored"] - own["began"]) / pd.Timedelta(hours=1)).mean())


told = {{f.__name__: f(case.changes, case.incidents) for f in (kpi_1, kpi_2, kpi_3)}}
KPIS = {{
    name: {{"what": name, "good": "down", "baseline": value, "target": {target} * value}}
    for name, value in told.items()
}}
"""


def answers(person: Person, case: Case, luck: np.random.Generator) -> dict[str, str]:
    """Answer cell -> source. As much luck is drawn whatever the person and the level."""
    truth, knobs = case.truth(), person.knobs
    chance, form = luck.random(8), luck.normal(0, DAY, 8)
    work = _work(truth, knobs, form, luck)
    judged = outcome.load(truth, work)
    if isinstance(judged, str):
        raise RuntimeError(judged)
    causes = ["change", "supplier", "network", "hardware"]
    doubts = knobs["doubt"] + form[:3] > DOUBTS
    return {
        "current_answer": f"STATE = {_state(truth, knobs['reading'], form[3], luck)!r}",
        "plan_answer": f"WORK = {work!r}",
        "promises_answer": f"PROMISES = {_promises(judged, knobs['calibration'])!r}",
        "kpis_answer": KPIS.format(
            request="request" if doubts[0] else "change",
            causes=causes if doubts[1] else causes[:1],
            table="_whole(incidents)" if doubts[2] else "incidents",
            target=0.7 if knobs["calibration"] + form[4] > TARGET else 0.2,
        ),
        "risks_answer": f"RISKS = {_risks(judged, knobs['calibration'], chance)!r}",
    }


def _state(
    truth: dict[str, Any], reading: float, form: float, luck: np.random.Generator
) -> dict[str, Any]:
    told, off = truth["state"], np.exp(luck.normal(0, OFF * (1 - reading), 9))
    names = ("lead_days", "failed", "restore_hours", "per_month")
    numbers = {name: told[name] * float(x) for name, x in zip(names, off, strict=False)}
    shares = {
        s: min(1.0, told["shares"][s] * float(x)) for s, x in zip(STAGES, off[4:], strict=True)
    }
    right = reading + form > BOTTLENECK
    loud = "training"
    return numbers | {
        "shares": shares,
        "bottleneck": truth["hidden"]["bottleneck"] if right else loud,
    }


def _work(truth: dict[str, Any], knobs: Any, form: np.ndarray, luck: np.random.Generator) -> Work:
    tomorrow = outcome.of_truth(truth)
    firm, true = tomorrow.firm, tomorrow.assumed
    told: Assumed = true if knobs["reading"] + form[5] > WALL else replace(true, also_needs=())
    if knobs["reading"] + form[6] < STAKES:
        even = float(np.mean(list(true.stakes.values())))
        told = official(dict.fromkeys(true.stakes, even))
    coached = bool(knobs["planning"] + form[7] > COACHING)
    order = [row["id"] for row in reference.by_rule(firm, told, 3, 1.0, coached)]
    for place in luck.integers(0, len(order), (SWAPS, 2))[: round(SWAPS * (1 - knobs["planning"]))]:
        order.insert(int(place[1]), order.pop(int(place[0])))
    gain = reference.gains(firm, told)
    return staffed(firm, told, order, [n for n in order if coached and gain[n] > 0])


def _promises(judged: Judged, calibration: float) -> dict[str, Any]:
    """Who knows little promises a lot, and is sure."""
    promised: dict[str, Any] = {}
    ids, firm = [row["id"] for row in judged.work], judged.tomorrow.firm
    for month, end in HORIZONS.items():
        done: list[str] = []
        for name in ids:
            places = [firm.ids.index(each) for each in [*done, name]]
            kept = (judged.course.done[:, places] <= end).all(axis=1).mean()
            if kept >= 0.8 * calibration:
                done.append(name)
        kept, _ = judged.milestone(month, done)
        promised[month] = {"done": done, "chance": _said(kept, calibration)}
    return promised | {"audit": {"chance": _said(judged.passed, calibration)}}


def _said(true: float, calibration: float) -> float:
    return round(true + (1 - calibration) * (0.95 - true), 2)


def _risks(judged: Judged, calibration: float, chance: np.ndarray) -> dict[str, Any]:
    decided: dict[str, Any] = {}
    for name, drawn in zip(EVENTS, chance, strict=True):
        usual, spread = judged.truth["units"][name]
        options: list[dict[str, Any]] = [{"do": "accept"}, {"do": "before"}]
        options += [{"do": "signal", "above": round(usual + z * spread, 2)} for z in (1.5, 2, 2.5)]
        values = [judged.decided(name, each) for each in options]
        by_register = options[int(0.2 <= judged.tomorrow.firm.data["measures"][name]["cost"] < 3)]
        best = options[int(np.argmax(values))]
        decided[name] = best if drawn < calibration else by_register
    return decided
