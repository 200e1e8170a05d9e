"""Cases: the same bytes for a seed, truth by replay, nothing public that speaks of it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from worksample import assignments
from worksample.assignments import case as cases

from .drawn import FOLDER, SEED, case, module

KINDS = ("covariate", "unit", "missing", "recoding", "concept")
seasons, streams, faults, menu, proof, plan, checks = (
    module(name)
    for name in (
        *("hidden.seasons", "hidden.streams", "hidden.faults", "hidden.menu", "hidden.proof"),
        *("hidden.plan", "checks"),
    )
)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    again = cases.draw(assignments.load(FOLDER), SEED, "standard", tmp_path / "case")
    assert cases.tree_digest(again.public) == cases.tree_digest(case().public)
    assert cases.tree_digest(again.private) == cases.tree_digest(case().private)


def test_at_least_two_hundred_stable_windows_and_every_kind_of_fault():
    truth = case().truth()
    found = [s["fault"] for s in truth["streams"] if s["fault"]]
    assert truth["stable_windows"] >= 200
    assert {(f["kind"], f["size"]) for f in found} == {
        (kind, size) for kind in KINDS for size in ("clear", "subtle")
    }


def test_every_planted_fault_moves_a_figure_as_far_as_its_level_says():
    for stream in case().truth()["streams"]:
        if fault := stream["fault"]:
            least, most = proof.BANDS["standard"][fault["size"]]
            assert max(3.0, least) <= fault["moved"] + 0.05
            grows = fault["how"] != "weaker" and fault["share"] < 1
            assert fault["moved"] <= most + 0.05 or not grows, fault


@pytest.mark.parametrize("level", ["junior", "standard", "senior"])
def test_no_fault_may_be_smaller_than_three_standard_deviations(level):
    assert all(least >= 3 for least, _ in proof.BANDS[level].values())


def test_replaying_the_windows_without_the_fault_changes_nothing_but_its_column():
    """The counterfactual is the same rows: the proof compares nothing else."""
    fault = faults.Fault("missing", "clear", "gap", "queue_len", share=0.3)
    stream = streams.Plan(100, fault, 2, key=11)
    with_it, without = (streams.windows(stream, [4], f, {})[0] for f in (fault, None))
    others = [c for c in without.columns if c not in ("queue_len", "score")]
    pd.testing.assert_frame_equal(with_it[others], without[others])
    assert with_it["queue_len"].isna().mean() == pytest.approx(0.3, abs=0.06)


def test_every_score_is_what_the_deployed_model_says_of_the_row():
    """Of rows that a fault changed, and of the others, whose scores are worked out once."""
    model = module("toolkit.model").Model.load(case().public / "model.json")
    for path in (*case().public.glob("*.parquet"), *case().private.glob("*.parquet")):
        rows = pd.read_parquet(path)
        np.testing.assert_allclose(rows["score"], model.score(rows), atol=0.51e-4)


def test_swapped_codes_leave_every_other_column_and_come_back_when_swapped_again():
    rows = streams.taken(50, 500, streams.Plan(50), None, np.random.default_rng(1))
    fault = faults.Fault("recoding", "clear", "swap", "region", levels=("south", "west"))
    luck = np.random.default_rng(2).random(len(rows))
    once = faults.seen(fault, rows, luck)
    twice = faults.seen(fault, once, luck)
    assert (once["region"] != rows["region"].astype(object)).any()
    assert twice["region"].tolist() == rows["region"].tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", ["clear", "subtle"])
def test_more_of_a_fault_is_more_of_it(kind, size):
    for fault in menu.options(kind, size, np.random.default_rng(3)):
        bigger = fault.scaled(1.5)
        assert (abs(bigger.amount), bigger.share) >= (abs(fault.amount), fault.share)
        assert bigger.columns == fault.columns
        assert "{" not in fault.words({})


def test_the_history_is_spoiled_where_the_truth_says_so_and_nowhere_else():
    """Every unsound window is far from what the sound ones show, in each column that is named."""
    truth = case().truth()["spoiled"]
    history = pd.read_parquet(case().public / "reference.parquet")
    spoiled = {(each["run"], number) for each in truth for number in each["windows"]}
    assert len(truth) == module("hidden.incidents").COUNTS["standard"]
    usual = history[
        [key not in spoiled for key in zip(history["run"], history["window"], strict=True)]
    ]
    known = {c: set(usual[c].dropna()) for c in ("carrier", "region", "origin", "distance_km")}
    for (run, number), rows in history.groupby(["run", "window"]):
        strange = any((~rows[c].isin(known[c]) & rows[c].notna()).mean() > 0.03 for c in known)
        told = {what for each in truth if each["run"] == run for what in each["what"]}
        codes = not told.isdisjoint({"recoding: carrier", "unit: distance_km"})
        assert strange <= ((run, number) in spoiled)
        assert not (codes and (run, number) in spoiled) or strange


def test_a_juniors_history_is_sound_and_outcomes_come_one_window_late():
    truth = case("junior").truth()
    assert truth["spoiled"] == []
    history = pd.read_parquet(case("junior").public / "reference.parquet")
    assert set(history["known_after"]) == {1}


def test_outcomes_known_early_are_no_fair_sample_and_by_bayes_rule_they_are():
    """What a monitor has to see in the data: of two sorts one is slow, which differs by case."""
    late_outcomes, rng = module("hidden.late_outcomes"), np.random.default_rng(5)
    slow = set()
    for _ in range(20):
        arrival = late_outcomes.drawn("standard", rng)
        slow.add("late" if arrival.late < arrival.on_time else "on time")
        score = rng.uniform(0.05, 0.5, 40_000)
        late = (rng.random(len(score)) < score).astype(int)
        first = arrival.known_after(late, rng) == 1
        ratio = arrival.late / arrival.on_time
        odds = score / (1 - score) * ratio
        spread = np.sqrt((score * (1 - score))[first].sum())
        naive = (late - score)[first].sum() / spread
        fair = (late - odds / (1 + odds))[first].sum() / spread
        assert abs(naive) > 10 > 4.5 > abs(fair)
    assert slow == {"late", "on time"}


def test_a_window_brings_the_outcomes_that_became_known_since_the_last():
    windows = module("toolkit.windows")
    hidden = pd.read_parquet(case().private / "hidden.parquet")
    first = hidden[hidden["run"] == 0]
    stream = windows.runs(first)[0]
    assert len(stream[0].outcomes) == 0
    for number, window in enumerate(stream):
        now = first["window"] + first["known_after"]
        assert len(window.outcomes) == (now == number).sum()
        assert "known_after" not in window.rows


def test_reference_and_hidden_streams_share_no_day():
    reference = pd.read_parquet(case().public / "reference.parquet", columns=["date"])["date"]
    hidden = pd.read_parquet(case().private / "hidden.parquet", columns=["date"])["date"]
    assert not set(reference) & set(hidden)


@pytest.mark.parametrize("seed", range(20))
def test_no_block_holds_a_disrupted_day(seed):
    reference, others = seasons.blocks(seed % 2, np.random.default_rng(seed))
    days = {day + n for day in [*reference, *others] for n in range(16)}
    assert not days & set(seasons.DISRUPTED)
    assert len(reference) >= 8
    assert len(others) >= seasons.FEWEST


def test_a_stable_window_shows_nothing_that_the_history_never_does():
    """A record frost is no drift, but nobody who knows only the history could tell."""
    reference, others = seasons.blocks(0, np.random.default_rng(3))
    base, starts = module("hidden.world").base(0), module("hidden.world").starts(0)

    def of(blocks):
        return [base.iloc[starts[day] : starts[day + 16]] for day in blocks]

    known = pd.concat(of(reference))
    for rows in of(others):
        for column in ("temp_c", "pressure_hpa", "queue_len"):
            new = ~rows[column].isin(known[column]) & rows[column].notna()
            assert new.mean() <= seasons.NEW, column


def test_days_unlike_all_others_are_left_to_the_history():
    """The rule must be able to say no: most blocks of the coldest season have no equal."""
    day = int(module("hidden.world").base(0).groupby("day")["temp_c"].mean().idxmin())
    blocks = seasons.whole(max(0, day - 3))
    coldest = min(blocks, key=lambda first: abs(first - day + 3))
    assert not seasons.explained(0, coldest, seasons.windows([b for b in blocks if b != coldest]))


def test_the_history_explains_the_hidden_days_without_its_unsound_windows():
    """Whoever leaves these out must not lose the only equal of a hidden day with them."""
    incidents = module("hidden.incidents")
    reference, others = seasons.blocks(0, np.random.default_rng(3))
    spared = seasons.Spared(0, reference, others)
    spoiled = incidents.drawn("standard", len(reference), np.random.default_rng(4), spared)
    gone = {(run, number) for run, each in enumerate(spoiled) for number in each}
    assert len(gone) == incidents.LENGTH * incidents.COUNTS["standard"]
    assert spared(gone)
    assert not spared({(run, number) for run in range(len(reference) // 2) for number in range(8)})
    with pytest.raises(module("hidden.world").Unfit):
        incidents.drawn("standard", 3, np.random.default_rng(4), lambda gone: False)


def test_a_case_whose_sound_windows_look_like_faults_is_not_given():
    """As it happened: one frost or high pressure in eight streams, and all monitors pay."""
    separable, truth = module("hidden.separable"), case().truth()
    history = pd.read_parquet(case().public / "reference.parquet")
    hidden = pd.read_parquet(case().private / "hidden.parquet")
    gone = [(each["run"], number) for each in truth["spoiled"] for number in each["windows"]]
    onsets = [each["onset"] for each in truth["streams"]]
    prices = (truth["costs"]["false_alarm"], truth["costs"]["unnoticed_window"])
    full = module("judging.scoring").good("standard", truth["stable_windows"], 24, truth["costs"])
    separable.proved(separable.windows(history, gone, hidden), onsets, prices, full)
    stable = [number for number, onset in enumerate(onsets) if onset is None][:8]
    odd = hidden["run"].isin(stable) & (hidden["window"] == 2)
    harder = hidden.assign(pressure_hpa=hidden["pressure_hpa"] + 60 * odd)
    with pytest.raises(module("hidden.world").Unfit):
        separable.proved(separable.windows(history, gone, harder), onsets, prices, full)


def test_the_action_meant_is_the_cheapest_in_the_simulation():
    for alert in case().truth()["alerts"].values():
        assert alert["best"] == alert["meant"]


def test_one_action_for_all_alerts_earns_nothing():
    truth = case().truth()["alerts"]
    for action in plan.ACTIONS:
        assert plan.share(dict.fromkeys(truth, action), truth) == pytest.approx(0, abs=1e-9)
    assert plan.share({k: v["best"] for k, v in truth.items()}, truth) == 1


def test_a_retraining_policy_that_never_or_at_once_retrains_earns_nothing():
    retraining = module("hidden.retraining")
    histories, costs = case().truth()["histories"], case().truth()["costs"]
    for week in (None, 0):
        assert retraining.share([week] * len(histories), histories, costs) == pytest.approx(0)


def test_a_retraining_mends_what_lasts_and_no_more():
    """Before the change it mends nothing, on a storm it does harm: else at once is always best."""
    cost, costs = module("hidden.retraining").cost, {"bad_week": 10.0, "retraining": 1.0}
    step, storm = [0.0] * 4 + [0.5] * 4, [0.0] * 2 + [0.5] * 2 + [0.0] * 4
    assert cost(step, None, costs) == 20
    assert cost(step, 0, costs) == 21
    assert cost(step, 4, costs) == 6
    assert cost(storm, None, costs) == 10
    assert cost(storm, 3, costs) == 31


@pytest.mark.parametrize("storm", module("hidden.retraining").STORMS)
def test_waiting_longer_than_a_storm_beats_calling_in_it(storm):
    retraining, rng = module("hidden.retraining"), np.random.default_rng(1)
    costs = {"bad_week": 12000, "retraining": 6000}
    histories = retraining.drawn(160, storm, rng)

    def weeks(retrain):
        return [
            next((k for k in range(20) if retrain(h["measured"][: k + 1])), None) for h in histories
        ]

    def rule(count):
        return weeks(lambda seen: len(seen) >= count and min(seen[-count:]) > 0.15)

    full = checks.POLICY_FULL * retraining.simple(histories, costs)
    hasty, caught, patient = (
        retraining.share(rule(count), histories, costs) for count in (1, storm, storm + 1)
    )
    assert max(hasty, caught) < full < patient


def test_the_truth_card_names_every_hidden_fault_with_its_proof():
    card = (case().private / "truth_card.md").read_text("utf-8")
    for stream in case().truth()["streams"]:
        if fault := stream["fault"]:
            assert fault["text"] in card
            assert fault["figure"] in card


def test_public_files_do_not_speak_of_the_truth():
    """Names of faults and onsets live in private; nothing public repeats the truth's sentences."""
    truth = case().truth()
    public = "".join(
        path.read_text("utf-8") for path in case().public.iterdir() if path.suffix != ".parquet"
    )
    for stream in truth["streams"]:
        assert not stream["fault"] or stream["fault"]["text"] not in public
    assert truth["recent"]["fault"]["text"] not in public
    assert not re.search(r"onset|seed|subtle", public)
