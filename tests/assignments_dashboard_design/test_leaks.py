"""Nothing but words and numbers tells who is prompt, what will happen, or which answer is asked."""

from __future__ import annotations

import collections
import json
import os
import re

import numpy as np
import pytest

from .drawn import FOLDER, case, module

FULL = bool(os.environ.get("WORKSAMPLE_FULL"))
WORLDS = 400 if FULL else 120
world, texts = module("hidden.world"), module("hidden.texts")


def chi_square(table: np.ndarray) -> float:
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    return float(((table - expected) ** 2 / expected).sum())


def test_neither_name_nor_place_of_a_collector_tells_what_it_is():
    seen: collections.Counter[tuple[str, str]] = collections.Counter()
    for seed in range(WORLDS):
        drawn = world.draw(np.random.default_rng(seed), "standard")
        seen.update((m.collector, m.kind) for m in drawn.collected)
    names, kinds = world.COLLECTORS, list(world.WAYS)
    table = np.array([[seen[name, kind] for kind in kinds] for name in names], dtype=float)
    assert chi_square(table) < 27.9  # 99.9 % of 9 degrees of freedom


def test_the_order_of_hidden_days_tells_nothing():
    places = collections.defaultdict(list)
    for seed in range(WORLDS):
        for place, each in enumerate(world.episodes(np.random.default_rng(seed), "standard")):
            places[each.incidents[0].kind.id if each.incidents else ""].append(place)
    assert all(abs(np.mean(p) - 7) < 4.5 / np.sqrt(len(p)) * 4 for p in places.values())


def test_a_question_does_not_tell_its_reading_by_its_place():
    seen: collections.Counter[tuple[int, str]] = collections.Counter()
    drawn = world.draw(np.random.default_rng(0), "standard")
    for seed in range(WORLDS):
        asked = texts.questions(drawn, np.random.default_rng(seed))
        assert len(asked) == 12
        seen.update((place, q.read) for place, q in enumerate(asked))
    table = np.array([[seen[i, r] for r in texts.WHEN] for i in range(12)], dtype=float)
    assert chi_square(table) < 48.3  # 99.9 % of 22 degrees of freedom


def test_the_public_folder_has_no_hidden_word():
    """No file says in the truth's words how a metric is collected, or what will happen."""
    public = case().public
    names = sorted(path.name for path in public.iterdir())
    assert names == [
        "case.json", "catalogue.csv", "customers.parquet", "facts.json", "history.parquet",
        "model.md", "questions.csv", "register.csv",
    ]  # fmt: skip
    told = json.loads((public / "facts.json").read_text("utf-8"))
    assert sorted(told) == ["campaigns", "incidents", "limits", "prices", "segments"]
    text = " ".join(p.read_text("utf-8") for p in public.glob("*.*") if p.suffix != ".parquet")
    words = set(re.findall(r"\w+", text))
    assert not words & {"fooled", "thin", "prompt", "onset", "echo", "twins", "slow"}


@pytest.mark.parametrize("place", ["toolkit", "notebook.py"])
def test_what_is_shipped_does_not_know_the_kinds(place):
    files = (FOLDER / place).rglob("*.py") if place == "toolkit" else [FOLDER / place]
    kinds = [kind.id for kind in module("hidden.concepts").KINDS]
    for path in files:
        text = path.read_text("utf-8")
        assert not [kind for kind in kinds if kind in text], path.name
        assert "hidden." not in text or place == "notebook.py"
