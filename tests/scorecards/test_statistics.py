"""Figures against published and hand-computed examples, at their edges and below their floors."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import krippendorff as oracle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import ttost_ind

from worksample.errors import WorksampleError
from worksample.scorecards import impact
from worksample.scorecards import statistics as figures

_ = math.nan
#: Krippendorff (2011), section C: four observers, twelve units; ordinal alpha .815
CANONICAL = np.array([
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]).T  # fmt: skip

levels = st.sampled_from([1.0, 2.0, 3.0, 4.0, math.nan])
tables = st.integers(2, 4).flatmap(
    lambda graders: st.lists(st.lists(levels, min_size=graders, max_size=graders), min_size=1)
)


def test_alpha_of_the_canonical_data() -> None:
    assert figures.krippendorff(CANONICAL) == pytest.approx(0.815, abs=0.0005)


@given(tables)
@settings(max_examples=150)
def test_alpha_is_that_of_the_library_wherever_the_library_has_one(
    table: list[list[float]],
) -> None:
    data = np.array(table)
    ours = figures.krippendorff(data)
    double = data[(~np.isnan(data)).sum(axis=1) >= 2]
    if not len(double) or len(np.unique(double[~np.isnan(double)])) < 2:
        assert ours is None
        return
    theirs = oracle.alpha(
        reliability_data=data.T, level_of_measurement="ordinal", value_domain=[1, 2, 3, 4]
    )
    assert ours == pytest.approx(theirs)


@given(tables)
@settings(max_examples=100)
def test_a_grader_who_had_no_information_changes_no_agreement(table: list[list[float]]) -> None:
    data = np.array(table)
    more = np.column_stack([data, np.full(len(data), math.nan)])
    for figure in (figures.krippendorff, figures.agreement, figures.counts):
        assert figure(data) == figure(more)


def agreeing(number: int) -> np.ndarray:
    rows = np.resize([1, 2, 3, 4, 2, 3], number).astype(float)
    other = rows.copy()
    other[::5] = np.clip(other[::5] + 1, 1, 4)
    return np.column_stack([rows, other])


def test_alpha_below_its_floor_is_counts_then_provisional_then_with_its_interval() -> None:
    few = figures.agreement(agreeing(7))
    assert (few.value, few.missing) == (None, 3)
    assert "3 more needed" in str(few)
    assert "of 7 pairs of ratings 5 are the same and 2 a level apart" in str(few)
    some = figures.agreement(agreeing(12))
    assert some.value is not None
    assert (some.interval, some.note) == (None, "provisional")
    many = figures.agreement(agreeing(36))
    assert many.interval is not None
    assert many.value is not None
    assert many.interval[0] < many.value < many.interval[1] <= 1
    assert figures.agreement(agreeing(36)) == many  # the same ratings, the same interval


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (np.full((12, 2), 3.0), "all ratings are the same"),
        (np.column_stack([np.arange(12) % 4 + 1, np.full(12, _)]), "10 more needed"),
        (np.full((12, 3), _), "10 more needed"),
        (np.empty((0, 0)), "10 more needed"),
        (np.ones((12, 1)), "nobody was rated by two"),
    ],
    ids=["all equal", "none doubled", "missing everywhere", "nothing", "one grader"],
)
def test_alpha_at_its_edges(table: np.ndarray, said: str) -> None:
    figure = figures.agreement(table)
    assert figure.value is None
    assert said in str(figure)


def test_kappa_knows_the_levels_that_nobody_gave() -> None:
    one = np.array([1, 2] * 15, dtype=float)
    other = np.array([1, 2, 2] * 10, dtype=float)
    figure = figures.pairwise(one, other)
    # by hand: weights of neighbours of four levels are 1/9; observed and expected mismatch
    observed = (one != other).mean()
    expected = (one == 1).mean() * (other == 2).mean() + (one == 2).mean() * (other == 1).mean()
    assert figure.value == pytest.approx(1 - observed / expected)
    assert figures.pairwise(one[:29], other[:29]).missing == 1
    assert figures.pairwise(np.full(30, 2.0), np.full(30, 2.0)).value is None
    assert figures.pairwise(one, np.full(30, _)).number == 0


def test_difficulty_has_wilsons_interval() -> None:
    figure = figures.difficulty([True] * 8 + [False] * 16)
    assert figure.interval == pytest.approx(proportion_confint(8, 24, method="wilson"))
    assert figures.difficulty([True] * 19).missing == 1
    low, high = figures.wilson(0, 20)
    assert (low, round(high, 4)) == (0.0, 0.1611)


def test_discrimination_is_a_correlation_with_the_rest() -> None:
    passed = [True, False] * 25
    rest = np.arange(50) + 10 * np.array(passed)
    assert figures.discrimination(passed, rest).value == pytest.approx(
        np.corrcoef(passed, rest)[0, 1]
    )
    assert figures.discrimination([True] * 50, rest).value is None
    assert figures.discrimination(passed[:49], rest[:49]).missing == 1


def test_consistency_and_the_standard_error_that_follows() -> None:
    # two candidates of three items, repeated: item variances 1/4 each, the total's 9/4 → alpha 1
    same = np.array([[1, 1, 1], [2, 2, 2]] * 25)
    assert figures.consistency(same).value == pytest.approx(1.0)
    assert figures.standard_error(same.sum(axis=1), figures.consistency(same)).value == 0.0
    # items that know nothing of each other: the total's variance is the sum of theirs
    apart = np.array([[a, b, c] for a in (1, 2) for b in (1, 2) for c in (1, 2)] * 7)
    figure = figures.consistency(apart)
    assert figure.value == pytest.approx(0.0, abs=1e-12)
    sem = figures.standard_error(apart.sum(axis=1), figure)
    assert sem.value == pytest.approx(apart.sum(axis=1).std(ddof=1))
    assert figures.consistency(same[:, :2]).value is None
    assert figures.consistency(same[:49]).missing == 1
    assert (
        figures.standard_error(same[:49].sum(axis=1), figures.consistency(same[:49])).missing == 1
    )


def test_not_significant_is_not_equal() -> None:
    draw = np.random.default_rng(7)
    first, second = draw.normal(60, 12, 40), draw.normal(61, 12, 35)
    figure = figures.equivalence(first, second, 3)
    p = ttost_ind(first, second, -3, 3, usevar="unequal")[0]
    assert f"p = {p:.3f}" in figure.note
    assert figure.note.startswith("not shown to be equal within 3")
    assert figures.equivalence(first, second, 12).note.startswith("equal within 12")
    assert figures.equivalence(first[:29], second, 3).missing == 1
    assert figures.equivalence(np.full(30, 5.0), np.full(30, 5.0), 1).note == "equal within 1"


def test_four_fifths_has_its_interval_its_test_and_its_silence() -> None:
    found = {r.group: r for r in figures.four_fifths(
        {"a": (30, 60), "b": (18, 60), "c": (10, 20), "d": (3, 40)}
    )}  # fmt: skip
    assert (found["a"].ratio, found["a"].note) == (1.0, "the highest rate")
    assert found["b"].ratio == pytest.approx(0.6)
    assert found["b"].interval is not None
    assert found["b"].interval[0] < 0.6 < found["b"].interval[1]
    error = math.sqrt(1 / 18 - 1 / 60 + 1 / 30 - 1 / 60)
    assert found["b"].interval[1] == pytest.approx(0.6 * math.exp(1.959964 * error), rel=1e-5)
    assert "look closer" in found["b"].note
    assert found["c"].rate is None
    assert "10 more people" in found["c"].note
    assert found["d"].rate is None
    assert "could point at a person" in found["d"].note


def test_groups_come_from_a_file_of_their_own_and_go_nowhere(tmp_path: Path) -> None:
    people = {f"c{i}": i % 3 != 0 for i in range(90)}
    path = tmp_path / "apart.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["candidate", "sex"])
        writer.writerows((name, "fm"[i % 2]) for i, name in enumerate(people))
    found = impact.screen(path, people)
    assert {r.group: r.number for r in found["sex"]} == {"f": 45, "m": 45}
    assert not any(name in repr(found) for name in people)
    path.write_text("candidate,sex\nc1,f\nc1,m\n")
    with pytest.raises(WorksampleError, match="twice"):
        impact.screen(path, people)
    path.write_text("name\nc1\n")
    with pytest.raises(WorksampleError, match="column `candidate`"):
        impact.screen(path, people)


def test_severity_is_found_through_shared_candidates_only() -> None:
    work = np.resize([2.0, 3.0], 40)
    ratings = np.column_stack([work, work + 1, np.full(40, _)])
    ratings[:20, 2] = work[:20] - 1
    ratings[20:30, 0] = _
    ratings[20:30, 2] = work[20:30] - 1
    ratings[30:, 1] = _
    ratings[30:, 2] = work[30:] - 1
    found = figures.severity(ratings, ["a", "b", "c"])
    assert [round(found[g].value or 0, 6) for g in "abc"] == [0, 1, -1]
    apart = np.full((40, 4), _)
    apart[:20, :2], apart[20:, 2:] = 2, 3
    assert figures.severity(apart, list("abcd"))["a"].value is None
    assert "linked" in figures.severity(apart, list("abcd"))["a"].note
    assert figures.severity(ratings[:29], ["a", "b", "c"])["a"].missing == 1
