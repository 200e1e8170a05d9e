"""TODO: what the cases are about, and what makes two of them different and equally hard."""

import json
import random
from pathlib import Path

VERSION = 1  # raise it whenever the same seed would give another case

SPREAD = {"junior": 0.5, "standard": 1.0, "senior": 1.2}


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write a case; the same bytes for the same seed and level.

    ``public`` is what the candidate gets. ``private`` needs ``truth.json`` for the checks and
    ``truth_card.md`` for the graders.
    """
    rng = random.Random(f"{seed} {level}")
    middle = round(rng.uniform(50, 90), 1)
    readings, _ = _readings(rng, middle, SPREAD[level])
    hidden, faulty = _readings(rng, middle, SPREAD[level])
    _write(public / "readings.json", readings)
    _write(private / "truth.json", {"middle": middle, "hidden": hidden, "faulty": faulty})
    (private / "truth_card.md").write_text(
        f"# Truth\n\nThe sensor reads {middle} when nothing is wrong. TODO: what shows it.\n",
        encoding="utf-8",
    )


def _readings(rng: random.Random, middle: float, spread: float) -> tuple[list[float], list[bool]]:
    faulty = [True] * 20 + [False] * 180
    rng.shuffle(faulty)
    noise = [max(-3 * spread, min(3 * spread, rng.gauss(0, spread))) for _ in faulty]
    values = [middle + e + (30 if bad else 0) for e, bad in zip(noise, faulty, strict=True)]
    return [round(value, 3) for value in values], faulty


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value) + "\n", encoding="utf-8")
