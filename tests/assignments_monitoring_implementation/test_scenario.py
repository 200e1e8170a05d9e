"""Cases: the same for a seed, different between seeds, and nothing in them tells what is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from worksample.assignments import case as cases

from .drawn import assignment, case, module


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_case_is_the_same_bytes_for_a_seed(tmp_path: Path) -> None:
    drawn = [
        cases.draw(assignment(), seed, "senior", tmp_path / f"{n}", candidate="x")
        for n, seed in enumerate([4, 4, 5])
    ]
    one, again, other = (_files(each.public) for each in drawn)
    assert one == again
    assert one["world.json"] != other["world.json"]
    assert drawn[0].truth() == drawn[1].truth()


def test_what_is_given_out_holds_nothing_of_what_is_hidden() -> None:
    """Sizes, seeds and the drift of the hidden days stand in no file of a candidate's."""
    given = b"\n".join(_files(case().public).values()).decode()
    truth = case().truth()
    for name in ("traffic", "days"):
        assert str(truth[name]) not in given
    world = json.loads((case().public / "world.json").read_text("utf-8"))
    assert set(world["drift"]) != set(truth["drift"])
    assert [
        n for n in ("errors", "slow", "missing") if world["sizes"][n] == truth["sizes"][n]
    ] == []


@pytest.mark.parametrize("kind", ["amount", "terms", "channel"])
def test_every_drift_moves_its_field_and_no_other(kind: str) -> None:
    worlds, traffic = module("hidden.world"), module("toolkit.traffic")
    import numpy as np

    facts = worlds.drawn(np.random.default_rng(3))
    facts["drift"] = worlds.drift(kind, facts["amount"][1], np.random.default_rng(4))
    world = traffic.World(facts, 1)
    usual = [world.invoice(0.0) for _ in range(800)]
    moved = [world.invoice(1.0) for _ in range(800)]

    def shares(rows: list[dict[str, object]], field: str) -> float:
        if field == "amount":
            return float(np.mean(np.log([float(str(row["amount"])) for row in rows])))
        rarest = list(facts["channels"])[-1] if field == "channel" else 60
        key = "channel" if field == "channel" else "terms_days"
        return float(np.mean([row[key] == rarest for row in rows]))

    for field in ("amount", "terms", "channel"):
        gap = abs(shares(moved, field) - shares(usual, field))
        assert (gap > 0.25) == (field == kind), (field, gap)


def test_the_feed_tells_the_truth_only_when_it_is_matured() -> None:
    """Young labels make the model look better or worse than it is; so do first reports."""
    traffic, facts = (
        module("toolkit.traffic"),
        json.loads((case().public / "world.json").read_text("utf-8")),
    )
    world = traffic.World(facts, 8)
    for _ in range(20):
        world.block(traffic.Condition())
        world.labels()
    right = traffic.accuracy(world.feed, facts["mature"], 400)
    early = traffic.accuracy(world.feed, 0, 800)
    assert abs(right - facts["right"]) < 0.02
    assert early < right - 0.03


def test_the_days_hold_what_they_should() -> None:
    clock, exposition = (
        module("toolkit.clock"),
        pytest.importorskip("worksample.workbook.metrics.exposition"),
    )
    scrape = exposition.Scrape({"a_total{}": 1.0})
    plan = clock.recording()
    recorded = clock.Recorded.of(plan, [scrape] * (len(plan) + 1))
    assert recorded.whole
    truth = case().truth()
    minutes, episodes = clock.days(recorded, truth["faults"], truth["calm"], 1)
    assert sorted(e.kind for e in episodes) == sorted([*truth["faults"], *truth["calm"]])
    assert episodes[-1].last == len(minutes)
    down = [e for e in episodes if e.kind == "down"]
    assert all(not m.up for e in down for m in minutes[e.onset : e.over])
    half = clock.Recorded.of(plan, [scrape] * (len(plan) + 1), {*range(0, len(plan), 2)})
    assert half.whole
    assert len(clock.days(half, truth["faults"], truth["calm"], 1)[0]) == len(minutes)
    again, _ = clock.days(recorded, truth["faults"], truth["calm"], 2)
    assert again != minutes
