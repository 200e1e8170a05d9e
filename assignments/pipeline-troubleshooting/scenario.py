"""Draws a case: a repository with faults and its past; hidden days, and the truth about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.draws import LEVELS
from worksample.kit.files import json_text, write_text

from .hidden import card, days, guarding, story
from .hidden import world as worlds
from .hidden.plants import DATA, DEPLOYMENT, SILENT, STALE, TRAINING, Plant, Stale
from .hidden.story import LAST, RIGHT, Commit, Machine, Night
from .hidden.world import World

VERSION = 2
# the first night of each slot's fault; where several share one, the earlier stage hides the later
NIGHTS = {
    "junior": {"deployment": LAST - 2, "training": LAST - 1, "data": LAST},
    "standard": {"deployment": LAST - 1, "training": LAST, "data": LAST},
    "senior": {"deployment": LAST, "training": LAST, "data": LAST},
}
LEAST_WITHDRAWN, MOST_WITHDRAWN = 2, 6
WITHOUT_TEST = ("serves_oldest", "feature_order")  # a deploy check tells of them too
TRIES = 40


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case; the same bytes for the same seed and level."""
    rng = np.random.default_rng([seed, LEVELS.index(level), 11])
    for _ in range(TRIES):
        plot = _plot(level, rng)
        raw = worlds.exports(plot["world"], range(3, LAST + 1))
        texts = {f"{worlds.day_of(plot['world'], n)}.csv": e.text() for n, e in raw.items()}
        for number in range(LAST - story.NIGHTS, LAST + 1):
            opened = worlds.open_bookings(plot["world"], number, 60)
            texts[f"open-{worlds.day_of(plot['world'], number)}.csv"] = opened.text()
        with Machine(texts) as machine:
            nights = story.nights(machine, plot["commits"], plot["world"])
            models = machine.models()
            _, tested = machine.run(story.at(plot["commits"], LAST), "-m", "tests")
        withdrawn = _withdrawn(plot, nights)
        sound = [n.published for n in nights if n.published and n.published not in withdrawn]
        if (
            LEAST_WITHDRAWN <= len(withdrawn) <= MOST_WITHDRAWN
            and sound
            and not nights[-1].published
        ):
            break
    else:
        raise ValueError("no plot in which some versions have to be withdrawn")
    _public(public, plot, nights, tested, texts, models, rng)
    _private(private, plot, nights, withdrawn, level, rng)


def _plot(level: str, rng: np.random.Generator) -> dict[str, Any]:
    """Which faults, since when, and whether the test that fails is right."""
    while True:
        chosen = {
            "data": _one(DATA, rng),
            "training": _one(TRAINING, rng),
            "deployment": _one(DEPLOYMENT, rng),
            "silent": _one(SILENT, rng),
        }
        files = [name for plant in chosen.values() for name in plant.files]
        if len(files) == len(set(files)):
            break
    deployment = chosen["deployment"]
    is_stale = deployment.id in WITHOUT_TEST and bool(rng.random() < 0.75)
    stale: Stale | None = STALE[int(rng.integers(len(STALE)))] if is_stale else None
    nights = dict(NIGHTS[level])
    nights["silent"] = int(rng.integers(LAST - 7, LAST - 4))
    begins = {name: int(rng.integers(3, 9)) for name in ("comma", "mark")}
    data = chosen["data"]
    evenings = dict(nights)
    if data.begins and rng.random() < 0.5:  # the change waited for the data
        begins[data.begins] = LAST
        evenings["data"] = int(rng.integers(LAST - 20, LAST - 10))
    late = _late(chosen, nights, begins, rng)
    planted = [(evenings[slot], plant, True) for slot, plant in chosen.items()]
    pauses: list[int] = []
    if level == "senior":  # taken back for a night, then put in again
        pauses = [nights["silent"] + 1]
        planted += [(pauses[0], chosen["silent"], False), (pauses[0] + 1, chosen["silent"], True)]
    commits = story.history(planted, stale, deployment if is_stale else None, late, rng)
    world = worlds.drawn(rng, LAST, begins)
    return {
        "world": world,
        "chosen": chosen,
        "nights": nights,
        "pauses": pauses,
        "stale": stale,
        "commits": commits,
    }


def _late(
    chosen: Mapping[str, Plant],
    nights: Mapping[str, int],
    begins: dict[str, int],
    rng: np.random.Generator,
) -> list[tuple[int, story.Change]]:
    """Changes of the last nights that are right and needed; an oddity begins with one of them."""
    others = [name for name in story.ODDITIES if name != chosen["data"].begins]
    oddity = others[int(rng.integers(len(others)))]
    begins[oddity] = int(rng.integers(LAST - 6, LAST - 1))
    first = nights["silent"]
    # a weekend that is wrong can be so only once it is used
    span = (first - 3, first) if chosen["silent"].id == "wrong_weekday" else (first + 1, LAST - 1)
    weekend = int(rng.integers(*span))
    return [(begins[oddity], story.ODDITIES[oddity]), (weekend, story.WEEKEND)]


def _one(plants: Sequence[Plant], rng: np.random.Generator) -> Plant:
    return plants[int(rng.integers(len(plants)))]


def _withdrawn(plot: Mapping[str, Any], nights: Sequence[Night]) -> list[str]:
    """Versions published while the silent fault was in the code."""
    first, pauses = plot["nights"]["silent"], plot["pauses"]
    return [
        n.published for n in nights if n.published and n.number >= first and n.number not in pauses
    ]


def _public(
    public: Path,
    plot: Mapping[str, Any],
    nights: Sequence[Night],
    tested: str,
    texts: Mapping[str, str],
    models: Mapping[str, str],
    rng: np.random.Generator,
) -> None:
    commits: list[Commit] = plot["commits"]
    world: World = plot["world"]
    _lay(public / "work", story.at(commits, LAST))
    history = story.as_json(commits, world, rng)
    write_text(public / "work.history.json", json_text(history, sort_keys=False))
    _lay(public / "raw", texts)
    _lay(public / "registry", models)
    (public / "runs").mkdir()
    for each in nights:
        morning = worlds.day_of(world, each.number + 1)
        day = worlds.day_of(world, each.number)
        write_text(public / "runs" / f"{day}.log", f"{morning} 02:00 UTC\n{each.log}")
    write_text(public / "runs" / "ci.log", f"python -m tests\n{tested}")


def _private(
    private: Path,
    plot: Mapping[str, Any],
    nights: Sequence[Night],
    withdrawn: Sequence[str],
    level: str,
    rng: np.random.Generator,
) -> None:
    world: World = plot["world"]
    truth, files = days.made(world, rng)
    rubbish = days.rubbish(files, rng)
    guard = guarding.made(world, rng)
    others = [p for p in DEPLOYMENT if p.test and p.id != plot["chosen"]["deployment"].id]
    mutants = [others[int(i)] for i in rng.choice(len(others), 2, replace=False)]
    truth |= {
        "causes": [f"{slot}:{plant.id}" for slot, plant in plot["chosen"].items()],
        "faults": {
            slot: {
                "id": plant.id,
                "component": plant.component,
                "files": list(plant.files),
                "first": worlds.day_of(world, plot["nights"][slot]),
            }
            for slot, plant in plot["chosen"].items()
        },
        "withdrawn": list(withdrawn),
        "published": [each.published for each in nights if each.published],
        "runs": [worlds.day_of(world, each.number) for each in nights],
        "test": "stale" if plot["stale"] else "right",
        "mutants": [each.id for each in mutants],
        "guard": [{k: v for k, v in each.items() if k != "files"} for each in guard],
    }
    write_text(private / "truth.json", json_text(truth))
    write_text(private / "days.json", json_text(files))
    changed = {name: text for name, text in rubbish.items() if files[name] != text}
    write_text(private / "rubbish.json", json_text(changed))
    write_text(private / "guard.json", json_text([each["files"] for each in guard]))
    write_text(private / "truth_card.md", card.text(plot, withdrawn, guard, level))


def _lay(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)


__all__ = ["RIGHT", "VERSION", "prepare"]
