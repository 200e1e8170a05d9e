"""What a case says is so: the models do what the requirements ask about, by a margin."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from statistics import stdev
from types import SimpleNamespace

import numpy as np
import pytest

from .drawn import assignment, case, module

LEVELS = ("junior", "standard", "senior")


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_good_and_bad_models_are_apart_by_more_than_chance() -> None:
    """Any sensible reading of twelve retrains has to lead to the same decisions."""
    world = module("hidden.world")
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        found = None
        while found is None:
            drawn = world.drawn(rng)
            holdout = world.loans(drawn, world.HOLDOUT, rng)
            try:
                found = world.models(drawn, holdout, rng)
            except world.Unclear:
                continue
        sign = world.METRICS[found.metric]
        x, late = world.table(drawn, holdout), holdout["late"].astype(float)
        there = holdout["branch"] == drawn.segment

        def worse(model, there=there, sign=sign, found=found, x=x, late=late, right=x):
            gap = world.measure(found.metric, late, found.deployed.chances(right)) - world.measure(
                found.metric, late, model.chances(x)
            )
            branch = world.measure(found.metric, late[there], model.chances(x)[there])
            return sign * gap / found.noise, sign * (branch - found.floor) > 0

        assert [worse(found.equal)[0] < 1, worse(found.better)[0] < 0] == [True, True]
        assert worse(found.worse)[0] > 5
        for model in (found.segment_lost, found.swapped[0], found.touched):
            assert worse(model)[0] < 1
        good = (found.deployed, found.equal, found.better, found.worse, found.swapped[0])
        assert [worse(each)[1] for each in (*good, found.segment_lost)] == [True] * 5 + [False]
        name, most = found.slip
        cut = {**holdout, name: np.minimum(holdout[name], most)}
        read = world.table(drawn, cut)
        assert worse(found.deployed, x=read)[0] > 5
        assert worse(found.deployed, x=read)[1]
        assert found.swapped[1] != drawn.contract
        assert sorted(found.swapped[1]) == sorted(drawn.contract)


def test_the_repository_says_what_is_true() -> None:
    at = case()
    work, truth = at.public / "work", at.truth()
    card = json.loads((work / "model/card.json").read_text())
    assert card["sha256"] == hashlib.sha256((work / "model/model.json").read_bytes()).hexdigest()
    rows = lines(work / "docs/retrains.csv")
    retrains = {
        period: [float(r[truth["metric"]]) for r in rows if period in r["measured_on"]]
        for period in ("spring", "autumn")
    }
    assert stdev(retrains["autumn"]) == pytest.approx(truth["noise"], rel=0.02)
    both = stdev(retrains["autumn"] + retrains["spring"])
    assert both > 3 * truth["noise"], "whoever takes all rows has no line"
    sheet = (work / "docs/REQUIREMENTS.md").read_text()
    for name in ("metric", "segment", "port_name", "model_name", "personal", "prefix"):
        assert str(truth[name]) in sheet
    assert "@" not in sheet
    last = json.loads((at.public / "work.history.json").read_text())
    names = {name for commit in last for name, text in commit["files"].items() if text is not None}
    names -= {"vendor/bookdates/sync.cfg"}  # a credential that came, and went
    there = {p.relative_to(work).as_posix() for p in work.rglob("*") if p.is_file()}
    assert names == there


def test_a_senior_case_has_a_card_that_was_measured_elsewhere() -> None:
    at = case(21, "senior")
    truth = at.truth()
    said = json.loads((at.public / "work/deployed/card.json").read_text())
    off = abs(said["measured"][truth["metric"]] - truth["figures"]["deployed"])
    assert off > 3 * truth["noise"]
    assert "spring" in said["measured_on"]
    assert "autumn" in (at.public / "work/data/README.md").read_text()


def test_nothing_of_a_commit_says_whether_it_is_good() -> None:
    """A gate that reads messages, names or cards would be a gate for this case alone."""
    at = case()
    hidden = json.loads((at.private / "commits.json").read_text())
    about = at.truth()["changes"]
    assert (len(hidden), sum(each["bad"] for each in about)) == (17, 10)
    by = {True: set(), False: set()}
    measured = {True: set(), False: set()}
    for commit, each in zip(hidden, about, strict=True):
        names = tuple(sorted(commit["files"]))
        if "model/card.json" in names:
            by[each["bad"]].add((commit["message"], names))
            card = json.loads(commit["files"]["model/card.json"])
            measured[each["bad"]].add(next(iter(card["measured"].values())))
    assert by[True] == by[False], "messages and files of bad models are those of good ones"
    assert measured[True] == measured[False]
    features = {
        (commit["message"], each["bad"])
        for commit, each in zip(hidden, about, strict=True)
        if set(commit["files"]) == {"app/features.py"} and each["kind"] != "failing test"
    }
    assert len(features) == 2
    assert len({message for message, _ in features}) == 1


def test_the_same_seed_is_the_same_case(tmp_path: Path) -> None:
    at = case()
    again = SimpleNamespace(public=tmp_path / "public", private=tmp_path / "private")
    for folder in vars(again).values():
        folder.mkdir()
    module("scenario").prepare(at.seed, at.level, again.public, again.private)
    for name in ("work/docs/REQUIREMENTS.md", "work/data/holdout.csv", "work.history.json"):
        assert (again.public / name).read_bytes() == (at.public / name).read_bytes()
    assert (again.private / "commits.json").read_bytes() == (
        at.private / "commits.json"
    ).read_bytes()
    assert set(assignment().levels) == set(LEVELS)
