"""Draws a case: a repository with faults and its past; hidden days, and the truth about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.draws import LEVELS
from worksample.kit.files import json_text, write_text

from .hidden import card, days, guarding, story
from .hidden import world as worlds
from .hidden.plants import DATA, DEPLOYMENT, STALE, TRAINING, Plant, Stale
from .hidden.story import LAST, RIGHT, Commit, Machine, Night
from .hidden.tills import TILLS, Till
from .hidden.world import SHOPS, World

VERSION = 3
# the first night of each slot's fault; where several share one, the earlier stage hides the later
NIGHTS = {
    "junior": {"deployment": LAST - 2, "training": LAST - 1, "data": LAST},
    "standard": {"deployment": LAST - 1, "training": LAST, "data": LAST},
    "senior": {"deployment": LAST, "training": LAST, "data": LAST},
}
SINCE = (LAST - 14, LAST - 10)  # when the tills begin to write otherwise
NEARBY = (-2, -1, 0)  # evenings of harmless changes, from then
HELD_OUT = 7  # days: docs/EXPECTED.md
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
    chosen = {
        "data": _one(DATA, rng),
        "training": _one(TRAINING, rng),
        "deployment": _one(DEPLOYMENT, rng),
    }
    till = TILLS[int(rng.integers(len(TILLS)))]
    deployment = chosen["deployment"]
    is_stale = deployment.id in WITHOUT_TEST and bool(rng.random() < 0.75)
    stale: Stale | None = STALE[int(rng.integers(len(STALE)))] if is_stale else None
    nights = dict(NIGHTS[level])
    nights["silent"] = int(rng.integers(*SINCE))
    begins = {name: int(rng.integers(3, 9)) for name in ("comma", "mark")}
    data = chosen["data"]
    evenings = dict(nights)
    if data.begins and rng.random() < 0.5:  # the change waited for the data
        begins[data.begins] = LAST
        evenings["data"] = int(rng.integers(LAST - 20, LAST - 10))
    late = _late(data, nights["silent"], begins, rng)
    planted = [(evenings[slot], plant) for slot, plant in chosen.items()]
    commits = story.history(planted, stale, deployment if is_stale else None, late, rng)
    shops = rng.choice(SHOPS, till.shops, replace=False)
    world = replace(
        worlds.drawn(rng, LAST, begins),
        till=till.id,
        shops=tuple(sorted(str(each) for each in shops)),
        since=nights["silent"],
        # at senior level they wrote as before for two days, and then again otherwise
        paused=(nights["silent"] + 2, nights["silent"] + 3) if level == "senior" else (),
    )
    return {
        "world": world,
        "chosen": chosen,
        "till": till,
        "nights": nights,
        "stale": stale,
        "commits": commits,
    }


def _late(
    data: Plant, since: int, begins: dict[str, int], rng: np.random.Generator
) -> list[tuple[int, story.Change]]:
    """Changes of the last nights: right and needed, as an oddity begins with one; or harmless."""
    others = [name for name in story.ODDITIES if name != data.begins]
    oddity = others[int(rng.integers(len(others)))]
    begins[oddity] = int(rng.integers(LAST - 6, LAST - 1))
    weekend = int(rng.integers(LAST - 8, LAST - 1))
    about = rng.permutation(len(story.NEARBY))
    nearby = [
        (since + when, story.NEARBY[int(each)]) for when, each in zip(NEARBY, about, strict=False)
    ]
    return [*nearby, (begins[oddity], story.ODDITIES[oddity]), (weekend, story.WEEKEND)]


def _one(plants: Sequence[Plant], rng: np.random.Generator) -> Plant:
    return plants[int(rng.integers(len(plants)))]


def _withdrawn(plot: Mapping[str, Any], nights: Sequence[Night]) -> list[str]:
    """Versions that were fitted on a day since which the tills write otherwise.

    The last days of a window are held out, so the first of them comes some nights after the first
    odd export: those before it were only evaluated on odd days.
    """
    first = plot["nights"]["silent"] + HELD_OUT
    return [n.published for n in nights if n.published and n.number >= first]


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
    truth, files, clean = days.made(world, rng)
    rubbish = days.rubbish(files, rng)
    guard = guarding.made(replace(world, till=""), rng)
    faults: dict[str, Plant | Till] = {**plot["chosen"], "silent": plot["till"]}
    others = [p for p in DEPLOYMENT if p.test and p.id != plot["chosen"]["deployment"].id]
    mutants = [others[int(i)] for i in rng.choice(len(others), 2, replace=False)]
    truth |= {
        "causes": [f"{slot}:{fault.id}" for slot, fault in faults.items()],
        "faults": {
            slot: {
                "id": fault.id,
                "component": fault.component,
                "files": list(fault.files) if isinstance(fault, Plant) else [],
                "first": worlds.day_of(world, plot["nights"][slot]),
            }
            for slot, fault in faults.items()
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
    write_text(private / "clean.json", json_text(clean))
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
