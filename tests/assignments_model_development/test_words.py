"""What the checks and the feedback say of models, audits and estimates of every quality."""

from __future__ import annotations

import numpy as np
import pytest

from tests.words import assert_fitting
from worksample.grading.checking import run_checks

from .drawn import SAMPLE, answering, case, module, oracle, oracle_run, ran, recorded


def answers(share: float) -> dict:
    """An audit that names a share of what is there, and an interval that is off by the rest."""
    truth = case().truth()
    issues = list(truth["audit"].items())
    named = issues[: round(share * len(issues))]
    low = truth["oracle_loss"] + 0.3 * (1 - share)
    return {
        "audit": {issue: names or True for issue, names in named},
        "estimate": {"low": low - 0.03 * share, "log_loss": low, "high": low + 0.03 * share},
    }


@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.9])
def test_of_a_model_that_knows_a_share_of_it(share):
    """Its probabilities are the true ones by that share, and the mean else."""
    mean = float(module("probe").later_truth(case())["probability"].mean())
    true = oracle(case())
    run = ran(case(), lambda rows: share * true(rows) + (1 - share) * mean, answers(share))
    found = run_checks(SAMPLE, run, case())
    assert_fitting(SAMPLE, found)
    if share == 0:
        for result in found.values():
            earned = sum(max(0.0, part.earned - part.idle) for part in result.parts)
            assert earned == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8, 1])
def test_of_answers_that_are_right_by_a_share(share):
    assert_fitting(SAMPLE, run_checks(SAMPLE, answering(oracle_run(), answers(share)), case()))


def test_of_nothing_at_all():
    assert_fitting(SAMPLE, run_checks(SAMPLE, recorded({}), case()))
    broken = ran(case(), lambda rows: np.full(len(rows), np.nan), {"audit": {}, "estimate": {}})
    assert_fitting(SAMPLE, run_checks(SAMPLE, broken, case()))
