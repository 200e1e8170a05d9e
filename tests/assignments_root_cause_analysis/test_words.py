"""What the checks and the feedback say of answers of every quality."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from tests.words import assert_fitting
from worksample import assignments
from worksample.feedback import record as building
from worksample.feedback.proposal import Item

from .drawn import FOLDER, case, module, run

SAMPLE = assignments.load(FOLDER)
CHECKS = module("checks")
NAMES = [cell.id for cell in SAMPLE.checks]


def results(answers=None, calls=None, names=NAMES):
    of = case()
    return {name: getattr(CHECKS, f"check_{name}")(run(answers, calls), of) for name in names}


@pytest.fixture(scope="module")
def truth():
    return case().truth()


@pytest.mark.parametrize("share", [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1])
def test_of_a_solver_who_knows_a_share_of_it(truth, share):
    """Belief, masks, windows and rows that are the truth's by that share, and noise else."""
    rng = np.random.default_rng(round(100 * share))
    right = truth["causes"][0]["id"]
    spread = dict.fromkeys(CHECKS.FAMILY, (1 - share) * 100 / len(CHECKS.FAMILY))
    spread[right] += 100 * share
    entries = truth["changelog"]
    changelog = {e: share * float(c) + (1 - share) / len(entries) for e, c in entries.items()}
    true = pd.read_parquet(case().private / "hidden_truth.parquet")["affected"].to_numpy(bool)
    windows = np.array(truth["transfer"]["windows"])
    known = rng.random(len(true)) < share
    guards = np.where(rng.random(len(windows)) < share, windows, rng.random(len(windows)) < 0.5)
    rows, where = module("probe").hidden_rows(case()), truth["causes"][0]["where"]
    hit, column = (rows["feed"] == where["feed"]) & known, where["column"]
    rows.loc[hit, column] = (rows.loc[hit, column] - where["offset"]) / where["factor"]
    day = date.fromisoformat(truth["onset"]) + timedelta(days=round(10 * (1 - share)))
    answers = {
        "trace": [{}, {}, {"spread": spread}],
        "changelog": changelog,
        "remedy_type": truth["remedy_types"][0] if share > 0.5 else CHECKS.REMEDY_TYPES[-1],
        "onset": day.isoformat(),
    }
    calls = {"affected": np.where(known, true, rng.random(len(true)) < 0.5), "remediate": rows}
    calls |= {f"guard-{place}": bool(alarm) for place, alarm in enumerate(guards)}
    assert_fitting(SAMPLE, results(answers, calls))


def test_of_nothing_at_all():
    assert_fitting(SAMPLE, results())
    empty = {"trace": [{}, {}, {"spread": {}}], "changelog": {}, "onset": "", "remedy_type": ""}
    assert_fitting(SAMPLE, results(empty, {"affected": None, "remediate": pd.DataFrame()}))


def test_marking_every_row_is_never_a_strength():
    """It was praised with "Keep doing this": it earned 65 % in that case."""
    rows = len(pd.read_parquet(case().private / "hidden_truth.parquet"))
    for marks in (np.ones(rows, bool), np.zeros(rows, bool), np.arange(rows) % 2 == 0):
        found = results(calls={"affected": marks}, names=["affected"])
        assert_fitting(SAMPLE, found)
        assert not item(found["affected"]).stands_out


def item(result) -> Item:
    from worksample.grading.checkhost import to_json

    json = to_json(result)
    check = {"id": "affected", "title": "", "cell": "", **json}
    return building._check_item(SAMPLE, check, json)  # type: ignore[arg-type]


def test_a_remedy_that_wins_nothing_is_not_told_to_win_back_a_part():
    """ "Wins back part (0 %)" was said of rows that came back unchanged."""
    rows = module("probe").hidden_rows(case())
    found = results(calls={"remediate": rows}, names=["remedy_effect"])["remedy_effect"]
    assert "wins back nothing" in found.parts[0].message
    assert_fitting(SAMPLE, {"remedy_effect": found})
