"""Cases are what their truth says: proofs, signatures, determinism, the same files everywhere."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.assignments_root_cause_analysis.cases import ALL, causes, drawn, scenario
from tests.assignments_root_cause_analysis.drawn import module

hypotheses = module("toolkit.hypotheses")
model = module("toolkit.model")
JUNIOR = [cause for cause in ALL if cause in hypotheses.JUNIOR]
SERVED_OTHERWISE = {
    "wrong_model",
    "transform_skew",
    "old_version_on_part_of_fleet",
    "fallback_at_timeout",
}
PLANS = [
    *((cause, "standard", place) for cause in ALL for place in (0, 1)),
    *((cause, "junior", 0) for cause in JUNIOR),
    *((cause, "senior", 0) for cause in ALL),
]


def served(case) -> pd.DataFrame:
    """The visible log joined with what is known of its outcomes."""
    return model.joined(*case.proof.yardstick.log)


def test_the_hypotheses_are_the_causes_and_something_else() -> None:
    assert set(hypotheses.IDS) == {*ALL, "something_else"}
    assert len(ALL) == 18
    assert {h.family for h in hypotheses.HYPOTHESES} == set(hypotheses.FAMILIES)
    assert {cause.remedy_type for cause in causes.ALL} <= set(hypotheses.REMEDIES)


@pytest.mark.parametrize("level", ["standard", "senior"])
def test_twenty_seeds_of_a_tier_hold_all_its_causes(level: str) -> None:
    seeds = [((i % 2) << 32) | i for i in range(40)]
    assert {causes.chosen(seed, level)[0].id for seed in seeds} == set(ALL)
    neighbours = {causes.chosen((1 << 32) | i, level)[0].id for i in range(20)}
    assert neighbours == set(ALL) - set(hypotheses.JUNIOR)


def test_juniors_get_only_the_simpler_causes() -> None:
    drawn_ids = {causes.chosen((i << 32) | i, "junior")[0].id for i in range(60)}
    assert drawn_ids == set(hypotheses.JUNIOR)


@pytest.mark.slow
@pytest.mark.parametrize(("cause", "level", "place"), PLANS)
def test_the_cause_is_proved_by_replay(cause: str, level: str, place: int) -> None:
    proof = drawn(cause, level, place).proof
    assert proof.values["loss_sd"] >= 3
    assert proof.values["loss"] >= 0.03
    assert proof.values["best_gain"] >= 0.90
    assert proof.red_herrings
    assert max(proof.red_herrings.values()) < 0.10
    assert proof.f1 >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("cause", ALL)
def test_seniors_have_two_causes_of_unequal_size(cause: str) -> None:
    shares = drawn(cause, "senior").proof.shares
    assert len(shares) == 2
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    assert 0.2 <= min(shares.values()) <= 0.47


@pytest.mark.slow
@pytest.mark.parametrize("cause", ALL)
def test_the_onset_leaves_time_before_and_after(cause: str) -> None:
    line = drawn(cause).log.world.timeline
    assert 22 <= line.onset < 45
    near = [t for t in [*line.at.values(), *(t for t, _ in line.others)] if abs(t - line.onset) < 3]
    assert 2 <= len(near) <= 6
    if line.trigger:
        assert line.at[line.trigger] == line.onset
    else:
        assert all(abs(t - line.onset) > 0.2 for t in line.at.values())


@pytest.mark.slow
@pytest.mark.parametrize("cause", ALL)
def test_affected_rows_begin_with_the_onset(cause: str) -> None:
    case = drawn(cause)
    rows, world = served(case), case.log.world
    if cause == "partial_batch":  # healed in the log; the dashboard froze it
        rows = model.joined(*case.proof.yardstick.log, dashboard=True)
    found = case.causes[0].find(rows, case.log)
    days = (pd.to_datetime(rows["served_at"]) - world.first_day) / pd.Timedelta(days=1)
    before, after = days < world.onset - 0.01, days >= world.onset
    assert found[before].mean() < 0.01
    assert found[after].mean() > 0.05
    assert days[found & after].min() - world.onset < 1


@pytest.mark.slow
@pytest.mark.parametrize("cause", ALL)
def test_scores_can_be_replayed_unless_the_service_used_something_else(cause: str) -> None:
    case = drawn(cause)
    rows = served(case)
    off = np.abs(case.log.models.score(rows) - rows["score"]) > 1.1e-4
    off &= rows["latency_ms"] < 300
    for oddity in case.oddities:  # a refit as good as the named one does no harm
        if oddity.id == "earlier_refit":
            off &= ~rows["host"].isin([case.log.world.names.host[h] for h in oddity.hosts])
    before = (
        pd.to_datetime(rows["served_at"]) < case.log.world.date(case.log.world.onset)
    ).to_numpy()
    assert off[before].sum() == 0
    if cause in SERVED_OTHERWISE - {"fallback_at_timeout"}:
        assert off[~before].mean() > 0.15
    else:
        assert off.sum() == 0


@pytest.mark.slow
def test_the_season_is_there_and_is_harmless() -> None:
    """A genuine drift that hurts nothing: the weather of the log's two halves differs."""
    moved = []
    for cause in ALL:
        rows = drawn(cause).log.clean.assign(when=drawn(cause).log.world.rows["when"])
        rows = rows[rows["when"] >= 0]
        days = rows.groupby(np.floor(rows["when"]))["temp_c"].mean()
        moved.append(abs(days.iloc[-14:].mean() - days.iloc[:14].mean()) / days.diff().std())
    assert np.median(moved) > 0.5


def prepared(folder: Path, seed: int, level: str) -> Path:
    for part in ("public", "private"):
        (folder / part).mkdir(parents=True)
    scenario.prepare(seed, level, folder / "public", folder / "private")
    return folder


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        total.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return total.hexdigest()


ELSEWHERE = """
import sys
from pathlib import Path
from tests.assignments_root_cause_analysis.test_scenario import digest, prepared
print(digest(prepared(Path(sys.argv[1]), 7, "senior")))
"""


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here = digest(prepared(tmp_path / "here", 7, "senior"))
    env = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    there = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path / "there")],
        capture_output=True,
        text=True,
        env=env,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert there.stdout.strip() == here


@pytest.mark.slow
def test_every_case_ships_the_same_kinds_of_files(tmp_path: Path) -> None:
    one = prepared(tmp_path / "a", 3, "junior") / "public"
    other = prepared(tmp_path / "b", (1 << 32) | 4, "senior") / "public"
    for folder, many in (("models", 6), ("preprocessing", 3)):
        for public in (one, other):
            assert len(list((public / folder).glob("*.json"))) == many
    names = [{p.name for p in public.glob("*.*")} for public in (one, other)]
    assert names[0] | {"on_call.md"} == names[1], "juniors have no witness who is wrong"
    for name in sorted(n for n in names[0] if n.endswith(".csv")):
        assert pd.read_csv(one / name, nrows=1).columns.tolist() == (
            pd.read_csv(other / name, nrows=1).columns.tolist()
        )
    assert (one / "architecture.svg").read_bytes() == (other / "architecture.svg").read_bytes()
    said = [(public / "data_dictionary.md").read_text().splitlines() for public in (one, other)]
    assert said[0] == [line for line in said[1] if "on_call.md" not in line]
    assert len(json.loads((one / "questions.json").read_text())["hypotheses"]) == 6


@pytest.mark.slow
def test_hidden_rows_look_like_the_log_and_come_later(tmp_path: Path) -> None:
    folder = prepared(tmp_path, 2, "standard")
    log = model.joined(
        pd.read_csv(folder / "public" / "predictions.csv", parse_dates=["served_at"]),
        pd.read_csv(folder / "public" / "outcomes.csv", parse_dates=["reported_at"]),
    )
    rows = pd.read_parquet(folder / "private" / "hidden_rows.parquet")
    truth = pd.read_parquet(folder / "private" / "hidden_truth.parquet")
    assert set(rows.columns) == set(log.columns)
    kinds = {c: (log[c].dtype.kind, rows[c].dtype.kind) for c in rows.columns}
    assert {c: k for c, k in kinds.items() if k[0] != k[1]} == {}
    assert rows["served_at"].min() > log["served_at"].max()
    assert len(rows) == len(truth) > 5000
    assert not set(rows["prediction_id"]) & set(log["prediction_id"])


@pytest.mark.slow
def test_the_card_names_the_cause_and_judges_every_named_entry(tmp_path: Path) -> None:
    private = prepared(tmp_path, 1, "senior") / "private"
    truth, card = json.loads((private / "truth.json").read_text()), (private / "truth_card.md")
    text = card.read_text()
    assert all(f"`{cause['id']}`" in text for cause in truth["causes"])
    assert all(f"| {entry} |" in text for entry in truth["changelog"])
    assert sum(truth["changelog"].values()) <= 1
    assert len(truth["changelog"]) == 5


def test_where_causes_cannot_be_proved_together_others_take_their_turn():
    """Once a seed in five had no senior case: its only pair does not hold in every season."""
    drawing = module("hidden.drawing")
    for seed in (6013930923205721641, 3, (1 << 32) | 9):
        turns = range(drawing.REDRAWS // drawing.TURN)
        pairs = [causes.chosen(seed, "senior", turn) for turn in turns]
        assert pairs[0] == causes.chosen(seed, "senior")
        assert len(set(pairs)) == len(pairs)
        mains = [
            causes.chosen(seed, "standard", turn)[0] for turn in range(8)
        ]  # of the smaller tier
        assert len(set(mains)) == len(mains)
