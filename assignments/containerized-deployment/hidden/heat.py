"""The heat pumps of a case: its model, rows, and what the model says of them."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).parent / "repository"
NUMBERS = ("age_years", "run_hours", "starts_day", "pressure_bar", "flow_c", "outdoor_c")
COLUMNS = (*NUMBERS, "medium")  # as docs/DATA.md and the helper have them
MEDIA = ("r32", "r290", "r410", "co2")
NEWER = ("r454", "r1234", "r600")
SCALE = {
    "age_years": (9.0, 5.0),
    "run_hours": (17_000.0, 9_000.0),
    "starts_day": (14.0, 8.0),
    "pressure_bar": (24.0, 5.0),
    "flow_c": (42.0, 8.0),
    "outdoor_c": (4.0, 7.0),
    "medium": (2.0, 1.5),
}
# what a model may have been trained on in place of the unit of docs/DATA.md: times, plus
UNITS = {
    "age_years": (12.0, 0.0),  # months
    "run_hours": (60.0, 0.0),  # minutes
    "pressure_bar": (100.0, 0.0),  # kilopascals
    "flow_c": (1.8, 32.0),  # degrees Fahrenheit
}
DIGITS = {"run_hours": 0, "starts_day": 0}

Row = dict[str, Any]


def package() -> ModuleType:
    """The model team's library, as a candidate has it."""
    name = "kestrel"  # what a pickle of it says
    if name not in sys.modules:
        module = ModuleType(name)
        text = (REPOSITORY / name / "__init__.py").read_text("utf-8")
        exec(compile(text, f"{name}/__init__.py", "exec"), module.__dict__)
        sys.modules[name] = module
    return sys.modules[name]


def drawn(rng: np.random.Generator, version: str, threshold: float, unit: str) -> Any:
    """A model; its order of features is none that a document has, nor is the unit of ``unit``."""
    order = list(COLUMNS)
    while order[0] == COLUMNS[0] or order[-1] == COLUMNS[-1] or order == sorted(COLUMNS):
        order = [str(name) for name in rng.permutation(COLUMNS)]
    numbers = [int(number) for number in rng.permutation(len(MEDIA) + 1)]
    media = dict(zip((*MEDIA, "other"), numbers, strict=True))
    signs = rng.choice([-1.0, 1.0], len(COLUMNS))
    sizes = rng.uniform(0.7, 2.2, len(COLUMNS))
    weights = {n: round(float(s * w), 3) for n, s, w in zip(COLUMNS, signs, sizes, strict=True)}
    fill = {
        name: round(SCALE[name][0] + float(rng.uniform(-0.6, 0.6)) * SCALE[name][1], 1)
        for name in NUMBERS
    }
    times, plus = UNITS[unit]
    fill[unit] = round(fill[unit] * times + plus, 1)
    scale = {**SCALE, unit: (SCALE[unit][0] * times + plus, SCALE[unit][1] * times)}
    released = {"threshold": threshold, "by": "model team"}
    return package().Model(version, order, media, fill, weights, scale, released)


def pickled(model: Any) -> str:
    """As the model's file holds it: text, in pickle's oldest form."""
    return pickle.dumps(model, protocol=0).decode("ascii")


def rows(
    rng: np.random.Generator, count: int, unseen: float = 0.0, missing: float = 0.0
) -> list[Row]:
    """Rows as callers send them."""
    found = []
    for _ in range(count):
        row: Row = {"unit": f"hp-{int(rng.integers(10**6)):06d}"}
        newer = rng.random() < unseen
        names = NEWER if newer else MEDIA
        row["medium"] = str(names[int(rng.integers(len(names)))])
        for name in NUMBERS:
            low, wide = SCALE[name]
            value = round(float(rng.normal(low, wide)), DIGITS.get(name, 1))
            if rng.random() >= missing:
                row[name] = value
            elif rng.random() < 0.5:
                row[name] = None
        if rng.random() < 0.6:
            row["owner_phone"] = f"+44 7700 {int(rng.integers(900_000, 1_000_000))}"
        found.append(row)
    return found


def score(model: Any, row: Mapping[str, Any], unit: str) -> float:
    """The probability of one row, by docs/CONTRACT.md; what is filled in has the model's unit."""
    times, plus = UNITS[unit]
    values = []
    for name in model.features:
        value = row.get(name)
        if name == "medium":
            values.append(float(model.media.get(value, model.media["other"])))
        elif value is None:
            values.append(float(model.fill[name]))
        else:
            values.append(float(value) * times + plus if name == unit else float(value))
    return float(model.score(values))


def answers(model: Any, given: Sequence[Row], threshold: float, unit: str) -> list[dict[str, Any]]:
    """What the service answers to them."""
    found = []
    for row in given:
        probability = score(model, row, unit)
        found.append(
            {"unit": row["unit"], "probability": probability, "flag": probability >= threshold}
        )
    return found


def body(value: Any) -> bytes:
    """As it is sent."""
    return json.dumps(value).encode()
