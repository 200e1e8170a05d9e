"""Draws a case: a model that differs from its documents, a contract, and hidden requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from worksample.kit.draws import LEVELS
from worksample.kit.files import json_text, write_text

from .hidden import heat, story

VERSION = 2
UNSEEN = ("other", "refused")
PLACES = ("model", "card")
# how often rows of the samples show what is not said elsewhere
SHOWN = {"junior": 0.3, "standard": 0.1, "senior": 0.0}
SINGLE, BATCH, LOAD = 60, 24, 40


def prepare(seed: int, level: str, public: Path, private: Path) -> None:
    """Write one case; the same bytes for the same seed and level."""
    rng = np.random.default_rng([seed, LEVELS.index(level), 41])
    facts = _facts(rng)
    model = heat.drawn(rng, facts["version"], facts["thresholds"]["model"], facts["unit"])
    files = story.files(facts, model, _samples(rng, model, facts, SHOWN[level]))
    for name, text in files.items():
        write_text(_made(public / "work" / name), text)
    history = story.history(files, int(rng.integers(1_893_456_000, 1_924_992_000)), level)
    write_text(public / "work.history.json", json_text(history, sort_keys=False))
    write_text(public / "index.txt", story.index())
    truth = facts | _hidden(rng, model, facts)
    truth["causes"] = [
        f"unseen:{facts['unseen']}",
        f"threshold:{facts['place']}",
        f"unit:{facts['unit']}",
    ]
    write_text(private / "truth.json", json_text(truth))
    write_text(private / "truth_card.md", story.card(facts, model, level))


def _facts(rng: np.random.Generator) -> dict[str, Any]:
    """What a case is about; the threshold that counts is never the nearest to a half."""
    low, high = sorted(
        round(float(each), 2) for each in (rng.uniform(0.28, 0.4), rng.uniform(0.6, 0.72))
    )
    pair = [low, high] if rng.random() < 0.5 else [high, low]
    place = str(rng.choice(PLACES))
    return {
        "version": f"{int(rng.integers(2, 9))}.{int(rng.integers(1, 20))}",
        "thresholds": dict(zip(PLACES, pair, strict=True)),
        "place": place,
        "threshold": pair[PLACES.index(place)],
        "unseen": str(rng.choice(UNSEEN)),
        "unit": str(rng.choice(list(heat.UNITS))),
        "rows": int(rng.choice([150, 200, 250])),
        "memory_mb": int(rng.choice([192, 224, 256])),
        "size_mb": 24,
        "token": "".join(str(c) for c in rng.choice(list("abcdefghjkmnpqrstuvwxyz23456789"), 28)),
        "password": "".join(str(c) for c in rng.choice(list("abcdefghjkmnpqrstuvwxyz"), 20)),
    }


def _samples(rng: np.random.Generator, model: Any, facts: dict[str, Any], shown: float) -> Any:
    """Requests with right answers, for whoever wants to compare; few show what is odd."""
    given = heat.rows(rng, 12, missing=shown)
    right = heat.answers(model, given, facts["threshold"], facts["unit"])
    return [
        {"row": row, "answer": {**answer, "model_version": facts["version"]}}
        for row, answer in zip(given, right, strict=True)
    ]


def _hidden(rng: np.random.Generator, model: Any, facts: dict[str, Any]) -> dict[str, Any]:
    """Requests that nobody has seen, with what is to be answered."""
    unseen = 0.0 if facts["unseen"] == "refused" else 0.25
    given = {
        "single": heat.rows(rng, SINGLE),
        "missing": heat.rows(rng, SINGLE // 2, missing=0.3),
        "unseen": heat.rows(rng, 10, unseen=1.0),
        "batch": heat.rows(rng, BATCH, unseen=unseen, missing=0.1),
        "load": heat.rows(rng, LOAD),
        "full": heat.rows(rng, facts["rows"]),
        "moved": heat.rows(rng, 10),
    }
    right = {
        name: heat.answers(model, rows, facts["threshold"], facts["unit"])
        for name, rows in given.items()
    }
    return {"given": given, "right": right}


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


__all__ = ["VERSION", "prepare"]
