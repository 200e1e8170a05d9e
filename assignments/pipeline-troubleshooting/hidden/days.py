"""Hidden days: what a repository is run on, and what a right one makes of them.

Set A is a night after which the new model has to be published, and is run twice. Set B is one after
which it must not be: a week ago people began to behave otherwise, and the current model knows.
Either is written as the tills write since the silent fault, and once more, "clean", as docs/DATA.md
says. What is right is what a right repository makes of the clean ones.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from worksample.kit.scoring import log_loss

from . import world as worlds
from .story import RIGHT, Machine, night
from .world import World

SETS = {"a": 49, "b": 52}
WINDOW = 28
BAD_ROWS = 9  # of a set's window: fewer than end a run
RUBBISH_DAYS = 4
TRIES = 20
CHANGED = 8  # days of set B after the change


def commands(truth: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The runs of a trial: set A twice, then set B."""
    day = truth["days"]
    runs = (("a", "a1"), ("a", "a2"), ("b", "b1"))
    return tuple(
        ("python", *night(day[each], f"raw-{each}", f"models-{each}", f"out/{out}"))
        for each, out in runs
    )


FETCH = tuple(
    f"out/{out}/{name}"
    for out in ("a1", "a2", "b1")
    for name in ("learned.csv", "predictions.csv", "summary.json")
)


class _Unclear(Exception):
    """A right repository does not do on these days what they are there for."""


def made(
    world: World, rng: np.random.Generator
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """The truth about the hidden days; files beside a tree; those that are otherwise if clean."""
    for later in range(TRIES):
        try:
            return _made(world, rng, later)
        except _Unclear:
            continue
    raise ValueError(f"no hidden days in {TRIES} tries")


def _made(
    world: World, rng: np.random.Generator, later: int
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """As :func:`made`, for days so many ``later``."""
    files, clean = dict[str, str](), dict[str, str]()
    truth: dict[str, Any] = {"days": {}, "expected": {}}
    numbers = {name: number + later for name, number in SETS.items()}
    for name, number in numbers.items():
        now = world if name == "a" else _changed(world)
        bad = _bad_rows(rng, number)
        files |= _files(world, now, name, number, bad)
        clean |= _files(replace(world, till=""), replace(now, till=""), name, number, bad)
        opened = worlds.open_bookings(now, number)
        truth["days"][name] = worlds.day_of(world, number)
        truth["expected"][name] = {
            "ids": [row["booking_id"] for row in opened.rows],
            "chances": [round(each, 6) for each in opened.chances],
        }
    with Machine({}) as machine:
        machine.lay("", clean)
        models = _models(machine, truth, world)
        for name, out in (("a", "a1"), ("b", "b1")):
            day = truth["days"][name]
            words = night(day, f"raw-{name}", f"models-{name}", f"out/{out}")
            code, log = machine.run(RIGHT, *words)
            if code:
                raise _Unclear(log)
            truth["expected"][name] |= _expected(machine, f"out/{out}")
    if not _is_as_meant(truth):
        raise _Unclear
    other = {name: text for name, text in clean.items() if files[name] != text}
    return truth, files | models, other


def _files(
    world: World, now: World, name: str, number: int, bad: Sequence[tuple[int, int, str, str]]
) -> dict[str, str]:
    """The exports of a set's window, its last days those of ``now``, and what is open."""
    found = worlds.exports(world, range(number - WINDOW + 1, number + 1))
    if now.effects != world.effects:
        found |= worlds.exports(now, range(number - CHANGED + 1, number + 1))
    for day, place, column, value in bad:
        row = found[day].rows[place % len(found[day].rows)]
        row[column] = value
    files = {f"raw-{name}/{worlds.day_of(world, n)}.csv": e.text() for n, e in found.items()}
    opened = worlds.open_bookings(now, number)
    return files | {f"raw-{name}/open-{worlds.day_of(world, number)}.csv": opened.text()}


def _changed(world: World) -> World:
    """The same shops after people have begun to behave otherwise."""
    e = world.effects
    turned = {"price": -e["price"], "web": e["web"] - 1.6, "harbour": e["harbour"] + 1.6}
    return replace(world, effects={**e, **turned})


def _models(machine: Machine, truth: Mapping[str, Any], world: World) -> dict[str, str]:
    """Registries: two poor models for A; for B two poor ones and one that is hard to beat."""
    day = truth["days"]["a"]
    machine.run(RIGHT, *night(day, "raw-a", "first", "out/first"))
    (model,) = (json.loads(text) for text in machine.models("first").values())
    poor = {**model, "weights": [each / 4 for each in model["weights"]]}
    worse = {**model, "weights": [-each / 4 for each in model["weights"]]}
    day = truth["days"]["b"]
    held = RIGHT | {
        "config/pipeline.toml": RIGHT["config/pipeline.toml"]
        .replace("holdout_days = 7", "holdout_days = 1")
        .replace("window_days = 28", "window_days = 8")
        .replace("least_gain = 0.005", "least_gain = -9.0"),
        "pipeline/train.py": RIGHT["pipeline/train.py"].replace(
            "LEAST_ROWS = 400", "LEAST_ROWS = 9"
        ),
    }
    machine.run(held, *night(day, "raw-b", "best", "out/best"))
    (best,) = (json.loads(text) for text in machine.models("best").values())
    files = {}
    for name, number, found in (
        ("a", 5, worse),
        ("a", 9, poor),
        ("b", 5, worse),
        ("b", 9, poor),
        ("b", 38, best),
    ):
        version = f"m-{worlds.day_of(world, number).replace('-', '')}.json"
        files[f"models-{name}/{version}"] = json.dumps(found, indent=1) + "\n"
    machine.lay("", files)
    return files


def _expected(machine: Machine, out: str) -> dict[str, Any]:
    summary = json.loads(machine.text(f"{out}/summary.json"))
    predicted = {
        row["booking_id"]: float(row["probability"])
        for row in csv.DictReader(io.StringIO(machine.text(f"{out}/predictions.csv")))
    }
    learned = {
        row["booking_id"]: int(row["cancelled"])
        for row in csv.DictReader(io.StringIO(machine.text(f"{out}/learned.csv")))
    }
    return {
        "version": summary["version"],
        "published": summary["published"],
        "learned": learned,
        "predicted": predicted,
    }


def losses(expected: Mapping[str, Any]) -> tuple[float, float]:
    """Expected log loss of the base rate and of a right repository on the open bookings."""
    chances = np.array(expected["chances"])
    right = np.array([expected["predicted"][each] for each in expected["ids"]])
    base = np.full(len(chances), chances.mean())
    return float(log_loss(chances, base).mean()), float(log_loss(chances, right).mean())


def _is_as_meant(truth: Mapping[str, Any]) -> bool:
    a, b = truth["expected"]["a"], truth["expected"]["b"]
    return (
        a["published"] and not b["published"] and all(n - g > 0.05 for n, g in map(losses, (a, b)))
    )


def _bad_rows(rng: np.random.Generator, number: int) -> list[tuple[int, int, str, str]]:
    """A few bad rows, as there always are: day, place, column, value."""
    kinds = (("shop", "moon"), ("price_eur", "0.00"), ("channel", "fax"))
    return [
        (
            number - int(rng.integers(WINDOW)),
            int(rng.integers(1000)),
            *kinds[int(rng.integers(len(kinds)))],
        )
        for _ in range(BAD_ROWS)
    ]


def rubbish(files: Mapping[str, str], rng: np.random.Generator) -> dict[str, str]:
    """Set A with days of which no row is right: more than a run may bear."""
    days = sorted(name for name in files if name.startswith("raw-a/2"))
    chosen = {days[int(i)] for i in rng.choice(len(days), RUBBISH_DAYS, replace=False)}
    return {
        name: text.replace(",north,", ",noord,")
        .replace(",south,", ",zuid,")
        .replace(",harbour,", ",haven,")
        if name in chosen
        else text
        for name, text in files.items()
    }
