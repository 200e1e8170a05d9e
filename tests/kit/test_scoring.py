"""What assignments share: the rules are proper, draws repeat, scores depend on all of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import worksample
from worksample.grading import digest
from worksample.kit import draws, files, nycflights, scoring

ROOT = Path(worksample.__file__).parent


def test_every_module_of_the_kit_is_part_of_the_engines_digest() -> None:
    """An assignment's checks call it: another kit may give other scores, so a record names it."""
    found = {path.relative_to(ROOT).as_posix() for path in digest.scoring_files(ROOT)}
    kit = {path.relative_to(ROOT).as_posix() for path in (ROOT / "kit").glob("*.py")}
    assert len(kit) > 3
    assert kit <= found


def test_the_interval_score_is_smallest_for_the_honest_interval() -> None:
    """Whoever states the central 80 % of what they believe can expect most; wider or not."""
    actual = np.random.default_rng(0).normal(0, 1, 4000)

    def expected(half: float) -> float:
        return float(np.mean([scoring.interval_score(-half, half, x, 0.8) for x in actual]))

    honest = expected(1.2816)
    assert all(expected(half) > honest for half in (0.6, 1.0, 1.6, 2.5))


def test_the_log_loss_is_smallest_for_the_true_probability() -> None:
    truth = np.full(9, 0.3)
    losses = scoring.log_loss(truth, np.linspace(0.1, 0.9, 9))
    assert losses.shape == (9,)
    assert int(np.argmin(losses)) == 2
    assert np.isfinite(scoring.log_loss(np.array([1.0]), np.array([0.0]))).all()


def test_a_calibrated_model_has_no_calibration_error() -> None:
    p = np.linspace(0.05, 0.95, 100)
    assert scoring.calibration_error(p, p) == 0
    assert scoring.calibration_error(p, np.clip(p + 0.1, 0, 1)) == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("value", "nothing", "full", "share"),
    [
        *((0.3, 0.3, 0.1, 0), (0.1, 0.3, 0.1, 1), (0.2, 0.3, 0.1, 0.5), (9, 0.3, 0.1, 0)),
        *((-9, 0.3, 0.1, 1), (5, 0, 10, 0.5), (11, 0, 10, 1), (-1, 0, 10, 0)),
    ],
)
def test_credit_is_linear_between_nothing_and_full(
    value: float, nothing: float, full: float, share: float
) -> None:
    assert scoring.credit(value, nothing, full) == pytest.approx(share)


def test_a_skill_score_may_be_below_nothing() -> None:
    """A model that is worse than the baseline is told so; only credit stops at 0."""
    assert scoring.skill_score(0.6, baseline=0.5, best=0.4) == pytest.approx(-1)
    assert scoring.skill_score(0.4, baseline=0.5, best=0.4) == 1


def test_precision_and_recall_of_nothing_are_0() -> None:
    assert scoring.precision_recall_f1(0, 0, 0) == (0, 0, 0)
    assert scoring.precision_recall_f1(2, 4, 2) == (0.5, 1, pytest.approx(2 / 3))


def test_streams_repeat_and_do_not_depend_on_each_other() -> None:
    one = draws.streams(("names", "rows"), 1 << 32 | 5, "senior", 2)
    two = draws.streams(("names", "rows"), 1 << 32 | 5, "senior", 2)
    one["names"].random(1000)
    assert one["rows"].random() == two["rows"].random()
    others = [(1 << 32 | 6, "senior", 2), (2 << 32 | 5, "senior", 2), (1 << 32 | 5, "junior", 2)]
    firsts = {draws.streams(("names",), *each)["names"].random() for each in others}
    assert len(firsts | {two["names"].random()}) == 4


def test_a_redraw_is_the_first_good_one() -> None:
    assert draws.first_good(lambda attempt: attempt, lambda n: n > 2, 5) == 3
    with pytest.raises(RuntimeError, match="none of 3 draws"):
        draws.first_good(lambda attempt: attempt, lambda n: n > 2, 3)


def test_codes_differ() -> None:
    codes = draws.distinct_codes(np.random.default_rng(0), list("ABC"), 9, 2)
    assert len(set(codes)) == 9
    assert {len(code) for code in codes} == {2}


def test_files_have_the_same_bytes_everywhere(tmp_path: Path) -> None:
    assert json.loads(files.json_text({"b": "é", "a": 1})) == {"a": 1, "b": "é"}
    assert files.json_text({"b": "é", "a": 1}) == '{\n "a": 1,\n "b": "é"\n}\n'
    table = pd.DataFrame({"at": pd.to_datetime(["2031-01-06 07:05"]), "x": [0.1]})
    files.write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"at,x\n2031-01-06 07:05,0.1\n"


def test_tenths_come_back() -> None:
    table = pd.DataFrame({"temp_c": [1.26, np.nan], "day": [3, 4]})
    stored = nycflights.in_tenths(table, ["temp_c"])
    assert stored["temp_c"][0] == 13
    assert nycflights.from_tenths(stored, ["temp_c"])["temp_c"][0] == 1.3
