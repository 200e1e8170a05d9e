"""Draws a case: a service to be monitored, its world, and the faults of hidden days."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.draws import LEVELS
from worksample.kit.files import json_text, write_text

from .hidden import card
from .hidden import world as worlds
from .toolkit.clock import LASTS

VERSION = 1
STARTER = Path(__file__).parent / "hidden" / "starter"
SLOW_FOR = 0.6  # seconds that slow customers take, above any limit that is drawn
# how many of each fault there are in the hidden days, and of what is harmless
EACH = 2
CALM = {"usual": 2, "peak": 4, "night": 4, "campaign": 5, "rubbish": 2, "deploy": 5}


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case; the same bytes for the same seed and level."""
    rng = np.random.default_rng([seed, LEVELS.index(level), 43])
    world = worlds.drawn(rng)
    least = {
        "fail": float(rng.choice([0.04, 0.05, 0.06])),
        "slow_share": float(rng.choice([0.15, 0.2])),
        "missing": float(rng.choice([0.15, 0.2])),
        "slow": float(rng.choice([0.25, 0.3, 0.35])),
        "last": 120,
    }
    rehearsed, hidden = (str(each) for each in rng.permutation(worlds.KINDS)[:2])
    # the incident that is told of was another's; which input moves next nobody knows
    spread = world["amount"][1]
    world |= {
        "drift": worlds.drift(rehearsed, spread, rng),
        "sizes": worlds.sizes(rng, least, level),
    }
    truth: dict[str, Any] = {
        "causes": [f"drift:{hidden}"],
        "drift": worlds.drift(hidden, spread, rng),
        "sizes": worlds.sizes(rng, least, level),
        "traffic": int(rng.integers(1 << 30)),
        "days": int(rng.integers(1 << 30)),
        "least": least,
        "faults": [kind for kind in LASTS for _ in range(EACH)],
        "calm": [kind for kind, many in CALM.items() for _ in range(many)],
        "slow_for": SLOW_FOR,
    }
    write_text(public / "world.json", json_text(world))
    write_text(public / "labels.jsonl", worlds.last_month(world, int(rng.integers(1 << 30))))
    reference = worlds.reference(world, int(rng.integers(1 << 30)))
    for name, text in work(world, least, reference).items():
        path = public / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    write_text(
        public / "work.history.json", json_text(history(public / "work", rng), sort_keys=False)
    )
    write_text(private / "truth.json", json_text(truth))
    write_text(private / "truth_card.md", card.text(truth, world, level))


def work(
    world: dict[str, Any], least: dict[str, float], reference: dict[str, Any]
) -> dict[str, str]:
    """The repository that candidates are given: name -> text."""
    files = {
        path.relative_to(STARTER).as_posix(): path.read_text("utf-8")
        for path in sorted(STARTER.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    name = "docs/REQUIREMENTS.md"
    files[name] = files[name].format(**least | {"last": int(least["last"])})
    files["model.json"] = json_text(world["model"])
    files["reference.json"] = json_text(reference)
    files["upstream/directory.json"] = directory(SLOW_FOR)
    files["feed/labels.jsonl"] = ""
    return files


def directory(slow_for: float) -> str:
    """Who is slow and who fails."""
    return json_text({"slow": {"c8": slow_for}, "failing": ["c7"]})


def history(work_folder: Path, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The past of `work/`: the service first, then what the monitoring has to be."""
    files = {
        path.relative_to(work_folder).as_posix(): path.read_text("utf-8")
        for path in sorted(work_folder.rglob("*"))
        if path.is_file()
    }
    later = {name for name in files if name.startswith(("monitoring/", "docs/", "feed/"))}
    start = 1_900_000_000 + int(rng.integers(0, 400)) * 86_400
    first = {name: text for name, text in files.items() if name not in later}
    last = {name: files[name] for name in sorted(later)}
    return [
        {"author": "Mira Tal", "time": start, "message": "Score invoices", "files": first},
        {
            "author": "Jonas Ek",
            "time": start + 9 * 86_400,
            "message": "What the monitoring has to do",
            "files": last,
        },
    ]


__all__ = ["VERSION", "prepare"]
