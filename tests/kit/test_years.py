"""A drawn year: the flights' own seasons and joint values stay, and none of them can be found."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from worksample.kit import nycflights, years

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import linkage  # noqa: E402

NOISE = 0.03  # four standard errors of the share of a thousand rows that chance finds, about


@cache
def parts() -> years.Base:
    """The smallest of the base tables, taken apart."""
    path = ROOT / "assignments" / "model-development" / "data" / "flights.parquet"
    weather = ["temp_c", "wind_kmh", "precip_mm", "visibility_km"]
    table = nycflights.from_tenths(pd.read_parquet(path).astype("int64"), weather)
    return years.Base(table, (*weather, "queue_len"), own=("seats",))


@cache
def drawn(seed: int = 0) -> pd.DataFrame:
    """All rows of a year."""
    rng = np.random.default_rng(seed)
    year = years.Year(parts(), rng)
    return year.rows(np.arange(len(parts().day)), rng)


def test_the_same_generator_gives_the_same_year_and_another_gives_another() -> None:
    again = drawn.__wrapped__(0)
    pd.testing.assert_frame_equal(again, drawn())
    assert not np.array_equal(drawn.__wrapped__(1)["temp_c"], drawn()["temp_c"])


def test_a_flight_moves_by_whole_weeks_and_stays_in_its_season() -> None:
    moved = (drawn()["day"].to_numpy() - parts().day) % years.DAYS
    assert (moved % 7 == 0).all()
    assert np.minimum(moved, years.DAYS - moved).max() == 7 * years.WEEKS
    weeks = np.bincount(moved // 7 % 52, minlength=52)
    likely = weeks[np.r_[0 : years.WEEKS + 1, 52 - years.WEEKS : 52]]
    assert likely.min() > 0.9 * likely.max()  # no number of weeks is likelier than another


@pytest.mark.parametrize("column", ["temp_c", "wind_kmh", "visibility_km", "queue_len"])
def test_what_an_hour_shares_keeps_its_distribution_and_season(column: str) -> None:
    real, made = parts().table[column], drawn()[column]
    cuts = np.linspace(0.02, 0.98, 25)
    assert np.abs(real.quantile(cuts) - made.quantile(cuts)).max() < 0.25 * real.std()
    season = [t.groupby(t["day"] // 28)[column].mean() for t in (parts().table, drawn())]
    assert np.corrcoef(*season)[0, 1] > (0.98 if column == "temp_c" else 0.6)


def test_what_an_hour_shares_is_the_same_for_all_its_flights() -> None:
    rows = drawn()
    hours = rows.groupby(["day", "origin", rows["minute"] // 60])
    assert (hours[["temp_c", "wind_kmh", "queue_len"]].nunique() == 1).all(axis=None)


def test_weather_lasts_and_its_columns_belong_together() -> None:
    """Days in a row are alike, sight is bad in rain, as in the real year."""
    tables = [parts().table, drawn()]
    noon = [t[t["minute"] // 60 == 12].groupby("day").mean() for t in tables]
    lasting = [(t["temp_c"] - t["temp_c"].rolling(31, center=True).mean()).autocorr() for t in noon]
    assert lasting[1] > 0.6 * lasting[0] > 0.2
    sight = [t["visibility_km"].corr(t["precip_mm"], method="spearman") for t in tables]
    assert sight[1] < 0.4 * sight[0] < -0.1  # two days in one keep nearly half of it


def test_an_aircraft_belongs_to_its_carrier_and_route() -> None:
    real, made = parts().table, drawn()
    for rows in (real, made):
        assert rows.groupby(parts().kind)["seats"].mean().std() > 20
    pd.testing.assert_series_equal(
        real.groupby(parts().kind)["seats"].sum(), made.groupby(parts().kind)["seats"].sum()
    )


def test_delays_are_those_of_the_hour() -> None:
    """As many as in the real year are on time, and in the evening they are longer."""
    real, made = parts().table, drawn()
    delay = "inbound_delay_min"
    assert abs((real[delay] == 0).mean() - (made[delay] == 0).mean()) < 0.02
    evening = [t[delay][t["minute"] > 1080].mean() / t[delay].mean() for t in (real, made)]
    assert abs(evening[0] - evening[1]) < 0.1 * evening[0]


def test_no_flight_is_found_more_often_than_by_guessing() -> None:
    found = list(linkage.flights_found(parts()))
    assert {"day" in each.by for each in found} == {True, False}
    for each in found:
        assert each.nearest <= each.chance + NOISE, each


def test_the_search_for_flights_finds_those_that_are_not_hidden() -> None:
    """The test can fail: rows as they stand in the base are found, nearly all of them."""
    base = parts().table.assign(hour=parts().minute // 60).astype(float)
    sample = base.sample(300, random_state=0)
    link = linkage.looked_up(
        linkage.short(sample),
        linkage.short(base),
        ("minute", "carrier", "origin", "distance", "seats", "temp", "wind"),
        linkage.short(base).std(),
    )
    assert link.gain > 0.5


def test_days_come_from_runs_of_other_days_whole_weeks_away() -> None:
    without = np.array([38, 39])
    one = years.source_days(np.random.default_rng(1), without)
    other = years.source_days(np.random.default_rng(2), without, one)
    target = np.arange(years.DAYS)
    for days in (one, other):
        assert ((days - target) % 7 == 0).all()
        assert not np.isin(days, without).any()
        assert (days != target).all()
        assert 0.6 < (np.diff(days) % years.DAYS == 1).mean() < 0.95
    assert (one != other).all()
