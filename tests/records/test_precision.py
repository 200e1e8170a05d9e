"""How sure a score is, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from worksample.records import precision as p

# 3 persons × 2 forms. Means of persons 11, 20, 32 (21 over all), of forms 20 and 22.
# SS(persons) = 2·(100 + 1 + 121) = 444, MS = 222; SS(forms) = 3·(1 + 1) = 6, MS = 6;
# residuals 0, 0 / −1, +1 / +1, −1: SS = 4, MS = 4/2 = 2.
SCORES = np.array([[10.0, 12.0], [18.0, 22.0], [32.0, 32.0]])


def test_components_are_those_of_the_mean_squares() -> None:
    found = p.components(SCORES)
    assert found.residual == pytest.approx(2)
    assert found.form == pytest.approx((6 - 2) / 3)
    assert found.person == pytest.approx((222 - 2) / 2)
    assert found.sem == pytest.approx(np.sqrt(4 / 3 + 2))
    assert found.dependability == pytest.approx(110 / (110 + 4 / 3 + 2))


def test_a_component_is_never_below_0() -> None:
    found = p.components(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert (found.person, found.form) == (0, 0)
    assert found.dependability == 0


def test_errors_at_a_score_average_to_the_error_over_all() -> None:
    # the persons' variances over forms: 2, 8, 0
    groups = p.conditional(SCORES)
    assert [error**2 for _, error in groups] == pytest.approx([2, 8, 0])
    assert [limit for limit, _ in groups] == pytest.approx([15.5, 26, 100])
    mean = np.mean([error**2 for _, error in groups])
    assert mean == pytest.approx(p.components(SCORES).sem ** 2)


def test_the_error_is_that_of_the_scores_group() -> None:
    found = p.precision(SCORES)
    assert found is not None
    assert [found.at(x) ** 2 for x in (0, 15.5, 16, 26.1, 101)] == pytest.approx([2, 2, 8, 0, 0])
    assert p.Precision.from_json(found.to_json()) == found
    assert not found.known


def test_a_simulated_variance_is_found_again() -> None:
    chance = np.random.default_rng(7)
    persons, forms = chance.normal(0, 20, (400, 1)), chance.normal(0, 4, (1, 400))
    found = p.components(50 + persons + forms + chance.normal(0, 6, (400, 400)))
    assert found.person == pytest.approx(400, rel=0.2)
    assert found.form == pytest.approx(16, rel=0.2)
    assert found.residual == pytest.approx(36, rel=0.05)


def test_one_form_says_nothing() -> None:
    assert p.precision(SCORES[:, :1]) is None
    assert p.precision(np.zeros((0, 5))) is None


@pytest.mark.parametrize(
    ("points", "error", "said"),
    [
        (61.4, 4.7, "61 ± 5"),
        (61.4, 1.0, "61 ± 1"),
        (99.62, 0.44, "99.6 ± 0.4"),
        (100.0, 0.0, "100.0 ± 0.1"),
        (61.44, None, "61.4"),
    ],
)
def test_a_score_is_said_without_decimals_it_has_not(
    points: float, error: float | None, said: str
) -> None:
    assert p.words(points, error) == said


def test_ranks_are_correlated_with_ties() -> None:
    assert p.spearman([1, 2, 3], [10, 20, 99]) == pytest.approx(1)
    assert p.spearman([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    # ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: r = 4.5/√(4.5·5)
    assert p.spearman([0, 5, 5, 9], [1, 2, 3, 4]) == pytest.approx(4.5 / np.sqrt(22.5))
    assert p.spearman([1, 1], [1, 2]) is None
