"""Simulated candidates: what they read out of the papers, how they size, what they guard against.

Four knobs make an ability. ``reading``: which requirements they meet, and which they leave at what
today's design has; ``sizing``: how far their machines are from what the work needs; ``care``:
which guards they have; ``foresight``: how near their numbers and costs are to what comes, and
whether they revise. Never shipped: it reads the private part of a case.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from worksample.case import Case

from worksample.kit.panel import Person, people
from worksample.workbook.design.reading import as_yaml

from .judging import outcome
from .judging.outcome import Judged
from .toolkit.quarters import FAILURES, NOBODY, NUMBERS

PEOPLE = people(["reading", "sizing", "care", "foresight"], count=32)

SIZES = ("machines", "workers", "partitions", "replicas", "burst")
LESS, MORE = -0.25, 0.9  # log of the factor on sizes at worst: too few, too many
OFF = 0.5  # log of the factor by which a number of the worst forecaster is off, standard deviation
WIDE = 0.15  # half width of an interval, share
# how much of a knob it takes: to meet freshness, erasure, audit, backfill, to wait for outcomes;
READING = (0.25, 0.6, 0.4, 0.5, 0.7)
# a sharp gate, looking at labels, rolling back, erasing copies, tests on data, dropping doubles
CARE = (0.3, 0.75, 0.6, 0.55, 0.5, 0.4)
DAY = 0.12  # what a day's form does to a knob, standard deviation

Data = dict[str, Any]


def answers(person: Person, case: Case, luck: np.random.Generator) -> dict[str, str]:
    """Answer cell -> source. As much luck is drawn whatever the person and the level."""
    truth, knobs = case.truth(), person.knobs
    chance, form = luck.random(16), luck.normal(0, DAY, len(READING) + len(CARE))
    off = luck.normal(0, 1, 2 * len(NUMBERS) + 2 * len(FAILURES))
    design = _spoiled(truth["reference_design"], truth["current"], knobs, chance[0], form)
    revised = truth["revised_design"] if chance[12] < knobs["foresight"] else design
    judged = outcome.load(truth, design)
    if isinstance(judged, str):
        raise RuntimeError(judged)
    numbers = dict(_numbers(judged, knobs["foresight"], off))
    failures = dict(_failures(judged, knobs["foresight"], off[len(NUMBERS) :], chance))
    return {
        "design_answer": f"DESIGN = {as_yaml(design)!r}\nedit(DESIGN)",
        "rehearsal": "",
        "numbers_answer": f"NUMBERS = {numbers!r}",
        "failures_answer": f"FAILURES = {failures!r}",
        "open_change": "open_change()",
        "revised_answer": f"REVISED = {as_yaml(revised)!r}\nedit(REVISED, 'REVISED')",
    }


def _spoiled(best: Data, current: Data, knobs: Any, chance: float, form: np.ndarray) -> Data:
    """The best design, as far as somebody comes to it."""
    design: Data = copy.deepcopy(best)
    parts, before = design["components"], _by_kind(current)
    fresh, erase, audit, backfill, wait = knobs["reading"] + form[:5] > READING
    gate, people_look, watched, copies, tested, once = knobs["care"] + form[5:] > CARE
    way = 1 if chance < 0.6 else -1  # more people take too much than too little
    factor = np.exp((1 - knobs["sizing"]) * (MORE if way > 0 else LESS))
    for part in parts.values():
        kind = part["kind"]
        for name in SIZES:
            if name in part:
                part[name] = max(1, min(200, round(part[name] * factor)))
        if kind in ("batch_load", "batch_features") and not fresh:
            part["every_h"] = max(part["every_h"], min(24, 4 * part["every_h"]))
        if kind == "eraser" and not erase:
            part["every_days"] = min(30, 3 * part["every_days"])
        if kind in ("eraser", "vault") and not copies:
            part["to"] = part["to"][:2]
        if kind in ("snapshots", "predictions") and not audit:
            part["keep_days"] = max(7, part["keep_days"] // 3)
        if kind in ("batch_features", "stream_features") and not backfill:
            part["burst"] = 1
        if kind == "trainer" and not wait:
            part["wait_days"] = before.get("trainer", {}).get("wait_days", 0)
        if kind == "gate" and not gate:
            part["margin"] = 0.4
        if kind == "monitor" and not watched:
            part.pop("action", None)
        if kind == "code" and not tested:
            part["tests"] = "none"
        if kind == "label_audit" and not people_look:
            part["looked_at"] = 1
        if kind == "dedup" and not once:
            part["window_h"] = 1
    return design


def _by_kind(design: Data) -> dict[str, Data]:
    return {part["kind"]: part for part in design["components"].values()}


def _numbers(judged: Judged, foresight: float, off: np.ndarray) -> Iterator[tuple[str, Any]]:
    for (name, true), error in zip(judged.own_numbers[0].items(), off, strict=False):
        yield name, _around(true, (1 - foresight) * OFF * error)


def _failures(
    judged: Judged, foresight: float, off: np.ndarray, chance: np.ndarray
) -> Iterator[tuple[str, Any]]:
    for place, (kind, true) in enumerate(judged.failures({}).items()):
        known = chance[place] < 0.2 + foresight
        further = known and chance[6 + place] < foresight + 0.1
        first = min(true.first) if known else NOBODY
        second = min(true.second) if further else NOBODY
        yield kind, (first, second, *_around(true.cost, (1 - foresight) * OFF * off[place]))


def _around(value: float, error: float) -> tuple[float, float]:
    middle = value * float(np.exp(error))
    return round(middle * (1 - WIDE), 2), round(middle * (1 + WIDE) + 1e-6, 2)
