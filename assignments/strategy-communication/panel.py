"""Simulated candidates: which traps they see, how sure they say they are, what they tell.

Four knobs make an ability. ``doubt``: which of the evidence's traps they see; ``calibration``: how
near their numbers are, and whether their ranges hold; ``reading``: on how many sentences and events
they find out what is so; ``telling``: how much of it reaches the page. Never shipped: it reads the
private part of a case.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from worksample.case import Case

from worksample.kit.panel import Person, people

from .hidden.claims import CLASSES
from .hidden.events import CURES
from .toolkit.forms import QUANTITIES

PEOPLE = people(["doubt", "calibration", "reading", "telling"], count=32)

#: trap -> (how much doubt it takes to see it, what it does to numbers, on the logarithm)
TRAPS: dict[str, tuple[float, dict[str, float]]] = {
    "costs a day": (0.2, {"loss_avoided": -0.7, "share_caught": 0.1, "break_even": 0.9}),
    "outcomes are late": (0.4, {"loss_avoided": 0.12, "share_caught": 0.12, "detection": -0.25}),
    "tickets nobody took": (0.6, {"loss_avoided": 0.5, "share_caught": 0.5, "break_even": -0.6}),
}
OFF = 0.25  # on the logarithm: what a number of the least calibrated is off by, standard deviation
NARROW = 0.35  # of an honest range's width: what the least calibrated says
DAY = 0.08  # what a day's form does to doubt, standard deviation
IDLE = {"who": "dispatch", "by": 24, "what": "last_list"}


def answers(person: Person, case: Case, luck: np.random.Generator) -> dict[str, str]:
    """Answer cell -> source. As much luck is drawn whatever the person and the level."""
    truth, knobs = case.truth(), person.knobs
    form, off = luck.normal(0, DAY, len(TRAPS)), luck.normal(0, OFF, 12)
    chance = luck.random((4, 10))
    bias = dict.fromkeys(QUANTITIES, 0.0)
    for (takes, does), day in zip(TRAPS.values(), form, strict=True):
        if knobs["doubt"] + day < takes:
            bias |= {name: bias[name] + does.get(name, 0.0) for name in bias}
    numbers = {
        name: _range(truth["actual"][name], bias[name], truth["widths"][name], off[i], knobs)
        for i, name in enumerate(QUANTITIES)
    }
    options: dict[str, dict[str, Any]] = {}
    for (name, width), error in zip(truth["option_widths"].items(), off[6:], strict=True):
        option, what = name.split()
        wrong = bias["loss_avoided"] if what == "saves" else 0.0
        said = _range(truth["options"][option][what], wrong, width, error, knobs)
        options.setdefault(option, {})[what] = said
    decision = {
        "ask": truth["best"] if chance[3, 9] < knobs["doubt"] else "full",
        "options": options,
        "unseen": _unseen(truth, knobs["telling"], chance[3]),
    }
    used = QUANTITIES[: 1 + round(5 * knobs["telling"])]
    page = " ".join(f"{{{name}}}" for name in used)
    return {
        "numbers_answer": f"NUMBERS = {numbers!r}",
        "claims_answer": f"CLAIMS = {_claims(truth['claims'], knobs, chance[:2])!r}",
        "actions_answer": f"ACTIONS = {_actions(truth['events'], knobs['reading'], chance[2])!r}",
        "page_answer": f"PAGE = {page!r}\nDECISION = {decision!r}",
    }


def _range(actual: float, bias: float, width: float, error: float, knobs: Any) -> list[float]:
    lacking = 1 - knobs["calibration"]
    middle = np.log(actual) + bias + lacking * error
    half = width / 2 * (1 - (1 - NARROW) * lacking)
    return [float(np.exp(middle - half)), float(np.exp(middle + half))]


def _claims(truth: dict[str, str], knobs: Any, chance: np.ndarray) -> dict[str, dict[str, float]]:
    """Of a sentence that was worked out its class is believed, of another one by its sound."""
    given = {}
    for place, (claim, is_) in enumerate(truth.items()):
        found = chance[0, place] < 0.15 + 0.85 * knobs["reading"]
        held = is_ if found else CLASSES[int(3 * chance[1, place])]
        sure = 0.6 + 0.3 * knobs["calibration"]
        given[claim] = {name: sure if name == held else (1 - sure) / 2 for name in CLASSES}
    return given


def _actions(made: dict[str, Any], reading: float, chance: np.ndarray) -> dict[str, Any]:
    """The best where it was found out what is wrong, else some cure, or the usual thing."""
    given = {}
    for place, best in enumerate(made["best_actions"]):
        found, other = chance[place] < 0.2 + 0.8 * reading, chance[(place + 1) % 10]
        wrong = {"who": "platform", "by": 24, "what": sorted(set(CURES.values()))[int(4 * other)]}
        given[f"e{place + 1}"] = best if found else (wrong if other < reading else IDLE)
    return given


def _unseen(truth: dict[str, Any], telling: float, chance: np.ndarray) -> list[str]:
    return [
        kind
        for kind, drawn in zip(truth["kinds"], chance, strict=False)
        if drawn < (0.2 + 0.8 * telling if kind in truth["unseen"] else 0.35 * (1 - telling))
    ]
