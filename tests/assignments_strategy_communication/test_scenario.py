"""Cases: the same bytes again, a truth that adds up again, and nothing else that tells it."""

from __future__ import annotations

import json
import os
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from .drawn import LEVELS, SEED, case, module, sample

FULL = bool(os.environ.get("WORKSAMPLE_FULL"))
DRAWS = 40 if FULL else 6
world, proof, claims, events = (
    module(f"hidden.{name}") for name in ("world", "proof", "claims", "events")
)


def test_the_same_bytes_again(tmp_path):
    of = case("junior")
    for part in ("public", "private"):
        (tmp_path / part).mkdir()
    module("scenario").prepare(of.seed, "junior", tmp_path / "public", tmp_path / "private")
    for folder in (of.public, of.private):
        for file in folder.iterdir():
            if file.name != "case.json":
                again = (tmp_path / folder.name / file.name).read_bytes()
                assert file.read_bytes() == again, file.name


def found(seed: int, level: str = "standard"):
    made, _, _, _ = module("scenario")._found(seed, level)
    return made


def test_the_truth_is_what_minutes_of_the_year_add_up_to():
    """Independently of the sums: an incident's cost is spread over its days, tickets are drawn."""
    made = found(SEED)
    rng, known = np.random.default_rng(1), world.truth_of(made.world)
    saved = []
    for _ in range(1500):
        total = 0.0
        for each in made.world.incidents:
            acted = each.noticed - each.began
            for alert, days in each.rang.items():
                wait = made.world.outcome_days if alert == "outcomes" else 0
                if rng.random() < known.taken["office"][alert]:
                    acted = min(acted, days + wait + known.response["office"][alert])
            total += each.cost * (each.noticed - each.began - acted) / (each.ended - each.began)
        saved.append(total)
    assert np.mean(saved) == pytest.approx(made.actual["loss_avoided"], rel=0.03)
    assert made.actual["share_caught"] == pytest.approx(
        100 * np.mean(saved) / known.costs.sum(), rel=0.03
    )


def test_the_quantities_agree_with_each_other():
    made = found(SEED)
    six, plan = made.actual, made.world.options["full"]
    monthly = (six["loss_avoided"] - six["false_alarms"]) / 12 - plan["running"]
    assert six["break_even"] * monthly == pytest.approx(plan["build"])
    hours = six["hours"] - plan["upkeep"]
    assert six["false_alarms"] == pytest.approx(52 * hours * made.world.price)
    assert made.options["full"]["saves"] == pytest.approx(six["loss_avoided"])
    nets = {name: each["net"] for name, each in made.options.items()}
    assert max(nets, key=nets.get) == made.best
    assert nets["wait"] == 0


def test_a_sentence_is_of_its_class_by_the_rule_of_the_brief():
    made = found(SEED)
    rng = np.random.default_rng(3)
    quantities = claims.quantities(made.world, world.truth_of(made.world))
    for _ in range(4):
        drawn = claims.drawn(made.world, rng)
        if drawn is None:
            continue
        for each in drawn:
            number = _number(each["sentence"])
            ratios = {
                claims.class_of(number, q.value, q.better)
                for q in quantities
                if any(_same(each["sentence"], s) for s in q.sentences)
            }
            assert each["class"] in ratios


def _number(sentence: str) -> float:
    """The number that is claimed; "of 100" is none."""
    numbers = map(float, re.findall(r"\d+(?:\.\d+)?", sentence))
    return next((each for each in numbers if each != 100), 100.0)


def _same(sentence: str, form: str) -> bool:
    head, _, tail = form.partition("{n}")
    return sentence.startswith(head) and sentence.endswith(tail)


def test_neither_place_nor_number_tells_the_class_of_a_sentence():
    seen: Counter = Counter()
    for seed in range(DRAWS):
        truth = case("standard", SEED + seed).truth()["claims"]
        assert len(truth) == 10
        assert min(Counter(truth.values()).values()) >= 2
        seen.update(truth.values())
    assert max(seen.values()) < 0.55 * sum(seen.values())


def test_each_option_is_best_as_often():
    """The one that is wanted is drawn before the firm is."""
    options = Counter(
        world.OPTIONS[int(np.random.default_rng([0, seed, 1, 0]).integers(4))]
        for seed in range(200)
    )
    assert min(options.values()) > 25


def test_events_cannot_be_told_by_their_alert_alone():
    """What rings for nothing rings by the same alerts; by size and hour nothing can be told."""
    rang = [events.drawn(np.random.default_rng([seed, 4]), 1.0) for seed in range(60)]
    every = [event for each in rang for event in each["events"]]
    nothing = Counter(e["alert"] for e in every if e["kind"] == "nothing")
    assert set(nothing) == set(world.ALERTS)
    sizes = {True: [], False: []}
    for event in every:
        sizes[event["kind"] == "nothing"].append(event["lifts_pct"])
    assert abs(np.mean(sizes[True]) - np.mean(sizes[False])) < 12
    for each in rang:
        assert each["best_cost"] < 0.8 * each["idle_cost"]


@pytest.mark.parametrize("level", LEVELS)
def test_no_file_holds_what_is_hidden(level):
    of = case(level)
    truth = of.truth()
    for file in of.public.iterdir():
        text = file.read_text("utf-8")
        for value in truth["actual"].values():
            assert f"{value:.4f}" not in text, file.name
        for event in truth["events"]["events"]:
            assert file.name != "events.csv" or event["kind"] not in text
        assert "supported" not in text
        assert "overstated" not in text
    listeners = json.loads((of.private / "listeners.json").read_text("utf-8"))
    shown = (of.public / "listeners.md").read_text("utf-8")
    assert len(listeners) == 3
    for each in listeners:
        assert each["name"] in shown
        assert each["believes"] not in shown


def test_levels_differ_in_what_is_to_be_understood():
    tables = {level: pd.read_csv(case(level).public / "incidents.csv") for level in LEVELS}
    assert set(tables["junior"]["cost_is"]) == {"in all"}
    assert set(tables["standard"]["cost_is"]) == {"in all", "a day"}
    twice = tables["senior"].duplicated(["kind", "began", "ended"]).sum()
    assert twice == 3
    assert not tables["standard"].duplicated(["kind", "began", "ended"]).any()


@pytest.mark.parametrize("level", LEVELS)
def test_minutes_and_points_are_as_the_brief_says(level):
    assert sum(cell.minutes for cell in sample().cells_of(level)) == sample().minutes.work == 30
    brief, points = sample().cell("brief").source, {c.id: int(c.points) for c in sample().checks}
    assert sum(points.values()) == 100
    told = "six numbers {numbers}, ten sentences {claims}, six actions {actions}"
    assert told.format(**points) in brief
    texts = [(case(level).public / name).read_text() for name in ("monitoring.md", "listeners.md")]
    words = sum(len(text.split()) for text in (brief, *texts))
    reading = sample().cell("brief").minutes + sample().cell("about_look").minutes
    assert words / 200 <= reading, words
