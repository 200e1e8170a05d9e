"""What the checks and the feedback say of monitors, plans and panels of every quality."""

from __future__ import annotations

import numpy as np
import pytest

from tests.words import assert_fitting
from worksample import assignments

from .drawn import FOLDER, case
from .test_checks import checks, drawing, oracle, pairs, run, samples, told

SAMPLE = assignments.load(FOLDER)


def results(asked):
    return {c.id: getattr(checks, f"check_{c.id}")(asked, case()) for c in SAMPLE.checks}


@pytest.mark.parametrize("share", [0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1])
def test_of_a_monitor_that_is_right_by_a_share(share):
    """Alarms, plans and values of the index: the truth's by that share, chance else."""
    rng = np.random.default_rng(round(100 * share))
    alerts = case().truth()["alerts"]
    plan = {
        letter: alert["best"] if rng.random() < share else str(rng.choice(list(alert["costs"])))
        for letter, alert in alerts.items()
    }

    def heard(stream, number):
        return oracle(stream, number) if rng.random() < share else ["score"] * (rng.random() < 0.3)

    values = {f"psi/{name}": float(rng.random()) for name, _, _ in pairs()}
    values |= {f"counts/{name}": float(rng.random()) for name, _, _ in samples.counts(case().seed)}
    panels = drawing(max(1, round(3 * share)), share > 0.5)
    asked = run({"plan": plan, "dashboard": panels}, told(heard) | values)
    assert_fitting(SAMPLE, results(asked))


@pytest.mark.parametrize("names", [[], ["score"], ["score", "late"]])
def test_of_a_monitor_that_always_says_the_same(names):
    constant = {f"psi/{name}": float(len(names)) for name, _, _ in pairs()}
    constant |= {f"counts/{name}": 0.0 for name, _, _ in samples.counts(case().seed)}
    plan = dict.fromkeys(case().truth()["alerts"], "watch")
    found = results(run({"plan": plan}, told(lambda s, n: names) | constant))
    assert_fitting(SAMPLE, found)
    assert SAMPLE.check_texts["psi_check"].idle * 15 >= found["psi_check"].points


def test_of_nothing_at_all():
    assert_fitting(SAMPLE, results(run()))
