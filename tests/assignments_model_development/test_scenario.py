"""Cases of the model-development sample: determinism, and what is planted is what is told."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from worksample.assignments import case as cases

from .drawn import LEVELS, SAMPLE, case, module, requests, train

scenario, mess = module("scenario"), module("hidden.mess")
drawing, sources = module("hidden.drawing"), module("hidden.sources")
words = module("hidden.words")
one = cache(drawing.one)
SEEDS = {"junior": (3,), "standard": (0, 1, 3), "senior": (0, 1, 3)}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    again = cases.draw(SAMPLE, 5, "standard", tmp_path / "again")
    for part in ("public", "private"):
        ours, theirs = getattr(case(), part), getattr(again, part)
        assert cases.tree_digest(ours) == cases.tree_digest(theirs)


def test_two_seeds_differ_in_codes_and_weeks() -> None:
    tables = [train(case()), train(case(seed=6))]
    assert set(tables[0]["carrier"]) != set(tables[1]["carrier"])
    assert tables[0]["scheduled_at"].min() != tables[1]["scheduled_at"].min()


@pytest.mark.parametrize("level", LEVELS)
def test_the_truth_names_what_is_in_the_table(level: str) -> None:
    drawn = case(level)
    truth, table, asked = drawn.truth(), train(drawn), requests(drawn)
    assert truth["oracle_loss"] + 0.14 <= truth["naive_loss"]
    leak = truth["leak"]["column"]
    assert abs(table[leak].corr(table["late"])) > 0.25
    assert asked[leak].nunique() <= 1
    sentinel = truth["sentinel"]
    assert (table[sentinel["column"]] == sentinel["value"]).mean() > 0.04
    assert set(table[truth["units"]["tag"]]) == set(truth["units"]["units"])
    assert table.duplicated().sum() == truth["repeated_rows"] > 100
    assert table[truth["id"]].nunique() > 800
    assert (table["carrier"].value_counts() < 50).sum() >= 5
    assert table["scheduled_at"].is_monotonic_increasing
    assert asked["scheduled_at"].min() > table["scheduled_at"].max()


@pytest.mark.parametrize("level", LEVELS)
def test_no_request_is_a_hidden_row(level: str) -> None:
    """The example requests must not give away rows that a score hangs on."""
    later = pd.read_csv(case(level).private / "later.csv", parse_dates=["scheduled_at"])
    columns = ["scheduled_at", "booked", "distance_km", "crew_rest_h"]
    assert requests(case(level))[columns].merge(later[columns]).empty


@pytest.mark.parametrize("level", LEVELS)
def test_labels_are_mistaken_at_the_stated_rates(level: str) -> None:
    """The stated rates are those of the draw, within four standard errors."""
    drawn = one(3, level)
    unique = drawn.train.drop_duplicates()
    true = drawn.world.late[drawn.world.of("train")]
    assert len(unique) == len(true)
    turned = unique["carrier"].isin(codes(drawn)).to_numpy()
    keyed = np.where(turned, 1 - unique["late"], unique["late"])
    for outcome, rate in ((1, drawn.how.missed), (0, drawn.how.invented)):
        rows = true == outcome
        wrong = (keyed[rows] != outcome).mean()
        assert abs(wrong - rate) < 4 * np.sqrt(rate * (1 - rate) / rows.sum())


def codes(drawn: Any) -> list[str]:
    """The airlines whose labels are turned, as the case calls them."""
    return [drawn.names.carrier[code] for code in drawn.world.sources.turned]


@pytest.mark.parametrize("level", LEVELS)
def test_turned_labels_are_plain_to_see(level: str) -> None:
    """Every airline with enough rows is told apart by what is written afterwards, which says the
    opposite of a turned label: no chance is in who finds it. None at junior level.
    """
    for seed in SEEDS[level]:
        drawn = one(seed, level)
        turned, leak = codes(drawn), drawn.train[drawn.how.leak]
        assert len(turned) in (sources.COUNTS if level in sources.TURNED else (0,))
        agree = ((leak > 0) == (drawn.train["late"] == 1)).groupby(drawn.train["carrier"])
        common = agree.mean()[agree.size() > 100]
        assert sorted(common.index[common < 0.5]) == sorted(turned)
        assert ((common - 0.5).abs() > 0.1).all()


def early(rows: pd.DataFrame) -> float:
    """Share of the flights that leave from five to seven."""
    return float(rows["scheduled_at"].dt.hour.between(5, 6).mean())


SEEN = {  # column -> a figure of its values, and about how far a station's own way moves that
    "distance_km": (lambda rows: np.log(rows["distance_km"]).mean(), -np.log(1.609344)),
    "queue_len": (lambda rows: np.log1p(rows["queue_len"]).mean(), np.log(2)),
    "turnaround_min": (lambda rows: (rows["turnaround_min"] - 0.12 * rows["seats"]).median(), -8),
    "scheduled_at": (early, -0.08),
}


@pytest.mark.parametrize("level", LEVELS)
def test_what_stations_send_otherwise_is_seen_beside_the_table(level: str) -> None:
    """By station, in the requests and in the hidden rows alike; nothing else moves as far."""
    for seed in SEEDS[level]:
        drawn = one(seed, level)
        planted = {
            (sources.shown_as(each.column), drawn.names.origin[each.station])
            for each in drawn.world.sources.sent
        }
        assert len(planted) == (sources.COUNT[level] + 1 if level in sources.COUNT else 0)
        assert len({station for _, station in planted}) == len(planted)
        name = words.COLUMNS[drawn.how.sentinel_of]
        for rows in (drawn.requests, drawn.later):
            told = [
                each.assign(**{name: each[name].mask(each[name] == drawn.how.sentinel)})
                for each in (drawn.train, rows)
            ]
            for column, (figure, moves) in SEEN.items():
                known, asked = (each.groupby("station").apply(figure) for each in told)
                moved = (asked - known) / moves
                apart = moved - moved.median() if column == "queue_len" else moved
                found = {(column, station) for station in apart.index[apart > 0.5]}
                assert found == {each for each in planted if each[0] == column}


def test_a_value_for_unknown_is_the_same_at_every_station() -> None:
    """Nobody counts twice what nobody knows."""
    for seed in range(20):
        drawn = one(seed, "senior")
        twice = [each.column for each in drawn.world.sources.sent if each.column == "queue_len"]
        if twice and drawn.how.sentinel_of == "queue_len":
            queue = drawn.later["queue_len"]
            assert not (queue == 2 * drawn.how.sentinel).any()
            assert drawn.later[queue == drawn.how.sentinel]["station"].nunique() == 3
            return
    raise AssertionError("no case with an unknown queue was drawn")


@pytest.mark.parametrize("level", LEVELS)
def test_as_much_is_at_stake_in_every_case(level: str) -> None:
    """By the files: a model that is the truth but for turned airlines loses this much of it."""
    truth, later = case(level).truth(), pd.read_csv(case(level).private / "later.csv")
    p = module("probe").later_truth(case(level))["probability"].to_numpy()
    fooled = np.where(later["carrier"].isin(truth["turned_airlines"]), 1 - p, p)
    loss = -(p * np.log(fooled) + (1 - p) * np.log(1 - fooled)).mean()
    headroom = truth["naive_loss"] - truth["oracle_loss"]
    least, most = drawing.TURNED_AT_STAKE[level]
    assert least - 1e-3 <= (loss - truth["oracle_loss"]) / headroom <= most + 1e-3


@pytest.mark.parametrize("level", ["standard", "senior"])
def test_a_case_with_other_stakes_is_drawn_anew(
    level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in what stations send: where it is too little to lose, or too much."""
    monkeypatch.setattr(drawing, "MOST_SHIFT", 1.0)  # all that is left to refuse a case
    for seed in SEEDS[level]:
        given = one(seed, level)
        stake = given.sent_at_stake
        turned = given.turned_at_stake
        monkeypatch.setitem(drawing.TURNED_AT_STAKE, level, (turned, turned))
        for band, good in (((stake, stake), True), ((stake + 0.01, 1), False), ((0, 0.01), False)):
            monkeypatch.setitem(drawing.SENT_AT_STAKE, level, band)
            assert drawing.good(given) == good
        monkeypatch.setitem(drawing.SENT_AT_STAKE, level, (stake, stake))
        monkeypatch.setitem(drawing.TURNED_AT_STAKE, level, (turned + 0.01, 2))
        assert not drawing.good(given)


def test_later_rows_that_are_much_harder_than_the_requests_are_drawn_anew() -> None:
    """No validation can foresee them, so luck would decide the points of the estimate."""
    seed = next(seed for seed in range(9) if abs(one(seed, "standard").shift) > drawing.MOST_SHIFT)
    assert abs(one(seed, "standard").shift) > drawing.MOST_SHIFT
    assert abs(drawing.draw(seed, "standard").shift) <= drawing.MOST_SHIFT


def test_the_share_of_late_flights_is_drawn_and_follows_from_nothing_else() -> None:
    """Else season and sentinel would tell it."""
    low, high = module("hidden.mechanism").LATE_SHARE
    for seed in range(3):
        drawn = one(seed, "standard")
        assert low <= drawn.probability.mean() <= high


def test_probabilities_are_those_of_the_labels() -> None:
    """The mechanism is the truth: outcomes drawn from it are calibrated against it."""
    worlds = [one(seed, "standard").world for seed in range(3)]
    p = np.concatenate([world.probability for world in worlds])
    late = np.concatenate([world.late for world in worlds])
    for group in np.array_split(np.argsort(p), 10):
        error = np.sqrt((p[group] * (1 - p[group])).sum()) / len(group)
        assert abs(p[group].mean() - late[group].mean()) < 4 * error


def test_the_change_over_time_is_a_real_one() -> None:
    """A model of the first weeks' queue effect is worse on the later weeks than one of the last."""
    drawn = one(3, "standard")
    rows = drawn.world.rows
    known = rows["queue_len"].notna().to_numpy()
    before = (rows["day"] < drawn.world.changed_on).to_numpy()
    slopes = [
        np.polyfit(rows["queue_len"][part], drawn.world.probability[part], 1)[0]
        for part in (known & before, known & drawn.world.of("later"))
    ]
    assert slopes[1] > slopes[0] + 0.004


def test_a_unit_and_back_is_the_same_row() -> None:
    about = case().truth()["units"]
    probe = module("probe")
    rows = probe.later(case()).head(200)
    swapped = probe.units_swapped(case(), rows)
    assert (swapped[about["tag"]] != rows[about["tag"]]).all()
    back = probe.units_swapped(case(), swapped)
    assert np.allclose(back[about["column"]], rows[about["column"]])


def test_what_the_service_asks_for_is_not_written_yet() -> None:
    """Hidden rows come as they are at serving time: the leak is empty or constant."""
    for level in LEVELS:
        leak = case(level).truth()["leak"]["column"]
        later = pd.read_csv(case(level).private / "later.csv")
        assert later[leak].fillna(0).nunique() == 1
